//! Making a job of a request.

use serde_json::Value;

use super::rules::{self, Inputs, flag, list, text};
use super::shapes::{self, IMAGE_RATIOS, VIDEO_RATIOS};
use super::{Refused, error, forms, generation, prices, timing};
use crate::http::{Request, Response};
use crate::simulator::answer;
use crate::simulator::api::Api;
use crate::simulator::assets::LAYERS;
use crate::simulator::dream_machine::timing::Plan;
use crate::simulator::jobs::{Job, Picture};
use crate::simulator::limits::{Excess, Kind};
use crate::simulator::options::Validation;
use crate::simulator::storage::{EXR_ZIP, HDR, layer_file};
use crate::simulator::world::{Refusal, World};

/// Seconds to wait when as many jobs run as may: always the same.
const CONCURRENT_RETRY_AFTER: &str = "60";

/// What a request comes to.
pub(super) struct Wanted {
    /// Its `type`.
    pub(super) operation: &'static str,
    pub(super) model: String,
    pub(super) prompt: String,
    /// How many images it refers to.
    pub(super) references: usize,
    pub(super) resolution: String,
    /// A video's length.
    pub(super) seconds: f64,
    pub(super) hdr: bool,
    pub(super) exr: bool,
    /// Whether an image that it refers to is too large.
    pub(super) oversized: bool,
    size: (u32, u32),
    format: &'static str,
}

impl Wanted {
    pub(super) fn is_video(&self) -> bool {
        rules::of_video(self.operation)
    }

    /// Pixels of the shorter side.
    pub(super) fn lines(&self) -> u32 {
        self.size.0.min(self.size.1)
    }

    fn kind(&self) -> Kind {
        if self.is_video() { Kind::Video } else { Kind::Image }
    }
}

/// `POST /generations`.
pub(super) fn work(world: &mut World, now: f64, request: &Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Refused> {
    let echo = forms::read(request, world.options.validation)?;
    rules::closed(&echo)?;
    let inputs = match world.options.validation {
        Validation::Documented => rules::check(world, now, &echo)?,
        Validation::Schema => Inputs::default(),
    };
    let wanted = wanted(&echo, &inputs);
    let charge = prices::price(&wanted);
    let kind = wanted.kind();
    world.admit(now, Api::Agents, kind, charge).map_err(|refusal| refused(world, now, refusal))?;
    let (id, seed) = world.dice.id();
    let Plan { starts, ends, failure } = timing::plan(now, &wanted, &world.options.durations, &mut world.dice);
    let picture = picture(&wanted, &echo, seed);
    let job = Job {
        id,
        api: Api::Agents,
        kind,
        model: wanted.model.clone(),
        extras: extras(&wanted, &picture),
        request: echo,
        picture,
        created: now,
        starts,
        ends,
        failure,
        charge,
        callback: None,
        deleted: false,
    };
    let response = answer::json(201, &generation(world, &job, now));
    world.open(job);
    Ok(limited(world, now, response))
}

fn wanted(echo: &Value, inputs: &Inputs) -> Wanted {
    let none = Value::Null;
    let video = echo.get("video").unwrap_or(&none);
    let operation = match text(echo, "type") {
        "image_edit" => "image_edit",
        "video" => "video",
        "video_edit" => "video_edit",
        "video_reframe" => "video_reframe",
        "layering" => "layering",
        _ => "image",
    };
    let resolution = Some(text(video, "resolution")).filter(|text| !text.is_empty()).unwrap_or("720p");
    // An edit and a reframe are as long as what they are made of; where that is not known, 5 s.
    let seconds = match operation {
        "video" => rules::length(video),
        _ => inputs.seconds.unwrap_or(rules::length(video)),
    };
    Wanted {
        operation,
        model: text(echo, "model").to_owned(),
        prompt: text(echo, "prompt").to_owned(),
        references: inputs.references,
        size: size(echo, operation, resolution, inputs),
        resolution: resolution.to_owned(),
        seconds,
        hdr: flag(video, "hdr"),
        exr: flag(video, "exr_export"),
        oversized: inputs.oversized,
        format: if text(echo, "output_format") == "jpeg" { "jpg" } else { "png" },
    }
}

/// The ratio is the request's, else that of what it works on, else what such jobs have: no document says which for
/// images.
fn size(echo: &Value, operation: &str, resolution: &str, inputs: &Inputs) -> (u32, u32) {
    let asked = Some(text(echo, "aspect_ratio")).filter(|ratio| !ratio.is_empty() && operation != "video_edit");
    let of_source = |among| inputs.pixels.and_then(|(width, height)| shapes::nearest(width, height, among));
    if rules::of_video(operation) {
        return shapes::video(asked.or(of_source(VIDEO_RATIOS)).unwrap_or("16:9"), resolution);
    }
    let manga = text(echo, "style") == "manga";
    let ratio = asked.or(of_source(IMAGE_RATIOS)).unwrap_or(if manga { "2:3" } else { "1:1" });
    let layers = echo.get("layering").map_or("", |layering| text(layering, "resolution"));
    // Images come in what the page of prices calls 2K.
    let longer = if operation == "layering" && layers != "2k" { 1024 } else { 2048 };
    shapes::image(ratio, longer)
}

fn picture(wanted: &Wanted, echo: &Value, seed: u64) -> Picture {
    let (width, height) = wanted.size;
    let video = wanted.is_video();
    let mut settings = vec![wanted.operation.to_owned(), wanted.model.clone()];
    if video {
        settings.extend([wanted.resolution.clone(), format!("{}s", wanted.seconds)]);
        settings.extend(wanted.hdr.then(|| "HDR".to_owned()));
    }
    settings.extend(
        ["aspect_ratio", "style"].map(|name| text(echo, name).to_owned()).into_iter().filter(|s| !s.is_empty()),
    );
    let count = list(echo, "image_ref").len();
    settings.extend((count > 0).then(|| format!("{count} references")));
    Picture {
        width,
        height,
        seconds: video.then_some(wanted.seconds),
        format: if video && wanted.hdr { HDR } else { wanted.format },
        prompt: wanted.prompt.clone(),
        settings,
        seed,
    }
}

/// The files beside the first.
fn extras(wanted: &Wanted, picture: &Picture) -> Vec<(String, Picture)> {
    match wanted.operation {
        "layering" => {
            let layer = Picture { format: "png", ..picture.clone() };
            (0..LAYERS.len()).map(|index| (layer_file(index), layer.clone())).collect()
        }
        _ if wanted.exr => vec![("frames.zip".to_owned(), Picture { format: EXR_ZIP, ..picture.clone() })],
        _ => Vec::new(),
    }
}

/// The answer to a creation while as many jobs run as may. It lacks the headers of the minute's limit.
pub(in crate::simulator) fn concurrency_limited() -> Refused {
    let mut response = error(429, "Too many concurrent jobs");
    response.headers = response.headers.with("retry-after", CONCURRENT_RETRY_AFTER);
    response
}

/// The answer to a creation when as many were created in a minute as may be.
pub(in crate::simulator) fn rate_limited(world: &World, now: f64) -> Refused {
    limited(world, now, error(429, "Rate limit exceeded"))
}

fn refused(world: &World, now: f64, refusal: Refusal) -> Refused {
    match refusal {
        Refusal::Credits => error(402, "Insufficient credits. Please add credits to continue."),
        Refusal::Limit(Excess::Concurrent) => concurrency_limited(),
        Refusal::Limit(Excess::PerMinute { room_in }) => {
            let seconds = (room_in / 1000.0).ceil().max(1.0).to_string();
            let mut response = rate_limited(world, now);
            response.headers = response.headers.with("retry-after", seconds);
            response
        }
    }
}

/// The answer with headers that say how many creations are left in this minute.
fn limited(world: &World, now: f64, mut response: Response<Vec<u8>>) -> Response<Vec<u8>> {
    if let Some(left) = world.allowance(now, Api::Agents, Kind::Video) {
        response.headers = response
            .headers
            .with("x-ratelimit-limit", left.limit.to_string())
            .with("x-ratelimit-remaining", left.remaining.to_string())
            .with("x-ratelimit-reset", (left.reset / 1000.0).ceil().to_string());
    }
    response
}
