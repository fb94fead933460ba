//! What the clients of one account share in one isolate: its limits, and which job belongs to which creation. In a Worker
//! a client is often made for each request, and all of them spend from the same limits.

use super::entry::{Ownership, TicketEntry};
use super::ticket::{MAX_REMEMBERED, Ticket, keep_newest};
use crate::engine::model::timing::{MAX_JOB, RECENT_DELIVERY};
use crate::engine::scheduling::{ClockSkew, RateLimiter};
use crate::limits::Limits;
use crate::request::RequestKind;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// One account.
pub struct Account {
    /// Provider, address and key. It is never shown.
    name: String,
    /// The clock by which its limits are reckoned.
    timeline: f64,
    video: RateLimiter,
    /// The same as that of videos where the provider counts both together.
    image: RateLimiter,
    tickets: RefCell<Vec<Rc<TicketEntry>>>,
    /// Jobs that were delivered lately, and when they were made, by the server's clock.
    delivered: RefCell<Vec<(String, f64)>>,
    /// Tickets that are gone. The store may still show them.
    deleted: RefCell<Vec<String>>,
    /// Creations that were given up with their outcome unknown.
    outcome_unknown: RefCell<Vec<Ticket>>,
    clients: Cell<u32>,
    /// When a creation was sent or a client was made last, in ms since 1970.
    used: Cell<f64>,
    /// How the server's clock differs from this machine's.
    pub skew: Rc<ClockSkew>,
}

impl Account {
    pub fn new(name: String, timeline: f64, one_limit: bool, now: f64) -> Self {
        let video = RateLimiter::default();
        let image = if one_limit { video.clone() } else { RateLimiter::default() };
        Account {
            name,
            timeline,
            video,
            image,
            tickets: RefCell::default(),
            delivered: RefCell::default(),
            deleted: RefCell::default(),
            outcome_unknown: RefCell::default(),
            clients: Cell::new(0),
            used: Cell::new(now),
            skew: Rc::default(),
        }
    }

    /// One more client of the account, with limits of its own.
    pub fn join(&self, limits: Limits, chosen: bool, now: f64) {
        self.video.restrict(limits.video, chosen);
        self.image.restrict(limits.image, chosen);
        self.used.set(now);
    }

    pub fn is(&self, name: &str, timeline: f64) -> bool {
        self.name == name && self.timeline == timeline
    }

    pub fn has_timeline(&self, timeline: f64) -> bool {
        self.timeline == timeline
    }

    /// Whether it is of no use any more: no client has it, it has no ticket, and whatever ran is over.
    pub fn is_idle(self: &Rc<Self>, now: f64) -> bool {
        Rc::strong_count(self) == 1 && self.tickets.borrow().is_empty() && now - self.used.get() > MAX_JOB
    }

    /// A number for a client or one of its batches.
    pub fn number(&self) -> u32 {
        self.clients.set(self.clients.get() + 1);
        self.clients.get()
    }

    /// Names the account in the store without giving the key away: FNV-1a of 32 bits, the same on every machine.
    pub fn fingerprint(&self) -> String {
        let hash =
            self.name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        crate::text::integer(hash.into())
    }

    pub fn limiter(&self, kind: RequestKind) -> &RateLimiter {
        if kind.is_image() { &self.image } else { &self.video }
    }

    /// Nobody will see the job end.
    pub fn unwatch(&self, job: &str) {
        self.video.unwatch(job);
        self.image.unwatch(job);
    }

    /// The job has ended: it makes room within the limits.
    pub fn job_ended(&self, job: &str) {
        self.video.job_ended(job);
        self.image.job_ended(job);
    }

    /// A poll saw the job run: it counts within the limits however long it takes.
    pub fn job_running(&self, now: f64, job: &str) {
        self.video.job_running(now, job);
        self.image.job_running(now, job);
    }

    pub fn tickets(&self) -> Vec<Rc<TicketEntry>> {
        self.tickets.borrow().clone()
    }

    pub fn add(&self, owner: u32, ticket: Ticket) -> Rc<TicketEntry> {
        let entry = Rc::new(TicketEntry::new(owner, ticket));
        self.tickets.borrow_mut().push(entry.clone());
        entry
    }

    /// Forgets the oldest tickets that no call works on. Without a store, memory must not fill with jobs that were created
    /// and never waited for.
    pub fn prune(&self) {
        let mut tickets = self.tickets.borrow_mut();
        if tickets.len() > MAX_REMEMBERED {
            let idle = |entry: &TicketEntry| entry.ownership.get() == Ownership::Free;
            let mut excess = tickets.iter().filter(|entry| idle(entry)).count().saturating_sub(MAX_REMEMBERED);
            tickets.retain(|entry| {
                let goes = excess > 0 && idle(entry);
                excess -= usize::from(goes);
                !goes
            });
        }
    }

    pub fn find(&self, matches: impl Fn(&Ticket) -> bool) -> Option<Rc<TicketEntry>> {
        self.tickets.borrow().iter().find(|entry| matches(&entry.ticket.borrow())).cloned()
    }

    /// The ticket of a job.
    pub fn of_job(&self, job: &str) -> Option<Rc<TicketEntry>> {
        self.find(|ticket| ticket.job.as_deref() == Some(job))
    }

    pub fn remove(&self, entry: &Rc<TicketEntry>) {
        self.tickets.borrow_mut().retain(|other| !Rc::ptr_eq(other, entry));
    }

    /// Whether a job belongs to another ticket than that one.
    pub fn claimed(&self, job: &str, by: &Rc<TicketEntry>) -> bool {
        let other =
            |entry: &Rc<TicketEntry>| !Rc::ptr_eq(entry, by) && entry.ticket.borrow().job.as_deref() == Some(job);
        by.ticket.borrow().excluded_jobs.iter().any(|other| other == job) || self.tickets.borrow().iter().any(other)
    }

    /// A job that was made at `made`, by the server's clock, was delivered, and its ticket goes.
    pub fn mark_delivered(&self, job: &str, made: f64, now: f64) {
        {
            let mut delivered = self.delivered.borrow_mut();
            delivered.retain(|(other, _)| other != job);
            keep_newest(&mut delivered, (job.to_owned(), made));
        }
        self.forget_old_deliveries(now);
    }

    /// A creation is sent now. Gives the delivered jobs that were made so lately that they could be mistaken for its own.
    pub fn recently_delivered(&self, now: f64) -> Vec<String> {
        self.used.set(now);
        self.forget_old_deliveries(now);
        self.delivered.borrow().iter().map(|(job, _)| job.clone()).collect()
    }

    fn forget_old_deliveries(&self, now: f64) {
        // A creation that is sent now is made no earlier than the lower bound of the server's clock.
        if let Some(least) = self.skew.lower_bound() {
            self.delivered.borrow_mut().retain(|(_, made)| now + least - made < RECENT_DELIVERY);
        }
    }

    /// A ticket is gone, whether the store can delete it or not.
    pub fn mark_deleted(&self, ticket: &str) {
        keep_newest(&mut self.deleted.borrow_mut(), ticket.to_owned());
    }

    /// A creation was lost, and it is not known which: any of ours that is lost may be alike.
    pub fn note_loss_of_any(&self, now: f64) {
        for entry in self.tickets.borrow().iter().filter(|entry| entry.last_loss.get().is_some()) {
            entry.last_loss.set(Some(now));
        }
    }

    /// A ticket goes, and the outcome of its creation is not known.
    pub fn remember_unknown(&self, ticket: Ticket) {
        let mut unknown = self.outcome_unknown.borrow_mut();
        unknown.retain(|other| other.id != ticket.id);
        keep_newest(&mut unknown, ticket);
    }

    /// Whether there is such a creation with its outcome unknown.
    pub fn any_outcome_unknown(&self, matches: impl Fn(&Ticket) -> bool) -> bool {
        self.outcome_unknown.borrow().iter().any(matches)
    }

    /// Whether a ticket is gone.
    pub fn is_deleted(&self, ticket: &str) -> bool {
        self.deleted.borrow().iter().any(|gone| gone == ticket)
    }
}
