//! The request as the API takes it (SDK 0.5.0, 2026-08-04): what is about video lies in `video`, and what is about an
//! edit in `video.edit`.

use crate::json::{Json, Kind};
use crate::request::{Request, RequestKind};
use crate::rules::Source;
use crate::text::{after_last, before};

/// The body of a creation. A field that this version does not know stays where it is.
pub fn body(request: &Request) -> Json {
    let Request { kind, body } = request;
    let given = |name: &str| body.get(name).unwrap_or_else(|| Json::object(Vec::new()));
    let (mut wire, mut video, mut edit) = (Json::object(Vec::new()), given("video"), Json::object(Vec::new()));
    let mut has_video = body.get("video").is_some();
    let mut has_edit = false;
    if body.get("type").is_none() {
        wire = wire.with("type", Json::string(type_of(*kind, body)));
    }
    for name in body.keys() {
        let Some(value) = body.get(&name) else { continue };
        let editing = *kind == RequestKind::ModifyVideo;
        match name.as_str() {
            "generation_type" | "video" => {}
            "media" if editing || *kind == RequestKind::ReframeVideo => {
                wire = wire.with("source", source_video(&value))
            }
            "media" | "modify_image_ref" => wire = wire.with("source", media(&value)),
            "image_ref" => wire = wire.with("image_ref", all(&value)),
            "format" => {
                let jpg = value.as_str().as_deref() == Some("jpg");
                wire = wire.with("output_format", if jpg { Json::string("jpeg") } else { value });
            }
            "resolution" if *kind == RequestKind::Layering => {
                wire = wire.with("layering", given("layering").with("resolution", value));
            }
            "resolution" | "duration" | "loop" | "hdr" | "exr_export" | "source_position" => {
                (video, has_video) = (video.with(&name, value), true);
            }
            "first_frame" => (video, has_video) = (video.with("start_frame", media(&value)), true),
            "keyframes" if value.kind() == Kind::List => {
                (video, has_video) = (video.with("keyframes", all(&value)), true)
            }
            "keyframes" => {
                for (end, name) in [("frame0", "start_frame"), ("frame1", "end_frame")] {
                    if let Some(frame) = value.get(end) {
                        (video, has_video) = (video.with(name, media(&frame)), true);
                    }
                }
            }
            "keyframe_indexes" if !editing => (video, has_video) = (video.with(&name, value), true),
            "mode" => (edit, has_edit) = (edit.with("strength", value), true),
            "edit_keyframes" => (edit, has_edit) = (edit.with("keyframes", all(&value)), true),
            "auto_controls" | "controls" | "keyframe_indexes" => (edit, has_edit) = (edit.with(&name, value), true),
            _ => wire = wire.with(&name, value),
        }
    }
    if has_edit {
        video = video.with("edit", edit);
    }
    if has_edit || has_video { wire.with("video", video) } else { wire }
}

fn type_of(kind: RequestKind, body: &Json) -> &'static str {
    match kind {
        RequestKind::Image if body.get("modify_image_ref").is_some() => "image_edit",
        RequestKind::ModifyVideo => "video_edit",
        RequestKind::ReframeVideo => "video_reframe",
        kind => kind.as_str(),
    }
}

fn all(list: &Json) -> Json {
    let mut items = Vec::new();
    for item in list.items() {
        items.push(media(&item));
    }
    Json::list(items)
}

/// A picture or a video in the API's words (SDK, ImageRef). A field that this version does not know stays.
fn media(given: &Json) -> Json {
    let mut media = Json::object(Vec::new());
    let earlier = given.get(Source::Generation.field()).is_some();
    for name in given.keys() {
        let Some(content) = given.get(&name) else { continue };
        match name.as_str() {
            "type" => {}
            // What an earlier generation is, the API knows; it is told for the rules.
            "media_type" if earlier => {}
            "id" => media = media.with("generation_id", content),
            _ => media = media.with(&name, content),
        }
    }
    media
}

/// A video at an address is sent with its media type (SDK).
fn source_video(given: &Json) -> Json {
    match (given.get("url"), video_type(given)) {
        (Some(_), Some(kind)) => media(given).with("media_type", Json::string(&kind)),
        _ => media(given),
    }
}

/// The media type of a video at an address: what is said, else what its ending tells.
pub fn video_type(media: &Json) -> Option<String> {
    let told = || {
        let url = media.text("url")?;
        match after_last(before(&url, b"?#"), b'.').to_ascii_lowercase().as_str() {
            "mp4" => Some("video/mp4".into()),
            "mov" => Some("video/quicktime".into()),
            "webm" => Some("video/webm".into()),
            _ => None,
        }
    };
    media.text("media_type").or_else(told)
}
