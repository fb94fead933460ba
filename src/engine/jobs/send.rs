//! Sending a creation once. Its ticket is written first.

use super::Jobs;
use crate::engine::model::timing::{LEASE_MARGIN, MAX_RETRY_AFTER, SECOND};
use crate::engine::model::{Host, Outcome};
use crate::engine::scheduling::retry;
use crate::engine::tickets::{CreationGuard, Ownership, Stage};
use crate::engine::transport::{ExchangeError, KEY, PROBE_KEY, outcome_query};
use crate::error::{Code, Error};
use crate::generation::Generation;
use crate::http::Headers;
use crate::provider::{ApiCall, Provider};
use crate::text::{concat, whole};

/// The result of sending a creation.
pub enum CreationOutcome {
    Made(Generation),
    /// The request is at fault.
    Refused(Error),
    /// Nothing was made. It may be sent again.
    NotMade(Error),
    /// The job may have been made.
    Unknown(Error),
}

impl<H: Host> Jobs<H> {
    /// Writes the ticket as sent, which must be stored before the creation goes out. Gives the time of sending.
    pub async fn persist_before_send(&self, guard: &mut CreationGuard<'_, H>) -> Outcome<f64> {
        let lease_expired = || Error::new(Code::Gone, "Lease expired: another call owns this ticket now");
        if !guard.holds_lease() {
            return Err(lease_expired());
        }
        if self.transport.needs_key_probe() {
            // The header of any answer shows it.
            let _ = self.transport.exchange(&outcome_query(PROBE_KEY), None, 0, self.transport.settings.timeout).await;
            let honours_keys = &self.transport.server.honours_keys;
            honours_keys.set(honours_keys.get().or(Some(false)));
        }
        let now = self.transport.host.now();
        {
            let mut ticket = guard.entry.ticket.borrow_mut();
            let skew = self.transport.server.clock_skew.lower_bound_at(now);
            // An earlier process wrote it by another clock.
            if let (Some(first), Some(skew)) = (ticket.first, skew) {
                ticket.first = Some(first + self.tickets.skew_of(&ticket).0 - skew);
            }
            if ticket.first.is_none() {
                (ticket.first, ticket.keyed) = (Some(now), self.transport.sends_keys());
            }
            ticket.skew = skew.or(ticket.skew);
            (ticket.sent, ticket.lost_at, ticket.found) = (Some(now), None, None);
            guard.entry.last_loss.set(None);
            self.tickets.account.recently_delivered(now).iter().for_each(|job| ticket.exclude(job));
        }
        if let Some(written) = self.tickets.persist_and_wait(&guard.entry)
            && let Err(reason) = written.await
        {
            let message = concat(&["The ticket could not be stored, so nothing was sent: ", &reason]);
            return Err(Error::new(Code::Store, message));
        }
        if guard.holds_lease() { Ok(now) } else { Err(lease_expired()) }
    }

    /// Sends the creation.
    pub async fn send(&self, guard: &mut CreationGuard<'_, H>, attempt: u32) -> CreationOutcome {
        let timeout = self.tickets.creation_timeout(&guard.entry.ticket.borrow().request);
        let call = creation_call(&*self.transport.provider, guard);
        guard.stage = Stage::OutcomeUnknown;
        if let Some(permit) = &guard.permit {
            permit.creation_sent(self.transport.host.now(), timeout + LEASE_MARGIN);
        }
        let outcome = self.transport.exchange(&call, None, attempt, timeout).await;
        // A call that was taken for gone holds its ticket again, unless another one took over.
        if guard.holds_lease() {
            guard.entry.ownership.set(Ownership::Held);
        }
        if let Ok(response) = &outcome {
            self.on_rate_limit_headers(guard, &response.headers);
        }
        match outcome {
            Ok(response) => match self.transport.made(&response) {
                Ok(generation) => CreationOutcome::Made(generation),
                // Something was made, and the answer does not say what.
                Err(error) => CreationOutcome::Unknown(error),
            },
            Err(ExchangeError::NotSent(error)) => CreationOutcome::NotMade(error),
            Err(ExchangeError::Refused(error)) if retry::proves_not_made(&error) => CreationOutcome::NotMade(error),
            Err(ExchangeError::Refused(error)) if retry::proves_refusal(&error) => CreationOutcome::Refused(error),
            Err(failed) => {
                let mut error = failed.error();
                // The job is known, even if something failed later.
                error.generation.take().map_or(CreationOutcome::Unknown(error), CreationOutcome::Made)
            }
        }
    }

    /// Luma's Agents API reports its limits: how many creations it takes in a minute, and how many before a moment, in s.
    fn on_rate_limit_headers(&self, guard: &CreationGuard<'_, H>, headers: &Headers) {
        let number = |name| headers.get(name).and_then(whole);
        let limiter = self.tickets.account.limiter(guard.entry.ticket.borrow().request.kind);
        let reset = number("x-ratelimit-reset").map(|seconds| {
            let reset = seconds * SECOND - self.transport.server.clock_skew.lower_bound_or_zero();
            // A proxy may give it in another unit, in which it would close the queue for ever.
            reset.min(self.transport.host.now() + MAX_RETRY_AFTER)
        });
        limiter.on_rate_limit_headers(number("x-ratelimit-limit"), number("x-ratelimit-remaining"), reset);
    }
}

/// The HTTP call that makes the job.
pub fn creation_call<H: Host>(provider: &dyn Provider, guard: &CreationGuard<'_, H>) -> ApiCall {
    let ticket = guard.entry.ticket.borrow();
    let derived = ticket.parent.as_ref().and_then(|parent| provider.derive(parent, &ticket.request));
    let mut call = derived.unwrap_or_else(|| provider.create(&ticket.request));
    if ticket.keyed {
        call.headers.push((KEY.to_owned(), ticket.id.clone()));
    }
    call
}
