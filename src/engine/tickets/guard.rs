//! A creation under way. Whenever it is dropped, its ticket says what is true.

use super::Tickets;
use super::entry::{Ownership, TicketEntry};
use crate::engine::model::Host;
use crate::engine::model::timing::MAX_JOB;
use crate::engine::scheduling::{Heartbeat, Permit};
use std::any::Any;
use std::rc::Rc;

/// Holds a ticket. Dropped at any point, it leaves behind what is true: nothing, a ticket whose job may only be recovered,
/// or a ticket of a job that goes on.
pub struct CreationGuard<'a, H: Host> {
    tickets: &'a Tickets<H>,
    pub entry: Rc<TicketEntry>,
    pub stage: Stage,
    pub permit: Option<Permit>,
    /// The number of the lease: another call may take over.
    number: u32,
    /// Its place among the creations that wait, once it had one.
    pub queue_tag: Option<f64>,
    /// Whether another call or process began it.
    pub resumed: bool,
    /// How long such a job takes, in ms.
    pub expected: f64,
}

/// How far a creation is, which decides what a drop leaves behind.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Nothing was sent.
    Unsent,
    /// The job may have been made.
    OutcomeUnknown,
    /// The job is known.
    Made,
    /// Nothing is left to be done.
    Over,
}

impl<H: Host> Drop for CreationGuard<'_, H> {
    fn drop(&mut self) {
        let CreationGuard { tickets, entry, permit, .. } = self;
        let held = entry.is_held_by(self.number);
        match self.stage {
            // Another call took over.
            _ if !held => {}
            // A resumed ticket stays as it was: it can be resumed again, and is paid for then.
            Stage::Unsent if self.resumed => {
                drop(entry.reservation.take());
                // It was written as sent, and the call ended before that.
                if entry.ticket.borrow().sent.is_some() {
                    entry.ticket.borrow_mut().set_unsent();
                    tickets.persist(entry);
                }
            }
            _ if self.resumed => {}
            Stage::Unsent => tickets.delete(entry),
            Stage::OutcomeUnknown => {
                let now = tickets.transport.host.now();
                entry.ticket.borrow_mut().withdrawn = true;
                tickets.note_loss(entry, now);
                entry.set_spent(true);
                tickets.persist(entry);
            }
            Stage::Made | Stage::Over => {}
        }
        if let Some(permit) = permit.take() {
            match self.stage {
                Stage::OutcomeUnknown => {
                    permit.creation_cut_off(tickets.transport.host.now(), self.expected, &entry.id())
                }
                _ => permit.release(),
            }
        }
        if held {
            if entry.deleted_by_another.get() && tickets.transport.host.has_store() {
                tickets.erase_deleted(&entry.ticket.borrow());
            }
            entry.ownership.set(Ownership::Free);
            drop(entry.lock.take());
        }
    }
}

impl<H: Host> CreationGuard<'_, H> {
    /// Keeps the store's lock until the guard is dropped.
    pub fn keep_lock(&self, lock: Option<H::Lock>) {
        drop(self.entry.lock.replace(lock.map(|lock| Box::new(lock) as Box<dyn Any>)));
    }

    /// Whether no other call took over.
    pub fn holds_lease(&self) -> bool {
        self.entry.is_held_by(self.number)
    }

    /// Nothing was made of what was just sent. The job of an earlier sending may still turn up: then the outcome stays unknown.
    pub fn not_made(&mut self, sent_at: f64, now: f64) {
        let mut ticket = self.entry.ticket.borrow_mut();
        if ticket.first.is_none_or(|first| first >= sent_at) {
            self.stage = Stage::Unsent;
            ticket.set_unsent();
        } else {
            drop(ticket);
            self.tickets.note_loss(&self.entry, now);
        }
    }
}

impl<H: Host> Tickets<H> {
    /// Takes a ticket for a call.
    pub fn guard(&self, entry: Rc<TicketEntry>, stage: Stage, heartbeat: &Heartbeat) -> CreationGuard<'_, H> {
        let number = entry.acquire(Ownership::Held, heartbeat, self.creation_lease(&entry));
        let expected = self.estimate_duration(&entry.ticket.borrow().request).expected;
        let runs = stage != Stage::Unsent && !entry.ticket.borrow().is_finished();
        let permit = runs.then(|| self.adopt(&entry, MAX_JOB));
        // A job that is known counts until its end, whoever holds the ticket.
        let permit = permit.filter(|_| stage == Stage::OutcomeUnknown);
        CreationGuard { tickets: self, entry, stage, permit, number, queue_tag: None, resumed: false, expected }
    }
}
