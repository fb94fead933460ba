//! The history of tasks. Its documents name the query (2025-04); the answer is as integrations of 2026 describe it, which
//! agree in `page`, `size`, `total` and the names in a row. A row does not tell what was asked for.

use serde_json::{Value, json};

use super::documents;
use super::envelope::{refusal, success};
use crate::http::Response;
use crate::simulator::api::Api;
use crate::simulator::jobs::Job;
use crate::simulator::target::Target;
use crate::simulator::world::World;

/// The most rows that a page may hold, and how many it holds by default.
const MOST: u64 = 100;
const USUAL: u64 = 10;

/// One page, the newest first.
pub(super) fn page(world: &World, now: f64, target: Target<'_>) -> Response<Vec<u8>> {
    let number = |name: &str, otherwise: u64| match target.parameter(name) {
        None | Some("") => Ok(otherwise),
        Some(text) => text.parse::<u64>().map_err(|_| refusal(400, format!("{name} must be a number"))),
    };
    let parameters = (|| {
        let (page, size) = (number("page", 1)?, number("page_size", USUAL)?);
        if page == 0 || size == 0 || size > MOST {
            return Err(refusal(400, format!("page must be 1 or more, page_size 1 to {MOST}")));
        }
        Ok((page, size, number("start_time", 0)?, number("end_time", u64::MAX)?))
    })();
    let (page, size, from, to) = match parameters {
        Ok(parameters) => parameters,
        Err(response) => return response,
    };
    let model = target.parameter("model").is_none_or(|model| model.is_empty() || model == "luma");
    let ours = world.jobs.iter().filter(|job| job.api == Api::Piapi && model);
    let listed: Vec<&Job> = ours
        .filter(|job| job.created + world.options.list_lag <= now)
        .filter(|job| (from..=to).contains(&((job.created / 1000.0) as u64)))
        .collect();
    let total = listed.len();
    let skip = usize::try_from((page - 1).saturating_mul(size)).unwrap_or(usize::MAX);
    let shown = listed.iter().enumerate().rev().skip(skip).take(size as usize);
    let rows: Vec<Value> = shown.map(|(nth, job)| row(nth + 1, job, now)).collect();
    success(&json!({ "data": rows, "page": page, "size": rows.len(), "total": total }))
}

fn row(id: usize, job: &Job, at: f64) -> Value {
    let (frozen, consume) = documents::usage(job, at);
    json!({
        "id": id,
        "account_id": 1,
        "api_key_id": 1,
        "task_id": job.id,
        "task_model": "luma",
        "action": job.request.get("task_type"),
        "service_mode": job.request.pointer("/config/service_mode"),
        "status": documents::status(job, at),
        "usage": frozen + consume,
        "usage_type": "point",
        "created_at": documents::moment(job.created),
        "updated_at": documents::moment(if at >= job.ends { job.ends } else { job.created }),
        "deleted_at": null,
        "detail": null,
        "fixed": false,
    })
}
