//! Jobs: making them, waiting for them, taking them up again.
//!
//! This room knows calls, permits and polls, and asks recovery for what was lost. It does not know the face of the client.
//!
//! ```text
//! STATE DIAGRAM
//! ```

mod call;
mod create;
mod poll;
mod request;
mod result;
mod resume;
mod send;
mod settle;
mod unattended;

pub use call::{CallContext, CallOptions, Caller};
pub use poll::Target;
pub use request::ValidatedRequest;

use super::model::{Host, Observer, Outcome};
use super::recovery::Recovery;
use super::scheduling::Poller;
use super::tickets::Tickets;
use super::transport::Transport;
use crate::generation::Generation;
use std::rc::Rc;

/// What takes long.
pub enum Task {
    /// Making a job.
    Create(ValidatedRequest),
    /// Making a job, and waiting until it is done.
    Generate(ValidatedRequest),
    /// Waiting until a job is done.
    Poll(Target),
    /// Taking up a ticket.
    Resume(String),
}

/// What a client and its batches share.
pub struct Jobs<H: Host> {
    transport: Rc<Transport<H>>,
    tickets: Rc<Tickets<H>>,
    recovery: Recovery<H>,
    poller: Poller,
}

impl<H: Host> Jobs<H> {
    pub fn new(transport: Rc<Transport<H>>, tickets: Rc<Tickets<H>>) -> Self {
        let recovery = Recovery::new(transport.clone(), tickets.clone());
        let poller = Poller::new(transport.provider.lists_states());
        Jobs { transport, tickets, recovery, poller }
    }

    pub async fn perform<O: Observer>(
        &self,
        task: Task,
        price: Option<f64>,
        call: &CallContext<'_, O>,
    ) -> Outcome<Generation> {
        let (order, wait) = match task {
            Task::Poll(target) => return self.wait_until_done(target, call).await,
            // In boxes of their own, so that ten thousand calls that only wait need no room for what they have done.
            Task::Resume(ticket) => return Box::pin(self.resume(&ticket, call)).await,
            Task::Create(order) => (order, false),
            Task::Generate(order) => (order, true),
        };
        let mut guard = Box::pin(self.begin(order, price, call.caller, &call.heartbeat)).await?;
        let generation = Box::pin(self.make(&mut guard, call)).await?;
        if wait {
            return self.wait_until_done(Target::Job(generation), call).await;
        }
        if generation.state.is_final() {
            self.tickets.mark_delivered(&generation);
        }
        Ok(generation)
    }

    /// The job is not there any more, or its caller does not want it: nothing more will come of its ticket.
    pub fn discard_job(&self, job: &str) {
        self.poller.forget(job);
        self.tickets.discard_job(job);
    }
}
