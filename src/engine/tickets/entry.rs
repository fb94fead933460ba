//! A ticket in memory, and who works on it.

use super::ticket::{Ticket, without_secret};
use crate::engine::scheduling::{Heartbeat, Reservation};
use crate::error::Creation;
use std::any::Any;
use std::cell::{Cell, RefCell};

/// A call runs at least that often, in ms: it waits no longer at a stretch for anything but an answer.
const SILENCE: f64 = 150_000.0;

/// One that has not run for so long may be gone: its job is looked at by others as well, in ms.
const QUIET: f64 = 60_000.0;

/// A machine that slept wakes all its calls: only who is silent for so long after that is gone, in ms.
pub const GRACE: f64 = 1000.0;

/// A ticket in memory.
pub struct TicketEntry {
    pub ticket: RefCell<Ticket>,
    /// The client that has it, of those that share the account.
    pub owner: Cell<u32>,
    pub ownership: Cell<Ownership>,
    /// Whose hands they are.
    lease: RefCell<Lease>,
    /// The store's lock, as long as somebody has the ticket in hand: who takes it up after one that is gone inherits it.
    pub lock: RefCell<Option<Box<dyn Any>>>,
    /// When its answer was lost, or when this life learnt that it was, in ms since 1970 by this life's clock; or when that of another
    /// one was since that is alike.
    pub lost: Cell<Option<f64>>,
    /// When this life first saw it, if it is of another one, by the same clock.
    pub met: Cell<Option<f64>>,
    /// What was paid for it.
    pub reservation: RefCell<Option<Reservation>>,
}

/// The call that has a ticket in hand. In a Worker it may be gone with its request, and nobody is told: then its pulse stands still.
#[derive(Default)]
struct Lease {
    number: u32,
    heartbeat: Heartbeat,
    /// How long it may be silent, in ms.
    lease: f64,
    /// When it was found to be silent, and since when it was.
    missed: (f64, f64),
}

/// Who works on a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ownership {
    Free,
    /// Another tab; a call of ours waits for what comes of it.
    Elsewhere,
    /// A call of ours.
    Held,
}

impl TicketEntry {
    pub fn new(owner: u32, ticket: Ticket) -> Self {
        TicketEntry {
            ticket: RefCell::new(ticket),
            owner: Cell::new(owner),
            ownership: Cell::new(Ownership::Free),
            lease: RefCell::default(),
            lock: RefCell::default(),
            lost: Cell::new(None),
            met: Cell::new(None),
            reservation: RefCell::default(),
        }
    }

    /// Its creation, as the caller is told of it.
    pub fn creation(&self) -> Creation {
        let ticket = self.ticket.borrow();
        let request = without_secret(&ticket.request);
        Creation { ticket: ticket.id.clone(), request, sent_at: ticket.sent.unwrap_or_default() }
    }

    /// A call takes it in hand. Gives what it lets go of it by.
    pub fn acquire(&self, ownership: Ownership, heartbeat: &Heartbeat, longest: f64) -> u32 {
        self.ownership.set(ownership);
        let mut lease = self.lease.borrow_mut();
        let number = lease.number.wrapping_add(1);
        *lease = Lease { number, heartbeat: heartbeat.clone(), lease: longest.max(SILENCE), missed: (0.0, 0.0) };
        number
    }

    /// Whose hands it is in: when they last moved, and for how long they may be still, in ms.
    pub fn lease(&self) -> (Heartbeat, f64) {
        let lease = self.lease.borrow();
        (lease.heartbeat.clone(), lease.lease)
    }

    /// Whether it was sent, and it is not known that its answer was lost.
    pub fn is_unanswered(&self) -> bool {
        self.ticket.borrow().unsettled() && self.lost.get().is_none()
    }

    /// Whether a call of ours works on it.
    pub fn is_held(&self) -> bool {
        self.ownership.get() == Ownership::Held
    }

    /// Whether it is still in the hands of the call that took it so.
    pub fn is_held_by(&self, number: u32) -> bool {
        self.lease.borrow().number == number
    }

    /// Whether nobody has it in hand, or somebody who has not been heard for a while.
    pub fn is_silent(&self, now: f64) -> bool {
        self.ownership.get() == Ownership::Free || now - self.lease.borrow().heartbeat.get() > QUIET
    }

    /// Who has it in hand is gone; or may be: then `None`, and to be asked again in a moment.
    pub fn lease_expired(&self, now: f64) -> Option<bool> {
        let mut lease = self.lease.borrow_mut();
        let beat = lease.heartbeat.get();
        if self.ownership.get() == Ownership::Free || now - beat <= lease.lease {
            return Some(false);
        }
        let (found, since) = lease.missed;
        if found == 0.0 || since != beat {
            lease.missed = (now, beat);
            return None;
        }
        (now - found >= GRACE).then_some(true)
    }

    /// The job may have been made: what was paid is gone.
    pub fn mark_spent(&self) {
        self.set_spent(true);
    }

    /// Nothing was made after all: what was paid comes back when the ticket goes.
    pub fn mark_unspent(&self) {
        self.set_spent(false);
    }

    fn set_spent(&self, kept: bool) {
        if let Some(reservation) = &*self.reservation.borrow() {
            reservation.set_spent(kept);
        }
    }
}
