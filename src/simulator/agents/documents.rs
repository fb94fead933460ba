//! What the API tells about jobs.

use serde_json::{Value, json};

use super::failures;
use crate::simulator::assets::LAYERS;
use crate::simulator::calendar::timestamp;
use crate::simulator::jobs::{Job, Phase, Picture};
use crate::simulator::storage::{self, EXR_ZIP, Links};

/// A job as it is at a time. Each read mints new links.
pub(super) fn generation(job: &Job, at: f64, links: &Links) -> Value {
    let phase = job.phase(at);
    let failure = job.failure.filter(|_| phase == Phase::Failed);
    json!({
        "id": job.id,
        "type": job.request.get("type"),
        "state": match phase {
            Phase::Queued => "queued",
            Phase::Running => "processing",
            Phase::Completed => "completed",
            Phase::Failed => "failed",
        },
        "model": job.model,
        "created_at": timestamp(job.created),
        "output": if phase == Phase::Completed { output(job, at, links) } else { Vec::new() },
        "failure_reason": failure,
        "failure_code": failure.and_then(failures::code),
    })
}

fn output(job: &Job, at: f64, links: &Links) -> Vec<Value> {
    let one = |picture: &Picture, name: &str| {
        let kind = match (picture.seconds, picture.format) {
            // No document shows what an archive of frames is called.
            (Some(_), EXR_ZIP) => "exr",
            (Some(_), _) => "video",
            (None, _) => "image",
        };
        json!({ "type": kind, "url": links.presign(&job.id, name, at) })
    };
    let layered = job.request.get("type").is_some_and(|kind| kind == "layering");
    let whole = (!layered).then(|| one(&job.picture, storage::file(&job.picture)));
    let others = job.extras.iter().enumerate().map(|(index, (name, picture))| {
        let mut output = one(picture, name);
        if let (Some((label, alpha_hint)), Value::Object(fields)) = (LAYERS.get(index).filter(|_| layered), &mut output)
        {
            let description = format!("{label} of the scene");
            let layer = json!({ "index": index, "label": label, "description": description, "alpha_hint": alpha_hint });
            fields.insert("layer".into(), layer);
        }
        output
    });
    whole.into_iter().chain(others).collect()
}

/// A generation that was never made: what an API known by its schema alone shows for any id.
pub(super) fn example(id: &str, at: f64) -> Value {
    json!({
        "id": id,
        "type": "image",
        "state": "completed",
        "model": "uni-1",
        "created_at": timestamp(at),
        "output": [{ "type": "image", "url": "https://example.com/image.png" }],
    })
}
