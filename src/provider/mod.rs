//! Who answers. A provider is pure: it turns a request into HTTP values and an HTTP answer into a generation, knows its
//! rules, prices and typical times, and does no I/O. Adding one is a folder here and a line in [`provider`].

pub mod dream_machine;

use crate::error::{Code, Error, Problem};
use crate::generation::Generation;
use crate::http::{Body, Method, Response};
use crate::pricing::Estimate;
use crate::request::{Request, RequestKind};
use crate::rules::Form;
use crate::text::{self, concat};
use crate::value::{Kind, Value};
use serde::Serialize;

/// The providers by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub enum ProviderId {
    /// Luma's Dream Machine API.
    DreamMachine,
}

impl ProviderId {
    /// The name in options and results.
    pub fn as_str(self) -> &'static str {
        match self {
            ProviderId::DreamMachine => "dream-machine",
        }
    }

    /// The names of all.
    pub const NAMES: &[&str] = &["dream-machine"];

    /// The provider of that name.
    pub fn named(name: &str) -> Option<ProviderId> {
        (name == "dream-machine").then_some(ProviderId::DreamMachine)
    }

    /// The service whose keys have this form, where it is not one that this version speaks to. Such a key must not be
    /// sent to anybody else.
    pub fn foreign_key(key: &str) -> Option<&'static str> {
        if key.starts_with("luma-api-") {
            Some("Luma's Agents API")
        } else if key.starts_with("user:") {
            Some("useapi.net")
        } else {
            None
        }
    }
}

/// What varies within a provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Variant {
    /// Dream Machine: create videos at the older `POST /generations`, which its guide still shows.
    pub legacy_path: bool,
}

/// The provider of that id.
pub fn provider<V: Value>(id: ProviderId, variant: Variant) -> Box<dyn Provider<V>> {
    match id {
        ProviderId::DreamMachine => Box::new(dream_machine::DreamMachine { variant }),
    }
}

/// One HTTP call, relative to the base URL and without the key.
#[derive(Clone, Debug, PartialEq)]
pub struct Call<V> {
    /// What to do.
    pub method: Method,
    /// Where under the base URL, with its query and without a leading slash.
    pub path: String,
    /// With what.
    pub body: Option<V>,
}

impl<V> Call<V> {
    /// A read.
    pub fn get(path: impl Into<String>) -> Self {
        Call { method: Method::Get, path: path.into(), body: None }
    }

    /// A creation.
    pub fn post(path: impl Into<String>, body: V) -> Self {
        Call { method: Method::Post, path: path.into(), body: Some(body) }
    }

    /// A removal.
    pub fn delete(path: impl Into<String>) -> Self {
        Call { method: Method::Delete, path: path.into(), body: None }
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(bound(serialize = "V: Serialize"))]
#[cfg_attr(feature = "types", derive(ts_rs::TS), ts(bound = "", concrete(V = ()), optional_fields))]
pub struct Page<V> {
    /// The jobs, newest first.
    #[cfg_attr(feature = "types", ts(type = "Generation[]"))]
    pub generations: Vec<Generation<V>>,
    /// Whether another page follows.
    pub has_more: bool,
    /// How many the page was allowed to hold.
    pub limit: Option<f64>,
    /// How many were skipped before it.
    pub offset: Option<f64>,
    /// The number that the provider gives as `count`.
    pub count: Option<f64>,
}

/// What is left to spend.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(bound(serialize = "V: Serialize"))]
#[cfg_attr(feature = "types", derive(ts_rs::TS), ts(bound = "", concrete(V = ())))]
pub struct Credits<V> {
    /// How much.
    pub amount: f64,
    /// Of what.
    pub unit: CreditUnit,
    /// The provider's own answer, untouched.
    #[cfg_attr(feature = "types", ts(type = "Record<string, unknown>"))]
    pub raw: V,
}

/// What a balance counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub enum CreditUnit {
    /// Cents of US dollars.
    UsdCents,
}

/// The reads that not every provider has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// The camera motions that may be named in a prompt.
    CameraMotions,
    /// The keys that `concepts` takes.
    Concepts,
    /// What is left to spend.
    Credits,
    /// Whether the service answers.
    Ping,
}

/// Everything that is particular to one service.
pub trait Provider<V: Value> {
    /// Which one.
    fn id(&self) -> ProviderId;
    /// Where it lives, without a slash at the end.
    fn base_url(&self) -> &'static str;
    /// The header field that carries the key.
    fn authorization(&self, key: &str) -> (&'static str, String);

    /// The table of a form, if the provider offers that form.
    fn form(&self, kind: RequestKind) -> Option<&'static Form>;
    /// Whether the request's model is one whose words this version knows (no model counts as known).
    fn knows_model(&self, body: &V) -> bool;
    /// The rules that span fields.
    fn check(&self, kind: RequestKind, body: &V, problems: &mut Vec<Problem>);

    /// Makes a job.
    fn create(&self, request: &Request<V>) -> Call<V>;
    /// Makes a job out of an earlier one: upscale, add audio.
    fn derive(&self, id: &str, request: &Request<V>) -> Call<V>;
    /// Reads a job.
    fn get(&self, id: &str) -> Call<V>;
    /// Reads a page of jobs, newest first.
    fn list(&self, limit: Option<f64>, offset: Option<f64>) -> Call<V>;
    /// Whether it lists the jobs of an account with their requests, so that a lost one can be found.
    fn lists(&self) -> bool;
    /// Removes a job.
    fn delete(&self, id: &str) -> Call<V>;
    /// Another read.
    fn lookup(&self, lookup: Lookup) -> Call<V>;

    /// A job out of an answer; `None` when the answer is not one.
    fn generation(&self, answer: &V) -> Option<Generation<V>>;
    /// A page out of an answer.
    fn page(&self, answer: &V) -> Option<Page<V>>;
    /// A balance out of an answer.
    fn credits(&self, answer: &V) -> Option<Credits<V>>;

    /// What a request costs, before anything is sent.
    fn estimate(&self, request: &Request<V>) -> Estimate;
    /// How long such a job usually takes, in ms; a guess to begin with.
    fn expected(&self, kind: RequestKind, body: &V) -> f64;
}

/// The error that an HTTP answer means. The status decides; the words are the server's.
pub fn refusal<V: Value>(id: ProviderId, response: &Response<Body<V>>) -> Error<V> {
    let (detail, problems) = detail(&response.body);
    let lower = detail.to_ascii_lowercase();
    let code = match response.status {
        402 => Code::InsufficientCredits,
        400 | 403 | 422
            if text::contains(&lower, "insufficient credit") || text::contains(&lower, "not enough credit") =>
        {
            Code::InsufficientCredits
        }
        400 | 409 | 413 | 415 | 422 => Code::InvalidRequest,
        401 | 403 => Code::Authentication,
        404 | 405 => Code::NotFound,
        408 => Code::Timeout,
        410 => Code::Gone,
        429 => Code::RateLimited,
        500.. => Code::Server,
        _ => Code::Protocol,
    };
    let status = text::integer(response.status.into());
    let mut message = concat(&[id.as_str(), " answered ", &status]);
    if !detail.is_empty() {
        message.push_str(": ");
        message.push_str(&detail);
    }
    message.push_str(match code {
        Code::Authentication => " (check the key that the client was given)",
        Code::InsufficientCredits => " (add credits to the account)",
        Code::RateLimited => " (too many requests or running jobs for this key; wait and try again)",
        _ => "",
    });
    answered(Error::new(code, message).with_problems(problems).from(id), response)
}

/// The error with what tells the answer it came from.
pub fn answered<V, B>(mut error: Error<V>, response: &Response<B>) -> Error<V> {
    error.status = Some(response.status);
    error.request_id = response.headers.get("x-request-id").map(str::to_owned);
    error
}

/// The server's words. Three shapes are known: a sentence, a sentence behind a status (`400: ...`), and a list of
/// problems with the place of each. Anything else is shown as it came, cut short.
fn detail<V: Value>(body: &Body<V>) -> (String, Vec<Problem>) {
    let value = match body {
        Body::Empty => return (String::new(), Vec::new()),
        Body::Text(text) => return (concat(&["not JSON: ", &excerpt(text)]), Vec::new()),
        Body::Json(value) => value,
    };
    let detail = ["detail", "message", "error"].iter().find_map(|key| value.get(key)).unwrap_or_else(|| value.clone());
    match detail.kind() {
        Kind::List => {
            let mut problems = Vec::new();
            for entry in detail.items() {
                problems.push(problem(&entry));
            }
            (excerpt(&crate::error::sentences(&problems)), problems)
        }
        _ => (excerpt(without_status(&detail.as_str().unwrap_or_default())), Vec::new()),
    }
}

/// One entry of the third shape: `{ loc: ["body", "keyframes", "frame0", "url"], msg }`.
fn problem<V: Value>(entry: &V) -> Problem {
    let mut path = String::new();
    for step in entry.get("loc").map(|loc| loc.items()).unwrap_or_default() {
        if let Some(index) = step.as_f64() {
            path.push_str(&concat(&["[", &text::integer(index as u64), "]"]));
        } else if let Some(name) = step.as_str().filter(|name| !(path.is_empty() && name == "body")) {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(&name);
        }
    }
    let message = entry.text("msg").unwrap_or_else(|| "is not accepted".into());
    Problem { path, code: crate::error::ProblemCode::InvalidValue, message }
}

fn without_status(words: &str) -> &str {
    match text::split_at_first(words, ": ") {
        Some((status, rest)) if status.len() == 3 && status.bytes().all(|byte| byte.is_ascii_digit()) => rest,
        _ => words,
    }
}

fn excerpt(text: &str) -> String {
    const MOST: usize = 300;
    let text = text.trim_ascii();
    if text.len() <= MOST {
        return text.to_owned();
    }
    // A cut in the middle of a character is none.
    let start = (0..=MOST).rev().find_map(|end| text.get(..end));
    concat(&[start.unwrap_or_default(), "…"])
}
