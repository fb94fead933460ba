//! Other creations whose jobs could be taken for one that was lost, and it for theirs: identical ones, and where little is told of a
//! job all that are alike.

use super::Tickets;
use super::entry::TicketEntry;
use super::ticket::Ticket;
use crate::engine::model::Host;
use crate::engine::model::timing::LATEST_ARRIVAL;
use std::rc::Rc;

/// Two clocks of one provider may differ so much, in ms.
pub const MARGIN: f64 = 1000.0;

/// And a provider's and ours, while no answer has told the time, so much: most are right by a few minutes, and one that sleeps
/// falls behind.
pub const UNKNOWN: f64 = 600_000.0;

impl<H: Host> Tickets<H> {
    /// Creations whose jobs cannot be told from this one's.
    pub fn siblings(&self, entry: &Rc<TicketEntry>) -> impl Iterator<Item = Rc<TicketEntry>> {
        self.account.tickets().into_iter().filter(|sibling| {
            !Rc::ptr_eq(sibling, entry) && self.alike(&entry.ticket.borrow().request, &sibling.ticket.borrow().request)
        })
    }

    /// Whether an identical creation may have this one's job.
    pub fn may_be_swapped(&self, entry: &Rc<TicketEntry>) -> bool {
        entry.sibling_lost.get() > 0.0 || self.siblings(entry).any(|sibling| sibling.lost.get().is_some())
    }

    /// A ticket goes whose job nobody knows: one that fits another creation may be its.
    pub fn left_in_doubt(&self, entry: &Rc<TicketEntry>) {
        if self.has_partial_echo() && entry.ticket.borrow().unsettled() {
            self.leaves(entry, Some(self.transport.host.now()));
            self.account.left_in_doubt(entry.ticket.borrow().clone());
        }
    }

    /// A ticket goes whose creation was lost at that time: an identical one may have its job.
    pub fn leaves(&self, entry: &Rc<TicketEntry>, lost_at: Option<f64>) {
        if let Some(lost_at) = lost_at {
            for sibling in self.siblings(entry) {
                sibling.sibling_lost.set(sibling.sibling_lost.get().max(lost_at));
            }
        }
    }

    /// Whether a job that may be this creation's may as well be that of one that ended in doubt, of which nothing is known any more.
    pub fn may_be_a_lost_one(&self, entry: &Rc<TicketEntry>) -> bool {
        let ticket = entry.ticket.borrow();
        let Some(from) = self.earliest(&ticket) else { return false };
        self.account.any_in_doubt(|lost| {
            lost.id != ticket.id
                && self.alike(&lost.request, &ticket.request)
                && self.latest(lost).is_some_and(|until| until >= from)
        })
    }

    /// When a creation's job was made, by the server's clock: not before.
    pub fn earliest(&self, ticket: &Ticket) -> Option<f64> {
        Some(ticket.first.or(ticket.sent)? + self.skew_of(ticket).0 - MARGIN)
    }

    /// The same: not after.
    pub fn latest(&self, ticket: &Ticket) -> Option<f64> {
        Some(ticket.doubt.or(ticket.sent)? + LATEST_ARRIVAL + self.skew_of(ticket).1 + MARGIN)
    }

    /// At least and at most so much was the server's clock ahead of ours when the ticket was sent. Where no answer had told by then, a
    /// later one does not quite: the machine may have slept since, or been another.
    pub fn skew_of(&self, ticket: &Ticket) -> (f64, f64) {
        let later = self.transport.clock_skew.first_lower_bound().unwrap_or_default();
        ticket.skew.map_or((later.min(0.0) - UNKNOWN, later.max(0.0) + UNKNOWN), |skew| (skew, skew))
    }
}
