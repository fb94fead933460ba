//! Other creations whose jobs could be taken for one that was lost, and it for theirs: identical ones, and where little is told of a
//! job all that are alike.

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
    /// Creations whose jobs cannot be told from this one's.
    pub(super) fn siblings(&self, known: &Rc<Known>) -> impl Iterator<Item = Rc<Known>> {
        self.account.tickets().into_iter().filter(|sibling| {
            !Rc::ptr_eq(sibling, known) && self.alike(&known.ticket.borrow().request, &sibling.ticket.borrow().request)
        })
    }

    /// Whether an identical creation may have this one's job.
    pub(super) fn may_be_swapped(&self, known: &Rc<Known>) -> bool {
        known.sibling_lost.get() > 0.0 || self.siblings(known).any(|sibling| sibling.lost.get().is_some())
    }

    /// A ticket goes whose job nobody knows: one that fits another creation may be its.
    pub(super) fn left_in_doubt(&self, known: &Rc<Known>) {
        if self.told_little() && known.ticket.borrow().unsettled() {
            self.leaves(known, Some(self.host.now()));
            self.account.left_in_doubt(known.ticket.borrow().clone());
        }
    }

    /// A ticket goes whose creation was lost at that time: an identical one may have its job.
    pub(super) fn leaves(&self, known: &Rc<Known>, lost_at: Option<f64>) {
        if let Some(lost_at) = lost_at {
            for sibling in self.siblings(known) {
                sibling.sibling_lost.set(sibling.sibling_lost.get().max(lost_at));
            }
        }
    }

    /// Whether a job that may be this creation's may as well be that of one that ended in doubt, of which nothing is known any more.
    pub(super) fn may_be_a_lost_one(&self, known: &Rc<Known>) -> bool {
        let ticket = known.ticket.borrow();
        let Some(from) = self.earliest(&ticket) else { return false };
        self.account.any_in_doubt(|lost| {
            lost.id != ticket.id
                && self.alike(&lost.request, &ticket.request)
                && self.latest(lost).is_some_and(|until| until >= from)
        })
    }

    /// When a creation's job was made, by the server's clock: not before.
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

    /// The likeliest first, of jobs that come newest first.
    pub(super) fn in_order(&self, known: &Rc<Known>, found: Vec<Generation>) -> Vec<Generation> {
        let (placed, since_sent) = {
            let ticket = known.ticket.borrow();
            let skew = ticket.skew.or(self.account.skew.first());
            let since_sent = ticket.first.or(ticket.sent).zip(skew).map(|(sent, skew)| sent + skew - MARGIN);
            (ticket.skew.is_some(), since_sent)
        };
        // The oldest since it was sent; where that is not known, what is newest.
        let after = |job: &Generation, since: Option<f64>| since.is_some_and(|at| self.created(job) >= Some(at));
        let (mut later, earlier): (Vec<_>, Vec<_>) = found.into_iter().partition(|job| after(job, since_sent));
        later.reverse();
        later.extend(earlier);
        if placed {
            return later;
        }
        // Where it may have been sent at any time, it leaves to others what theirs can be, above all to who was sent last.
        let mut rivals: Vec<_> = self
            .siblings(known)
            .filter_map(|sibling| {
                let ticket = sibling.ticket.borrow();
                self.earliest(&ticket).filter(|_| ticket.unsettled())
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
