//! Calls that take long. Their caller may give up at any moment.

use super::Client;
use crate::engine::jobs::{CallContext, CallOptions, Task};
use crate::engine::model::{First, Host, Observer, Outcome, race};
use crate::error::Code;
use crate::generation::Generation;
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
}
