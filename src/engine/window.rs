//! When the job of a creation can have been made, by the server's clock, and which of the jobs that fit it is the likeliest.

use super::account::Known;
use super::find::LATEST;
use super::ticket::Ticket;
use super::{Client, Host};
use crate::generation::Generation;
use std::rc::Rc;

/// Two clocks of one provider may differ so much, in ms.
const MARGIN: f64 = 1000.0;
/// And a provider's and ours, while no answer has told the time, so much: most are right by a few minutes, and one that sleeps
/// falls behind.
pub(super) const UNKNOWN: f64 = 600_000.0;

impl<H: Host> Client<H> {
    /// When a creation's job was made: not before.
    pub(super) fn earliest(&self, ticket: &Ticket) -> Option<f64> {
        Some(ticket.first.or(ticket.sent)? + self.skew_of(ticket).0 - MARGIN)
    }

    /// The same: not after.
    pub(super) fn latest(&self, ticket: &Ticket) -> Option<f64> {
        Some(ticket.doubt.or(ticket.sent)? + LATEST + self.skew_of(ticket).1 + MARGIN)
    }

    /// At least and at most so much was the server's clock ahead of ours when the ticket was sent. Where no answer had told by then, a
    /// later one does not quite: the machine may have slept since, or been another.
    pub(super) fn skew_of(&self, ticket: &Ticket) -> (f64, f64) {
        let later = self.account.skew.first().unwrap_or_default();
        ticket.skew.map_or((later.min(0.0) - UNKNOWN, later.max(0.0) + UNKNOWN), |skew| (skew, skew))
    }

    /// The likeliest first, of jobs that come newest first: the oldest since the creation was sent; where that is not known, the newest.
    /// But one that another lost creation could not take comes before one that it could.
    pub(super) fn in_order(&self, known: &Rc<Known>, found: Vec<Generation>) -> Vec<Generation> {
        let since_sent = {
            let ticket = known.ticket.borrow();
            let skew = ticket.skew.or(self.account.skew.first());
            ticket.first.or(ticket.sent).zip(skew).map(|(sent, skew)| sent + skew - MARGIN)
        };
        let since = |job: &Generation, from: Option<f64>| from.is_some_and(|from| self.created(job) >= Some(from));
        let (mut jobs, earlier): (Vec<_>, Vec<_>) = found.into_iter().partition(|job| since(job, since_sent));
        jobs.reverse();
        jobs.extend(earlier);
        let others: Vec<_> = self.all_alike(known).filter(|other| other.ticket.borrow().unsettled()).collect();
        jobs.sort_by_cached_key(|job| {
            let takes = |other: &&Rc<Known>| {
                let ticket = other.ticket.borrow();
                since(job, self.earliest(&ticket)) && self.is_of(&ticket.request, job)
            };
            others.iter().filter(takes).count()
        });
        jobs
    }
}
