//! Where little is told of a job (useapi and PiAPI tell a few fields of what runs), one that fits a lost creation need not be its own.
//! It is taken only if it can be nobody else's: else what became of the creation stays unknown, which its caller is told.

use super::account::Known;
use super::{Client, Host};
use std::rc::Rc;

impl<H: Host> Client<H> {
    /// Whether a job that fits this creation may as well be that of another one: one whose answer was lost, or one that was given up
    /// with its outcome unknown.
    pub(super) fn is_ambiguous(&self, known: &Rc<Known>) -> bool {
        self.told_little()
            && (self.all_alike(known).any(|other| other.ticket.borrow().unsettled()) || self.may_be_unknown_ones(known))
    }

    /// Whether the job of a creation that was given up can have been made since this one was first sent.
    fn may_be_unknown_ones(&self, known: &Rc<Known>) -> bool {
        let ticket = known.ticket.borrow();
        let Some(from) = self.earliest(&ticket) else { return false };
        self.account.any_unknown(|other| {
            other.id != ticket.id
                && self.alike(&other.request, &ticket.request)
                && self.latest(other).is_some_and(|until| until >= from)
        })
    }

    /// A ticket goes whose job nobody knows: one that fits another creation may be its.
    pub(super) fn leave_unknown(&self, known: &Known) {
        if self.told_little() && known.ticket.borrow().unsettled() {
            self.account.leave_unknown(known.ticket.borrow().clone());
        }
    }
}
