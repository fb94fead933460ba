//! Luma's Agents API, as its SDKs (0.5.0 of 2026-08-04) and the pages of docs.agents.lumalabs.ai describe it, read on
//! 2026-11-20.

mod base64;
mod create;
mod documents;
mod failures;
pub(super) mod files;
mod forms;
mod multipart;
mod prices;
mod references;
pub(super) mod routes;
mod rules;
mod shapes;
mod timing;

use serde_json::Value;

pub(super) use self::create::{concurrency_limited, rate_limited};
use self::routes::Route;
use super::answer::{self, Worked};
use super::api::Api;
use super::jobs::Job;
use super::keys;
use super::options::{Limit, Limits, Validation};
use super::target::Target;
use super::world::World;
use crate::http::{Request, Response};

/// Which version of the API answers.
const VERSION: &str = "2026-04-01";

/// An answer other than what was asked for.
type Refused = Response<Vec<u8>>;

/// What it allows: 30 creations a minute and 10 unfinished jobs, says its early guide; later pages say it depends on
/// the plan. One count is for all kinds of job together: that of videos.
pub(super) fn limits() -> Limits {
    let each = Some(Limit { concurrent: Some(10), per_minute: Some(30) });
    Limits { video: each, image: each }
}

/// An error as it writes them.
pub(super) fn error(status: u16, message: &str) -> Refused {
    versioned(answer::detail(status, message))
}

fn versioned(mut response: Response<Vec<u8>>) -> Response<Vec<u8>> {
    response.headers = response.headers.with("x-api-version", VERSION);
    response
}

/// Does what a request asks for.
pub(super) fn work(world: &mut World, now: f64, route: Route<'_>, request: &Request<Vec<u8>>) -> Worked {
    let after = world.options.latency;
    world.files.settle(now);
    // The address that bytes are sent to is an object store's: it is signed, asks for no key, and says nothing of
    // versions.
    if let Route::Put(id) = route {
        return Worked { after, response: files::put(world, now, id, request) };
    }
    let answered = authorized(world, request).and_then(|()| match route {
        Route::Create => create::work(world, now, request),
        Route::Get(id) => get(world, now, id),
        Route::Upload => files::upload(world, now, request),
        Route::Complete(id) => files::complete(world, now, id),
        Route::Files => files::list(world, Target::of(&request.url)),
        Route::File(id) => files::get(world, id),
        Route::RemoveFile(id) => files::remove(world, now, id),
        Route::Put(_) => Err(error(404, "Not Found")),
    });
    let mut response = answered.unwrap_or_else(|refused| refused);
    if response.headers.get("x-api-version").is_none() {
        response = versioned(response);
    }
    if let Some(id) = request.headers.get("x-request-id") {
        response.headers = response.headers.with("x-request-id", id);
    }
    Worked { after, response }
}

/// Keys that are refused for what they are called, so that each refusal can be met.
const REFUSED_KEYS: &[(&str, u16, &str)] = &[
    ("luma-api-revoked", 401, "API key has been revoked"),
    ("luma-api-expired", 401, "API key has expired"),
    ("luma-api-suspended", 403, "API client is suspended"),
    ("luma-api-deactivated", 403, "API client is deactivated"),
];

fn authorized(world: &World, request: &Request<Vec<u8>>) -> Result<(), Refused> {
    let Some(key) = keys::bearer(&request.headers) else {
        return Err(error(401, "Missing or invalid API key"));
    };
    let listed = &world.options.api_keys;
    match REFUSED_KEYS.iter().find(|(name, ..)| *name == key) {
        _ if listed.iter().any(|good| good == key) => Ok(()),
        Some((_, status, message)) => Err(error(*status, message)),
        None if listed.is_empty() && (key.starts_with("luma-api-") || by_schema(world)) => Ok(()),
        None => Err(error(401, "Invalid API key")),
    }
}

/// Whether the schema alone counts: it knows no form of a key, and any id stands for something.
fn by_schema(world: &World) -> bool {
    world.options.validation == Validation::Schema
}

fn get(world: &World, now: f64, id: &str) -> Result<Response<Vec<u8>>, Refused> {
    let job = world.jobs.get(id).filter(|job| job.api == Api::Agents);
    match job {
        Some(job) => Ok(answer::json(200, &generation(world, job, now))),
        None if by_schema(world) && !world.jobs.known(id) => Ok(answer::json(200, &documents::example(id, now))),
        None => Err(error(404, "Generation not found")),
    }
}

/// What it tells of one of its jobs at a time.
pub(super) fn generation(world: &World, job: &Job, at: f64) -> Value {
    documents::generation(job, at, &world.links)
}
