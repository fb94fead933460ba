//! useapi.net's Luma API v1, as its documents of 2026-04-06 describe it. Where they are silent, it does as its sibling for
//! Dreamina does.
//!
//! It works on Luma accounts that its user brings along, each named by its e-mail. One, `me@example.com`, is there from the
//! start, so that a key is all that a first try needs.

mod accounts;
mod create;
mod documents;
mod form;
mod names;
pub(super) mod routes;
mod timing;
mod uploads;

use serde_json::{Value, json};

pub(super) use self::accounts::Accounts;
pub(super) use self::create::concurrency_limited;
use self::routes::Route;
use super::answer::{self, Worked};
use super::api::Api;
use super::jobs::{Job, Phase};
use super::keys;
use super::options::Limits;
use super::world::World;
use crate::http::{Request, Response};

/// What it allows: nothing is said of minutes, and what may run at once is each account's own.
pub(super) fn limits() -> Limits {
    Limits::none()
}

/// Does what a request asks for.
pub(super) fn work(world: &mut World, now: f64, route: Route<'_>, request: &Request<Vec<u8>>) -> Worked {
    let response = match keys::bearer_is_good(&request.headers, &world.options.api_keys) {
        true => answered(world, now, route, request).unwrap_or_else(|refused| refused),
        false => error(401, "Unauthorized"),
    };
    Worked { after: world.options.latency, response }
}

type Answered = Result<Response<Vec<u8>>, Response<Vec<u8>>>;

fn answered(world: &mut World, now: f64, route: Route<'_>, request: &Request<Vec<u8>>) -> Answered {
    world.useapi.begin(now, &mut world.dice);
    match route {
        Route::Accounts => Ok(world.useapi.list(now)),
        Route::AddAccount => world.useapi.add(now, request, &mut world.dice),
        Route::Account(email) => world.useapi.one(now, &names::decoded(email)),
        Route::RemoveAccount(email) => world.useapi.remove(&names::decoded(email)),
        Route::Asset(email) => uploads::work(world, now, &names::decoded(email), request),
        Route::Video => create::work(world, now, &form::VIDEO, request),
        Route::Image => create::work(world, now, &form::IMAGE, request),
        Route::Jobs => Ok(jobs(world, now)),
        Route::Job(name) => job(world, now, &names::decoded(name)),
    }
}

/// Those that are executing.
fn jobs(world: &World, now: f64) -> Response<Vec<u8>> {
    let listed = |job: &&Job| {
        job.api == Api::Useapi
            && matches!(job.phase(now), Phase::Queued | Phase::Running)
            && job.created + world.options.list_lag <= now
    };
    let jobs: Vec<Value> = world.jobs.iter().filter(listed).map(documents::entry).collect();
    answer::json(200, &json!({ "executing": jobs.len(), "jobs": jobs }))
}

fn job(world: &World, now: f64, name: &str) -> Answered {
    let found = names::luma_id(name).and_then(|id| world.jobs.get(id));
    let found = found.filter(|job| job.api == Api::Useapi && names::job(job) == name);
    let job = found.ok_or_else(|| error(404, &format!("Unable to find job {name}")))?;
    Ok(answer::json(200, &documents::record(job, now, &world.links)))
}

/// What it calls one of its jobs: more than Luma's own id, by which the job is kept.
pub(super) fn id(job: &Job) -> String {
    names::job(job)
}

/// What it tells of one of its jobs.
pub(super) fn generation(world: &World, job: &Job, at: f64) -> Value {
    documents::record(job, at, &world.links)
}

/// An error as it writes them.
pub(super) fn error(status: u16, message: &str) -> Response<Vec<u8>> {
    answer::json(status, &json!({ "error": message }))
}

/// An object with one more entry.
fn with(mut object: Value, name: &str, value: impl Into<Value>) -> Value {
    if let Value::Object(entries) = &mut object {
        entries.insert(name.to_owned(), value.into());
    }
    object
}

/// The JSON object of a body.
fn object(request: &Request<Vec<u8>>) -> Result<serde_json::Map<String, Value>, Response<Vec<u8>>> {
    let body = request.body.as_deref().unwrap_or_default();
    serde_json::from_slice(body).map_err(|_| error(400, "Request body must be a JSON object"))
}
