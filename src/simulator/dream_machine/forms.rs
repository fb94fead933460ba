//! The seven forms of request, field by field.
//!
//! They are those of Luma's OpenAPI file (info.version 1.1.0 of 2025-06-24) with two later edits that its SDK shows: `ray-flash-2`
//! modifies too (2025-07), and `resized_width`/`resized_height`. `ray-1-6` is still in the file and the guide, though the
//! SDK dropped it in 2026-01.

use super::shape::{Field, Need, Preset, Type};
use crate::simulator::limits::Kind;

/// One form of request.
pub(crate) struct Form {
    /// The route's name in faults and statistics.
    pub(crate) route: &'static str,
    /// Its `generation_type`.
    pub(crate) operation: &'static str,
    pub(crate) kind: Kind,
    pub(crate) fields: &'static [Field],
}

use Need::{Optional, Required, RequiredBySchema};

const fn field(name: &'static str, ty: Type, need: Need) -> Field {
    Field { name, ty, need }
}

const fn optional(name: &'static str, ty: Type) -> Field {
    field(name, ty, Optional)
}

/// A field that the echo fills in.
const fn preset(name: &'static str, ty: Type, value: Preset) -> Field {
    field(name, ty, Need::Default(value))
}

const RATIOS: Type = Type::OneOf(&["1:1", "16:9", "9:16", "4:3", "3:4", "21:9", "9:21"]);
const VIDEO_MODELS: Type = Type::OneOf(&["ray-1-6", "ray-2", "ray-flash-2"]);
const RAY_2: Type = Type::OneOf(&["ray-2", "ray-flash-2"]);
const PHOTON: Type = Type::OneOf(&["photon-1", "photon-flash-1"]);
const FORMATS: Type = Type::OneOf(&["jpg", "png"]);
const MODES: Type = Type::OneOf(&[
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

const WIDE: Preset = Preset::Text("16:9");
const NO_PROMPT: Preset = Preset::Text("");

const MEDIA: Type = Type::Object(&[field("url", Type::Uri, Required)]);
const WEIGHED: Type = Type::Object(&[optional("url", Type::Uri), optional("weight", Type::Number)]);
const IDENTITY: Type = Type::Object(&[optional("images", Type::List(&Type::Uri))]);

const KEYFRAME: Type = Type::Tagged(&[
    ("generation", &[field("id", Type::Uuid, Required)]),
    ("image", &[field("url", Type::Uri, Required)]),
]);

pub(super) static VIDEO: Form = Form {
    route: "video",
    operation: "video",
    kind: Kind::Video,
    fields: &[
        preset("generation_type", Type::Literal("video"), Preset::Text("video")),
        // The guide's callback example leaves it out; the file names this default.
        field("model", VIDEO_MODELS, RequiredBySchema(Preset::Text("ray-1-6"))),
        optional("prompt", Type::Text),
        preset("aspect_ratio", RATIOS, WIDE),
        optional("loop", Type::Flag),
        optional("keyframes", Type::Object(&[optional("frame0", KEYFRAME), optional("frame1", KEYFRAME)])),
        // Open lists: the file allows any string beside those that it names.
        optional("resolution", Type::Text),
        optional("duration", Type::Text),
        optional("concepts", Type::List(&Type::Object(&[field("key", Type::Text, Required)]))),
        optional("callback_url", Type::Uri),
    ],
};

pub(super) static IMAGE: Form = Form {
    route: "image",
    operation: "image",
    kind: Kind::Image,
    fields: &[
        preset("generation_type", Type::Literal("image"), Preset::Text("image")),
        field("model", PHOTON, RequiredBySchema(Preset::Text("photon-1"))),
        optional("prompt", Type::Text),
        preset("aspect_ratio", RATIOS, WIDE),
        preset("format", FORMATS, Preset::Text("jpg")),
        optional("image_ref", Type::List(&WEIGHED)),
        optional("style_ref", Type::List(&WEIGHED)),
        optional("character_ref", Type::Object(&[optional("identity0", IDENTITY)])),
        optional("modify_image_ref", WEIGHED),
        preset("sync", Type::Flag, Preset::Flag(false)),
        preset("sync_timeout", Type::Number, Preset::Integer(60)),
        optional("callback_url", Type::Uri),
    ],
};

pub(super) static REFRAME_IMAGE: Form = Form {
    route: "reframe-image",
    operation: "reframe_image",
    kind: Kind::Image,
    fields: &[
        // The guide's examples of reframe and modify leave it out.
        field("generation_type", Type::Literal("reframe_image"), RequiredBySchema(Preset::Text("reframe_image"))),
        field("media", MEDIA, Required),
        field("model", PHOTON, Required),
        preset("prompt", Type::Text, NO_PROMPT),
        field("aspect_ratio", RATIOS, Required),
        optional("grid_position_x", Type::Integer),
        optional("grid_position_y", Type::Integer),
        optional("x_start", Type::Integer),
        optional("x_end", Type::Integer),
        optional("y_start", Type::Integer),
        optional("y_end", Type::Integer),
        optional("resized_width", Type::Integer),
        optional("resized_height", Type::Integer),
        preset("format", FORMATS, Preset::Text("jpg")),
        optional("callback_url", Type::Uri),
    ],
};

pub(super) static REFRAME_VIDEO: Form = Form {
    route: "reframe-video",
    operation: "reframe_video",
    kind: Kind::Video,
    fields: &[
        field("generation_type", Type::Literal("reframe_video"), RequiredBySchema(Preset::Text("reframe_video"))),
        field("media", MEDIA, Required),
        optional("first_frame", MEDIA),
        field("model", RAY_2, Required),
        preset("prompt", Type::Text, NO_PROMPT),
        field("aspect_ratio", RATIOS, Required),
        optional("grid_position_x", Type::Integer),
        optional("grid_position_y", Type::Integer),
        optional("x_start", Type::Integer),
        optional("x_end", Type::Integer),
        optional("y_start", Type::Integer),
        optional("y_end", Type::Integer),
        optional("resized_width", Type::Integer),
        optional("resized_height", Type::Integer),
        optional("callback_url", Type::Uri),
    ],
};

pub(super) static MODIFY_VIDEO: Form = Form {
    route: "modify",
    operation: "modify_video",
    kind: Kind::Video,
    fields: &[
        field("generation_type", Type::Literal("modify_video"), RequiredBySchema(Preset::Text("modify_video"))),
        field("media", MEDIA, Required),
        optional("first_frame", MEDIA),
        field("model", RAY_2, Required),
        field("mode", MODES, Required),
        optional("prompt", Type::Text),
        optional("callback_url", Type::Uri),
    ],
};

pub(super) static UPSCALE_VIDEO: Form = Form {
    route: "upscale",
    operation: "upscale_video",
    kind: Kind::Video,
    fields: &[
        preset("generation_type", Type::Literal("upscale_video"), Preset::Text("upscale_video")),
        optional("resolution", Type::Text),
        optional("callback_url", Type::Uri),
    ],
};

pub(super) static ADD_AUDIO: Form = Form {
    route: "audio",
    operation: "add_audio",
    kind: Kind::Video,
    fields: &[
        preset("generation_type", Type::Literal("add_audio"), Preset::Text("add_audio")),
        optional("prompt", Type::Text),
        optional("negative_prompt", Type::Text),
        optional("callback_url", Type::Uri),
    ],
};
