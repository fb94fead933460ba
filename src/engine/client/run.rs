//! Calls that take long. Their caller may give up at any moment.

use super::Client;
use crate::engine::jobs::{CallContext, CallOptions, Target, Task};
use crate::engine::model::{First, Host, Observer, Outcome, race};
use crate::error::Code;
use crate::generation::Generation;
use crate::json::Json;
use crate::request::RequestKind;
use std::future::{Future, poll_fn};
use std::pin::pin;

impl<H: Host> Client<H> {
    /// Does a task, until it is done or its caller gives up.
    pub async fn run<O: Observer>(&self, task: Task, options: CallOptions, observer: &O) -> Outcome<Generation> {
        let deadline = self.transport.host.now() + options.timeout;
        let call = CallContext::new(observer, &self.caller, deadline);
        let code = {
            let (given_up, late) = (pin!(observer.given_up()), pin!(self.transport.host.sleep(options.timeout)));
            let mut work = pin!(self.jobs.perform(task, options.price, &call));
            let work = poll_fn(|context| {
                call.heartbeat.set(self.transport.host.now());
                work.as_mut().poll(context)
            });
            // The caller is asked first: it may have given up before the call began.
            match race(race(given_up, late), work).await {
                First::Right(outcome) => return outcome,
                First::Left(First::Left(())) => Code::Aborted,
                First::Left(First::Right(())) => Code::Timeout,
            }
        };
        Err(call.give_up(&self.transport, code).with_provider(self.transport.provider.id()))
    }

    /// Checks a request and makes the job.
    pub async fn create(&self, request: &Json, observer: &impl Observer) -> Outcome<Generation> {
        self.run(Task::Create(self.validate(request)?), CallOptions::default(), observer).await
    }

    /// Makes a job out of an earlier one.
    pub async fn derive(
        &self,
        kind: RequestKind,
        id: &str,
        request: &Json,
        observer: &impl Observer,
    ) -> Outcome<Generation> {
        self.run(Task::Create(self.validate_derived(kind, id, request)?), CallOptions::default(), observer).await
    }

    /// Makes the job and waits until it is done. `timeout` is the caller's patience for both, in ms.
    pub async fn generate(&self, request: &Json, timeout: f64, observer: &impl Observer) -> Outcome<Generation> {
        self.run(Task::Generate(self.validate(request)?), CallOptions { timeout, price: None }, observer).await
    }

    /// Waits until a job is done, polling rarely, and gives it whole. A failed job is an error that carries it. `timeout` is
    /// the caller's patience in ms. When it ends, the job goes on and can be waited for again.
    pub async fn poll(&self, target: Target, timeout: f64, observer: &impl Observer) -> Outcome<Generation> {
        self.run(Task::Poll(target), CallOptions { timeout, price: None }, observer).await
    }
}
