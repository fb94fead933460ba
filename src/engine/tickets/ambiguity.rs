//! Creations whose jobs could be taken for each other's: those of one request, and where the list tells little of a job, all
//! that look alike there.
//!
//! Jobs of one request are as good as each other (`recovery`). But useapi and PiAPI echo only a few fields of what runs. There
//! a job that fits a lost creation may have been asked for otherwise. Recovery takes it only if it can be no other one's.
//! Otherwise the outcome stays unknown, and the caller is told so.

use super::Tickets;
use super::entry::TicketEntry;
use crate::engine::model::Host;
use std::rc::Rc;

impl<H: Host> Tickets<H> {
    /// The other creations whose jobs may not be told from this one's.
    pub fn all_alike(&self, entry: &Rc<TicketEntry>) -> impl Iterator<Item = Rc<TicketEntry>> {
        self.account.tickets().into_iter().filter(|other| {
            !Rc::ptr_eq(other, entry) && self.alike(&entry.ticket.borrow().request, &other.ticket.borrow().request)
        })
    }

    /// A creation's answer was lost at that time, by this process's clock. Recovery may give it the job of another one that is
    /// alike, which then needs as much time to get this one's. So all of them that are lost count from the last loss.
    pub fn note_loss(&self, entry: &Rc<TicketEntry>, at: f64) {
        entry.last_loss.set(Some(at));
        entry.ticket.borrow_mut().lost_at.get_or_insert(at);
        for other in self.all_alike(entry) {
            if let Some(before) = other.last_loss.get() {
                other.last_loss.set(Some(before.max(at)));
            }
        }
    }

    /// Whether a job that fits this creation may as well be that of another one: its answer was lost, or it was given up with
    /// its outcome unknown.
    pub fn is_ambiguous(&self, entry: &Rc<TicketEntry>) -> bool {
        self.has_partial_echo()
            && (self.all_alike(entry).any(|other| other.ticket.borrow().is_unsettled())
                || self.fits_an_unknown_one(entry))
    }

    /// Whether the job of a creation that was given up can have been made since this one was first sent.
    fn fits_an_unknown_one(&self, entry: &Rc<TicketEntry>) -> bool {
        let ticket = entry.ticket.borrow();
        let Some(from) = self.earliest(&ticket) else { return false };
        self.account.any_outcome_unknown(|other| {
            other.id != ticket.id
                && self.alike(&other.request, &ticket.request)
                && self.latest(other).is_some_and(|until| until >= from)
        })
    }

    /// A ticket goes whose job nobody knows. A job that fits another creation may be its own.
    pub fn remember_unknown(&self, entry: &TicketEntry) {
        if self.has_partial_echo() && entry.ticket.borrow().is_unsettled() {
            self.account.remember_unknown(entry.ticket.borrow().clone());
        }
    }
}
