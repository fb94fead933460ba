//! What the API's answers say (SDK 0.5.0, 2026-08-04).

use crate::generation::ProviderCode::{self, *};
use crate::generation::{Failure, FailureCode, Fault, Generation, Output};
use crate::json::Json;
use crate::provider::ProviderId;
use crate::provider::answer::luma_job;
use crate::text::{before, begins};

/// What only a job of the Dream Machine API has, and what only a file.
const OTHERS: [&str; 2] = ["generation_type", "mime_type"];

/// A job: whatever has an id, unless it says that it is something else.
pub fn generation(answer: &Json) -> Option<Generation> {
    if OTHERS.iter().any(|other| answer.has(other)) {
        return None;
    }
    // The assets are read from where Dream Machine has its files, in case that they lie there.
    let mut job = luma_job(answer, ProviderId::Agents, &["failure_reason", "failure_code"])?;
    for output in &answer.items_of("output") {
        if let Some(url) = output.text("url").or_else(|| output.as_str()) {
            let kind = kind_of(output, &url, answer);
            job.assets.add(&kind, url.clone());
            job.outputs.push(Output { kind, url, layer: output.get("layer") });
        }
    }
    if job.outputs.len() == 1 {
        job.outputs.clear();
    }
    if let Some(failure) = &mut job.failure {
        by_code(failure, answer);
    }
    job.model = answer.text("model");
    Some(job.into())
}

/// What a file is. No document shows what the archive of EXR frames is called: its name tells. One without a type is what its
/// generation makes, by the generation's type or model.
fn kind_of(output: &Json, url: &str, job: &Json) -> String {
    let path = before(url, b"?#");
    if path.ends_with(".zip") || path.ends_with(".exr") {
        return "exr".into();
    }
    if let Some(kind) = output.first_text(&["type"]) {
        return kind;
    }
    let made = job.first_text(&["type", "model"]).unwrap_or_default();
    let kind = if begins(&made, &["video", "ray"]) {
        "video"
    } else if begins(&made, &["image", "layering", "uni"]) {
        "image"
    } else {
        "file"
    };
    kind.into()
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

/// What the code of a failure tells beside its words.
fn by_code(failure: &mut Failure, answer: &Json) {
    let Some(word) = answer.first_text(&["failure_code"]) else { return };
    match CODES.iter().find(|(code, ..)| *code == word) {
        Some((_, own, code, fault, retryable, refunded)) => {
            failure.provider_code = Some(own.clone());
            failure.code = *code;
            failure.fault = *fault;
            failure.retryable = *retryable;
            failure.refunded = *refunded;
        }
        None => failure.provider_code = Some(ProviderCode::Other(word)),
    }
}
