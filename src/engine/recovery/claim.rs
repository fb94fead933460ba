//! Taking a job that was found for a ticket.

use super::Recovery;
use crate::engine::model::timing::{CLAIM_CHECK, CLOCK_MARGIN};
use crate::engine::model::{Event, Host, Outcome};
use crate::engine::tickets::TicketEntry;
use crate::generation::Generation;
use std::rc::Rc;

/// The lock under which a job is claimed: two clients that share a store must not both find the same one.
const CLAIMS: &str = "claims";

impl<H: Host> Recovery<H> {
    /// Takes the first of these jobs that belongs to nobody.
    pub async fn claim(&self, entry: &Rc<TicketEntry>, candidates: Vec<Generation>) -> Outcome<Option<Generation>> {
        if candidates.is_empty() {
            return Ok(None);
        }
        let host = &self.transport.host;
        let lock = loop {
            let lock = if host.has_store() { self.tickets.lock(CLAIMS).await? } else { None };
            if lock.is_some() || !host.has_store() {
                if host.has_store() {
                    self.tickets.sync().await?;
                }
                if !self.under_way(entry).await? {
                    break lock;
                }
            }
            drop(lock);
            host.sleep(CLAIM_CHECK).await;
        };
        if self.tickets.is_ambiguous(entry) {
            return Ok(None);
        }
        let Some(found) = self.likeliest(entry, candidates) else { return Ok(None) };
        entry.ticket.borrow_mut().job = Some(found.id.clone());
        if let Some(written) = self.tickets.persist_and_wait(entry) {
            // Should it fail, the job is found again by whoever takes the ticket up.
            let _ = written.await;
        }
        drop(lock);
        host.event(Event::Recovered { ticket: &entry.ticket.borrow().id, id: &self.transport.shown(&found.id) });
        Ok(Some(found))
    }

    /// Whether a creation that is alike is under way, here or in another client, or was when the store was read. A client that sends
    /// one holds the lock of its ticket: a lock that is free was given back since then, which the store tells, or by a client that is
    /// gone.
    async fn under_way(&self, entry: &Rc<TicketEntry>) -> Outcome<bool> {
        self.tickets.expire_leases();
        let unanswered: Vec<_> = self.tickets.all_alike(entry).filter(|other| other.is_unanswered()).collect();
        for other in unanswered.iter().filter(|other| !other.is_held()) {
            let elsewhere = self.transport.host.has_store() && other.lock.borrow().is_none();
            if !elsewhere || self.tickets.lock(&self.tickets.key(other)).await?.is_some() {
                self.tickets.note_loss(other, self.transport.host.now());
            }
        }
        Ok(!unanswered.is_empty())
    }

    /// Whether a job is nobody's but that ticket's.
    pub fn free(&self, entry: &Rc<TicketEntry>, job: &Generation) -> bool {
        !self.tickets.account.claimed(&job.id, entry) && !self.tickets.was_delivered_elsewhere(&job.id)
    }

    /// The likeliest of these jobs, which come newest first, that belongs to nobody. It is one that as few other lost creations could take
    /// as possible; among those the oldest since the creation was sent, or where that is not known, the newest.
    fn likeliest(&self, entry: &Rc<TicketEntry>, mut jobs: Vec<Generation>) -> Option<Generation> {
        jobs.retain(|job| self.free(entry, job));
        let since_sent = {
            let ticket = entry.ticket.borrow();
            let skew = ticket.skew.or(self.transport.clock_skew.first_lower_bound());
            ticket.first.or(ticket.sent).zip(skew).map(|(sent, skew)| sent + skew - CLOCK_MARGIN)
        };
        let since =
            |job: &Generation, from: Option<f64>| from.is_some_and(|from| self.transport.created_at(job) >= Some(from));
        let (mut jobs, earlier): (Vec<_>, Vec<_>) = jobs.into_iter().partition(|job| since(job, since_sent));
        jobs.reverse();
        jobs.extend(earlier);
        let others: Vec<_> =
            self.tickets.all_alike(entry).filter(|other| other.ticket.borrow().is_unsettled()).collect();
        // Of several that are as likely the first is taken.
        jobs.into_iter().min_by_key(|job| {
            let takes = |other: &&Rc<TicketEntry>| {
                let ticket = other.ticket.borrow();
                since(job, self.tickets.earliest(&ticket)) && self.tickets.is_job_of(&ticket.request, job)
            };
            others.iter().filter(takes).count()
        })
    }
}
