//! Finding the job of a creation whose answer was lost: in the list, by what it was asked for (`echo`), by when it was made, and by
//! belonging to no other ticket (`rivals`).

use super::account::{Hands, Known};
use super::{Client, Event, Host, Outcome, PAGE, retry};
use crate::error::{Code, Error};
use crate::generation::Generation;
use crate::provider::Trace;
use std::rc::Rc;

/// When the list is looked at, in ms after the answer was lost. A job that the list shows by the last of these is found;
/// after it the creation counts as never made.
const LOOKS: [f64; 6] = [500.0, 2000.0, 5000.0, 10_000.0, 20_000.0, LATEST];
/// A server may take a creation so long after its connection was lost, in ms.
pub(super) const LATEST: f64 = 30_000.0;
/// While an identical creation is under way, its job could be taken for this one's: how often that is asked, in ms.
const SIBLING: f64 = 500.0;
/// What was made since fills fewer pages than this; should it not, nobody can tell what became of the creation.
const MOST_PAGES: u32 = 200;
/// The lock under which a job is claimed: two clients that share a store must not both find the same one.
const CLAIMS: &str = "claims";

/// What came of a look.
enum Claim {
    Job(Generation),
    Nothing,
    /// Whether a job is ours is known only when an identical creation has its own.
    Undecided,
}

impl<H: Host> Client<H> {
    /// Looks for a ticket's job until it would be there; what is found belongs to the ticket from then on.
    pub(super) async fn find(&self, known: &Rc<Known>) -> Outcome<Option<Generation>> {
        // What another life lost, it lost by another clock, which may have stood still: it is looked for from now on.
        let mut lost_at = known.lost.get().unwrap_or_else(|| self.host.now());
        loop {
            if let Some(found) = self.look_out(known, lost_at).await? {
                return Ok(Some(found));
            }
            // An identical creation may have taken our job for its own, and what that one makes is ours then.
            let latest =
                self.siblings(known).filter_map(|sibling| sibling.lost.get()).fold(known.sibling_lost.get(), f64::max);
            if latest <= lost_at {
                return match self.provider.trace() {
                    Trace::Requests => Ok(None),
                    // It may have run and ended, or not be told from another.
                    _ => Err(Error::new(Code::UnknownOutcome, "")),
                };
            }
            lost_at = latest;
        }
    }

    /// Looks for as long as the job of a creation that was lost at that time may take to show.
    async fn look_out(&self, known: &Rc<Known>, lost_at: f64) -> Outcome<Option<Generation>> {
        let mut misses = 0;
        let mut looks = LOOKS.into_iter().peekable();
        let mut strangers = Vec::new();
        while let Some(after) = looks.next() {
            let last = looks.peek().is_none();
            let mut due = lost_at + after;
            if due < self.host.now() && !last {
                continue;
            }
            // The last look decides, so it has to succeed.
            loop {
                self.host.sleep((due - self.host.now()).max(0.0)).await;
                while self.sibling_is_sending(known).await? {
                    self.host.sleep(SIBLING).await;
                }
                let candidates = match self.listed(known, &mut strangers).await {
                    Ok(candidates) => candidates,
                    Err(error) if passes(&error) && misses < retry::MOST_MISSES => {
                        misses += 1;
                        if !last {
                            break;
                        }
                        due = self.host.now() + retry::wait(misses, error.retry_after, self.host.random());
                        continue;
                    }
                    Err(error) => return Err(error),
                };
                match self.claim(known, candidates).await? {
                    Claim::Job(job) => return Ok(Some(job)),
                    Claim::Nothing => break,
                    Claim::Undecided => {}
                }
            }
        }
        Ok(None)
    }

    /// Whether the very same request is under way, here or in another tab.
    async fn sibling_is_sending(&self, known: &Rc<Known>) -> Outcome<bool> {
        self.let_go();
        if self.siblings(known).any(|sibling| sibling.hands.get() == Hands::Sending) {
            return Ok(true);
        }
        let elsewhere = |sibling: &Rc<Known>| {
            let ticket = sibling.ticket.borrow();
            ticket.unsettled()
                && ticket.doubt.is_none()
                && matches!(sibling.hands.get(), Hands::Nobody | Hands::Elsewhere)
        };
        if !self.host.stores() || !self.siblings(known).any(|sibling| elsewhere(&sibling)) {
            return Ok(false);
        }
        self.reload().await?;
        // Who sends it holds its lock. One that is free may have been given back since the store was read.
        let suspects: Vec<_> = self.siblings(known).filter(elsewhere).collect();
        for sibling in &suspects {
            if self.lock(&self.key(sibling)).await?.is_none() {
                return Ok(true);
            }
            // Whoever sent it is gone.
            sibling.learn_lost(self.host.now());
        }
        if !suspects.is_empty() {
            self.reload().await?;
        }
        Ok(false)
    }

    /// Takes the first of these jobs that belongs to nobody.
    async fn claim(&self, known: &Rc<Known>, candidates: Vec<Generation>) -> Outcome<Claim> {
        if candidates.is_empty() {
            return Ok(Claim::Nothing);
        }
        let mut lock = None;
        if self.host.stores() {
            while lock.is_none() {
                lock = self.lock(CLAIMS).await?;
                if lock.is_none() {
                    self.host.sleep(SIBLING).await;
                }
            }
            self.reload().await?;
        }
        // What is in the list may be that of one that was sent while it was on its way.
        if self.sibling_is_sending(known).await? {
            return Ok(Claim::Undecided);
        }
        // What fits two creations may be the other's.
        let rival = |sibling: Rc<Known>| sibling.ticket.borrow().unsettled();
        let rivals =
            || known.sibling_lost.get() > 0.0 || self.siblings(known).any(rival) || self.may_be_a_lost_one(known);
        if self.told_little() && rivals() {
            return Ok(Claim::Nothing);
        }
        let candidates = self.in_order(known, candidates);
        let Some(found) = candidates.into_iter().find(|job| self.free(known, job)) else { return Ok(Claim::Nothing) };
        known.ticket.borrow_mut().job = Some(found.id.clone());
        if let Some(written) = self.write_down(known) {
            // Should it fail, the job is found again by whoever takes the ticket up.
            let _ = written.await;
        }
        drop(lock);
        self.host.event(Event::Found { ticket: &known.ticket.borrow().id, id: &self.shown(&found.id) });
        Ok(Claim::Job(found))
    }

    /// One look at the list: the jobs that may be the ticket's, newest first. `strangers` are those that an earlier look
    /// has found to be others'.
    async fn listed(&self, known: &Rc<Known>, strangers: &mut Vec<String>) -> Outcome<Vec<Generation>> {
        let request = known.ticket.borrow().request.clone();
        let mut found: Vec<Generation> = Vec::new();
        let mut page = 0;
        loop {
            let Some(call) = self.provider.list(Some(PAGE), Some(PAGE * f64::from(page))) else { break };
            let response = self.read(&call).await.0?;
            let listed = self.page(&response)?;
            let (from, until) = {
                let ticket = known.ticket.borrow();
                // Where little is told of a job, one that was made when this could not have been is another's.
                let until = self.latest(&ticket).filter(|_| self.told_little());
                (self.earliest(&ticket).unwrap_or_default(), until.unwrap_or(f64::INFINITY))
            };
            let mut older = false;
            for generation in &listed.generations {
                let created = self.created(generation);
                // One that does not tell when it was made cannot be told from an earlier one.
                if created.is_none_or(|created| created < from) {
                    older |= created.is_some();
                    continue;
                }
                // One that is made meanwhile moves the rest down, and some to the next page.
                if found.iter().any(|other| other.id == generation.id) {
                    continue;
                }
                // What is known to be another's makes no doubt about the rest.
                let other = self.told_little()
                    && (created.is_some_and(|created| created > until)
                        || !self.free(known, generation)
                        || strangers.contains(&generation.id));
                if other {
                    continue;
                }
                // Where the list tells nothing of what was asked for, the job itself may.
                let whole = if self.told_little() && generation.request.is_none() {
                    let response = self.read(&self.provider.get(&generation.id)).await.0?;
                    self.generation(&response)?
                } else {
                    generation.clone()
                };
                if self.is_of(&request, &whole) {
                    found.push(whole);
                } else if self.told_little() {
                    strangers.push(whole.id.clone());
                }
            }
            if older || !listed.has_more {
                break;
            }
            page += 1;
            if page == MOST_PAGES {
                return Err(Error::new(Code::UnknownOutcome, "").from(self.provider.id()));
            }
        }
        // Of what runs little is told: two that fit are one too many.
        if self.told_little() && found.len() > 1 {
            found.clear();
        }
        Ok(found)
    }

    /// Whether a job is nobody's but that ticket's.
    fn free(&self, known: &Rc<Known>, job: &Generation) -> bool {
        !self.account.claimed(&job.id, known) && !self.done.borrow().contains(&job.id)
    }
}

/// Whether another look may succeed. What is not a list is not the provider's answer.
fn passes(error: &Error) -> bool {
    retry::read_again(error) || error.code == Code::Protocol
}
