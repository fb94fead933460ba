//! Asking a server that honours idempotency keys. It knows what became of a creation, so there is nothing to search for.

use super::Recovery;
use super::search::Listing;
use crate::engine::model::timing::KEY_LIFE;
use crate::engine::model::{Host, Outcome};
use crate::engine::scheduling::retry;
use crate::engine::tickets::TicketEntry;
use crate::engine::transport::{asked, json};
use crate::error::{Code, Error};

impl<H: Host> Recovery<H> {
    /// Whether a creation has a key by which the server may still know it.
    pub fn has_key(&self, entry: &TicketEntry) -> bool {
        let ticket = entry.ticket.borrow();
        ticket.keyed && ticket.first.is_some_and(|first| self.transport.host.now() - first < KEY_LIFE)
    }

    /// Asks once. Gives the job, if one was made. `Unsupported`: the server honours no keys.
    pub async fn ask(&self, entry: &TicketEntry) -> Outcome<Listing> {
        let transport = &self.transport;
        let key = entry.id();
        let answer = transport.exchange(&asked(&key), None, 0, transport.settings.timeout).await;
        let mut fitting = Vec::new();
        match answer.map_err(|failed| failed.error()) {
            Ok(response) => {
                let own = json(&response).filter(|body| body.text("key").as_deref() == Some(&key));
                let made = own.and_then(|body| transport.provider.made(&body.get("answer")?));
                match own.and_then(|body| body.text("state")).as_deref() {
                    None => return Err(Error::new(Code::Unsupported, "")),
                    Some("pending") => return Err(Error::new(Code::Network, "The server is still making it")),
                    _ if made.is_none() => return Err(Error::new(Code::UnknownOutcome, "")),
                    _ => fitting.extend(made),
                }
            }
            Err(error) if error.no_creation => {}
            Err(mut error) => {
                let refused = error.code == Code::Authentication && transport.honours_keys();
                if !refused && !retry::is_retryable_read(&error) {
                    error.code = Code::Unsupported;
                }
                return Err(error);
            }
        }
        Ok(Listing { fitting, unclear: false })
    }
}
