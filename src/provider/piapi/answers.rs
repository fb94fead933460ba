//! What it answers: tasks in an envelope `{ code, data, message }`. What a finished task of 2026 looks like was not to be seen,
//! so every place where a file has been found is looked at.

use super::failures;
use crate::generation::{Assets, Generation, GenerationData, State};
use crate::json::{Json, Kind};
use crate::provider::ProviderId;
use crate::provider::answer::{ActiveTasks, Page, id_of, jobs, list_of, state_of};
use crate::text::split_at_first;

/// Where the video is, the likeliest first: `video` is the file with a watermark, `video_raw` the one without
/// (piapi.ai/docs/dream-machine, 2026-01); the others are the forms of other years and of its other models.
const VIDEO: &[&str] = &[
    "video_raw",
    "video",
    "video_url",
    "generation.video_raw",
    "generation.video",
    "works.video.resource_without_watermark",
    "works.video.resource",
    "url",
];

/// A task out of an answer, a row of a list, or what was POSTed to a callback.
pub fn generation(answer: &Json) -> Option<Generation> {
    let task = &answer.get("data").filter(|task| task.has("task_id")).unwrap_or_else(|| answer.clone());
    let id = id_of(task, "task_id")?;
    let word = state_word(task);
    let (state, unknown_state) = state_of(&word, WORDS);
    // Tasks of 2024 have their output beside the input.
    let output = task.get("output").or_else(|| task.has("generation").then(|| task.clone()));
    let data = GenerationData {
        id,
        provider: ProviderId::Piapi,
        state,
        unknown_state,
        failure: (state == State::Failed).then(|| failures::failure(task)),
        created_at: created(task),
        assets: output.as_ref().map(assets).unwrap_or_default(),
        outputs: Vec::new(),
        model: task.first_text(&["input.model", "input.model_name"]),
        request: task.get("input").filter(|input| input.kind() == Kind::Object),
        raw: without_secret(task),
    };
    Some(data.into())
}

/// Where it stands, in the words of any year.
fn state_word(task: &Json) -> String {
    let word = task.first_text(&["status", "output.internal_state", "output.generation.state", "generation.state"]);
    word.unwrap_or_default()
}

const WORDS: &[(&str, State)] = &[
    ("", State::Queued),
    ("pending", State::Queued),
    ("staged", State::Queued),
    ("completed", State::Completed),
    ("success", State::Completed),
    ("succeeded", State::Completed),
    ("failed", State::Failed),
    ("rejected", State::Failed),
];

/// When a task was created, as its own data, those of 2024 or a row of the history say.
fn created(task: &Json) -> Option<String> {
    let time = task.first_text(&["meta.created_at", "metadata.created_at", "created_at"]);
    // The first of January of the year 1 is its word for never.
    time.filter(|time| !time.starts_with("0001-"))
}

fn assets(output: &Json) -> Assets {
    let mut assets = Assets::default();
    for (name, paths) in [("video", VIDEO), ("thumbnail", &["thumbnail"]), ("last_frame", &["last_frame"])] {
        if let Some(url) = paths.iter().find_map(|path| address(output, path)) {
            assets.add(name, url);
        }
    }
    assets
}

/// The address at the end of a path: as text, or as an object that has it. Of a list the first is meant.
fn address(from: &Json, path: &str) -> Option<String> {
    let (name, rest) = split_at_first(path, ".").unwrap_or((path, ""));
    let at = from.get(name)?;
    let at = at.items().first().cloned().unwrap_or(at);
    if !rest.is_empty() {
        return address(&at, rest);
    }
    at.as_str().or_else(|| at.text("url")).filter(|url| !url.is_empty())
}

const HOOK: &str = "config.webhook_config";

/// A task echoes the secret that its callbacks carry, and this goes to logs and screens.
fn without_secret(task: &Json) -> Json {
    match task.at(HOOK).filter(|hook| hook.first_text(&["secret"]).is_some()) {
        Some(hook) => task.with_at(HOOK, hook.without("secret")),
        None => task.clone(),
    }
}

/// A page of the history. Its answer is published as far as `page` alone; the rest is as integrations of 2026 describe it.
pub fn page(answer: &Json) -> Option<Page> {
    let data = answer.get("data")?;
    let list = match data.kind() {
        Kind::List => data.clone(),
        _ => list_of(&data, if data.has("data") { "data" } else { "tasks" })?,
    };
    let (generations, entries) = (jobs(&list, &generation), list.items().len());
    let (number, total) = (data.num("page"), data.num("total"));
    let size = data.num("size").or_else(|| data.num("page_size"));
    // `size` may be the page's own length: then a last page looks like any other, and the next one is empty.
    let shown = entries as f64;
    let follows = match (number, total) {
        (_, Some(total)) => number.unwrap_or(1.0) * shown < total,
        // The total is not given: more may follow a full page.
        (Some(_), None) => shown >= size.unwrap_or(0.0),
        (None, None) => false,
    };
    let has_more = shown > 0.0 && follows;
    let raw = Some(answer.clone());
    Some(Page { generations, has_more, says_more: true, entries, limit: None, offset: None, count: total, raw })
}

/// How many of Luma's tasks are staged, pending or processing: counts by provider (the vendor's command-line tool, 2026). One
/// that is not there has none.
pub fn active(answer: &Json) -> Option<ActiveTasks> {
    let data = answer.get("data").filter(|data| data.kind() == Kind::Object)?;
    let names = data.keys();
    let ours = names.iter().find(|name| name.eq_ignore_ascii_case("luma")).and_then(|name| data.get(name));
    let count = ours.map_or(0.0, |ours| {
        ours.num("active_tasks").unwrap_or_else(|| {
            let mut all = 0.0;
            for part in &["staged_count", "pending_count", "processing_count"] {
                all += ours.num(part).unwrap_or(0.0);
            }
            all
        })
    });
    Some(ActiveTasks { count, raw: answer.clone() })
}
