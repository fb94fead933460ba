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

    /// Asks once. Gives the job, if one was made; unclear is what is being made. `None`: the server honours no keys.
    pub async fn ask(&self, entry: &TicketEntry) -> Outcome<Option<Listing>> {
        let transport = &self.transport;
        let key = entry.id();
        let answer = transport.exchange(&asked(&key), None, 0, transport.settings.timeout).await;
        let response = match answer.map_err(|failed| failed.error()) {
            Ok(response) => response,
            Err(error) if error.no_creation => return Ok(Some(Listing { fitting: Vec::new(), unclear: false })),
            Err(error) => {
                let refused = error.code == Code::Authentication && transport.honours_keys();
                return if refused || retry::is_retryable_read(&error) { Err(error) } else { Ok(None) };
            }
        };
        let Some(body) = json(&response).filter(|body| body.text("key").as_deref() == Some(&key)) else {
            return Ok(None);
        };
        let made = body.get("answer").and_then(|answer| transport.provider.made(&answer));
        let unclear = made.is_none();
        if unclear && body.text("state").as_deref() != Some("pending") {
            return Err(Error::new(Code::UnknownOutcome, ""));
        }
        Ok(Some(Listing { fitting: made.into_iter().collect(), unclear }))
    }
}
