//! What it tells about jobs.

use serde_json::{Value, json};

use super::{create, names, with};
use crate::simulator::calendar::timestamp;
use crate::simulator::jobs::{Job, Phase, Picture};
use crate::simulator::limits::Kind;
use crate::simulator::storage::{self, EXR_ZIP, Links};

/// A job in the list of those that are executing.
pub(super) fn entry(job: &Job) -> Value {
    let entry = json!({
        "jobid": names::job(job),
        "type": job.kind,
        "account": create::account_of(job),
        "model": job.model,
        "created": instant(job.created),
    });
    if job.callback.is_some() { with(entry, "replyUrl", "configured") } else { entry }
}

/// A job as it is at a time. The request is not echoed, except for its `replyRef`.
pub(super) fn record(job: &Job, at: f64, links: &Links) -> Value {
    let phase = job.phase(at);
    let (status, updated) = match phase {
        Phase::Queued => ("pending", None),
        Phase::Running => ("processing", Some(job.starts)),
        Phase::Completed => ("completed", Some(job.ends)),
        Phase::Failed => ("failed", Some(job.ends)),
    };
    let usage = json!({ "dm_usage": create::usage(job), "dm_relaxed_usage": null });
    let done = phase == Phase::Completed;
    let mut record = json!({
        "jobid": names::job(job),
        "type": job.kind,
        "status": status,
        "created": instant(job.created),
        "updated": updated.map(instant),
        "response": done.then(|| response(job, at, links)),
        "credits": done.then_some(usage),
    });
    // Its sibling for Dreamina says so why a job failed.
    if phase == Phase::Failed {
        record = with(record, "error", job.failure);
    }
    if let Some(own) = job.request.get("replyRef").filter(|own| !own.is_null()) {
        record = with(record, "replyRef", own.clone());
    }
    record
}

/// How the files of a job are called beside its first.
pub(super) const THUMBNAIL: &str = "thumbnail.jpg";
pub(super) const LAST_FRAME: &str = "last_frame.jpg";
pub(super) const FRAMES: &str = "frames.zip";

fn response(job: &Job, at: f64, links: &Links) -> Value {
    let media = |name: &str, picture: &Picture| {
        let url = links.mint(&job.id, name, at);
        let Picture { width, height, .. } = picture;
        match picture.seconds {
            _ if picture.format == EXR_ZIP => json!({ "url": url }),
            None => json!({ "media_type": "image", "url": url, "width": width, "height": height }),
            Some(seconds) => {
                let duration = (seconds * 100.0).round() / 100.0;
                json!({ "media_type": "video", "url": url, "width": width, "height": height, "duration": duration })
            }
        }
    };
    let first = media(storage::file(&job.picture), &job.picture);
    let extra = |name: &str| job.extras.iter().find(|(extra, _)| extra == name).map(|(name, it)| media(name, it));
    match job.kind {
        Kind::Video => json!({
            "video": first,
            "video_hdr_exr": extra(FRAMES),
            "thumbnail": extra(THUMBNAIL),
            "last_frame": extra(LAST_FRAME),
        }),
        Kind::Image => {
            let others = job.extras.iter().map(|(name, picture)| media(name, picture));
            let images: Vec<Value> = [first].into_iter().chain(others).collect();
            json!({ "images": images })
        }
    }
}

/// `2026-03-26T14:05:30.123Z`
pub(super) fn instant(ms: f64) -> String {
    format!("{}Z", timestamp(ms).get(..23).unwrap_or_default())
}

/// `2026-03-26`
pub(super) fn day(ms: f64) -> String {
    timestamp(ms).get(..10).unwrap_or_default().to_owned()
}

/// `2026-05-27 00:28:17 UTC`, which the documents call ISO 8601.
pub(super) fn day_and_time(ms: f64) -> String {
    format!("{} UTC", timestamp(ms).get(..19).unwrap_or_default().replace('T', " "))
}
