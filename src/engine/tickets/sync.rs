//! Bringing memory in step with the store.

use super::Tickets;
use super::delivery::{FOUND, LOST};
use super::entry::{Ownership, TicketEntry};
use super::foreign::ForeignEntries;
use super::store::DURATIONS;
use super::ticket::{DONE, PREFIX, Read, Ticket};
use super::window::UNKNOWN;
use crate::engine::model::{Host, Outcome};
use crate::error::{Code, Error};
use crate::json::Json;
use crate::text::concat;
use std::rc::Rc;

/// How often, and how far apart in ms, a call asks whether another one has read the store.
const OPENINGS: u32 = 100;
const OPENING: f64 = 20.0;

/// How long what is left of a ticket stays at least, in ms. A creation of a machine whose clock is wrong may be placed so much too
/// early, where a job that is over could be taken for its own: that clock may be behind, its error is allowed for, and so is that
/// of whoever wrote when the job was over.
const OVER: f64 = 3.0 * UNKNOWN;

/// Whether the store was read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum StoreState {
    NotRead,
    Reading,
    Read,
}

impl<H: Host> Tickets<H> {
    /// Reads the store when it is first needed. What it holds helps (how long jobs take, which are whose); without it
    /// work goes on.
    pub async fn ensure_loaded(&self) {
        match self.store_state.get() {
            StoreState::NotRead => {
                self.store_state.set(StoreState::Reading);
                let _ = self.sync().await;
                self.store_state.set(StoreState::Read);
            }
            // Another call reads it: calls go on in their order. Should that one have died with its request, this one does not.
            StoreState::Reading => {
                for _ in 0..OPENINGS {
                    if self.store_state.get() == StoreState::Read {
                        break;
                    }
                    self.transport.host.sleep(OPENING).await;
                }
            }
            StoreState::Read => {}
        }
    }

    /// Brings memory in step with the store. Gives what could not be taken: it is there still, for whoever asks for tickets.
    pub async fn sync(&self) -> Outcome<ForeignEntries> {
        let idle = |entry: &Rc<TicketEntry>| {
            entry.owner.get() == self.owner && matches!(entry.ownership.get(), Ownership::Free | Ownership::Elsewhere)
        };
        // What is taken in hand, or laid down, while the store is read may not be in what comes.
        let before: Vec<_> = self.account.tickets().into_iter().filter(idle).collect();
        let entries = self
            .transport
            .host
            .load()
            .await
            .map_err(|reason| Error::new(Code::Store, concat(&["The store could not be read: ", &reason])))?;
        let (done, entries): (Vec<_>, Vec<_>) = entries.into_iter().partition(|(key, _)| key.starts_with(DONE));
        let done: Vec<_> = done.iter().filter_map(|(key, value)| Some((key.strip_prefix(DONE)?, value))).collect();
        let mut foreign = ForeignEntries { newer: Vec::new(), corrupt: Vec::new(), others: Vec::new() };
        let mut seen = Vec::new();
        let mut doubts = false;
        for (key, value) in entries {
            if key == DURATIONS {
                self.durations.read(&value);
            }
            let Some(id) = key.strip_prefix(PREFIX) else { continue };
            if done.iter().any(|(over, _)| *over == id) || self.account.is_deleted(id) {
                // Whoever wrote it after its job was handed over did not know; or it could not be deleted then.
                drop(self.transport.host.write(&key, None));
                continue;
            }
            match Ticket::read(id, &value) {
                Read::Ticket(ticket) => {
                    seen.push(id.to_owned());
                    doubts |= ticket.unsettled();
                    if self.is_ours(&ticket) {
                        self.merge(*ticket);
                    } else if ticket.provider == self.transport.provider.id().as_str() {
                        foreign.others.push(*ticket);
                    }
                }
                Read::Newer => foreign.newer.push(id.to_owned()),
                Read::Corrupt => foreign.corrupt.push((key, value)),
            }
        }
        self.read_tombstones(&done, doubts);
        // What another client has done with is gone.
        for entry in before.iter().filter(|entry| idle(entry)) {
            if !seen.contains(&entry.ticket.borrow().id) {
                self.remember_unknown(entry);
                let ticket = entry.ticket.borrow();
                self.account.job_ended(ticket.job.as_ref().unwrap_or(&ticket.id));
                entry.mark_spent();
                self.account.remove(entry);
            }
        }
        Ok(foreign)
    }

    /// What is left of tickets that are gone, by their ids: the jobs that are over, and what nobody knows the end of.
    fn read_tombstones(&self, done: &[(&str, &Json)], doubts: bool) {
        // No creation that is sent from now on is mistaken for a job that is over; while the server's time is not known, it might be.
        let now = self.transport.clock_skew.lower_bound().map(|skew| self.transport.host.now() + skew);
        for (id, value) in done {
            let long_ago = |now: f64| value.num("at").is_none_or(|at| (now - at).abs() > OVER);
            if !doubts && now.is_some_and(long_ago) {
                drop(self.transport.host.write(&concat(&[DONE, id]), None));
            }
        }
        let before = self.delivered_elsewhere.replace(done.iter().filter_map(|(_, value)| value.text("job")).collect());
        if self.has_partial_echo() {
            for (id, value) in done {
                if let Some(Read::Ticket(ticket)) = value.get(LOST).map(|lost| Ticket::read(id, &lost))
                    && self.is_ours(&ticket)
                {
                    self.account.remember_unknown(*ticket);
                }
            }
            return;
        }
        // A job that another client has found meanwhile may be that of a creation of ours.
        let found = |(id, value): &(&str, &Json)| {
            let new = |job| !before.contains(&job);
            value.get(FOUND).is_some() && value.text("job").is_some_and(new) && !self.account.is_deleted(id)
        };
        if done.iter().any(found) {
            self.account.lose_any(self.transport.host.now());
        }
    }

    /// Whether a ticket is of this provider and account.
    fn is_ours(&self, ticket: &Ticket) -> bool {
        ticket.provider == self.transport.provider.id().as_str() && ticket.account == self.account.fingerprint()
    }

    fn merge(&self, ticket: Ticket) {
        match self.account.find(|entry| entry.id == ticket.id) {
            // What is in our hands is newer here than in the store.
            Some(entry) if entry.is_held() => {}
            // A write that failed, or is on its way, leaves the store behind: a job that is known stays known.
            Some(entry) if entry.ticket.borrow().job.is_some() && ticket.job.is_none() => {}
            Some(entry) => {
                // In a Worker each request has a client of its own: what one left, the next one finds in the store.
                // While one follows another tab it keeps the ticket, to see it go.
                if entry.ownership.get() == Ownership::Free {
                    entry.owner.set(self.owner);
                }
                let before = entry.ticket.replace(ticket);
                {
                    let mut ticket = entry.ticket.borrow_mut();
                    ticket.others.extend(before.others);
                    ticket.withdrawn |= before.withdrawn;
                    // Its end was seen here.
                    ticket.state = before.state.filter(|state| state.is_final()).or(ticket.state);
                    if before.job.is_none() && ticket.job.is_some() {
                        self.account.job_ended(&ticket.id);
                    }
                    // Lost, it stays so until it is sent again.
                    if before.sent == ticket.sent {
                        ticket.doubt = ticket.doubt.or(before.doubt);
                    } else {
                        entry.lost.set(None);
                    }
                }
                self.note_store_copy(&entry);
            }
            None => {
                let entry = self.account.add(self.owner, ticket);
                entry.met.set(Some(self.transport.host.now()));
                self.note_store_copy(&entry);
            }
        }
    }

    /// A ticket came out of the store: another client may have lost its answer.
    fn note_store_copy(&self, entry: &Rc<TicketEntry>) {
        let lost = entry.ticket.borrow().doubt.is_some();
        if lost && entry.lost.get().is_none() {
            self.lose(entry, self.transport.host.now());
        }
        self.adopt_unattended(entry);
    }
}
