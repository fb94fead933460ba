//! Many jobs, few polls. All jobs in flight are watched together: a poll that is due reads one page of the provider's list
//! around its job and reports what else is on it. All who wait for one job share what is known of it.
//!
//! The loop of one waiter (a [`Subscription`]); `jobs` drives it:
//!
//! ```text
//!                  subscribe
//!                      |
//!                      v
//!    +----------> next_action -- Update(state) --> tell the caller; a final state ends the loop
//!    |             |       |  \
//!    |     Wait(ms)|       |   \-- Failed(error) -> the loop ends with the error
//!    |             v       |
//!    +---- sleep, or until |  Poll(attempt)
//!    |     the page shows  v
//!    |             read the job, or the page of the list that tells of many
//!    |               |             |                 |
//!    |             found      backed_off           failed
//!    |          (the next    (it may pass:      (the answer will
//!    |         poll is due   the next poll        not change)
//!    |             later)    comes later)            |
//!    +---------------+-------------+-----------------+
//! ```
//!
//! A poll under way is a lease, not a lock. Should the platform drop the request that took it without a trace, another
//! waiter takes over when the lease ends.

mod attempt;
mod job;
mod subscription;

pub use attempt::PollAttempt;
pub use job::PolledJob;
pub use subscription::{PollAction, Subscription};

use super::poll_schedule::{PollGroup, PollSchedule};
use crate::engine::model::timing::{FRESH, LEAST_POLL_SPACING, MAX_JOB, POLL_SPACING, SHARED_POLL};
use crate::generation::Generation;
use job::MAX_MISSING_FROM_PAGE;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Other programs' jobs move ours down the list: so many places are kept free before the newest that is wanted.
const SLACK: f64 = 2.0;

/// So few jobs are not searched for some that are over.
const FORGET_FROM: usize = 16;

/// The jobs in flight.
pub struct Poller {
    /// They are in the order of their ids.
    jobs: RefCell<Vec<Rc<PolledJob>>>,
    /// How many jobs there are before those that are over are looked for.
    forget_at: Cell<usize>,
    /// How many jobs were made, which is how far each has moved down the list.
    made: Cell<f64>,
    /// No poll before.
    open_at: Cell<f64>,
    /// Failed polls in a row, over all jobs.
    failures: Cell<u32>,
    /// Whether there is a list that shows the state of jobs.
    has_list: Cell<bool>,
    /// How many jobs a page of it holds.
    page_size: f64,
    /// Where the page begins that is read next for the jobs at an unknown place.
    unknown_positions_from: Cell<f64>,
}

impl Poller {
    /// `has_list`: whether the provider lists how jobs stand, `page_size` of them at most in one answer.
    pub fn new(has_list: bool, page_size: f64) -> Self {
        Poller {
            page_size,
            jobs: RefCell::default(),
            forget_at: Cell::new(FORGET_FROM),
            made: Cell::new(0.0),
            open_at: Cell::new(0.0),
            failures: Cell::new(0),
            has_list: Cell::new(has_list),
            unknown_positions_from: Cell::new(0.0),
        }
    }

    /// There is no list after all: from now on each job is read by itself.
    pub fn give_up_list(&self) {
        self.has_list.set(false);
    }

    fn search(&self, id: &str) -> Result<usize, usize> {
        self.jobs.borrow().binary_search_by(|job| job.id.as_str().cmp(id))
    }

    pub fn get(&self, id: &str) -> Option<Rc<PolledJob>> {
        let at = self.search(id).ok()?;
        self.jobs.borrow().get(at).cloned()
    }

    fn enter(&self, id: &str, schedule: PollSchedule) -> Rc<PolledJob> {
        if let Some(job) = self.get(id) {
            return job;
        }
        let job = Rc::new(PolledJob::new(id, schedule));
        if let Err(at) = self.search(id) {
            self.jobs.borrow_mut().insert(at, job.clone());
        }
        job
    }

    /// A job was made: it is the newest of the list.
    pub fn job_made(&self, generation: &Generation, schedule: PollSchedule, now: f64) {
        let rank = self.made.get();
        self.made.set(rank + 1.0);
        if !generation.state.is_final() {
            let forgotten = |job: &Rc<PolledJob>| {
                let poll = job.poll.borrow();
                !job.has_live_waiter(now) && (poll.is_over() || now - poll.schedule.started > MAX_JOB)
            };
            // The list is not searched each time that one more comes.
            if self.jobs.borrow().len() >= self.forget_at.get() {
                let mut jobs = self.jobs.borrow_mut();
                jobs.retain(|job| !forgotten(job));
                self.forget_at.set(2 * jobs.len() + FORGET_FROM);
            }
            let job = self.enter(&generation.id, schedule);
            let mut poll = job.poll.borrow_mut();
            (poll.rank, poll.counts_within_limits) = (Some(rank), true);
        }
    }

    /// A job that runs is polled, though no call waits for it.
    pub fn watch_unattended(&self, id: &str, schedule: PollSchedule) {
        self.enter(id, schedule).poll.borrow_mut().counts_within_limits = true;
    }

    /// One more waits for that job. The schedule is made for the first only.
    pub fn subscribe(&self, now: f64, id: &str, schedule: impl FnOnce() -> PollSchedule) -> Subscription<'_> {
        // No call waits: the failures that were counted are those of calls that have ended.
        if self.failures.get() > 0 && !self.jobs.borrow().iter().any(|job| job.has_live_waiter(now)) {
            self.failures.set(0);
        }
        // A waiter that is gone without a word keeps a job that is over: what was known of it may be so no more.
        if let Ok(at) = self.search(id) {
            let mut jobs = self.jobs.borrow_mut();
            if jobs.get(at).is_some_and(|job| job.poll.borrow().is_over()) {
                jobs.remove(at);
            }
        }
        let job = self.get(id).unwrap_or_else(|| self.enter(id, schedule()));
        if !job.has_live_waiter(now) {
            job.poll.borrow_mut().failures = 0;
        }
        Subscription::new(self, job)
    }

    /// A poll of a job that no call waits for, if one is due.
    pub fn poll_unattended(&self, now: f64, lease: f64) -> Option<PollAttempt<'_>> {
        if now < self.open_at.get() {
            return None;
        }
        let due = |job: &&Rc<PolledJob>| {
            let poll = job.poll.borrow();
            !job.has_live_waiter(now) && !poll.is_over() && poll.attempt_ends <= now && poll.schedule.due <= now
        };
        let job = self.jobs.borrow().iter().find(due).cloned()?;
        Some(self.attempt(job, now, lease))
    }

    /// How many other jobs share a job's polls.
    fn others(&self) -> usize {
        if self.has_list.get() { self.jobs.borrow().len().saturating_sub(1) } else { 0 }
    }

    /// How many polls cover all jobs.
    fn pages(&self) -> f64 {
        let page_size = if self.has_list.get() { self.page_size } else { 1.0 };
        (self.jobs.borrow().len() as f64 / page_size).ceil().max(1.0)
    }

    fn spacing(&self) -> f64 {
        (POLL_SPACING / self.pages()).max(LEAST_POLL_SPACING)
    }

    /// The jobs that are polled together.
    pub fn group(&self) -> PollGroup {
        let pages = self.pages();
        PollGroup { others: self.others(), usual_cycle: pages * POLL_SPACING, shortest_cycle: pages * self.spacing() }
    }

    /// How many stand before a job in the list, by its rank.
    fn list_index(&self, rank: Option<f64>) -> Option<f64> {
        Some(self.made.get() - 1.0 - rank?)
    }

    /// Where the page with a job and others that are due begins; `None` when the job is read by itself.
    fn page_for(&self, own: &PolledJob, now: f64) -> Option<f64> {
        let (rank, missing_from_page) = {
            let poll = own.poll.borrow();
            (poll.rank, poll.missing_from_page)
        };
        // The list may fail where the job can be read: while polls fail, every other one reads the job itself.
        let list_may_fail = self.failures.get() % 2 == 1;
        if !self.has_list.get() || list_may_fail || missing_from_page >= MAX_MISSING_FROM_PAGE {
            return None;
        }
        let Some(at) = self.list_index(rank) else {
            let due =
                |job: &&Rc<PolledJob>| job.is_position_unknown() && job.poll.borrow().schedule.due <= now + SHARED_POLL;
            return (self.jobs.borrow().iter().filter(due).count() > 1).then(|| self.unknown_positions_from.get());
        };
        let mut first = at;
        let mut due = 0;
        for job in self.jobs.borrow().iter() {
            let poll = job.poll.borrow();
            if let Some(other) = self.list_index(poll.rank)
                && poll.schedule.due <= now + SHARED_POLL
                && poll.schedule.seen <= now - FRESH
                && (at - self.page_size + 2.0 * SLACK..at + self.page_size).contains(&other)
            {
                due += 1;
                first = first.min(other);
            }
        }
        (due > 1).then(|| (first - SLACK).max(0.0))
    }

    /// Begins a poll of a job and, where others are due as well, of its page of the list.
    fn attempt(&self, own: Rc<PolledJob>, now: f64, lease: f64) -> PollAttempt<'_> {
        self.open_at.set(now + self.spacing());
        let offset = self.page_for(&own, now);
        let mut jobs = vec![own.clone()];
        if let Some(offset) = offset {
            let anywhere = own.is_position_unknown();
            let covered = |job: &&Rc<PolledJob>| {
                let there = match self.list_index(job.poll.borrow().rank) {
                    Some(at) => (offset..offset + self.page_size).contains(&at),
                    None => anywhere && job.is_position_unknown(),
                };
                !Rc::ptr_eq(job, &own) && there
            };
            jobs.extend(self.jobs.borrow().iter().filter(covered).cloned());
        }
        PollAttempt::new(self, offset, jobs, now, lease)
    }

    /// A job that no call waits for, and whose end does not matter, goes.
    fn release(&self, job: &Rc<PolledJob>) {
        let unwanted = {
            let poll = job.poll.borrow();
            poll.is_over() || !poll.counts_within_limits
        };
        if unwanted {
            self.remove(job);
        }
    }

    /// A job is gone.
    pub fn forget(&self, id: &str) {
        if let Some(job) = self.get(id) {
            self.remove(&job);
        }
    }

    /// A job goes, unless a call waits for it.
    fn remove(&self, job: &Rc<PolledJob>) {
        if !job.has_waiters() {
            self.jobs.borrow_mut().retain(|other| !Rc::ptr_eq(other, job));
        }
    }
}
