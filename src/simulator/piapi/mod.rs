//! PiAPI's unified API, as far as it concerns Luma.

mod account;
mod base64;
mod create;
mod documents;
mod envelope;
mod histories;
mod input;
mod prices;
pub(super) mod routes;
mod timing;
mod upload;

use serde_json::{Value, json};

pub(super) use self::envelope::refusal;
use self::envelope::success;
use self::routes::Route;
use super::answer::Worked;
use super::api::Api;
use super::jobs::Job;
use super::keys;
use super::options::Limits;
use super::target::Target;
use super::world::World;
use crate::http::{Request, Response};

/// Why a task ended that its owner called off.
const CANCELLED: &str = "cancelled";

/// What it allows. That depends on the plan, and no document gives its numbers: none, unless an option
/// gives some.
pub(super) fn limits() -> Limits {
    Limits::none()
}

/// Does what a request asks for.
pub(super) fn work(world: &mut World, now: f64, route: Route<'_>, request: &Request<Vec<u8>>) -> Worked {
    let after = world.options.latency;
    if !keys::field_is_good(&request.headers, "x-api-key", &world.options.api_keys) {
        return Worked { after, response: refusal(401, "invalid api key") };
    }
    let response = match route {
        Route::Create => match create::work(world, now, request) {
            Ok(job) => {
                let response = success(&documents::task(&job, now, &world.links));
                world.open(job);
                response
            }
            Err(response) => response,
        },
        Route::Get(id) => match ours(world, id) {
            Some(job) => success(&documents::task(job, now, &world.links)),
            None => refusal(404, "task not found"),
        },
        Route::Cancel(id) => cancel(world, now, id),
        Route::Histories => histories::page(world, now, Target::of(&request.url)),
        Route::Account => success(&account::info(world, now)),
        Route::Active => success(&account::active(world, now)),
        Route::Upload => upload::work(world, now, request),
    };
    Worked { after, response }
}

/// What it tells of one of its jobs.
pub(super) fn generation(world: &World, job: &Job, at: f64) -> Value {
    documents::task(job, at, &world.links)
}

/// An error as it writes them.
pub(super) fn error(status: u16, message: &str) -> Response<Vec<u8>> {
    if status == 404 { envelope::nowhere() } else { refusal(status, message) }
}

/// The answer to a creation while as many tasks run as may.
pub(super) fn concurrency_limited() -> Response<Vec<u8>> {
    refusal(429, "too many concurrent tasks")
}

/// What is POSTed about a job: the task without an envelope, and the secret in clear.
pub(super) fn callback(world: &World, job: &Job, at: f64) -> (Vec<(String, String)>, Value) {
    let secret = job.callback.as_ref().and_then(|receiver| receiver.secret.clone());
    let headers = secret.map(|secret| ("x-webhook-secret".to_owned(), secret)).into_iter().collect();
    (headers, json!({ "timestamp": (at / 1000.0).floor() as i64, "data": generation(world, job, at) }))
}

fn ours<'a>(world: &'a World, id: &str) -> Option<&'a Job> {
    world.jobs.get(id).filter(|job| job.api == Api::Piapi)
}

/// A task is called off while it waits, not later; no webhook reports it.
fn cancel(world: &mut World, now: f64, id: &str) -> Response<Vec<u8>> {
    if ours(world, id).is_none() {
        return refusal(404, "task not found");
    }
    if !world.jobs.cancel(id, now, CANCELLED) {
        return refusal(400, "only pending tasks can be cancelled");
    }
    world.callbacks.forget(id);
    world.settle(now);
    success(&Value::Null)
}
