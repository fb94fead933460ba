//! Servers that make one job of one idempotency key, however often a creation is sent with it: luma-edge's own Worker. No
//! provider documents such a key.

use super::Transport;
use crate::engine::model::Host;
use crate::provider::ApiCall;
use crate::text::concat;

/// The header field of a creation that has a key.
pub const KEY: &str = "idempotency-key";
/// The header field that shows, in each answer, that a server honours keys.
pub const HONOURED: &str = "luma-edge-idempotency";
/// Stands for a key where only that field is asked for.
pub const CONSENT: &str = "0";

/// The query for the outcome of a key's creation.
pub fn asked(key: &str) -> ApiCall {
    ApiCall::get(concat(&["creations/", key]))
}

impl<H: Host> Transport<H> {
    /// Whether the server is known to honour keys.
    pub fn honours_keys(&self) -> bool {
        self.server.honours_keys.get() == Some(true)
    }

    /// Whether a creation goes out with a key.
    pub fn sends_keys(&self) -> bool {
        self.is_proxy() && self.settings.idempotency_keys.unwrap_or(self.honours_keys())
    }

    /// Whether the server has to be asked before: it may refuse a header field that it does not know.
    pub fn asks_for_consent(&self) -> bool {
        self.is_proxy() && self.settings.idempotency_keys.is_none() && self.server.honours_keys.get().is_none()
    }

    fn is_proxy(&self) -> bool {
        self.settings.base_url.as_deref().is_some_and(|base| base != self.provider.base_url())
    }
}
