//! A ticket in memory, and who works on it.

use super::ticket::{Ticket, without_secret};
use crate::engine::model::timing::{SHORTEST_CALL_LEASE, SILENT_CALL, WAKE_UP_GRACE};
use crate::engine::scheduling::{BudgetLedger, Heartbeat, Reservation};
use crate::error::Creation;
use std::any::Any;
use std::cell::{Cell, RefCell};

/// A ticket in memory.
pub struct TicketEntry {
    /// Counts the account's tickets as they came.
    pub number: u64,
    pub ticket: RefCell<Ticket>,
    /// The number of the client that has it, of those that share the account.
    pub owner: Cell<u32>,
    pub ownership: Cell<Ownership>,
    /// The call that holds it.
    lease: RefCell<Lease>,
    /// The store's lock, for as long as the ticket is held. A call that takes over from one that is gone inherits it. Its type is
    /// erased, since clients on different hosts share an account and its tickets, and all that is done with it is to drop it.
    pub lock: RefCell<Option<Box<dyn Any>>>,
    /// When its answer was lost, or when this process learnt of it, in ms since 1970 by this process's clock. If the answer to
    /// another creation that is alike was lost since, it is that time.
    pub last_loss: Cell<Option<f64>>,
    /// When this process first read a ticket of another one, by the same clock.
    pub first_seen: Cell<Option<f64>>,
    /// Whether another client deleted it, whose store may be another one.
    pub deleted_by_another: Cell<bool>,
    /// What it costs.
    pub reservation: RefCell<Option<Reservation>>,
}

/// The right of one call to work on a ticket. In a Worker a call may be gone with its request without a word: then its
/// heartbeat stands still, and the lease expires.
#[derive(Default)]
struct Lease {
    number: u32,
    heartbeat: Heartbeat,
    /// How long the heartbeat may stand still, in ms.
    length: f64,
    /// When it was first found to be expired, and the heartbeat at that time.
    found_expired: (f64, f64),
}

/// Which call works on a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ownership {
    /// None.
    Free,
    /// One of another client. A call of ours follows it.
    Elsewhere,
    /// One of ours.
    Held,
}

impl TicketEntry {
    pub fn new(number: u64, owner: u32, ticket: Ticket) -> Self {
        TicketEntry {
            number,
            ticket: RefCell::new(ticket),
            owner: Cell::new(owner),
            ownership: Cell::new(Ownership::Free),
            lease: RefCell::default(),
            lock: RefCell::default(),
            last_loss: Cell::new(None),
            first_seen: Cell::new(None),
            deleted_by_another: Cell::new(false),
            reservation: RefCell::default(),
        }
    }

    /// The ticket's id, to be had without a borrow.
    pub fn id(&self) -> String {
        self.ticket.borrow().id.clone()
    }

    /// The creation as an error shows it to the caller.
    pub fn creation(&self) -> Creation {
        let ticket = self.ticket.borrow();
        let request = without_secret(&ticket.request);
        Creation { ticket: ticket.id.clone(), request, sent_at: ticket.sent.unwrap_or_default() }
    }

    /// Gives the ticket to a call, even if another held it. The number distinguishes that call from later ones.
    pub fn acquire(&self, ownership: Ownership, heartbeat: &Heartbeat, longest: f64) -> u32 {
        self.ownership.set(ownership);
        let mut lease = self.lease.borrow_mut();
        let number = lease.number.wrapping_add(1);
        *lease = Lease {
            number,
            heartbeat: heartbeat.clone(),
            length: longest.max(SHORTEST_CALL_LEASE),
            found_expired: (0.0, 0.0),
        };
        number
    }

    /// The heartbeat of the call that holds it, and for how long that may stand still, in ms.
    pub fn lease(&self) -> (Heartbeat, f64) {
        let lease = self.lease.borrow();
        (lease.heartbeat.clone(), lease.length)
    }

    /// Whether its creation was sent and the outcome is not known.
    pub fn is_unsettled(&self) -> bool {
        self.ticket.borrow().is_unsettled()
    }

    /// Whether its creation is under way: it was sent, and the answer is not known to be lost.
    pub fn is_unanswered(&self) -> bool {
        self.is_unsettled() && self.last_loss.get().is_none()
    }

    /// Whether its creation was sent with a key, more than once.
    pub fn is_sent_again(&self) -> bool {
        let ticket = self.ticket.borrow();
        ticket.keyed && ticket.first < ticket.sent
    }

    /// Whether a call of ours works on it.
    pub fn is_held(&self) -> bool {
        self.ownership.get() == Ownership::Held
    }

    /// Whether the call of that number still holds it, and no other one took over.
    pub fn is_held_by(&self, number: u32) -> bool {
        self.lease.borrow().number == number
    }

    /// Whether no call holds it, or one that has shown no sign of life for a while.
    pub fn is_silent(&self, now: f64) -> bool {
        self.ownership.get() == Ownership::Free || now - self.lease.borrow().heartbeat.get() > SILENT_CALL
    }

    /// Whether the call that holds it is gone. `None`: it may be, ask again in a moment.
    pub fn lease_expired(&self, now: f64) -> Option<bool> {
        let mut lease = self.lease.borrow_mut();
        let beat = lease.heartbeat.get();
        if self.ownership.get() == Ownership::Free || now - beat <= lease.length {
            return Some(false);
        }
        let (found, since) = lease.found_expired;
        if found == 0.0 || since != beat {
            lease.found_expired = (now, beat);
            return None;
        }
        (now - found >= WAKE_UP_GRACE).then_some(true)
    }

    /// How much was taken out of that ledger for it.
    pub fn taken_from(&self, ledger: &BudgetLedger) -> f64 {
        self.reservation.borrow().as_ref().map_or(0.0, |reservation| reservation.taken_from(ledger))
    }

    /// Whether the job may have been made, and the money is gone. If nothing was made after all, it comes back when the ticket goes.
    pub fn set_spent(&self, spent: bool) {
        if let Some(reservation) = &*self.reservation.borrow() {
            reservation.set_spent(spent);
        }
    }
}
