//! What the clients of one account share in one isolate: its limits, and which job belongs to which creation. In a Worker
//! a client is often made for each request, and all of them spend from the same limits.

use super::FORGOTTEN;
use super::budget::Payment;
use super::lane::Lane;
use super::limits::Limits;
use super::skew::Skew;
use super::ticket::Ticket;
use crate::request::RequestKind;
use crate::text::concat;
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// The accounts that this isolate knows. Clones share them.
pub struct Isolate(Rc<RefCell<Vec<Rc<Account>>>>);

impl Default for Isolate {
    fn default() -> Self {
        Isolate(Rc::default())
    }
}

impl Clone for Isolate {
    fn clone(&self) -> Self {
        Isolate(self.0.clone())
    }
}

/// Tickets of jobs that nobody waits for, in the memory of a client without a store, and those that are done with: the newest so
/// many.
const MOST_IDLE: usize = 1000;
/// A creation that is sent so soon after another job was made might be mistaken for it, in ms. While no answer has told the server's
/// time, it might be for any.
const RECENT: f64 = 5000.0;
/// A call runs at least that often, in ms: it waits no longer at a stretch for anything but an answer.
const SILENCE: f64 = 150_000.0;
/// One that has not run for so long may be gone: its job is looked at by others as well, in ms.
const QUIET: f64 = 60_000.0;
/// A machine that slept wakes all its calls: only who is silent for so long after that is gone, in ms.
pub(super) const GRACE: f64 = 1000.0;

/// One account.
pub(super) struct Account {
    /// Who is asked, where and with which key; never shown.
    name: String,
    timeline: f64,
    video: Lane,
    /// The same as that of videos where a provider counts both together.
    image: Lane,
    tickets: RefCell<Vec<Rc<Known>>>,
    /// Jobs whose tickets are gone, and when they were made, by the server's clock.
    delivered: RefCell<Vec<(String, f64)>>,
    /// Tickets that are done with, should the store show them still: the newest so many.
    gone: RefCell<Vec<String>>,
    /// Creations of which nobody knows what became: the newest so many.
    in_doubt: RefCell<Vec<Ticket>>,
    clients: Cell<u32>,
    /// When a creation was sent or a client made last, in ms since 1970.
    used: Cell<f64>,
    /// How the server's clock differs from this machine's.
    pub skew: Skew,
}

/// A ticket in memory.
pub(super) struct Known {
    pub ticket: RefCell<Ticket>,
    /// The client that has it, of those that share the account.
    pub owner: Cell<u32>,
    pub hands: Cell<Hands>,
    /// Whose hands they are.
    hold: RefCell<Hold>,
    /// The store's lock, as long as somebody has the ticket in hand: who takes it up after one that is gone inherits it.
    pub lock: RefCell<Option<Box<dyn Any>>>,
    /// When its answer was lost, or when this life learnt that it was, in ms since 1970 by this life's clock.
    pub lost: Cell<Option<f64>>,
    /// When this life first saw it, if it is of another one, by the same clock.
    pub met: Cell<Option<f64>>,
    /// When an identical creation that is settled was lost last, in ms since 1970 by this life's clock.
    pub sibling_lost: Cell<f64>,
    /// What was paid for it.
    pub payment: RefCell<Option<Payment>>,
}

/// When a call last ran, in ms since 1970.
pub(super) type Pulse = Rc<Cell<f64>>;

/// The call that has a ticket in hand. In a Worker it may be gone with its request, and nobody is told: then its pulse stands still.
#[derive(Default)]
struct Hold {
    number: u32,
    pulse: Pulse,
    /// How long it may be silent, in ms.
    lease: f64,
    /// When it was found to be silent, and since when it was.
    missed: (f64, f64),
}

impl Known {
    /// A call takes it in hand. Gives what it lets go of it by.
    pub fn take(&self, hands: Hands, pulse: &Pulse, longest: f64) -> u32 {
        self.hands.set(hands);
        let mut hold = self.hold.borrow_mut();
        let number = hold.number.wrapping_add(1);
        *hold = Hold { number, pulse: pulse.clone(), lease: longest.max(SILENCE), missed: (0.0, 0.0) };
        number
    }

    /// Whose hands it is in: when they last moved, and for how long they may be still, in ms.
    pub fn hold(&self) -> (Pulse, f64) {
        let hold = self.hold.borrow();
        (hold.pulse.clone(), hold.lease)
    }

    /// Its answer is not waited for any more, from then on by this life's clock, unless it was lost before.
    pub fn lose(&self, at: f64) {
        let doubt = *self.ticket.borrow_mut().doubt.get_or_insert(at);
        self.lost.set(Some(doubt));
    }

    /// Whoever sent it, by whichever clock, waits for its answer no more.
    pub fn learn_lost(&self, now: f64) {
        self.lost.set(self.lost.get().or(Some(now)));
    }

    /// Whether it is still in the hands of the call that took it so.
    pub fn is_held(&self, number: u32) -> bool {
        self.hold.borrow().number == number
    }

    /// Whether nobody has it in hand, or somebody who has not been heard for a while.
    pub fn is_quiet(&self, now: f64) -> bool {
        self.hands.get() == Hands::Nobody || now - self.hold.borrow().pulse.get() > QUIET
    }

    /// Who has it in hand is gone; or may be: then `None`, and to be asked again in a moment.
    pub fn is_abandoned(&self, now: f64) -> Option<bool> {
        let mut hold = self.hold.borrow_mut();
        let beat = hold.pulse.get();
        if self.hands.get() == Hands::Nobody || now - beat <= hold.lease {
            return Some(false);
        }
        let (found, since) = hold.missed;
        if found == 0.0 || since != beat {
            hold.missed = (now, beat);
            return None;
        }
        (now - found >= GRACE).then_some(true)
    }

    /// The job may have been made: what was paid is gone.
    pub fn paid(&self) {
        self.keep_payment(true);
    }

    /// Nothing was made after all: what was paid comes back when the ticket goes.
    pub fn unpaid(&self) {
        self.keep_payment(false);
    }

    fn keep_payment(&self, kept: bool) {
        if let Some(payment) = &*self.payment.borrow() {
            payment.keep(kept);
        }
    }
}

/// Who works on a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hands {
    Nobody,
    /// Another tab; a call of ours waits for what comes of it.
    Elsewhere,
    /// A call of ours.
    Here,
    /// The same, and its creation is under way.
    Sending,
}

impl Isolate {
    pub(super) fn account(
        &self,
        name: &[&str],
        timeline: f64,
        limits: Limits,
        given: bool,
        together: bool,
        now: f64,
    ) -> Rc<Account> {
        let name = concat(name);
        // One that nobody has used for long goes, and its key with it.
        self.0.borrow_mut().retain(|account| account.timeline != timeline || !account.is_idle(now));
        if let Some(account) =
            self.0.borrow().iter().find(|account| account.name == name && account.timeline == timeline)
        {
            account.video.narrow(limits.video, given);
            account.image.narrow(limits.image, given);
            account.used.set(now);
            return account.clone();
        }
        let video = Lane::default();
        let image = if together { video.clone() } else { Lane::default() };
        video.narrow(limits.video, given);
        image.narrow(limits.image, given);
        let account = Rc::new(Account {
            name,
            timeline,
            video,
            image,
            tickets: RefCell::default(),
            delivered: RefCell::default(),
            gone: RefCell::default(),
            in_doubt: RefCell::default(),
            clients: Cell::new(0),
            used: Cell::new(now),
            skew: Skew::default(),
        });
        self.0.borrow_mut().push(account.clone());
        account
    }
}

impl Account {
    /// Whether it is of no use any more: no client has it, nothing is in hand, and whatever ran is over.
    fn is_idle(self: &Rc<Self>, now: f64) -> bool {
        Rc::strong_count(self) == 1 && self.tickets.borrow().is_empty() && now - self.used.get() > FORGOTTEN
    }

    /// A number for a client or one of its batches.
    pub fn number(&self) -> u32 {
        self.clients.set(self.clients.get() + 1);
        self.clients.get()
    }

    /// The same name wherever this account is used from, from which the key cannot be told: FNV-1a of 32 bits.
    pub fn fingerprint(&self) -> String {
        let hash =
            self.name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        crate::text::integer(hash.into())
    }

    pub fn lane(&self, kind: RequestKind) -> &Lane {
        if kind.is_image() { &self.image } else { &self.video }
    }

    /// Nobody will see the job's end.
    pub fn unseen(&self, job: &str) {
        self.video.unseen(job);
        self.image.unseen(job);
    }

    /// A job is at its end.
    pub fn ended(&self, job: &str) {
        self.video.ended(job);
        self.image.ended(job);
    }

    pub fn tickets(&self) -> Vec<Rc<Known>> {
        self.tickets.borrow().clone()
    }

    pub fn add(&self, owner: u32, ticket: Ticket) -> Rc<Known> {
        let known = Known {
            ticket: RefCell::new(ticket),
            owner: Cell::new(owner),
            hands: Cell::new(Hands::Nobody),
            hold: RefCell::default(),
            lock: RefCell::default(),
            lost: Cell::new(None),
            met: Cell::new(None),
            sibling_lost: Cell::new(0.0),
            payment: RefCell::default(),
        };
        let known = Rc::new(known);
        self.tickets.borrow_mut().push(known.clone());
        known
    }

    /// Without a store, memory must not fill with jobs that were created and never waited for.
    pub fn prune(&self) {
        let mut tickets = self.tickets.borrow_mut();
        if tickets.len() > MOST_IDLE {
            let idle = |known: &Known| known.hands.get() == Hands::Nobody;
            let mut excess = tickets.iter().filter(|known| idle(known)).count().saturating_sub(MOST_IDLE);
            tickets.retain(|known| {
                let goes = excess > 0 && idle(known);
                excess -= usize::from(goes);
                !goes
            });
        }
    }

    pub fn find(&self, matches: impl Fn(&Ticket) -> bool) -> Option<Rc<Known>> {
        self.tickets.borrow().iter().find(|known| matches(&known.ticket.borrow())).cloned()
    }

    /// The ticket of a job.
    pub fn of_job(&self, job: &str) -> Option<Rc<Known>> {
        self.find(|ticket| ticket.job.as_deref() == Some(job))
    }

    pub fn remove(&self, known: &Rc<Known>) {
        self.tickets.borrow_mut().retain(|other| !Rc::ptr_eq(other, known));
    }

    /// Whether a job is somebody else's than that ticket's.
    pub fn claimed(&self, job: &str, by: &Rc<Known>) -> bool {
        let other = |known: &Rc<Known>| !Rc::ptr_eq(known, by) && known.ticket.borrow().job.as_deref() == Some(job);
        by.ticket.borrow().others.iter().any(|other| other == job) || self.tickets.borrow().iter().any(other)
    }

    /// A job that was made at `made`, by the server's clock, was handed over, and its ticket goes.
    pub fn handed_over(&self, job: &str, made: f64, now: f64) {
        self.delivered.borrow_mut().push((job.to_owned(), made));
        self.tidy(now);
    }

    /// A creation is sent: jobs that are over already and were made so lately that it could be mistaken for one of them.
    pub fn recent(&self, now: f64) -> Vec<String> {
        self.used.set(now);
        self.tidy(now);
        self.delivered.borrow().iter().map(|(job, _)| job.clone()).collect()
    }

    fn tidy(&self, now: f64) {
        // A creation that is sent now is placed no earlier than the least that is known of the server's clock.
        if let Some(least) = self.skew.known() {
            self.delivered.borrow_mut().retain(|(_, made)| now + least - made < RECENT);
        }
    }

    /// A ticket is done with, whether the store can delete it or not.
    pub fn left(&self, ticket: &str) {
        keep_newest(&mut self.gone.borrow_mut(), ticket.to_owned());
    }

    /// A creation was lost, nobody knows which, and what was made of any of ours may have been taken for its job.
    pub fn any_may_be_swapped(&self, now: f64) {
        for known in self.tickets.borrow().iter().filter(|known| known.ticket.borrow().unsettled()) {
            known.sibling_lost.set(now);
        }
    }

    /// Its caller was told that nobody knows what became of it, and its ticket goes.
    pub fn left_in_doubt(&self, ticket: Ticket) {
        let mut in_doubt = self.in_doubt.borrow_mut();
        in_doubt.retain(|other| other.id != ticket.id);
        keep_newest(&mut in_doubt, ticket);
    }

    /// Whether there is such a creation of which nobody knows what became.
    pub fn any_in_doubt(&self, matches: impl Fn(&Ticket) -> bool) -> bool {
        self.in_doubt.borrow().iter().any(matches)
    }

    /// Whether a ticket is done with.
    pub fn is_gone(&self, ticket: &str) -> bool {
        self.gone.borrow().iter().any(|gone| gone == ticket)
    }
}

/// One more, and the oldest goes when they are too many.
fn keep_newest<T>(list: &mut Vec<T>, newest: T) {
    list.push(newest);
    if list.len() > MOST_IDLE {
        list.remove(0);
    }
}
