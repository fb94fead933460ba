//! One call, its options, and how far it has come.

use super::settle::{how_to_find_out, outcome_unknown};
use crate::engine::model::{Host, Observer, Progress};
use crate::engine::scheduling::{BudgetLedger, Heartbeat};
use crate::engine::transport::Transport;
use crate::error::{Code, Creation, Error};
use crate::generation::Generation;
use crate::text::concat;
use std::cell::RefCell;
use std::rc::Rc;

/// What a caller allows its call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CallOptions {
    /// The caller's patience for the whole call, in ms. When it ends, the outcome of a creation that is
    /// under way is unknown, and a job goes on.
    pub timeout: f64,
    /// What the job costs, in dollars, instead of the price that is known.
    pub price: Option<f64>,
}

impl Default for CallOptions {
    fn default() -> Self {
        CallOptions { timeout: f64::INFINITY, price: None }
    }
}

/// The client or the batch on whose behalf a call runs.
pub struct Caller {
    /// Callers take turns in the queue by this number.
    pub number: u32,
    pub ledger: Rc<BudgetLedger>,
}

/// One call, and how far it has come: what its caller is left with on giving up.
pub struct CallContext<'a, O> {
    pub observer: &'a O,
    pub caller: &'a Caller,
    pub deadline: f64,
    /// When the call last ran.
    pub heartbeat: Heartbeat,
    progress: RefCell<CallProgress>,
    /// Why the last poll of its job failed, if it did.
    poll_error: RefCell<Option<Error>>,
}

enum CallProgress {
    NothingSent,
    CreationSent(Creation),
    JobKnown(Generation),
}

impl<'a, O: Observer> CallContext<'a, O> {
    pub fn new(observer: &'a O, caller: &'a Caller, deadline: f64) -> Self {
        let progress = RefCell::new(CallProgress::NothingSent);
        CallContext {
            observer,
            caller,
            deadline,
            heartbeat: Heartbeat::default(),
            progress,
            poll_error: RefCell::default(),
        }
    }

    /// A creation goes out (`Some`), or nothing was made of it (`None`).
    pub fn sending(&self, creation: Option<Creation>) {
        *self.progress.borrow_mut() = creation.map_or(CallProgress::NothingSent, CallProgress::CreationSent);
    }

    /// A job was created or polled.
    pub fn update(&self, generation: &Generation, progress: Progress) {
        self.job_known(generation);
        self.observer.update(generation, progress);
    }

    /// The job is known. When the caller gives up, the error names it.
    pub fn job_known(&self, generation: &Generation) {
        *self.progress.borrow_mut() = CallProgress::JobKnown(generation.clone());
    }

    /// The last poll of the job failed (`Some`), or it did not (`None`). When the caller gives up, the error says why.
    pub fn set_poll_error(&self, error: Option<Error>) {
        *self.poll_error.borrow_mut() = error;
    }

    /// The error of a caller that gave up.
    pub fn give_up<H: Host>(self, transport: &Transport<H>, code: Code) -> Error {
        let how = if code == Code::Aborted { "Aborted" } else { "Out of time" };
        let poll_error = self.poll_error.into_inner();
        let (what, creation, generation) = match self.progress.into_inner() {
            CallProgress::NothingSent => (" before anything was created".to_owned(), None, None),
            CallProgress::CreationSent(creation) if code == Code::Timeout => {
                let then = how_to_find_out(transport);
                return outcome_unknown(then, creation, Some(Error::new(code, "the caller's time ran out")));
            }
            CallProgress::CreationSent(creation) => {
                let what = " while a creation was under way: it may have been made and charged. ";
                (concat(&[what, how_to_find_out(transport)]), Some(creation), None)
            }
            CallProgress::JobKnown(generation) => {
                let what = match &poll_error {
                    Some(poll_error) => concat(&[
                        ": how the generation ",
                        &transport.redact(&generation.id),
                        " stands is not known (",
                        &poll_error.message,
                        "). poll(error.generation) asks again; another generate() buys a second one",
                    ]),
                    None => goes_on(transport, &generation),
                };
                (what, None, Some(generation))
            }
        };
        let mut error = Error::new(code, concat(&[how, &what]));
        error.creation = creation;
        error.cause = poll_error;
        error.about(generation)
    }
}

/// The end of a message about a job that has not ended: calling again as before would buy a second one.
pub fn goes_on<H: Host>(transport: &Transport<H>, generation: &Generation) -> String {
    let id = transport.redact(&generation.id);
    concat(&[
        ": the generation ",
        &id,
        " goes on. poll(error.generation) waits for it; another generate() buys a second one",
    ])
}
