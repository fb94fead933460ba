//! Taking a job that was found for a ticket.

use super::Recovery;
use super::search::SIBLING;
use crate::engine::model::{Event, Host, Outcome};
use crate::engine::tickets::{CLOCK_MARGIN as MARGIN, TicketEntry};
use crate::generation::Generation;
use std::rc::Rc;

/// The lock under which a job is claimed: two clients that share a store must not both find the same one.
const CLAIMS: &str = "claims";

/// What came of a look.
pub enum Claim {
    Job(Generation),
    Nothing,
    /// Whether a job is ours is known only when an identical creation has its own.
    Undecided,
}

impl<H: Host> Recovery<H> {
    /// Takes the first of these jobs that belongs to nobody.
    pub async fn claim(&self, entry: &Rc<TicketEntry>, candidates: Vec<Generation>) -> Outcome<Claim> {
        if candidates.is_empty() {
            return Ok(Claim::Nothing);
        }
        let mut lock = None;
        if self.transport.host.has_store() {
            while lock.is_none() {
                lock = self.tickets.lock(CLAIMS).await?;
                if lock.is_none() {
                    self.transport.host.sleep(SIBLING).await;
                }
            }
            self.tickets.sync().await?;
        }
        // What is in the list may be that of one that was sent while it was on its way.
        if self.sibling_is_sending(entry).await? {
            return Ok(Claim::Undecided);
        }
        // What fits two creations may be the other's.
        let rival = |sibling: Rc<TicketEntry>| sibling.ticket.borrow().unsettled();
        let rivals = || {
            entry.sibling_lost.get() > 0.0
                || self.tickets.siblings(entry).any(rival)
                || self.tickets.may_be_a_lost_one(entry)
        };
        if self.tickets.has_partial_echo() && rivals() {
            return Ok(Claim::Nothing);
        }
        let candidates = self.in_order(entry, candidates);
        let Some(found) = candidates.into_iter().find(|job| self.free(entry, job)) else { return Ok(Claim::Nothing) };
        entry.ticket.borrow_mut().job = Some(found.id.clone());
        if let Some(written) = self.tickets.persist_and_wait(entry) {
            // Should it fail, the job is found again by whoever takes the ticket up.
            let _ = written.await;
        }
        drop(lock);
        self.transport
            .host
            .event(Event::Found { ticket: &entry.ticket.borrow().id, id: &self.transport.shown(&found.id) });
        Ok(Claim::Job(found))
    }

    /// Whether a job is nobody's but that ticket's.
    pub fn free(&self, entry: &Rc<TicketEntry>, job: &Generation) -> bool {
        !self.tickets.account.claimed(&job.id, entry) && !self.tickets.was_delivered_elsewhere(&job.id)
    }

    /// The likeliest first, of jobs that come newest first.
    pub fn in_order(&self, entry: &Rc<TicketEntry>, found: Vec<Generation>) -> Vec<Generation> {
        let (placed, since_sent) = {
            let ticket = entry.ticket.borrow();
            let skew = ticket.skew.or(self.transport.clock_skew.first_lower_bound());
            let since_sent = ticket.first.or(ticket.sent).zip(skew).map(|(sent, skew)| sent + skew - MARGIN);
            (ticket.skew.is_some(), since_sent)
        };
        // The oldest since it was sent; where that is not known, what is newest.
        let after =
            |job: &Generation, since: Option<f64>| since.is_some_and(|at| self.transport.created_at(job) >= Some(at));
        let (mut later, earlier): (Vec<_>, Vec<_>) = found.into_iter().partition(|job| after(job, since_sent));
        later.reverse();
        later.extend(earlier);
        if placed {
            return later;
        }
        // Where it may have been sent at any time, it leaves to others what theirs can be, above all to who was sent last.
        let mut rivals: Vec<_> = self
            .tickets
            .siblings(entry)
            .filter_map(|sibling| {
                let ticket = sibling.ticket.borrow();
                self.tickets.earliest(&ticket).filter(|_| ticket.unsettled())
            })
            .collect();
        while let Some(least) = rivals.iter().copied().reduce(f64::min) {
            rivals.retain(|since| *since > least);
            let (theirs, mut ours): (Vec<_>, Vec<_>) = later.into_iter().partition(|job| after(job, Some(least)));
            ours.extend(theirs);
            later = ours;
        }
        later
    }
}
