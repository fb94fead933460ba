//! Making a job of a request.

use serde_json::{Map, Value, json};

use super::accounts::dead;
use super::form::{Choice, Form};
use super::{Answered, documents, error, object, timing, with};
use crate::http::{Request, Response};
use crate::simulator::answer;
use crate::simulator::api::Api;
use crate::simulator::dream_machine::timing::Plan;
use crate::simulator::jobs::{Job, Picture, Receiver};
use crate::simulator::limits::{Excess, Kind};
use crate::simulator::storage::{EXR_ZIP, HDR};
use crate::simulator::world::{Refusal, World};

/// Seconds to wait when no account has room: no document says how many, and the server cannot know.
const RETRY_AFTER: f64 = 5.0;

/// Its sibling's limit.
const LONGEST_REPLY_REF: usize = 1024;

/// A clip has one frame more than 24 in a second: 5.04 s in the documents' sample.
const ONE_FRAME: f64 = 1.0 / 24.0;

/// Which account a job runs on.
pub(super) fn account_of(job: &Job) -> &str {
    text(&job.request, "email")
}

/// The Luma credits that a job uses: 20 for 5 s of 720p, as in the documents' sample; the others are plausible.
pub(super) fn usage(job: &Job) -> u32 {
    let of_five = match (job.kind, text(&job.request, "resolution")) {
        (Kind::Image, _) => 4,
        (_, "draft") => 5,
        (_, "540p") => 10,
        (_, "720p") => 20,
        _ => 40,
    };
    of_five * if text(&job.request, "duration") == "10s" { 2 } else { 1 }
}

fn text<'a>(request: &'a Value, name: &str) -> &'a str {
    request.get(name).and_then(Value::as_str).unwrap_or_default()
}

pub(super) fn work(world: &mut World, now: f64, form: &Form, request: &Request<Vec<u8>>) -> Answered {
    let request = checked(form, &object(request)?).map_err(|sentence| error(400, &sentence))?;
    // What jobs cost is Luma's credits; the balance stands for the subscription.
    if world.credits.balance <= 0.0 {
        return Err(error(402, "Account has no subscription or subscription expired"));
    }
    let email = account_for(world, now, form, &request)?;
    world.admit(now, Api::Useapi, form.kind, 0.0).map_err(|refusal| match refusal {
        Refusal::Credits => error(402, "Account has no subscription or subscription expired"),
        Refusal::Limit(Excess::Concurrent) => concurrency_limited(now),
        Refusal::Limit(Excess::PerMinute { room_in }) => busy(now, (room_in / 1000.0).ceil().max(1.0)),
    })?;
    let job = made(world, now, form, request, &email);
    world.useapi.get(&email)?.take(now, job.ends, usage(&job));
    // The first of its states is given here and nowhere else.
    let record = with(documents::record(&job, now, &world.links), "status", "created");
    world.open(job);
    Ok(answer::json(200, &record))
}

/// What the request says, with the defaults; the first thing that is wrong with it.
fn checked(form: &Form, body: &Map<String, Value>) -> Result<Map<String, Value>, String> {
    let mut kept = Map::new();
    for name in ["prompt", "email", "replyUrl", "replyRef"].iter().chain(form.references) {
        match body.get(*name) {
            None | Some(Value::Null) => {}
            Some(Value::String(value)) if value.is_empty() => {}
            Some(Value::String(value)) => {
                kept.insert((*name).into(), value.as_str().into());
            }
            Some(_) => return Err(format!("Parameter {name} must be a string")),
        }
    }
    let length = |name: &str| kept.get(name).and_then(Value::as_str).map_or(0, |value| value.chars().count());
    let prompt = length("prompt");
    if prompt == 0 {
        return Err("Parameter prompt is required".into());
    }
    if let Some(most) = form.longest_prompt.filter(|most| prompt > *most) {
        return Err(format!("Parameter prompt is too long, the maximum is {most} characters"));
    }
    if length("replyRef") > LONGEST_REPLY_REF {
        return Err(format!("Parameter replyRef is too long, the maximum is {LONGEST_REPLY_REF} characters"));
    }
    let reply_url = kept.get("replyUrl").and_then(Value::as_str);
    if reply_url.is_some_and(|url| !url.starts_with("http://") && !url.starts_with("https://")) {
        return Err("Parameter replyUrl must be an http(s) URL".into());
    }
    for Choice { name, otherwise, values } in form.choices {
        let value = match body.get(*name) {
            None | Some(Value::Null) => otherwise,
            Some(given) => {
                let known = values.iter().find(|value| given == **value);
                known.ok_or_else(|| format!("Parameter {name} must be one of {}, not {given}", values.join(", ")))?
            }
        };
        kept.insert((*name).into(), (*value).into());
    }
    (form.together)(&kept)?;
    Ok(kept)
}

/// The account that the request names or whose files it refers to, else one that has room.
fn account_for(
    world: &mut World,
    now: f64,
    form: &Form,
    request: &Map<String, Value>,
) -> Result<String, Response<Vec<u8>>> {
    let named = |name: &str| request.get(name).and_then(Value::as_str);
    let mut email = named("email").map(str::to_owned);
    if let Some(email) = &email {
        world.useapi.get(email)?;
    }
    for name in form.references {
        let Some(reference) = named(name) else { continue };
        let owner = world.useapi.owner(reference, now);
        let owner = owner.ok_or_else(|| error(400, &format!("Parameter {name}: unable to find {reference}")))?;
        if email.as_deref().is_some_and(|email| email != owner) {
            return Err(error(400, &format!("Parameter {name} belongs to {owner}: all must belong to one account")));
        }
        email = Some(owner.to_owned());
    }
    // A free plan has drafts only.
    let paid = form.kind == Kind::Video && named("resolution") != Some("draft");
    // With limits of the caller's own an account has none.
    let limited = world.options.limits.is_none();
    let fits: Vec<_> =
        world.useapi.iter().filter(|(known, _)| email.as_deref().is_none_or(|it| it == *known)).collect();
    let Some((first, _)) = fits.first() else {
        return Err(error(404, "Unable to find any configured account"));
    };
    let (first, mut fits) = ((*first).to_owned(), fits);
    fits.retain(|(_, account)| !account.dead);
    if fits.is_empty() {
        return Err(dead(&first));
    }
    fits.retain(|(_, account)| !(paid && account.free));
    if fits.is_empty() {
        return Err(error(400, "Free Luma accounts support resolution draft only"));
    }
    fits.retain(|(_, account)| !limited || account.has_room(now));
    match fits.first() {
        Some((email, _)) => Ok((*email).to_owned()),
        None => {
            world.limited.concurrent += 1;
            Err(concurrency_limited(now))
        }
    }
}

/// The answer to a creation while no account has room.
pub(in crate::simulator) fn concurrency_limited(now: f64) -> Response<Vec<u8>> {
    busy(now, RETRY_AFTER)
}

fn busy(now: f64, seconds: f64) -> Response<Vec<u8>> {
    let until = documents::instant(now + seconds * 1000.0);
    let mut response =
        answer::json(429, &json!({ "error": "All accounts are at capacity", "code": 429, "retryAfter": until }));
    response.headers = response.headers.with("retry-after", seconds.to_string());
    response
}

fn made(world: &mut World, now: f64, form: &Form, mut request: Map<String, Value>, email: &str) -> Job {
    request.insert("email".into(), email.into());
    let request = Value::Object(request);
    let (id, seed) = world.dice.id();
    let model = text(&request, "model").to_owned();
    let picture = Picture { seed, ..picture(form.kind, &request) };
    let Plan { starts, ends, failure } =
        timing::plan(now, &model, text(&request, "resolution"), &picture, &world.options.durations, &mut world.dice);
    let callback = Some(text(&request, "replyUrl")).filter(|url| !url.is_empty());
    Job {
        id,
        api: Api::Useapi,
        kind: form.kind,
        model,
        extras: extras(form.kind, &request, &picture),
        picture,
        created: now,
        starts,
        ends,
        failure,
        charge: 0.0,
        callback: callback.map(|url| Receiver { url: url.to_owned(), secret: None }),
        deleted: false,
        request,
    }
}

/// What the job makes. HDR is H.264 in 10 bits here, and HEVC at the vendor: the light is the same.
fn picture(kind: Kind, request: &Value) -> Picture {
    let lines = match text(request, "resolution") {
        "draft" => 360,
        "540p" => 540,
        "1080p" => 1080,
        _ => 720,
    };
    let (across, down) = text(request, "aspect_ratio").split_once(':').unwrap_or(("16", "9"));
    let (across, down): (u32, u32) = (across.parse().unwrap_or(16), down.parse().unwrap_or(9));
    // The resolution names the shorter side.
    let longer = lines * across.max(down) / across.min(down).max(1) / 2 * 2;
    let (width, height) = if across >= down { (longer, lines) } else { (lines, longer) };
    let seconds = if text(request, "duration") == "10s" { 10.0 } else { 5.0 };
    let settings = ["model", "resolution", "aspect_ratio", "duration", "dynamic_range"];
    Picture {
        width,
        height,
        seconds: (kind == Kind::Video).then_some(seconds + ONE_FRAME),
        format: if text(request, "dynamic_range").starts_with("hdr") { HDR } else { "jpg" },
        prompt: text(request, "prompt").to_owned(),
        settings: settings.map(|name| text(request, name).to_owned()).into_iter().filter(|it| !it.is_empty()).collect(),
        seed: 0,
    }
}

/// The other files: a video's stills and its frames in EXR, the other three of four images.
fn extras(kind: Kind, request: &Value, picture: &Picture) -> Vec<(String, Picture)> {
    let still = || Picture { seconds: None, format: "jpg", ..picture.clone() };
    match kind {
        Kind::Image => (2..=4u64)
            .map(|n| (format!("image-{n}.jpg"), Picture { seed: picture.seed.wrapping_add(n), ..picture.clone() }))
            .collect(),
        Kind::Video => {
            let stills = [documents::THUMBNAIL, documents::LAST_FRAME].map(|name| (name.to_owned(), still()));
            let exr = text(request, "dynamic_range") == "hdr_exr";
            let frames = || (documents::FRAMES.to_owned(), Picture { format: EXR_ZIP, ..picture.clone() });
            stills.into_iter().chain(exr.then(frames)).collect()
        }
    }
}
