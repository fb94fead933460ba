//! Many waiters, one look. All who wait for the same job share one schedule and one latest answer; whoever's timer finds
//! a look due takes it for all.
//!
//! No waiter ever wakes another: each sleeps on its own timer and reads what is there. In a Worker, a task that is woken by
//! another request's I/O would run, and start its own I/O, in that other request's context, and die with it. For the same
//! reason a look under way is a lease, not a lock: should the request that took it be dropped by the platform without a
//! trace, another waiter takes over when the lease ends.

use super::schedule::Schedule;
use crate::error::Error;
use crate::generation::Generation;
use std::cell::RefCell;
use std::rc::Rc;

/// How long a waiter leaves alone a look that another one has under way, before it reads what that one found, in ms.
const GLANCE: f64 = 100.0;

/// Timers fire early by a fraction of a ms: what is that near is due.
const EARLY: f64 = 1.0;

struct Job<V> {
    id: String,
    watch: RefCell<Watch<V>>,
}

struct Watch<V> {
    schedule: Schedule,
    /// The newest answer and its number; number 0 is no answer yet.
    latest: Option<Generation<V>>,
    version: u32,
    failed: Option<Error<V>>,
    look_ends: Option<f64>,
}

/// What a waiter does next.
pub(super) enum Turn<V> {
    /// There is an answer that this waiter has not seen.
    News { version: u32, generation: Generation<V>, schedule: Schedule },
    /// Looking has no use any more.
    Failed(Error<V>),
    /// Take the look that is due.
    Look,
    /// Come back in so many ms.
    Wait(f64),
}

/// The jobs being waited for. They are few enough to be looked through.
pub(super) struct Watches<V>(RefCell<Vec<Rc<Job<V>>>>);

impl<V> Watches<V> {
    pub fn new() -> Self {
        Watches(RefCell::new(Vec::new()))
    }

    /// One more waits for that job. The schedule is made for the first only.
    pub fn join(&self, id: &str, schedule: impl FnOnce() -> Schedule) -> Seat<'_, V> {
        let known = self.0.borrow().iter().find(|job| job.id == id).cloned();
        let job = known.unwrap_or_else(|| {
            let watch = Watch { schedule: schedule(), latest: None, version: 0, failed: None, look_ends: None };
            let job = Rc::new(Job { id: id.to_owned(), watch: RefCell::new(watch) });
            self.0.borrow_mut().push(job.clone());
            job
        });
        Seat { watches: self, job }
    }
}

/// A waiter's place; giving it up (by dropping) forgets the job when nobody else waits for it.
pub(super) struct Seat<'a, V> {
    watches: &'a Watches<V>,
    job: Rc<Job<V>>,
}

impl<V> Seat<'_, V> {
    /// What to do now, for a waiter that has seen answers up to `seen`.
    pub fn turn(&self, now: f64, seen: u32) -> Turn<V>
    where
        V: Clone,
    {
        let watch = self.job.watch.borrow();
        if let Some(generation) = watch.latest.as_ref().filter(|_| watch.version > seen) {
            let (version, generation) = (watch.version, generation.clone());
            return Turn::News { version, generation, schedule: watch.schedule.clone() };
        }
        if let Some(error) = &watch.failed {
            return Turn::Failed(error.clone());
        }
        match watch.look_ends {
            Some(end) if now < end => Turn::Wait(GLANCE),
            _ if watch.schedule.due - now >= EARLY => Turn::Wait(watch.schedule.due - now),
            _ => Turn::Look,
        }
    }

    /// Takes the look, for `lease` ms at most.
    pub fn look(&self, now: f64, lease: f64) -> Look<'_, V> {
        self.job.watch.borrow_mut().look_ends = Some(now + lease);
        Look(&self.job)
    }
}

impl<V> Drop for Seat<'_, V> {
    fn drop(&mut self) {
        let waiters = Rc::strong_count(&self.job) - 1; // one is the list's
        if waiters == 1 {
            self.watches.0.borrow_mut().retain(|job| !Rc::ptr_eq(job, &self.job));
        }
    }
}

/// A look under way; dropped without an outcome (its waiter was cancelled), the next waiter takes it.
pub(super) struct Look<'a, V>(&'a Job<V>);

impl<V: Clone> Look<'_, V> {
    /// The job as it stands, and what that means for the schedule.
    pub fn found(self, generation: Generation<V>, plan: impl FnOnce(&mut Schedule)) {
        let mut watch = self.0.watch.borrow_mut();
        plan(&mut watch.schedule);
        watch.latest = Some(generation);
        watch.version += 1;
    }

    /// The look failed; `plan` says whether another one has any use.
    pub fn failed(self, error: Error<V>, plan: impl FnOnce(&mut Schedule) -> bool) {
        let mut watch = self.0.watch.borrow_mut();
        if !plan(&mut watch.schedule) {
            watch.failed = Some(error.about(watch.latest.clone()));
        }
    }
}

impl<V> Drop for Look<'_, V> {
    fn drop(&mut self) {
        self.0.watch.borrow_mut().look_ends = None;
    }
}
