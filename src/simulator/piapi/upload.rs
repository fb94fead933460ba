//! Files that are kept for a day, for others to read: its own page, and what integrations of 2026 found of the limits.

use serde_json::{Value, json};

use super::base64;
use super::envelope::{refusal, success};
use crate::http::{Request, Response};
use crate::simulator::uploads::Uploaded;
use crate::simulator::world::World;

const LARGEST: usize = 10 * 1024 * 1024;
const LONGEST_NAME: usize = 128;
/// A day in ms.
const DAY: f64 = 86_400_000.0;

/// The endings that are taken.
const TYPES: &[(&str, &str)] = &[
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("png", "image/png"),
    ("webp", "image/webp"),
    ("mp4", "video/mp4"),
    ("wav", "audio/wav"),
    ("mp3", "audio/mpeg"),
];

/// Takes one in.
pub(super) fn work(world: &mut World, now: f64, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
    match read(request) {
        Err(message) => refusal(400, message),
        Ok((name, content_type, bytes)) => {
            let path = format!("{}/{name}", world.dice.id().0);
            let url = world.links.lasting(&path);
            world.uploads.add(path, Uploaded { content_type, bytes, until: now + DAY });
            success(&json!({ "url": url }))
        }
    }
}

fn read(request: &Request<Vec<u8>>) -> Result<(String, &'static str, Vec<u8>), String> {
    let body: Value = serde_json::from_slice(request.body.as_deref().unwrap_or_default())
        .map_err(|_| "the body must be JSON".to_owned())?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let name = text("file_name").ok_or("file_name is required")?;
    if name.chars().count() > LONGEST_NAME {
        return Err(format!("file_name must not be longer than {LONGEST_NAME} characters"));
    }
    if name.contains(['/', '\\', '?', '#']) {
        return Err("file_name must be a name without a path".into());
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    let (_, content_type) = TYPES.iter().find(|(known, _)| *known == ending).ok_or_else(|| {
        let known: Vec<_> = TYPES.iter().map(|(known, _)| *known).collect();
        format!("file_name must end in one of {}", known.join(", "))
    })?;
    let data = text("file_data").ok_or("file_data is required")?;
    let bytes = base64::decode(data).ok_or("file_data must be base64 without a data: prefix")?;
    if bytes.len() > LARGEST {
        return Err("the file must not be larger than 10 MB".into());
    }
    Ok((name.to_owned(), content_type, bytes))
}
