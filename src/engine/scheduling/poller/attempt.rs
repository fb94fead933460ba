//! A poll under way, and its result.

use super::job::PolledJob;
use super::{Poller, SLACK};
use crate::engine::scheduling::retry;
use crate::error::Error;
use crate::generation::Generation;
use std::rc::Rc;

/// A poll under way. When it is dropped without an outcome (its subscriber was cancelled), the next subscriber polls.
pub struct PollAttempt<'a> {
    poller: &'a Poller,
    /// When it was sent.
    pub sent: f64,
    /// Where the page begins. Without it the first job is read by itself.
    pub offset: Option<f64>,
    /// The job that is due, and those that are thought to be on its page.
    pub jobs: Vec<Rc<PolledJob>>,
    /// How many of them are at an unknown place in the list.
    position_unknown: usize,
}

impl<'a> PollAttempt<'a> {
    pub fn new(poller: &'a Poller, offset: Option<f64>, jobs: Vec<Rc<PolledJob>>, sent: f64, lease: f64) -> Self {
        let on_page = jobs.iter().filter(|_| offset.is_some());
        let position_unknown = on_page.filter(|job| job.is_position_unknown()).count();
        for job in &jobs {
            job.poll.borrow_mut().attempt_ends = sent + lease;
        }
        PollAttempt { poller, sent, offset, jobs, position_unknown }
    }

    /// The provider answered.
    pub fn succeeded(&self) {
        self.poller.failures.set(0);
    }

    /// A job as it stands; `index` is where it was in the list.
    pub fn found(&self, job: &Rc<PolledJob>, generation: Generation, index: Option<f64>) {
        {
            let mut poll = job.poll.borrow_mut();
            poll.latest = Some(generation);
            poll.version += 1;
            poll.last_error = None;
            poll.failures = 0;
            poll.missing_since = None;
            poll.attempt_ends = 0.0;
            if let Some(index) = index {
                poll.rank = Some(self.poller.made.get() - 1.0 - index);
                poll.missing_from_page = 0;
            }
        }
        self.poller.release(job);
    }

    /// A page was read. `own_job_missing`: the job that is due was not on it, so it is still due.
    pub fn page_read(&self, offset: f64, own_job_missing: bool) {
        let still = self.jobs.iter().filter(|job| job.is_position_unknown()).count();
        if still < self.position_unknown {
            // The rest of those that may stand anywhere is further down.
            self.poller.unknown_positions_from.set(if still > 0 {
                offset + self.poller.page_size - 2.0 * SLACK
            } else {
                0.0
            });
        } else if own_job_missing {
            self.poller.unknown_positions_from.set(0.0);
            for (index, job) in self.jobs.iter().enumerate() {
                if index == 0 || job.is_position_unknown() {
                    job.poll.borrow_mut().missing_from_page += 1;
                }
            }
        }
    }

    /// The poll failed in a way that may pass. Gives whether another one has any use.
    pub fn backed_off(&self, job: &PolledJob, now: f64, error: &Error, random: f64) -> bool {
        // Never at once: the half that jitter leaves alone keeps an outage from being hammered.
        let failures = self.poller.failures.get();
        let wait = retry::read_delay(failures, error.retry_after, 0.5 + random / 2.0);
        self.poller.failures.set(failures + 1);
        self.poller.open_at.set(now + wait);
        for job in &self.jobs {
            job.poll.borrow_mut().last_error = Some(error.clone());
        }
        // Where other polls succeed, it is this job that cannot be read.
        let mut poll = job.poll.borrow_mut();
        let own = poll.failures;
        poll.failures += u32::from(self.offset.is_none());
        poll.schedule.failed(now, wait.max(retry::read_delay(own, None, 0.5 + random / 2.0)));
        failures.max(own) + 1 < retry::MAX_FAILED_READS
    }

    /// Polling that job has no use any more.
    pub fn failed(&self, job: &Rc<PolledJob>, error: Error) {
        {
            let mut poll = job.poll.borrow_mut();
            let latest = poll.latest.clone();
            poll.failed = Some(error.about(latest));
        }
        self.poller.release(job);
    }
}

impl Drop for PollAttempt<'_> {
    fn drop(&mut self) {
        for job in &self.jobs {
            job.poll.borrow_mut().attempt_ends = 0.0;
        }
    }
}
