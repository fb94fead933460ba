//! What can go wrong, as values. One shape for every failure, so that a caller decides by [`Code`] and a person reads
//! the message; the JavaScript face turns each into one `LumaError`.

use crate::generation::Generation;
use crate::json::Json;
use crate::provider_id::ProviderId;
use crate::text::concat;
use serde::Serialize;
use std::ops::{Deref, DerefMut};

/// What kind of thing went wrong, and with it what a caller can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub enum Code {
    /// The request breaks a documented rule, found before sending or reported by the server: see `problems`.
    InvalidRequest,
    /// The key is missing, wrong, revoked, or not allowed to do this.
    Authentication,
    /// The account cannot pay for this.
    InsufficientCredits,
    /// Too many at once or per minute, and the retries are used up.
    RateLimited,
    /// The provider made nothing because of what was asked for or shown.
    Moderated,
    /// The provider accepted the job and could not finish it; failed jobs are refunded.
    GenerationFailed,
    /// The budget that the client or the batch was given does not allow it; nothing was sent.
    BudgetExceeded,
    /// The provider, or this version of the client, does not do that.
    Unsupported,
    /// No generation of that id for this key.
    NotFound,
    /// It was there once; it is not any more: a job that the provider has dropped, a ticket that another client has settled.
    Gone,
    /// The caller's deadline passed, or one HTTP request took longer than allowed. The job, if any, goes on.
    Timeout,
    /// The caller's `AbortSignal` fired. The job, if any, goes on.
    Aborted,
    /// No connection, or it broke.
    Network,
    /// The server failed (5xx).
    Server,
    /// The server answered something that its documents do not have.
    Protocol,
    /// A creation was sent and its answer was lost: it may have been made, and charged. Look before sending it again.
    UnknownOutcome,
    /// The store of tickets failed; a creation that could not be written down was not sent.
    Store,
    /// A defect of this client; please report it.
    Internal,
}

/// What kind of rule a value breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub enum ProblemCode {
    /// The field must be there.
    Required,
    /// The field has the wrong JSON type.
    InvalidType,
    /// The value is not one of those the document lists.
    InvalidValue,
    /// The text has too few characters.
    TooShort,
    /// The text has too many characters.
    TooLong,
    /// The list has too few items.
    TooFew,
    /// The list has too many items.
    TooMany,
    /// The number is outside its range.
    OutOfRange,
    /// The file has more bytes, pixels or seconds than the provider takes.
    TooLarge,
    /// The provider's server could not fetch this address.
    InvalidUrl,
    /// Two fields exclude each other.
    Conflict,
    /// This model or provider does not do that.
    Unsupported,
    /// The documents contradict each other about this, or it turns on something that only the server knows: `validate` reports
    /// it, and it is sent all the same.
    Disputed,
    /// It was surely meant otherwise: a name that differs from a known one by a letter, a prompt of blanks. `validate` reports it,
    /// and it is sent all the same.
    Suspicious,
    /// Neither `generation_type`, nor the model, nor the fields show what is wanted.
    UnknownType,
}

/// One broken rule: where, which, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Problem {
    /// The field at fault, such as `keyframes.frame0.url` or `image_ref[2].weight`; empty for the request as a whole.
    pub path: String,
    /// What kind of rule.
    pub code: ProblemCode,
    /// The rule in words: the provider's own where it has some.
    pub message: String,
}

impl ProblemCode {
    /// Those with which a request is sent all the same.
    pub const WARNINGS: [ProblemCode; 2] = [ProblemCode::Disputed, ProblemCode::Suspicious];

    /// Whether a request with such a problem is not sent.
    pub fn refuses(self) -> bool {
        !ProblemCode::WARNINGS.contains(&self)
    }
}

impl Problem {
    /// A broken rule at that path.
    pub fn new(path: &str, code: ProblemCode, message: &str) -> Self {
        Problem { path: path.to_owned(), code, message: message.to_owned() }
    }

    /// The same with a message in parts, which are put one behind the other.
    pub fn of(path: &str, code: ProblemCode, message: &[&str]) -> Self {
        Problem { path: path.to_owned(), code, message: concat(message) }
    }
}

/// A failure. One pointer wide, so that results stay small on their way up through many futures; its parts are those of
/// [`ErrorData`].
#[derive(Clone, Debug, PartialEq)]
pub struct Error(Box<ErrorData>);

/// A failure, whole.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[cfg_attr(feature = "types", ts(rename = "LumaErrorFields", bound = "", concrete(Json = ()), optional_fields))]
pub struct ErrorData {
    /// What kind.
    pub code: Code,
    /// For a person: what went wrong, where, and what to do. Never holds a key.
    #[cfg_attr(feature = "types", ts(skip))]
    pub message: String,
    /// Every broken rule, when `code` is `invalid_request`.
    pub problems: Vec<Problem>,
    /// The HTTP status, when a server answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Whether the same call may succeed later without a change.
    pub retryable: bool,
    /// The provider's name for the request (`x-request-id`), for its support.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The provider that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<ProviderId>,
    /// The job, as last seen, where there is one: so that it can be polled again.
    #[cfg_attr(feature = "types", ts(optional, type = "Generation"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generation: Option<Generation>,
    /// What lay behind it: the lost answer behind an `unknown_outcome`.
    #[cfg_attr(feature = "types", ts(skip))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<Error>,
    /// The creation in doubt, when `code` is `unknown_outcome`.
    #[cfg_attr(feature = "types", ts(optional, type = "Creation"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creation: Option<Creation>,
    /// How long the server asked to wait, in ms.
    #[serde(skip)]
    #[cfg_attr(feature = "types", ts(skip))]
    pub retry_after: Option<f64>,
    /// Whether a limit was reached on what may run at once, and not on what may be created in a minute.
    #[serde(skip)]
    #[cfg_attr(feature = "types", ts(skip))]
    pub concurrency_limited: bool,
    /// Whether the API says, as it says such things, that what was asked for is not there: a page or a text may be a proxy's.
    #[serde(skip)]
    #[cfg_attr(feature = "types", ts(skip))]
    pub missing: bool,
}

/// A creation whose outcome is not known: what to look for in the provider's list.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "types", derive(ts_rs::TS), ts(bound = "", concrete(Json = ())))]
pub struct Creation {
    /// Its ticket, which `resume` takes up.
    pub ticket: String,
    /// The body that was sent.
    #[cfg_attr(feature = "types", ts(type = "Record<string, unknown>"))]
    pub request: Json,
    /// When, in ms since 1970 by this machine's clock.
    pub sent_at: f64,
}

impl Error {
    /// An error of that kind with that message and nothing more.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Error::of(code, message.into())
    }

    fn of(code: Code, message: String) -> Self {
        Error(Box::new(ErrorData {
            code,
            message,
            problems: Vec::new(),
            status: None,
            retryable: matches!(code, Code::RateLimited | Code::Timeout | Code::Network | Code::Server),
            request_id: None,
            provider: None,
            generation: None,
            cause: None,
            creation: None,
            retry_after: None,
            concurrency_limited: false,
            missing: false,
        }))
    }

    /// A request that breaks rules.
    pub fn invalid(problems: Vec<Problem>) -> Self {
        let message = concat(&["The request was not sent: ", &sentences(&problems)]);
        Error::of(Code::InvalidRequest, message).with_problems(problems)
    }

    /// The same error with the rules that were broken.
    pub fn with_problems(mut self, problems: Vec<Problem>) -> Self {
        self.problems = problems;
        self
    }

    /// The same error from this provider.
    pub fn with_provider(mut self, provider: ProviderId) -> Self {
        self.provider = Some(provider);
        self
    }

    /// The same error about this job, where there is one. While it goes on, the same call again would buy another.
    pub fn about(mut self, generation: Option<Generation>) -> Self {
        self.retryable &= generation.as_ref().is_none_or(|job| job.state.is_final());
        self.generation = generation;
        self
    }
}

impl Deref for Error {
    type Target = ErrorData;

    fn deref(&self) -> &ErrorData {
        &self.0
    }
}

impl DerefMut for Error {
    fn deref_mut(&mut self) -> &mut ErrorData {
        &mut self.0
    }
}

impl Serialize for Error {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// Problems as one text: those that refuse come first.
pub(crate) fn sentences(problems: &[Problem]) -> String {
    let mut text = String::new();
    let refusing = |refuses| problems.iter().filter(move |problem| problem.code.refuses() == refuses);
    for problem in refusing(true).chain(refusing(false)) {
        if !text.is_empty() {
            text.push_str("; ");
        }
        if !problem.path.is_empty() {
            text.push_str(&problem.path);
            text.push_str(": ");
        }
        text.push_str(&problem.message);
    }
    text
}
