//! Where finished files lie: links that may expire, and files that are drawn when they are asked for.

use std::collections::VecDeque;

use super::answer;
use super::assets::{self, Card, ImageFormat};
use super::calendar::http_date;
use super::jobs::{Job, Phase, Picture};
use super::target::Target;
use super::world::World;
use crate::http::{Method, Request, Response};

/// What stands before the path of every file.
pub(crate) const BASE: &str = "/storage";

/// The `format` of a picture that is a clip's frames, one a second, as EXR files in a ZIP.
pub(crate) const EXR_ZIP: &str = "exr.zip";

/// The file that holds one layer of an image, 0 in front.
pub(crate) fn layer_file(index: usize) -> String {
    format!("layer-{index}.png")
}

fn layer_of(name: &str) -> Option<usize> {
    name.strip_prefix("layer-")?.strip_suffix(".png")?.parse().ok()
}

/// The file that shows how far a video is.
pub(crate) const PROGRESS: &str = "progress.mp4";

/// The name of what a job makes.
pub(crate) fn file(picture: &Picture) -> &'static str {
    match (picture.seconds, picture.format) {
        (Some(_), _) => "video.mp4",
        (None, "png") => "image.png",
        (None, _) => "image.jpg",
    }
}

/// Whether a job's file can be had at a time.
pub(crate) fn available(job: &Job, name: &str, at: f64) -> bool {
    let phase = job.phase(at);
    match name {
        PROGRESS if job.picture.seconds.is_some() => match phase {
            Phase::Completed => true,
            Phase::Running => at >= (job.starts + job.ends) / 2.0,
            Phase::Queued | Phase::Failed => false,
        },
        _ => phase == Phase::Completed && shown(job, name).is_some(),
    }
}

/// What a job's file of that name shows.
fn shown<'a>(job: &'a Job, name: &str) -> Option<&'a Picture> {
    if name == file(&job.picture) || (name == PROGRESS && job.picture.seconds.is_some()) {
        return Some(&job.picture);
    }
    job.extras.iter().find(|(extra, _)| extra == name).map(|(_, picture)| picture)
}

/// How links are written.
pub(crate) struct Links {
    root: String,
    ttl: Option<f64>,
}

impl Links {
    pub(crate) fn new(base_url: &str, ttl: Option<f64>) -> Self {
        Links { root: format!("{}{BASE}", base_url.trim_end_matches('/')), ttl }
    }

    /// A link that its file's life alone limits.
    pub(crate) fn lasting(&self, path: &str) -> String {
        format!("{}/{path}", self.root)
    }

    /// A link made at a time, with the time (ms) that it is good until if links expire.
    pub(crate) fn mint(&self, id: &str, name: &str, at: f64) -> String {
        let Links { root, ttl } = self;
        match ttl {
            None => format!("{root}/{id}/{name}"),
            Some(ttl) => format!("{root}/{id}/{name}?expires={:.0}", (at + ttl).ceil()),
        }
    }

    /// A link that is good for an hour unless the options say otherwise, as those of a store that signs them.
    pub(crate) fn presign(&self, id: &str, name: &str, at: f64) -> String {
        const HOUR: f64 = 3_600_000.0;
        Links { root: self.root.clone(), ttl: self.ttl.or(Some(HOUR)) }.mint(id, name, at)
    }

    fn good(&self, target: Target<'_>, now: f64) -> bool {
        let expires = target.parameter("expires").and_then(|ms| ms.parse::<f64>().ok());
        expires.map_or(self.ttl.is_none(), |expires| now < expires)
    }
}

/// So many files are kept as they were drawn: a player asks for the same one again and again, in parts.
const KEPT: usize = 8;

/// The files that were drawn last.
#[derive(Default)]
pub(crate) struct Drawn(VecDeque<(String, Vec<u8>)>);

impl Drawn {
    fn get(&mut self, path: &str, draw: impl FnOnce() -> Vec<u8>) -> &[u8] {
        let kept = self.0.iter().position(|(name, _)| name == path).and_then(|at| self.0.remove(at));
        self.0.push_front(kept.unwrap_or_else(|| (path.to_owned(), draw())));
        self.0.truncate(KEPT);
        self.0.front().map_or(&[], |(_, bytes)| bytes.as_slice())
    }
}

/// The status with which one of its own links would be answered; none for an address elsewhere.
pub(crate) fn status_of(world: &World, now: f64, url: &str) -> Option<u16> {
    let target = Target::of(url.starts_with(&world.links.root).then_some(url)?);
    let (id, name) = target.under(BASE)?.trim_start_matches('/').split_once('/').unwrap_or_default();
    let there = || world.jobs.get(id).is_some_and(|job| available(job, name, now));
    Some(match world.links.good(target, now) {
        false => 403,
        true if there() => 200,
        true => 404,
    })
}

/// Gives a file, or the part of it that is asked for.
pub(crate) fn serve(world: &mut World, now: f64, tail: &str, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
    if !matches!(request.method, Method::Get | Method::Head) {
        return refused(405, "MethodNotAllowed", "The specified method is not allowed against this resource.");
    }
    let path = tail.trim_start_matches('/');
    if let Some(file) = world.uploads.get(path, now) {
        return part(request.headers.get("range"), file.content_type, &file.bytes);
    }
    if !world.links.good(Target::of(&request.url), now) {
        return refused(403, "AccessDenied", "Request has expired");
    }
    let mut parts = path.splitn(2, '/');
    let (id, name) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let job = world.jobs.get(id).filter(|job| available(job, name, now));
    let Some((job, picture)) = job.and_then(|job| Some((job, shown(job, name)?))) else {
        return refused(404, "NoSuchKey", "The specified key does not exist.");
    };
    let content_type = match (picture.seconds, picture.format) {
        (Some(_), EXR_ZIP) => "application/zip",
        (Some(_), _) => "video/mp4",
        (None, "png") => "image/png",
        (None, _) => "image/jpeg",
    };
    let bytes = world.drawn.get(tail, || draw(picture, name));
    let mut response = part(request.headers.get("range"), content_type, bytes);
    response.headers = response.headers.with("accept-ranges", "bytes").with("last-modified", http_date(job.ends));
    response
}

fn draw(picture: &Picture, name: &str) -> Vec<u8> {
    let Picture { width, height, seconds, prompt, settings, seed, .. } = picture;
    let (scale, prompt) = match name {
        PROGRESS => (2, format!("Dreaming: {prompt}")),
        _ => (1, prompt.clone()),
    };
    let card = Card { width: width / scale, height: height / scale, prompt, settings: settings.clone(), seed: *seed };
    match (seconds, picture.format, layer_of(name)) {
        (Some(seconds), EXR_ZIP, _) => assets::frames(&card, *seconds),
        (Some(seconds), ..) => assets::video(&card, *seconds),
        (None, _, Some(index)) => assets::layer(&card, index),
        (None, "png", None) => assets::image(&card, ImageFormat::Png),
        (None, _, None) => assets::image(&card, ImageFormat::Jpeg),
    }
}

/// The whole, or one range of it (RFC 9110, section 14): what a player needs to seek. Several ranges get the whole.
fn part(range: Option<&str>, content_type: &str, bytes: &[u8]) -> Response<Vec<u8>> {
    let size = bytes.len();
    let Some((from, to)) = range.and_then(|field| field.strip_prefix("bytes=")).and_then(|r| r.split_once('-')) else {
        return answer::with_body(200, content_type, bytes.to_vec());
    };
    let number = |text: &str| text.trim().parse::<usize>().ok();
    let (first, end) = match (from.trim(), number(from), number(to), to.trim()) {
        ("", _, Some(last), _) => (size.saturating_sub(last), size),
        (_, Some(first), None, "") => (first, size),
        (_, Some(first), Some(last), _) if first <= last => (first, last.saturating_add(1).min(size)),
        _ => return answer::with_body(200, content_type, bytes.to_vec()),
    };
    let mut response = match bytes.get(first..end).filter(|part| !part.is_empty()) {
        Some(part) => {
            let mut response = answer::with_body(206, content_type, part.to_vec());
            response.headers = response.headers.with("content-range", format!("bytes {first}-{}/{size}", end - 1));
            response
        }
        None => {
            let mut response = refused(416, "InvalidRange", "The requested range is not satisfiable");
            response.headers = response.headers.with("content-range", format!("bytes */{size}"));
            response
        }
    };
    response.headers = response.headers.with("vary", "range");
    response
}

/// An error as object stores write it.
pub(crate) fn refused(status: u16, code: &str, message: &str) -> Response<Vec<u8>> {
    let page = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>\n"
    );
    answer::with_body(status, "application/xml", page.into())
}
