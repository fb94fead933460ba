//! A request in the service's own names, and how long it usually takes.

use super::forms::REASONING;
use crate::json::Json;
use crate::request::{Request, RequestKind};
use crate::text::{concat, integer};

/// What is sent. Fields that nobody knows pass as they are: they are newer than this.
pub fn body(request: &Request) -> Json {
    let given = &request.body;
    let mut body = Json::object(Vec::new());
    for name in given.keys() {
        let Some(value) = given.get(&name) else { continue };
        match name.as_str() {
            "generation_type" | "exr_export" => {}
            "callback_url" => body = body.with("replyUrl", value),
            "callback_ref" => body = body.with("replyRef", value),
            "hdr" => {
                if value.as_bool() == Some(true) {
                    let exr = given.flag("exr_export") == Some(true);
                    body = body.with("dynamic_range", Json::string(if exr { "hdr_exr" } else { "hdr" }));
                }
            }
            "keyframes" => {
                for (frame, own) in [("frame0", "imageStart"), ("frame1", "imageEnd")] {
                    if let Some(media) = value.get(frame) {
                        body = body.with(own, reference(media));
                    }
                }
            }
            "character_ref" => {
                let images = value.get("identity0").and_then(|identity| identity.get("images"));
                if let Some(media) = images.and_then(|images| images.items().into_iter().next()) {
                    body = body.with("imageCharacter", reference(media));
                }
            }
            "image_ref" => {
                for (index, media) in value.items().into_iter().enumerate() {
                    body = body.with(&concat(&["imageRef", &integer(index as u64 + 1)]), reference(media));
                }
            }
            _ => body = body.with(&name, value),
        }
    }
    match resolution(given) {
        Some(resolution) => body.with("resolution", Json::string(&resolution)),
        None => body,
    }
}

/// The reference to an uploaded file. Anything else, which only an unchecked request has, is left to the server's judgement.
fn reference(media: Json) -> Json {
    media.get("file_id").unwrap_or(media)
}

/// The resolution that is asked for. Where the server's default, a draft, is none of the choices, another has to be sent.
pub fn resolution(body: &Json) -> Option<String> {
    let no_drafts = body.text("model").as_deref() == Some(REASONING) || body.flag("hdr") == Some(true);
    body.text("resolution").or_else(|| no_drafts.then(|| "720p".into()))
}

/// In ms. A draft and pictures take 30 to 60 s, 1080p about 3 minutes (overview page, 2026-04-06); the others are between.
pub fn expected(kind: RequestKind, body: &Json) -> f64 {
    let seconds = match resolution(body).as_deref() {
        _ if kind == RequestKind::Image => 45.0,
        Some("540p") => 75.0,
        Some("720p") => 110.0,
        Some("1080p") => 180.0,
        _ => 45.0,
    };
    seconds * if body.text("duration").as_deref() == Some("10s") { 2000.0 } else { 1000.0 }
}
