//! The request as the API takes it (SDK 0.5.0, 2026-08-04): what is about video lies in `video`, and what is about an
//! edit in `video.edit`.

use crate::json::Json;
use crate::provider::wire::How::{By, Each, LeftOut, Same};
use crate::provider::wire::{self, Wire};
use crate::request::{Request, RequestKind};
use crate::text::{after_last, before};

/// The body of a creation. A field that this version does not know stays where it is.
pub fn body(request: &Request) -> Json {
    let Request { kind, body } = request;
    let own = match kind {
        RequestKind::ModifyVideo => EDIT,
        RequestKind::ReframeVideo => REFRAME,
        RequestKind::Layering => LAYERING,
        _ => OTHERS,
    };
    let sent = wire::sent(body, &[FIELDS, own]);
    if sent.has("type") { sent } else { sent.with("type", Json::string(type_of(*kind, body))) }
}

const FIELDS: &[Wire] = &[
    ("generation_type", "", LeftOut),
    ("modify_image_ref", "source", By(media)),
    ("image_ref", "image_ref", Each(media)),
    ("format", "output_format", By(format)),
    ("duration", "video.duration", Same),
    ("loop", "video.loop", Same),
    ("hdr", "video.hdr", Same),
    ("exr_export", "video.exr_export", Same),
    ("source_position", "video.source_position", Same),
    ("first_frame", "video.start_frame", By(media)),
    ("keyframes", "video.keyframes", Each(media)),
    ("keyframes.frame0", "video.start_frame", By(media)),
    ("keyframes.frame1", "video.end_frame", By(media)),
    ("mode", "video.edit.strength", Same),
    ("edit_keyframes", "video.edit.keyframes", Each(media)),
    ("auto_controls", "video.edit.auto_controls", Same),
    ("controls", "video.edit.controls", Same),
];
const EDIT: &[Wire] = &[
    ("media", "source", By(source_video)),
    ("resolution", "video.resolution", Same),
    ("keyframe_indexes", "video.edit.keyframe_indexes", Same),
];
const REFRAME: &[Wire] = &[
    ("media", "source", By(source_video)),
    ("resolution", "video.resolution", Same),
    ("keyframe_indexes", "video.keyframe_indexes", Same),
];
const LAYERING: &[Wire] = &[
    ("media", "source", By(media)),
    ("resolution", "layering.resolution", Same),
    ("keyframe_indexes", "video.keyframe_indexes", Same),
];
const OTHERS: &[Wire] = &[
    ("media", "source", By(media)),
    ("resolution", "video.resolution", Same),
    ("keyframe_indexes", "video.keyframe_indexes", Same),
];

fn type_of(kind: RequestKind, body: &Json) -> &'static str {
    match kind {
        RequestKind::Image if body.has("modify_image_ref") => "image_edit",
        RequestKind::ModifyVideo => "video_edit",
        RequestKind::ReframeVideo => "video_reframe",
        kind => kind.as_str(),
    }
}

fn format(given: &Json) -> Json {
    if given.as_str().as_deref() == Some("jpg") { Json::string("jpeg") } else { given.clone() }
}

/// A picture or a video in the API's words (SDK, ImageRef). A field that this version does not know stays.
fn media(given: &Json) -> Json {
    let fields: &[Wire] = &[("type", "", LeftOut), ("id", "generation_id", Same)];
    // The API knows what an earlier generation is; the type is for the rules.
    let earlier: &[Wire] = if given.has("id") { &[("media_type", "", LeftOut)] } else { &[] };
    wire::sent(given, &[fields, earlier])
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
