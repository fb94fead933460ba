//! What is refused before a job is made.
//!
//! What has status 400 is documented word for word unless a comment says otherwise. For the combinations that later
//! pages refuse with 422 no sentence is published: these name the fields at fault.

use serde_json::Value;

use super::references::{self, Found, Takes};
use super::shapes::{self, IMAGE_RATIOS, PORTRAIT_IMAGES, VIDEO_RATIOS};
use super::{Refused, error};
use crate::simulator::jobs::Job;
use crate::simulator::world::World;

/// Each model with the types of request that it is for.
const MODELS: &[(&str, &[&str])] = &[
    ("uni-1", &["image", "image_edit", "layering"]),
    ("uni-1-max", &["image", "image_edit"]),
    ("ray-3.2", &["video", "video_edit", "video_reframe"]),
];

/// What is known of what a request refers to.
#[derive(Default)]
pub(super) struct Inputs {
    /// How many images and videos those are.
    pub(super) references: usize,
    /// The width and height of what is worked on.
    pub(super) pixels: Option<(u32, u32)>,
    /// Its length, in seconds.
    pub(super) seconds: Option<f64>,
    /// Whether an image among them is larger than is taken.
    pub(super) oversized: bool,
}

/// The text of a field, empty when there is none.
pub(super) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Whether a flag is set.
pub(super) fn flag(value: &Value, name: &str) -> bool {
    value.get(name).and_then(Value::as_bool) == Some(true)
}

pub(super) fn given(value: &Value, name: &str) -> bool {
    value.get(name).is_some_and(|value| !value.is_null())
}

pub(super) fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Whether a type of request gives a video.
pub(super) fn of_video(kind: &str) -> bool {
    kind.starts_with("video")
}

fn wrong(sentence: &str) -> Refused {
    error(400, sentence)
}

fn conflict(sentence: &str) -> Refused {
    error(422, sentence)
}

/// The lists of values that are closed by the SDK's types too.
pub(super) fn closed(request: &Value) -> Result<(), Refused> {
    let model = text(request, "model");
    if !MODELS.iter().any(|(name, _)| *name == model) {
        return Err(wrong(&format!("Unknown model: {model}")));
    }
    let ratio = text(request, "aspect_ratio");
    let kind = text(request, "type");
    let valid = if of_video(kind) { VIDEO_RATIOS } else { IMAGE_RATIOS };
    // An edit has the shape of its source, whatever is asked for.
    if !ratio.is_empty() && kind != "video_edit" && !valid.contains(&ratio) {
        let mut valid = valid.to_vec();
        valid.sort_unstable();
        return Err(wrong(&format!("Invalid aspect_ratio '{ratio}'. Valid: {}", valid.join(", "))));
    }
    Ok(())
}

/// Refuses what the guide refuses, and looks up what the request refers to.
pub(super) fn check(world: &World, now: f64, request: &Value) -> Result<Inputs, Refused> {
    let (kind, model) = (text(request, "type"), text(request, "model"));
    if !MODELS.iter().any(|(name, kinds)| *name == model && kinds.contains(&kind)) {
        return Err(wrong(&format!("Type '{kind}' is not supported for model '{model}'")));
    }
    prompt(request, kind)?;
    fields(request, kind)?;
    images(request, kind)?;
    let mut inputs = Inputs::default();
    let mut find = |reference: &Value, at: &str, takes: Takes| {
        let found = references::find(world, now, reference, at, takes)?;
        inputs.references += 1;
        inputs.oversized |= takes != Takes::Video && found.pixels().is_some_and(|(w, h)| w.max(h) > 8000);
        Ok::<Found<'_>, Refused>(found)
    };
    for (index, reference) in list(request, "image_ref").iter().enumerate() {
        find(reference, &format!("image_ref[{index}]"), Takes::Image)?;
    }
    let source = match request.get("source").filter(|source| !source.is_null()) {
        None => None,
        Some(source) => Some(find(source, "source", if of_video(kind) { Takes::Video } else { Takes::Image })?),
    };
    let mut frame = None;
    if let Some(video) = request.get("video").filter(|video| !video.is_null()) {
        let frames = ["start_frame", "end_frame"].map(|name| (name, video.get(name).filter(|frame| !frame.is_null())));
        for (name, reference) in frames.into_iter().filter_map(|(name, frame)| Some((name, frame?))) {
            let found = find(reference, &format!("video.{name}"), Takes::Either)?;
            frame = frame.or(Some(found));
        }
        let none = Value::Null;
        let edit = video.get("edit").unwrap_or(&none);
        for (at, holder) in [("video.keyframes", video), ("video.edit.keyframes", edit)] {
            for (index, reference) in list(holder, "keyframes").iter().enumerate() {
                find(reference, &format!("{at}[{index}]"), Takes::Image)?;
            }
        }
        let extended = matches!(frame, Some(Found::Job(Job { picture, .. })) if picture.seconds.is_some());
        range(video, kind)?;
        frames_and_loop(video, extended)?;
        indexes(video, "video", length(video) * 24.0)?;
        // They count the source's own frames, and nobody knows how many there are.
        indexes(edit, "video.edit", f64::INFINITY)?;
        edits(video, edit, kind)?;
    }
    if let Some(source) = &source {
        let known = source.seconds().unwrap_or_default();
        let most = if kind == "video_edit" { 18.0 } else { 30.0 };
        if known > most {
            return Err(conflict(&format!("source: {kind} takes at most {most} s")));
        }
    }
    let worked_on = source.or(frame);
    inputs.pixels = worked_on.as_ref().and_then(Found::pixels);
    inputs.seconds = worked_on.as_ref().and_then(Found::seconds);
    if kind == "video_reframe" {
        reframe(request, &inputs)?;
    }
    Ok(inputs)
}

/// A prompt is counted in characters, not bytes.
fn prompt(request: &Value, kind: &str) -> Result<(), Refused> {
    let most = if kind == "layering" { 500 } else { 6000 };
    match text(request, "prompt").chars().count() {
        // It guides the layers where it is given (SDK 0.5.0).
        0 if kind == "layering" => Ok(()),
        length if (1..=most).contains(&length) => Ok(()),
        _ => Err(wrong(&format!("Prompt must be between 1 and {most} characters"))),
    }
}

/// Which types take which of the fields that are not for all.
fn fields(request: &Value, kind: &str) -> Result<(), Refused> {
    let needs_source = matches!(kind, "image_edit" | "video_edit" | "video_reframe" | "layering");
    match (needs_source, given(request, "source")) {
        (true, false) => return Err(wrong(&format!("source is required for type '{kind}'"))),
        // The sentence is of the time when there was only this type with a source.
        (false, true) => return Err(wrong("source is only valid for type 'image_edit'")),
        _ => {}
    }
    if given(request, "video") && !of_video(kind) {
        return Err(conflict(&format!("video is not supported for type '{kind}'")));
    }
    if given(request, "layering") && kind != "layering" {
        return Err(conflict(&format!("layering is not supported for type '{kind}'")));
    }
    let ratio = text(request, "aspect_ratio");
    let upright = ratio.is_empty() || PORTRAIT_IMAGES.contains(&ratio);
    if kind == "image" && text(request, "style") == "manga" && !upright {
        return Err(conflict(&format!(
            "style 'manga' does not support aspect_ratio '{ratio}', only {}",
            PORTRAIT_IMAGES.join(", ")
        )));
    }
    Ok(())
}

fn images(request: &Value, kind: &str) -> Result<(), Refused> {
    match (kind, list(request, "image_ref").len()) {
        ("image", 10..) => Err(wrong("image supports up to 9 reference images")),
        ("image_edit", 9..) => Err(wrong("image_edit supports up to 8 reference images (source occupies one slot)")),
        ("image" | "image_edit", _) | (_, 0) => Ok(()),
        _ => Err(conflict(&format!("image_ref is not supported for type '{kind}'"))),
    }
}

/// How long a video is to be, in seconds.
pub(super) fn length(video: &Value) -> f64 {
    if text(video, "duration") == "10s" { 10.0 } else { 5.0 }
}

/// High dynamic range and what depends on it.
fn range(video: &Value, kind: &str) -> Result<(), Refused> {
    let (hdr, resolution) = (flag(video, "hdr"), text(video, "resolution"));
    if flag(video, "exr_export") && !hdr {
        return Err(conflict("video.exr_export requires video.hdr"));
    }
    if !hdr {
        return Ok(());
    }
    if kind == "video_reframe" {
        return Err(conflict("video.hdr is not supported for type 'video_reframe'"));
    }
    // Resellers publish prices of edits in it from 360p on.
    if kind == "video" && !matches!(resolution, "720p" | "1080p") {
        return Err(conflict("video.hdr requires a resolution of 720p or 1080p"));
    }
    if flag(video, "loop") {
        return Err(conflict("video.hdr is not supported with video.loop"));
    }
    // The guide refuses it with 10 s; the SDK's text allows that by keyframes.
    if kind == "video" && length(video) > 5.0 && list(video, "keyframes").is_empty() {
        return Err(conflict("video.hdr with a duration of '10s' is supported with video.keyframes only"));
    }
    Ok(())
}

fn frames_and_loop(video: &Value, extended: bool) -> Result<(), Refused> {
    let framed: Vec<&str> = ["start_frame", "end_frame"].into_iter().filter(|name| given(video, name)).collect();
    let looped = flag(video, "loop").then_some("loop");
    if let Some(name) = framed.iter().copied().chain(looped).next() {
        if length(video) > 5.0 {
            return Err(conflict(&format!("video.duration '10s' is not supported with video.{name}")));
        }
        if given(video, "keyframes") {
            return Err(conflict(&format!("video.keyframes is not supported with video.{name}")));
        }
    }
    if extended && framed.len() > 1 {
        return Err(conflict("extending a generation takes either video.start_frame or video.end_frame"));
    }
    if extended && flag(video, "hdr") {
        return Err(conflict("video.hdr is not supported when a generation is extended"));
    }
    Ok(())
}

/// Each keyframe has a place of its own, on a grid of 24 frames in a second or in the source's.
fn indexes(holder: &Value, at: &str, last: f64) -> Result<(), Refused> {
    let (frames, places) = (list(holder, "keyframes"), list(holder, "keyframe_indexes"));
    let fewest = if at == "video" { 1 } else { 0 };
    if given(holder, "keyframes") && !(fewest..=64).contains(&frames.len()) {
        return Err(conflict(&format!("{at}.keyframes takes {fewest} to 64 images")));
    }
    if frames.len() != places.len() {
        return Err(conflict(&format!("{at}.keyframe_indexes must have as many entries as {at}.keyframes")));
    }
    let places: Vec<f64> = places.iter().filter_map(Value::as_f64).collect();
    if places.iter().enumerate().any(|(index, place)| places.iter().take(index).any(|other| other == place)) {
        return Err(conflict(&format!("{at}.keyframe_indexes must be unique")));
    }
    match places.iter().any(|place| !(0.0..=last).contains(place)) {
        true => Err(conflict(&format!("{at}.keyframe_indexes must be from 0 to {last}"))),
        false => Ok(()),
    }
}

fn edits(video: &Value, edit: &Value, kind: &str) -> Result<(), Refused> {
    if given(video, "edit") && kind != "video_edit" {
        return Err(conflict(&format!("video.edit is not supported for type '{kind}'")));
    }
    if given(video, "source_position") && kind != "video_reframe" {
        return Err(conflict(&format!("video.source_position is not supported for type '{kind}'")));
    }
    for name in ["strength", "controls"] {
        if flag(edit, "auto_controls") && given(edit, name) {
            return Err(conflict(&format!("video.edit.auto_controls is not supported with video.edit.{name}")));
        }
    }
    if given(edit, "keyframes") && given(video, "start_frame") {
        return Err(conflict("video.edit.keyframes is not supported with video.start_frame"));
    }
    let numbers = [("depth", "blur"), ("normals", "augmentation"), ("trajectory", "sparsity")];
    for (control, name) in numbers {
        let number = edit.pointer(&format!("/controls/{control}/{name}")).and_then(Value::as_f64);
        if number.is_some_and(|number| !(0.0..=1.0).contains(&number)) {
            return Err(conflict(&format!("video.edit.controls.{control}.{name} must be from 0 to 1")));
        }
    }
    Ok(())
}

fn reframe(request: &Value, inputs: &Inputs) -> Result<(), Refused> {
    let ratio = text(request, "aspect_ratio");
    let resolution = request.get("video").map_or("", |video| text(video, "resolution"));
    if resolution == "1080p" && matches!(ratio, "9:16" | "3:4") {
        return Err(conflict("video.resolution '1080p' is not supported for vertical reframes"));
    }
    let source = inputs.pixels.and_then(|(width, height)| shapes::nearest(width, height, VIDEO_RATIOS));
    match source == Some(ratio) {
        true => Err(conflict(&format!("aspect_ratio '{ratio}' is that of the source"))),
        false => Ok(()),
    }
}
