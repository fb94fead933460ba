//! What may be asked for: the pages on `POST /videos` and `POST /images` (useapi.net, 2026-04-06), in the names that all
//! providers share. [`super::wire`] has the service's own.

use crate::error::Problem;
use crate::error::ProblemCode::{self, Conflict, Suspicious, Unsupported};
use crate::json::{Json, Kind};
use crate::provider::ProviderId;
use crate::provider::elsewhere::elsewhere;
use crate::request::RequestKind::{self, Image, Video};
use crate::rules::When::{self, Has, Is, Lacks, Longer, Of, Off, On, Other};
use crate::rules::{Content, Doc, Field, Form, Rule, Shape, Source, check_across};

/// The models of this service, the default of each kind first, and what they make.
pub const MODELS: &[(&str, RequestKind)] =
    &[("ray-v3-flash", Video), ("ray-v3", Video), (REASONING, Video), ("photon-v2", Image), ("image-v2", Image)];

/// The model that makes no drafts.
pub(super) const REASONING: &str = "ray-v3-reasoning";

/// Models of other services that have no counterpart here: a `ray-3.2` is no `ray-v3`. Not a list of all that there is: a
/// name that is not known passes through.
pub const ELSEWHERE: &[&str] = &[
    "ray-1-6",
    "ray-2",
    "ray-flash-2",
    "ray-3.2",
    "ray-v1",
    "ray-v2",
    "photon-1",
    "photon-flash-1",
    "uni-1",
    "uni-1-max",
];

/// What a known model makes.
pub fn kind_of(model: &str) -> Option<RequestKind> {
    MODELS.iter().find(|(name, _)| *name == model).map(|(_, kind)| *kind)
}

/// Files must be uploaded: no address is taken (page on assets).
const FILE: Shape = Shape::Media(&[Source::File], Content::Image);

const RATIO: Field = Field::new(
    "aspect_ratio",
    Shape::Enum { values: &["9:16", "3:4", "1:1", "4:3", "16:9", "21:9"], unit: None },
    "Width to height; the server's default is `16:9` (useapi.net, 2026-04-06).",
);
const EMAIL: Field = Field::new(
    "email",
    Shape::OWN,
    "The Luma account to work on; left out, the one that owns the files referred to, else any that has room \
     (useapi.net, 2026-04-06).",
);
const CALLBACK: Field = Field::new(
    "callback_url",
    Shape::Url(Content::Any),
    "Where the job is POSTed when it is completed or failed (`replyUrl`). Nothing is signed, and no retries are promised: \
     read the job again before you believe it (useapi.net, 2026-04-06).",
);
const REFERENCE: Field = Field::new(
    "callback_ref",
    Shape::OWN,
    "A word of your own that comes back with the callback (`replyRef`; useapi.net, 2026-04-06).",
);
const KIND: Field = Field::new(
    "generation_type",
    Shape::Name,
    "Says which form this is; left out, it follows from the model, else from the fields.",
);

/// Every form of the API.
pub const FORMS: &[Form] = &[
    Form {
        kind: Video,
        default_model: Some("ray-v3-flash"),
        doc: Doc::new("A video from text, from a first or last picture, or with a character."),
        fields: &[
            Field::required(
                "prompt",
                Shape::Text { min: 1, max: usize::MAX },
                "Prompt is required",
                "What to make, in words; no limit is published (useapi.net, 2026-04-06).",
            ),
            Field::new(
                "model",
                Shape::Name,
                "`ray-v3-flash` (filled in when left out), `ray-v3`, `ray-v3-reasoning`, or a newer name \
                 (useapi.net, 2026-04-06).",
            ),
            RATIO,
            Field::new(
                "duration",
                Shape::Enum { values: &["5s", "10s"], unit: Some("s") },
                "How long: `5s` or `10s`; the server's default is `5s`. HDR is 5 s long (useapi.net, 2026-04-06).",
            ),
            Field::new(
                "resolution",
                Shape::Enum { values: &["draft", "540p", "720p", "1080p"], unit: Some("p") },
                "`draft` (the server's default), `540p`, `720p` or `1080p`. `ray-v3-reasoning` and HDR have no drafts: for \
                 them `720p` is sent when it is left out. A free Luma account makes drafts alone (useapi.net, 2026-04-06).",
            ),
            Field::new(
                "keyframes",
                Shape::Object(&[
                    Field::new("frame0", FILE, "The first picture."),
                    Field::new("frame1", FILE, "The last picture."),
                ]),
                "Pictures at the ends, as `client.upload` gave them; both of one account (`imageStart`, `imageEnd`; \
                 useapi.net, 2026-04-06).",
            ),
            Field::new(
                "character_ref",
                Shape::Object(&[Field::required(
                    "identity0",
                    Shape::Object(&[Field::required(
                        "images",
                        Shape::List { of: &FILE, min: 1, max: 1 },
                        "a picture of the character is required",
                        "One picture of the character.",
                    )]),
                    "identity0 is required",
                    "The character.",
                )]),
                "A character to keep; `ray-v3` without HDR (`imageCharacter`; useapi.net, 2026-04-06).",
            ),
            Field::new(
                "hdr",
                Shape::Boolean,
                "HEVC Main 10 in BT.2020 and PQ in place of H.264: browsers do not play it. 540p, 720p or 1080p \
                 (`dynamic_range`; useapi.net, 2026-04-06).",
            ),
            Field::new(
                "exr_export",
                Shape::Boolean,
                "With `hdr`: a ZIP of EXR frames beside the video. 540p or 720p (`dynamic_range`; useapi.net, 2026-04-06).",
            ),
            EMAIL,
            CALLBACK,
            REFERENCE,
            KIND,
        ],
    },
    Form {
        kind: Image,
        default_model: Some("photon-v2"),
        doc: Doc::new("Four pictures from text, with references."),
        fields: &[
            Field::required(
                "prompt",
                Shape::Text { min: 1, max: 2000 },
                "Prompt is required",
                "What to make, in words: at most 2000 characters (useapi.net, 2026-04-06).",
            ),
            Field::new(
                "model",
                Shape::Name,
                "`photon-v2` (filled in when left out), `image-v2`, or a newer name (useapi.net, 2026-04-06).",
            ),
            RATIO,
            Field::new(
                "resolution",
                Shape::Enum { values: &["720p", "1080p"], unit: Some("p") },
                "`720p` (the server's default) or `1080p`; `image-v2` with references makes `720p` alone \
                 (useapi.net, 2026-04-06).",
            ),
            Field::new(
                "image_ref",
                Shape::List { of: &FILE, min: 0, max: 4 },
                "Up to 4 pictures, as `client.upload` gave them, all of one account; they have no weights \
                 (`imageRef1` to `imageRef4`; useapi.net, 2026-04-06).",
            ),
            EMAIL,
            CALLBACK,
            REFERENCE,
            KIND,
        ],
    },
];

/// The published table of what each model makes, and what else spans fields.
pub fn check(kind: RequestKind, body: &Json, problems: &mut Vec<Problem>) {
    let model = body.text("model").unwrap_or_default();
    let makes = kind_of(&model);
    let foreign = ELSEWHERE.contains(&model.as_str());
    if foreign || makes.is_some_and(|makes| makes != kind) {
        let mut names = Vec::new();
        for (name, makes) in MODELS {
            if *makes == kind {
                names.push(*name);
            }
        }
        // One of its own for another kind is a mistake, which dropping does not mend.
        let own = names.first().copied().filter(|_| foreign);
        problems.push(elsewhere(ProviderId::Useapi, &model, kind, &crate::text::join(&names, ", "), own));
    }
    check_across(RULES, kind, body, problems);
    // What follows is known of known models.
    if makes == Some(kind) {
        check_across(RULES_OF_MODELS, kind, body, problems);
    }
}

/// Every one of them is of the service's own pages.
const SOURCE: &str = "useapi.net, 2026-04-06";

const fn rule(when: &'static [When], path: &'static str, code: ProblemCode, message: &'static str) -> Rule {
    Rule { kind: Some(Video), when, path, code, message, source: Doc::new(SOURCE) }
}

/// What spans fields, whatever the model.
pub const RULES: &[Rule] = &[
    rule(
        &[Of("keyframes", Kind::Object), Lacks("keyframes.frame0"), Lacks("keyframes.frame1")],
        "keyframes",
        Suspicious,
        "has neither frame0 nor frame1: it is a video from text alone",
    ),
    rule(&[On("exr_export"), Off("hdr")], "exr_export", Conflict, "needs hdr: true"),
];

/// What is known of known models.
pub const RULES_OF_MODELS: &[Rule] = &[
    Rule {
        kind: Some(Image),
        when: &[Is("model", &["image-v2"]), Is("resolution", &["1080p"]), Longer("image_ref", 0)],
        path: "resolution",
        code: Conflict,
        message: "image-v2 with references makes 720p alone",
        source: Doc::new(SOURCE),
    },
    rule(
        &[Is("model", &[REASONING]), Is("resolution", &["draft", "540p"])],
        "resolution",
        Unsupported,
        "ray-v3-reasoning makes 720p and 1080p",
    ),
    rule(
        &[On("hdr"), Is("resolution", &["draft"]), Other("model", &[REASONING])],
        "resolution",
        Conflict,
        "there are no drafts in HDR: 540p, 720p or 1080p",
    ),
    rule(
        &[On("exr_export"), Is("resolution", &["1080p"])],
        "resolution",
        Conflict,
        "EXR frames are of 540p or 720p, with ray-v3-reasoning of 720p",
    ),
    rule(&[On("hdr"), Is("duration", &["10s"])], "duration", Conflict, "HDR is 5 s long"),
    rule(
        &[Has("character_ref"), Other("model", &["ray-v3"])],
        "character_ref",
        Unsupported,
        "only ray-v3 takes a character",
    ),
    rule(
        &[Has("character_ref"), Is("model", &["ray-v3"]), On("hdr")],
        "character_ref",
        Conflict,
        "there is no character in HDR",
    ),
];
