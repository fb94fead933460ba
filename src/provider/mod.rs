//! Who answers. A provider is pure: it turns a request into HTTP values and an HTTP answer into a generation, knows its
//! rules, prices and typical times, and does no I/O. Adding one is a folder here and a line in [`provider`].

#[cfg(feature = "agents")]
pub mod agents;
#[cfg(feature = "dream-machine")]
pub mod dream_machine;
#[cfg(feature = "media")]
mod elsewhere;
#[cfg(feature = "media")]
mod files;
#[cfg(feature = "piapi")]
pub mod piapi;
mod refusal;
#[cfg(feature = "useapi")]
pub mod useapi;

#[cfg(feature = "media")]
pub use files::{FileFilter, FilePage, FileQuery, UploadedFile};
pub use refusal::{answered, refusal, refusal_of_storage};

use crate::engine::Limits;
use crate::error::{Code, Error, Problem};
use crate::generation::Generation;
use crate::http::{Body, Method, Response};
use crate::pricing::Estimate;
use crate::request::{Request, RequestKind};
use crate::rules::Form;
use crate::text::before;
use crate::value::Value;
use serde::Serialize;
#[cfg(feature = "media")]
use std::borrow::Cow;

/// The providers by name. `useapi` is experimental: its vendor has stopped to list it, and nothing says that it still answers.
/// A build has those whose feature is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub enum ProviderId {
    /// Luma's Dream Machine API.
    #[cfg(feature = "dream-machine")]
    DreamMachine,
    /// Luma's Agents API.
    #[cfg(feature = "agents")]
    Agents,
    /// useapi.net's Luma API, which is experimental.
    #[cfg(feature = "useapi")]
    Useapi,
    /// PiAPI's Luma API.
    #[cfg(feature = "piapi")]
    Piapi,
}

impl ProviderId {
    /// Those of this build; the first is who is asked by default.
    pub const ALL: &[ProviderId] = &[
        #[cfg(feature = "dream-machine")]
        ProviderId::DreamMachine,
        #[cfg(feature = "agents")]
        ProviderId::Agents,
        #[cfg(feature = "useapi")]
        ProviderId::Useapi,
        #[cfg(feature = "piapi")]
        ProviderId::Piapi,
    ];

    /// The name in options and results.
    pub fn as_str(self) -> &'static str {
        match self {
            #[cfg(feature = "dream-machine")]
            ProviderId::DreamMachine => "dream-machine",
            #[cfg(feature = "agents")]
            ProviderId::Agents => "agents",
            #[cfg(feature = "useapi")]
            ProviderId::Useapi => "useapi",
            #[cfg(feature = "piapi")]
            ProviderId::Piapi => "piapi",
        }
    }

    /// The provider of that name.
    pub fn named(name: &str) -> Option<ProviderId> {
        ProviderId::ALL.iter().copied().find(|id| id.as_str() == name)
    }

    /// The name of the provider whose keys have this form. Such a key must not be sent to anybody else.
    pub fn of_key(key: &str) -> Option<&'static str> {
        if key.starts_with("luma-api-") {
            Some("agents")
        } else if key.starts_with("user:") {
            Some("useapi")
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
    /// PiAPI: send the fields of 2025, not those of 2026.
    pub schema_2025: bool,
}

/// The provider of that id.
pub fn provider<V: Value>(id: ProviderId, variant: Variant) -> Box<dyn Provider<V>> {
    // A build without a provider that varies has no use for it.
    let _ = variant;
    match id {
        #[cfg(feature = "dream-machine")]
        ProviderId::DreamMachine => Box::new(dream_machine::DreamMachine { variant }),
        #[cfg(feature = "agents")]
        ProviderId::Agents => Box::new(agents::Agents),
        #[cfg(feature = "useapi")]
        ProviderId::Useapi => Box::new(useapi::Useapi),
        #[cfg(feature = "piapi")]
        ProviderId::Piapi => Box::new(piapi::Piapi { variant }),
    }
}

/// One HTTP call, without the key.
#[derive(Clone, PartialEq)]
pub struct Call<V> {
    /// What to do.
    pub method: Method,
    /// Where under the base URL, with its query and without a leading slash. A whole `http(s)` address is somebody else's (a
    /// storage that the provider named): it is called without the key.
    pub path: String,
    /// With what.
    pub body: Option<V>,
    /// Header fields beside the key; with a `content-type` the body is a file, which is sent as it is, else JSON.
    pub headers: Vec<(String, String)>,
}

/// Without the body, which may hold a session or a secret, and without what follows a path: it may be as good as a key.
impl<V> std::fmt::Debug for Call<V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = before(&self.path, b"?");
        f.debug_struct("Call").field("method", &self.method).field("path", &path).finish_non_exhaustive()
    }
}

impl<V> Call<V> {
    /// A read.
    pub fn get(path: impl Into<String>) -> Self {
        Call { method: Method::Get, path: path.into(), body: None, headers: Vec::new() }
    }

    /// A creation.
    pub fn post(path: impl Into<String>, body: V) -> Self {
        Call { method: Method::Post, path: path.into(), body: Some(body), headers: Vec::new() }
    }

    /// A removal.
    pub fn delete(path: impl Into<String>) -> Self {
        Call { method: Method::Delete, path: path.into(), body: None, headers: Vec::new() }
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
    /// The provider's own answer, untouched, where it tells more: of useapi and piapi.
    #[cfg(feature = "media")]
    #[cfg_attr(feature = "types", ts(optional, type = "Record<string, unknown>"))]
    pub raw: Option<V>,
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

/// What waits or runs at the moment.
#[cfg(feature = "media")]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(bound(serialize = "V: Serialize"))]
#[cfg_attr(feature = "types", derive(ts_rs::TS), ts(bound = "", concrete(V = ())))]
pub struct ActiveTasks<V> {
    /// How many jobs of Luma's, by whoever has the key.
    pub count: f64,
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
    /// US dollars.
    Usd,
    /// Credits of the Luma subscription behind the account.
    Credits,
}

/// What is asked about the accounts that a service works on for its user.
#[derive(Clone, PartialEq)]
pub enum AccountQuery {
    /// All of them.
    All,
    /// One, by its e-mail.
    One(String),
    /// One more, or a new session for one: by its session, which is as good as a password.
    Add(String),
    /// One less, by its e-mail.
    Remove(String),
}

/// A session does not show.
impl std::fmt::Debug for AccountQuery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            AccountQuery::All => "All",
            AccountQuery::One(_) => "One",
            AccountQuery::Add(_) => "Add",
            AccountQuery::Remove(_) => "Remove",
        })
    }
}

/// How far a provider can be asked what became of a creation whose answer was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trace {
    /// It lists its jobs with what was asked for: one that is not there was never made.
    Requests,
    /// It lists what runs, with little of what was asked for: a job that alone fits is the one, and none proves nothing.
    Running,
    /// It lists nothing.
    None,
}

/// A file to be handed to a provider.
#[derive(Clone, Debug, PartialEq)]
pub struct File<V> {
    /// Its name, with its ending.
    pub name: String,
    /// Its media type, such as `image/png`.
    pub media_type: String,
    /// How many bytes.
    pub size: f64,
    /// The account to put it in, where a provider has several.
    pub account: Option<String>,
    /// The content, in the form that [`Provider::upload_form`] tells.
    pub content: V,
    /// What the provider is to note of it, in its own words: an object.
    pub details: Option<V>,
    /// The whole as one form, with its content type: for a file that is small enough to go in one request.
    pub form: Option<(String, V)>,
}

/// How a provider wants a file's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadForm {
    /// As bytes, the body of a call.
    Bytes,
    /// As text in base64, within JSON.
    Base64,
}

/// The next step of an upload.
pub enum Upload<V> {
    /// This is sent, and its answer added to those so far.
    Send(Call<V>),
    /// The provider still works on the file: this asks for it after a while, and its answer is added.
    Look(Call<V>),
    /// The provider cannot use the file: why, in its words.
    Failed(String),
    /// The file is there, and is named so in a request: `{ file_id }` or `{ url }`.
    Done(V),
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
    /// How many jobs wait or run.
    ActiveTasks,
    /// Whether the service answers.
    Ping,
}

/// Everything that is particular to one service. What a service has not is told by `None`, and by what stands here as a
/// default.
pub trait Provider<V: Value> {
    /// Which one.
    fn id(&self) -> ProviderId;
    /// Where it lives, without a slash at the end.
    fn base_url(&self) -> &'static str;
    /// Where a path lives, by the base URL in use: a service may have a second host.
    #[cfg(feature = "media")]
    fn base_url_for<'a>(&self, _path: &str, base: &'a str) -> &'a str {
        base
    }
    /// The header field that carries the key.
    fn authorization(&self, key: &str) -> (&'static str, String);
    /// What an account may do unless the caller says otherwise.
    fn limits(&self) -> Limits;
    /// Whether videos and pictures count together.
    fn one_limit(&self) -> bool {
        false
    }

    /// The table of a form, if the provider offers that form.
    fn form(&self, kind: RequestKind) -> Option<&'static Form>;
    /// Whether the request's model is one whose words this version knows (no model counts as known).
    fn knows_model(&self, body: &V) -> bool;
    /// The rules that span fields.
    fn check(&self, kind: RequestKind, body: &V, problems: &mut Vec<Problem>);

    /// Makes a job.
    fn create(&self, request: &Request<V>) -> Call<V>;
    /// Makes a job out of an earlier one: upscale, add audio.
    fn derive(&self, _id: &str, _request: &Request<V>) -> Option<Call<V>> {
        None
    }
    /// Reads a job.
    fn get(&self, id: &str) -> Call<V>;
    /// Reads the rest of a job, where one is several at a service.
    #[cfg(feature = "media")]
    fn rest(&self, _id: &str) -> Vec<Call<V>> {
        Vec::new()
    }
    /// The answer about such a job, out of those about its parts.
    #[cfg(feature = "media")]
    fn together(&self, answers: Vec<V>) -> V {
        V::list(answers)
    }
    /// Reads a page of jobs, newest first.
    fn list(&self, _limit: Option<f64>, _offset: Option<f64>) -> Option<Call<V>> {
        None
    }
    /// Whether a page of the list is as good as a look at each job on it.
    fn lists_states(&self) -> bool {
        false
    }
    /// How a lost creation can be found.
    fn trace(&self) -> Trace {
        Trace::None
    }
    /// What a list shows of a request: every field of it is looked for in the job's `request`.
    fn echo(&self, request: &Request<V>) -> V {
        request.body.clone()
    }
    /// Removes a job.
    fn delete(&self, _id: &str) -> Option<Call<V>> {
        None
    }
    /// What the refusal of a removal means. One that a first try removed, and a retry no longer finds, is removed.
    fn not_removed(&self, error: Error<V>, retried: bool) -> Result<(), Error<V>> {
        if retried && error.code == Code::NotFound { Ok(()) } else { Err(error) }
    }
    /// A text as logs and messages may show it: one service puts its users' e-mail addresses into ids.
    #[cfg(feature = "media")]
    fn shown<'a>(&self, text: &'a str) -> Cow<'a, str> {
        Cow::Borrowed(text)
    }
    /// Another read.
    fn lookup(&self, _lookup: Lookup) -> Option<Call<V>> {
        None
    }

    /// The accounts that it works on.
    fn accounts(&self, _query: &AccountQuery) -> Option<Call<V>> {
        None
    }

    /// How files are handed over; `None` where it takes public addresses alone.
    fn upload_form(&self) -> Option<UploadForm> {
        None
    }
    /// What an upload does next, by the answers so far; `None` when the last of them is not what it should be.
    fn upload(&self, _file: &File<V>, _answers: &[V]) -> Option<Upload<V>> {
        None
    }
    /// What is asked about the files that were handed over, where they can be asked for.
    #[cfg(feature = "media")]
    fn files(&self, _query: &FileQuery) -> Option<Call<V>> {
        None
    }

    /// The status of an answer: some services tell failures within a 200.
    fn status(&self, response: &Response<Body<V>>) -> u16 {
        response.status
    }
    /// The error that an answer means whose status is no good one.
    fn refusal(&self, response: &Response<Body<V>>) -> Error<V> {
        refusal(self.id(), response)
    }
    /// A job out of an answer; `None` when the answer is not one.
    fn generation(&self, answer: &V) -> Option<Generation<V>>;
    /// A job out of what the provider POSTed to a callback; `None` when it is not about one.
    fn callback(&self, posted: &V) -> Option<Generation<V>> {
        self.generation(posted)
    }
    /// A page out of an answer.
    fn page(&self, _answer: &V) -> Option<Page<V>> {
        None
    }
    /// A file out of an answer.
    #[cfg(feature = "media")]
    fn file(&self, _answer: &V) -> Option<UploadedFile<V>> {
        None
    }
    /// A page of files out of an answer.
    #[cfg(feature = "media")]
    fn file_page(&self, _answer: &V) -> Option<FilePage<V>> {
        None
    }
    /// How much waits or runs, out of an answer.
    #[cfg(feature = "media")]
    fn active(&self, _answer: &V) -> Option<ActiveTasks<V>> {
        None
    }
    /// A balance out of an answer.
    fn credits(&self, _answer: &V) -> Option<Credits<V>> {
        None
    }

    /// What a request costs, before anything is sent.
    fn estimate(&self, request: &Request<V>) -> Estimate;
    /// How long such a job usually takes, in ms; a guess to begin with.
    fn expected(&self, kind: RequestKind, body: &V) -> f64;
}
