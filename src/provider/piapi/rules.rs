//! The rules that span fields.

use crate::error::ProblemCode::{self, Disputed, Suspicious};
use crate::json::Kind;
use crate::rules::When::{self, Any, Has, Is, Lacks, Of};
use crate::rules::{Doc, Rule};

/// None of them refuses: no document of PiAPI's says what it does not take together.
const fn rule(when: &'static [When], path: &'static str, code: ProblemCode, message: &'static str) -> Rule {
    Rule { kind: None, when, path, code, message, source: Doc::new("") }
}

const KEYFRAMES: When = Of("keyframes", Kind::Object);

/// Those of any year.
pub const RULES: &[Rule] = &[
    rule(
        &[KEYFRAMES, Lacks("keyframes.frame0"), Lacks("keyframes.frame1")],
        "keyframes",
        Suspicious,
        "has neither frame0 nor frame1: it is a video from text alone",
    ),
    rule(
        &[Has("callback_secret"), Lacks("callback_url")],
        "callback_secret",
        Suspicious,
        "is for callback_url, which is not there",
    ),
];

// Integrations of 2026-08 know 5 and 9, the documents of 2025 know 5 and 10.
const OTHER_DURATION: &str = "the schemas of 2025 and 2026 differ: 10s in the one is 9s in the other";

/// Those of the fields of 2026.
pub const RULES_2026: &[Rule] = &[rule(&[Is("duration", &["10s"])], "duration", Disputed, OTHER_DURATION)];

// Integrations of 2025 differ in what such a frame holds, and no document shows one.
const EXTENDS: &str = "no document shows how a video is extended; it is sent as extend_video";

/// Those of the fields of 2025.
pub const RULES_2025: &[Rule] = &[
    rule(&[Is("duration", &["9s"])], "duration", Disputed, OTHER_DURATION),
    rule(
        &[Any(&[Has("keyframes.frame0.id"), Is("keyframes.frame0.type", &["video"])])],
        "keyframes.frame0",
        Disputed,
        EXTENDS,
    ),
    rule(
        &[Any(&[Has("keyframes.frame1.id"), Is("keyframes.frame1.type", &["video"])])],
        "keyframes.frame1",
        Disputed,
        EXTENDS,
    ),
    // Integrations of 2025-07; the documents do not say so.
    rule(&[Is("duration", &["10s"]), KEYFRAMES], "duration", Disputed, "10s is for text alone, by integrations"),
];
