//! Making a task of a request.

use serde_json::{Value, json};

use super::envelope::refusal;
use super::input::{self, Input, Operation, Schema};
use super::{prices, timing};
use crate::http::{Request, Response};
use crate::simulator::api::Api;
use crate::simulator::jobs::{Job, Picture, Receiver};
use crate::simulator::limits::{Excess, Kind};
use crate::simulator::world::{Refusal, World};

/// The files beside the clean video.
pub(super) const WATERMARKED: &str = "video_watermarked.mp4";
pub(super) const THUMBNAIL: &str = "thumbnail.jpg";
pub(super) const LAST_FRAME: &str = "last_frame.jpg";

/// What a video of a ratio measures; 4:3 as in the documents' sample.
const SIZES: &[(&str, u32, u32)] = &[
    ("16:9", 1280, 720),
    ("9:16", 720, 1280),
    ("4:3", 1152, 864),
    ("3:4", 864, 1152),
    ("1:1", 960, 960),
    ("21:9", 1512, 648),
    ("9:21", 648, 1512),
];

/// Checks the request, then makes the task.
pub(super) fn work(world: &mut World, now: f64, request: &Request<Vec<u8>>) -> Result<Job, Response<Vec<u8>>> {
    let bad = |message: String| refusal(400, message);
    let bytes = request.body.as_deref().unwrap_or_default();
    let body: Value = serde_json::from_slice(bytes).map_err(|_| bad("the body must be JSON".into()))?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    if text("model") != "luma" {
        return Err(bad(format!("model {:?} is not supported here: it must be luma", text("model"))));
    }
    let operation = Operation::named(text("task_type"))
        .ok_or_else(|| bad("task_type must be one of video_generation, extend_video".into()))?;
    let given = body.get("input").unwrap_or(&Value::Null);
    let input = input::read(operation, given, &world.jobs, now).map_err(bad)?;
    let (config, callback) = config(body.get("config").unwrap_or(&Value::Null)).map_err(bad)?;
    let charge = prices::price(input.seconds);
    world.admit(now, Api::Piapi, Kind::Video, charge).map_err(refused)?;
    let (id, seed) = world.dice.id();
    let picture = picture(operation, &input, seed);
    let names = [input.model.as_str(), operation.name(), "video"];
    let timing::Plan { starts, ends, failure } =
        timing::plan(now, names, &picture, &world.options.durations, &mut world.dice);
    Ok(Job {
        id,
        api: Api::Piapi,
        kind: Kind::Video,
        request: json!({
            "task_type": operation.name(), "input": given, "config": config, "of_2025": input.schema == Schema::Of2025,
        }),
        model: input.model,
        extras: extras(&picture),
        picture,
        created: now,
        starts,
        ends,
        failure,
        charge,
        callback,
        deleted: false,
    })
}

fn refused(refused: Refusal) -> Response<Vec<u8>> {
    match refused {
        Refusal::Credits => refusal(402, "insufficient credits"),
        Refusal::Limit(Excess::Concurrent) => super::concurrency_limited(),
        Refusal::Limit(Excess::PerMinute { room_in }) => {
            let mut response = refusal(429, "rate limit exceeded");
            let seconds = (room_in / 1000.0).ceil().max(1.0);
            response.headers = response.headers.with("retry-after", seconds.to_string());
            response
        }
    }
}

/// The configuration as it is echoed, and where the webhook goes.
fn config(given: &Value) -> Result<(Value, Option<Receiver>), String> {
    let text = |path: &str| match given.pointer(path) {
        None | Some(Value::Null) => Ok(""),
        Some(value) => value.as_str().ok_or(format!("config{} must be a string", path.replace('/', "."))),
    };
    let (mode, endpoint) = (text("/service_mode")?, text("/webhook_config/endpoint")?);
    let secret = text("/webhook_config/secret")?;
    if !["", "public", "private"].contains(&mode) {
        return Err("config.service_mode must be one of public, private".into());
    }
    if !endpoint.is_empty() && !input::is_address(endpoint) {
        return Err("config.webhook_config.endpoint must be a URL".into());
    }
    let owned = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let receiver = owned(endpoint).map(|url| Receiver { url, secret: owned(secret) });
    let echo = json!({ "service_mode": mode, "webhook_config": { "endpoint": endpoint, "secret": secret } });
    Ok((echo, receiver))
}

fn picture(operation: Operation, input: &Input, seed: u64) -> Picture {
    let (_, width, height) = *SIZES.iter().find(|(ratio, ..)| *ratio == input.ratio).unwrap_or(&("", 1280, 720));
    Picture {
        width,
        height,
        seconds: Some(f64::from(input.seconds)),
        format: "jpg",
        prompt: input.prompt.clone(),
        settings: vec![
            operation.name().into(),
            input.model.clone(),
            input.ratio.clone(),
            format!("{}s", input.seconds),
        ],
        seed,
    }
}

fn extras(picture: &Picture) -> Vec<(String, Picture)> {
    let marked = |mark: &str, seconds| {
        let mut other = Picture { seconds, ..picture.clone() };
        other.settings.push(mark.to_owned());
        other
    };
    vec![
        (WATERMARKED.into(), marked("watermark", picture.seconds)),
        (THUMBNAIL.into(), marked("thumbnail", None)),
        (LAST_FRAME.into(), marked("last frame", None)),
    ]
}
