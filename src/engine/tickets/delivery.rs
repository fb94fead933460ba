//! The ends of tickets, and the tombstones that are left of them.

use super::Tickets;
use super::entry::TicketEntry;
use super::ticket::{MAX_TOMBSTONES, TICKET_PREFIX, TOMBSTONE_PREFIX, Ticket};
use crate::engine::model::{Host, Outcome};
use crate::error::{Code, Error};
use crate::generation::{Generation, State};
use crate::json::Json;
use crate::text::concat;
use std::rc::Rc;

/// The field of a tombstone whose job was recovered: it need not be the one that its own creation made. It holds when the job was
/// made, by the server's clock.
pub const RECOVERED: &str = "found";
/// The field beside it: how far back recovery searched, by the same clock.
pub const RECOVERED_FROM: &str = "from";

/// The field of a tombstone that keeps the ticket of a creation whose outcome stays unknown.
pub const LOST_TICKET: &str = "lost";

impl<H: Host> Tickets<H> {
    /// A job is delivered to its caller, finished or failed, and its ticket goes in the same step, unless it is kept.
    pub fn mark_delivered(&self, generation: &Generation) {
        let id = generation.id.as_str();
        self.account.job_ended(id);
        let Some(entry) = self.account.of_job(id) else { return };
        // Taken out of the ticket, which a call that is gone keeps for ever.
        if let Some(reservation) = entry.reservation.take() {
            reservation.set_spent(!generation.failure.as_ref().is_some_and(|failure| failure.refunded));
        }
        if entry.ticket.borrow().keep && generation.state == State::Completed {
            entry.ticket.borrow_mut().state = Some(State::Completed);
            self.persist(&entry);
        } else {
            self.close(&entry, id, Some(generation));
        }
    }

    /// The caller has all that it wants of a finished job, which is named by its own id or its ticket's: its ticket goes.
    /// `finished`: the job as its caller has it. A job without a ticket is no error: it may have been acknowledged before.
    pub async fn acknowledge(&self, name: &str, finished: Option<&Generation>) -> Outcome<()> {
        let find = || self.account.of_id(name).or_else(|| self.account.of_job(name));
        let mut entry = find();
        if entry.is_none() && self.transport.host.has_store() {
            self.sync().await?;
            entry = find();
        }
        let Some(entry) = entry else { return Ok(()) };
        let job = entry.ticket.borrow().job.clone();
        let Some(job) = job.filter(|_| finished.is_some() || entry.ticket.borrow().is_finished()) else {
            let message = concat(&[
                "The job of ",
                &self.transport.redact(name),
                " is not known to be finished: its ticket stays, and resume() waits for it",
            ]);
            return Err(Error::new(Code::InvalidRequest, message));
        };
        self.close(&entry, &job, finished);
        Ok(())
    }

    /// The ticket of a finished job goes. The tombstone is written first. So there is no moment at which another client could
    /// take the job for that of a lost creation.
    fn close(&self, entry: &Rc<TicketEntry>, id: &str, generation: Option<&Generation>) {
        let made = generation.and_then(|generation| self.transport.created_at(generation));
        let made = made.unwrap_or_else(|| self.transport.server_time());
        self.account.mark_delivered(id, made, self.transport.host.now());
        self.write_tombstone_of_job(&entry.ticket.borrow(), id);
        self.delete(entry);
        // A lost creation of the same kind must not take this job for its own, now that no ticket claims it. Tickets that
        // other clients hold are theirs to write.
        let kind = entry.ticket.borrow().request.kind;
        for other in &self.account.tickets() {
            {
                let mut ticket = other.ticket.borrow_mut();
                if !ticket.is_unsettled() || ticket.request.kind != kind {
                    continue;
                }
                // Only what could be mistaken is remembered, so that the list of one that stays unsettled does not fill.
                let echoed = generation.filter(|job| !self.has_partial_echo() && job.request.is_some());
                if echoed.is_some_and(|job| !self.is_job_of(&ticket.request, job)) {
                    continue;
                }
                ticket.exclude(id);
            }
            if other.is_held() {
                self.persist(other);
            }
        }
    }

    /// The caller is about to learn that the outcome is not known: the ticket stays until it has (`close_reported`). After a crash before
    /// that, the next resume reports it.
    pub fn report_unknown(&self, entry: &Rc<TicketEntry>) {
        entry.set_spent(true);
        self.reported_unknown.borrow_mut().push(entry.clone());
    }

    /// The tickets go whose callers have learnt that the outcome is not known: that one, or all.
    pub fn close_reported(&self, ticket: Option<&str>) {
        for entry in &self.reported_unknown.take() {
            if ticket.is_some_and(|ticket| ticket != entry.id()) {
                self.reported_unknown.borrow_mut().push(entry.clone());
            } else if !entry.is_held() {
                self.close_as_unknown(entry);
            }
        }
    }

    /// The tombstone keeps the ticket: its job may turn up among those that fit another creation.
    fn close_as_unknown(&self, entry: &Rc<TicketEntry>) {
        let ticket = entry.ticket.borrow().write();
        self.write_tombstone(&entry.id(), vec![(LOST_TICKET, ticket)]);
        self.account.remember_unknown(&entry.ticket.borrow());
        self.delete(entry);
    }

    /// A ticket was deleted, perhaps by a client with another store. This client's store loses it as well, and gets its tombstone.
    pub fn erase_deleted(&self, ticket: &Ticket) {
        if let Some(job) = &ticket.job
            && !self.tombstones.borrow().contains(&ticket.id)
        {
            self.write_tombstone_of_job(ticket, job);
        }
        self.erase(TICKET_PREFIX, &ticket.id);
    }

    /// The tombstone of a ticket whose job was delivered.
    fn write_tombstone_of_job(&self, ticket: &Ticket, job: &str) {
        let mut what = vec![("job", Json::string(job))];
        if let Some(found) = ticket.found {
            what.push((RECOVERED, Json::number(found)));
            if let Some(from) = self.earliest(ticket) {
                what.push((RECOVERED_FROM, Json::number(from)));
            }
        }
        self.write_tombstone(&ticket.id, what);
    }

    /// Writes what is left of a ticket that goes, and when it goes by the server's clock.
    fn write_tombstone(&self, id: &str, mut what: Vec<(&str, Json)>) {
        if self.transport.host.has_store() {
            what.push(("at", Json::number(self.transport.server_time())));
            drop(self.transport.host.write(&concat(&[TOMBSTONE_PREFIX, id]), Some(&Json::object(what))));
            // A client that lives for long would fill the store, and its own memory where that is the store.
            let mut written = self.tombstones.borrow_mut();
            written.push(id.to_owned());
            if written.len() > MAX_TOMBSTONES {
                self.erase(TOMBSTONE_PREFIX, &written.remove(0));
            }
        }
    }

    /// The job is not there any more, or its caller does not want it: its ticket goes.
    pub fn discard_job(&self, job: &str) {
        if let Some(entry) = self.account.of_job(job) {
            entry.set_spent(true);
            self.delete(&entry);
        }
    }
}
