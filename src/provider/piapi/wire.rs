//! A request as it is sent: `{ model, task_type, input, config? }`.

use super::forms;
use crate::json::Json;
use crate::provider::wire::How::{By, LeftOut, Same};
use crate::provider::wire::{Wire, added, sent};
use crate::text::whole;

/// The whole body.
pub fn task(body: &Json, schema_2025: bool) -> Json {
    let input = input(body, schema_2025);
    let extends = ["key_frames.frame0", "key_frames.frame1"]
        .iter()
        .any(|path| input.at(path).is_some_and(|frame| extends(&frame)));
    let task_type = if extends { "extend_video" } else { "video_generation" };
    let task =
        Json::object(vec![("model", Json::string("luma")), ("task_type", Json::string(task_type)), ("input", input)]);
    added(task, body, CONFIG)
}

/// What is asked for, which is what a task echoes.
pub fn input(body: &Json, schema_2025: bool) -> Json {
    sent(body, tables(schema_2025))
}

/// How what is asked for becomes the service's own.
pub fn tables(schema_2025: bool) -> &'static [&'static [Wire]] {
    if schema_2025 { &[FIELDS, FIELDS_2025] } else { &[FIELDS, FIELDS_2026] }
}

/// The webhook, and the account that the task goes through.
const CONFIG: &[Wire] = &[
    ("service_mode", "config.service_mode", Same),
    ("callback_url", "config.webhook_config.endpoint", Same),
    ("callback_secret", "config.webhook_config.secret", Same),
];

const FIELDS: &[Wire] = &[
    ("generation_type", "", LeftOut),
    ("service_mode", "", LeftOut),
    ("callback_url", "", LeftOut),
    ("callback_secret", "", LeftOut),
    ("duration", "duration", By(seconds)),
];
const FIELDS_2026: &[Wire] = &[
    ("model", "model", By(|name| model(name, false))),
    ("keyframes.frame0.url", "start_image", Same),
    ("keyframes.frame1.url", "end_image", Same),
];
const FIELDS_2025: &[Wire] =
    &[("model", "model_name", By(|name| model(name, true))), ("keyframes", "key_frames", By(key_frames))];

fn model(name: &Json, schema_2025: bool) -> Json {
    name.as_str().map_or_else(|| name.clone(), |name| Json::string(forms::model(&name, schema_2025).0))
}

/// Whether a frame is an earlier video.
fn extends(frame: &Json) -> bool {
    frame.has("id") || frame.is_one_of("type", &["video"])
}

/// The frames with a word in each that tells what it is.
fn key_frames(frames: &Json) -> Json {
    let mut frames = frames.clone();
    for name in &["frame0", "frame1"] {
        if let Some(frame) = frames.get(name).filter(|frame| !frame.has("type")) {
            let what = if extends(&frame) { "generation" } else { "image" };
            frames = frames.with(name, frame.with("type", Json::string(what)));
        }
    }
    frames
}

/// `5s` as 5.
fn seconds(duration: &Json) -> Json {
    let number = duration.as_str().and_then(|text| whole(text.strip_suffix('s')?));
    number.map_or_else(|| duration.clone(), Json::number)
}
