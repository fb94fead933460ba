//! Bringing memory in step with the store.

use super::Tickets;
use super::delivery::{LOST_TICKET, RECOVERED, RECOVERED_FROM};
use super::entry::{Ownership, TicketEntry};
use super::foreign::ForeignEntries;
use super::recent::{enter, search};
use super::store::DURATIONS;
use super::ticket::{MAX_TOMBSTONES, StoredTicket, TICKET_PREFIX, TOMBSTONE_PREFIX, Ticket};
use crate::engine::model::timing::{MAX_STORE_READ, STORE_READ_CHECK, TOMBSTONE_LIFE};
use crate::engine::model::{Host, Outcome};
use crate::error::{Code, Error};
use crate::json::Json;
use crate::text::concat;
use std::cell::Cell;
use std::rc::Rc;

/// Whether this client has read the store.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum StoreState {
    NotRead,
    Reading,
    Read,
}

/// A call that reads the store. If it is given up meanwhile, another one reads it.
struct Reading<'a>(&'a Cell<StoreState>);

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        if self.0.get() == StoreState::Reading {
            self.0.set(StoreState::NotRead);
        }
    }
}

impl<H: Host> Tickets<H> {
    /// Reads the store when it is first needed. What it holds is a help (durations, which job is whose, what runs). Work goes on
    /// without it.
    pub async fn ensure_loaded(&self) {
        let state = &self.store_state;
        let mut waited = 0.0;
        // Another call reads it, and calls go on in their order.
        while state.get() == StoreState::Reading {
            if waited >= MAX_STORE_READ {
                // That one may have died with its request: the next call reads it anew.
                state.set(StoreState::NotRead);
                return;
            }
            self.transport.host.sleep(STORE_READ_CHECK).await;
            waited += STORE_READ_CHECK;
        }
        if state.get() == StoreState::NotRead {
            state.set(StoreState::Reading);
            let reading = Reading(state);
            let _ = self.sync().await;
            reading.0.set(StoreState::Read);
        }
    }

    /// Brings memory in step with the store. Gives the entries that this client cannot resume.
    pub async fn sync(&self) -> Outcome<ForeignEntries> {
        let idle = |entry: &Rc<TicketEntry>| {
            entry.owner.get() == self.owner && matches!(entry.ownership.get(), Ownership::Free | Ownership::Elsewhere)
        };
        // A ticket that is acquired or released while the store is read may not be in what comes.
        let before = self.account.tickets_that(&idle);
        let unreadable = |reason: String| Error::new(Code::Store, concat(&["The store could not be read: ", &reason]));
        let entries = self.transport.host.load().await.map_err(unreadable)?;
        let mut tombstones = Vec::new();
        let mut gone = Vec::new();
        for (key, value) in &entries {
            if let Some(id) = key.strip_prefix(TOMBSTONE_PREFIX) {
                tombstones.push((id, value));
                enter(&mut gone, id);
            }
        }
        let mut foreign = ForeignEntries { newer: Vec::new(), corrupt: Vec::new(), other_accounts: Vec::new() };
        let mut seen = Vec::new();
        let mut any_unsettled = false;
        for (key, value) in &entries {
            if key == DURATIONS {
                self.durations.read(value);
            }
            let Some(id) = key.strip_prefix(TICKET_PREFIX) else { continue };
            if search(&gone, id).is_ok() {
                // A client that did not know of the delivery wrote it afterwards, or it could not be deleted then.
                self.erase(TICKET_PREFIX, id);
                continue;
            }
            match Ticket::read(id, value) {
                StoredTicket::Ticket(ticket) if self.account.is_deleted(id) => self.erase_deleted(&ticket),
                StoredTicket::Ticket(ticket) => {
                    enter(&mut seen, id);
                    any_unsettled |= ticket.is_unsettled();
                    if self.is_ours(&ticket) {
                        self.merge(*ticket);
                    } else if ticket.provider == self.transport.provider.id().as_str() {
                        foreign.other_accounts.push(*ticket);
                    }
                }
                StoredTicket::Newer => foreign.newer.push(id.to_owned()),
                StoredTicket::Corrupt => foreign.corrupt.push((id.to_owned(), value.clone())),
            }
        }
        for entry in &self.account.tickets() {
            self.hand_window_on(entry);
        }
        self.read_tombstones(&tombstones, any_unsettled);
        // Tickets that another client has deleted go.
        for entry in before.iter().filter(|entry| idle(entry)) {
            if search(&seen, &entry.ticket.borrow().id).is_err() {
                // A call that follows the ticket delivers the job that its tombstone names.
                let tombstone = tombstones.iter().find(|(id, _)| *id == entry.ticket.borrow().id);
                if let Some(job) = tombstone.and_then(|(_, value)| value.text("job")) {
                    entry.ticket.borrow_mut().job.get_or_insert(job);
                }
                self.remember_unknown(entry);
                let ticket = entry.ticket.borrow();
                // What was cut off counts by its ticket.
                self.account.job_ended(&ticket.id);
                if let Some(job) = &ticket.job {
                    self.account.job_ended(job);
                }
                entry.set_spent(true);
                self.account.remove(entry);
            }
        }
        Ok(foreign)
    }

    /// Reads what is left of tickets that are gone, by their ids: delivered jobs, and creations whose outcome is unknown.
    fn read_tombstones(&self, tombstones: &[(&str, &Json)], any_unsettled: bool) {
        // An old tombstone has no use: no creation that is sent from now on could take its job. While the server's time is
        // not known, it cannot be called old.
        let now = self.transport.server.clock_skew.lower_bound().map(|skew| self.transport.host.now() + skew);
        for (id, value) in tombstones {
            let long_ago = |now: f64| value.num("at").is_none_or(|at| (now - at).abs() > TOMBSTONE_LIFE);
            if !any_unsettled && now.is_some_and(long_ago) {
                self.erase(TOMBSTONE_PREFIX, id);
            }
        }
        // Whatever they say of their age, and whether the time is known or not: no more than so many are kept.
        // Those that go are older than most.
        let at = |value: &Json| value.num("at").unwrap_or_default();
        let average = tombstones.iter().map(|(_, value)| at(value)).sum::<f64>() / tombstones.len() as f64;
        let older = tombstones.iter().filter(|(_, value)| at(value) <= average);
        for (id, _) in older.take(tombstones.len().saturating_sub(MAX_TOMBSTONES)) {
            self.erase(TOMBSTONE_PREFIX, id);
        }
        let mut delivered = Vec::new();
        tombstones.iter().filter_map(|(_, value)| value.text("job")).for_each(|job| enter(&mut delivered, &job));
        let before = self.delivered_elsewhere.replace(delivered);
        for (id, value) in tombstones {
            if let Some(StoredTicket::Ticket(ticket)) = value.get(LOST_TICKET).map(|lost| Ticket::read(id, &lost))
                && self.is_ours(&ticket)
            {
                self.account.remember_unknown(&ticket);
            }
            // Its ticket is gone, so its request is not known.
            if !self.has_partial_echo()
                && let (Some(found), Some(from)) = (value.num(RECOVERED), value.num(RECOVERED_FROM))
            {
                self.account.tickets().iter().for_each(|entry| self.extend_window(entry, found, from, &[]));
            }
        }
        if self.has_partial_echo() {
            return;
        }
        // A job that another client has recovered meanwhile may be that of a creation of ours.
        let recovered = |(id, value): &(&str, &Json)| {
            let new = |job: String| search(&before, &job).is_err();
            value.get(RECOVERED).is_some() && value.text("job").is_some_and(new) && !self.account.is_deleted(id)
        };
        if tombstones.iter().any(recovered) {
            self.account.note_loss_of_any(self.transport.host.now());
        }
    }

    /// Whether a ticket is of this provider and account.
    fn is_ours(&self, ticket: &Ticket) -> bool {
        ticket.provider == self.transport.provider.id().as_str() && ticket.account == self.account.fingerprint()
    }

    fn merge(&self, ticket: Ticket) {
        match self.account.of_id(&ticket.id) {
            // What a call of ours holds is newer in memory than in the store.
            Some(entry) if entry.is_held() => {}
            Some(entry) => {
                // In a Worker each request has a client of its own, and finds in the store what the last one left. A client
                // that follows another one keeps the ticket, to see it go.
                if entry.ownership.get() == Ownership::Free {
                    entry.owner.set(self.owner);
                }
                // A write that failed or is under way leaves the store behind: a job that is known stays known.
                if entry.ticket.borrow().job.is_some() && ticket.job.is_none() {
                    return;
                }
                let before = entry.ticket.replace(ticket);
                {
                    let mut ticket = entry.ticket.borrow_mut();
                    before.excluded_jobs.iter().for_each(|job| ticket.exclude(job));
                    ticket.withdrawn |= before.withdrawn;
                    // An end that was seen here stays seen.
                    ticket.state = before.state.filter(|state| state.is_final()).or(ticket.state);
                    if before.job.is_none() && ticket.job.is_some() {
                        self.account.job_ended(&ticket.id);
                    }
                    // Lost, it stays so until it is sent again.
                    if before.sent == ticket.sent {
                        ticket.lost_at = ticket.lost_at.or(before.lost_at);
                    } else {
                        entry.last_loss.set(None);
                    }
                }
                self.account.job_known(&entry);
                self.note_store_copy(&entry);
            }
            None => {
                let entry = self.account.add(self.owner, ticket);
                entry.first_seen.set(Some(self.transport.host.now()));
                self.note_store_copy(&entry);
            }
        }
    }

    /// A ticket came out of the store: another client may have lost its answer.
    fn note_store_copy(&self, entry: &Rc<TicketEntry>) {
        let lost = entry.ticket.borrow().lost_at.is_some();
        if lost && entry.last_loss.get().is_none() {
            self.note_loss(entry, self.transport.host.now());
        }
        self.adopt_unattended(entry);
    }
}
