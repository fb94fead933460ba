//! Handing over a file (SDK 0.5.0, 2026-08-04): a place is asked for, the bytes go to the address that is named, and
//! then the file is declared complete.

use crate::http::{Method, segment};
use crate::provider::{Call, File, Upload};
use crate::text::concat;
use crate::value::Value;

/// What comes after these answers.
pub fn next<V: Value>(file: &File<V>, answers: &[V]) -> Option<Upload<V>> {
    let Some((place, later)) = answers.split_first() else {
        let named = [("mime_type", V::string(&file.media_type)), ("size_bytes", V::number(file.size))];
        let body = V::object(named.into()).with("filename", V::string(&file.name));
        return Some(Upload::Send(Call::post("files", body)));
    };
    let id = place.text("id").or_else(|| place.get("file")?.text("id"))?;
    match (place.get("upload"), later) {
        (Some(upload), []) => Some(Upload::Send(bytes(file, &upload)?)),
        (Some(_), [_]) => {
            let path = concat(&["files/", &segment(&id), "/complete"]);
            Some(Upload::Send(Call { method: Method::Post, path, body: None, headers: Vec::new() }))
        }
        // Without an address the file was there before.
        (None, []) => done(place, &id),
        (Some(_), [_, completed]) => done(completed, &id),
        _ => None,
    }
}

fn bytes<V: Value>(file: &File<V>, upload: &V) -> Option<Call<V>> {
    let path = upload.text("url")?;
    let mut headers = Vec::new();
    if let Some(fields) = upload.get("headers") {
        for name in fields.keys() {
            if let Some(value) = fields.text(&name) {
                headers.push((name.to_ascii_lowercase(), value));
            }
        }
    }
    if !headers.iter().any(|(name, _)| name == "content-type") {
        headers.push(("content-type".into(), file.media_type.clone()));
    }
    Some(Call { method: Method::Put, path, body: Some(file.content.clone()), headers })
}

fn done<V: Value>(told: &V, id: &str) -> Option<Upload<V>> {
    let bad = matches!(told.text("state").as_deref(), Some("failed" | "deleted"));
    (!bad).then(|| Upload::Done(V::object(vec![("file_id", V::string(id))])))
}
