//! Handing over a picture (page on assets, 2026-04-06): JPEG, PNG or WebP of at most 20 MB, as it is, to one account. It is
//! kept for 30 days.

use super::accounts;
use crate::http::{Method, Payload, segment};
use crate::json::Json;
use crate::provider::{Call, File, Upload};

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
    Some(Upload::Send(Call {
        method: Method::Post,
        path: format!("assets/{}", segment(&account)),
        body: Some(Payload::File),
        headers: vec![("content-type".into(), file.media_type.clone())],
    }))
}
