//! What a provider tells beside jobs.

use super::{ProviderId, failures};
use crate::generation::{Assets, Generation, GenerationData, State};
use crate::json::{Json, Kind};
use crate::text::integer;
use serde::Serialize;

/// How many jobs a page of the list holds at most.
pub(crate) const PAGE_SIZE: f64 = 100.0;

/// Where a job stands by its provider's word, which is compared without case: by the provider's own table, else as elsewhere.
/// A word that is in neither counts as running, and comes back.
pub fn state_of(word: &str, words: &[(&str, State)]) -> (State, Option<String>) {
    match known_state(word, words) {
        Some(state) => (state, None),
        None => (State::Dreaming, Some(word.to_owned())),
    }
}

/// Whether the word itself tells why a job has ended.
fn is_reason(word: &str) -> bool {
    ENDED.iter().any(|ended| word.trim_ascii().eq_ignore_ascii_case(ended))
}

fn known_state(word: &str, words: &[(&str, State)]) -> Option<State> {
    let word = word.trim_ascii();
    let own = words.iter().find(|(known, _)| word.eq_ignore_ascii_case(known)).map(|(_, state)| *state);
    let runs = || RUNNING.iter().any(|running| word.eq_ignore_ascii_case(running)).then_some(State::Dreaming);
    own.or_else(|| is_reason(word).then_some(State::Failed)).or_else(runs)
}

/// Words that end jobs at some provider.
const ENDED: &[&str] = &["canceled", "cancelled", "aborted", "expired", "error"];
/// Words of jobs that run at some provider.
const RUNNING: &[&str] = &["dreaming", "processing", "running", "in_progress", "pending", "starting", "retry"];

/// Luma's own words.
const WORDS: &[(&str, State)] =
    &[("queued", State::Queued), ("completed", State::Completed), ("failed", State::Failed)];

/// What wraps a job at some service or proxy.
const WRAPPERS: &[&str] = &["data", "generation", "job", "task", "result"];
/// What an id is called at some service.
const IDS: &[&str] = &["id", "task_id", "taskId", "jobid", "jobId", "job_id", "generation_id", "generationId"];

/// The job that the answer to a creation tells of. It is paid for, so an id is enough, wherever it stands and whatever it is called.
pub fn made(answer: &Json, provider: ProviderId, read: &dyn Fn(&Json) -> Option<Generation>) -> Option<Generation> {
    let mut parts = vec![answer.clone()];
    for name in WRAPPERS {
        parts.extend(answer.get(name));
    }
    for index in 0..parts.len() {
        let first = parts.get(index).and_then(|part| part.items().first().cloned());
        parts.extend(first);
    }
    let job = |part: &Json| {
        read(part).or_else(|| {
            let id = IDS.iter().find_map(|name| id_of(part, name))?;
            Some(GenerationData::bare(id, provider, State::Queued, answer.clone()).into())
        })
    };
    // What has a state is the job; else what lies within, since an envelope may have an id of its own. An error is no job.
    let mut stateless = Vec::new();
    for part in &parts {
        let error = part.has("error");
        if part.has("state") || part.has("status") && !error {
            if let Some(job) = job(part) {
                return Some(job);
            }
        } else if !error {
            stateless.push(part);
        }
    }
    stateless.iter().rev().find_map(|part| job(part))
}

/// A job as Luma's own APIs write it. `reasons`: the fields that may tell why it failed.
pub fn luma_job(answer: &Json, provider: ProviderId, reasons: &[&str]) -> Option<GenerationData> {
    let id = id_of(answer, "id")?;
    let word = answer.text("state").unwrap_or_default();
    let (state, unknown_state) = state_of(&word, WORDS);
    let failure = (state == State::Failed).then(|| {
        let ended = is_reason(&word);
        let reason = answer.first_text(reasons).or_else(|| ended.then(|| word.clone()));
        failures::failure(reason.unwrap_or_default(), !ended)
    });
    Some(GenerationData {
        id,
        provider,
        state,
        unknown_state,
        failure,
        created_at: answer.text("created_at"),
        assets: Assets::read(answer.get("assets")),
        outputs: Vec::new(),
        model: None,
        request: None,
        raw: answer.clone(),
    })
}

/// An id, which may be a number.
pub fn id_of(from: &Json, name: &str) -> Option<String> {
    let id = from.get(name)?;
    let number = || id.as_f64().filter(|id| *id >= 0.0 && id.fract() == 0.0).map(|id| integer(id as u64));
    id.as_str().filter(|id| !id.is_empty()).or_else(number)
}

/// The field of that name, if it is a list.
pub fn list_of(answer: &Json, name: &str) -> Option<Json> {
    answer.get(name).filter(|list| list.kind() == Kind::List)
}

/// The jobs in a list, by what reads one.
pub fn jobs(list: &Json, read: &dyn Fn(&Json) -> Option<Generation>) -> Vec<Generation> {
    let mut jobs = Vec::new();
    for item in &list.items() {
        if let Some(job) = read(item) {
            jobs.push(job);
        }
    }
    jobs
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS), ts(bound = "", concrete(Json = ()), optional_fields))]
pub struct Page {
    /// The jobs, newest first.
    #[cfg_attr(feature = "types", ts(type = "Generation[]"))]
    pub generations: Vec<Generation>,
    /// Whether another page follows. Where the provider does not say, one may follow a page that is as long as it could be.
    pub has_more: bool,
    /// Whether the provider says so.
    #[serde(skip)]
    #[cfg_attr(feature = "types", ts(skip))]
    pub says_more: bool,
    /// How many entries the page has, also those that are no jobs.
    #[serde(skip)]
    #[cfg_attr(feature = "types", ts(skip))]
    pub entries: usize,
    /// How many the page was allowed to hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<f64>,
    /// How many were skipped before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<f64>,
    /// The number that the provider gives as `count`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<f64>,
    /// The provider's own answer, untouched, where it tells more: of useapi and piapi.
    #[cfg_attr(feature = "types", ts(optional, type = "Record<string, unknown>"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw: Option<Json>,
}

impl Page {
    /// The same page to a client that asked for so many.
    pub fn asked_for(mut self, limit: Option<f64>) -> Page {
        // The provider may give fewer than it was asked for, and say so.
        let most = self.limit.or(limit);
        if !self.says_more && most.is_some_and(|most| (self.entries as f64) < most) {
            self.has_more = false;
        }
        self
    }
}

/// What is left to spend.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS), ts(bound = "", concrete(Json = ())))]
pub struct Credits {
    /// How much.
    pub amount: f64,
    /// What it counts.
    pub unit: CreditUnit,
    /// The provider's own answer, untouched.
    #[cfg_attr(feature = "types", ts(type = "Record<string, unknown>"))]
    pub raw: Json,
}

/// What waits or runs at the moment.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS), ts(bound = "", concrete(Json = ())))]
pub struct ActiveTasks {
    /// How many jobs of Luma's, from any user of the key.
    pub count: f64,
    /// The provider's own answer, untouched.
    #[cfg_attr(feature = "types", ts(type = "Record<string, unknown>"))]
    pub raw: Json,
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
