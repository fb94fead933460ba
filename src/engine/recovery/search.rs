//! Searching the list until the job would be there.

use super::{Recovered, Recovery};
use crate::engine::model::timing::{LATEST_ARRIVAL, SEARCH_TIMES};
use crate::engine::model::{Host, Outcome};
use crate::engine::scheduling::retry;
use crate::engine::tickets::TicketEntry;
use crate::error::{Code, Error};
use crate::generation::Generation;
use crate::provider::{PAGE_SIZE, RecoverySupport};
use std::rc::Rc;

/// What was made since fills fewer pages than this; should it not, nobody can tell what became of the creation.
const MOST_PAGES: u32 = 200;

impl<H: Host> Recovery<H> {
    /// Searches for a ticket's job until it would be there; what is found belongs to the ticket from then on.
    pub async fn find(&self, entry: &Rc<TicketEntry>) -> Outcome<Recovered> {
        let host = &self.transport.host;
        let (mut polled, mut misses) = (f64::NEG_INFINITY, 0);
        let mut excluded_ids = Vec::new();
        loop {
            let lost_at = entry.last_loss.get().unwrap_or_else(|| host.now());
            let ahead = |after: &f64| lost_at + after > polled.max(host.now());
            // The last poll decides: it is not left out however late it is, and has to succeed.
            let after = SEARCH_TIMES.into_iter().find(ahead).unwrap_or(LATEST_ARRIVAL);
            let last = after == LATEST_ARRIVAL;
            polled = lost_at + after;
            host.sleep((polled - host.now()).max(0.0)).await;
            let candidates = match self.listed(entry, &mut excluded_ids).await {
                Ok(candidates) => candidates,
                Err(error) if passes(&error) && misses < retry::MOST_FAILED_READS => {
                    misses += 1;
                    if last {
                        host.sleep(retry::backoff_delay(misses, error.retry_after, host.random())).await;
                    }
                    continue;
                }
                Err(error) => return Err(error),
            };
            let others = !candidates.is_empty();
            if let Some(job) = self.claim(entry, candidates).await? {
                return Ok(Recovered::Job(job));
            }
            if last && entry.last_loss.get().is_none_or(|lost| lost <= lost_at) {
                return match self.transport.provider.recovery_support() {
                    RecoverySupport::FullListing => Ok(Recovered::Nothing { others }),
                    // It may have run and ended, or not be told from another.
                    _ => Err(Error::new(Code::UnknownOutcome, "")),
                };
            }
        }
    }

    /// Reads the list: the jobs that may be the ticket's, newest first. `excluded_ids` are those that an earlier poll has
    /// found to be others'.
    async fn listed(&self, entry: &Rc<TicketEntry>, excluded_ids: &mut Vec<String>) -> Outcome<Vec<Generation>> {
        let request = entry.ticket.borrow().request.clone();
        let mut found: Vec<Generation> = Vec::new();
        let mut page = 0;
        while let Some(call) = self.transport.provider.list(Some(PAGE_SIZE), Some(PAGE_SIZE * f64::from(page))) {
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
                if self.tickets.is_job_of(&request, &whole) {
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

/// Whether another poll may succeed. What is not a list is not the provider's answer.
fn passes(error: &Error) -> bool {
    retry::is_retryable_read(error) || error.code == Code::Protocol
}
