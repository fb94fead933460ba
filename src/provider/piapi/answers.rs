//! What it answers: tasks in an envelope `{ code, data, message }`. What a finished task of 2026 looks like was not to be seen,
//! so every place where a file has been found is looked at.

use super::failures;
use crate::generation::{Assets, Generation, GenerationData, State};
use crate::json::{Json, Kind};
use crate::provider::{ActiveTasks, Page, ProviderId};

/// Where the video is, the likeliest first: `video` is the file with a watermark, `video_raw` the one without
/// (piapi.ai/docs/dream-machine, 2026-01); the others are the forms of other years and of its other models.
const VIDEO: &[&[&str]] = &[
    &["video_raw"],
    &["video"],
    &["video_url"],
    &["generation", "video_raw"],
    &["generation", "video"],
    &["works", "video", "resource_without_watermark"],
    &["works", "video", "resource"],
    &["url"],
];

/// A task out of an answer, a row of a list, or what was POSTed to a callback.
pub fn generation(answer: &Json) -> Option<Generation> {
    let enveloped = answer.get("data").filter(|task| task.get("task_id").is_some());
    let task = enveloped.as_ref().unwrap_or(answer);
    let id = task.text("task_id").filter(|id| !id.is_empty())?;
    // Of 2024: beside the input, not in an output.
    let output = task.get("output").or_else(|| task.get("generation").map(|_| task.clone()));
    let state = state(task, output.as_ref());
    let input = task.get("input").filter(|input| input.kind() == Kind::Object);
    let model = input.as_ref().and_then(|input| input.text("model").or_else(|| input.text("model_name")));
    let data = GenerationData {
        id,
        provider: ProviderId::Piapi,
        state,
        failure: (state == State::Failed).then(|| failures::failure(task)),
        created_at: created(task),
        assets: output.map(|output| assets(&output)).unwrap_or_default(),
        outputs: Vec::new(),
        model,
        request: input,
        raw: without_secret(task),
    };
    Some(data.into())
}

/// By its words of any year, compared without case as the documents and the server differ in it.
fn state(task: &Json, output: Option<&Json>) -> State {
    let own = task.text("status").filter(|word| !word.is_empty());
    let inner = |output: &Json| output.text("internal_state").or_else(|| output.get("generation")?.text("state"));
    let word = own.or_else(|| inner(output?)).unwrap_or_default().to_ascii_lowercase();
    match word.as_str() {
        "" | "pending" | "staged" => State::Queued,
        "completed" | "success" | "succeeded" => State::Completed,
        "failed" | "error" | "cancelled" | "canceled" | "rejected" => State::Failed,
        _ => State::Dreaming,
    }
}

/// In the task's own data, in those of 2024, or in a row of the history.
fn created(task: &Json) -> Option<String> {
    let inner = |name| task.get(name)?.text("created_at");
    let time = inner("meta").or_else(|| inner("metadata")).or_else(|| task.text("created_at"));
    // The first of January of the year 1 is its word for never.
    time.filter(|time| !time.is_empty() && !time.starts_with("0001-"))
}

fn assets(output: &Json) -> Assets {
    let mut assets = Assets::default();
    for path in VIDEO {
        if let Some(url) = address(output, path) {
            assets.add("video", url);
        }
    }
    for name in ["thumbnail", "last_frame"] {
        if let Some(url) = address(output, &[name]) {
            assets.add(name, url);
        }
    }
    assets
}

/// The address at the end of a path: as text, or as an object that has it. Of a list the first is meant.
fn address(from: &Json, path: &[&str]) -> Option<String> {
    let mut at = from.clone();
    for name in path {
        at = at.get(name)?;
        if let Some(first) = at.items().into_iter().next() {
            at = first;
        }
    }
    at.as_str().or_else(|| at.text("url")).filter(|url| !url.is_empty())
}

/// A task echoes the secret that its callbacks carry, and this goes to logs and screens.
fn without_secret(task: &Json) -> Json {
    let parts = task.get("config").and_then(|config| Some((config.get("webhook_config")?, config)));
    match parts {
        Some((hook, config)) if hook.text("secret").is_some_and(|secret| !secret.is_empty()) => {
            task.with("config", config.with("webhook_config", hook.without("secret")))
        }
        _ => task.clone(),
    }
}

/// A page of the history. Its answer is published as far as `page` alone; the rest is as integrations of 2026 describe it.
pub fn page(answer: &Json) -> Option<Page> {
    let data = answer.get("data")?;
    let list =
        if data.kind() == Kind::List { Some(data.clone()) } else { data.get("data").or_else(|| data.get("tasks")) };
    let mut generations = Vec::new();
    for row in list.filter(|list| list.kind() == Kind::List)?.items() {
        if let Some(generation) = generation(&row) {
            generations.push(generation);
        }
    }
    let (number, total) = (data.num("page"), data.num("total"));
    let size = data.num("size").or_else(|| data.num("page_size"));
    // `size` may be the page's own length: then a last page looks like any other, and the next one is empty.
    let shown = generations.len() as f64;
    let follows = match (number, total) {
        (_, Some(total)) => number.unwrap_or(1.0) * shown < total,
        // Of how many nothing is told: more may follow a page that is full.
        (Some(_), None) => shown >= size.unwrap_or(0.0),
        (None, None) => false,
    };
    let has_more = shown > 0.0 && follows;
    Some(Page { generations, has_more, limit: None, offset: None, count: total, raw: Some(answer.clone()) })
}

/// How many of Luma's tasks are staged, pending or processing: counts by provider (the vendor's command-line tool, 2026). One
/// that is not there has none.
pub fn active(answer: &Json) -> Option<ActiveTasks> {
    let data = answer.get("data").filter(|data| data.kind() == Kind::Object)?;
    let ours = data.keys().into_iter().find(|name| name.eq_ignore_ascii_case("luma")).and_then(|name| data.get(&name));
    let count = ours.map_or(0.0, |ours| {
        let part = |name| ours.num(name).unwrap_or(0.0);
        let all = || part("staged_count") + part("pending_count") + part("processing_count");
        ours.num("active_tasks").unwrap_or_else(all)
    });
    Some(ActiveTasks { count, raw: answer.clone() })
}
