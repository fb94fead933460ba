//! Many jobs, few looks. All jobs in flight are watched together: a look that is due reads one page of the provider's list
//! round its job, and tells whatever else is on it; all who wait for one job share what is known of it.
//!
//! No waiter ever wakes another: each sleeps on its own timer and reads what is there. In a Worker, a task that is woken by
//! another request's I/O would run, and start its own I/O, in that other request's context, and die with it. For the same
//! reason a look under way is a lease, not a lock: should the request that took it be dropped by the platform without a
//! trace, another waiter takes over when the lease ends.

use super::host::Attention;
use super::schedule::Schedule;
use super::{FORGOTTEN, PAGE, retry};
use crate::error::Error;
use crate::generation::Generation;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// How long a waiter leaves alone a look that another one has under way, before it reads what that one found, in ms.
const GLANCE: f64 = 100.0;
/// Timers fire early by a fraction of a ms: what is that near is due.
const EARLY: f64 = 1.0;
/// Jobs that are due so soon share a look, in ms.
const TOGETHER: f64 = 1000.0;
/// A job that was seen so lately needs no other look, in ms.
const FRESH: f64 = 500.0;
/// Looks are so far apart, in ms, for each page that the jobs in flight fill; and never nearer than the least.
const SPACING: f64 = 1000.0;
const LEAST_SPACING: f64 = 200.0;
/// Other programs' jobs move ours down the list: so many places are kept free before the newest that is wanted.
const SLACK: f64 = 2.0;
/// A waiter that does not come back for so long after it should have is gone, in ms.
const GONE: f64 = 5000.0;
/// A job that was not on its page so often is read by itself.
const STRAYED: u32 = 2;
/// Nobody sees a hidden page: its jobs are looked at so far apart, in ms.
const HIDDEN: f64 = 15_000.0;

pub(super) struct Job {
    pub id: String,
    pub watch: RefCell<Watch>,
    waiters: Cell<u32>,
    /// Until then one of them has said to come back: a waiter may be gone without a word.
    attended: Cell<f64>,
}

pub(super) struct Watch {
    pub schedule: Schedule,
    /// The newest answer and its number; number 0 is no answer yet.
    latest: Option<Generation>,
    version: u32,
    failed: Option<Error>,
    look_ends: f64,
    /// Where it stands among all that was made: its number counted from the first, if that is known.
    rank: Option<f64>,
    /// It takes a place within the limits: its end is wanted, also when nobody waits for it.
    pub ours: bool,
    strays: u32,
}

impl Job {
    /// Whether it runs, is thought to be in the list, and nobody knows where.
    fn is_unranked(&self) -> bool {
        let watch = self.watch.borrow();
        watch.rank.is_none() && watch.strays < STRAYED && !watch.is_over()
    }

    /// Whether somebody waits for it.
    fn is_attended(&self, now: f64) -> bool {
        self.waiters.get() > 0 && now < self.attended.get()
    }
}

impl Watch {
    fn is_over(&self) -> bool {
        self.failed.is_some() || self.latest.as_ref().is_some_and(|latest| latest.state.is_final())
    }
}

/// What a waiter does next.
pub(super) enum Turn<'a> {
    /// There is an answer that this waiter has not seen.
    News { version: u32, generation: Generation, schedule: Schedule },
    /// Looking has no use any more.
    Failed(Error),
    /// Take the look that is due.
    Look(Look<'a>),
    /// Come back in so many ms.
    Wait(f64),
}

/// The jobs in flight.
pub(super) struct Watches {
    /// By id.
    jobs: RefCell<Vec<Rc<Job>>>,
    /// How many jobs were made, which is how far each has moved down the list.
    made: Cell<f64>,
    /// No look before.
    open_at: Cell<f64>,
    /// Failed looks in a row, at whichever job.
    misses: Cell<u32>,
    /// Whether there is a list that tells how jobs stand.
    pub listed: Cell<bool>,
    /// Where the page begins on which those are looked for next of which nobody knows where they stand.
    unranked: Cell<f64>,
}

impl Watches {
    pub fn new(listed: bool) -> Self {
        Watches {
            jobs: RefCell::default(),
            made: Cell::new(0.0),
            open_at: Cell::new(0.0),
            misses: Cell::new(0),
            listed: Cell::new(listed),
            unranked: Cell::new(0.0),
        }
    }

    fn search(&self, id: &str) -> Result<usize, usize> {
        self.jobs.borrow().binary_search_by(|job| job.id.as_str().cmp(id))
    }

    pub fn get(&self, id: &str) -> Option<Rc<Job>> {
        let at = self.search(id).ok()?;
        self.jobs.borrow().get(at).cloned()
    }

    fn enter(&self, id: &str, schedule: impl FnOnce() -> Schedule) -> Rc<Job> {
        if let Some(job) = self.get(id) {
            return job;
        }
        let watch = Watch {
            schedule: schedule(),
            latest: None,
            version: 0,
            failed: None,
            look_ends: 0.0,
            rank: None,
            ours: false,
            strays: 0,
        };
        let (waiters, attended) = Default::default();
        let job = Rc::new(Job { id: id.to_owned(), watch: RefCell::new(watch), waiters, attended });
        if let Err(at) = self.search(id) {
            self.jobs.borrow_mut().insert(at, job.clone());
        }
        job
    }

    /// A job was made: it is the newest of the list.
    pub fn made(&self, generation: &Generation, schedule: Schedule, now: f64) {
        let rank = self.made.get();
        self.made.set(rank + 1.0);
        if !generation.state.is_final() {
            let forgotten = |job: &Rc<Job>| {
                let watch = job.watch.borrow();
                !job.is_attended(now) && (watch.is_over() || now - watch.schedule.started > FORGOTTEN)
            };
            self.jobs.borrow_mut().retain(|job| !forgotten(job));
            let job = self.enter(&generation.id, || schedule);
            let mut watch = job.watch.borrow_mut();
            (watch.rank, watch.ours) = (Some(rank), true);
        }
    }

    /// A job that runs is looked at, though nobody waits for it.
    pub fn attend(&self, id: &str, schedule: Schedule) {
        self.enter(id, || schedule).watch.borrow_mut().ours = true;
    }

    /// One more waits for that job. The schedule is made for the first only.
    pub fn join(&self, id: &str, schedule: impl FnOnce() -> Schedule) -> Seat<'_> {
        let job = self.enter(id, schedule);
        job.waiters.set(job.waiters.get() + 1);
        Seat { watches: self, job }
    }

    /// A look at a job that nobody waits for, if one is due.
    pub fn unattended(&self, now: f64, lease: f64) -> Option<Look<'_>> {
        if now < self.open_at.get() {
            return None;
        }
        let due = |job: &&Rc<Job>| {
            let watch = job.watch.borrow();
            !job.is_attended(now) && !watch.is_over() && watch.look_ends <= now && watch.schedule.due <= now
        };
        let job = self.jobs.borrow().iter().find(due).cloned()?;
        Some(self.look(job, now, lease))
    }

    /// How many jobs there are beside one.
    pub fn others(&self) -> usize {
        self.jobs.borrow().len().saturating_sub(1)
    }

    fn pages(&self) -> f64 {
        (self.jobs.borrow().len() as f64 / PAGE).ceil().max(1.0)
    }

    fn spacing(&self) -> f64 {
        (SPACING / self.pages()).max(LEAST_SPACING)
    }

    /// How long it takes to look at every job once, in ms.
    pub fn sweep(&self) -> f64 {
        self.pages() * self.spacing()
    }

    /// How many stand before it in the list, if that is known.
    fn place(&self, watch: &Watch) -> Option<f64> {
        Some(self.made.get() - 1.0 - watch.rank?)
    }

    /// Where the page begins that tells of a job and of others that are due; `None` when the job is read by itself.
    fn page_of(&self, own: &Job, now: f64) -> Option<f64> {
        let (at, strays) = (self.place(&own.watch.borrow()), own.watch.borrow().strays);
        if !self.listed.get() || strays >= STRAYED {
            return None;
        }
        let Some(at) = at else {
            let due = |job: &&Rc<Job>| job.is_unranked() && job.watch.borrow().schedule.due <= now + TOGETHER;
            return (self.jobs.borrow().iter().filter(due).count() > 1).then(|| self.unranked.get());
        };
        let mut first = at;
        let mut due = 0;
        for job in self.jobs.borrow().iter() {
            let watch = job.watch.borrow();
            if let Some(other) = self.place(&watch)
                && watch.schedule.due <= now + TOGETHER
                && watch.schedule.seen <= now - FRESH
                && (at - PAGE + 2.0 * SLACK..at + PAGE).contains(&other)
            {
                due += 1;
                first = first.min(other);
            }
        }
        (due > 1).then(|| (first - SLACK).max(0.0))
    }

    /// Takes a look at a job and, where others are due as well, at its page of the list: that tells where it stands, too.
    fn look(&self, own: Rc<Job>, now: f64, lease: f64) -> Look<'_> {
        self.open_at.set(now + self.spacing());
        let offset = self.page_of(&own, now);
        let mut look = Look { watches: self, offset, jobs: vec![own.clone()], unranked: 0 };
        if let Some(offset) = offset {
            let anywhere = own.is_unranked();
            let covered = |job: &&Rc<Job>| {
                let there = match self.place(&job.watch.borrow()) {
                    Some(at) => (offset..offset + PAGE).contains(&at),
                    None => anywhere && job.is_unranked(),
                };
                !Rc::ptr_eq(job, &own) && there
            };
            look.jobs.extend(self.jobs.borrow().iter().filter(covered).cloned());
            look.unranked = look.jobs.iter().filter(|job| job.is_unranked()).count();
        }
        for job in &look.jobs {
            job.watch.borrow_mut().look_ends = now + lease;
        }
        look
    }

    fn leave(&self, job: &Rc<Job>) {
        let over = {
            let watch = job.watch.borrow();
            watch.is_over() || !watch.ours
        };
        if over && job.waiters.get() == 0 {
            self.jobs.borrow_mut().retain(|other| !Rc::ptr_eq(other, job));
        }
    }

    /// A job is gone.
    pub fn forget(&self, id: &str) {
        if let Some(job) = self.get(id).filter(|job| job.waiters.get() == 0) {
            self.jobs.borrow_mut().retain(|other| !Rc::ptr_eq(other, &job));
        }
    }
}

/// A waiter's place.
pub(super) struct Seat<'a> {
    watches: &'a Watches,
    job: Rc<Job>,
}

impl<'a> Seat<'a> {
    /// What to do now, for a waiter that has seen answers up to `seen`. A look may take `lease` ms.
    pub fn turn(&self, now: f64, seen: u32, attention: Attention, lease: f64) -> Turn<'a> {
        let watch = self.job.watch.borrow();
        if let Some(generation) = watch.latest.as_ref().filter(|_| watch.version > seen) {
            let (version, generation) = (watch.version, generation.clone());
            return Turn::News { version, generation, schedule: watch.schedule.clone() };
        }
        if let Some(error) = &watch.failed {
            return Turn::Failed(error.clone());
        }
        if now < watch.look_ends {
            return Turn::Wait(GLANCE);
        }
        let Schedule { due, seen, .. } = watch.schedule;
        let due = if attention.hidden {
            due.max(seen + HIDDEN)
        } else if seen < attention.since {
            due.min(attention.since)
        } else {
            due
        };
        if due - now >= EARLY {
            let others = self.watches.others() as f64;
            // Others' looks may tell of this job as well.
            let news = match watch.schedule.ripe() - now {
                _ if others == 0.0 => f64::INFINITY,
                unripe if unripe > 0.0 => unripe.max(SPACING),
                _ => others.clamp(200.0, 1000.0),
            };
            return Turn::Wait((due - now).min(news));
        }
        let open = self.watches.open_at.get() - now;
        if open >= EARLY {
            return Turn::Wait(open.min(SPACING));
        }
        drop(watch);
        Turn::Look(self.watches.look(self.job.clone(), now, lease))
    }

    /// It comes back after so many ms.
    pub fn stay(&self, now: f64, ms: f64) {
        self.job.attended.set(self.job.attended.get().max(now + ms + GONE));
    }

    /// When the job is looked at next.
    pub fn due(&self) -> f64 {
        self.job.watch.borrow().schedule.due
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.job.waiters.set(self.job.waiters.get() - 1);
        self.watches.leave(&self.job);
    }
}

/// A look under way; dropped without an outcome (its waiter was cancelled), the next waiter takes it.
pub(super) struct Look<'a> {
    watches: &'a Watches,
    /// Where the page begins; without it the first job is read by itself.
    pub offset: Option<f64>,
    /// The job that is due, and those that are thought to be on its page.
    pub jobs: Vec<Rc<Job>>,
    /// Of how many of them nobody knew where they stand.
    unranked: usize,
}

impl Look<'_> {
    /// Answers come again.
    pub fn worked(&self) {
        self.watches.misses.set(0);
    }

    /// A job as it stands; `place` is where it was in the list.
    pub fn found(&self, job: &Rc<Job>, generation: Generation, place: Option<f64>) {
        {
            let mut watch = job.watch.borrow_mut();
            watch.latest = Some(generation);
            watch.version += 1;
            watch.look_ends = 0.0;
            if let Some(place) = place {
                watch.rank = Some(self.watches.made.get() - 1.0 - place);
                watch.strays = 0;
            }
        }
        self.watches.leave(job);
    }

    /// A page was read. `strayed` tells that the job that is due was not on it: it is due still.
    pub fn read(&self, offset: f64, strayed: bool) {
        let still = self.jobs.iter().filter(|job| job.is_unranked()).count();
        if still < self.unranked {
            // The rest of those that may stand anywhere is further down.
            self.watches.unranked.set(if still > 0 { offset + PAGE - 2.0 * SLACK } else { 0.0 });
        } else if strayed {
            self.watches.unranked.set(0.0);
            for (index, job) in self.jobs.iter().enumerate() {
                if index == 0 || job.is_unranked() {
                    job.watch.borrow_mut().strays += 1;
                }
            }
        }
    }

    /// The look failed in a way that may pass. Gives whether another one has any use.
    pub fn missed(&self, job: &Job, now: f64, asked: Option<f64>, random: f64) -> bool {
        // Never at once: the half that jitter leaves alone keeps an outage from being hammered.
        let misses = self.watches.misses.get();
        let wait = retry::wait(misses, asked, 0.5 + random / 2.0);
        self.watches.misses.set(misses + 1);
        self.watches.open_at.set(now + wait);
        job.watch.borrow_mut().schedule.missed(now, wait);
        misses + 1 < retry::MOST_MISSES
    }

    /// There is no use in looking at that job.
    pub fn failed(&self, job: &Rc<Job>, error: Error) {
        {
            let mut watch = job.watch.borrow_mut();
            let latest = watch.latest.clone();
            watch.failed = Some(error.about(latest));
        }
        self.watches.leave(job);
    }
}

impl Drop for Look<'_> {
    fn drop(&mut self) {
        for job in &self.jobs {
            job.watch.borrow_mut().look_ends = 0.0;
        }
    }
}
