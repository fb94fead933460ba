//! A request in the service's own names, and how long it usually takes.

use super::forms::REASONING;
use crate::json::Json;
use crate::pricing::factor;
use crate::provider::wire::How::{By, LeftOut, Same};
use crate::provider::wire::{self, Wire};
use crate::request::{GenerationRequest, RequestKind};

/// What is sent. Fields that are not known pass as they are: they are newer than this.
pub fn body(request: &GenerationRequest) -> Json {
    let given = &request.body;
    let mut body = wire::sent(given, &[FIELDS]);
    if given.is_on("hdr") {
        let range = if given.is_on("exr_export") { "hdr_exr" } else { "hdr" };
        body = body.with("dynamic_range", Json::string(range));
    }
    for (index, media) in given.items_of("image_ref").iter().enumerate() {
        body = body.with(&format!("imageRef{}", index + 1), reference(media));
    }
    match resolution(given) {
        Some(resolution) => body.with("resolution", Json::string(&resolution)),
        None => body,
    }
}

/// How the fields are named there.
pub const FIELDS: &[Wire] = &[
    ("generation_type", "", LeftOut),
    // Made into others by `body`.
    ("hdr", "dynamic_range", LeftOut),
    ("exr_export", "dynamic_range", LeftOut),
    ("image_ref", "imageRef1", LeftOut),
    ("callback_url", "replyUrl", Same),
    ("callback_ref", "replyRef", Same),
    ("keyframes.frame0", "imageStart", By(reference)),
    ("keyframes.frame1", "imageEnd", By(reference)),
    ("character_ref.identity0.images", "imageCharacter", By(first)),
];

/// There is one picture of a character.
fn first(images: &Json) -> Json {
    images.items().first().map(reference).unwrap_or_default()
}

/// The reference to an uploaded file. Anything else, which only an unchecked request has, is left to the server's judgement.
fn reference(media: &Json) -> Json {
    media.get("file_id").unwrap_or_else(|| media.clone())
}

/// The resolution that is asked for. Where the server's default, a draft, is none of the choices, another has to be sent.
pub fn resolution(body: &Json) -> Option<String> {
    let no_drafts = body.is_one_of("model", &[REASONING]) || body.is_on("hdr");
    body.text("resolution").or_else(|| no_drafts.then(|| "720p".into()))
}

/// How long a job usually takes, in ms. A draft and pictures take 30 to 60 s, 1080p about 3 minutes (overview page, 2026-04-06); the others are between.
pub fn expected(kind: RequestKind, body: &Json) -> f64 {
    let seconds = match resolution(body).as_deref() {
        _ if kind == RequestKind::Image => 45.0,
        Some("540p") => 75.0,
        Some("720p") => 110.0,
        Some("1080p") => 180.0,
        _ => 45.0,
    };
    seconds * factor(body, "duration", &[("10s", 2.0)]) * 1000.0
}
