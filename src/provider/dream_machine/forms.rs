//! The forms of request as tables. Sources: "guide" is docs.lumalabs.ai, "API" the OpenAPI file 1.1.0 and the official
//! SDKs 1.21.0; all read on 2026-11-20.

use crate::request::RequestKind::{
    self, AddAudio, Image, ModifyVideo, ReframeImage, ReframeVideo, UpscaleVideo, Video,
};
use crate::rules::{Content, Doc, Field, Form, Shape};

/// One model and what it does.
pub struct Model {
    /// Its name on the wire.
    pub name: &'static str,
    /// The forms that take it.
    pub kinds: &'static [RequestKind],
    /// Whether it takes `concepts` (guide: a Ray 2 feature).
    pub concepts: bool,
}

const RAY_2: &[RequestKind] = &[Video, ReframeVideo, ModifyVideo, UpscaleVideo, AddAudio];
const PHOTON: &[RequestKind] = &[Image, ReframeImage];

/// The models that this version knows; any other name passes through and is judged by the server alone.
pub const MODELS: &[Model] = &[
    Model { name: "ray-2", kinds: RAY_2, concepts: true },
    Model { name: "ray-flash-2", kinds: RAY_2, concepts: true },
    // The API had it until January 2026.
    Model { name: "ray-1-6", kinds: &[Video], concepts: false },
    Model { name: "photon-1", kinds: PHOTON, concepts: false },
    Model { name: "photon-flash-1", kinds: PHOTON, concepts: false },
];

/// The model of that name, if it is known.
pub fn model(name: &str) -> Option<&'static Model> {
    MODELS.iter().find(|model| model.name == name)
}

const RATIOS: Shape = Shape::Enum { values: &["1:1", "16:9", "9:16", "4:3", "3:4", "21:9", "9:21"], unit: None };
/// The API takes any word beside those that it names (VideoModelOutputResolution).
const RESOLUTIONS: Shape = Shape::Soft(&Shape::Enum { values: &["540p", "720p", "1080p", "4k"], unit: Some("p") });
/// The API says no more than that it is a number; the guide's examples are from 0 to 1.
const WEIGHT: Shape = Shape::Soft(&Shape::Number { min: 0.0, max: 1.0 });
/// The server accepts any name here: what a model does is checked against [`MODELS`].
const MODEL: Shape = Shape::Name;

/// A picture can do without, see the rules.
const VIDEO_PROMPT: Field = Field::new(
    "prompt",
    Shape::Text { min: 3, max: 5000 },
    "What to make, in words: 3 to 5000 Unicode characters; may be left out beside a picture in `keyframes` (guide, errors page).",
);
const PROMPT: Field = Field::required(
    "prompt",
    Shape::Text { min: 3, max: 5000 },
    "Prompt is required",
    "What to make, in words: 3 to 5000 Unicode characters (guide, errors page).",
);
/// The guide's lengths are those of creations.
const LONG_TEXT: Shape = Shape::Soft(&Shape::Text { min: 0, max: 5000 });
const DIRECTION: Field = Field::new("prompt", LONG_TEXT, "What to bear in mind, in words (API).");
const RATIO: Field =
    Field::new("aspect_ratio", RATIOS, "Width to height; the server's default is `16:9` (API, AspectRatio).");
const TARGET_RATIO: Field = Field::required(
    "aspect_ratio",
    RATIOS,
    "the target aspect_ratio is required",
    "The ratio to fill: `16:9` gives 2048x1152, `1:1` 1536x1536, `21:9` 2432x1024 and so on (guide, reframe).",
);
const CALLBACK: Field = Field::new(
    "callback_url",
    Shape::Url(Content::Any),
    "Where the server POSTs the generation when it is dreaming, completed or failed; sent up to 3 times, 100 ms apart, \
     with 5 s for an answer, and unsigned: read the job again before you believe it (guide, callbacks).",
);
const KIND: Field = Field::new(
    "generation_type",
    Shape::Name,
    "Says which form this is; left out, it follows from the model, else from the fields.",
);
const FORMAT: Field = Field::new(
    "format",
    Shape::Enum { values: &["jpg", "png"], unit: None },
    "File format of the picture; the server's default is `jpg` (API, ImageFormat).",
);

const fn url(content: Content) -> Field {
    Field::required(
        "url",
        Shape::Url(content),
        "an address is required",
        "A public http(s) address: the server fetches it (guide: the API takes no uploads).",
    )
}

const PICTURE: Shape = Shape::Object(&[url(Content::Image)]);
const CLIP: Shape = Shape::Object(&[url(Content::Video)]);
const KEYFRAME: Shape = Shape::Tagged(&[
    ("image", &[url(Content::Image)]),
    (
        "generation",
        &[Field::required(
            "id",
            Shape::Id,
            "the id of a generation is required",
            "A completed generation of the same account (guide, extend video).",
        )],
    ),
]);
const WEIGHTED: Shape = Shape::Object(&[
    url(Content::Image),
    Field::new("weight", WEIGHT, "How strongly it counts, 0 to 1 (guide, image references)."),
]);
/// Guide, image generation: up to four. Luma's own tools have been seen to allow eight.
const REFERENCES: Shape = Shape::List { of: &WEIGHTED, min: 0, max: 4 };
const STYLES: Shape = Shape::List { of: &WEIGHTED, min: 0, max: usize::MAX };

const fn placement(name: &'static str, doc: &'static str) -> Field {
    Field::new(name, Shape::Soft(&Shape::Integer), doc)
}

const GRID_X: Field = placement("grid_position_x", "Left edge of the source in the new frame, in pixels (API).");
const GRID_Y: Field = placement("grid_position_y", "Top edge of the source in the new frame, in pixels (API).");
const X_START: Field = placement("x_start", "Left bound of the crop, in pixels (API).");
const X_END: Field = placement("x_end", "Right bound of the crop, in pixels (API).");
const Y_START: Field = placement("y_start", "Top bound of the crop, in pixels (API).");
const Y_END: Field = placement("y_end", "Bottom bound of the crop, in pixels (API).");
const WIDTH: Field = placement("resized_width", "Width of the source once resized, in pixels (API).");
const HEIGHT: Field = placement("resized_height", "Height of the source once resized, in pixels (API).");

/// Every form of the API.
pub const FORMS: &[Form] = &[
    Form {
        kind: Video,
        // The API's file still says ray-1-6, which the API itself dropped in January 2026; every example of the guide
        // names ray-2.
        default_model: Some("ray-2"),
        doc: Doc::new("A video from text, from a first or last picture, or from earlier videos."),
        fields: &[
            VIDEO_PROMPT,
            Field::new("model", MODEL, "`ray-2` (filled in when left out), `ray-flash-2`, or a newer name (API)."),
            RATIO,
            Field::new(
                "duration",
                Shape::Soft(&Shape::Enum { values: &["5s", "9s"], unit: Some("s") }),
                "How long: `5s` or `9s`, by name; the API takes any word (API, VideoModelOutputDuration).",
            ),
            Field::new("resolution", RESOLUTIONS, "`540p`, `720p`, `1080p` or `4k`; `1080` becomes `1080p` (API)."),
            Field::new(
                "loop",
                Shape::Boolean,
                "Whether the end flows into the beginning; only for text, a first picture, or an extension (guide, errors).",
            ),
            Field::new(
                "keyframes",
                Shape::Object(&[
                    Field::new("frame0", KEYFRAME, "The first picture, or the generation that this one goes on from."),
                    Field::new("frame1", KEYFRAME, "The last picture, or the generation that this one leads to."),
                ]),
                "What stands at the ends: a picture starts or ends the video, a generation is extended, both are joined \
                 (guide, keyframes).",
            ),
            Field::new(
                "concepts",
                Shape::List {
                    of: &Shape::Object(&[Field::required(
                        "key",
                        Shape::OWN,
                        "the key of a concept is required",
                        "One of `client.concepts()`, such as `dolly_zoom` (API, Concept).",
                    )]),
                    min: 0,
                    max: usize::MAX,
                },
                "Camera concepts, for Ray 2 models (guide, concepts).",
            ),
            CALLBACK,
            KIND,
        ],
    },
    Form {
        kind: Image,
        default_model: Some("photon-1"),
        doc: Doc::new("A picture from text, with references for content, style and characters, or a picture modified."),
        fields: &[
            PROMPT,
            Field::new(
                "model",
                MODEL,
                "`photon-1` (filled in when left out), `photon-flash-1`, or a newer name (API).",
            ),
            RATIO,
            FORMAT,
            Field::new("image_ref", REFERENCES, "Up to 4 pictures to take content from (guide, image references)."),
            Field::new("style_ref", STYLES, "Pictures to take the style from (guide, style reference)."),
            Field::new(
                "character_ref",
                Shape::Object(&[Field::required(
                    "identity0",
                    Shape::Object(&[Field::required(
                        "images",
                        Shape::List { of: &Shape::Url(Content::Image), min: 1, max: 4 },
                        "1 to 4 pictures of the character are required",
                        "1 to 4 public addresses of pictures of one character (guide, character reference).",
                    )]),
                    "identity0 is required",
                    "The character; the API has one identity (guide, character reference).",
                )]),
                "A character to keep (guide, character reference: up to 4 pictures).",
            ),
            Field::new("modify_image_ref", WEIGHTED, "The picture to change as the prompt says (guide, modify image)."),
            Field::new(
                "sync",
                Shape::Boolean,
                "Whether the answer waits for the finished picture; default `false` (API).",
            ),
            Field::new(
                "sync_timeout",
                Shape::Soft(&Shape::Number { min: 0.0, max: f64::INFINITY }),
                "How long such an answer waits; the API's default is 60 and its unit, undocumented, is taken as seconds.",
            ),
            CALLBACK,
            KIND,
        ],
    },
    Form {
        kind: ReframeImage,
        default_model: None,
        doc: Doc::new("A picture continued to another ratio; the source is at most 10 MB (guide, reframe)."),
        fields: &[
            Field::required("media", PICTURE, "the media to reframe is required", "The picture (API)."),
            Field::required("model", MODEL, "the model is required", "`photon-1` or `photon-flash-1` (API)."),
            TARGET_RATIO,
            DIRECTION,
            FORMAT,
            GRID_X,
            GRID_Y,
            X_START,
            X_END,
            Y_START,
            Y_END,
            WIDTH,
            HEIGHT,
            CALLBACK,
            KIND,
        ],
    },
    Form {
        kind: ReframeVideo,
        default_model: None,
        doc: Doc::new(
            "A video continued to another ratio; the source is at most 100 MB and 10 s for ray-2, 30 s for ray-flash-2 \
             (guide, reframe).",
        ),
        fields: &[
            Field::required("media", CLIP, "the media to reframe is required", "The video (API)."),
            Field::required("model", MODEL, "the model is required", "`ray-2` or `ray-flash-2` (API)."),
            Field::new("first_frame", PICTURE, "A picture of how the first frame should look once reframed (API)."),
            TARGET_RATIO,
            DIRECTION,
            GRID_X,
            GRID_Y,
            X_START,
            X_END,
            Y_START,
            Y_END,
            WIDTH,
            HEIGHT,
            CALLBACK,
            KIND,
        ],
    },
    Form {
        kind: ModifyVideo,
        default_model: None,
        doc: Doc::new(
            "A video made anew along its own motion; the source is at most 100 MB and 10 s for ray-2, 15 s for \
             ray-flash-2 (guide, modify video).",
        ),
        fields: &[
            Field::required("media", CLIP, "the media to modify is required", "The video (API)."),
            Field::required(
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
                "the mode is required",
                "How far the result may leave the source: `adhere_1` the least, `reimagine_3` the most (API).",
            ),
            Field::required("model", MODEL, "the model is required", "`ray-2` or `ray-flash-2` (API)."),
            Field::new("first_frame", PICTURE, "A picture of how the first frame should look (API)."),
            DIRECTION,
            CALLBACK,
            KIND,
        ],
    },
    Form {
        kind: UpscaleVideo,
        default_model: None,
        doc: Doc::new("A completed video in a higher resolution (API)."),
        fields: &[Field::new("resolution", RESOLUTIONS, "The resolution to reach (API)."), CALLBACK, KIND],
    },
    Form {
        kind: AddAudio,
        default_model: None,
        doc: Doc::new("Sound for a completed video (API)."),
        fields: &[
            Field::new("prompt", LONG_TEXT, "What should be heard (API)."),
            Field::new("negative_prompt", LONG_TEXT, "What should not be heard (API)."),
            CALLBACK,
            KIND,
        ],
    },
];
