//! What a provider makes of a request: one shape for all providers, with the provider's own answer beside it.

use crate::json::{Json, Kind};
use crate::provider_id::ProviderId;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use std::ops::Deref;
use std::rc::Rc;

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub enum State {
    /// Accepted, not begun.
    Queued,
    /// Being made. A state word that this version does not know counts as this one; `raw` keeps the word.
    Dreaming,
    /// Made: `assets` has it.
    Completed,
    /// Not made: `failure` says why.
    Failed,
}

impl State {
    const ALL: [State; 4] = [State::Queued, State::Dreaming, State::Completed, State::Failed];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Queued => "queued",
            State::Dreaming => "dreaming",
            State::Completed => "completed",
            State::Failed => "failed",
        }
    }

    /// The state of that word.
    pub fn named(word: &str) -> Option<State> {
        State::ALL.iter().copied().find(|state| state.as_str() == word)
    }

    /// Whether nothing more will happen to it.
    pub fn is_final(self) -> bool {
        matches!(self, State::Completed | State::Failed)
    }
}

/// Why a job failed, as a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub enum FailureCode {
    /// The prompt or a picture was refused.
    Moderation,
    /// A picture or video given could not be read.
    InputFrames,
    /// The prompt could not be worked on.
    PromptProcessing,
    /// The provider could not run the job.
    Job,
    /// The caller's `callback_url` could not be called.
    Callback,
    /// A reason that this version does not know; `reason` has its words.
    Unknown,
}

/// Why a job failed, in the code that the provider itself gives: Luma's Agents API does (luma-agents 0.5.0, 2026-08-04).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub enum ProviderCode {
    /// The prompt, a picture or the result was refused.
    ContentModerated,
    /// It could not be made.
    GenerationFailed,
    /// A budget was used up on the way; a part may be charged (third parties).
    BudgetExhausted,
    /// What was made could not be found.
    OutputNotFound,
    /// A picture has too many pixels.
    ImageTooLarge,
    /// What was given is in a format that is not read.
    UnsupportedFormat,
    /// What was given could not be read.
    CorruptInput,
    /// The request is at fault.
    InvalidRequest,
    /// The provider was itself refused for a limit.
    RateLimited,
    /// One that is newer than this version.
    #[serde(untagged)]
    Other(#[cfg_attr(feature = "types", ts(type = "(string & {})"))] String),
}

/// Whose turn it is to change something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub enum Fault {
    /// The request has to change.
    Request,
    /// The provider's machines.
    Provider,
    /// Nobody can tell.
    Unknown,
}

/// Why a job failed and what that means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS), ts(optional_fields))]
pub struct Failure {
    /// The kind of reason.
    pub code: FailureCode,
    /// The provider's own code, where it gives one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider_code: Option<ProviderCode>,
    /// The provider's own words.
    pub reason: String,
    /// Whose fault it is.
    pub fault: Fault,
    /// Whether the same request, sent again, may succeed.
    pub retryable: bool,
    /// Whether the provider gives the money back.
    pub refunded: bool,
}

impl Failure {
    /// Why a job failed, at a provider that has no codes.
    pub fn new(code: FailureCode, reason: String, fault: Fault, retryable: bool, refunded: bool) -> Self {
        Failure { code, provider_code: None, reason, fault, retryable, refunded }
    }
}

/// The files of a job: which kind (`video`, `image`, `progress_video`, or one that is newer than this version) and
/// where. Providers' links expire; `download` renews them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assets(Vec<(String, String)>);

impl Assets {
    /// Reads an object of addresses; nulls and anything that is not text are left out.
    pub fn read(object: Option<Json>) -> Self {
        let Some(object) = object.filter(|value| value.kind() == Kind::Object) else {
            return Self::default();
        };
        let mut assets = Vec::new();
        for kind in &object.keys() {
            // A newer form may be an object with the address in it.
            if let Some(url) = object.text(kind).or_else(|| object.get(kind)?.text("url")) {
                assets.push((kind.clone(), url));
            }
        }
        Assets(assets)
    }

    /// One more file, unless there is one of that kind.
    pub fn add(&mut self, kind: &str, url: String) {
        if self.get(kind).is_none() {
            self.0.push((kind.to_owned(), url));
        }
    }

    /// The address of one kind.
    pub fn get(&self, kind: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == kind).map(|(_, url)| url.as_str())
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Assets {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (kind, url) in &self.0 {
            map.serialize_entry(kind, url)?;
        }
        map.end()
    }
}

/// One of several files that a job made.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS), ts(bound = "", concrete(Json = ()), optional_fields))]
pub struct Output {
    /// What it is: `image`, `video`, `exr`, or what the provider calls it.
    pub kind: String,
    /// Its address.
    pub url: String,
    /// What the provider says of a layer (`index`, `label`, `description`, `alpha_hint`).
    #[cfg_attr(feature = "types", ts(optional, type = "Record<string, unknown>"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer: Option<Json>,
}

/// One job at a provider, as last seen: its parts are those of [`GenerationData`]. Many hold it at once (a caller that waits for it,
/// a listener, an error about it), and none changes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Generation(Rc<GenerationData>);

impl From<GenerationData> for Generation {
    fn from(data: GenerationData) -> Self {
        Generation(Rc::new(data))
    }
}

impl Generation {
    /// The same job, done; it must not have been handed out yet.
    pub fn completed(mut self) -> Self {
        if let Some(data) = Rc::get_mut(&mut self.0) {
            data.state = State::Completed;
        }
        self
    }
}

impl Deref for Generation {
    type Target = GenerationData;

    fn deref(&self) -> &GenerationData {
        &self.0
    }
}

impl Serialize for Generation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.as_ref().serialize(serializer)
    }
}

/// One job at a provider, whole.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS), ts(rename = "Generation", bound = "", concrete(Json = ()), optional_fields))]
pub struct GenerationData {
    /// The provider's id for it.
    pub id: String,
    /// The provider that makes it.
    pub provider: ProviderId,
    /// Where it stands.
    pub state: State,
    /// The provider's word for where it stands, if this version does not know that word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown_state: Option<String>,
    /// Why it failed, when it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// When the provider took it, as the provider writes it (ISO 8601).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// What was made, so far.
    #[cfg_attr(
        feature = "types",
        ts(type = "{ video?: string; image?: string; progress_video?: string; [kind: string]: string | undefined }")
    )]
    pub assets: Assets,
    /// Every file that was made, in the provider's order, where a job makes several of a kind; absent where `assets` tells all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "types", ts(optional, as = "Option<Vec<Output>>"))]
    pub outputs: Vec<Output>,
    /// Which model, in the provider's words (`photon-v1.0`), which need not be the request's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The request, as the provider echoes it.
    #[cfg_attr(feature = "types", ts(optional, type = "Record<string, unknown>"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Json>,
    /// The provider's own answer, untouched.
    #[cfg_attr(feature = "types", ts(type = "Record<string, unknown>"))]
    pub raw: Json,
}

impl GenerationData {
    /// A job of which no more is known than its id, and what was answered.
    pub fn bare(id: String, provider: ProviderId, state: State, raw: Json) -> Self {
        GenerationData {
            id,
            provider,
            state,
            unknown_state: None,
            failure: None,
            created_at: None,
            assets: Assets::default(),
            outputs: Vec::new(),
            model: None,
            request: None,
            raw,
        }
    }
}
