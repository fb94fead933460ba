//! Why jobs fail. Nothing is published about it: the words are Luma's or the service's own.

use super::answers::reason;
use crate::generation::{Failure, FailureCode};
use crate::json::Json;
use crate::provider::failures;

/// The typed form of a failed job. Nothing tells that Luma's credits come back.
pub fn failure(answer: &Json) -> Failure {
    // The state may be `moderated`, which tells the kind whatever the words are. Where there are none it is the reason too.
    let by_state = failures::failure(answer.text("status").unwrap_or_default(), false);
    match reason(answer) {
        None => by_state,
        Some(reason) if by_state.code == FailureCode::Moderation => Failure { reason, ..by_state },
        Some(reason) => failures::failure(reason, false),
    }
}
