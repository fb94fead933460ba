//! What the API tells about jobs: the Generation object and lists of them.

use serde_json::{Value, json};

use crate::simulator::calendar::timestamp;
use crate::simulator::jobs::{Job, Phase};
use crate::simulator::limits::Kind;
use crate::simulator::storage::{self, Links};

/// A job as it is at a time. Absent values are null, as in the guide's examples.
pub(super) fn generation(job: &Job, at: f64, links: &Links) -> Value {
    let phase = job.phase(at);
    json!({
        "id": job.id,
        "generation_type": job.kind,
        "state": match phase {
            Phase::Queued => "queued",
            Phase::Running => "dreaming",
            Phase::Completed => "completed",
            Phase::Failed => "failed",
        },
        "failure_reason": job.failure.filter(|_| phase == Phase::Failed),
        "created_at": timestamp(job.created),
        "assets": assets(job, at, links),
        "model": job.model,
        "request": job.request,
    })
}

/// Null until there is one; a video shows its progress from half-way on.
fn assets(job: &Job, at: f64, links: &Links) -> Value {
    let link = |file| storage::available(job, file, at).then(|| links.mint(&job.id, file, at));
    let progress = link(storage::PROGRESS);
    match (job.kind, link(storage::file(&job.picture))) {
        (_, None) if progress.is_none() => Value::Null,
        (Kind::Video, video) => {
            json!({ "video": video, "image": null, "progress_video": progress })
        }
        (Kind::Image, image) => json!({ "video": null, "image": image, "progress_video": null }),
    }
}

/// One page, the newest first.
pub(super) fn list<'a>(
    jobs: impl DoubleEndedIterator<Item = &'a Job>,
    limit: usize,
    offset: usize,
    at: f64,
    links: &Links,
) -> Value {
    let mut rest = jobs.rev().skip(offset);
    let page: Vec<Value> = rest.by_ref().take(limit).map(|job| generation(job, at, links)).collect();
    json!({
        "has_more": rest.next().is_some(),
        "count": page.len(),
        "limit": limit,
        "offset": offset,
        "generations": page,
    })
}

/// A generation that was never made: what an API known by its schema alone shows for any id.
pub(super) fn example(id: &str, at: f64) -> Value {
    json!({
        "id": id,
        "generation_type": "video",
        "state": "completed",
        "created_at": timestamp(at),
        "assets": { "video": "https://example.com/video.mp4" },
        "model": "ray-2",
        "request": { "generation_type": "video", "model": "ray-2", "prompt": "An example" },
    })
}
