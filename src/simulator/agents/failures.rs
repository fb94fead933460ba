//! Failures on demand: a marker in a prompt makes the job fail, with one of the documented codes; one in the name of a file,
//! the file.

use crate::simulator::dream_machine::failures::Moment::{self, Early, End, Queued};

/// Marker, `failure_code`, `failure_reason`, moment. The codes are the SDK's; the reasons are not documented. The
/// markers of Dream Machine do here what is nearest.
const FAILURES: &[(&str, &str, &str, Moment)] = &[
    ("[fail:content_moderated]", "content_moderated", "Content was flagged by moderation", Early),
    ("[fail:generation_failed]", "generation_failed", "Generation failed", End),
    ("[fail:budget_exhausted]", "budget_exhausted", "The budget of this client is exhausted", End),
    ("[fail:output_not_found]", "output_not_found", "The output could not be found", End),
    ("[fail:image_too_large]", "image_too_large", TOO_LARGE, Early),
    ("[fail:unsupported_format]", "unsupported_format", "The format of the input is not supported", Early),
    ("[fail:corrupt_input]", "corrupt_input", "The input could not be read", Early),
    ("[fail:invalid_request]", "invalid_request", "The request is not valid", Early),
    ("[fail:rate_limited]", "rate_limited", "The upstream service is rate limited", Queued),
    ("[fail:moderation]", "content_moderated", "Content was flagged by moderation", Early),
    ("[fail:blacklist]", "content_moderated", "Content was flagged by moderation", Early),
    ("[fail:frame-moderation]", "content_moderated", "Content was flagged by moderation", Early),
    ("[fail:frames]", "corrupt_input", "The input could not be read", Early),
    ("[fail:prompt]", "invalid_request", "The request is not valid", Early),
    ("[fail:dispatch]", "generation_failed", "Generation failed", Queued),
    ("[fail:job]", "generation_failed", "Generation failed", End),
    ("[fail:callback]", "generation_failed", "Generation failed", End),
];

const TOO_LARGE: &str = "An image has more than 8000 pixels on a side";

/// What an uploaded image of more than 8000 pixels on a side comes to.
pub(super) const IMAGE_TOO_LARGE: (&str, Moment) = (TOO_LARGE, Early);

/// What the prompt asks for.
pub(super) fn asked(prompt: &str) -> Option<(&'static str, Moment)> {
    FAILURES.iter().find(|(marker, ..)| prompt.contains(marker)).map(|(_, _, reason, moment)| (*reason, *moment))
}

/// The code of a reason.
pub(super) fn code(reason: &str) -> Option<&'static str> {
    FAILURES.iter().find(|(_, _, known, _)| *known == reason).map(|(_, code, ..)| *code)
}

/// What a file comes to whose name has the marker; the words are not documented.
pub(super) fn of_file(name: &str) -> Option<String> {
    name.contains("[fail:file]").then(|| "The file could not be read".to_owned())
}
