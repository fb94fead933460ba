//! The forms of request as tables, in the names that all providers share; [`super::wire`] has the API's own. Sources:
//! the SDK luma-agents 0.5.0 of 2026-08-04, and docs.agents.lumalabs.ai as read on 2026-11-20.

use crate::request::RequestKind::{self, Image, Layering, ModifyVideo, ReframeVideo, Video};
use crate::rules::{Content, Doc, Field, Form, Shape, Source};

/// The models, and what each makes.
pub const MODELS: &[(&str, &[RequestKind])] =
    &[(RAY, &[Video, ModifyVideo, ReframeVideo]), ("uni-1", &[Image, Layering]), ("uni-1-max", &[Image])];
const RAY: &str = "ray-3.2";

/// Models of other services that have no counterpart here. Not a list of all that there is: a name that is not known
/// passes through.
pub const ELSEWHERE: &[&str] = &[
    "ray-1-6",
    "ray-2",
    "ray-flash-2",
    "ray-v1",
    "ray-v2",
    "ray-v3",
    "ray-v3-flash",
    "ray-v3-reasoning",
    "photon-1",
    "photon-flash-1",
    "photon-v2",
    "image-v2",
];

/// The table of a kind of request.
pub fn form(kind: RequestKind) -> Option<&'static Form> {
    FORMS.iter().find(|form| form.kind == kind)
}

/// What a known model makes.
pub fn kinds_of(model: &str) -> Option<&'static [RequestKind]> {
    MODELS.iter().find(|(name, _)| *name == model).map(|(_, kinds)| *kinds)
}

/// Whether this is a model that other services have.
pub fn is_elsewhere(model: &str) -> bool {
    ELSEWHERE.contains(&model)
}

/// An address, an earlier generation, the content itself, or a file that was uploaded (SDK: ImageRef).
const MEDIA: Shape = Shape::Media(&Source::ALL, Content::Any);
const PICTURE: Shape = Shape::Media(&Source::ALL, Content::Image);
const CLIP: Shape = Shape::Media(&Source::ALL, Content::Video);
const IMAGES: Shape = Shape::List { of: &PICTURE, min: 1, max: 64 };
const INDEXES: Shape = Shape::List { of: &Shape::Integer, min: 0, max: usize::MAX };
const PART: Shape = Shape::Number { min: 0.0, max: 1.0 };
const PLACE: Shape = Shape::Number { min: f64::NEG_INFINITY, max: f64::INFINITY };
const EXTENT: Shape = Shape::Number { min: f64::NEG_INFINITY, max: 2.0 };

const PROMPT: Field = Field::required(
    "prompt",
    Shape::Text { min: 1, max: 6000 },
    "Prompt is required",
    "What to make, in words: 1 to 6000 Unicode characters (docs.agents.lumalabs.ai, 2026-11-20).",
);
const VIDEO_MODEL: Field =
    Field::new("model", Shape::Name, "`ray-3.2` (filled in when left out), or a newer name (luma-agents 0.5.0).");
const IMAGE_MODEL: Field = Field::new(
    "model",
    Shape::Name,
    "`uni-1` (filled in when left out), `uni-1-max`, or a newer name (luma-agents 0.5.0).",
);
const VIDEO_RATIOS: Shape = Shape::Enum { values: &["9:16", "3:4", "1:1", "4:3", "16:9", "21:9"], unit: None };
const RESOLUTION: Field = Field::new(
    "resolution",
    Shape::Enum { values: &["360p", "540p", "720p", "1080p"], unit: Some("p") },
    "`360p`, `540p`, `720p` or `1080p`; the server's default is `720p` (luma-agents 0.5.0).",
);
const RATIO_12: Shape = Shape::Enum {
    values: &["3:1", "2:1", "21:9", "16:9", "4:3", "3:2", "1:1", "3:4", "2:3", "9:16", "1:2", "1:3"],
    unit: None,
};
const FORMAT: Shape = Shape::Enum { values: &["jpg", "png"], unit: None };
const STYLE: Shape = Shape::Enum { values: &["auto", "manga"], unit: None };
// The SDK has one type for all kinds, and says nothing of these at others than pictures.
const STYLE_ELSEWHERE: Field = Field::unspoken("style", STYLE, "A style of pictures (luma-agents 0.5.0).");
const SEARCH_ELSEWHERE: Field =
    Field::unspoken("web_search", Shape::Boolean, "For pictures: whether to look things up (luma-agents 0.5.0).");
const FORMAT_ELSEWHERE: Field = Field::unspoken("format", FORMAT, "File format of pictures (luma-agents 0.5.0).");
const DURATION: Field = Field::new(
    "duration",
    Shape::Enum { values: &["5s", "10s"], unit: Some("s") },
    "How long: `5s`, the server's default, or `10s`, which takes neither `loop` nor a first or last picture \
     (docs.agents.lumalabs.ai, 2026-11-20).",
);
const HDR: Field = Field::new(
    "hdr",
    Shape::Boolean,
    "High dynamic range; a video's `resolution` must then be `720p` or `1080p`, and it cannot loop \
     (docs.agents.lumalabs.ai, 2026-11-20).",
);
const EXR: Field = Field::new(
    "exr_export",
    Shape::Boolean,
    "The frames as EXR files too, in a ZIP; needs `hdr` (docs.agents.lumalabs.ai, 2026-11-20).",
);
const USER: Field =
    Field::new("user_id", Shape::OWN, "Your own name for the user for whom it is made (luma-agents 0.5.0).");
const KIND: Field = Field::new(
    "generation_type",
    Shape::Name,
    "Says which form this is; left out, it follows from the model, else from the fields.",
);
const SOURCE_VIDEO: &str = "The video, with its `media_type` beside an address whose ending does not tell it; at most \
                            200 MB, and 18 s to be modified, 30 s to be reframed (docs.agents.lumalabs.ai, \
                            2026-11-20).";
const KEYFRAME_INDEXES: &str = "Where each of the pictures stands, on a grid of 24 frames a second: 0 to 120, or to \
                                240 in 10 s, each once (luma-agents 0.5.0).";

const fn control(name: &'static str, fields: &'static [Field], doc: &'static str) -> Field {
    Field::new(name, Shape::Object(fields), doc)
}

const fn part(name: &'static str, shape: Shape, doc: &'static str) -> Field {
    Field::required(name, shape, "all four of x_norm, y_norm, w_norm and h_norm are required", doc)
}

const ENABLED: Field = Field::new("enabled", Shape::Boolean, "Whether it counts.");

/// Every form of the API.
pub const FORMS: &[Form] = &[
    Form {
        kind: Video,
        // The API's own default is a model for pictures.
        default_model: Some(RAY),
        doc: Doc::new("A video from text, from pictures, or on from an earlier video."),
        fields: &[
            PROMPT,
            VIDEO_MODEL,
            Field::new("aspect_ratio", VIDEO_RATIOS, "Width to height (docs.agents.lumalabs.ai, 2026-11-20)."),
            RESOLUTION,
            DURATION,
            Field::new("loop", Shape::Boolean, "Whether the end flows into the beginning (luma-agents 0.5.0)."),
            HDR,
            EXR,
            Field::new(
                "keyframes",
                Shape::OneOf(&[
                    Shape::Object(&[
                        Field::new("frame0", MEDIA, "The first picture, or the video that this one goes on from."),
                        Field::new("frame1", MEDIA, "The last picture, or the video that this one leads to."),
                    ]),
                    IMAGES,
                ]),
                "A first picture, a last one, or both; or a list of 1 to 64 pictures with `keyframe_indexes` \
                 (luma-agents 0.5.0).",
            ),
            Field::new("keyframe_indexes", INDEXES, KEYFRAME_INDEXES),
            STYLE_ELSEWHERE,
            SEARCH_ELSEWHERE,
            FORMAT_ELSEWHERE,
            USER,
            KIND,
        ],
    },
    Form {
        kind: Image,
        default_model: Some("uni-1"),
        doc: Doc::new("A picture from text and references, or one picture changed."),
        fields: &[
            PROMPT,
            IMAGE_MODEL,
            Field::new(
                "aspect_ratio",
                Shape::Enum { values: &["3:1", "2:1", "16:9", "3:2", "1:1", "2:3", "9:16", "1:2", "1:3"], unit: None },
                "Width to height (docs.agents.lumalabs.ai, 2026-11-20).",
            ),
            Field::new(
                "format",
                FORMAT,
                "File format of the picture (`output_format`, which says `jpeg`, in luma-agents 0.5.0).",
            ),
            Field::new(
                "image_ref",
                Shape::List { of: &PICTURE, min: 0, max: 9 },
                "Pictures to look at: up to 9, or 8 beside `modify_image_ref`; at most 50 MB and 8000 pixels a side; \
                 without weights (docs.agents.lumalabs.ai, 2026-11-20).",
            ),
            Field::new(
                "modify_image_ref",
                PICTURE,
                "The picture to change as the prompt says (`source` in luma-agents 0.5.0).",
            ),
            Field::new(
                "style",
                STYLE,
                "`auto` or `manga`, which is drawn upright only (docs.agents.lumalabs.ai, 2026-11-20).",
            ),
            Field::new(
                "web_search",
                Shape::Boolean,
                "Whether the model may look things up on the web (luma-agents 0.5.0).",
            ),
            USER,
            KIND,
        ],
    },
    Form {
        kind: ReframeVideo,
        default_model: Some(RAY),
        doc: Doc::new(
            "A video continued to another ratio, in standard dynamic range (docs.agents.lumalabs.ai, 2026-11-20).",
        ),
        fields: &[
            Field::required("media", CLIP, "the media to reframe is required", SOURCE_VIDEO),
            Field::expected(
                "aspect_ratio",
                VIDEO_RATIOS,
                "a reframe without aspect_ratio has no shape to fill",
                "The ratio to fill, another than the source's; upright ones go up to `720p` (docs.agents.lumalabs.ai, \
                 2026-11-20).",
            ),
            PROMPT,
            VIDEO_MODEL,
            RESOLUTION,
            Field::new(
                "source_position",
                Shape::Object(&[
                    part("x_norm", PLACE, "Left edge; below 0 the source begins outside (luma-agents 0.5.0)."),
                    part("y_norm", PLACE, "Top edge; below 0 the source begins outside (luma-agents 0.5.0)."),
                    part("w_norm", EXTENT, "Width, up to 2 (luma-agents 0.5.0)."),
                    part("h_norm", EXTENT, "Height, up to 2 (luma-agents 0.5.0)."),
                ]),
                "Where the source lies in the new frame, in parts of the frame's sides; all four (luma-agents 0.5.0).",
            ),
            Field::unspoken(
                "duration",
                Shape::Enum { values: &["5s", "10s"], unit: Some("s") },
                "A reframe is as long as its source (luma-agents 0.5.0).",
            ),
            STYLE_ELSEWHERE,
            SEARCH_ELSEWHERE,
            FORMAT_ELSEWHERE,
            USER,
            KIND,
        ],
    },
    Form {
        kind: ModifyVideo,
        default_model: Some(RAY),
        doc: Doc::new(
            "A video made anew along its own motion, in its own shape (docs.agents.lumalabs.ai, 2026-11-20).",
        ),
        fields: &[
            Field::required("media", CLIP, "the media to modify is required", SOURCE_VIDEO),
            PROMPT,
            VIDEO_MODEL,
            Field::new(
                "mode",
                Shape::Enum {
                    values: &[
                        "adhere_1",
                        "adhere_2",
                        "adhere_3",
                        "flex_1",
                        "flex_2",
                        "flex_3",
                        "reimagine_1",
                        "reimagine_2",
                        "reimagine_3",
                    ],
                    unit: None,
                },
                "How far the result may leave the source: `adhere_1` the least, `reimagine_3` the most (`strength` in \
                 luma-agents 0.5.0).",
            ),
            Field::new(
                "auto_controls",
                Shape::Boolean,
                "Whether the server chooses what to keep; then neither `mode` nor `controls` (docs.agents.lumalabs.ai, \
                 2026-11-20).",
            ),
            Field::new(
                "controls",
                Shape::Object(&[
                    control(
                        "pose",
                        &[
                            ENABLED,
                            Field::new(
                                "strength",
                                Shape::Enum { values: &["precise", "coarse"], unit: None },
                                "`precise` or `coarse`.",
                            ),
                        ],
                        "How people stand and move.",
                    ),
                    control("depth", &[ENABLED, Field::new("blur", PART, "0 to 1.")], "How far things are."),
                    control("normals", &[ENABLED, Field::new("augmentation", PART, "0 to 1.")], "How surfaces lie."),
                    control("trajectory", &[ENABLED, Field::new("sparsity", PART, "0 to 1.")], "How things go."),
                    control("face", &[ENABLED], "Faces."),
                ]),
                "What of the source is kept (luma-agents 0.5.0).",
            ),
            Field::new(
                "edit_keyframes",
                Shape::List { of: &PICTURE, min: 0, max: 64 },
                "Pictures of how some frames should look, up to 64 (`edit.keyframes` in luma-agents 0.5.0).",
            ),
            Field::new(
                "keyframe_indexes",
                INDEXES,
                "Where each of the pictures stands in the source's own frames: 0 or more, each once (luma-agents 0.5.0).",
            ),
            Field::new(
                "first_frame",
                PICTURE,
                "A picture of how the first frame should look (`start_frame` in luma-agents 0.5.0).",
            ),
            RESOLUTION,
            DURATION,
            HDR,
            EXR,
            STYLE_ELSEWHERE,
            SEARCH_ELSEWHERE,
            FORMAT_ELSEWHERE,
            USER,
            KIND,
        ],
    },
    Form {
        kind: Layering,
        default_model: Some("uni-1"),
        doc: Doc::new("A picture taken apart: 1 to 10 layers with transparency, front to back (luma-agents 0.5.0)."),
        fields: &[
            Field::required(
                "media",
                PICTURE,
                "the media to take apart is required",
                "The picture (`source` in luma-agents 0.5.0).",
            ),
            Field::expected(
                "prompt",
                Shape::Text { min: 1, max: 500 },
                "the SDK's type requires a prompt, its text calls it optional",
                "How to take it apart, in words: at most 500 Unicode characters (luma-agents 0.5.0).",
            ),
            Field::new("model", Shape::Name, "`uni-1` (filled in when left out), or a newer name (luma-agents 0.5.0)."),
            Field::new(
                "resolution",
                Shape::Enum { values: &["1k", "2k"], unit: None },
                "`1k` or `2k` (`layering.resolution` in luma-agents 0.5.0).",
            ),
            Field::unspoken("aspect_ratio", RATIO_12, "Width to height (luma-agents 0.5.0)."),
            FORMAT_ELSEWHERE,
            STYLE_ELSEWHERE,
            SEARCH_ELSEWHERE,
            USER,
            KIND,
        ],
    },
];
