//! What the API's answers say (SDK 0.5.0, 2026-08-04).

use crate::generation::ProviderCode::{self, *};
use crate::generation::{Assets, Failure, FailureCode, Fault, Generation, GenerationData, Output, State};
use crate::json::Json;
use crate::provider::ProviderId;
use crate::provider::answer::{WORDS, id_of, is_reason, state_of, unknown_state};
use crate::provider::failures;
use crate::text::before;

/// What only a job of the Dream Machine API has, and what only a file.
const OTHERS: [&str; 2] = ["generation_type", "mime_type"];

/// A job: whatever has an id, unless it says that it is something else.
pub fn generation(answer: &Json) -> Option<Generation> {
    let id = id_of(answer, "id").filter(|_| !OTHERS.iter().any(|other| answer.has(other)))?;
    let word = answer.text("state").unwrap_or_default();
    let state = state_of(&word, WORDS);
    // Where Dream Machine has its files, in case that they lie there.
    let (mut assets, mut outputs) = (Assets::read(answer.get("assets")), Vec::new());
    for output in answer.items_of("output") {
        if let Some(url) = output.text("url").or_else(|| output.as_str()) {
            let kind = kind_of(&output, &url, answer);
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
        unknown_state: unknown_state(&word, WORDS),
        failure: (state == State::Failed).then(|| failure(answer, &word)),
        created_at: answer.text("created_at"),
        assets,
        outputs,
        model: answer.text("model"),
        request: None,
        raw: answer.clone(),
    };
    Some(data.into())
}

/// What a file is. No document shows what the archive of EXR frames is called: its name tells. One without a type is what its
/// generation makes, by the generation's type or model.
fn kind_of(output: &Json, url: &str, job: &Json) -> String {
    let path = before(url, b"?#");
    if path.ends_with(".zip") || path.ends_with(".exr") {
        return "exr".into();
    }
    let made = || job.first_text(&["type", "model"]).unwrap_or_default();
    let kind = |starts: &[&str]| starts.iter().any(|start| made().starts_with(start));
    output.first_text(&["type"]).unwrap_or_else(|| match () {
        () if kind(&["video", "ray"]) => "video".into(),
        () if kind(&["image", "layering", "uni"]) => "image".into(),
        () => "file".into(),
    })
}

/// `failure_code`, what it is called here, kind, fault, whether the same request may succeed later, and whether all of its
/// price is given back. A code that is not here is unknown, and may.
const CODES: &[(&str, ProviderCode, FailureCode, Fault, bool, bool)] = &[
    ("content_moderated", ContentModerated, FailureCode::Moderation, Fault::Request, false, true),
    ("image_too_large", ImageTooLarge, FailureCode::InputFrames, Fault::Request, false, true),
    ("unsupported_format", UnsupportedFormat, FailureCode::InputFrames, Fault::Request, false, true),
    ("corrupt_input", CorruptInput, FailureCode::InputFrames, Fault::Request, false, true),
    ("invalid_request", InvalidRequest, FailureCode::Job, Fault::Request, false, true),
    // Nobody tells whose budget it is. A part may be charged (third parties), so it is not tried again blindly.
    ("budget_exhausted", BudgetExhausted, FailureCode::Job, Fault::Unknown, false, false),
    ("generation_failed", GenerationFailed, FailureCode::Job, Fault::Provider, true, true),
    ("output_not_found", OutputNotFound, FailureCode::Job, Fault::Provider, true, true),
    ("rate_limited", RateLimited, FailureCode::Job, Fault::Provider, true, true),
];

fn failure(answer: &Json, state: &str) -> Failure {
    let word = answer.first_text(&["failure_code"]);
    let reason = answer.first_text(&["failure_reason", "failure_code"]);
    let ended = is_reason(state);
    let reason = reason.or_else(|| ended.then(|| state.to_owned())).unwrap_or_default();
    let known = CODES.iter().find(|(code, ..)| Some(*code) == word.as_deref());
    match known {
        Some((_, own, code, fault, retryable, refunded)) => {
            Failure { provider_code: Some(own.clone()), ..Failure::new(*code, reason, *fault, *retryable, *refunded) }
        }
        None => Failure { provider_code: word.map(ProviderCode::Other), ..failures::failure(reason, !ended) },
    }
}
