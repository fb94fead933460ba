//! What the clients of one account share in one isolate: its limits, and which job belongs to which creation. In a Worker
//! a client is often made for each request, and all of them spend from the same limits.

use super::entry::{Ownership, TicketEntry};
use super::recent::Recent;
use super::ticket::{MAX_REMEMBERED, Ticket, keep_newest};
use crate::engine::model::timing::RECENT_DELIVERY;
use crate::engine::scheduling::RateLimiter;
use crate::engine::transport::Server;
use crate::limits::Limits;
use crate::request::RequestKind;
use crate::text::concat;
use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::rc::Rc;

/// How many delivered jobs a ticket names that could be mistaken for its own. A store tells other processes of all of them.
const MAX_EXCLUDED: usize = 50;

/// The key of a job among tickets' ids, which have no blank.
fn job_key(job: &str) -> String {
    concat(&["job ", job])
}

/// Where a key is in the index, or would be.
fn position(index: &[(String, Rc<TicketEntry>)], key: &str) -> Result<usize, usize> {
    index.binary_search_by(|(other, _)| other.as_str().cmp(key))
}

/// One account.
pub struct Account {
    /// Provider, address and key. It is never shown.
    name: String,
    /// The clock by which its limits are reckoned.
    timeline: f64,
    video: RateLimiter,
    /// The same as that of videos where the provider counts both together.
    image: RateLimiter,
    /// They are in the order of their numbers.
    tickets: RefCell<Vec<Rc<TicketEntry>>>,
    /// The same by id, and by job where that is known (see [`job_key`]), in order.
    index: RefCell<Vec<(String, Rc<TicketEntry>)>>,
    /// Numbers for tickets.
    count: Cell<u64>,
    /// How many tickets there are before idle ones are looked for.
    prune_at: Cell<usize>,
    /// Jobs that were delivered lately.
    delivered: RefCell<Recent>,
    /// The newest of them, and when they were made, by the server's clock.
    newest: RefCell<Vec<(String, f64)>>,
    /// Tickets that are gone. The store may still show them.
    deleted: RefCell<Recent>,
    /// Creations that were given up with their outcome unknown.
    outcome_unknown: RefCell<Vec<Ticket>>,
    clients: Cell<u32>,
    /// When a creation was sent or a client was made last, in ms since 1970.
    used: Cell<f64>,
    pub server: Rc<Server>,
}

impl Account {
    pub fn new(name: String, timeline: f64, one_limit: bool, now: f64, server: Rc<Server>) -> Self {
        let video = RateLimiter::default();
        let image = if one_limit { video.clone() } else { RateLimiter::default() };
        Account {
            name,
            timeline,
            video,
            image,
            tickets: RefCell::default(),
            index: RefCell::default(),
            count: Cell::new(0),
            prune_at: Cell::new(MAX_REMEMBERED),
            delivered: RefCell::default(),
            newest: RefCell::default(),
            deleted: RefCell::default(),
            outcome_unknown: RefCell::default(),
            clients: Cell::new(0),
            used: Cell::new(now),
            server,
        }
    }

    /// One more client of the account, with limits of its own.
    pub fn join(&self, limits: Limits, chosen: bool, now: f64) {
        self.video.restrict(limits.video, chosen);
        self.image.restrict(limits.image, chosen);
        self.used.set(now);
    }

    /// Where it stands among accounts, beside the one of that name and time.
    pub fn order(&self, name: &str, timeline: f64) -> Ordering {
        self.name.as_str().cmp(name).then(self.timeline.total_cmp(&timeline))
    }

    /// Whether it is one of that server, whose name ends with a blank.
    pub fn is_at(&self, server: &str, timeline: f64) -> bool {
        self.name.starts_with(server) && self.has_timeline(timeline)
    }

    pub fn has_timeline(&self, timeline: f64) -> bool {
        self.timeline == timeline
    }

    /// Whether it is of no use any more: no client has it, it has no ticket, and nothing was sent for so many ms.
    pub fn is_idle(self: &Rc<Self>, now: f64, since: f64) -> bool {
        Rc::strong_count(self) == 1 && self.tickets.borrow().is_empty() && now - self.used.get() > since
    }

    /// When a creation was sent or a client was made last, in ms since 1970.
    pub fn used(&self) -> f64 {
        self.used.get()
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

    /// No call will see the job end.
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
        self.tickets_that(&|_| true)
    }

    /// Those of its tickets that are wanted.
    pub fn tickets_that(&self, wanted: &dyn Fn(&Rc<TicketEntry>) -> bool) -> Vec<Rc<TicketEntry>> {
        self.tickets.borrow().iter().filter(|entry| wanted(entry)).cloned().collect()
    }

    pub fn add(&self, owner: u32, ticket: Ticket) -> Rc<TicketEntry> {
        self.count.set(self.count.get() + 1);
        let entry = Rc::new(TicketEntry::new(self.count.get(), owner, ticket));
        self.tickets.borrow_mut().push(entry.clone());
        self.enter(entry.id(), &entry);
        self.job_known(&entry);
        entry
    }

    /// The ticket's job is known: from now on it is found by it.
    pub fn job_known(&self, entry: &Rc<TicketEntry>) {
        let key = entry.ticket.borrow().job.as_deref().map(job_key);
        if let Some(key) = key {
            self.enter(key, entry);
        }
    }

    fn enter(&self, key: String, entry: &Rc<TicketEntry>) {
        let mut index = self.index.borrow_mut();
        match position(&index, &key) {
            Ok(at) => index.get_mut(at).into_iter().for_each(|(_, found)| *found = entry.clone()),
            Err(at) => index.insert(at, (key, entry.clone())),
        }
    }

    fn indexed(&self, key: &str) -> Option<Rc<TicketEntry>> {
        let index = self.index.borrow();
        let at = position(&index, key).ok()?;
        index.get(at).map(|(_, entry)| entry.clone())
    }

    /// Forgets the oldest tickets that no call works on. Without a store, memory must not fill with jobs that were created
    /// and never waited for.
    pub fn prune(&self) {
        if self.tickets.borrow().len() < self.prune_at.get() {
            return;
        }
        let idle = self.tickets_that(&|entry| entry.ownership.get() == Ownership::Free);
        for entry in idle.iter().take(idle.len().saturating_sub(MAX_REMEMBERED)) {
            self.remove(entry);
        }
        // The next search does not come with the next ticket.
        self.prune_at.set(self.tickets.borrow().len() + MAX_REMEMBERED / 10);
    }

    /// The ticket of a job.
    pub fn of_job(&self, job: &str) -> Option<Rc<TicketEntry>> {
        self.indexed(&job_key(job)).filter(|entry| entry.ticket.borrow().job.as_deref() == Some(job))
    }

    /// The ticket of that id.
    pub fn of_id(&self, id: &str) -> Option<Rc<TicketEntry>> {
        self.indexed(id)
    }

    pub fn remove(&self, entry: &Rc<TicketEntry>) {
        let mut tickets = self.tickets.borrow_mut();
        if let Ok(at) = tickets.binary_search_by(|other| other.number.cmp(&entry.number)) {
            tickets.remove(at);
        }
        let ticket = entry.ticket.borrow();
        self.leave(&ticket.id, entry);
        if let Some(job) = &ticket.job {
            self.leave(&job_key(job), entry);
        }
    }

    fn leave(&self, key: &str, entry: &Rc<TicketEntry>) {
        let mut index = self.index.borrow_mut();
        if let Ok(at) = position(&index, key)
            && index.get(at).is_some_and(|(_, other)| Rc::ptr_eq(other, entry))
        {
            index.remove(at);
        }
    }

    /// Whether a job belongs to another ticket than that one.
    pub fn claimed(&self, job: &str, by: &Rc<TicketEntry>) -> bool {
        self.delivered.borrow().contains(job)
            || by.ticket.borrow().excluded_jobs.iter().any(|other| other == job)
            || self.of_job(job).is_some_and(|other| !Rc::ptr_eq(&other, by))
    }

    /// A job that was made at `made`, by the server's clock, was delivered, and its ticket goes.
    pub fn mark_delivered(&self, job: &str, made: f64, now: f64) {
        self.delivered.borrow_mut().insert(job);
        {
            let mut newest = self.newest.borrow_mut();
            newest.retain(|(other, _)| other != job);
            keep_newest(&mut newest, MAX_EXCLUDED, (job.to_owned(), made));
        }
        self.forget_old_deliveries(now);
    }

    /// A creation is sent now. Gives the delivered jobs that were made so lately that they could be mistaken for its own.
    pub fn recently_delivered(&self, now: f64) -> Vec<String> {
        self.used.set(now);
        self.forget_old_deliveries(now);
        self.newest.borrow().iter().map(|(job, _)| job.clone()).collect()
    }

    fn forget_old_deliveries(&self, now: f64) {
        // A creation that is sent now is made no earlier than the lower bound of the server's clock.
        if let Some(least) = self.server.clock_skew.lower_bound() {
            self.newest.borrow_mut().retain(|(_, made)| now + least - made < RECENT_DELIVERY);
        }
    }

    /// A ticket is gone, whether the store can delete it or not.
    pub fn mark_deleted(&self, ticket: &str) {
        self.deleted.borrow_mut().insert(ticket);
    }

    /// A creation was lost, and it is not known which: any of ours that is lost may be alike.
    pub fn note_loss_of_any(&self, now: f64) {
        for entry in self.tickets.borrow().iter().filter(|entry| entry.last_loss.get().is_some()) {
            entry.last_loss.set(Some(now));
        }
    }

    /// A ticket goes, and the outcome of its creation is not known.
    pub fn remember_unknown(&self, ticket: &Ticket) {
        let mut unknown = self.outcome_unknown.borrow_mut();
        unknown.retain(|other| other.id != ticket.id);
        keep_newest(&mut unknown, MAX_REMEMBERED, ticket.clone());
    }

    /// Whether there is such a creation with its outcome unknown.
    pub fn any_outcome_unknown(&self, matches: &dyn Fn(&Ticket) -> bool) -> bool {
        self.outcome_unknown.borrow().iter().any(matches)
    }

    /// Whether a ticket is gone.
    pub fn is_deleted(&self, ticket: &str) -> bool {
        self.deleted.borrow().contains(ticket)
    }
}
