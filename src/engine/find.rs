//! Recovery: what became of a creation whose answer was lost. Its job is looked for in the list of jobs, by what it was asked for
//! (`echo`) and by when it was made (`window`).
//!
//! Several creations of one request may be lost at the same time, and nobody can tell which job is whose. Nobody has to: jobs of one
//! request are as good as each other. Three rules see to it that each such creation gets one job, or is known not to have been made:
//!
//! * **A job that fits and belongs to no ticket belongs to whoever finds it first.**
//! * **While a creation that would fit it as well is under way, its answer is waited for**: it tells whether the job is its own.
//! * **Nothing was made if no such job is left 30 s after the last loss among these creations** ([`Client::lose`]). Each that was made
//!   shows by then; so where none is left, as many were found as were made, whoever has which.
//!
//! Creations of one request are not kept from being sent at the same time. If each waited for the answer to the one before, then no two
//! would ever be lost at once; but it was measured that 400 identical pictures then take 16 % longer with answers after 0.75 s, and
//! twice as long after 1.5 s, since no more than one creation a round trip goes out. Where little is told of a job, waiting would not
//! make it certain either: there a creation is alike to others that ask for something else (`ambiguity`).

use super::account::Known;
use super::{Client, Event, Host, Outcome, PAGE, retry};
use crate::error::{Code, Error};
use crate::generation::Generation;
use crate::provider::Trace;
use std::rc::Rc;

/// When the list is read, in ms after the last loss. A job that the list shows by the last of these is found; after it the creation
/// counts as never made.
const POLLS: [f64; 6] = [500.0, 2000.0, 5000.0, 10_000.0, 20_000.0, LATEST];
/// A server may take a creation so long after its connection was lost, in ms.
pub(super) const LATEST: f64 = 30_000.0;
/// How often it is asked whether another creation is still under way, or another client still claims a job, in ms.
const AGAIN: f64 = 500.0;
/// What was made since fills fewer pages than this; should it not, nobody can tell what became of the creation.
const MOST_PAGES: u32 = 200;
/// The lock under which a job is claimed: two clients that share a store must not both find the same one.
const CLAIMS: &str = "claims";

/// What a search came to.
pub(super) enum Found {
    Job(Generation),
    /// Nothing was made. `others`: there are jobs that would fit and belong to others; one of them may be what was made of this creation.
    Nothing {
        others: bool,
    },
}

impl<H: Host> Client<H> {
    /// A creation was lost at that time, by this life's clock. It may be given the job of another one that it fits, which then needs as
    /// much time to get this one's: so all that are lost and alike count from the last loss.
    pub(super) fn lose(&self, known: &Rc<Known>, at: f64) {
        known.lost.set(Some(at));
        for other in self.all_alike(known) {
            if let Some(before) = other.lost.get() {
                other.lost.set(Some(before.max(at)));
            }
        }
    }

    /// Looks for a ticket's job until it would be there; what is found belongs to the ticket from then on.
    pub(super) async fn find(&self, known: &Rc<Known>) -> Outcome<Found> {
        let (mut polled, mut misses) = (f64::NEG_INFINITY, 0);
        let mut strangers = Vec::new();
        loop {
            let lost_at = known.lost.get().unwrap_or_else(|| self.host.now());
            let after_now = |after: &f64| lost_at + after > polled.max(self.host.now());
            // The last poll decides, so it is not left out however late it is, and has to succeed.
            let after = POLLS.into_iter().find(after_now).unwrap_or(LATEST);
            let last = after == LATEST;
            polled = lost_at + after;
            self.host.sleep((polled - self.host.now()).max(0.0)).await;
            let candidates = match self.listed(known, &mut strangers).await {
                Ok(candidates) => candidates,
                Err(error) if passes(&error) && misses < retry::MOST_MISSES => {
                    misses += 1;
                    if last {
                        self.host.sleep(retry::wait(misses, error.retry_after, self.host.random())).await;
                    }
                    continue;
                }
                Err(error) => return Err(error),
            };
            let others = !candidates.is_empty();
            if let Some(job) = self.claim(known, candidates).await? {
                return Ok(Found::Job(job));
            }
            if last && known.lost.get().is_none_or(|lost| lost <= lost_at) {
                return match self.provider.trace() {
                    Trace::Requests => Ok(Found::Nothing { others }),
                    // It may have run and ended, or not be told from another.
                    _ => Err(Error::new(Code::UnknownOutcome, "")),
                };
            }
        }
    }

    /// Takes the first of these jobs that belongs to nobody.
    async fn claim(&self, known: &Rc<Known>, candidates: Vec<Generation>) -> Outcome<Option<Generation>> {
        if candidates.is_empty() {
            return Ok(None);
        }
        let stores = self.host.stores();
        let lock = loop {
            let lock = if stores { self.lock(CLAIMS).await? } else { None };
            if lock.is_some() || !stores {
                if stores {
                    self.reload().await?;
                }
                if !self.under_way(known).await? {
                    break lock;
                }
            }
            drop(lock);
            self.host.sleep(AGAIN).await;
        };
        if self.is_ambiguous(known) {
            return Ok(None);
        }
        let candidates = self.in_order(known, candidates);
        let Some(found) = candidates.into_iter().find(|job| self.free(known, job)) else { return Ok(None) };
        known.ticket.borrow_mut().job = Some(found.id.clone());
        if let Some(written) = self.write_down(known) {
            // Should it fail, the job is found again by whoever takes the ticket up.
            let _ = written.await;
        }
        drop(lock);
        self.host.event(Event::Found { ticket: &known.ticket.borrow().id, id: &self.shown(&found.id) });
        Ok(Some(found))
    }

    /// Whether a creation that is alike is under way, here or in another client, or was when the store was read. Who sends one holds the
    /// lock of its ticket: one that is free was given back since then, which the store tells, or by a client that is gone.
    async fn under_way(&self, known: &Rc<Known>) -> Outcome<bool> {
        self.let_go();
        let unanswered: Vec<_> = self.all_alike(known).filter(|other| other.is_unanswered()).collect();
        for other in unanswered.iter().filter(|other| !other.is_in_hand()) {
            let elsewhere = self.host.stores() && other.lock.borrow().is_none();
            if !elsewhere || self.lock(&self.key(other)).await?.is_some() {
                self.lose(other, self.host.now());
            }
        }
        Ok(!unanswered.is_empty())
    }

    /// Reads the list: the jobs that may be the ticket's, newest first. `strangers` are those that an earlier poll has found to be others'.
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

/// Whether another poll may succeed. What is not a list is not the provider's answer.
fn passes(error: &Error) -> bool {
    retry::read_again(error) || error.code == Code::Protocol
}
