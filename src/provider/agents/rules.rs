//! What the tables cannot say: the rules that span fields (guide: docs.agents.lumalabs.ai, read on 2026-11-20). The
//! words are the API's own where those are known.

use super::{forms, wire};
use crate::error::{Problem, ProblemCode};
use crate::json::{Json, Kind};
use crate::provider::ProviderId;
use crate::provider::elsewhere::{elsewhere, other_kind};
use crate::request::RequestKind::{self, Image, Layering, ModifyVideo, ReframeVideo, Video};
use crate::rules::When::{self, Any, Has, Is, Lacks, Longer, Of, Off, On, Other};
use crate::rules::{Doc, Rule, check_across};
use crate::text::{concat, integer, item};

use ProblemCode::{Conflict, Disputed, OutOfRange, Required, Suspicious, TooMany};

/// Adds every broken rule.
pub fn check(kind: RequestKind, body: &Json, problems: &mut Vec<Problem>) {
    if let Some(model) = body.text("model") {
        let has = match kind {
            Image => "uni-1 and uni-1-max",
            Layering => "uni-1",
            _ => "ray-3.2",
        };
        if forms::is_elsewhere(&model) {
            let own = forms::form(kind).and_then(|form| form.default_model);
            problems.push(elsewhere(ProviderId::Agents, &model, kind, has, own));
        } else if forms::kinds_of(&model).is_some_and(|kinds| !kinds.contains(&kind)) {
            problems.push(other_kind(&model, kind));
        }
    }
    check_across(RULES, kind, body, problems);
    let mut found = |path: &str, code, message: &str| problems.push(Problem::new(path, code, message));
    match kind {
        Video => {
            places("keyframes", Some(if LONG.holds(body) { 240 } else { 120 }), body, &mut found);
            extension(body, &mut found);
        }
        ModifyVideo => places("edit_keyframes", None, body, &mut found),
        _ => {}
    }
    if matches!(kind, ReframeVideo | ModifyVideo)
        && let Some(media) = body.get("media")
        && media.has("url")
        && wire::video_type(&media).is_none()
    {
        found("media.media_type", Required, "the media type of the video is required, such as video/mp4");
    }
}

const LONG: When = Is("duration", &["10s"]);
const KEYFRAMES_LISTED: When = Of("keyframes", Kind::List);

/// What docs.agents.lumalabs.ai says, read on 2026-11-20.
const GUIDE: &str = "docs.agents.lumalabs.ai, 2026-11-20";
const SDK: &str = "luma-agents 0.5.0";

/// Every one of them.
pub const RULES: &[Rule] = &[
    Rule::of(
        Image,
        &[Has("modify_image_ref"), Longer("image_ref", 8)],
        "image_ref",
        TooMany,
        "image_edit supports up to 8 reference images (source occupies one slot)",
        GUIDE,
    ),
    Rule::of(
        Image,
        &[Is("style", &["manga"]), Other("aspect_ratio", &["2:3", "9:16", "1:2", "1:3"]), Lacks("modify_image_ref")],
        "aspect_ratio",
        Conflict,
        "manga is drawn upright: 2:3, 9:16, 1:2 or 1:3",
        GUIDE,
    ),
    Rule::of(
        Video,
        &[Of("keyframes", Kind::Object), Lacks("keyframes.frame0"), Lacks("keyframes.frame1")],
        "keyframes",
        Suspicious,
        "has neither frame0 nor frame1: it is a video from text alone",
        "nothing of it is sent",
    ),
    Rule::of(
        Video,
        &[LONG, Any(&[On("loop"), Has("keyframes.frame0"), Has("keyframes.frame1")])],
        "duration",
        Conflict,
        "10s takes neither loop nor a first or last picture",
        GUIDE,
    ),
    Rule::of(Video, &[KEYFRAMES_LISTED, On("loop")], "loop", Conflict, "does not go with a list of keyframes", SDK),
    Rule::of(
        Video,
        &[On("hdr"), Other("resolution", &["720p", "1080p"])],
        "resolution",
        Conflict,
        "hdr needs 720p or 1080p",
        GUIDE,
    ),
    Rule::of(Video, &[On("hdr"), On("loop")], "hdr", Conflict, "does not go with loop", SDK),
    // The guide refuses it; the SDK's text (0.5.0) allows it by a list of keyframes.
    Rule::of(
        Video,
        &[On("hdr"), LONG, KEYFRAMES_LISTED],
        "hdr",
        Disputed,
        "the guide refuses hdr with 10s, the SDK allows it by keyframes",
        "the two differ",
    ),
    Rule::of(
        Video,
        &[On("hdr"), LONG, Any(&[Lacks("keyframes"), Of("keyframes", Kind::Object)])],
        "hdr",
        Conflict,
        "does not go with 10s",
        GUIDE,
    ),
    Rule::of(
        ReframeVideo,
        &[Is("resolution", &["1080p"]), Is("aspect_ratio", &["9:16", "3:4"])],
        "resolution",
        Conflict,
        "upright reframes go up to 720p",
        GUIDE,
    ),
    Rule::of(
        ReframeVideo,
        &[Is("resolution", &["1080p"]), Any(&[Lacks("aspect_ratio"), Other("aspect_ratio", &["9:16", "3:4"])])],
        "resolution",
        Disputed,
        "1080p may be refused until it is enabled for the account",
        SDK,
    ),
    Rule::of(
        ModifyVideo,
        &[On("auto_controls"), Any(&[Has("mode"), Has("controls")])],
        "auto_controls",
        Conflict,
        "takes neither mode nor controls",
        GUIDE,
    ),
    // The guide says it of videos and does not name edits.
    Rule::of(
        ModifyVideo,
        &[LONG, Has("first_frame")],
        "duration",
        Disputed,
        "10s takes no first picture by the guide, which does not speak of edits",
        "the guide does not say",
    ),
    Rule::of(
        ModifyVideo,
        &[Has("edit_keyframes"), Has("first_frame")],
        "edit_keyframes",
        Conflict,
        "does not go with first_frame",
        SDK,
    ),
    Rule {
        kind: None,
        when: &[On("exr_export"), Off("hdr")],
        path: "exr_export",
        code: Conflict,
        message: "needs hdr",
        source: Doc::new(SDK),
    },
];

/// An earlier video goes on by itself: without a picture or a second video at its other end, and not in HDR. What an
/// earlier generation is, its media type tells; where there is none it may be a picture, and then all of that is right.
fn extension(body: &Json, found: &mut dyn FnMut(&str, ProblemCode, &str)) {
    let mut code = None;
    let mut frames = 0;
    for frame in ["keyframes.frame0", "keyframes.frame1"].iter().filter_map(|path| body.at(path)) {
        frames += 1;
        if frame.has("id") {
            match frame.text("media_type") {
                Some(media_type) if media_type.starts_with("video/") => code = Some(Conflict),
                Some(_) => {}
                None => code = code.or(Some(Disputed)),
            }
        }
    }
    let Some(code) = code else {
        // The SDK's text on keyframes (0.5.0) says that unlike these they go with HDR; the guide shows both.
        if frames > 0 && body.is_on("hdr") {
            found("hdr", Disputed, "the documents disagree about a first or last picture in HDR");
        }
        return;
    };
    if frames > 1 {
        found("keyframes", code, "an earlier video stands alone in keyframes: only pictures can be joined");
    }
    if body.is_on("hdr") {
        found("hdr", code, "an earlier video does not go on in HDR; a picture does");
    }
}

/// Each of the pictures in a list needs a place of its own (SDK 0.5.0): among the frames that are made, or those of the source, of
/// which nobody knows how many there are.
fn places(field: &str, last: Option<u32>, body: &Json, found: &mut dyn FnMut(&str, ProblemCode, &str)) {
    let indexes = body.items_of("keyframe_indexes");
    if body.items_of(field).len() != indexes.len() {
        let code = if body.has("keyframe_indexes") { Conflict } else { Required };
        found("keyframe_indexes", code, &concat(&["must have one number for each of ", field]));
    }
    for (index, place) in indexes.iter().enumerate() {
        let path = item("keyframe_indexes", index);
        if let (Some(place), Some(last)) = (place.as_f64(), last)
            && place > f64::from(last)
        {
            found(&path, OutOfRange, &concat(&["must be 0 to ", &integer(last.into())]));
        }
        if indexes.iter().take(index).any(|other| other.as_f64() == place.as_f64()) {
            found(&path, Conflict, "is the place of another picture too");
        }
    }
}
