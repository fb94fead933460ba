//! Handing over a file (SDK 0.5.0, 2026-08-04): a small one in one request, as a form. Else a place is asked for, the
//! bytes go to the address that is named, and then the file is declared complete. Either way it may be `pending` for a
//! while.

use super::files;
use crate::http::{Method, Payload, segment};
use crate::json::Json;
use crate::provider::{ApiCall, File, Upload};
use crate::text::concat;

/// What comes after these answers.
pub fn next(file: &File, answers: &[Json]) -> Option<Upload> {
    let Some((place, later)) = answers.split_first() else {
        return Some(Upload::Send(begin(file)));
    };
    let id = place.first_text(&["id", "file.id"])?;
    match (place.get("upload"), later) {
        (Some(upload), []) => Some(Upload::Send(bytes(file, &upload)?)),
        (Some(_), [_]) => {
            let path = concat(&["files/", &segment(&id), "/complete"]);
            Some(Upload::Send(ApiCall::of(Method::Post, path, None)))
        }
        // Without an address the file is there.
        (None, []) => Some(outcome(place, &id)),
        (_, [.., last]) => Some(outcome(last, &id)),
    }
}

fn begin(file: &File) -> ApiCall {
    if let Some(content_type) = &file.form_type {
        return ApiCall::of(Method::Post, "files".into(), Some(Payload::Form)).with_content_type(content_type);
    }
    let details = file.details.clone().unwrap_or_else(|| Json::object(Vec::new()));
    let body = details.with("mime_type", Json::string(&file.media_type)).with("size_bytes", Json::number(file.size));
    let named = body.has("filename");
    ApiCall::post("files", if named { body } else { body.with("filename", Json::string(&file.name)) })
}

fn bytes(file: &File, upload: &Json) -> Option<ApiCall> {
    let mut call = ApiCall::of(Method::Put, upload.text("url")?, Some(Payload::File));
    if let Some(fields) = upload.get("headers") {
        for name in &fields.keys() {
            if let Some(value) = fields.text(name) {
                call.headers.push((name.to_ascii_lowercase(), value));
            }
        }
    }
    let declared = call.headers.iter().any(|(name, _)| name == "content-type");
    Some(if declared { call } else { call.with_content_type(&file.media_type) })
}

/// What the last answer says of the file. A word that is not known does not stand in the way: the request that names the
/// file will tell.
fn outcome(answer: &Json, id: &str) -> Upload {
    let state = answer.first_text(&["file.state", "state"]).unwrap_or_default();
    match state.as_str() {
        "pending" => Upload::Poll(files::one(id)),
        "failed" | "deleted" => {
            Upload::Failed(answer.first_text(&["file.failure_reason", "failure_reason"]).unwrap_or(state))
        }
        _ => Upload::Done(Json::object(vec![("file_id", Json::string(id))])),
    }
}
