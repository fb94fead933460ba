//! The outcome of a creation: its job is known, or recovery decides.

use super::{CallContext, Jobs};
use crate::engine::model::timing::{LATEST_ARRIVAL, MAX_STORE_WRITE};
use crate::engine::model::{Host, Observer, Outcome, RecoveryMode, race};
use crate::engine::recovery::Recovered;
use crate::engine::tickets::{CreationGuard, Stage};
use crate::engine::transport::Transport;
use crate::error::{Code, Creation, Error};
use crate::generation::{Generation, State};
use crate::provider::RecoverySupport;
use crate::text::concat;
use std::pin::pin;
use std::rc::Rc;

const LOST: &str = "The creation was sent and its answer was lost (";
const CHARGED: &str = "): it may have been made and charged. ";
/// What the caller can do where no server tells what became of a creation.
pub const LOOK_YOURSELF: &str = "Look for it in your account there before you send it again";

/// Why it is not known what was made of a creation.
pub enum Unsettled {
    /// The process or the call that sent it is gone.
    CutOff,
    /// Its answer was lost, with this error.
    Lost(Error),
    /// It was sent again by its key and refused, which says nothing of what was sent before.
    Refused(Error),
}

impl Unsettled {
    /// What came in place of an answer that says it.
    pub fn error(&self) -> Option<&Error> {
        match self {
            Unsettled::CutOff => None,
            Unsettled::Lost(error) | Unsettled::Refused(error) => Some(error),
        }
    }
}

impl<H: Host> Jobs<H> {
    /// Finds the outcome of a creation without an answer: its job, or `None` when it may be sent again.
    pub async fn recover(
        &self,
        guard: &mut CreationGuard<'_, H>,
        unsettled: Unsettled,
        attempt: u32,
    ) -> Outcome<Option<Generation>> {
        let refused = matches!(unsettled, Unsettled::Refused(_));
        let cut_off = unsettled.error().is_none();
        // A caller that resumes a ticket wants it settled.
        let recovery = if cut_off { RecoveryMode::Find } else { self.transport.settings.recovery };
        let asks = refused || recovery != RecoveryMode::Report;
        let listed = self.transport.provider.recovery_support() != RecoverySupport::None;
        let unkeyed = match listed {
            _ if refused => RecoveryMode::Resend,
            true => recovery,
            false => recovery.unlisted(),
        };
        let finally = refused || guard.entry.ticket.borrow().withdrawn;
        let recovered = self.recovery.find(&guard.entry, asks, unkeyed, finally).await;
        match recovered {
            Ok(Recovered::Job(found)) => {
                // The job may be that of an identical creation. The server may still take this one, so it counts.
                if let Some(permit) = &guard.permit {
                    let now = self.transport.host.now();
                    permit.creation_answered(now.max(guard.entry.last_loss.get().unwrap_or(now) + LATEST_ARRIVAL));
                }
                return Ok(Some(found));
            }
            // The caller that withdrew it is gone: a later resume gets the error.
            Ok(Recovered::NotMade { .. }) if finally => {
                guard.stage = Stage::Over;
                guard.entry.set_spent(false);
                self.tickets.delete(&guard.entry);
                let message = "The creation was withdrawn while it was under way, and nothing was made of it";
                return Err(match unsettled {
                    Unsettled::Refused(error) => error,
                    _ => Error::new(Code::Aborted, message),
                });
            }
            // Sending what an earlier process could not finish is no retry.
            Ok(Recovered::NotMade { claimed_by_others })
                if attempt < self.transport.settings.max_retries || cut_off =>
            {
                guard.entry.set_spent(false);
                if let Some(permit) = guard.permit.take() {
                    // Another creation may have been given what was made of this one: that counted all the same.
                    if claimed_by_others {
                        permit.creation_answered(self.transport.host.now());
                    }
                    permit.release();
                }
                return Ok(None);
            }
            Ok(Recovered::NotMade { .. }) => {}
            // All that is left is to report it to the caller that resumes the ticket.
            Ok(Recovered::Undecided) if cut_off => return Err(self.close_as_unknown(guard)),
            // There is no one to ask here, either.
            Ok(Recovered::Unknown) if cut_off && self.tickets.absence_proves_nothing() => {
                return Err(self.close_as_unknown(guard));
            }
            Err(error) if cut_off => return Err(error),
            Ok(Recovered::Undecided | Recovered::Unknown) | Err(_) => {}
        }
        Err(outcome_unknown(how_to_find_out(&self.transport), guard.entry.creation(), unsettled.error().cloned()))
    }

    /// The outcome stays unknown. Its caller gets the error, and then the ticket goes.
    fn close_as_unknown(&self, guard: &mut CreationGuard<'_, H>) -> Error {
        guard.stage = Stage::Over;
        let creation = guard.entry.creation();
        if let Some(permit) = guard.permit.take() {
            // Its job may run all the same.
            permit.creation_cut_off(self.transport.host.now(), guard.expected, &creation.ticket);
        }
        self.tickets.report_unknown(&guard.entry);
        outcome_unknown(LOOK_YOURSELF, creation, None)
    }

    /// The job is known, from the answer or by recovery. Its id is written down before the caller hears of the job: whoever crashes
    /// after that knows it, and so does the store.
    pub async fn on_job_made<O: Observer>(
        &self,
        guard: &mut CreationGuard<'_, H>,
        generation: Generation,
        call: &CallContext<'_, O>,
    ) -> Generation {
        let now = self.transport.host.now();
        guard.stage = Stage::Made;
        // A caller that gives up while the ticket is written does not learn of the end: it would have the result, and a ticket for the same.
        if generation.state.is_final() {
            call.job_known(&self.bare_generation(&generation.id, State::Queued));
        } else {
            call.job_known(&generation);
        }
        let estimate = {
            let mut ticket = guard.entry.ticket.borrow_mut();
            ticket.job = Some(generation.id.clone());
            ticket.state = Some(generation.state);
            self.tickets.estimate_duration(&ticket.request)
        };
        if let Some(permit) = guard.permit.take() {
            permit.job_made(now, estimate.expected, &generation.id);
        }
        let other_ticket = self.tickets.account.of_job(&generation.id).filter(|other| !Rc::ptr_eq(other, &guard.entry));
        let written = if other_ticket.is_some() {
            // The server took two creations for one, which costs once. The job's end deletes one ticket: a second one would stay for ever.
            guard.entry.set_spent(false);
            self.tickets.delete(&guard.entry);
            None
        } else {
            guard.entry.set_spent(true);
            self.tickets.account.job_known(&guard.entry);
            self.tickets.persist_and_wait(&guard.entry)
        };
        self.poller.job_made(&generation, self.schedule_for(Some(&generation)), now);
        if generation.state.is_final() {
            self.tickets.account.job_ended(&generation.id);
        }
        if let Some(written) = written {
            race(pin!(written), pin!(self.transport.host.sleep(MAX_STORE_WRITE))).await;
        }
        call.update(&generation, estimate.progress(0.0));
        generation
    }
}

/// How the caller finds the outcome of a creation, for the end of a message.
pub fn how_to_find_out<H: Host>(transport: &Transport<H>) -> &'static str {
    match transport.provider.recovery_support() {
        RecoverySupport::FullListing => "resume() looks for it again; so does list(). Do not send it again before that",
        _ if transport.honours_keys() => "resume() asks about it again. Do not send it again before that",
        _ => LOOK_YOURSELF,
    }
}

/// The error about a creation that may have been made, and what to do then.
pub fn outcome_unknown(then: &str, creation: Creation, cause: Option<Error>) -> Error {
    let message = match &cause {
        Some(cause) => concat(&[LOST, &cause.message, CHARGED, then]),
        None => concat(&[LOST, "it was cut off", CHARGED, then]),
    };
    let mut error = Error::new(Code::UnknownOutcome, message);
    error.creation = Some(creation);
    if let Some(cause) = cause {
        error.status = cause.status;
        error.request_id = cause.request_id.clone();
        error.provider = cause.provider;
        error.cause = Some(cause);
    }
    error
}
