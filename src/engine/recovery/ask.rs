//! Asking a server that honours idempotency keys. It knows the outcome of a creation, so there is nothing to search for.

use super::Recovery;
use super::search::Listing;
use crate::engine::model::timing::KEY_LIFE;
use crate::engine::model::{Host, Outcome};
use crate::engine::scheduling::retry;
use crate::engine::tickets::TicketEntry;
use crate::engine::transport::{json, outcome_query};
use crate::error::{Code, Error};

impl<H: Host> Recovery<H> {
    /// Whether a creation has a key by which the server may still know it.
    pub fn has_key(&self, entry: &TicketEntry) -> bool {
        let ticket = entry.ticket.borrow();
        ticket.keyed && ticket.first.is_some_and(|first| self.transport.host.now() - first < KEY_LIFE)
    }

    /// Asks once. Gives the job, if one was made, and nothing where the server does not know the outcome either. `Unsupported`: it honours no
    /// keys.
    pub async fn ask(&self, entry: &TicketEntry) -> Outcome<Option<Listing>> {
        let transport = &self.transport;
        let key = entry.id();
        let response = transport.read_once(&outcome_query(&key)).await.map_err(|mut error| {
            let refused = error.code == Code::Authentication && transport.honours_keys();
            if !refused && !retry::is_retryable_read(&error) {
                error.code = Code::Unsupported;
            }
            error
        })?;
        let own = json(&response).filter(|body| body.text("key").as_deref() == Some(&key));
        let made = own.and_then(|body| transport.provider.made(&body.get("answer")?));
        let (code, message) = match own.and_then(|body| body.text("state")).as_deref() {
            state if made.is_some() || state == Some("none") => {
                return Ok(Some(Listing { fitting: made.into_iter().collect(), unclear: false }));
            }
            Some("pending") => (Code::Network, "The server is still making it"),
            Some(_) => return Ok(None),
            None => (Code::Unsupported, "The server honours no keys"),
        };
        Err(Error::new(code, message))
    }
}
