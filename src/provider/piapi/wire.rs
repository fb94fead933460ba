//! A request as it is sent: `{ model, task_type, input, config? }`.

use super::forms;
use crate::json::Json;
use crate::text::whole;

/// The whole body.
pub fn task(body: &Json, schema_2025: bool) -> Json {
    let input = input(body, schema_2025);
    let frames = input.get("key_frames");
    let extends = |name| frames.as_ref().and_then(|frames| frames.get(name)).is_some_and(|frame| extends(&frame));
    let task_type = if extends("frame0") || extends("frame1") { "extend_video" } else { "video_generation" };
    let task =
        Json::object(vec![("model", Json::string("luma")), ("task_type", Json::string(task_type)), ("input", input)]);
    match config(body) {
        Some(config) => task.with("config", config),
        None => task,
    }
}

/// What is asked for, which is what a task echoes.
pub fn input(body: &Json, schema_2025: bool) -> Json {
    let names = body.keys();
    let mut fields = Vec::new();
    for name in &names {
        let Some(value) = body.get(name) else { continue };
        match name.as_str() {
            "generation_type" | "callback_url" | "callback_secret" | "service_mode" => {}
            "model" => {
                let model = value.as_str().map(|name| Json::string(forms::model(&name, schema_2025).0));
                fields.push((if schema_2025 { "model_name" } else { "model" }, model.unwrap_or(value)));
            }
            "duration" => fields.push(("duration", seconds(&value).map_or(value, Json::number))),
            "keyframes" if schema_2025 => fields.push(("key_frames", key_frames(value))),
            "keyframes" => {
                for (frame, image) in [("frame0", "start_image"), ("frame1", "end_image")] {
                    if let Some(url) = value.get(frame).and_then(|frame| frame.get("url")) {
                        fields.push((image, url));
                    }
                }
            }
            _ => fields.push((name, value)),
        }
    }
    Json::object(fields)
}

/// Whether a frame is an earlier video.
pub fn extends(frame: &Json) -> bool {
    frame.get("id").is_some() || frame.text("type").as_deref() == Some("video")
}

/// The frames with a word in each that tells what it is.
fn key_frames(mut frames: Json) -> Json {
    for name in ["frame0", "frame1"] {
        if let Some(frame) = frames.get(name).filter(|frame| frame.get("type").is_none()) {
            let what = if extends(&frame) { "generation" } else { "image" };
            frames = frames.with(name, frame.with("type", Json::string(what)));
        }
    }
    frames
}

/// `5s` as 5.
fn seconds(duration: &Json) -> Option<f64> {
    whole(duration.as_str()?.strip_suffix('s')?)
}

/// Who is told, and through whose account it goes.
fn config(body: &Json) -> Option<Json> {
    let mut hook = Vec::new();
    for (name, field) in [("endpoint", "callback_url"), ("secret", "callback_secret")] {
        if let Some(value) = body.get(field) {
            hook.push((name, value));
        }
    }
    let mut config = Vec::new();
    if let Some(mode) = body.get("service_mode") {
        config.push(("service_mode", mode));
    }
    if !hook.is_empty() {
        config.push(("webhook_config", Json::object(hook)));
    }
    (!config.is_empty()).then(|| Json::object(config))
}
