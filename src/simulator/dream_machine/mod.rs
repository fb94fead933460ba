//! Luma's Dream Machine API, as its guide and its OpenAPI file describe it.

mod concepts;
mod create;
mod documents;
pub(super) mod failures;
mod forms;
mod prices;
pub(super) mod routes;
mod rules;
pub(super) mod shape;
pub(super) mod sizes;
pub(super) mod timing;

use serde_json::{Value, json};

pub(super) use self::create::concurrency_limited;
use self::routes::Route;
use super::answer::{self, Worked};
use super::api::Api;
use super::jobs::Job;
use super::keys;
use super::options::Validation;
use super::target::Target;
use super::world::World;
use crate::http::{Request, Response};

/// Does what a request asks for.
pub(super) fn work(world: &mut World, now: f64, route: Route<'_>, request: &Request<Vec<u8>>) -> Worked {
    let latency = world.options.latency;
    if !keys::bearer_is_good(&request.headers, &world.options.api_keys) {
        return Worked { after: latency, response: answer::detail(401, "Invalid API key is provided") };
    }
    let response = match route {
        Route::Create(form) => return create::work(world, now, form, None, request),
        Route::Upscale(id) => {
            return create::work(world, now, &forms::UPSCALE_VIDEO, Some(id), request);
        }
        Route::Audio(id) => return create::work(world, now, &forms::ADD_AUDIO, Some(id), request),
        Route::Get(id) => get(world, now, id),
        Route::Delete(id) => delete(world, id),
        Route::List => list(world, now, Target::of(&request.url)),
        Route::Concepts => answer::json(200, &json!(concepts::CONCEPTS)),
        Route::CameraMotions => answer::json(200, &json!(concepts::CAMERA_MOTIONS)),
        Route::Credits => answer::json(200, &json!({ "credit_balance": world.credits.balance })),
        Route::Ping => answer::json(200, &json!({ "message": "pong" })),
    };
    Worked { after: latency, response }
}

/// What this API tells of one of its jobs at a time.
pub(super) fn generation(world: &World, job: &Job, at: f64) -> Value {
    documents::generation(job, at, &world.links)
}

fn not_found() -> Response<Vec<u8>> {
    answer::detail(404, "Generation not found")
}

/// Whether an id stands for something although nothing of that id was ever made: by the schema alone any id does.
fn stands_for_any(world: &World, id: &str) -> bool {
    world.options.validation == Validation::Schema && !world.jobs.known(id)
}

fn get(world: &World, now: f64, id: &str) -> Response<Vec<u8>> {
    match ours(world, id) {
        Some(job) => answer::json(200, &generation(world, job, now)),
        None if stands_for_any(world, id) => answer::json(200, &documents::example(id, now)),
        None => not_found(),
    }
}

fn ours<'a>(world: &'a World, id: &str) -> Option<&'a Job> {
    world.jobs.get(id).filter(|job| job.api == Api::DreamMachine)
}

fn delete(world: &mut World, id: &str) -> Response<Vec<u8>> {
    if ours(world, id).is_some() && world.jobs.delete(id) {
        world.callbacks.forget(id);
    } else if !stands_for_any(world, id) {
        return not_found();
    }
    answer::no_content(204)
}

fn list(world: &World, now: f64, target: Target<'_>) -> Response<Vec<u8>> {
    let mut problems = Vec::new();
    let mut number = |name: &str, otherwise: u64| match target.parameter(name) {
        None => otherwise,
        Some(text) => text.parse().unwrap_or_else(|_| {
            let (kind, message) = match text.parse::<i64>() {
                Ok(_) => ("greater_than_equal", "Input should be greater than or equal to 0"),
                Err(_) => ("int_parsing", "Input should be a valid integer, unable to parse string as an integer"),
            };
            problems.push(json!({ "type": kind, "loc": ["query", name], "msg": message, "input": text }));
            otherwise
        }),
    };
    let (limit, offset) = (number("limit", 100), number("offset", 0));
    if !problems.is_empty() {
        return answer::detail(422, problems);
    }
    let [limit, offset] = [limit, offset].map(|number| usize::try_from(number).unwrap_or(usize::MAX));
    let ours = world.jobs.iter().filter(|job| job.api == Api::DreamMachine);
    let listed = ours.filter(|job| job.created + world.options.list_lag <= now);
    answer::json(200, &documents::list(listed, limit, offset, now, &world.links))
}
