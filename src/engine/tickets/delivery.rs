//! The ends of tickets, and the tombstones that are left of them.

use super::Tickets;
use super::entry::TicketEntry;
use super::ticket::TOMBSTONE_PREFIX;
use crate::engine::model::Host;
use crate::generation::Generation;
use crate::json::Json;
use crate::text::concat;
use std::rc::Rc;

/// The field of a tombstone whose job was recovered: it need not be the one that its own creation made.
pub const RECOVERED: &str = "found";

/// The field of a tombstone that keeps the ticket of a creation whose outcome stays unknown.
pub const LOST_TICKET: &str = "lost";

impl<H: Host> Tickets<H> {
    /// A job is delivered to its caller, finished or failed, and its ticket goes in the same step. The tombstone is written
    /// first. So there is no moment at which another client could take the job for that of a lost creation.
    pub fn mark_delivered(&self, generation: &Generation) {
        let id = generation.id.as_str();
        self.account.job_ended(id);
        let Some(entry) = self.account.of_job(id) else { return };
        if let Some(reservation) = &*entry.reservation.borrow() {
            reservation.set_spent(!generation.failure.as_ref().is_some_and(|failure| failure.refunded));
        }
        let now = self.transport.host.now();
        let made = self.transport.created_at(generation);
        self.account.mark_delivered(id, made.unwrap_or(now + self.transport.clock_skew.lower_bound_or_zero()), now);
        let mut what = vec![("job", Json::string(id))];
        if entry.ticket.borrow().lost_at.is_some() {
            what.push((RECOVERED, Json::number(1.0)));
        }
        self.write_tombstone(&entry, what);
        self.delete(&entry);
        // A lost creation of the same kind must not take this job for its own, now that no ticket claims it. Tickets that
        // other clients hold are theirs to write.
        for other in self.account.tickets() {
            let mut ticket = other.ticket.borrow_mut();
            if ticket.is_unsettled() && ticket.request.kind == entry.ticket.borrow().request.kind {
                ticket.excluded_jobs.push(id.to_owned());
                drop(ticket);
                if other.is_held() {
                    self.persist(&other);
                }
            }
        }
    }

    /// The caller is told that nobody knows the outcome, and the ticket goes. The tombstone keeps the ticket: its job may
    /// turn up among those that fit another creation.
    pub fn close_as_unknown(&self, entry: &Rc<TicketEntry>) {
        self.write_tombstone(entry, vec![(LOST_TICKET, entry.ticket.borrow().write())]);
        entry.mark_spent();
        self.remember_unknown(entry);
        self.delete(entry);
    }

    /// Writes what is left of a ticket that goes, and when it goes by the server's clock.
    fn write_tombstone(&self, entry: &TicketEntry, mut what: Vec<(&str, Json)>) {
        if self.transport.host.has_store() {
            let now = self.transport.host.now() + self.transport.clock_skew.lower_bound_or_zero();
            what.push(("at", Json::number(now)));
            let key = concat(&[TOMBSTONE_PREFIX, &entry.ticket.borrow().id]);
            drop(self.transport.host.write(&key, Some(&Json::object(what))));
        }
    }

    /// The job is not there any more, or its caller does not want it: its ticket goes.
    pub fn discard_job(&self, job: &str) {
        if let Some(entry) = self.account.of_job(job) {
            entry.mark_spent();
            self.delete(&entry);
        }
    }
}
