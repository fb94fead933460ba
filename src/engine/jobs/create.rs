//! Creating a job, which costs money. Each creation has a ticket before it is sent and waits for its permit. It is sent again
//! only when nothing was made of it: the server says so, or recovery does not find it where it would be.

use super::send::{CreationOutcome, creation_call};
use super::settle::Unsettled;
use super::{CallContext, Caller, Jobs, ValidatedRequest};
use crate::engine::model::timing::QUEUE_REPORT;
use crate::engine::model::{Event, Host, Observer, Outcome, QueuePosition};
use crate::engine::scheduling::{Admission, Heartbeat, retry};
use crate::engine::tickets::{CreationGuard, Stage};
use crate::generation::Generation;

impl<H: Host> Jobs<H> {
    /// Reserves the money, for which it may wait, and makes the ticket. The ticket is stored when the creation has to wait, or is sent.
    pub async fn begin(
        &self,
        request: ValidatedRequest,
        price: Option<f64>,
        caller: &Caller,
        heartbeat: &Heartbeat,
    ) -> Outcome<CreationGuard<'_, H>> {
        let reservation = self.reserve(price, &request.request, caller).await?;
        let entry = self.tickets.new_ticket(request.request, request.parent);
        {
            let mut ticket = entry.ticket.borrow_mut();
            // A price of 0 is the caller's word, too.
            (ticket.usd, ticket.label, ticket.keep) = (price.or(reservation.usd()), request.label, request.keep);
        }
        *entry.reservation.borrow_mut() = Some(reservation);
        let guard = self.tickets.guard(entry, Stage::Unsent, heartbeat);
        if self.transport.host.has_store() {
            self.tickets.ensure_loaded().await;
            let lock = self.tickets.lock(&self.tickets.key(&guard.entry)).await?;
            guard.keep_lock(lock);
        }
        Ok(guard)
    }

    /// Makes the job, in as many attempts as that takes. Its steps are in boxes, as in `perform`.
    pub async fn make<O: Observer>(
        &self,
        guard: &mut CreationGuard<'_, H>,
        call: &CallContext<'_, O>,
    ) -> Outcome<Generation> {
        let (mut attempt, mut paid) = (0, !guard.resumed);
        // A creation that an earlier process lost is recovered before anything is sent.
        let mut unsettled = (guard.stage == Stage::OutcomeUnknown).then_some(Unsettled::CutOff);
        let generation = loop {
            if let Some(unsettled) = unsettled.take() {
                let asked = unsettled.error().and_then(|error| error.retry_after);
                let not_before = asked.map(|ms| {
                    self.transport.host.now() + retry::backoff_delay(attempt, Some(ms), self.transport.host.random())
                });
                if let Some(found) = Box::pin(self.recover(guard, unsettled, attempt)).await? {
                    break found;
                }
                if let Some(at) = not_before {
                    self.transport.host.sleep((at - self.transport.host.now()).max(0.0)).await;
                }
                attempt += 1;
            }
            if !paid {
                Box::pin(self.pay_for_resumed(guard, call.caller)).await?;
                paid = true;
            }
            Box::pin(self.wait_for_permit(guard, call)).await?;
            let sent_at = Box::pin(self.persist_before_send(guard)).await?;
            call.sending(Some(guard.entry.creation()));
            let outcome = Box::pin(self.send(guard, attempt)).await;
            let now = self.transport.host.now();
            // A lost creation counts when its outcome is known: until then the server may still take it.
            if let (Some(permit), CreationOutcome::Refused(_) | CreationOutcome::NotMade(_)) = (&guard.permit, &outcome)
            {
                permit.creation_answered(now);
            }
            let error = match outcome {
                CreationOutcome::Made(generation) => {
                    // By its key it may have been made when it was sent before.
                    let created = self.transport.created_at(&generation).filter(|_| !guard.entry.is_sent_again());
                    if let Some(created) = created {
                        self.transport.server.clock_skew.observe_creation(created, sent_at, now);
                    }
                    break generation;
                }
                CreationOutcome::Unknown(cause) => {
                    let ticket = guard.entry.id();
                    self.transport.host.event(Event::OutcomeUnknown { ticket: &ticket, code: cause.code });
                    if let Some(permit) = &guard.permit {
                        permit.creation_in_recovery(guard.entry.lease());
                    }
                    self.tickets.mark_lost(&guard.entry, now);
                    unsettled = Some(Unsettled::Lost(cause));
                    continue;
                }
                CreationOutcome::Refused(error) => {
                    if guard.entry.is_sent_again() {
                        self.tickets.note_loss(&guard.entry, now);
                        unsettled = Some(Unsettled::Refused(error));
                        continue;
                    }
                    // What was sent and lost before was recovered, or counts as never made.
                    call.sending(None);
                    guard.stage = Stage::Over;
                    self.tickets.delete(&guard.entry);
                    return Err(self.with_hints(error, &guard.entry.ticket.borrow().request));
                }
                CreationOutcome::NotMade(error) => error,
            };
            if !guard.entry.is_sent_again() {
                call.sending(None);
            }
            guard.not_made(sent_at, now);
            self.tickets.persist(&guard.entry);
            let delay = retry::backoff_delay(attempt, error.retry_after, self.transport.host.random());
            let limited = error.status == Some(429);
            if let Some(permit) = guard.permit.take() {
                if !limited {
                    permit.release();
                } else if permit.creation_refused(now, delay, error.concurrency_limited) {
                    // A job of ours is in flight: its end makes room, and the queue waits for that.
                    continue;
                }
            }
            // A wait beyond the caller's deadline is of no use, and neither is one for what no wait mends.
            if !error.retryable || attempt >= self.transport.settings.max_retries || now + delay >= call.deadline {
                if guard.entry.is_sent_again() {
                    unsettled = Some(Unsettled::Refused(error));
                    continue;
                }
                // What was sent and lost before counts as never made, as above.
                if !guard.resumed {
                    guard.stage = Stage::Unsent;
                }
                return Err(error);
            }
            // After a refusal for a limit it waits in the queue, which is closed for so long.
            self.transport.announce_retry(&creation_call(&*self.transport.provider, guard), &error, delay);
            if !limited {
                self.transport.host.sleep(delay).await;
            }
            attempt += 1;
        };
        Ok(Box::pin(self.on_job_made(guard, generation, call)).await)
    }

    /// Waits in the queue until the limits allow one more creation.
    async fn wait_for_permit<O: Observer>(
        &self,
        guard: &mut CreationGuard<'_, H>,
        call: &CallContext<'_, O>,
    ) -> Outcome<()> {
        let entry = self
            .tickets
            .account
            .limiter(guard.entry.ticket.borrow().request.kind)
            .enqueue(call.caller.number, guard.queue_tag);
        guard.queue_tag = Some(entry.tag());
        let mut reported: Option<(QueuePosition, f64)> = None;
        loop {
            let now = self.transport.host.now();
            match entry.try_admit(now, guard.expected, self.tickets.creation_lease(&guard.entry)) {
                Admission::Granted(permit) => {
                    guard.permit = Some(permit);
                    return Ok(());
                }
                Admission::Wait(ms, queue) => {
                    let stale = |(last, at): (QueuePosition, f64)| {
                        let off = (last.wait - (now - at) - queue.wait).abs();
                        last.position != queue.position || off >= QUEUE_REPORT || now - at >= QUEUE_REPORT
                    };
                    if reported.is_none_or(stale) {
                        if reported.is_none() {
                            self.tickets.persist(&guard.entry);
                        }
                        reported = Some((queue, now));
                        let QueuePosition { position, wait } = queue;
                        self.transport.host.event(Event::Queued { ticket: &guard.entry.id(), position, wait });
                        call.observer.queued(queue, guard.expected);
                    }
                    // A job that no call waits for counts until its end is seen.
                    if queue.position == 0 && Box::pin(self.poll_unattended(&entry)).await {
                        continue;
                    }
                    self.transport.host.interruptible_sleep(ms).await;
                }
            }
        }
    }
}
