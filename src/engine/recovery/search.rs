//! Searching until the job would show: by its key, where the server honours those, else in the list.

use super::claim::Claim;
use super::{Recovered, Recovery};
use crate::engine::model::timing::{LATEST_ARRIVAL, SEARCH_TIMES};
use crate::engine::model::{Host, Outcome, RecoveryMode};
use crate::engine::scheduling::retry;
use crate::engine::tickets::TicketEntry;
use crate::engine::transport::{FORGOTTEN, HONOURED};
use crate::error::Code;
use crate::generation::Generation;
use crate::provider::{PAGE_SIZE, RecoverySupport};
use std::rc::Rc;

/// The jobs that were made since fill fewer pages than this. If they do not, the outcome stays unknown.
const MAX_PAGES: u32 = 200;

impl<H: Host> Recovery<H> {
    /// Searches for a ticket's job until it would show. A job that is found belongs to the ticket from then on. `unkeyed`: what to do
    /// where there is no key, or the server honours none. By its key a creation can be sent again before it is certain that nothing was
    /// made of what was lost; `finally`: it will not be.
    pub async fn find(
        &self,
        entry: &Rc<TicketEntry>,
        mut keyed: bool,
        unkeyed: RecoveryMode,
        finally: bool,
    ) -> Outcome<Recovered> {
        let host = &self.transport.host;
        let (mut searched, mut failures) = (f64::NEG_INFINITY, 0);
        keyed &= self.has_key(entry);
        let mut earlier = EarlierSearches::default();
        loop {
            match unkeyed {
                _ if keyed => {}
                RecoveryMode::Find => {}
                RecoveryMode::Report => return Ok(Recovered::Unknown),
                RecoveryMode::Resend => return Ok(Recovered::NotMade { claimed_by_others: false }),
            }
            let lost_at = entry.last_loss.get().unwrap_or_else(|| host.now());
            let ahead = |after: &f64| lost_at + after > searched.max(host.now());
            // The last search decides. It takes place however late it is, and has to succeed.
            let after = SEARCH_TIMES.into_iter().find(ahead).unwrap_or(LATEST_ARRIVAL);
            let last = after == LATEST_ARRIVAL;
            searched = lost_at + after;
            host.sleep((searched - host.now()).max(0.0)).await;
            let from = self.tickets.earliest(&entry.ticket.borrow());
            let read = if keyed { self.ask(entry).await } else { self.search_listing(entry, &mut earlier).await };
            let Listing { fitting, unclear } = match read {
                Ok(Some(listing)) => listing,
                Ok(None) => return Ok(Recovered::Unknown),
                // It is another server.
                Err(error) if keyed && error.code == Code::Unsupported => {
                    (keyed, searched) = (false, f64::NEG_INFINITY);
                    continue;
                }
                Err(error) if retry::may_pass(&error) && failures < retry::MAX_FAILED_READS => {
                    failures += 1;
                    // A server that is not known to honour keys may fail of the question.
                    keyed &= self.transport.honours_keys()
                        || error.code == Code::Network
                        || failures <= self.transport.settings.max_retries;
                    if last {
                        host.sleep(retry::read_delay(failures, error.retry_after, host.random())).await;
                    }
                    continue;
                }
                Err(error) => return Err(error),
            };
            let claimed_by_others = !fitting.is_empty();
            let claim = self.claim(entry, fitting, keyed).await?;
            // Another creation may have been lost since, or given a job of this one. Then its job may stand where this search did
            // not read.
            let lost_since = entry.last_loss.get().is_some_and(|lost| lost > lost_at);
            let goes_further_back = self.tickets.earliest(&entry.ticket.borrow()) < from;
            match claim {
                Claim::Job(job) => return Ok(Recovered::Job(job)),
                Claim::Overdue => return Ok(Recovered::Unknown),
                // Another creation was given it by a search.
                _ if keyed && claimed_by_others => keyed = false,
                _ if keyed && (last || !finally) => {
                    return Ok(Recovered::NotMade { claimed_by_others: false });
                }
                _ if !last || lost_since || goes_further_back => {}
                Claim::Ambiguous => return Ok(Recovered::Undecided),
                Claim::None => {
                    return Ok(match self.transport.provider.recovery_support() {
                        RecoverySupport::FullListing if !unclear => Recovered::NotMade { claimed_by_others },
                        // The job may have run and ended, look like another one, or be one that says too little.
                        _ => Recovered::Undecided,
                    });
                }
            }
        }
    }

    /// Reads the list once; gives nothing where it does not end.
    async fn search_listing(&self, entry: &Rc<TicketEntry>, earlier: &mut EarlierSearches) -> Outcome<Option<Listing>> {
        let partial = self.tickets.has_partial_echo();
        let (mut found, mut unclear): (Vec<Generation>, bool) = (Vec::new(), false);
        let (mut pages, mut offset, mut seen) = (0, 0.0, Vec::new());
        while let Some(call) = self.transport.provider.list(Some(PAGE_SIZE), Some(offset)) {
            let response = self.transport.read_once(&call).await?;
            let listed = self.transport.page(&response)?;
            unclear |= response.headers.get(HONOURED) == Some(FORGOTTEN);
            let (from, until) = {
                let ticket = entry.ticket.borrow();
                // Where the list shows little of a job, one that was made too late for this creation is another one's.
                let until = self.tickets.latest(&ticket).filter(|_| partial);
                (self.tickets.earliest(&ticket).unwrap_or_default(), until.unwrap_or(f64::INFINITY))
            };
            let (mut older, known) = (false, seen.len());
            for generation in &listed.generations {
                if !seen.contains(&generation.id) {
                    seen.push(generation.id.clone());
                }
                let created = self.transport.created_at(generation);
                if created.is_some_and(|created| created < from) || partial && created.is_none() {
                    older |= created.is_some();
                    continue;
                }
                // A job that is made meanwhile moves the rest down, and some of them to the next page again.
                if found.iter().any(|other| other.id == generation.id) {
                    continue;
                }
                // A job that is known to be another one's does not make the rest ambiguous.
                let other = partial
                    && (created.is_some_and(|created| created > until)
                        || !self.is_free(entry, generation)
                        || earlier.unfit_ids.contains(&generation.id));
                if other {
                    continue;
                }
                // Where the list does not echo the request, the job itself may.
                let whole = if generation.request.is_none() && self.is_free(entry, generation) {
                    let response = self.transport.read_once(&self.transport.provider.get(&generation.id)).await?;
                    self.transport.generation(&generation.id, &response)?
                } else {
                    generation.clone()
                };
                let request = &entry.ticket.borrow().request;
                let fits = self.tickets.is_job_of(request, &whole);
                if fits && created.is_some() {
                    if partial && !earlier.fitted.iter().any(|other| other.id == whole.id) {
                        earlier.fitted.push(whole.clone());
                    }
                    found.push(whole);
                } else if partial {
                    earlier.unfit_ids.push(whole.id.clone());
                } else {
                    // Without a time it may be an earlier one, without an echo anyone's, with another query another file's: it proves
                    // nothing, unless it has an owner.
                    let may_fit = fits || !self.tickets.has_echo(&whole) || self.tickets.may_be_job_of(request, &whole);
                    unclear |= may_fit && self.is_free(entry, &whole);
                }
            }
            // A list may not say whether it goes on, and a page may be shorter than was asked for: it ends with an empty one.
            if older || listed.entries == 0 || !listed.has_more {
                // An empty page that says that more follows shows nothing.
                unclear |= !partial && listed.entries == 0 && listed.has_more && pages == 0;
                break;
            }
            pages += 1;
            offset += listed.entries as f64;
            // A list that gives the same page again does not show what else was made.
            if pages == MAX_PAGES || (pages > 1 && seen.len() == known) {
                return Ok(None);
            }
        }
        // Two jobs that fit a partial echo are ambiguous, even if one of them has ended since and is not listed any more.
        earlier.fitted.retain(|job| self.is_free(entry, job));
        if earlier.fitted.len() > 1 {
            found.clear();
        }
        Ok(Some(Listing { fitting: found, unclear }))
    }
}

/// What the searches of one recovery have learnt, where the list shows little of a job.
#[derive(Default)]
struct EarlierSearches {
    /// The jobs that do not fit.
    unfit_ids: Vec<String>,
    /// Those that fitted.
    fitted: Vec<Generation>,
}

/// What the list shows of a lost creation.
pub struct Listing {
    /// The jobs that may be the ticket's, newest first.
    pub fitting: Vec<Generation>,
    /// Whether a job may be the ticket's that says too little of itself.
    pub unclear: bool,
}
