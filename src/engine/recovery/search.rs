//! Searching the list until the job would be there.

use super::Recovery;
use super::claim::Claim;
use crate::engine::model::timing::LATEST_ARRIVAL;
use crate::engine::model::{Host, Outcome};
use crate::engine::scheduling::retry;
use crate::engine::tickets::{Ownership, TicketEntry};
use crate::error::{Code, Error};
use crate::generation::Generation;
use crate::provider::PAGE_SIZE;
use std::rc::Rc;

/// When the list is looked at, in ms after the answer was lost. A job that the list shows by the last of these is found;
/// after it the creation counts as never made.
const SEARCH_TIMES: [f64; 6] = [500.0, 2000.0, 5000.0, 10_000.0, 20_000.0, LATEST_ARRIVAL];

/// While an identical creation is under way, its job could be taken for this one's: how often that is asked, in ms.
pub const SIBLING: f64 = 500.0;

/// What was made since fills fewer pages than this; should it not, nobody can tell what became of the creation.
const MOST_PAGES: u32 = 200;

impl<H: Host> Recovery<H> {
    /// Looks for as long as the job of a creation that was lost at that time may take to show.
    pub async fn search_listing(&self, entry: &Rc<TicketEntry>, lost_at: f64) -> Outcome<Option<Generation>> {
        let mut misses = 0;
        let mut looks = SEARCH_TIMES.into_iter().peekable();
        let mut excluded_ids = Vec::new();
        while let Some(after) = looks.next() {
            let last = looks.peek().is_none();
            let mut due = lost_at + after;
            if due < self.transport.host.now() && !last {
                continue;
            }
            // The last look decides, so it has to succeed.
            loop {
                self.transport.host.sleep((due - self.transport.host.now()).max(0.0)).await;
                while self.sibling_is_sending(entry).await? {
                    self.transport.host.sleep(SIBLING).await;
                }
                let candidates = match self.listed(entry, &mut excluded_ids).await {
                    Ok(candidates) => candidates,
                    Err(error) if passes(&error) && misses < retry::MOST_FAILED_READS => {
                        misses += 1;
                        if !last {
                            break;
                        }
                        due = self.transport.host.now()
                            + retry::backoff_delay(misses, error.retry_after, self.transport.host.random());
                        continue;
                    }
                    Err(error) => return Err(error),
                };
                match self.claim(entry, candidates).await? {
                    Claim::Job(job) => return Ok(Some(job)),
                    Claim::Nothing => break,
                    Claim::Undecided => {}
                }
            }
        }
        Ok(None)
    }

    /// Whether the very same request is under way, here or in another tab.
    pub async fn sibling_is_sending(&self, entry: &Rc<TicketEntry>) -> Outcome<bool> {
        self.tickets.expire_leases();
        if self.tickets.siblings(entry).any(|sibling| sibling.ownership.get() == Ownership::Sending) {
            return Ok(true);
        }
        let elsewhere = |sibling: &Rc<TicketEntry>| {
            let ticket = sibling.ticket.borrow();
            ticket.unsettled()
                && ticket.doubt.is_none()
                && matches!(sibling.ownership.get(), Ownership::Free | Ownership::Elsewhere)
        };
        if !self.transport.host.has_store() || !self.tickets.siblings(entry).any(|sibling| elsewhere(&sibling)) {
            return Ok(false);
        }
        self.tickets.sync().await?;
        // Who sends it holds its lock. One that is free may have been given back since the store was read.
        let suspects: Vec<_> = self.tickets.siblings(entry).filter(elsewhere).collect();
        for sibling in &suspects {
            if self.tickets.lock(&self.tickets.key(sibling)).await?.is_none() {
                return Ok(true);
            }
            // Whoever sent it is gone.
            sibling.learn_lost(self.transport.host.now());
        }
        if !suspects.is_empty() {
            self.tickets.sync().await?;
        }
        Ok(false)
    }

    /// One look at the list: the jobs that may be the ticket's, newest first. `strangers` are those that an earlier look
    /// has found to be others'.
    pub async fn listed(&self, entry: &Rc<TicketEntry>, excluded_ids: &mut Vec<String>) -> Outcome<Vec<Generation>> {
        let request = entry.ticket.borrow().request.clone();
        let mut found: Vec<Generation> = Vec::new();
        let mut page = 0;
        loop {
            let Some(call) = self.transport.provider.list(Some(PAGE_SIZE), Some(PAGE_SIZE * f64::from(page))) else {
                break;
            };
            let response = self.transport.read(&call).await.0?;
            let listed = self.transport.page(&response)?;
            let (from, until) = {
                let ticket = entry.ticket.borrow();
                // Where little is told of a job, one that was made when this could not have been is another's.
                let until = self.tickets.latest(&ticket).filter(|_| self.tickets.has_partial_echo());
                (self.tickets.earliest(&ticket).unwrap_or_default(), until.unwrap_or(f64::INFINITY))
            };
            let mut older = false;
            for generation in &listed.generations {
                let created = self.transport.created_at(generation);
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
                let other = self.tickets.has_partial_echo()
                    && (created.is_some_and(|created| created > until)
                        || !self.free(entry, generation)
                        || excluded_ids.contains(&generation.id));
                if other {
                    continue;
                }
                // Where the list tells nothing of what was asked for, the job itself may.
                let whole = if self.tickets.has_partial_echo() && generation.request.is_none() {
                    let response = self.transport.read(&self.transport.provider.get(&generation.id)).await.0?;
                    self.transport.generation(&response)?
                } else {
                    generation.clone()
                };
                if self.tickets.is_of(&request, &whole) {
                    found.push(whole);
                } else if self.tickets.has_partial_echo() {
                    excluded_ids.push(whole.id.clone());
                }
            }
            if older || !listed.has_more {
                break;
            }
            page += 1;
            if page == MOST_PAGES {
                return Err(Error::new(Code::UnknownOutcome, "").from(self.transport.provider.id()));
            }
        }
        // Of what runs little is told: two that fit are one too many.
        if self.tickets.has_partial_echo() && found.len() > 1 {
            found.clear();
        }
        Ok(found)
    }
}

/// Whether another look may succeed. What is not a list is not the provider's answer.
fn passes(error: &Error) -> bool {
    retry::is_retryable_read(error) || error.code == Code::Protocol
}
