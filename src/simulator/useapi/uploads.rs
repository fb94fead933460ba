//! Taking in images that jobs refer to.

use serde_json::json;

use super::accounts::dead;
use super::{Answered, error, names};
use crate::http::Request;
use crate::simulator::answer;
use crate::simulator::world::World;

/// What may be uploaded, with the end of the file's name.
const TYPES: [(&str, &str); 3] = [("image/jpeg", "jpg"), ("image/png", "png"), ("image/webp", "webp")];

/// 20 MB.
const LARGEST: usize = 20 * 1024 * 1024;

/// The bytes are not kept: no picture that is drawn here shows them.
pub(super) fn work(world: &mut World, now: f64, email: &str, request: &Request<Vec<u8>>) -> Answered {
    let account = world.useapi.get(email)?;
    let content_type = request.headers.get("content-type").unwrap_or_default().to_ascii_lowercase();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    let Some((_, ending)) = TYPES.iter().find(|(known, _)| *known == media_type) else {
        return Err(error(400, "Content-Type must be one of image/jpeg, image/png, image/webp"));
    };
    match request.body.as_deref().unwrap_or_default().len() {
        0 => return Err(error(400, "Request body is empty")),
        size if size > LARGEST => return Err(error(400, "File is too large, the maximum is 20 MB")),
        _ if account.dead => return Err(dead(email)),
        _ => {}
    }
    let (uuid, _) = world.dice.id();
    let reference = names::reference(email, &uuid);
    account.keep(now, reference.clone());
    // Luma's own address, as in the documents: it is no part of what is played here.
    let url = format!("https://storage.cdn-luma.com/uploads/{uuid}.{ending}");
    let upload = json!({ "id": uuid, "media": { "url": url } });
    Ok(answer::json(200, &json!({ "assetRef": reference, "email": email, "upload": upload })))
}
