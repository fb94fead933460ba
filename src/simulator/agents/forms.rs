//! The one form of request, field by field, by the types of the SDK 0.5.0 (2026-08-04).

use serde_json::Value;

use super::{Refused, error};
use crate::http::Request;
use crate::simulator::dream_machine::shape::{self, Field, Need, Preset, Type};
use crate::simulator::options::Validation;

const fn optional(name: &'static str, ty: Type) -> Field {
    Field { name, ty, need: Need::Optional }
}

const fn required(name: &'static str, ty: Type) -> Field {
    Field { name, ty, need: Need::Required }
}

const fn preset(name: &'static str, ty: Type, value: &'static str) -> Field {
    Field { name, ty, need: Need::Default(Preset::Text(value)) }
}

/// An image or a video to work with: exactly one of `url`, `data`, `generation_id`, `file_id`.
const REF: Type = Type::Object(&[
    optional("url", Type::Address),
    optional("data", Type::Text),
    optional("media_type", Type::Text),
    optional("generation_id", Type::Text),
    optional("file_id", Type::Text),
]);

const STRENGTHS: Type = Type::OneOf(&[
    "adhere_1",
    "adhere_2",
    "adhere_3",
    "flex_1",
    "flex_2",
    "flex_3",
    "reimagine_1",
    "reimagine_2",
    "reimagine_3",
]);

const CONTROLS: Type = Type::Object(&[
    optional(
        "pose",
        Type::Object(&[optional("enabled", Type::Flag), optional("strength", Type::OneOf(&["precise", "coarse"]))]),
    ),
    optional("depth", Type::Object(&[optional("enabled", Type::Flag), optional("blur", Type::Number)])),
    optional("normals", Type::Object(&[optional("enabled", Type::Flag), optional("augmentation", Type::Number)])),
    optional("trajectory", Type::Object(&[optional("enabled", Type::Flag), optional("sparsity", Type::Number)])),
    optional("face", Type::Object(&[optional("enabled", Type::Flag)])),
]);

const EDIT: Type = Type::Object(&[
    optional("auto_controls", Type::Flag),
    optional("strength", STRENGTHS),
    optional("controls", CONTROLS),
    optional("keyframes", Type::List(&REF)),
    optional("keyframe_indexes", Type::List(&Type::Integer)),
]);

const POSITION: Type = Type::Object(&[
    required("x_norm", Type::Number),
    required("y_norm", Type::Number),
    required("w_norm", Type::Number),
    required("h_norm", Type::Number),
]);

const VIDEO: Type = Type::Object(&[
    preset("resolution", Type::OneOf(&["360p", "540p", "720p", "1080p"]), "720p"),
    preset("duration", Type::OneOf(&["5s", "10s"]), "5s"),
    optional("loop", Type::Flag),
    optional("hdr", Type::Flag),
    optional("exr_export", Type::Flag),
    optional("start_frame", REF),
    optional("end_frame", REF),
    optional("keyframes", Type::List(&REF)),
    optional("keyframe_indexes", Type::List(&Type::Integer)),
    optional("source_position", POSITION),
    optional("edit", EDIT),
]);

const FIELDS: &[Field] = &[
    Field { name: "prompt", ty: Type::Text, need: Need::Required },
    preset("type", Type::OneOf(&["image", "image_edit", "video", "video_edit", "video_reframe", "layering"]), "image"),
    // Open here: either has an error message of its own.
    preset("model", Type::Text, "uni-1"),
    optional("aspect_ratio", Type::Text),
    optional("image_ref", Type::List(&REF)),
    optional("source", REF),
    optional("style", Type::OneOf(&["auto", "manga"])),
    preset("output_format", Type::OneOf(&["png", "jpeg"]), "png"),
    optional("web_search", Type::Flag),
    optional("user_id", Type::Text),
    optional("layering", Type::Object(&[preset("resolution", Type::OneOf(&["1k", "2k"]), "1k")])),
    optional("video", VIDEO),
];

/// The request with what it left out filled in.
pub(super) fn read(request: &Request<Vec<u8>>, by: Validation) -> Result<Value, Refused> {
    // The first problem as a sentence: this API's `detail` is always one, though its framework has a list.
    shape::check(&json(request)?, FIELDS, by).map_err(|problems| {
        let first = problems.first().cloned().unwrap_or_default();
        let place = first.get("loc").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let message = first.get("msg").and_then(Value::as_str).unwrap_or_default();
        error(422, &format!("{}: {message}", path(place)))
    })
}

/// `image_ref[0].url`
fn path(place: &[Value]) -> String {
    let mut path = String::new();
    for step in place.iter().skip(usize::from(place.len() > 1)) {
        match step {
            Value::String(name) if path.is_empty() => path.push_str(name),
            Value::String(name) => path.extend([".", name]),
            index => path.push_str(&format!("[{index}]")),
        }
    }
    path
}

/// The body's JSON.
pub(super) fn json(request: &Request<Vec<u8>>) -> Result<Value, Refused> {
    let bytes = request.body.as_deref().unwrap_or_default();
    serde_json::from_slice(bytes).map_err(|_| error(422, "body: Input should be valid JSON"))
}
