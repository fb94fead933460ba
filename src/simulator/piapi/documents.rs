//! What it tells about its tasks.

use serde_json::{Value, json};

use super::CANCELLED;
use super::create::{LAST_FRAME, THUMBNAIL, WATERMARKED};
use super::prices::points;
use crate::simulator::calendar::timestamp;
use crate::simulator::jobs::{Job, Phase, Picture};
use crate::simulator::storage::{self, Links};

/// The time of what has not happened.
const NEVER: &str = "0001-01-01T00:00:00Z";

/// The code of every failure: the documents' own table was not to be had.
const FAILED: u32 = 10_000;

/// The word for how far a task is.
pub(super) fn status(job: &Job, at: f64) -> &'static str {
    match job.phase(at) {
        Phase::Queued => "pending",
        Phase::Running => "processing",
        Phase::Completed => "completed",
        Phase::Failed if job.failure == Some(CANCELLED) => "cancelled",
        Phase::Failed => "failed",
    }
}

/// A task, as `data` holds it.
pub(super) fn task(job: &Job, at: f64, links: &Links) -> Value {
    let echo = |name: &str| job.request.get(name);
    let reason = job.failure.filter(|reason| job.phase(at) == Phase::Failed && *reason != CANCELLED);
    json!({
        "task_id": job.id,
        "model": "luma",
        "task_type": echo("task_type"),
        "status": status(job, at),
        "config": echo("config"),
        "input": echo("input"),
        "output": output(job, at, links),
        "meta": meta(job, at),
        "detail": null,
        "logs": null,
        "error": {
            "code": if reason.is_some() { FAILED } else { 0 },
            "raw_message": reason.unwrap_or_default(),
            "message": reason.unwrap_or_default(),
            "detail": null,
        },
    })
}

/// Points that a task holds, and those that it has used.
pub(super) fn usage(job: &Job, at: f64) -> (i64, i64) {
    let whole = points(job.charge);
    match job.phase(at) {
        Phase::Queued | Phase::Running => (whole, 0),
        Phase::Completed => (0, whole),
        Phase::Failed => (0, 0),
    }
}

/// A time with nine digits after the point, as its server writes them.
pub(super) fn moment(ms: f64) -> String {
    format!("{}000Z", timestamp(ms).trim_end_matches('Z'))
}

fn meta(job: &Job, at: f64) -> Value {
    let reached = |time: f64| if at >= time { moment(time) } else { NEVER.to_owned() };
    let (frozen, consume) = usage(job, at);
    json!({
        "created_at": moment(job.created),
        "started_at": reached(job.starts),
        "ended_at": reached(job.ends),
        "usage": { "type": "point", "frozen": frozen, "consume": consume },
        "is_using_private_pool": job.request.pointer("/config/service_mode").is_some_and(|mode| mode == "private"),
        "failover_triggered": false,
    })
}

/// Null before the end; a request in the form of 2025 gets the object of that year, full of nulls.
fn output(job: &Job, at: f64, links: &Links) -> Value {
    let done = job.phase(at) == Phase::Completed;
    let of_2025 = job.request.get("of_2025").and_then(Value::as_bool) == Some(true);
    if !done && !of_2025 {
        return Value::Null;
    }
    let Picture { width, height, .. } = &job.picture;
    let file =
        |name: &str| done.then(|| json!({ "url": links.mint(&job.id, name, at), "width": width, "height": height }));
    json!({
        "prompt": done.then_some(&job.picture.prompt),
        "internal_state": done.then_some("completed"),
        "created_at": done.then(|| moment(job.starts)),
        "video": file(WATERMARKED),
        "video_raw": file(storage::file(&job.picture)),
        "thumbnail": file(THUMBNAIL),
        "last_frame": file(LAST_FRAME),
    })
}
