//! Why tasks fail. PiAPI publishes no list; the reasons that are known are Luma's, which it passes on.

use crate::generation::{Failure, FailureCode, Fault};
use crate::json::Json;
use crate::text::contains;

/// What a reason has in it, kind, fault, and whether the same request may succeed later. A reason that is not here is
/// unknown, and may: PiAPI's advice is to try up to three times.
const REASONS: &[(&str, FailureCode, Fault, bool)] = &[
    ("moderation", FailureCode::Moderation, Fault::Request, false),
    ("blacklisted", FailureCode::Moderation, Fault::Request, false),
    ("sensitive", FailureCode::Moderation, Fault::Request, false),
    ("input frames", FailureCode::InputFrames, Fault::Request, false),
    ("prompt processing", FailureCode::PromptProcessing, Fault::Provider, true),
    ("dispatching job", FailureCode::Job, Fault::Provider, true),
    ("job failed", FailureCode::Job, Fault::Provider, true),
];

/// The typed form of what a task tells. Only tasks that succeed are paid for (integrations, 2026).
pub fn failure(task: &Json) -> Failure {
    let reason = reason(task).or_else(|| task.first_text(&["detail", "status"])).unwrap_or_default();
    let lower = reason.to_ascii_lowercase();
    let known = REASONS.iter().find(|(part, ..)| contains(&lower, part));
    let &(_, code, fault, retryable) = known.unwrap_or(&("", FailureCode::Unknown, Fault::Unknown, true));
    Failure::new(code, reason, fault, retryable, true)
}

/// The words of a task's error: for people, else the raw ones, else whatever else there is. It is there without words when
/// nothing is wrong.
pub fn reason(task: &Json) -> Option<String> {
    task.first_text(&["error", "error.message", "error.raw_message", "error.detail"])
}
