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

/// How long a waiter leaves alone a look that another one has under way, before it reads what that one found, in ms.
const GLANCE: f64 = 100.0;

/// Timers fire early by a fraction of a ms: what is that near is due.
const EARLY: f64 = 1.0;

struct Job<V> {
    schedule: Schedule,
    /// The newest answer and its number; number 0 is no answer yet.
    latest: Option<Generation<V>>,
    version: u32,
    failed: Option<Error<V>>,
    look_ends: Option<f64>,
    waiters: u32,
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

/// The jobs being waited for, sorted by id: a tree map would be a tenth of the module.
pub(super) struct Watches<V>(RefCell<Vec<(String, Job<V>)>>);

impl<V: Clone> Watches<V> {
    pub fn new() -> Self {
        Watches(RefCell::new(Vec::new()))
    }

    /// One more waits for that job. The schedule is made for the first only.
    pub fn join(&self, id: &str, schedule: impl FnOnce() -> Schedule) -> Seat<'_, V> {
        if let Err(place) = self.place(id) {
            let schedule = schedule();
            let job = Job { schedule, latest: None, version: 0, failed: None, look_ends: None, waiters: 0 };
            self.0.borrow_mut().insert(place, (id.to_owned(), job));
        }
        let seat = Seat { watches: self, id: id.to_owned() };
        seat.with(|job| job.waiters += 1);
        seat
    }

    fn place(&self, id: &str) -> Result<usize, usize> {
        self.0.borrow().binary_search_by(|(other, _)| other.as_str().cmp(id))
    }
}

/// A waiter's place; giving it up (by dropping) forgets the job when nobody else waits for it.
pub(super) struct Seat<'a, V: Clone> {
    watches: &'a Watches<V>,
    id: String,
}

impl<V: Clone> Seat<'_, V> {
    /// What to do now, for a waiter that has seen answers up to `seen`.
    pub fn turn(&self, now: f64, seen: u32) -> Turn<V> {
        self.with(|job| {
            if let Some(generation) = job.latest.as_ref().filter(|_| job.version > seen) {
                let (version, generation) = (job.version, generation.clone());
                return Turn::News { version, generation, schedule: job.schedule.clone() };
            }
            if let Some(error) = &job.failed {
                return Turn::Failed(error.clone());
            }
            match job.look_ends {
                Some(end) if now < end => Turn::Wait(GLANCE),
                _ if job.schedule.due - now >= EARLY => Turn::Wait(job.schedule.due - now),
                _ => Turn::Look,
            }
        })
        .unwrap_or(Turn::Look)
    }

    /// Takes the look, for `lease` ms at most.
    pub fn look(&self, now: f64, lease: f64) -> Look<'_, V> {
        self.with(|job| job.look_ends = Some(now + lease));
        Look { seat: self }
    }

    fn with<T>(&self, act: impl FnOnce(&mut Job<V>) -> T) -> Option<T> {
        let place = self.watches.place(&self.id).ok()?;
        self.watches.0.borrow_mut().get_mut(place).map(|(_, job)| act(job))
    }
}

impl<V: Clone> Drop for Seat<'_, V> {
    fn drop(&mut self) {
        let empty = self.with(|job| {
            job.waiters -= 1;
            job.waiters == 0
        });
        if let (Some(true), Ok(place)) = (empty, self.watches.place(&self.id)) {
            self.watches.0.borrow_mut().remove(place);
        }
    }
}

/// A look under way; dropped without an outcome (its waiter was cancelled), the next waiter takes it.
pub(super) struct Look<'a, V: Clone> {
    seat: &'a Seat<'a, V>,
}

impl<V: Clone> Look<'_, V> {
    /// The job as it stands, and what that means for the schedule.
    pub fn found(self, generation: Generation<V>, plan: impl FnOnce(&mut Schedule)) {
        self.seat.with(|job| {
            plan(&mut job.schedule);
            job.latest = Some(generation);
            job.version += 1;
        });
    }

    /// The look failed; `plan` says whether another one has any use.
    pub fn failed(self, error: Error<V>, plan: impl FnOnce(&mut Schedule) -> bool) {
        self.seat.with(|job| {
            if !plan(&mut job.schedule) {
                job.failed = Some(error.about(job.latest.clone()));
            }
        });
    }
}

impl<V: Clone> Drop for Look<'_, V> {
    fn drop(&mut self) {
        self.seat.with(|job| job.look_ends = None);
    }
}
