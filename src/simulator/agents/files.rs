//! Uploaded files: in one request with the form, or by an address that was signed for the bytes.

use serde_json::{Map, Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{Refused, error, failures, multipart, routes};
use crate::http::{Request, Response};
use crate::simulator::answer;
use crate::simulator::calendar::timestamp;
use crate::simulator::storage;
use crate::simulator::target::Target;
use crate::simulator::world::World;

/// The most that a file may hold.
const MOST: u64 = 5 << 30;
/// How long an address for bytes is good, in ms. Not documented.
const PUT_TTL: f64 = 3_600_000.0;

/// A file as it is kept.
pub(super) struct File {
    id: String,
    created: f64,
    pub(super) mime_type: String,
    pub(super) size_bytes: u64,
    filename: Option<String>,
    purpose: String,
    /// When it is to be forgotten, as the request says it and in ms.
    expires: Option<(String, f64)>,
    user_id: Option<String>,
    pub(super) state: State,
    deleted: Option<f64>,
    /// Why it failed.
    failure: Option<String>,
    content: Option<Vec<u8>>,
    /// When what has arrived is judged, in ms.
    judged: Option<f64>,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum State {
    Pending,
    Ready,
    Failed,
    Deleted,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            State::Pending => "pending",
            State::Ready => "ready",
            State::Failed => "failed",
            State::Deleted => "deleted",
        }
    }
}

/// All files, in the order of their creation.
#[derive(Default)]
pub(crate) struct Files(Vec<File>);

impl Files {
    fn get(&self, id: &str) -> Option<&File> {
        self.0.iter().find(|file| file.id == id)
    }

    fn get_mut(&mut self, id: &str) -> Option<&mut File> {
        self.0.iter_mut().find(|file| file.id == id)
    }

    /// Judges what is due.
    pub(super) fn settle(&mut self, now: f64) {
        let due = |file: &&mut File| file.state == State::Pending && file.judged.is_some_and(|at| at <= now);
        self.0.iter_mut().filter(due).for_each(File::settle);
    }

    /// One that a request can refer to.
    pub(super) fn usable(&self, id: &str, now: f64) -> Result<&File, &'static str> {
        let there =
            |file: &&File| file.state != State::Deleted && file.expires.as_ref().is_none_or(|(_, at)| now < *at);
        match self.get(id).filter(there) {
            None => Err("file not found"),
            Some(file) if file.state != State::Ready => Err("file is not ready"),
            Some(file) => Ok(file),
        }
    }
}

impl File {
    /// Its width and height, if it is an image that can be read.
    pub(super) fn pixels(&self) -> Option<(u32, u32)> {
        let content = std::io::Cursor::new(self.content.as_deref()?);
        image::ImageReader::new(content).with_guessed_format().ok()?.into_dimensions().ok()
    }

    fn document(&self) -> Value {
        json!({
            "id": self.id,
            "created_at": timestamp(self.created),
            "mime_type": self.mime_type,
            "purpose": self.purpose,
            "size_bytes": self.size_bytes,
            "state": self.state.name(),
            "filename": self.filename,
            "expires_at": self.expires.as_ref().map(|(text, _)| text),
            "deleted_at": self.deleted.map(timestamp),
            "failure_reason": self.failure,
            "user_id": self.user_id,
        })
    }

    fn settle(&mut self) {
        let sent = self.content.as_ref().map_or(0, Vec::len) as u64;
        self.failure = match sent == self.size_bytes {
            true => failures::of_file(self.filename.as_deref().unwrap_or_default()),
            false => Some(format!("Expected {} bytes, received {sent}", self.size_bytes)),
        };
        self.state = if self.failure.is_none() { State::Ready } else { State::Failed };
        if self.failure.is_some() {
            self.content = None;
        }
    }
}

fn not_found() -> Refused {
    error(404, "File not found")
}

fn ok(status: u16, value: &Value) -> Result<Response<Vec<u8>>, Refused> {
    Ok(answer::json(status, value))
}

/// `POST /files`. The status is not documented: 201, as of whatever is made.
pub(super) fn upload(world: &mut World, now: f64, request: &Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Refused> {
    let body = request.body.as_deref().unwrap_or_default();
    let content_type = request.headers.get("content-type").unwrap_or("application/json");
    let (fields, content) = match multipart::boundary(content_type) {
        Some(boundary) => form(body, boundary)?,
        None => (super::forms::json(request)?, None),
    };
    let mut file = described(&fields, now)?;
    (file.id, _) = world.dice.id();
    file.judged = content.is_some().then_some(now + world.options.file_lag);
    file.content = content;
    let id = file.id.clone();
    let upload = file.content.is_none().then(|| {
        let expires = now + PUT_TTL;
        let root = world.options.base_url.trim_end_matches('/');
        json!({
            "url": format!("{root}{}/uploads/{}?expires={expires:.0}", routes::BASE, file.id),
            "method": "PUT",
            "headers": { "Content-Type": file.mime_type },
            "expires_at": timestamp(expires),
        })
    });
    world.files.0.push(file);
    world.files.settle(now);
    let file = world.files.get(&id).ok_or_else(not_found)?;
    ok(201, &json!({ "id": id, "state": file.state.name(), "file": file.document(), "upload": upload }))
}

/// What a form says, in the words of the other flow, and the bytes of its file.
fn form(body: &[u8], boundary: &str) -> Result<(Value, Option<Vec<u8>>), Refused> {
    let parts = multipart::parts(body, boundary).ok_or_else(|| error(422, "The form cannot be read"))?;
    let (mut fields, mut content) = (Map::new(), None);
    for part in parts {
        if part.name == "file" {
            let mime_type = part.content_type.unwrap_or_else(|| "application/octet-stream".into());
            fields.insert("mime_type".into(), mime_type.into());
            fields.insert("size_bytes".into(), part.content.len().into());
            fields.insert("filename".into(), part.filename.into());
            content = Some(part.content.to_vec());
        } else {
            fields.insert(part.name, String::from_utf8_lossy(part.content).into());
        }
    }
    match content {
        None => Err(error(422, "file: Field required")),
        some => Ok((fields.into(), some)),
    }
}

/// A file that waits for its bytes.
fn described(fields: &Value, now: f64) -> Result<File, Refused> {
    let refused = |sentence: String| error(422, &sentence);
    let text = |name: &str| match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(refused(format!("{name}: Input should be a valid string"))),
    };
    let mime_type = text("mime_type")?.ok_or_else(|| refused("mime_type: Field required".into()))?;
    let size_bytes = match fields.get("size_bytes") {
        None | Some(Value::Null) => return Err(refused("size_bytes: Field required".into())),
        Some(size) => size.as_u64().ok_or_else(|| refused("size_bytes: Input should be a valid integer".into()))?,
    };
    if size_bytes > MOST {
        return Err(error(413, "File exceeds 5 GiB size limit"));
    }
    let purpose = text("purpose")?.unwrap_or_else(|| "input".into());
    if !["input", "reference"].contains(&purpose.as_str()) {
        return Err(refused("purpose: Input should be 'input' or 'reference'".into()));
    }
    let expires = match text("expires_at")? {
        None => None,
        Some(text) => {
            let at = OffsetDateTime::parse(&text, &Rfc3339)
                .map_err(|_| refused("expires_at: Input should be a valid datetime".into()))?;
            Some((text, at.unix_timestamp_nanos() as f64 / 1e6))
        }
    };
    Ok(File {
        id: String::new(),
        created: now,
        mime_type,
        size_bytes,
        filename: text("filename")?,
        purpose,
        expires,
        user_id: text("user_id")?,
        state: State::Pending,
        deleted: None,
        failure: None,
        content: None,
        judged: None,
    })
}

/// The bytes of a file, sent to the address that was signed for them: its time and the header fields are part of that. A
/// storage answers, in XML.
pub(super) fn put(world: &mut World, now: f64, id: &str, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
    let expires = Target::of(&request.url).parameter("expires").and_then(|ms| ms.parse::<f64>().ok());
    let Some(file) = world.files.get_mut(id).filter(|file| file.state == State::Pending) else {
        return storage::refused(404, "NoSuchKey", "The specified key does not exist.");
    };
    if expires.is_none_or(|at| now >= at) {
        return storage::refused(403, "AccessDenied", "Request has expired");
    }
    if request.headers.get("content-type") != Some(&file.mime_type) {
        return storage::refused(403, "SignatureDoesNotMatch", "content-type is signed");
    }
    file.content = Some(request.body.clone().unwrap_or_default());
    answer::no_content(200)
}

/// Whether an id stands for a file although there never was one: by the schema alone any id does.
fn stands_for_any(world: &World, id: &str) -> bool {
    super::by_schema(world) && world.files.get(id).is_none()
}

/// A file that nobody uploaded.
fn example(id: &str) -> Value {
    let created = timestamp(0.0);
    json!({
        "id": id, "created_at": created, "mime_type": "image/png", "purpose": "input", "size_bytes": 1, "state": "ready",
    })
}

/// `POST /files/{id}/complete`. Completing what is complete changes nothing.
pub(super) fn complete(world: &mut World, now: f64, id: &str) -> Result<Response<Vec<u8>>, Refused> {
    if stands_for_any(world, id) {
        return ok(200, &example(id));
    }
    let file = world.files.get_mut(id).filter(|file| file.state != State::Deleted).ok_or_else(not_found)?;
    if file.state == State::Pending && file.content.is_none() {
        return Err(error(400, "The file's content has not been uploaded"));
    }
    file.judged.get_or_insert(now + world.options.file_lag);
    world.files.settle(now);
    get(world, id)
}

/// `GET /files/{id}`; also of one that was deleted, for it is only marked as such.
pub(super) fn get(world: &World, id: &str) -> Result<Response<Vec<u8>>, Refused> {
    if stands_for_any(world, id) {
        return ok(200, &example(id));
    }
    ok(200, &world.files.get(id).ok_or_else(not_found)?.document())
}

/// `DELETE /files/{id}`.
pub(super) fn remove(world: &mut World, now: f64, id: &str) -> Result<Response<Vec<u8>>, Refused> {
    if stands_for_any(world, id) {
        return Ok(answer::no_content(204));
    }
    let file = world.files.get_mut(id).ok_or_else(not_found)?;
    if file.state != State::Deleted {
        (file.state, file.deleted, file.content) = (State::Deleted, Some(now), None);
    }
    Ok(answer::no_content(204))
}

/// `GET /files`, the newest first. What was deleted is listed only by its state. The cursor is the last id that was
/// shown.
pub(super) fn list(world: &World, target: Target<'_>) -> Result<Response<Vec<u8>>, Refused> {
    let limit = match target.parameter("limit").map(str::parse::<usize>) {
        None => 25,
        Some(Ok(limit)) if (1..=100).contains(&limit) => limit,
        Some(_) => return Err(error(422, "limit: Input should be an integer from 1 to 100")),
    };
    let (purpose, state) = (target.parameter("purpose"), target.parameter("state"));
    let files = world.files.0.iter().rev();
    let before: Box<dyn Iterator<Item = &File>> = match target.parameter("cursor") {
        None => Box::new(files),
        Some(cursor) => Box::new(files.skip_while(move |file| file.id != cursor).skip(1)),
    };
    let mut rest = before.filter(|file| {
        purpose.is_none_or(|purpose| file.purpose == purpose)
            && state.map_or(file.state != State::Deleted, |state| file.state.name() == state)
    });
    let page: Vec<&File> = rest.by_ref().take(limit).collect();
    let has_more = rest.next().is_some();
    let next = page.last().filter(|_| has_more).map(|file| &file.id);
    let data: Vec<Value> = page.iter().map(|file| file.document()).collect();
    ok(200, &json!({ "data": data, "has_more": has_more, "next_cursor": next }))
}
