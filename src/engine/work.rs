//! A ticket in hand: who holds it sees to it that what is left behind, whenever that may be, is true.

use super::account::{Hands, Known};
use super::lane::Slot;
use super::{Client, Host};
use std::rc::Rc;

/// A creation under way. Dropped at any point, it leaves behind what is true: nothing, a ticket that may only be found, or a
/// ticket of a job that goes on.
pub(super) struct Work<'a, H: Host> {
    client: &'a Client<H>,
    pub known: Rc<Known<H::Value>>,
    pub stage: Stage,
    pub slot: Option<Slot>,
    pub lock: Option<H::Lock>,
    /// Whether it was begun in an earlier life.
    pub resumed: bool,
    /// How long such a job takes, in ms.
    pub expected: f64,
}

/// How far a creation is, which decides what an end in mid-way leaves behind.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Nothing was sent.
    Unsent,
    /// The job may have been made.
    InDoubt,
    /// The job is known.
    Made,
    /// Nothing is left to be done.
    Over,
}

impl<H: Host> Drop for Work<'_, H> {
    fn drop(&mut self) {
        let Work { client, known, slot, .. } = self;
        known.hands.set(Hands::Nobody);
        match self.stage {
            // Who takes up a ticket can do so again: it stays as it was.
            _ if self.resumed => {}
            Stage::Unsent => client.forget(known),
            Stage::InDoubt => {
                {
                    let mut ticket = known.ticket.borrow_mut();
                    ticket.withdrawn = true;
                    ticket.doubt.get_or_insert(client.host.now());
                }
                known.paid();
                client.keep(known);
            }
            Stage::Made | Stage::Over => {}
        }
        if let Some(slot) = slot.take() {
            match self.stage {
                Stage::InDoubt => slot.lost(client.host.now(), self.expected),
                _ => slot.free(),
            }
        }
    }
}

impl<H: Host> Work<'_, H> {
    /// Nothing was made of what was just sent. What was sent and lost before that may still turn up: then it stays in doubt.
    pub fn not_made(&mut self, sent_at: f64, now: f64) {
        let mut ticket = self.known.ticket.borrow_mut();
        if ticket.first.is_none_or(|first| first >= sent_at) {
            self.stage = Stage::Unsent;
            (ticket.sent, ticket.first, ticket.skew) = (None, None, None);
        } else {
            ticket.doubt.get_or_insert(now);
        }
    }
}

impl<H: Host> Client<H> {
    /// Takes a ticket in hand.
    pub(super) fn work(&self, known: Rc<Known<H::Value>>, stage: Stage) -> Work<'_, H> {
        known.hands.set(Hands::Here);
        let expected = self.guess(&known.ticket.borrow().request).expected;
        let slot = (stage != Stage::Unsent).then(|| self.adopt(&known, expected));
        // A job that is known frees its place by its end.
        let slot = slot.filter(|_| stage == Stage::InDoubt);
        Work { client: self, known, stage, slot, lock: None, resumed: false, expected }
    }

    /// A job that runs, or may, takes its place within the limits.
    pub(super) fn adopt(&self, known: &Known<H::Value>, expected: f64) -> Slot {
        let ticket = known.ticket.borrow();
        let name = ticket.job.as_ref().unwrap_or(&ticket.id);
        let sent = ticket.sent.unwrap_or_default();
        self.account.lane(ticket.request.kind).adopt(self.host.now(), sent, expected, name)
    }
}
