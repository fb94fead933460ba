//! PiAPI's unified API.

pub(super) mod routes;

use serde_json::Value;

use self::routes::Route;
use super::answer::{self, Worked};
use super::jobs::Job;
use super::options::Limits;
use super::world::World;
use crate::http::{Request, Response};

/// What it allows.
pub(super) fn limits() -> Limits {
    Limits::none()
}

/// Does what a request asks for.
pub(super) fn work(world: &mut World, _now: f64, route: Route<'_>, _request: &Request<Vec<u8>>) -> Worked {
    let Route::Get(_) = route;
    Worked { after: world.options.latency, response: answer::json(404, &Value::Null) }
}

/// What it tells of one of its jobs.
pub(super) fn generation(_world: &World, _job: &Job, _at: f64) -> Value {
    Value::Null
}

/// An error as it writes them.
pub(super) fn error(status: u16, message: &str) -> Response<Vec<u8>> {
    answer::json(status, &serde_json::json!({ "error": message }))
}

/// What is POSTed about a job.
pub(super) fn callback(world: &World, job: &Job, at: f64) -> (Vec<(String, String)>, Value) {
    (Vec::new(), generation(world, job, at))
}
