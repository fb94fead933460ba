//! What the caller chose when the client was made, as plain data. The client's room reads it from JSON.

use super::budget::Budget;
use super::key::Key;
use crate::limits::Limits;
use crate::provider::{ProviderId, Variant};

/// The plain part of `createClient`'s options; functions stay on the JavaScript side.
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[cfg_attr(feature = "types", ts(rename = "ClientSettings", rename_all = "camelCase", optional_fields))]
pub struct Settings {
    /// Which provider answers. Default: whose key it is by its form (`luma-api-…` is `agents`, `user:…` is `useapi`), else
    /// `dream-machine`; without a key `agents`.
    #[cfg_attr(feature = "types", ts(as = "Option<ProviderId>"))]
    pub provider: ProviderId,
    /// The key. Left out behind a proxy that adds it; then `baseUrl` must be given.
    #[cfg_attr(feature = "types", ts(as = "Option<String>"))]
    pub api_key: Option<Key>,
    /// What the endpoints' paths are appended to. By default the provider's own, such as
    /// `https://api.lumalabs.ai/dream-machine/v1`; a relative one works in a page.
    #[cfg_attr(feature = "types", ts(as = "Option<String>"))]
    pub base_url: Option<String>,
    /// The longest that one HTTP request may take, its answer's body included, in ms. Default 60000. A `sync` image gets
    /// what its `sync_timeout` needs on top.
    #[cfg_attr(feature = "types", ts(as = "Option<f64>"))]
    pub timeout: f64,
    /// How often a call is sent again after a failure that allows it. Default 4. A read is sent again after network
    /// errors, timeouts, 408, 429 and 5xx; a creation only after an answer that proves that nothing was made.
    #[cfg_attr(feature = "types", ts(as = "Option<f64>"))]
    pub max_retries: u32,
    /// Whether requests are checked before they are sent. Default `true`; `false` sends every request just as it is.
    #[cfg_attr(feature = "types", ts(as = "Option<bool>"))]
    pub validate: bool,
    /// What the account may do: by default what the provider documents (for Dream Machine Luma's Build tier, `"build"`: 10 videos
    /// at once and 20 a minute, 40 images at once and 80 a minute; guide, read on 2026-11-20), `"none"`, or numbers of its own. Creations queue for their turn, so
    /// that none is refused. Clients with the same key share the limits within one page or isolate.
    #[cfg_attr(feature = "types", ts(optional, type = "\"build\" | \"none\" | Limits"))]
    pub limits: Option<Limits>,
    /// What this client may spend. A creation that would cost more is refused before it is sent.
    pub budget: Option<Budget>,
    /// What happens after a creation whose answer was lost. Default `find`.
    #[cfg_attr(feature = "types", ts(as = "Option<RecoveryMode>"))]
    pub recovery: RecoveryMode,
    /// Whether a creation at a `baseUrl` that is not the provider's own has an `idempotency-key`, by which luma-edge's Worker makes no job
    /// twice. Default: yes; in a page, to another origin than the page's own, once that server has shown that it honours it.
    pub idempotency_keys: Option<bool>,
    /// What becomes of a field that this provider has not. Default `refuse`.
    #[cfg_attr(feature = "types", ts(as = "Option<Unsupported>"))]
    pub unsupported: Unsupported,
    /// PiAPI: which form of its requests is sent. Default `2026`; the other is what it documented in 2025.
    #[cfg_attr(feature = "types", ts(optional, rename = "schema", type = "\"2026\" | \"2025\""))]
    pub schema_2025: bool,
    /// Dream Machine: create videos at the older `POST /generations`. Default `false`.
    #[cfg_attr(feature = "types", ts(as = "Option<bool>"))]
    pub legacy_path: bool,
}

/// What happens after a creation whose answer was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "types", derive(ts_rs::TS), ts(rename_all = "lowercase"))]
pub enum RecoveryMode {
    /// The client searches the provider's list for the job for half a minute. If it is not there, the creation is sent again.
    /// Where the provider has no list this is `report`.
    Find,
    /// The call fails with `unknown_outcome`.
    Report,
    /// It is sent again, and may be paid for twice.
    Resend,
}

impl RecoveryMode {
    pub(crate) const NAMES: &[&str] = &["find", "report", "resend"];

    pub(crate) fn named(name: &str) -> RecoveryMode {
        match name {
            "report" => RecoveryMode::Report,
            "resend" => RecoveryMode::Resend,
            _ => RecoveryMode::Find,
        }
    }

    /// The same at a provider that has no list.
    pub(crate) fn unlisted(self) -> RecoveryMode {
        if self == RecoveryMode::Find { RecoveryMode::Report } else { self }
    }
}

/// What becomes of a field that another provider has and this one has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "types", derive(ts_rs::TS), ts(rename_all = "lowercase"))]
pub enum Unsupported {
    /// The request is refused before it is sent, with a problem of code `unsupported` that names the field.
    Refuse,
    /// The request is sent without it. Of a model that only another provider has, the provider's own takes the place.
    Drop,
}

impl Settings {
    /// What varies within the provider.
    pub fn variant(&self) -> Variant {
        Variant { legacy_path: self.legacy_path, schema_2025: self.schema_2025 }
    }
}
