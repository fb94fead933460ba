//! What a client was told when it was made.

use super::budget::{self, Budget};
use super::limits::{Limit, Limits};
use crate::error::{Code, Error, Problem, ProblemCode, sentences};
use crate::json::Json;
use crate::provider::{ProviderId, Variant};
use crate::rules::{self, Field, Shape};
use crate::text::{self, concat};

/// The plain part of `createClient`'s options; functions stay on the JavaScript side.
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[cfg_attr(feature = "types", ts(rename = "ClientSettings", rename_all = "camelCase", optional_fields))]
pub struct Settings {
    /// Who is asked. Default: whose key it is by its form (`luma-api-…` is `agents`, `user:…` is `useapi`), else `dream-machine`.
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
    #[cfg_attr(feature = "types", ts(as = "Option<WhenLost>"))]
    pub when_lost: WhenLost,
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
pub enum WhenLost {
    /// The job is looked for in the provider's list for half a minute; one that is not there is sent again. Where the
    /// provider has no list this is `report`.
    Find,
    /// The call fails with `unknown_outcome`.
    Report,
    /// It is sent again, and may be paid for twice.
    Resend,
}

impl WhenLost {
    const NAMES: &[&str] = &["find", "report", "resend"];

    fn named(name: &str) -> WhenLost {
        match name {
            "report" => WhenLost::Report,
            "resend" => WhenLost::Resend,
            _ => WhenLost::Find,
        }
    }

    /// The same at a provider that has no list.
    pub(super) fn unlisted(self) -> WhenLost {
        if self == WhenLost::Find { WhenLost::Report } else { self }
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

const ANY_TEXT: Shape = Shape::Text { min: 0, max: usize::MAX };

/// The options by their names in JavaScript; what they mean is told at [`Settings`].
const OPTIONS: &[Field] = &[
    Field::new("provider", Shape::Name, ""),
    Field::new("apiKey", ANY_TEXT, ""),
    Field::new("baseUrl", ANY_TEXT, ""),
    Field::new("timeout", Shape::Milliseconds, ""),
    Field::new("maxRetries", Shape::Number { min: 0.0, max: 100.0 }, ""),
    Field::new("validate", Shape::Flag, ""),
    Field::new("legacyPath", Shape::Flag, ""),
    Field::new("unsupported", Shape::Word { values: &["refuse", "drop"], unit: None }, ""),
    Field::new("schema", Shape::Word { values: &["2026", "2025"], unit: None }, ""),
    Field::new("whenLost", Shape::Word { values: WhenLost::NAMES, unit: None }, ""),
    Field::new("budget", Shape::Object(budget::FIELDS), ""),
];

const LIMITS: &[Field] =
    &[Field::new("video", Shape::Object(LIMIT), ""), Field::new("image", Shape::Object(LIMIT), "")];
const LIMIT: &[Field] = &[Field::new("concurrent", ONE_OR_MORE, ""), Field::new("perMinute", ONE_OR_MORE, "")];
const ONE_OR_MORE: Shape = Shape::Number { min: 1.0, max: 1e6 };

impl Settings {
    /// Reads the caller's options.
    pub fn read(options: &Json) -> Result<Self, Error> {
        let mut problems = Vec::new();
        rules::check(OPTIONS, options, true, &mut problems);
        let name = options.text("provider");
        let key = options.text("apiKey");
        let base_url = options.text("baseUrl");

        let limits = limits(options, &mut problems);
        let mut found = |path, code, message: &str| problems.push(Problem::new(path, code, message));
        if key.as_deref().is_some_and(|key| key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic())) {
            found("apiKey", ProblemCode::InvalidValue, "must be the key itself, without spaces or line ends");
        }
        // Sent to another service, a key would be given away.
        let name = name.or_else(|| key.as_deref().and_then(ProviderId::of_key).map(str::to_owned));
        let provider = name.map_or_else(|| ProviderId::ALL.first().copied(), |name| ProviderId::named(&name));
        if provider.is_none() {
            let mut known = Vec::new();
            for id in ProviderId::ALL {
                known.push(id.as_str());
            }
            found("provider", ProblemCode::InvalidValue, &concat(&["must be one of ", &text::join(&known, ", ")]));
        }
        let provider = match provider {
            Some(provider) if problems.is_empty() => provider,
            _ => {
                let message = concat(&["createClient: ", &sentences(&problems)]);
                return Err(Error::new(Code::InvalidRequest, message).with_problems(problems));
            }
        };
        if key.is_none() && base_url.is_none() {
            let message = "createClient needs an apiKey, or the baseUrl of a proxy that adds one";
            return Err(Error::new(Code::Authentication, message));
        }
        Ok(Settings {
            provider,
            api_key: key.map(Key),
            base_url: base_url.map(|url| text::without_end(&url, "/").to_owned()),
            timeout: options.num("timeout").unwrap_or(60_000.0),
            max_retries: options.num("maxRetries").unwrap_or(4.0) as u32,
            validate: options.flag("validate").unwrap_or(true),
            limits,
            budget: options.get("budget").and_then(|budget| Budget::of(&budget)),
            when_lost: WhenLost::named(&options.text("whenLost").unwrap_or_default()),
            unsupported: match options.text("unsupported").as_deref() {
                Some("drop") => Unsupported::Drop,
                _ => Unsupported::Refuse,
            },
            schema_2025: options.text("schema").as_deref() == Some("2025"),
            legacy_path: options.flag("legacyPath").unwrap_or(false),
        })
    }

    /// What varies within the provider.
    pub fn variant(&self) -> Variant {
        Variant { legacy_path: self.legacy_path, schema_2025: self.schema_2025 }
    }
}

/// What the account may do, from a tier's name or in numbers.
fn limits(options: &Json, problems: &mut Vec<Problem>) -> Option<Limits> {
    let given = options.get("limits")?;
    match given.as_str().as_deref() {
        Some("build") => return Some(Limits::BUILD),
        Some("none") => return Some(Limits::NONE),
        Some(_) => problems.push(Problem::new("limits", ProblemCode::InvalidValue, "must be build, none or numbers")),
        None => rules::check(&[Field::new("limits", Shape::Object(LIMITS), "")], options, true, problems),
    }
    // A name that is not known would stand for a limit that is not kept.
    known_only("limits", &given, LIMITS, problems);
    let mut limit = |kind: &str| {
        let limit = given.get(kind);
        if let Some(limit) = &limit {
            known_only(kind, limit, LIMIT, problems);
        }
        let number = |name: &str| limit.as_ref().and_then(|limit| limit.num(name)).map(f64::floor);
        Limit { concurrent: number("concurrent"), per_minute: number("perMinute") }
    };
    Some(Limits { video: limit("video"), image: limit("image") })
}

fn known_only(path: &str, object: &Json, fields: &[Field], problems: &mut Vec<Problem>) {
    for key in object.keys() {
        if !fields.iter().any(|field| field.name == key) {
            problems.push(Problem::new(&concat(&[path, ".", &key]), ProblemCode::Unsupported, "is not known"));
        }
    }
}
