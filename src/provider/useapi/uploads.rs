//! Handing over a picture (page on assets, 2026-04-06): JPEG, PNG or WebP of at most 20 MB, as it is, to one account. It is
//! kept for 30 days.

use super::accounts;
use crate::http::{Method, Payload};
use crate::json::Json;
use crate::provider::call::path_to;
use crate::provider::{ApiCall, File, Upload};

/// The account is the caller's choice, else the first that can be used.
pub fn next(file: &File, answers: &[Json]) -> Option<Upload> {
    if let Some(reference) = answers.last().and_then(|answer| answer.get("assetRef")) {
        return Some(Upload::Done(Json::object(vec![("file_id", reference)])));
    }
    let account = match (&file.account, answers) {
        (Some(account), []) => account.clone(),
        (None, []) => return Some(Upload::Send(accounts::list())),
        (None, [listed]) => accounts::usable(listed)?,
        _ => return None,
    };
    let call = ApiCall::of(Method::Post, path_to("assets/", &account), Some(Payload::File));
    Some(Upload::Send(call.with_content_type(&file.media_type)))
}
