//! Waiting for a job. `scheduling::poller` draws the loop.

use super::call::goes_on;
use super::{CallContext, Jobs};
use crate::engine::model::timing::{LEASE_MARGIN, MAX_JOB, MAX_SLEEP, POLL_ANSWER};
use crate::engine::model::{Event, Host, Observer, Outcome};
use crate::engine::scheduling::{PollAction, PollSchedule};
use crate::engine::transport::checked_id;
use crate::generation::{Generation, State};
use crate::request::{GenerationRequest, RequestKind};

/// What is waited for.
pub enum Target {
    /// A job known only by its id.
    Id(String),
    /// A job as last seen.
    Job(Generation),
}

impl<H: Host> Jobs<H> {
    /// Waits until a job is done, and delivers it.
    pub async fn wait_until_done<O: Observer>(&self, target: Target, call: &CallContext<'_, O>) -> Outcome<Generation> {
        let (id, last) = match target {
            Target::Id(id) => (id, None),
            Target::Job(generation) if generation.state.is_final() => {
                self.tickets.mark_delivered(&generation);
                return self.result_of(generation);
            }
            Target::Job(generation) => (generation.id.clone(), Some(generation)),
        };
        checked_id(&id)?;
        let outcome = self.poll_loop(&id, last, call).await;
        if let Err(error) = &outcome
            && error.missing
        {
            // Whatever became of it, there is nothing to wait for.
            self.tickets.account.job_ended(&id);
            self.discard_job(&id);
        }
        let generation = outcome?;
        self.tickets.mark_delivered(&generation);
        self.result_of(generation)
    }

    async fn poll_loop<O: Observer>(
        &self,
        id: &str,
        mut last: Option<Generation>,
        call: &CallContext<'_, O>,
    ) -> Outcome<Generation> {
        let host = &self.transport.host;
        let known = last.clone().unwrap_or_else(|| self.bare_generation(id, State::Queued));
        call.job_known(&known);
        let subscription = self.poller.subscribe(host.now(), id, || self.schedule_for(last.as_ref()));
        let (mut seen, mut announced) = (0, f64::NAN);
        let lease = self.poll_lease();
        loop {
            let now = host.now();
            match subscription.next_action(now, seen, host.visibility(), lease.min(POLL_ANSWER)) {
                PollAction::Update { version, generation, schedule } => {
                    seen = version;
                    call.update(&generation, schedule.estimate.progress(schedule.elapsed(now)));
                    if generation.state.is_final() {
                        return Ok(generation);
                    }
                    last = Some(generation);
                }
                PollAction::Failed(mut error) => {
                    // No poll may have succeeded, and the call still knows the job from its creation or its ticket.
                    let known = last.or_else(|| self.tickets.account.of_job(id).map(|_| known));
                    let job = error.generation.take().or(known);
                    if let Some(job) = job.as_ref().filter(|_| !error.missing) {
                        error.message.push_str(&goes_on(&self.transport, job));
                    }
                    return Err(error.about(job));
                }
                PollAction::Wait(ms) => {
                    let due = subscription.due();
                    if announced != due {
                        announced = due;
                        host.event(Event::Wait { id: &self.transport.redact(id), ms: (due - now).max(0.0) });
                    }
                    call.set_poll_error(subscription.last_error());
                    let ms = ms.min(MAX_SLEEP);
                    subscription.keep_waiting(now, ms);
                    host.interruptible_sleep(ms).await;
                }
                // Boxed: only one call at a time polls, and the others need no memory for it.
                PollAction::Poll(attempt) => {
                    subscription.keep_waiting(now, lease);
                    Box::pin(self.poll_once(attempt)).await;
                }
            }
        }
    }

    /// How long a poll is under way at most, in ms.
    pub fn poll_lease(&self) -> f64 {
        self.transport.settings.timeout + LEASE_MARGIN
    }

    /// The request of a job: from its ticket, else the provider's echo.
    pub fn request_of(&self, generation: &Generation) -> GenerationRequest {
        if let Some(entry) = self.tickets.account.of_job(&generation.id) {
            return entry.ticket.borrow().request.clone();
        }
        let body = generation.request.as_ref().unwrap_or(&generation.raw).clone();
        GenerationRequest { kind: RequestKind::of(&body).unwrap_or(RequestKind::Video), body }
    }

    /// Plans the polls of a job by what is known of it.
    pub fn schedule_for(&self, generation: Option<&Generation>) -> PollSchedule {
        let now = self.transport.host.now();
        let Some(generation) = generation else {
            return PollSchedule::unknown(now);
        };
        let by_our_clock = |server: f64| server - self.transport.server.clock_skew.estimate();
        // Some providers send no date, or one that means nothing. A job thought too old would be polled too rarely.
        let created = self.transport.created_at(generation).map(by_our_clock).filter(|at| now - at < MAX_JOB);
        let sent = self.tickets.account.of_job(&generation.id).and_then(|entry| entry.ticket.borrow().sent);
        let started = created.or(sent).unwrap_or(now).max(sent.unwrap_or(0.0));
        let estimate = self.tickets.estimate_duration(&self.request_of(generation));
        PollSchedule::of_job(started.min(now), estimate, now, self.poller.group(), self.transport.host.random())
    }
}
