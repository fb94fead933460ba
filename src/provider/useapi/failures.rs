//! Why jobs fail. Nothing is published about it: the words are Luma's or the service's own.

use super::answers::reason;
use crate::generation::{Failure, FailureCode, Fault};
use crate::json::Json;
use crate::text::contains;

/// The typed form of a failed job. Nothing tells that Luma's credits come back.
pub fn failure(answer: &Json) -> Failure {
    let status = answer.text("status").unwrap_or_default();
    let reason = reason(answer).unwrap_or_default();
    let (code, fault, retryable) = if status == "moderated" || is_moderation(&reason) {
        (FailureCode::Moderation, Fault::Request, false)
    } else {
        (FailureCode::Unknown, Fault::Unknown, true)
    };
    // Without a reason the state stands for one.
    let reason = if reason.is_empty() { status } else { reason };
    Failure::new(code, reason, fault, retryable, false)
}

/// Whether these words say that what was asked for is not allowed.
pub fn is_moderation(words: &str) -> bool {
    let lower = words.to_ascii_lowercase();
    contains(&lower, "moderat") || contains(&lower, "blacklist")
}
