//! Assigning a job that was found to a ticket.

use super::Recovery;
use crate::engine::model::timing::{CLAIM_CHECK, CLOCK_MARGIN, LATEST_ARRIVAL};
use crate::engine::model::{Event, Host, Outcome};
use crate::engine::tickets::TicketEntry;
use crate::generation::Generation;
use std::rc::Rc;

/// The store's lock that is held while a job is assigned to a ticket: two clients that share a store must not both take it.
const CLAIMS_LOCK: &str = "claims";

/// What came of the jobs that fit a creation.
pub enum Claim {
    /// This one belongs to the ticket from now on.
    Job(Generation),
    /// All of them belong to other tickets.
    None,
    /// One of them may as well be that of another creation, and the two are not as good as each other.
    Ambiguous,
    /// One of them may be that of another client's creation, whose answer should be there by now.
    Overdue,
}

/// Whether creations are under way that a job may be of as well.
enum UnderWay {
    None,
    Some,
    /// Some, of which one should have its answer by now.
    Overdue,
}

/// A creation whose answer a claim waits for, when that was sent, and since when the claim waits.
struct Awaited {
    entry: Rc<TicketEntry>,
    sent: Option<f64>,
    since: f64,
}

impl<H: Host> Recovery<H> {
    /// Assigns the likeliest of these jobs to the ticket, if one is free. `certain`: the one candidate is known to be its own, though by a
    /// search another creation may have it.
    pub async fn claim(&self, entry: &Rc<TicketEntry>, candidates: Vec<Generation>, certain: bool) -> Outcome<Claim> {
        if candidates.is_empty() {
            return Ok(Claim::None);
        }
        let host = &self.transport.host;
        let mut awaited = Vec::new();
        let lock = loop {
            let lock = if host.has_store() { self.tickets.lock(CLAIMS_LOCK).await? } else { None };
            if lock.is_some() || !host.has_store() {
                if host.has_store() {
                    self.tickets.sync().await?;
                }
                match if certain { UnderWay::None } else { self.under_way(entry, &mut awaited).await? } {
                    UnderWay::None => break lock,
                    UnderWay::Overdue => return Ok(Claim::Overdue),
                    UnderWay::Some => {}
                }
            }
            drop(lock);
            host.sleep(CLAIM_CHECK).await;
        };
        if !certain && self.tickets.is_ambiguous(entry) {
            return Ok(Claim::Ambiguous);
        }
        let claim = self.likeliest(entry, &candidates, certain);
        let Claim::Job(found) = &claim else { return Ok(claim) };
        self.tickets.assign(entry, found);
        if let Some(written) = self.tickets.persist_and_wait(entry) {
            // Should the write fail, the call that resumes the ticket finds the job again.
            let _ = written.await;
        }
        drop(lock);
        host.event(Event::Recovered { ticket: &entry.id(), id: &self.transport.redact(&found.id) });
        Ok(claim)
    }

    /// Whether a creation that is alike is under way, here or in another client, or was when the store was read. A client holds
    /// the lock of the ticket that it sends. If the lock is free, either the creation was answered since the store was read,
    /// or its client is gone.
    async fn under_way(&self, entry: &Rc<TicketEntry>, awaited: &mut Vec<Awaited>) -> Outcome<UnderWay> {
        self.tickets.expire_leases();
        let unanswered = self.tickets.all_indistinguishable(entry, &TicketEntry::is_unanswered);
        for other in unanswered.iter().filter(|other| !other.is_held()) {
            let elsewhere = self.transport.host.has_store() && other.lock.borrow().is_none();
            if !elsewhere || self.tickets.lock(&self.tickets.key(other)).await?.is_some() {
                self.tickets.note_loss(other, self.transport.host.now());
            } else if self.is_overdue(other, awaited) {
                return Ok(UnderWay::Overdue);
            }
        }
        Ok(if unanswered.is_empty() { UnderWay::None } else { UnderWay::Some })
    }

    /// Whether another client should have its answer by now. It may have lost that, and failed to write it down, and then it may
    /// wait for this client in its turn. Or it stands still, and will read its answer when it goes on: so no other client may take its job.
    fn is_overdue(&self, other: &Rc<TicketEntry>, awaited: &mut Vec<Awaited>) -> bool {
        let now = self.transport.host.now();
        let (sent, timeout) = {
            let ticket = other.ticket.borrow();
            (ticket.sent, self.tickets.creation_timeout(&ticket.request))
        };
        // Counted from when it was first seen here: the other client may have another clock.
        match awaited.iter().find(|one| Rc::ptr_eq(&one.entry, other) && one.sent == sent) {
            Some(one) => now - one.since > timeout + LATEST_ARRIVAL,
            None => {
                awaited.push(Awaited { entry: other.clone(), sent, since: now });
                false
            }
        }
    }

    /// Whether a job belongs to no other ticket.
    pub fn is_free(&self, entry: &Rc<TicketEntry>, job: &Generation) -> bool {
        !self.tickets.account.claimed(&job.id, entry) && !self.tickets.was_delivered_elsewhere(&job.id)
    }

    /// The likeliest of these jobs (they come newest first) that are free: one that as few other lost creations as possible could
    /// take. If several match, the oldest that was made since the creation was sent. If the server's clock was not known at sending,
    /// the newest.
    fn likeliest(&self, entry: &Rc<TicketEntry>, jobs: &[Generation], certain: bool) -> Claim {
        let since_sent = {
            let ticket = entry.ticket.borrow();
            let skew = ticket.skew.or(self.transport.server.clock_skew.first_lower_bound());
            ticket.first.or(ticket.sent).zip(skew).map(|(sent, skew)| sent + skew - CLOCK_MARGIN)
        };
        let since =
            |job: &Generation, from: Option<f64>| from.is_some_and(|from| self.transport.created_at(job) >= Some(from));
        let others = self.tickets.all_indistinguishable(entry, &TicketEntry::is_unsettled);
        let (mut likeliest, mut ambiguous) = (None, false);
        for (index, job) in (0..).zip(jobs) {
            if !self.is_free(entry, job) {
                continue;
            }
            if !certain && self.tickets.may_have_another_parent(entry, job) {
                ambiguous = true;
                continue;
            }
            let could_take = |other: &&Rc<TicketEntry>| {
                let ticket = other.ticket.borrow();
                since(job, self.tickets.earliest(&ticket)) && self.tickets.is_job_of(&ticket.request, job)
            };
            let takers = others.iter().filter(could_take).count();
            let unlikeliness = (takers, if since(job, since_sent) { -index } else { index });
            if likeliest.is_none_or(|(least, _)| unlikeliness < least) {
                likeliest = Some((unlikeliness, job));
            }
        }
        match likeliest {
            Some((_, job)) => Claim::Job(job.clone()),
            None if ambiguous => Claim::Ambiguous,
            None => Claim::None,
        }
    }
}
