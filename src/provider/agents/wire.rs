//! The request as the API takes it (SDK 0.5.0, 2026-08-04): what is about video lies in `video`, and what is about an
//! edit in `video.edit`.

use crate::address;
use crate::json::{Json, Kind};
use crate::provider::wire::How::{By, Each, LeftOut, Same};
use crate::provider::wire::{self, Wire};
use crate::request::{GenerationRequest, RequestKind};
use crate::rules::Form;

/// The body of a creation. A field that this version does not know stays where it is.
pub fn body(request: &GenerationRequest) -> Json {
    let GenerationRequest { kind, body } = request;
    let mut sent = wire::sent(body, tables(*kind));
    // The SDK's type requires one; its text says that it guides the layers where it is given.
    if *kind == RequestKind::Layering && !sent.has("prompt") {
        sent = sent.with("prompt", Json::string(""));
    }
    if sent.has("type") { sent } else { sent.with("type", Json::string(type_of(*kind, body))) }
}

/// How a form's fields become the API's own. Of two that become the same, the first is the form's.
pub fn tables(kind: RequestKind) -> &'static [&'static [Wire]] {
    match kind {
        RequestKind::ModifyVideo => &[EDIT, FIRST_FRAME, FIELDS],
        RequestKind::ReframeVideo => &[REFRAME, FIRST_FRAME, FIELDS],
        RequestKind::Layering => &[LAYERING, FIRST_FRAME, FIELDS],
        RequestKind::Image => &[IMAGE, FIRST_FRAME, FIELDS],
        _ => &[VIDEO, FIELDS],
    }
}

/// A request in the API's own words, in those that the rules know.
pub fn canonical(form: &Form, body: Json) -> Json {
    let mut body = wire::canonical(body, tables(form.kind), form);
    if body.is_one_of("format", &["jpeg"]) {
        body = body.with("format", Json::string("jpg"));
    }
    for path in &PLACES {
        let Some(given) = body.at(path) else { continue };
        let renamed = if given.kind() == Kind::List {
            let mut items = given.items();
            for item in &mut items {
                *item = earlier(item);
            }
            Json::list(items)
        } else {
            earlier(&given)
        };
        body = body.with_at(path, renamed);
    }
    body
}

/// Where a picture or a video stands, or a list of them.
const PLACES: [&str; 8] = [
    "media",
    "modify_image_ref",
    "first_frame",
    "image_ref",
    "edit_keyframes",
    "keyframes",
    "keyframes.frame0",
    "keyframes.frame1",
];

/// The API's own word for an earlier generation, as all providers have it.
fn earlier(media: &Json) -> Json {
    match media.get("generation_id").filter(|_| !media.has("id")) {
        Some(id) => media.without("generation_id").with("type", Json::string("generation")).with("id", id),
        None => media.clone(),
    }
}

const FIELDS: &[Wire] = &[
    ("generation_type", "", LeftOut),
    ("image_ref", "image_ref", Each(media)),
    ("format", "output_format", By(format)),
    ("duration", "video.duration", Same),
    ("loop", "video.loop", Same),
    ("hdr", "video.hdr", Same),
    ("exr_export", "video.exr_export", Same),
    ("source_position", "video.source_position", Same),
    ("mode", "video.edit.strength", Same),
    ("edit_keyframes", "video.edit.keyframes", Each(media)),
    ("auto_controls", "video.edit.auto_controls", Same),
    ("controls", "video.edit.controls", Same),
];
const FIRST_FRAME: &[Wire] = &[
    ("first_frame", "video.start_frame", By(media)),
    ("keyframes", "video.keyframes", Each(media)),
    ("keyframes.frame0", "video.start_frame", By(media)),
    ("keyframes.frame1", "video.end_frame", By(media)),
];
const EDIT: &[Wire] = &[
    ("media", "source", By(source_video)),
    ("modify_image_ref", "source", By(media)),
    ("resolution", "video.resolution", Same),
    ("keyframe_indexes", "video.edit.keyframe_indexes", Same),
];
const REFRAME: &[Wire] = &[
    ("media", "source", By(source_video)),
    ("modify_image_ref", "source", By(media)),
    ("resolution", "video.resolution", Same),
    ("keyframe_indexes", "video.keyframe_indexes", Same),
];
const LAYERING: &[Wire] = &[
    ("media", "source", By(media)),
    ("modify_image_ref", "source", By(media)),
    ("resolution", "layering.resolution", Same),
    ("keyframe_indexes", "video.keyframe_indexes", Same),
];
const IMAGE: &[Wire] = &[
    ("modify_image_ref", "source", By(media)),
    ("media", "source", By(media)),
    ("resolution", "video.resolution", Same),
    ("keyframe_indexes", "video.keyframe_indexes", Same),
];
const VIDEO: &[Wire] = &[
    ("keyframes.frame0", "video.start_frame", By(media)),
    ("keyframes.frame1", "video.end_frame", By(media)),
    ("keyframes", "video.keyframes", Each(media)),
    ("first_frame", "video.start_frame", By(media)),
    ("media", "source", By(media)),
    ("modify_image_ref", "source", By(media)),
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
    media.text("media_type").or_else(|| address::video_type(&media.text("url")?).map(str::to_owned))
}
