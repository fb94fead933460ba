//! Where the code is parted. What takes long (making jobs, waiting for them, taking them up) is most of the engine, and a page has no use
//! for it before its first job. There it is fetched with that one, before anything is sent: whatever becomes of a job, what settles it is
//! at hand by then. What is asked, checked or reckoned needs none of it.
//!
//! The second half is what only the futures that are boxed here reach: scripts/split-wasm.mjs knows them by the name of this module.

use super::run::Caller;
use super::store::TicketInfo;
use super::{Client, Host, Observer, Outcome, Task};
use crate::error::{Code, Error};
use crate::generation::Generation;
use crate::text::concat;
use std::future::Future;
use std::pin::Pin;

/// A future whose code is called through a table, where it may be put later.
type Parted<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

impl<H: Host> Client<H> {
    /// Does a task, whatever its caller does meanwhile.
    pub(super) async fn perform<O: Observer<H::Value>>(
        &self,
        task: Task<H::Value>,
        price: Option<f64>,
        caller: &Caller<'_, H, O>,
    ) -> Outcome<Generation<H::Value>, H> {
        self.complete().await?;
        self.performing(task, price, caller).await
    }

    /// What can be taken up: every ticket that nobody here works on, and those that cannot be read.
    pub async fn tickets(&self) -> Outcome<Vec<TicketInfo<H::Value>>, H> {
        self.complete().await?;
        self.listing().await
    }

    async fn complete(&self) -> Outcome<(), H> {
        self.host.complete().await.map_err(|reason| {
            let what = "The part of luma-edge that makes jobs could not be loaded, and nothing was sent: ";
            Error::new(Code::Network, concat(&[what, &reason]))
        })
    }

    fn performing<'a, O: Observer<H::Value>>(
        &'a self,
        task: Task<H::Value>,
        price: Option<f64>,
        caller: &'a Caller<'_, H, O>,
    ) -> Parted<'a, Outcome<Generation<H::Value>, H>> {
        Box::pin(async move { self.work_off(task, price, caller).await })
    }

    fn listing(&self) -> Parted<'_, Outcome<Vec<TicketInfo<H::Value>>, H>> {
        Box::pin(async { self.idle_tickets().await })
    }
}
