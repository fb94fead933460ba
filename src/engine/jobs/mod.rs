//! Jobs: creating them, waiting for them, resuming them.
//!
//! This room knows a call from its request to its result: permits, polls, and when to ask recovery. It does not know how a
//! lost job is found, how tickets are stored, or the face of the client.
//!
//! The states of a creation. Whatever drops it midway, its ticket says what is true (see `tickets::guard`).
//!
//! ```text
//!            begin: money reserved, ticket registered
//!                             |
//!                             v
//!      +------------------> UNSENT ---- dropped -----------------> ticket deleted, money back
//!      |                      |
//!      |   wait_for_permit, persist_before_send (the ticket says that it is sent)
//!      |                      |
//!      |  nothing was made    v
//!      +--- (429, not sent) - SENT ---- the request is at fault --> FAILED: ticket deleted, money back
//!      |                      |  \
//!      |    no answer, 5xx,   |   \--- the answer is a job ----------------+
//!      |    not readable,     |                                            |
//!      |    dropped           v                                            v
//!      |               OUTCOME UNKNOWN -- recovery finds the job -------> MADE
//!      |                      |   \                                        | polled until
//!      +--- recovery: nothing-+    \-- nobody can tell:                    v its end
//!           was made                    `unknown_outcome`,              DELIVERED: completed or failed;
//!                                       the ticket stays for resume     only a tombstone stays in the store
//! ```

mod call;
mod create;
mod payment;
mod poll;
mod poll_once;
mod request;
mod result;
mod resume;
mod send;
mod settle;

pub use call::{CallContext, CallOptions, Caller};
pub use poll::Target;
pub use request::ValidatedRequest;

use super::model::{Host, Observer, Outcome};
use super::recovery::Recovery;
use super::scheduling::Poller;
use super::tickets::Tickets;
use super::transport::Transport;
use crate::generation::{Generation, GenerationData, State};
use crate::json::Json;
use crate::provider::PAGE_SIZE;
use std::rc::Rc;

/// A call that takes long.
pub enum Task {
    /// Making a job.
    Create(ValidatedRequest),
    /// Making a job, and waiting until it is done.
    Generate(ValidatedRequest),
    /// Waiting until a job is done.
    Poll(Target),
    /// Resuming a ticket.
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
        let poller = Poller::new(transport.provider.lists_states(), PAGE_SIZE);
        Jobs { transport, tickets, recovery, poller }
    }

    /// Does a task to its end. Dropping the future gives it up.
    pub async fn perform<O: Observer>(
        &self,
        task: Task,
        price: Option<f64>,
        call: &CallContext<'_, O>,
    ) -> Outcome<Generation> {
        // Its ticket is held until the job is delivered.
        let mut guard;
        let wait = matches!(task, Task::Generate(_));
        // Each step in a box, so that ten thousand calls need memory for the step that they are at, and for no other.
        let target = match task {
            Task::Poll(target) => target,
            Task::Resume(ticket) => return Box::pin(self.resume(&ticket, call)).await,
            Task::Create(request) | Task::Generate(request) => {
                guard = Box::pin(self.begin(request, price, call.caller, &call.heartbeat)).await?;
                let generation = Box::pin(self.make(&mut guard, call)).await?;
                if !wait {
                    if generation.state.is_final() {
                        self.tickets.mark_delivered(&generation);
                    }
                    return Ok(generation);
                }
                Target::Job(generation)
            }
        };
        Box::pin(self.wait_until_done(target, call)).await
    }

    /// The job is not there any more, or its caller does not want it: nothing more will come of its ticket.
    pub fn discard_job(&self, job: &str) {
        self.poller.forget(job);
        self.tickets.discard_job(job);
    }

    /// A generation known only by its id and state.
    fn bare_generation(&self, job: &str, state: State) -> Generation {
        let fields = vec![("id", Json::string(job)), ("state", Json::string(state.as_str()))];
        GenerationData::bare(job.to_owned(), self.transport.provider.id(), state, Json::object(fields)).into()
    }
}
