//! Who answers. A provider is pure: it turns a request into HTTP values and an HTTP answer into a generation, knows its
//! rules, prices and typical times, and does no I/O. Adding one is a folder here and a line in [`provider`].

pub mod agents;
mod answer;
mod call;
pub mod dream_machine;
mod elsewhere;
pub mod failures;
mod files;
pub mod piapi;
mod refusal;
mod upload;
pub mod useapi;
pub mod wire;
mod words;

pub use crate::provider_id::ProviderId;
pub use answer::ActiveTasks;
pub(crate) use answer::PAGE_SIZE;
pub use answer::{CreditUnit, Credits, Page};
pub use call::{AccountQuery, ApiCall, Lookup};
pub use files::{FileFilter, FilePage, FileQuery, UploadedFile};
pub use refusal::{answered, page, refusal, refusal_of_storage, server_words};
pub use upload::{File, Upload, UploadForm};

use crate::error::{Code, Error, Problem};
use crate::generation::Generation;
use crate::http::{Body, Response};
use crate::json::Json;
use crate::limits::Limits;
use crate::pricing::Estimate;
use crate::request::{GenerationRequest, RequestKind};
use crate::rules::Form;
use crate::text::concat;
use std::borrow::Cow;
use wire::Wire;

/// What varies within a provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Variant {
    /// Dream Machine: create videos at the older `POST /generations`, which its guide still shows.
    pub legacy_path: bool,
    /// PiAPI: send the fields of 2025, not those of 2026.
    pub schema_2025: bool,
}

/// The provider of that id.
pub fn provider(id: ProviderId, variant: Variant) -> Box<dyn Provider> {
    match id {
        ProviderId::DreamMachine => Box::new(dream_machine::DreamMachine { variant }),
        ProviderId::Agents => Box::new(agents::Agents),
        ProviderId::Useapi => Box::new(useapi::Useapi),
        ProviderId::Piapi => Box::new(piapi::Piapi { variant }),
    }
}

/// How a key stands in `authorization`.
fn bearer(key: &str) -> (&'static str, String) {
    ("authorization", concat(&["Bearer ", key]))
}

/// How far a provider can be asked what became of a creation whose answer was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecoverySupport {
    /// It lists its jobs with what was asked for: one that is not there was never made.
    FullListing,
    /// It lists what runs, with little of what was asked for: a job that alone fits is the one, and none proves nothing.
    RunningJobs,
    /// It lists nothing.
    None,
}

/// Everything that is particular to one service. What a service lacks is `None`, and what stands here as a
/// default.
pub trait Provider {
    /// Which one.
    fn id(&self) -> ProviderId;
    /// Where it lives, without a slash at the end.
    fn base_url(&self) -> &'static str;
    /// Where a path lives, by the base URL in use: a service may have a second host.
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

    /// The tables of the forms that it offers.
    fn forms(&self) -> &'static [Form];
    /// Whether a model of that name is one whose words this version knows.
    fn knows(&self, model: &str) -> bool;
    /// The rules that span fields.
    fn check(&self, kind: RequestKind, body: &Json, problems: &mut Vec<Problem>);

    /// The rules that span fields, for the documents.
    #[cfg(feature = "types")]
    fn rules(&self) -> Vec<&'static [crate::rules::Rule]>;
    /// How a request becomes the provider's own, where the names differ.
    fn wires(&self, _kind: RequestKind) -> &'static [&'static [Wire]] {
        &[]
    }
    /// A request with what is given in the provider's own words in those that all providers share, as far as that is understood.
    fn canonical(&self, _form: &Form, body: Json) -> Json {
        body
    }

    /// Makes a job.
    fn create(&self, request: &GenerationRequest) -> ApiCall;
    /// Makes a job out of an earlier one: upscale, add audio.
    fn derive(&self, _id: &str, _request: &GenerationRequest) -> Option<ApiCall> {
        None
    }
    /// Reads a job.
    fn get(&self, id: &str) -> ApiCall;
    /// Reads the rest of a job, where one is several at a service.
    fn part_calls(&self, _id: &str) -> Vec<ApiCall> {
        Vec::new()
    }
    /// The answer about such a job, out of those about its parts.
    fn merge_parts(&self, answers: Vec<Json>) -> Json {
        Json::list(answers)
    }
    /// Reads a page of jobs, newest first.
    fn list(&self, _limit: Option<f64>, _offset: Option<f64>) -> Option<ApiCall> {
        None
    }
    /// Whether a page of the list tells as much as a poll of each job on it.
    fn lists_states(&self) -> bool {
        false
    }
    /// How a lost creation can be found.
    fn recovery_support(&self) -> RecoverySupport {
        RecoverySupport::None
    }
    /// What a list shows of a request: recovery compares every field of it with the job's `request`.
    fn echo(&self, request: &GenerationRequest) -> Json {
        request.body.clone()
    }
    /// Removes a job.
    fn delete(&self, _id: &str) -> Option<ApiCall> {
        None
    }
    /// What the refusal of a removal means. One that a first try removed, and a retry no longer finds, is removed.
    fn not_removed(&self, error: Error, retried: bool) -> Result<(), Error> {
        if retried && error.code == Code::NotFound { Ok(()) } else { Err(error) }
    }
    /// A text as logs and messages may show it: one service puts its users' e-mail addresses into ids.
    fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        Cow::Borrowed(text)
    }
    /// Another read.
    fn lookup(&self, _lookup: Lookup) -> Option<ApiCall> {
        None
    }

    /// The accounts that it works on.
    fn accounts(&self, _query: &AccountQuery) -> Option<ApiCall> {
        None
    }

    /// How files are uploaded; `None` where it takes public addresses alone.
    fn upload_form(&self) -> Option<UploadForm> {
        None
    }
    /// What an upload does next, by the answers so far; `None` when the last of them is not what it should be.
    fn upload(&self, _file: &File, _answers: &[Json]) -> Option<Upload> {
        None
    }
    /// A query about uploaded files, where the provider has any.
    fn files(&self, _query: &FileQuery) -> Option<ApiCall> {
        None
    }

    /// The status of an answer: some services tell failures within a 200.
    fn status(&self, response: &Response<Body>) -> u16 {
        response.status
    }
    /// The error that an answer means whose status is no good one.
    fn refusal(&self, response: &Response<Body>) -> Error {
        refusal(self.id(), response)
    }
    /// A job out of an answer; `None` when the answer is not one.
    fn generation(&self, answer: &Json) -> Option<Generation>;
    /// The job that a good answer to a creation tells of.
    fn made(&self, answer: &Json) -> Option<Generation> {
        answer::made(answer, self.id(), &|part| self.generation(part))
    }
    /// A job out of what the provider POSTed to a callback; `None` when it is not about one.
    fn callback(&self, posted: &Json) -> Option<Generation> {
        self.generation(posted)
    }
    /// A page out of an answer.
    fn page(&self, _answer: &Json) -> Option<Page> {
        None
    }
    /// A file out of an answer.
    fn file(&self, _answer: &Json) -> Option<UploadedFile> {
        None
    }
    /// A page of files out of an answer.
    fn file_page(&self, _answer: &Json) -> Option<FilePage> {
        None
    }
    /// How much waits or runs, out of an answer.
    fn active(&self, _answer: &Json) -> Option<ActiveTasks> {
        None
    }
    /// A balance out of an answer.
    fn credits(&self, _answer: &Json) -> Option<Credits> {
        None
    }

    /// What a request costs, before anything is sent.
    fn estimate(&self, request: &GenerationRequest) -> Estimate;
    /// How long such a job usually takes, in ms; a guess to begin with.
    fn expected(&self, kind: RequestKind, body: &Json) -> f64;
}

impl dyn Provider + '_ {
    /// The table of a form, if the provider offers that form.
    pub fn form(&self, kind: RequestKind) -> Option<&'static Form> {
        self.forms().iter().find(|form| form.kind == kind)
    }

    /// Whether the request's model is one whose words this version knows (no model counts as known).
    pub fn knows_model(&self, body: &Json) -> bool {
        body.get("model").is_none_or(|model| model.as_str().is_some_and(|name| self.knows(&name)))
    }
}
