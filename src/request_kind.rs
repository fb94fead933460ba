//! The forms that a request can have, and which of them a plain object asks for.

use crate::address;
use crate::error::{Problem, ProblemCode};
use crate::json::Json;
use crate::text::begins;

/// The forms of request, by the words of `generation_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RequestKind {
    /// A video from text, pictures or earlier videos.
    Video,
    /// A picture from text and references.
    Image,
    /// A picture continued beyond its borders.
    ReframeImage,
    /// A video continued beyond its borders.
    ReframeVideo,
    /// A video made anew along its own motion.
    ModifyVideo,
    /// An earlier generation in a higher resolution.
    UpscaleVideo,
    /// Sound for an earlier generation.
    AddAudio,
    /// A picture taken apart into layers.
    Layering,
}

impl RequestKind {
    /// All of them.
    pub const ALL: [RequestKind; 8] = [
        RequestKind::Video,
        RequestKind::Image,
        RequestKind::ReframeImage,
        RequestKind::ReframeVideo,
        RequestKind::ModifyVideo,
        RequestKind::UpscaleVideo,
        RequestKind::AddAudio,
        RequestKind::Layering,
    ];

    /// The word that `generation_type` has for it.
    pub fn as_str(self) -> &'static str {
        match self {
            RequestKind::Video => "video",
            RequestKind::Image => "image",
            RequestKind::ReframeImage => "reframe_image",
            RequestKind::ReframeVideo => "reframe_video",
            RequestKind::ModifyVideo => "modify_video",
            RequestKind::UpscaleVideo => "upscale_video",
            RequestKind::AddAudio => "add_audio",
            RequestKind::Layering => "layering",
        }
    }

    /// The kind of that word.
    pub fn named(word: &str) -> Option<RequestKind> {
        RequestKind::ALL.iter().copied().find(|kind| kind.as_str() == word)
    }

    /// Whether what comes out is a picture.
    pub fn is_image(self) -> bool {
        matches!(self, RequestKind::Image | RequestKind::ReframeImage | RequestKind::Layering)
    }

    /// What `request` asks for: by its `generation_type`, else by the `type` of the Agents API, else by its model's family, else
    /// by its fields.
    pub fn of(request: &Json) -> Result<RequestKind, Problem> {
        let word = request.text("type");
        let native = word.and_then(|word| TYPES.iter().find(|(name, _)| *name == word)).map(|(_, kind)| *kind);
        if let Some(word) = request.get("generation_type") {
            let kind = word.as_str().and_then(|word| RequestKind::named(&word));
            let kind = kind.ok_or_else(|| unknown_type("Unknown request type"))?;
            return match native {
                Some(other) if other != kind => {
                    Err(Problem::new("type", ProblemCode::Conflict, "is not what generation_type says"))
                }
                _ => Ok(kind),
            };
        }
        if let Some(kind) = native {
            return Ok(kind);
        }
        let has = |field: &str| request.get(field).is_some();
        let model = request.text("model").unwrap_or_default();
        let image = if begins(&model, &IMAGE_MODELS) {
            Some(true)
        } else if model.starts_with("ray") {
            Some(false)
        } else {
            None
        };
        if has("mode") {
            return Ok(RequestKind::ModifyVideo);
        }
        if let Some(media) = request.get("media") {
            let image = image.or_else(|| if has("first_frame") { Some(false) } else { None });
            let image = image.or_else(|| if has("format") { Some(true) } else { None });
            return match image.or_else(|| address::is_video(&media.text("url")?).map(|video| !video)) {
                Some(true) => Ok(RequestKind::ReframeImage),
                Some(false) => Ok(RequestKind::ReframeVideo),
                None => Err(unknown_type(
                    "Unknown request type: give a model, or say reframe_image, reframe_video or modify_video",
                )),
            };
        }
        let image = image.unwrap_or_else(|| IMAGE_ONLY.iter().any(|field| has(field)));
        Ok(if image { RequestKind::Image } else { RequestKind::Video })
    }
}

/// The words of `type` at the Agents API, and at Dream Machine in an example of its guide.
const TYPES: [(&str, RequestKind); 6] = [
    ("image", RequestKind::Image),
    ("image_edit", RequestKind::Image),
    ("video", RequestKind::Video),
    ("video_edit", RequestKind::ModifyVideo),
    ("video_reframe", RequestKind::ReframeVideo),
    ("layering", RequestKind::Layering),
];

/// How the names of models begin that make pictures: Dream Machine's, the Agents API's, and two of useapi.net's.
const IMAGE_MODELS: [&str; 3] = ["photon", "uni", "image"];
const IMAGE_ONLY: [&str; 9] = [
    "image_ref",
    "style_ref",
    "character_ref",
    "modify_image_ref",
    "format",
    "sync",
    "sync_timeout",
    "style",
    "web_search",
];

fn unknown_type(message: &str) -> Problem {
    Problem::new("generation_type", ProblemCode::UnknownType, message)
}
