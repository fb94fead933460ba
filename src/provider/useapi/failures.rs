//! Why jobs fail. Nothing is published about it: the words are Luma's or the service's own.

use super::answers::reason;
use crate::generation::Failure;
use crate::json::Json;
use crate::provider::failures;

/// The typed form of a failed job. Nothing tells that Luma's credits come back.
pub fn failure(answer: &Json) -> Failure {
    // A reason that is not told is at least told as the state, which may be `moderated`.
    let status = answer.text("status").unwrap_or_default();
    let words = reason(answer).unwrap_or_else(|| status.clone());
    let by_state = failures::failure(status, false);
    if failures::is_moderation(&by_state.reason) {
        return Failure { reason: words, ..by_state };
    }
    failures::failure(words, false)
}
