//! Why jobs fail, by what the reason says: Luma's words, which resellers pass on. The guide lists the most (docs.lumalabs.ai, errors
//! page, read on 2026-11-20); public reports show others.

use crate::generation::{Failure, FailureCode, Fault};
use crate::text::contains;

/// What a reason has in it, kind, fault, and whether the same request may succeed later: the first that fits. A reason that is not
/// here is unknown, and may.
pub const REASONS: &[(&str, FailureCode, Fault, bool)] = &[
    // The list lacks it: a picture that Luma cannot fetch (ComfyUI-LumaAI-API, issue 14).
    ("failed to moderate image", FailureCode::InputFrames, Fault::Request, false),
    ("input frames", FailureCode::InputFrames, Fault::Request, false),
    ("failed to fetch", FailureCode::InputFrames, Fault::Request, false),
    ("failed to download", FailureCode::InputFrames, Fault::Request, false),
    // The list lacks it: the same picture passed at another time (issue 7 there).
    ("advanced moderation failed", FailureCode::Moderation, Fault::Request, true),
    ("moderat", FailureCode::Moderation, Fault::Request, false),
    ("blacklist", FailureCode::Moderation, Fault::Request, false),
    ("sensitive", FailureCode::Moderation, Fault::Request, false),
    ("prompt processing", FailureCode::PromptProcessing, Fault::Provider, true),
    ("dispatching job", FailureCode::Job, Fault::Provider, true),
    ("job failed", FailureCode::Job, Fault::Provider, true),
    ("processing callback", FailureCode::Callback, Fault::Request, false),
];

/// The typed form of a reason.
pub fn failure(reason: String, refunded: bool) -> Failure {
    let lower = reason.to_ascii_lowercase();
    let known = REASONS.iter().find(|(part, ..)| contains(&lower, part));
    let &(_, code, fault, retryable) = known.unwrap_or(&("", FailureCode::Unknown, Fault::Unknown, true));
    Failure::new(code, reason, fault, retryable, refunded)
}

/// Whether these words say that what was asked for is not allowed.
pub fn is_moderation(words: &str) -> bool {
    failure(words.to_owned(), false).code == FailureCode::Moderation
}
