//! Servers that make one job of one `idempotency-key`, however often a creation is sent with it: luma-edge's own Worker. No
//! provider documents such a key.

use super::{Transport, exchange::host_of, json};
use crate::engine::model::{Host, Outcome};
use crate::generation::Generation;
use crate::provider::Call;
use crate::text::concat;

/// The header field of a creation that has a key.
pub const KEY: &str = "idempotency-key";
/// The header field by which a server tells in each answer that it honours keys.
pub const HONOURED: &str = "luma-edge-idempotency";

/// What such a server knows of a creation.
pub enum KeyedCreation {
    /// No creation of that key has come, or nothing was made of it.
    None,
    /// It is being made.
    Pending,
    Made(Generation),
    /// Its own answer from the provider was lost.
    Unknown,
}

impl<H: Host> Transport<H> {
    /// Whether a creation goes out with that key. A server that may refuse a header field that it does not know is asked first, once.
    pub async fn sends_key(&self, key: &str) -> bool {
        let own = self.provider.base_url();
        let base = self.settings.base_url.as_deref().unwrap_or(own);
        if host_of(base) == host_of(own) {
            return false;
        }
        if let Some(chosen) = self.settings.idempotency_keys {
            return chosen;
        }
        if self.honours_keys.get().is_none() {
            let honours = self.creation(key).await.is_ok();
            self.honours_keys.set(self.honours_keys.get().or(Some(honours)));
        }
        self.honours_keys()
    }

    /// Whether the server is known to honour keys.
    pub fn honours_keys(&self) -> bool {
        self.honours_keys.get() == Some(true)
    }

    /// What became of the creation of that key. Any other answer than such a server's is an error.
    pub async fn creation(&self, key: &str) -> Outcome<KeyedCreation> {
        let call = Call::get(concat(&["creations/", key]));
        let answer = self.exchange(&call, None, 0, self.settings.timeout).await;
        let response = match answer.map_err(|failed| failed.error()) {
            Ok(response) => response,
            Err(error) if error.status == Some(404) && error.server_code.as_deref() == Some("no_creation") => {
                return Ok(KeyedCreation::None);
            }
            Err(error) => return Err(error),
        };
        let own = json(&response).filter(|body| body.text("key").as_deref() == Some(key));
        let known = own.and_then(|body| match body.text("state")?.as_str() {
            "pending" => Some(KeyedCreation::Pending),
            "unknown" => Some(KeyedCreation::Unknown),
            "made" => self.provider.made(&body.get("answer")?).map(KeyedCreation::Made),
            _ => None,
        });
        known.ok_or_else(|| self.unreadable(&response, "a creation"))
    }
}
