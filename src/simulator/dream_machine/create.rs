//! Making a job of a request.

use serde_json::{Value, json};

use super::forms::Form;
use super::{documents, not_found, prices, rules, shape, sizes, stands_for_any, timing};
use crate::http::{Request, Response};
use crate::simulator::answer::{self, Worked};
use crate::simulator::api::Api;
use crate::simulator::jobs::{Job, Picture, Receiver};
use crate::simulator::limits::{Excess, Kind};
use crate::simulator::options::Validation;
use crate::simulator::world::{Refusal, World};

/// Seconds to wait when as many jobs run as may: no document says how many, and the server cannot know.
const CONCURRENT_RETRY_AFTER: &str = "5";

/// Checks the request, then makes the job. `parent` is the generation that the path names.
pub(super) fn work(
    world: &mut World,
    now: f64,
    form: &'static Form,
    parent: Option<&str>,
    request: &Request<Vec<u8>>,
) -> Worked {
    let latency = world.options.latency;
    let made = checked(world, now, form, parent, request).and_then(|echo| make(world, now, form, parent, echo));
    match made {
        Err(response) => Worked { after: latency, response },
        Ok(job) => {
            let seen_at = synchronous_end(&job, now).unwrap_or(now);
            // Upscale and audio answer 200, all the others 201.
            let status = if parent.is_some() { 200 } else { 201 };
            let response = answer::json(status, &documents::generation(&job, seen_at, &world.links));
            world.open(job);
            Worked { after: seen_at - now + latency, response }
        }
    }
}

/// The request as the provider echoes it, if there is nothing wrong with it.
fn checked(
    world: &World,
    now: f64,
    form: &Form,
    parent: Option<&str>,
    request: &Request<Vec<u8>>,
) -> Result<Value, Response<Vec<u8>>> {
    let validation = world.options.validation;
    let refused = |sentence: String| answer::detail(400, sentence);
    let body = body(request)?;
    let echo = shape::check(&body, form.fields, validation).map_err(|problems| answer::detail(422, problems))?;
    if let Some(id) = parent.filter(|id| !stands_for_any(world, id)) {
        if world.jobs.get(id).is_none() {
            return Err(not_found());
        }
        if validation == Validation::Documented {
            rules::finished_video(&world.jobs, id, now).map_err(refused)?;
        }
    }
    if validation == Validation::Documented {
        rules::check(form, &echo, &world.jobs, now).map_err(refused)?;
    }
    Ok(echo)
}

/// The body's JSON. One of another type than JSON reaches the API's framework as text.
fn body(request: &Request<Vec<u8>>) -> Result<Value, Response<Vec<u8>>> {
    let problem = |problem: Value| answer::detail(422, vec![problem]);
    let bytes = request.body.as_deref().unwrap_or_default();
    if bytes.is_empty() {
        return Err(problem(json!({ "type": "missing", "loc": ["body"], "msg": "Field required", "input": null })));
    }
    let content_type = request.headers.get("content-type").unwrap_or("application/json").to_ascii_lowercase();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if media_type != "application/json" && !media_type.ends_with("+json") {
        return Err(problem(json!({
            "type": "model_attributes_type",
            "loc": ["body"],
            "msg": "Input should be a valid dictionary or object to extract fields from",
            "input": String::from_utf8_lossy(bytes),
        })));
    }
    serde_json::from_slice(bytes).map_err(|error| {
        problem(json!({
            "type": "json_invalid",
            "loc": ["body", error.column()],
            "msg": "JSON decode error",
            "input": {},
            "ctx": { "error": error.to_string() },
        }))
    })
}

/// The job, if the account may have it.
fn make(world: &mut World, now: f64, form: &Form, parent: Option<&str>, echo: Value) -> Result<Job, Response<Vec<u8>>> {
    let parent = parent.and_then(|id| world.jobs.get(id));
    let text = |name: &str| echo.get(name).and_then(Value::as_str);
    let model = text("model").or(parent.map(|job| job.model.as_str())).unwrap_or("ray-2").to_owned();
    let mut picture = picture(form, &echo, parent);
    let charge = prices::price(form.operation, &model, &picture);
    world.admit(now, Api::DreamMachine, form.kind, charge).map_err(refusal)?;
    let (id, seed) = world.dice.id();
    picture.seed = seed;
    let callback = text("callback_url").map(|url| Receiver { url: url.to_owned(), secret: None });
    let timing::Plan { starts, ends, failure } =
        timing::plan(now, form.operation, &model, &picture, &world.options.durations, &mut world.dice);
    Ok(Job {
        id,
        api: Api::DreamMachine,
        kind: form.kind,
        model,
        request: echo,
        picture,
        extras: Vec::new(),
        created: now,
        starts,
        ends,
        failure,
        charge,
        callback,
        deleted: false,
    })
}

/// The answer to a creation while as many jobs run as may.
pub(in crate::simulator) fn concurrency_limited() -> Response<Vec<u8>> {
    limited("Too many concurrent jobs", CONCURRENT_RETRY_AFTER.into())
}

fn limited(detail: &str, retry_after: String) -> Response<Vec<u8>> {
    let mut response = answer::detail(429, detail);
    response.headers = response.headers.with("retry-after", retry_after);
    response
}

fn refusal(refusal: Refusal) -> Response<Vec<u8>> {
    match refusal {
        // The sentence is that of the vendor's other API: this one's guide has none.
        Refusal::Credits => answer::detail(402, "Insufficient credits. Please add credits to continue."),
        Refusal::Limit(Excess::Concurrent) => concurrency_limited(),
        Refusal::Limit(Excess::PerMinute { room_in }) => {
            limited("Rate limit exceeded", (room_in / 1000.0).ceil().max(1.0).to_string())
        }
    }
}

/// What the job makes.
fn picture(form: &Form, echo: &Value, parent: Option<&Job>) -> Picture {
    let text = |name: &str| echo.get(name).and_then(Value::as_str);
    let ratio = text("aspect_ratio").unwrap_or("16:9");
    let resolution = text("resolution");
    let of_parent = parent.map(|job| &job.picture).filter(|picture| picture.seconds.is_some());
    let ((width, height), seconds) = match (form.operation, of_parent) {
        ("upscale_video", Some(video)) => (sizes::upscaled(video, resolution), video.seconds),
        ("add_audio", Some(video)) => ((video.width, video.height), video.seconds),
        ("reframe_video", _) => (sizes::image(ratio), Some(sizes::seconds(echo))),
        _ if form.kind == Kind::Image => (sizes::image(ratio), None),
        _ => (sizes::video(ratio, resolution), Some(sizes::seconds(echo))),
    };
    let settings = ["generation_type", "model", "mode", "aspect_ratio", "resolution", "duration"];
    Picture {
        width,
        height,
        seconds,
        format: if text("format") == Some("png") { "png" } else { "jpg" },
        prompt: text("prompt").or(of_parent.map(|picture| picture.prompt.as_str())).unwrap_or_default().to_owned(),
        settings: settings.into_iter().filter_map(text).map(str::to_owned).collect(),
        seed: 0,
    }
}

/// When a `sync` image is answered: at its end, or at `sync_timeout` (s) with the state so far.
fn synchronous_end(job: &Job, now: f64) -> Option<f64> {
    let wanted = job.request.get("sync").and_then(Value::as_bool) == Some(true);
    let timeout = job.request.get("sync_timeout").and_then(Value::as_f64).unwrap_or(60.0);
    wanted.then(|| job.ends.min(now + timeout.max(0.0) * 1000.0))
}
