//! What a job means to its caller.

use super::{Jobs, Target};
use crate::engine::model::{Host, Outcome};
use crate::error::{Code, Error};
use crate::generation::{FailureCode, Generation, State};
use crate::json::Json;
use crate::text::concat;

/// About what was given and could not be read.
const ADVICE: &str =
    "; each address in the request must give its file to everybody, without a login, and not as a page";

impl<H: Host> Jobs<H> {
    /// What an object stands for: one of our generations (also one that was stored as JSON), the provider's own, or
    /// anything with an `id`.
    pub fn target(&self, object: &Json) -> Option<Target> {
        let own = object.get("raw").unwrap_or_else(|| object.clone());
        let has_state = own.get("state").or_else(|| own.get("status")).is_some();
        let job = self.transport.provider.generation(&own).filter(|_| has_state);
        // A list may show that a job is done, but not where its files are.
        let whole = job.filter(|job| job.state != State::Completed || !job.assets.is_empty());
        whole.map(Target::Job).or_else(|| object.text("id").map(Target::Id))
    }

    /// The caller's result of a finished job.
    pub fn result_of(&self, generation: Generation) -> Outcome<Generation> {
        if generation.state == State::Completed && !generation.assets.is_empty() {
            return Ok(generation);
        }
        let (code, message) = match &generation.failure {
            None => (
                Code::Protocol,
                concat(&[
                    "The generation ",
                    &generation.id,
                    " is completed, but has no file: get() may find one later",
                ]),
            ),
            Some(failure) => {
                let code =
                    if failure.code == FailureCode::Moderation { Code::Moderated } else { Code::GenerationFailed };
                let refunded = if failure.refunded { " (refunded)" } else { "" };
                let reason = if failure.reason.is_empty() { "no reason given" } else { &failure.reason };
                let advice = if failure.code == FailureCode::InputFrames { ADVICE } else { "" };
                (code, concat(&["The generation ", &generation.id, " failed: ", reason, refunded, advice]))
            }
        };
        let retryable = generation.failure.as_ref().is_some_and(|failure| failure.retryable);
        let mut error = Error::new(code, self.transport.without_secrets(&message)).with_provider(generation.provider);
        error.retryable = retryable;
        Err(error.about(Some(generation)))
    }
}
