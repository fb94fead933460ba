//! Waiting for a job: the loop that `scheduling::poller` draws.

use super::result::is_gone_for_good;
use super::{CallContext, Jobs};
use crate::engine::model::timing::{LEASE_MARGIN, LONGEST_SLEEP, NEW_JOB_INVISIBLE};
use crate::engine::model::{Event, Host, Observer, Outcome};
use crate::engine::scheduling::{PollAction, PollAttempt, PollSchedule, PolledJob, retry};
use crate::engine::transport::checked_id;
use crate::error::{Code, Error};
use crate::generation::{Generation, State};
use crate::provider::PAGE_SIZE;
use crate::request::{Request, RequestKind};
use std::rc::Rc;

/// What is waited for.
pub enum Target {
    /// A job of which only the id is known.
    Id(String),
    /// A job as last seen.
    Job(Generation),
}

impl<H: Host> Jobs<H> {
    /// Waits until a job is done.
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
            && is_gone_for_good(error)
        {
            // Whatever became of it, there is nothing to wait for.
            self.tickets.account.ended(&id);
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
        if let Some(generation) = last.clone().or_else(|| self.known_job(id, State::Queued)) {
            call.job_known(&generation);
        }
        let subscription = self.poller.subscribe(id, || self.schedule_for(last.as_ref()));
        let (mut seen, mut told) = (0, f64::NAN);
        let lease = self.transport.settings.timeout + LEASE_MARGIN;
        loop {
            let now = self.transport.host.now();
            match subscription.next_action(now, seen, self.transport.host.visibility(), lease) {
                PollAction::News { version, generation, schedule } => {
                    seen = version;
                    call.update(&generation, schedule.estimate.progress(schedule.elapsed(now)));
                    if generation.state.is_final() {
                        return Ok(generation);
                    }
                    last = Some(generation);
                }
                // No look may have succeeded, and the waiter still knows the job from its creation.
                PollAction::Failed(error) if error.generation.is_none() => return Err(error.about(last.take())),
                PollAction::Failed(error) => return Err(error),
                PollAction::Wait(ms) => {
                    let due = subscription.due();
                    if told != due {
                        told = due;
                        self.transport
                            .host
                            .event(Event::Wait { id: &self.transport.shown(id), ms: (due - now).max(0.0) });
                    }
                    let ms = ms.min(LONGEST_SLEEP);
                    subscription.keep_waiting(now, ms);
                    self.transport.host.interruptible_sleep(ms).await;
                }
                // One at a time looks: the others need no room for it.
                PollAction::Poll(attempt) => {
                    subscription.keep_waiting(now, lease);
                    Box::pin(self.poll_once(attempt)).await;
                }
            }
        }
    }

    /// Takes a look, and tells what it found to all who wait for it.
    pub async fn poll_once(&self, attempt: PollAttempt<'_>) {
        let Some(own) = attempt.jobs.first() else { return };
        let page = attempt.offset.and_then(|offset| self.transport.provider.list(Some(PAGE_SIZE), Some(offset)));
        let call = page.unwrap_or_else(|| self.transport.provider.get(&own.id));
        let outcome = self
            .transport
            .exchange(&call, None, 0, self.transport.settings.timeout)
            .await
            .map_err(|failed| failed.error());
        let outcome = match outcome {
            Ok(response) if attempt.offset.is_none() => self.transport.with_parts(&own.id, response).await,
            outcome => outcome,
        };
        let outcome = outcome.and_then(|response| match attempt.offset {
            Some(_) => Ok(self.transport.page(&response)?.generations),
            None => Ok(vec![self.transport.generation(&response)?]),
        });
        match outcome {
            Ok(generations) => {
                attempt.succeeded();
                let mut strayed = true;
                for (index, generation) in generations.into_iter().enumerate() {
                    let place = attempt.offset.map(|offset| offset + index as f64);
                    // Read by itself, a job is the one that was asked for, whatever it calls itself.
                    let job = if place.is_none() { Some(own.clone()) } else { self.poller.get(&generation.id) };
                    if let Some(job) = job {
                        strayed &= !Rc::ptr_eq(&job, own);
                        self.on_job_seen(&attempt, &job, generation, place);
                    }
                }
                if let Some(offset) = attempt.offset {
                    attempt.page_read(offset, strayed);
                }
            }
            Err(error) => self.on_poll_failed(&attempt, own, error),
        }
    }

    fn on_job_seen(&self, attempt: &PollAttempt<'_>, job: &Rc<PolledJob>, generation: Generation, place: Option<f64>) {
        let now = self.transport.host.now();
        self.transport.host.event(Event::Update { id: &self.transport.shown(&job.id), state: generation.state });
        {
            let mut watch = job.poll.borrow_mut();
            if watch.schedule.estimate.expected == 0.0 {
                watch.schedule = self.schedule_for(Some(&generation));
            } else if !generation.state.is_final() {
                watch.schedule.polled(now, self.poller.others(), self.poller.sweep(), self.transport.host.random());
            } else if let Some(took) = watch.schedule.duration(now).filter(|_| generation.state == State::Completed) {
                self.tickets.durations.record(&self.request_of(&generation), took, now);
                self.tickets.keep_durations();
            }
        }
        if generation.state.is_final() {
            self.tickets.account.ended(&generation.id);
        }
        self.tickets.record_state(&generation);
        attempt.found(job, generation, place);
    }

    fn on_poll_failed(&self, attempt: &PollAttempt<'_>, own: &Rc<PolledJob>, error: Error) {
        let now = self.transport.host.now();
        // A failed look is not a failed job: only an answer that will not change ends the waiting.
        let page = error.code == Code::Gone && !is_gone_for_good(&error);
        let passing = retry::is_retryable_read(&error) || error.code == Code::Protocol || page;
        if attempt.offset.is_some() && !passing {
            // Behind a proxy there may be no list: each job is read by itself from now on.
            self.poller.give_up_list();
            return;
        }
        let settling = error.code == Code::NotFound && {
            let watch = own.poll.borrow();
            watch.counts_within_limits && watch.schedule.elapsed(now) < NEW_JOB_INVISIBLE
        };
        let again =
            (passing || settling) && attempt.backed_off(own, now, error.retry_after, self.transport.host.random());
        if !again {
            // A place is kept as long as such a job may run, unless it is known to be gone.
            match error.code {
                Code::NotFound | Code::Gone => self.tickets.account.ended(&own.id),
                _ => self.tickets.account.unseen(&own.id),
            }
            attempt.failed(own, error);
        }
    }

    /// What a job was asked for by: its ticket knows, else what the provider echoes tells as much as it does.
    fn request_of(&self, generation: &Generation) -> Request {
        if let Some(entry) = self.tickets.account.of_job(&generation.id) {
            return entry.ticket.borrow().request.clone();
        }
        let body = generation.request.as_ref().unwrap_or(&generation.raw).clone();
        Request { kind: RequestKind::of(&body).unwrap_or(RequestKind::Video), body }
    }

    /// Plans the looks at a job by what is known of it.
    pub fn schedule_for(&self, generation: Option<&Generation>) -> PollSchedule {
        let now = self.transport.host.now();
        let Some(generation) = generation else {
            return PollSchedule::unknown(now);
        };
        let started =
            self.transport.created_at(generation).map_or(now, |server| server - self.transport.clock_skew.estimate());
        let guess = self.tickets.estimate_duration(&self.request_of(generation));
        PollSchedule::of_job(started.min(now), guess, now, self.transport.host.random())
    }
}
