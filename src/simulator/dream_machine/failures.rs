//! Failures on demand: a marker in a prompt makes the job fail, with a reason that the guide lists.

/// Where in a job's time a failure shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Moment {
    /// It fails before it leaves the queue.
    Queued,
    /// It fails soon after it started.
    Early,
    /// It fails when it would have been done.
    End,
}

use Moment::{Early, End, Queued};

/// Marker, `failure_reason`, moment.
const FAILURES: &[(&str, &str, Moment)] = &[
    ("[fail:blacklist]", "Contains blacklisted words", Early),
    ("[fail:frames]", "Failed to read user input frames", Early),
    ("[fail:frame-moderation]", "Frame moderation failed", Early),
    ("[fail:moderation]", "Advanced prompt moderation failed", Early),
    ("[fail:prompt]", "Prompt processing failed", Early),
    ("[fail:dispatch]", "Error dispatching job", Queued),
    ("[fail:job]", "Job failed", End),
    ("[fail:callback]", "Error processing callback", End),
];

/// What the prompt asks for.
pub(crate) fn asked(prompt: &str) -> Option<(&'static str, Moment)> {
    FAILURES.iter().find(|(marker, ..)| prompt.contains(marker)).map(|(_, reason, moment)| (*reason, *moment))
}

/// How many times as long as usual the prompt asks a job to take: `[slow]`, `[fast]`.
pub(crate) fn pace(prompt: &str) -> f64 {
    match (prompt.contains("[slow]"), prompt.contains("[fast]")) {
        (true, false) => 10.0,
        (false, true) => 0.1,
        _ => 1.0,
    }
}
