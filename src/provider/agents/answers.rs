//! What the API's answers say (SDK 0.5.0, 2026-08-04).

use crate::generation::ProviderCode::{self, *};
use crate::generation::{Assets, Failure, FailureCode, Fault, Generation, GenerationData, Output, State};
use crate::json::Json;
use crate::provider::ProviderId;
use crate::provider::answer::{WORDS, state_of};
use crate::text::before;

/// A job. Jobs of other services have no `type`.
pub fn generation(answer: &Json) -> Option<Generation> {
    let id = answer.first_text(&["id"]).filter(|_| answer.has("type"))?;
    let state = state_of(&answer.text("state")?, WORDS);
    let (mut assets, mut outputs) = (Assets::default(), Vec::new());
    for output in answer.items_of("output") {
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
fn kind_of(output: &Json, url: &str) -> String {
    let path = before(url, b"?#");
    if path.ends_with(".zip") || path.ends_with(".exr") {
        return "exr".into();
    }
    output.text("type").unwrap_or_else(|| "file".into())
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

fn failure(answer: &Json) -> Failure {
    let word = answer.first_text(&["failure_code"]);
    let reason = answer.first_text(&["failure_reason", "failure_code"]).unwrap_or_default();
    let known = CODES.iter().find(|(code, ..)| Some(*code) == word.as_deref());
    match known {
        Some((_, own, code, fault, retryable, refunded)) => {
            Failure { provider_code: Some(own.clone()), ..Failure::new(*code, reason, *fault, *retryable, *refunded) }
        }
        None => Failure {
            provider_code: word.map(ProviderCode::Other),
            ..Failure::new(FailureCode::Unknown, reason, Fault::Unknown, true, true)
        },
    }
}
