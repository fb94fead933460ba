//! The form of request as tables, one for each year's fields. Sources: piapi.ai/docs/dream-machine/create-task, in its copies
//! of 2026-01 ("2025") and 2026-02 ("2026"); closed lists of 2026 are those of integrations, read in 2026-08.

use crate::request::RequestKind::Video;
use crate::rules::{Content, Doc, Field, Form, Shape, Source};

const PROMPT: Field = Field::required(
    "prompt",
    Shape::Text { min: 1, max: usize::MAX },
    "Prompt is required",
    "What to make, in words; no length is published (piapi.ai docs, 2026-02).",
);
/// Both years' long durations: which one is taken now is not certain, see [`super::Piapi`]'s `check`.
const DURATION: Field = Field::new(
    "duration",
    Shape::Soft(&Shape::Enum { values: &["5s", "9s", "10s"], unit: Some("s") }),
    "How long: `5s`; `9s` (integrations, 2026-08) or, with schema 2025, `10s` for text alone (piapi.ai docs, 2026-01). Sent as \
     a number.",
);
const CALLBACK: Field = Field::new(
    "callback_url",
    Shape::Url(Content::Any),
    "Where the server POSTs the task when it starts, completes or fails; sent up to 3 times, 5 s apart, until the answer is \
     2xx (piapi.ai webhook docs, 2024-08; retries by integrations).",
);
const SECRET: Field = Field::new(
    "callback_secret",
    Shape::OWN,
    "What those POSTs carry in `x-webhook-secret`, in clear, so that you know who calls (piapi.ai webhook docs, 2024-08).",
);
const MODE: Field = Field::new(
    "service_mode",
    Shape::Enum { values: &["public", "private"], unit: None },
    "`public`: pay as you go; `private`: through a Luma account of your own that is connected in PiAPI's workspace; left \
     out, what the workspace says (piapi.ai docs, 2026-02).",
);
const KIND: Field = Field::new("generation_type", Shape::Name, "`video`, which is all that is offered.");

const FRAME: Shape = Shape::Media(&[Source::Url], Content::Image);
const FRAME_2025: Shape = Shape::Media(&[Source::Url, Source::Generation], Content::Any);

/// What is sent now.
pub const FORMS_2026: &[Form] = &[Form {
    kind: Video,
    default_model: Some("ray-v2"),
    doc: Doc::new("A video from text, or from a first or last picture."),
    fields: &[
        PROMPT,
        Field::new("model", Shape::Name, "`ray-v2` (filled in when left out; `ray-2` becomes it), or a newer name."),
        Field::new(
            "aspect_ratio",
            // By integrations alone: the documents of 2026 list none.
            Shape::Soft(&Shape::Enum { values: &["1:1", "16:9", "9:16", "4:3", "3:4", "21:9", "9:21"], unit: None }),
            "Width to height; the server's default is `16:9` (integrations, 2026-08).",
        ),
        DURATION,
        Field::new("loop", Shape::Boolean, "Whether the end flows into the beginning (piapi.ai docs, 2026-02)."),
        Field::new(
            "keyframes",
            Shape::Object(&[
                Field::new("frame0", FRAME, "The first picture; sent as `start_image`."),
                Field::new("frame1", FRAME, "The last picture; sent as `end_image`."),
            ]),
            "A first picture, a last one, or both (piapi.ai docs, 2026-02).",
        ),
        CALLBACK,
        SECRET,
        MODE,
        KIND,
    ],
}];

/// What was sent until 2026-01.
pub const FORMS_2025: &[Form] = &[Form {
    kind: Video,
    default_model: Some("ray-v2"),
    doc: Doc::new("A video from text, from a first or last picture, or from an earlier video."),
    fields: &[
        PROMPT,
        Field::new(
            "model",
            Shape::Name,
            "`ray-v2` (filled in when left out; `ray-2` becomes it), `ray-v1` (`ray-1-6`), or a newer name; sent as \
             `model_name` (piapi.ai docs, 2026-01).",
        ),
        Field::new(
            "aspect_ratio",
            Shape::Enum { values: &["1:1", "16:9", "9:16", "4:3", "3:4", "21:9"], unit: None },
            "Width to height (piapi.ai docs, 2026-01).",
        ),
        DURATION,
        Field::new(
            "keyframes",
            Shape::Object(&[
                Field::new("frame0", FRAME_2025, "The first picture, or the task that this one goes on from."),
                Field::new("frame1", FRAME_2025, "The last picture, or the task that this one leads to."),
            ]),
            "Sent as `key_frames`. With an earlier task, or `{ type: \"video\", url }`, it is `extend_video`, whose frames no \
             document shows (piapi.ai docs, 2025; integrations, 2025-07).",
        ),
        CALLBACK,
        SECRET,
        MODE,
        KIND,
    ],
}];

/// Models of other providers that have no counterpart here; with schema 2025 the first has.
pub const ELSEWHERE: &[&str] = &[
    "ray-1-6",
    "ray-flash-2",
    "ray-3.2",
    "ray-v3",
    "ray-v3-flash",
    "ray-v3-reasoning",
    "photon-1",
    "photon-flash-1",
    "photon-v2",
    "image-v2",
    "uni-1",
    "uni-1-max",
];

/// The models that are known, by the names that are understood, the default first.
pub fn models(schema_2025: bool) -> &'static [&'static str] {
    if schema_2025 { &["ray-v2", "ray-2", "ray-v1", "ray-1-6"] } else { &["ray-v2", "ray-2"] }
}

/// The name on the wire of a model, and whether its words are known.
pub fn model(name: &str, schema_2025: bool) -> (&str, bool) {
    match name {
        "ray-2" | "ray-v2" => ("ray-v2", true),
        "ray-1-6" | "ray-v1" if schema_2025 => ("ray-v1", true),
        other => (other, false),
    }
}

/// Whether it is known to be another provider's alone.
pub fn is_elsewhere(name: &str, schema_2025: bool) -> bool {
    !model(name, schema_2025).1 && ELSEWHERE.contains(&name)
}
