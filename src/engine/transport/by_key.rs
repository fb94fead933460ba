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
/// Its value where the server does not, since it forgets what it made (`luma-edge/proxy`, with each restart). It shows a caller only the jobs
/// that it remembers: what its list has not may have been made all the same.
pub const FORGOTTEN: &str = "none";
/// The key of no creation: a query for its outcome only shows whether the server honours keys.
pub const PROBE_KEY: &str = "0";

/// The query for the outcome of the creation that was sent with a key.
pub fn outcome_query(key: &str) -> ApiCall {
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

    /// Whether a probe must first show that the server honours keys: it may refuse a header field that it does not know.
    pub fn needs_key_probe(&self) -> bool {
        self.is_proxy() && self.settings.idempotency_keys.is_none() && self.server.honours_keys.get().is_none()
    }

    fn is_proxy(&self) -> bool {
        self.settings.base_url.as_deref().is_some_and(|base| base != self.provider.base_url())
    }
}
