//! One poll: it reads a job, or a page of the list with many, and notifies all who wait for them.

use super::Jobs;
use crate::engine::model::timing::{MAX_JOB, MISSING_JOB, POLL_ANSWER, UNKNOWN_STATE};
use crate::engine::model::{Event, Host, Outcome};
use crate::engine::scheduling::{PollAttempt, PollSchedule, PolledJob, QueueEntry, retry};
use crate::error::{Code, Error};
use crate::generation::{Generation, State};
use crate::provider::PAGE_SIZE;
use crate::text::concat;
use std::rc::Rc;

impl<H: Host> Jobs<H> {
    pub async fn poll_once(&self, attempt: PollAttempt<'_>) {
        let Some(own) = attempt.jobs.first() else { return };
        match self.read_jobs(&own.id, attempt.offset).await {
            Ok(generations) => {
                attempt.succeeded();
                let mut own_job_missing = true;
                for (index, generation) in generations.into_iter().enumerate() {
                    // A list may show that a job is done, but not where its files are: then it is read by itself.
                    if attempt.offset.is_some() && generation.state == State::Completed && generation.assets.is_empty()
                    {
                        continue;
                    }
                    let index = attempt.offset.map(|offset| offset + index as f64);
                    // Read by itself, a job is the requested one, even under another id.
                    let job = if index.is_none() { Some(own.clone()) } else { self.poller.get(&generation.id) };
                    if let Some(job) = job {
                        own_job_missing &= !Rc::ptr_eq(&job, own);
                        self.on_job_seen(&attempt, &job, generation, index);
                    }
                }
                if let Some(offset) = attempt.offset {
                    attempt.page_read(offset, own_job_missing);
                }
            }
            Err(error) => self.on_poll_failed(&attempt, own, error),
        }
    }

    /// The page of the list that begins there; without an offset the job alone.
    async fn read_jobs(&self, id: &str, offset: Option<f64>) -> Outcome<Vec<Generation>> {
        let transport = &self.transport;
        let page = offset.and_then(|offset| transport.provider.list(Some(PAGE_SIZE), Some(offset)));
        let call = page.unwrap_or_else(|| transport.provider.get(id));
        let mut response = transport.read_once(&call).await?;
        if offset.is_some() {
            return Ok(transport.page(&response)?.generations);
        }
        transport.add_parts(id, &mut response).await?;
        Ok(vec![transport.generation(id, &response)?])
    }

    fn on_job_seen(&self, attempt: &PollAttempt<'_>, job: &Rc<PolledJob>, generation: Generation, index: Option<f64>) {
        let host = &self.transport.host;
        let now = host.now();
        let generation = match self.settled(job, generation, now) {
            Ok(generation) => generation,
            Err(error) => {
                self.tickets.account.unwatch(&job.id);
                return attempt.failed(job, error);
            }
        };
        host.event(Event::Update { id: &self.transport.redact(&job.id), state: generation.state });
        let mut schedule = job.poll.borrow().schedule.clone();
        let known = schedule.estimate.expected > 0.0;
        if !known {
            schedule = self.schedule_for(Some(&generation));
        }
        if !generation.state.is_final() {
            schedule.polled(attempt.sent, now, self.poller.group(), host.random());
        } else if known && let Some(duration) = schedule.duration(now).filter(|_| generation.state == State::Completed)
        {
            self.tickets.durations.record(&self.request_of(&generation), duration, now);
            self.tickets.keep_durations();
        }
        // Each notice counts the job for MAX_JOB more, and the limiter goes through all jobs for it: one in a quarter of that is enough.
        let notify_limiter = {
            let mut poll = job.poll.borrow_mut();
            poll.schedule = schedule;
            let due = now - poll.limiter_notified_at > MAX_JOB / 4.0;
            if due {
                poll.limiter_notified_at = now;
            }
            due
        };
        if generation.state.is_final() {
            self.tickets.account.job_ended(&generation.id);
        } else if notify_limiter {
            self.tickets.account.job_running(now, &generation.id);
        }
        self.tickets.record_state(&generation);
        attempt.found(job, generation, index);
    }

    /// The job, if its state has a word that this version does not know: with its files for a while, it is done. Without them it
    /// may have ended, and no caller waits longer than a job may run.
    fn settled(&self, job: &Rc<PolledJob>, generation: Generation, now: f64) -> Outcome<Generation> {
        let Some(word) = &generation.unknown_state else {
            job.poll.borrow_mut().unknown_since = None;
            return Ok(generation);
        };
        let unknown_for = now - *job.poll.borrow_mut().unknown_since.get_or_insert(now);
        if unknown_for >= UNKNOWN_STATE && !generation.assets.is_empty() {
            return Ok(generation.completed());
        }
        if unknown_for < MAX_JOB {
            return Ok(generation);
        }
        let id = self.transport.redact(&generation.id);
        let message =
            concat(&["The generation ", &id, " has been \"", word, "\" for an hour, a state that is not known"]);
        let error = Error::new(Code::Protocol, message).with_provider(generation.provider);
        Err(error.about(Some(generation)))
    }

    fn on_poll_failed(&self, attempt: &PollAttempt<'_>, own: &Rc<PolledJob>, error: Error) {
        let host = &self.transport.host;
        let now = host.now();
        if attempt.offset.is_some() && !retry::may_pass(&error) {
            // Behind a proxy there may be no list: each job is read by itself from now on.
            self.poller.give_up_list();
            return;
        }
        // A failed poll is not a failed job: only an answer that will not change ends the waiting.
        let missing_since = {
            let mut poll = own.poll.borrow_mut();
            poll.missing_since = error.missing.then(|| poll.missing_since.unwrap_or(now));
            poll.missing_since
        };
        let not_there = matches!(error.status, Some(404 | 410)) && self.was_there(own);
        let may_return = not_there && missing_since.is_none_or(|since| now - since < MISSING_JOB);
        let page_for_people = error.code == Code::Gone && !error.missing;
        let may_pass = retry::may_pass(&error) || page_for_people || may_return;
        let again = may_pass && attempt.backed_off(own, now, &error, host.random());
        if !again {
            // The job counts within the limits as long as such a job may run, unless it is known to be gone.
            if error.missing {
                self.tickets.account.job_ended(&own.id);
            } else {
                self.tickets.account.unwatch(&own.id);
            }
            attempt.failed(own, error);
        }
    }

    /// Whether the job is known to have been made: by its creation, its ticket, or an earlier poll.
    fn was_there(&self, job: &PolledJob) -> bool {
        job.poll.borrow().schedule.estimate.expected > 0.0 || self.tickets.account.of_job(&job.id).is_some()
    }

    /// Polls a job that no call waits for, if one is due: its end makes room for those in the queue. Gives whether there
    /// was one.
    pub async fn poll_unattended(&self, queue: &QueueEntry) -> bool {
        let (now, lease) = (self.transport.host.now(), self.poll_lease());
        self.watch_unattended(queue, now);
        match self.poller.poll_unattended(now, lease.min(POLL_ANSWER)) {
            Some(attempt) => {
                queue.keep_waiting(lease);
                self.poll_once(attempt).await;
                true
            }
            None => false,
        }
    }

    /// Watches also the jobs that no call of ours waits for: an earlier process began them, or another client, or a request
    /// that is gone.
    fn watch_unattended(&self, queue: &QueueEntry, now: f64) {
        for job in queue.watched_jobs() {
            if self.poller.get(&job).is_none()
                && let Some(entry) = self.tickets.account.of_job(&job).filter(|entry| entry.is_silent(now))
            {
                let (estimate, sent) = {
                    let ticket = entry.ticket.borrow();
                    (self.tickets.estimate_duration(&ticket.request), ticket.sent.unwrap_or(now).min(now))
                };
                let schedule =
                    PollSchedule::of_job(sent, estimate, now, self.poller.group(), self.transport.host.random());
                self.poller.watch_unattended(&job, schedule);
            }
        }
    }
}
