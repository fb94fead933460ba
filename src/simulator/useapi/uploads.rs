//! Taking in images that jobs refer to.

use serde_json::json;

use super::accounts::{KEPT, dead};
use super::{Answered, error, names};
use crate::http::Request;
use crate::simulator::answer;
use crate::simulator::uploads::Uploaded;
use crate::simulator::world::World;

/// What may be uploaded, with the end of the file's name.
const TYPES: [(&str, &str); 3] = [("image/jpeg", "jpg"), ("image/png", "png"), ("image/webp", "webp")];

/// 20 MB.
const LARGEST: usize = 20 * 1024 * 1024;

/// Takes in one file.
pub(super) fn work(world: &mut World, now: f64, email: &str, request: &Request<Vec<u8>>) -> Answered {
    let account = world.useapi.get(email)?;
    let content_type = request.headers.get("content-type").unwrap_or_default().to_ascii_lowercase();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    let Some((content_type, ending)) = TYPES.into_iter().find(|(known, _)| *known == media_type) else {
        return Err(error(400, "Content-Type must be one of image/jpeg, image/png, image/webp"));
    };
    let bytes = request.body.clone().unwrap_or_default();
    match bytes.len() {
        0 => return Err(error(400, "Request body is empty")),
        size if size > LARGEST => return Err(error(400, "File is too large, the maximum is 20 MB")),
        _ if account.dead => return Err(dead(email)),
        _ => {}
    }
    let (uuid, _) = world.dice.id();
    let reference = names::reference(email, &uuid);
    account.keep(now, reference.clone());
    let path = format!("uploads/{uuid}.{ending}");
    let upload = json!({ "id": uuid, "media": { "url": world.links.lasting(&path) } });
    world.uploads.add(path, Uploaded { content_type, bytes, until: now + KEPT });
    Ok(answer::json(200, &json!({ "assetRef": reference, "email": email, "upload": upload })))
}
