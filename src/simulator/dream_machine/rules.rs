//! What the guide refuses before a job is made: its pre-submission errors, word for word, and the rules beside them.
//! Under status 400. What is said in practice about Ray 1.6 carries the status in front, as reports of it show.

use serde_json::Value;

use super::concepts::CONCEPTS;
use super::forms::Form;
use crate::simulator::jobs::{Jobs, Phase};
use crate::simulator::limits::Kind;

/// The text of a field, empty when there is none.
fn text<'a>(request: &'a Value, name: &str) -> &'a str {
    request.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Refuses what the guide refuses.
pub(super) fn check(form: &Form, request: &Value, jobs: &Jobs, now: f64) -> Result<(), String> {
    prompt(form, request)?;
    match form.operation {
        "video" => {
            keyframes(request, jobs, now)?;
            model(request)?;
            concepts(request)
        }
        "image" => references(request),
        _ => Ok(()),
    }
}

/// A prompt is counted in characters, not bytes. The guide speaks of creations; beside a picture as a keyframe it may be left out.
fn prompt(form: &Form, request: &Value) -> Result<(), String> {
    if !matches!(form.operation, "video" | "image") {
        return Ok(());
    }
    let pictured = ["frame0", "frame1"]
        .iter()
        .any(|frame| request.pointer(&format!("/keyframes/{frame}/type")).and_then(Value::as_str) == Some("image"));
    match text(request, "prompt").chars().count() {
        0 if pictured => Ok(()),
        0 => Err("Prompt is required".into()),
        1..3 => Err("Prompt is too short, minimum length is 3 characters".into()),
        5001.. => Err("Prompt is too long, maximum length is 5000 characters".into()),
        _ => Ok(()),
    }
}

#[derive(Clone, Copy)]
enum Frame<'a> {
    Image,
    Generation(&'a str),
}

fn keyframes(request: &Value, jobs: &Jobs, now: f64) -> Result<(), String> {
    use Frame::{Generation, Image};
    let Some(keyframes) = request.get("keyframes").filter(|frames| !frames.is_null()) else {
        return Ok(());
    };
    let frame = |name: &str| match keyframes.get(name).filter(|frame| !frame.is_null()) {
        None => Ok(None),
        Some(frame) => match text(frame, "type") {
            "image" => Ok(Some(Image)),
            "generation" => Ok(Some(Generation(text(frame, "id")))),
            _ => Err("Unknown request type".to_owned()),
        },
    };
    let frames = (frame("frame0")?, frame("frame1")?);
    let no_loop = match frames {
        (None, None) => return Err("No keyframes provided".into()),
        (Some(Image) | Some(Generation(_)), None) => None,
        // An older copy of the guide has this; the newest list does not repeat it.
        (None, Some(Image)) => Some("end frame"),
        (Some(Image), Some(Image)) => Some("keyframes"),
        (None, Some(Generation(_))) => Some("extend reverse"),
        (Some(Generation(_)), Some(Image)) => Some("interpolate video to image"),
        (Some(Image), Some(Generation(_))) => Some("interpolate image to video"),
        (Some(Generation(_)), Some(Generation(_))) => Some("interpolate between two videos"),
    };
    if let (Some(what), Some(true)) = (no_loop, request.get("loop").and_then(Value::as_bool)) {
        return Err(format!("Loop is not supported for {what}"));
    }
    for frame in [frames.0, frames.1].into_iter().flatten() {
        if let Generation(id) = frame {
            finished_video(jobs, id, now)?;
        }
    }
    Ok(())
}

/// The guide: extend and interpolate take generated videos only, and completed ones.
pub(super) fn finished_video(jobs: &Jobs, id: &str, now: f64) -> Result<(), String> {
    let job = jobs.get(id).ok_or_else(|| format!("Generation {id} not found"))?;
    if job.kind != Kind::Video {
        return Err(format!("Generation {id} is not a video"));
    }
    match job.phase(now) {
        Phase::Completed => Ok(()),
        _ => Err(format!("Generation {id} is not completed")),
    }
}

/// Ray 1.6 takes none of these.
fn model(request: &Value) -> Result<(), String> {
    if text(request, "model") != "ray-1-6" {
        return Ok(());
    }
    let given = |name: &str| request.get(name).is_some_and(|value| !value.is_null());
    if given("duration") {
        Err("400: Duration is not supported in Ray 1.6 API".into())
    } else if given("resolution") {
        Err("400: Resolution is not supported in Ray 1.6 API".into())
    } else if given("concepts") {
        Err("400: concepts are not supported for this model".into())
    } else {
        Ok(())
    }
}

fn concepts(request: &Value) -> Result<(), String> {
    let keys = request.get("concepts").and_then(Value::as_array).into_iter().flatten().map(|one| text(one, "key"));
    match keys.into_iter().find(|key| !CONCEPTS.contains(key)) {
        Some(key) => Err(format!("Unknown concept: {key}")),
        None => Ok(()),
    }
}

/// The guide: up to 4 images to refer to, and up to 4 of a character.
fn references(request: &Value) -> Result<(), String> {
    let count = |path: &str| request.pointer(path).and_then(Value::as_array).map_or(0, Vec::len);
    for path in ["/image_ref", "/character_ref/identity0/images"] {
        if count(path) > 4 {
            return Err(format!("{} supports up to 4 images", path.trim_start_matches('/').replace('/', ".")));
        }
    }
    Ok(())
}
