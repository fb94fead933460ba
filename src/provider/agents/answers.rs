//! What the API's answers say (SDK 0.5.0, 2026-08-04).

use crate::generation::{Assets, Failure, FailureCode, Fault, Generation, GenerationData, Output, State};
use crate::provider::ProviderId;
use crate::text::before;
use crate::value::Value;

/// A job. Jobs of other services have no `type`.
pub fn generation<V: Value>(answer: &V) -> Option<Generation<V>> {
    let id = answer.text("id").filter(|id| !id.is_empty())?;
    let (word, _) = (answer.text("state")?, answer.text("type")?);
    let state = match word.as_str() {
        "queued" => State::Queued,
        "completed" => State::Completed,
        "failed" => State::Failed,
        _ => State::Dreaming,
    };
    let (mut assets, mut outputs) = (Assets::default(), Vec::new());
    for output in answer.get("output").map(|list| list.items()).unwrap_or_default() {
        if let Some(url) = output.text("url") {
            let kind = kind_of(&output, &url);
            assets.add(&kind, url.clone());
            outputs.push(Output { kind, url, layer: output.get("layer") });
        }
    }
    if outputs.len() == 1 {
        outputs.clear();
    }
    let data = GenerationData {
        id,
        provider: ProviderId::Agents,
        state,
        failure: (state == State::Failed).then(|| failure(answer)),
        created_at: answer.text("created_at"),
        assets,
        outputs,
        model: answer.text("model"),
        request: None,
        raw: answer.clone(),
    };
    Some(data.into())
}

/// What a file is. No document shows what the archive of EXR frames is called: its name tells.
fn kind_of<V: Value>(output: &V, url: &str) -> String {
    let path = before(url, b"?#");
    if path.ends_with(".zip") || path.ends_with(".exr") {
        return "exr".into();
    }
    output.text("type").unwrap_or_else(|| "file".into())
}

/// `failure_code`, kind, fault, and whether the same request may succeed later. A code that is not here is unknown, and
/// may.
const CODES: &[(&str, FailureCode, Fault, bool)] = &[
    ("content_moderated", FailureCode::Moderation, Fault::Request, false),
    ("image_too_large", FailureCode::InputFrames, Fault::Request, false),
    ("unsupported_format", FailureCode::InputFrames, Fault::Request, false),
    ("corrupt_input", FailureCode::InputFrames, Fault::Request, false),
    ("invalid_request", FailureCode::Job, Fault::Request, false),
    (EXHAUSTED, FailureCode::Job, Fault::Request, false),
    ("generation_failed", FailureCode::Job, Fault::Provider, true),
    ("output_not_found", FailureCode::Job, Fault::Provider, true),
    ("rate_limited", FailureCode::Job, Fault::Provider, true),
];

/// The one failure for which third parties say that a part is charged; all others are refunded.
const EXHAUSTED: &str = "budget_exhausted";

fn failure<V: Value>(answer: &V) -> Failure {
    let word = answer.text("failure_code").unwrap_or_default();
    let known = CODES.iter().find(|(code, ..)| *code == word);
    let &(_, code, fault, retryable) = known.unwrap_or(&("", FailureCode::Unknown, Fault::Unknown, true));
    let refunded = word != EXHAUSTED;
    let reason = answer.text("failure_reason").unwrap_or(word);
    Failure { code, reason, fault, retryable, refunded }
}
