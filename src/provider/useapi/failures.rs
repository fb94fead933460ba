//! Why jobs fail. Nothing is published about it: the words are Luma's or the service's own.

use crate::generation::{Failure, FailureCode};
use crate::json::Json;
use crate::provider::failures;
use crate::provider::words::words;

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

/// What went wrong, in the service's words: a text, or an object of Luma's with one inside.
fn reason(answer: &Json) -> Option<String> {
    ["error", "errorDetails", "message"].iter().find_map(|key| words(&answer.get(key)?))
}
