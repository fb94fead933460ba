//! Why tasks fail. PiAPI publishes no list; the reasons that are known are Luma's, which it passes on. Its advice is to try up to
//! three times.

use crate::generation::Failure;
use crate::json::Json;
use crate::provider::failures;
use crate::provider::words::words;

/// The typed form of what a task tells. Only tasks that succeed are paid for (integrations, 2026).
pub fn failure(task: &Json) -> Failure {
    failures::failure(reason(task).or_else(|| task.first_text(&["detail", "status"])).unwrap_or_default(), true)
}

/// The words of a task's error: for people, else the raw ones, else whatever else there is. It is there without words when
/// nothing is wrong.
pub fn reason(task: &Json) -> Option<String> {
    words(&task.get("error")?)
}
