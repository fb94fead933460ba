//! Why jobs fail: the guide's list of `failure_reason` (docs.lumalabs.ai, errors page, read on 2026-11-20). Its FAQ says
//! that failed generations are refunded.

use crate::generation::{Failure, FailureCode, Fault};

/// Beginning of the reason, kind, fault, and whether the same request may succeed later. A reason that is not here is
/// unknown, and may.
pub const REASONS: &[(&str, FailureCode, Fault, bool)] = &[
    ("contains blacklisted words", FailureCode::Moderation, Fault::Request, false),
    ("failed to read user input frames", FailureCode::InputFrames, Fault::Request, false),
    ("frame moderation failed", FailureCode::Moderation, Fault::Request, false),
    ("advanced prompt moderation failed", FailureCode::Moderation, Fault::Request, false),
    // Not in the list; seen in public reports, where the same picture passed at another time.
    ("advanced moderation failed", FailureCode::Moderation, Fault::Request, true),
    ("prompt processing failed", FailureCode::PromptProcessing, Fault::Provider, true),
    ("error dispatching job", FailureCode::Job, Fault::Provider, true),
    ("job failed", FailureCode::Job, Fault::Provider, true),
    ("error processing callback", FailureCode::Callback, Fault::Request, false),
];

/// The typed form of a reason.
pub fn failure(reason: String) -> Failure {
    let lower = reason.trim_ascii().to_ascii_lowercase();
    let known = REASONS.iter().find(|(start, ..)| lower.starts_with(start));
    let &(_, code, fault, retryable) = known.unwrap_or(&("", FailureCode::Unknown, Fault::Unknown, true));
    Failure::new(code, reason, fault, retryable, true)
}
