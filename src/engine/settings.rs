//! What a client was told when it was made.

use crate::error::{Code, Error, Problem, ProblemCode, sentences};
use crate::provider::{ProviderId, Variant};
use crate::text::{self, concat};
use crate::value::{Kind, Value};

/// The plain part of `createClient`'s options; functions stay on the JavaScript side.
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[cfg_attr(feature = "types", ts(rename = "ClientSettings", rename_all = "camelCase", optional_fields))]
pub struct Settings {
    /// Who is asked. Default `dream-machine`, the only one so far.
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
    /// Dream Machine: create videos at the older `POST /generations`. Default `false`.
    #[cfg_attr(feature = "types", ts(as = "Option<bool>"))]
    pub legacy_path: bool,
}

/// An API key. It shows in no output: there is no way to print it.
#[derive(Clone)]
pub struct Key(String);

impl Key {
    /// The secret itself, for the one header that carries it.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }

    /// `text` without the key, should a server or a runtime have put it there.
    pub(super) fn remove_from(&self, text: &str) -> String {
        text::replace(text, &self.0, "[key]")
    }
}

impl Settings {
    /// Reads the caller's options.
    pub fn read<V: Value>(options: &V) -> Result<Self, Error<V>> {
        let mut problems = Vec::new();
        let mut found = |path: &str, code, message: &str| {
            problems.push(Problem { path: path.into(), code, message: message.into() });
        };
        let mut of_kind = |name: &str, kind, message| {
            let value = options.get(name)?;
            if value.kind() == kind {
                return Some(value);
            }
            found(name, ProblemCode::InvalidType, message);
            None
        };
        let name = of_kind("provider", Kind::String, "must be a string").and_then(|value| value.as_str());
        let key = of_kind("apiKey", Kind::String, "must be a string").and_then(|value| value.as_str());
        let base_url = of_kind("baseUrl", Kind::String, "must be a string").and_then(|value| value.as_str());
        let timeout = of_kind("timeout", Kind::Number, "must be a number of ms").and_then(|value| value.as_f64());
        let retries = of_kind("maxRetries", Kind::Number, "must be a number").and_then(|value| value.as_f64());
        let validate = of_kind("validate", Kind::Bool, "must be true or false").and_then(|value| value.as_bool());
        let legacy = of_kind("legacyPath", Kind::Bool, "must be true or false").and_then(|value| value.as_bool());

        if timeout.is_some_and(|ms| ms <= 0.0 || ms.is_nan()) {
            found("timeout", ProblemCode::OutOfRange, "must be more than 0 ms");
        }
        if retries.is_some_and(|count| !(0.0..=100.0).contains(&count)) {
            found("maxRetries", ProblemCode::OutOfRange, "must be 0 to 100");
        }
        if key.as_deref().is_some_and(|key| key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic())) {
            found("apiKey", ProblemCode::InvalidValue, "must be the key itself, without spaces or line ends");
        }
        let provider = name.as_deref().map_or(Some(ProviderId::DreamMachine), ProviderId::named);
        if provider.is_none() {
            found("provider", ProblemCode::Unsupported, "must be dream-machine");
        }
        // Sent to another service, a key would be given away.
        if let Some(service) = key.as_deref().filter(|_| name.is_none()).and_then(ProviderId::foreign_key) {
            let message = concat(&["is a key of ", service, ", which this version does not speak to"]);
            found("apiKey", ProblemCode::Unsupported, &message);
        }
        if !problems.is_empty() {
            let message = concat(&["createClient: ", &sentences(&problems)]);
            return Err(Error::new(Code::InvalidRequest, message).with_problems(problems));
        }
        if key.is_none() && base_url.is_none() {
            let message = "createClient needs an apiKey, or the baseUrl of a proxy that adds one";
            return Err(Error::new(Code::Authentication, message));
        }
        Ok(Settings {
            provider: provider.unwrap_or(ProviderId::DreamMachine),
            api_key: key.map(Key),
            base_url: base_url.map(|url| text::without_end(&url, "/").to_owned()),
            timeout: timeout.unwrap_or(60_000.0),
            max_retries: retries.unwrap_or(4.0) as u32,
            validate: validate.unwrap_or(true),
            legacy_path: legacy.unwrap_or(false),
        })
    }

    /// What varies within the provider.
    pub fn variant(&self) -> Variant {
        Variant { legacy_path: self.legacy_path }
    }
}
