//! What a request refers to: each by exactly one of four ways, and it must be there.

use serde_json::Value;

use super::{Refused, base64, error, files::File};
use crate::simulator::api::Api;
use crate::simulator::jobs::{Job, Phase};
use crate::simulator::limits::Kind;
use crate::simulator::storage;
use crate::simulator::world::World;

/// The most bytes of an image and of a video that is worked on.
const IMAGE_BYTES: u64 = 50 << 20;
const VIDEO_BYTES: u64 = 200 << 20;

/// What a reference leads to.
pub(super) enum Found<'a> {
    Job(&'a Job),
    File(&'a File),
    /// An address elsewhere, or bytes in the request: nothing more is known of it.
    Given,
}

/// What a place in a request takes.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Takes {
    Image,
    Video,
    /// A keyframe: an image, or the video that is to go on.
    Either,
}

/// Looks one up. `at` is where it stands, such as `image_ref[0]`.
pub(super) fn find<'a>(
    world: &'a World,
    now: f64,
    reference: &Value,
    at: &str,
    takes: Takes,
) -> Result<Found<'a>, Refused> {
    let refused = |status: u16, sentence: &str| Err(error(status, &format!("{at}: {sentence}")));
    let text = |name: &str| reference.get(name).and_then(Value::as_str);
    match [text("url"), text("data"), text("generation_id"), text("file_id")] {
        [Some(_), Some(_), ..] => refused(400, "provide either 'url' or 'data', not both"),
        [Some(url), None, None, None] => {
            if takes == Takes::Video && text("media_type").is_none() {
                return refused(400, "'media_type' is required with a video 'url'");
            }
            let unreachable = url.split('/').nth(2).is_some_and(|host| host.ends_with(".invalid"));
            match storage::status_of(world, now, url) {
                Some(200) => Ok(Found::Given),
                Some(status) => refused(422, &format!("failed to fetch URL (HTTP {status})")),
                None if unreachable => refused(422, "failed to fetch URL"),
                None => Ok(Found::Given),
            }
        }
        [None, Some(data), None, None] => {
            let Some(media_type) = text("media_type") else {
                return refused(400, "'media_type' is required with 'data'");
            };
            let Some(size) = base64::size(data) else {
                return refused(422, "invalid base64 data");
            };
            small_enough(size as u64, takes)?;
            right_type(media_type, at, takes)?;
            Ok(Found::Given)
        }
        [None, None, Some(id), None] => {
            let job = world.jobs.get(id).filter(|job| job.api == Api::Agents);
            match job {
                None => refused(422, "generation not found"),
                Some(job) if job.phase(now) != Phase::Completed => refused(422, "generation is not completed"),
                Some(job) if takes == Takes::Image && job.kind != Kind::Image => {
                    refused(422, "generation is not an image")
                }
                Some(job) if takes == Takes::Video && job.kind != Kind::Video => {
                    refused(422, "generation is not a video")
                }
                Some(job) => Ok(Found::Job(job)),
            }
        }
        [None, None, None, Some(id)] => match world.files.usable(id, now) {
            Err(why) => refused(422, why),
            Ok(file) => {
                small_enough(file.size_bytes, takes)?;
                right_type(&file.mime_type, at, takes)?;
                Ok(Found::File(file))
            }
        },
        _ => refused(400, "provide exactly one of 'url', 'data', 'generation_id' or 'file_id'"),
    }
}

fn small_enough(bytes: u64, takes: Takes) -> Result<(), Refused> {
    match takes {
        Takes::Video if bytes > VIDEO_BYTES => Err(error(413, "Video exceeds 200 MB size limit")),
        Takes::Image | Takes::Either if bytes > IMAGE_BYTES => Err(error(413, "Image exceeds 50 MB size limit")),
        _ => Ok(()),
    }
}

fn right_type(media_type: &str, at: &str, takes: Takes) -> Result<(), Refused> {
    let wanted = if takes == Takes::Video { "video/" } else { "image/" };
    match media_type.starts_with(wanted) {
        true => Ok(()),
        false if takes == Takes::Video => Err(error(422, &format!("{at}: content-type is not a video"))),
        false => Err(error(422, &format!("{at}: content-type is not an image"))),
    }
}

impl Found<'_> {
    /// The width and height of what is known.
    pub(super) fn pixels(&self) -> Option<(u32, u32)> {
        match self {
            Found::Job(job) => Some((job.picture.width, job.picture.height)),
            Found::File(file) => file.pixels(),
            Found::Given => None,
        }
    }

    /// The length of a video that is known, in seconds.
    pub(super) fn seconds(&self) -> Option<f64> {
        match self {
            Found::Job(job) => job.picture.seconds,
            _ => None,
        }
    }
}
