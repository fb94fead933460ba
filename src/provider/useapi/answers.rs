//! What the service tells of jobs. The answer to a creation, a finished image job and a failed one are not documented, so
//! each is read in whatever form it may come.

use super::failures;
use crate::generation::{Assets, Generation, GenerationData, Output, State};
use crate::provider::{Page, ProviderId};
use crate::value::{Kind, Value};

/// One job; `None` when the answer names none.
pub fn generation<V: Value>(answer: &V, request: Option<V>) -> Option<Generation<V>> {
    let state = match answer.text("status").unwrap_or_default().as_str() {
        "created" | "pending" => State::Queued,
        "completed" => State::Completed,
        "failed" | "moderated" | "cancelled" | "error" => State::Failed,
        _ => State::Dreaming,
    };
    let (assets, outputs) = files(answer);
    let data = GenerationData {
        id: id(answer)?,
        provider: ProviderId::Useapi,
        state,
        failure: (state == State::Failed).then(|| failures::failure(answer)),
        created_at: answer.text("created"),
        assets,
        outputs,
        model: answer.text("model"),
        request,
        raw: answer.clone(),
    };
    Some(data.into())
}

/// The page on images speaks of "job IDs": of several, the first is the job.
fn id<V: Value>(answer: &V) -> Option<String> {
    let listed = || answer.get("jobids")?.texts().into_iter().next();
    let inner = || answer.get("jobs")?.items().first()?.text("jobid");
    let id = answer.text("jobid").or_else(|| answer.text("jobId")).or_else(listed).or_else(inner);
    id.filter(|id| !id.is_empty())
}

/// The jobs that are executing.
pub fn page<V: Value>(answer: &V) -> Option<Page<V>> {
    let list = answer.get("jobs").filter(|list| list.kind() == Kind::List)?;
    let mut generations = Vec::new();
    for job in list.items() {
        let mut request = echo(job.get("model"), job.get("account"));
        if let Some(kind) = job.get("type") {
            request = request.with("generation_type", kind);
        }
        generations.extend(generation(&job, Some(request)));
    }
    Some(Page { generations, has_more: false, limit: None, offset: None, count: answer.num("executing") })
}

/// All that the list tells of what was asked for.
pub fn echo<V: Value>(model: Option<V>, email: Option<V>) -> V {
    let mut fields = Vec::new();
    for (name, value) in [("model", model), ("email", email)] {
        if let Some(value) = value {
            fields.push((name, value));
        }
    }
    V::object(fields)
}

/// Lists in objects in lists: no known answer is deeper than three.
const DEEPEST: u32 = 6;

/// Every address in the response, by the name that it has there.
fn files<V: Value>(answer: &V) -> (Assets, Vec<Output<V>>) {
    let mut files = Vec::new();
    let image = answer.text("type").as_deref() == Some("image");
    if let Some(response) = answer.get("response") {
        collect(&response, if image { "image" } else { "video" }, image, DEEPEST, &mut files);
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

fn collect<V: Value>(value: &V, name: &str, image: bool, depth: u32, files: &mut Vec<Output<V>>) {
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
        for item in value.items() {
            collect(&item, name, image, depth - 1, files);
        }
        for key in value.keys() {
            if let Some(field) = value.get(&key).filter(|_| !OWN.contains(&key.as_str())) {
                collect(&field, &key, image, depth - 1, files);
            }
        }
    }
}

/// Parts of a sibling's response that repeat what was sent: pictures that were given are none that were made.
const OWN: [&str; 3] = ["request", "replyUrl", "replyRef"];

/// What went wrong, in the service's words: a text, or an object of Luma's with one inside.
pub fn reason<V: Value>(answer: &V) -> Option<String> {
    ["error", "errorDetails", "message"].iter().find_map(|key| words(&answer.get(key)?, DEEPEST))
}

fn words<V: Value>(value: &V, depth: u32) -> Option<String> {
    let inside = || ["message", "error", "detail", "reason"].iter().find_map(|key| words(&value.get(key)?, depth - 1));
    value.as_str().filter(|text| !text.is_empty()).or_else(|| if depth > 0 { inside() } else { None })
}
