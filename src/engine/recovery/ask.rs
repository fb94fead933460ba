//! Asking a server that honours idempotency keys. It knows what became of a creation, so there is nothing to search for.

use super::claim::Claim;
use super::{Recovered, Recovery};
use crate::engine::model::timing::{KEY_LIFE, LATEST_ARRIVAL, MAX_PENDING, PENDING_CHECK};
use crate::engine::model::{Host, Outcome};
use crate::engine::scheduling::retry;
use crate::engine::tickets::TicketEntry;
use crate::engine::transport::KeyedCreation;
use crate::error::{Code, Error};
use std::rc::Rc;

impl<H: Host> Recovery<H> {
    /// What the server says of a creation that was sent with a key; `None` where it honours none, or may have forgotten it by now; an
    /// error where it cannot be asked. That
    /// nothing was made is no more than the state of things, since what was lost may still arrive: it may be sent again
    /// with its key. `finally`: that will not be done, so it is said only of what cannot arrive any more.
    pub async fn ask(&self, entry: &Rc<TicketEntry>, finally: bool, attempt: u32) -> Outcome<Option<Recovered>> {
        let host = &self.transport.host;
        let began = host.now();
        let (key, lost) = {
            let ticket = entry.ticket.borrow();
            let first = ticket.first.filter(|first| ticket.keyed && began - first < KEY_LIFE);
            let Some(first) = first else { return Ok(None) };
            (ticket.id.clone(), entry.last_loss.get().or(ticket.sent).unwrap_or(first))
        };
        let mut failures = 0;
        let mut pause = retry::backoff_delay(attempt, None, host.random());
        loop {
            host.sleep(pause).await;
            let asked = host.now();
            pause = match self.transport.creation(&key).await {
                Ok(KeyedCreation::Made(job)) => {
                    // Another creation may have been given it by a search.
                    return Ok(match self.claim(entry, vec![job], true).await? {
                        Claim::Job(job) => Some(Recovered::Job(job)),
                        _ => None,
                    });
                }
                Ok(KeyedCreation::None) if !finally || asked >= lost + LATEST_ARRIVAL => {
                    return Ok(Some(Recovered::NotMade { claimed_by_others: false }));
                }
                Ok(KeyedCreation::None) => lost + LATEST_ARRIVAL - asked,
                Ok(KeyedCreation::Pending) if asked < began + MAX_PENDING => PENDING_CHECK,
                Ok(_) => return Err(Error::new(Code::UnknownOutcome, "")),
                Err(error) => {
                    failures += 1;
                    // Without a connection nothing else can be done either.
                    let patient = self.transport.honours_keys() || error.code == Code::Network;
                    let most = if patient { retry::MAX_FAILED_READS } else { self.transport.settings.max_retries };
                    match retry::is_retryable_read(&error) {
                        true if failures <= most => retry::backoff_delay(failures, error.retry_after, host.random()),
                        false if error.code != Code::Authentication => return Ok(None),
                        _ => return Err(error),
                    }
                }
            };
        }
    }
}
