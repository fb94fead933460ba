//! The rules that span fields. "guide" is docs.lumalabs.ai and its errors page, "API" the OpenAPI file 1.1.0; read on 2026-11-20,
//! the errors page again on 2026-11-27. The words are the guide's own.

use crate::error::ProblemCode::{self, Conflict, Disputed, Required};
use crate::json::Kind;
use crate::request::RequestKind::Video;
use crate::rules::When::{self, After, Blank, Is, Lacks, NoneOf, Of, On};
use crate::rules::{Doc, Rule};

const fn video(
    when: &'static [When],
    path: &'static str,
    code: ProblemCode,
    message: &'static str,
    source: &'static str,
) -> Rule {
    Rule::of(Video, when, path, code, message, source)
}

const fn looped(when: &'static [When], message: &'static str) -> Rule {
    video(when, "loop", Conflict, message, "guide, errors page")
}

const PICTURE_0: When = Is("keyframes.frame0.type", &["image"]);
const PICTURE_1: When = Is("keyframes.frame1.type", &["image"]);
const VIDEO_0: When = Is("keyframes.frame0.type", &["generation"]);
const VIDEO_1: When = Is("keyframes.frame1.type", &["generation"]);
const LOOP: When = On("loop");

/// Every one of them.
pub const RULES: &[Rule] = &[
    video(
        &[Blank("prompt"), NoneOf(&[PICTURE_0, PICTURE_1])],
        "prompt",
        Required,
        "Prompt is required",
        "guide, errors page: when no picture is given as a keyframe",
    ),
    video(
        &[Of("keyframes", Kind::Object), Lacks("keyframes.frame0"), Lacks("keyframes.frame1")],
        "keyframes",
        Required,
        "No keyframes provided",
        "guide, errors page",
    ),
    looped(&[LOOP, Lacks("keyframes.frame0"), PICTURE_1], "Loop is not supported for end frame"),
    looped(&[LOOP, PICTURE_0, PICTURE_1], "Loop is not supported for keyframes"),
    looped(&[LOOP, Lacks("keyframes.frame0"), VIDEO_1], "Loop is not supported for extend reverse"),
    looped(&[LOOP, VIDEO_0, PICTURE_1], "Loop is not supported for interpolate video to image"),
    looped(&[LOOP, PICTURE_0, VIDEO_1], "Loop is not supported for interpolate image to video"),
    looped(&[LOOP, VIDEO_0, VIDEO_1], "Loop is not supported for interpolate between two videos"),
    crop(&[After("x_start", "x_end")], "x_end", "is not greater than x_start"),
    crop(&[After("y_start", "y_end")], "y_end", "is not greater than y_start"),
];

/// Luma's own tests send zeros alone.
const fn crop(when: &'static [When], path: &'static str, message: &'static str) -> Rule {
    Rule { kind: None, when, path, code: Disputed, message, source: Doc::new("no document says so") }
}
