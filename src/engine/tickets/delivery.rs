//! The ends of tickets, and the tombstones that are left of them.

use super::Tickets;
use super::entry::TicketEntry;
use super::ticket::DONE;
use crate::engine::model::Host;
use crate::generation::Generation;
use crate::json::Json;
use crate::text::concat;
use std::rc::Rc;

/// Says of a job that is over that it was looked for: it need not be that of its creation.
pub const FOUND: &str = "found";

/// What is kept of a creation of which nobody knows what became.
pub const LOST: &str = "lost";

impl<H: Host> Tickets<H> {
    /// A job is handed to its caller, finished or failed: in the same step its ticket goes. That it does is written first, so that there
    /// is no moment at which another client could take the job for that of a lost creation.
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
        if entry.ticket.borrow().doubt.is_some() {
            what.push((FOUND, Json::number(1.0)));
        }
        self.write_tombstone(&entry, what);
        self.delete(&entry);
        // A lost creation of the same kind must not take this job for its own, now that no ticket claims it. Those that others
        // work on are theirs to write.
        for other in self.account.tickets() {
            let mut ticket = other.ticket.borrow_mut();
            if ticket.unsettled() && ticket.request.kind == entry.ticket.borrow().request.kind {
                ticket.others.push(id.to_owned());
                drop(ticket);
                if other.is_held() {
                    self.persist(&other);
                }
            }
        }
    }

    /// Whoever took it up is told that nobody knows what became of it. What it was is kept: its job may turn up among those that fit
    /// another creation, and a program that dies just now has told nobody.
    pub fn close_as_unknown(&self, entry: &Rc<TicketEntry>) {
        self.write_tombstone(entry, vec![(LOST, entry.ticket.borrow().write())]);
        entry.mark_spent();
        self.remember_unknown(entry);
        self.delete(entry);
    }

    /// Writes down what is left of a ticket that goes, and when it does by the server's clock.
    fn write_tombstone(&self, entry: &TicketEntry, mut what: Vec<(&str, Json)>) {
        if self.transport.host.has_store() {
            what.push((
                "at",
                Json::number(self.transport.host.now() + self.transport.clock_skew.lower_bound_or_zero()),
            ));
            drop(self.transport.host.write(&concat(&[DONE, &entry.ticket.borrow().id]), Some(&Json::object(what))));
        }
    }

    /// The job is not there any more, or its caller does not want it: nothing more will come of its ticket.
    pub fn discard_job(&self, job: &str) {
        if let Some(entry) = self.account.of_job(job) {
            entry.mark_spent();
            self.delete(&entry);
        }
    }
}
