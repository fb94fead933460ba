//! Luma's Agents API.

pub(super) mod routes;

use serde_json::Value;

use self::routes::Route;
use super::answer::{self, Worked};
use super::jobs::Job;
use super::options::Limits;
use super::world::World;
use crate::http::Request;

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
