//! A ticket in hand: who holds it sees to it that what is left behind, whenever that may be, is true.

use super::account::{Hands, Known, Pulse};
use super::find::LATEST;
use super::lane::Slot;
use super::poll::LEASE_MARGIN;
use super::{Client, FORGOTTEN, Host};
use std::any::Any;
use std::rc::Rc;

/// A creation under way. Dropped at any point, it leaves behind what is true: nothing, a ticket that may only be found, or a
/// ticket of a job that goes on.
pub(super) struct Work<'a, H: Host> {
    client: &'a Client<H>,
    pub known: Rc<Known>,
    pub stage: Stage,
    pub slot: Option<Slot>,
    /// By which it is known whether another call has taken the ticket up since.
    number: u32,
    /// Its turn among the creations that wait, once it had one.
    pub tag: Option<f64>,
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
        let held = known.is_held(self.number);
        match self.stage {
            // It is another's by now.
            _ if !held => {}
            // Who takes up a ticket can do so again: it stays as it was.
            _ if self.resumed => {}
            Stage::Unsent => client.forget(known),
            Stage::InDoubt => {
                known.ticket.borrow_mut().withdrawn = true;
                known.lose(client.host.now());
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
        if held {
            known.hands.set(Hands::Nobody);
            drop(known.lock.take());
        }
    }
}

impl<H: Host> Work<'_, H> {
    /// The store's lock is ours until the ticket is laid down.
    pub fn hold(&self, lock: Option<H::Lock>) {
        *self.known.lock.borrow_mut() = lock.map(|lock| Box::new(lock) as Box<dyn Any>);
    }

    /// Whether no other call has taken the ticket up.
    pub fn is_ours(&self) -> bool {
        self.known.is_held(self.number)
    }

    /// Nothing was made of what was just sent. What was sent and lost before that may still turn up: then it stays in doubt.
    pub fn not_made(&mut self, sent_at: f64, now: f64) {
        let mut ticket = self.known.ticket.borrow_mut();
        if ticket.first.is_none_or(|first| first >= sent_at) {
            self.stage = Stage::Unsent;
            (ticket.sent, ticket.first, ticket.skew) = (None, None, None);
        } else {
            drop(ticket);
            self.known.lose(now);
        }
    }
}

impl<H: Host> Client<H> {
    /// Takes a ticket in hand.
    pub(super) fn work(&self, known: Rc<Known>, stage: Stage, pulse: &Pulse) -> Work<'_, H> {
        let number = known.take(Hands::Here, pulse, self.lease(&known));
        let expected = self.guess(&known.ticket.borrow().request).expected;
        let slot = (stage != Stage::Unsent).then(|| self.adopt(&known, FORGOTTEN));
        // A job that is known frees its place by its end.
        let slot = slot.filter(|_| stage == Stage::InDoubt);
        Work { client: self, known, stage, slot, number, tag: None, resumed: false, expected }
    }

    /// How long a creation is under way at most, in ms.
    pub(super) fn lease(&self, known: &Known) -> f64 {
        self.patience(&known.ticket.borrow().request) + LEASE_MARGIN
    }

    /// A job that runs, or may, takes its place within the limits, for so many ms at most.
    pub(super) fn adopt(&self, known: &Known, longest: f64) -> Slot {
        let ticket = known.ticket.borrow();
        let name = ticket.job.as_ref().unwrap_or(&ticket.id);
        let (now, sent) = (self.host.now(), ticket.sent.unwrap_or_default());
        let expected = self.guess(&ticket.request).expected;
        self.account.lane(ticket.request.kind).adopt(now, sent, expected, now + longest, name)
    }

    /// All that may run counts within the limits, whoever waits for it: what an earlier life began, what another tab has.
    pub(super) fn adopt_idle(&self, known: &Known) {
        let longest = {
            let ticket = known.ticket.borrow();
            let Some(sent) = ticket.sent.filter(|_| ticket.state.is_none_or(|state| !state.is_final())) else { return };
            // As long as for one whose answer was lost, where the job is not known. Whoever sent it may have had another clock.
            let lost = || self.lease(known) + LATEST + 2.0 * self.guess(&ticket.request).expected;
            let since = || known.lost.get().or(known.met.get()).unwrap_or(sent);
            let (whole, since) = if ticket.job.is_some() { (FORGOTTEN, sent) } else { (lost(), since()) };
            whole - (self.host.now() - since).max(0.0)
        };
        if longest > 0.0 {
            self.adopt(known, longest);
        }
    }

    /// Lets go of what calls have in hand that are gone. Gives whether there are some of which that is not known yet.
    pub(super) fn let_go(&self) -> bool {
        let now = self.host.now();
        let mut unsure = false;
        for known in self.account.tickets() {
            match known.is_abandoned(now) {
                None => unsure = true,
                Some(false) => {}
                Some(true) => {
                    // As after a crash; its answer is not waited for any more.
                    if known.hands.replace(Hands::Nobody) == Hands::Sending {
                        let lost_at = {
                            let ticket = known.ticket.borrow();
                            ticket.sent.unwrap_or(now) + self.patience(&ticket.request)
                        };
                        known.lose(lost_at);
                    }
                }
            }
        }
        unsure
    }
}
