//! What the service tells of jobs. The answer to a creation, a finished image job and a failed one are not documented, so
//! each is read in whatever form it may come.

use super::failures;
use crate::generation::{Assets, Generation, GenerationData, Output, State};
use crate::json::Json;
use crate::provider::ProviderId;
use crate::provider::answer::{ActiveTasks, Page, jobs as jobs_of, list_of, state_of};
use crate::provider::wire::How::Same;
use crate::provider::wire::{Wire, added};
use crate::text::join;

/// What stands between the ids of a job that is several: the page on images speaks of "job IDs" of a batch. No e-mail
/// address has it.
pub const BETWEEN: &str = ",";

/// One job; `None` when the answer names none.
pub fn generation(answer: &Json, request: Option<Json>) -> Option<Generation> {
    let jobs = jobs(answer);
    let first = jobs.first()?;
    let (mut state, mut unknown_state) = state_of_job(first);
    for job in &jobs {
        let (other, unknown) = state_of_job(job);
        state = joined(state, other);
        unknown_state = unknown_state.or(unknown);
    }
    let (assets, outputs) = files(&jobs);
    let data = GenerationData {
        id: id(answer, &jobs)?,
        provider: ProviderId::Useapi,
        state,
        unknown_state,
        failure: (state == State::Failed).then(|| failures::failure(first)),
        created_at: first.text("created"),
        assets,
        outputs,
        model: first.text("model"),
        request,
        raw: answer.clone(),
    };
    Some(data.into())
}

/// What an answer tells of: itself, or jobs within it.
fn jobs(answer: &Json) -> Vec<Json> {
    let listed = if own_id(answer).is_some() { Vec::new() } else { answer.items_of("jobs") };
    if listed.is_empty() { vec![answer.clone()] } else { listed }
}

fn own_id(job: &Json) -> Option<String> {
    job.first_text(&["jobid", "jobId"])
}

/// The id of an answer. It has the ids of all its jobs, so that no picture that was paid for is lost.
fn id(answer: &Json, jobs: &[Json]) -> Option<String> {
    if let Some(id) = own_id(answer) {
        return Some(id);
    }
    let mut ids = answer.get("jobids").map(|ids| ids.texts()).unwrap_or_default();
    if ids.is_empty() {
        for job in jobs {
            if let Some(id) = own_id(job) {
                ids.push(id);
            }
        }
    }
    let parts: Vec<&str> = ids.iter().map(String::as_str).collect();
    Some(join(&parts, BETWEEN)).filter(|id| !id.is_empty())
}

fn state_of_job(job: &Json) -> (State, Option<String>) {
    state_of(&job.text("status").unwrap_or_default(), WORDS)
}

const WORDS: &[(&str, State)] = &[
    ("", State::Dreaming),
    ("created", State::Queued),
    ("pending", State::Queued),
    ("completed", State::Completed),
    ("failed", State::Failed),
    ("moderated", State::Failed),
];

/// The state of two jobs together. Whatever was made of them counts, when nothing more will be.
fn joined(one: State, other: State) -> State {
    if one == other {
        one
    } else if one.is_final() && other.is_final() {
        State::Completed
    } else {
        State::Dreaming
    }
}

/// The jobs that are executing.
pub fn page(answer: &Json) -> Option<Page> {
    let list = list_of(answer, "jobs")?;
    Some(Page {
        generations: jobs_of(&list, &|job| generation(job, Some(added(Json::object(Vec::new()), job, LISTED)))),
        has_more: false,
        says_more: true,
        entries: list.items().len(),
        limit: None,
        offset: None,
        count: answer.num("executing"),
        raw: Some(answer.clone()),
    })
}

/// How many are executing.
pub fn active(answer: &Json) -> Option<ActiveTasks> {
    let listed = || Some(answer.get("jobs")?.items().len() as f64);
    Some(ActiveTasks { count: answer.num("executing").or_else(listed)?, raw: answer.clone() })
}

/// What the list tells of what was asked for, by its names and the request's.
const LISTED: &[Wire] = &[("model", "model", Same), ("account", "email", Same), ("type", "generation_type", Same)];
/// The part of a request that the list shows.
const ECHOED: &[Wire] = &[("model", "model", Same), ("email", "email", Same)];

/// All of a request that the list tells.
pub fn echo(request: &Json) -> Json {
    added(Json::object(Vec::new()), request, ECHOED)
}

/// Lists in objects in lists: no known answer is deeper than three.
const DEEPEST: u32 = 6;

/// Every address in the responses, by the name that it has there.
fn files(jobs: &[Json]) -> (Assets, Vec<Output>) {
    let mut files = Vec::new();
    for job in jobs {
        let image = job.is_one_of("type", &["image"]);
        if let Some(response) = job.get("response") {
            collect(&response, if image { "image" } else { "video" }, image, DEEPEST, &mut files);
        }
    }
    let mut assets = Assets::default();
    let mut several = false;
    for file in &files {
        several |= assets.get(&file.kind).is_some();
        assets.add(&file.kind, file.url.clone());
    }
    if !several {
        files.clear();
    }
    (assets, files)
}

fn collect(value: &Json, name: &str, image: bool, depth: u32, files: &mut Vec<Output>) {
    let url = value.text("url").or_else(|| value.as_str());
    if let Some(url) = url {
        if url.starts_with("https://") || url.starts_with("http://") {
            let kind = match name {
                "video_hdr_exr" => "exr",
                "thumbnail" => name,
                // Whatever else the job of a picture makes is a picture, whatever it is called.
                _ if image => "image",
                _ => name,
            };
            files.push(Output { kind: kind.to_owned(), url, layer: None });
        }
    } else if depth > 0 {
        for item in &value.items() {
            collect(item, name, image, depth - 1, files);
        }
        for key in &value.keys() {
            if let Some(field) = value.get(key).filter(|_| !OWN.contains(&key.as_str())) {
                collect(&field, key, image, depth - 1, files);
            }
        }
    }
}

/// Parts of a sibling's response that repeat what was sent: pictures that were given are none that were made.
const OWN: [&str; 3] = ["request", "replyUrl", "replyRef"];
