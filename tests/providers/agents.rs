//! The Agents API: what its answers mean, what is refused before it is sent, what things cost, and a client's days with it.

use luma_edge::engine::{CallOptions, Task};
use luma_edge::engine::{Host, Query};
use luma_edge::error::{Code, Problem, ProblemCode};
use luma_edge::generation::{FailureCode, Fault, Generation, ProviderCode, State};
use luma_edge::http::{Body, Headers, Method, Payload, Response};
use luma_edge::json;
use luma_edge::json::Json;
use luma_edge::pricing::Certainty;
use luma_edge::provider::{
    ApiCall, File, Lookup, Provider, ProviderId, RecoverySupport, Upload, UploadForm, Variant, provider,
};
use luma_edge::request::GenerationRequest;
use luma_edge::simulator::{Options, Outcome, Simulator};
use std::collections::BTreeMap;

use crate::virtual_time::{Calls, EPOCH, World, all};

const KEY: &str = "luma-api-0123456789";
const BASE: &str = "https://simulator.example/agents/v1";

fn agents() -> Box<dyn Provider> {
    provider(ProviderId::Agents, Variant::default())
}

fn job(state: &str, more: Json) -> Json {
    let mut job = json!({ "id": "j-1", "type": "video", "state": state, "model": "ray-3.2", "created_at": "T" });
    job.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    job
}

fn read(answer: &Json) -> Generation {
    agents().generation(answer).unwrap_or_else(|| panic!("no job: {answer}"))
}

#[test]
fn states_and_what_comes_with_them() {
    for (word, state) in [
        ("queued", State::Queued),
        ("processing", State::Dreaming),
        ("pondering", State::Dreaming),
        ("completed", State::Completed),
        ("failed", State::Failed),
    ] {
        let answer = job(word, json!({ "newer": [1] }));
        let job = read(&answer);
        assert_eq!((job.state, job.id.as_str(), job.provider), (state, "j-1", ProviderId::Agents), "{word}");
        assert_eq!((job.model.as_deref(), job.created_at.as_deref()), (Some("ray-3.2"), Some("T")));
        assert_eq!((&job.raw, job.failure.is_some()), (&answer, state == State::Failed), "{word}");
    }
}

#[test]
fn files_are_found_by_their_kind() {
    let file = |kind: &str, name: &str| json!({ "type": kind, "url": format!("https://e.com/{name}?expires=1") });
    let url = |name: &str| format!("https://e.com/{name}?expires=1");
    let assets = |output: Json| json!(read(&job("completed", json!({ "output": output }))).assets);
    assert_eq!(assets(json!([file("video", "a.mp4")])), json!({ "video": url("a.mp4") }));
    assert_eq!(assets(json!([file("image", "a.png")])), json!({ "image": url("a.png") }));
    let exr = json!({ "video": url("a.mp4"), "exr": url("a.zip") });
    for kind in ["exr", "video", "archive"] {
        assert_eq!(assets(json!([file("video", "a.mp4"), file(kind, "a.zip")])), exr, "{kind}");
    }
    assert_eq!(assets(json!([file("hologram", "a")])), json!({ "hologram": url("a") }));
    for nothing in [json!(null), json!([]), json!("soon"), json!([{}, null, { "type": "video", "url": null }])] {
        let done = read(&job("completed", json!({ "output": nothing })));
        assert_eq!((done.state, done.assets.is_empty(), done.outputs.len()), (State::Completed, true, 0), "{nothing}");
    }
    let layer = json!({ "index": 0, "label": "Bear", "description": "", "alpha_hint": "soft", "bounds": [0, 1] });
    let layered = json!([{ "type": "image", "url": "https://e.com/0", "layer": layer }, file("image", "1")]);
    let done = read(&job("completed", json!({ "output": layered })));
    assert_eq!(done.assets.get("image"), Some("https://e.com/0"));
    assert_eq!(json!(done.outputs[0]), json!({ "kind": "image", "url": "https://e.com/0", "layer": layer }));
    assert_eq!(done.outputs.len(), 2);
    assert!(read(&job("completed", json!({ "output": [file("video", "a.mp4")] }))).outputs.is_empty());
}

#[test]
fn what_is_no_job_is_none() {
    for other in [
        json!(null),
        json!("j"),
        json!({}),
        json!({ "id": "", "state": "queued", "type": "video" }),
        // A Dream Machine generation, a file, a task, a job of useapi.net.
        json!({ "id": "j", "state": "completed", "generation_type": "video", "assets": {} }),
        json!({ "id": "f", "state": "ready", "mime_type": "image/png" }),
        json!({ "task_id": "t", "status": "completed" }),
        json!({ "jobid": "j", "status": "completed", "type": "video" }),
    ] {
        assert!(agents().generation(&other).is_none(), "{other}");
    }
}

#[test]
fn a_failure_is_typed_by_its_code() {
    use FailureCode::*;
    for (code, kind, fault, retryable, refunded) in [
        ("content_moderated", Moderation, Fault::Request, false, true),
        ("generation_failed", Job, Fault::Provider, true, true),
        ("budget_exhausted", Job, Fault::Unknown, false, false),
        ("output_not_found", Job, Fault::Provider, true, true),
        ("image_too_large", InputFrames, Fault::Request, false, true),
        ("unsupported_format", InputFrames, Fault::Request, false, true),
        ("corrupt_input", InputFrames, Fault::Request, false, true),
        ("invalid_request", Job, Fault::Request, false, true),
        ("rate_limited", Job, Fault::Provider, true, true),
        ("struck_by_lightning", Unknown, Fault::Unknown, true, true),
    ] {
        let failed = read(&job("failed", json!({ "failure_code": code, "failure_reason": "Why" })));
        let failure = failed.failure.clone().unwrap();
        assert_eq!((failure.code, failure.fault, failure.reason.as_str()), (kind, fault, "Why"), "{code}");
        assert_eq!((failure.retryable, failure.refunded), (retryable, refunded), "{code}");
        assert_eq!(json!(failure.provider_code), json!(code));
        let newer = matches!(failure.provider_code, Some(ProviderCode::Other(_)));
        assert_eq!(newer, code == "struck_by_lightning", "{code}");
        let bare = read(&job("failed", json!({ "failure_code": code, "failure_reason": null })));
        assert_eq!(bare.failure.as_ref().unwrap().reason, code);
    }
    for none in [json!({}), json!({ "failure_code": null }), json!({ "failure_code": "" })] {
        let failed = read(&job("failed", none));
        let failure = failed.failure.as_ref().unwrap();
        assert_eq!((failure.code, &failure.provider_code), (Unknown, &None));
    }
}

#[test]
fn a_refusal_is_known_by_its_status_and_has_the_servers_words() {
    for (status, detail, code) in [
        (400, "Unknown model: ray-9", Code::InvalidRequest),
        (401, "API key has been revoked", Code::Authentication),
        (402, "Insufficient credits. Please add credits to continue.", Code::InsufficientCredits),
        (403, "API client is suspended", Code::Authentication),
        (404, "Generation not found", Code::NotFound),
        (413, "Image exceeds 50 MB size limit", Code::InvalidRequest),
        (422, "image_ref[0]: invalid base64 data", Code::InvalidRequest),
        (429, "Too many concurrent jobs", Code::RateLimited),
        (502, "Upstream service unavailable", Code::Server),
        (503, "Image URL ingestion unavailable", Code::Server),
    ] {
        let headers = Headers::new().with("x-request-id", "r-1");
        let response = Response { status, headers, body: Body::Json(json!({ "detail": detail })) };
        let error = agents().refusal(&response);
        assert_eq!((error.code, error.status, error.request_id.as_deref()), (code, Some(status), Some("r-1")));
        assert!(error.message.contains(detail), "{}", error.message);
    }
}

#[test]
fn the_two_429s_are_told_apart_by_their_header_fields() {
    let refused = |detail: &str, fields: &[(&'static str, &str)]| {
        let headers = fields.iter().fold(Headers::new(), |all, (name, value)| all.with(*name, *value));
        let response = Response { status: 429, headers, body: Body::Json(json!({ "detail": detail })) };
        agents().refusal(&response).concurrency_limited
    };
    let minute = [("retry-after", "60"), ("x-ratelimit-limit", "30"), ("x-ratelimit-remaining", "0")];
    assert!(refused("Too many concurrent jobs", &[("retry-after", "60")]));
    assert!(refused("Slow down", &[("retry-after", "60")]), "the words may change");
    assert!(!refused("Rate limit exceeded", &minute));
    assert!(!refused("Fewer concurrent requests, please", &minute));
    assert!(!refused("Rate limit exceeded", &[("retry-after", "7")]));
    // In a page the fields may be hidden.
    assert!(refused("Too many concurrent jobs", &[]) && !refused("Rate limit exceeded", &[]));
}

/// What is found wrong, and what is only disputed.
fn problems(request: &Json) -> Vec<(String, ProblemCode)> {
    let found = match GenerationRequest::read(&*agents(), request, false) {
        Ok((_, disputed)) => disputed,
        Err(problems) => problems,
    };
    found.into_iter().map(|Problem { path, code, .. }| (path, code)).collect()
}

fn with(base: Json, more: Json) -> Json {
    let mut request = base;
    request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    request
}

#[test]
fn rules_name_the_field_at_fault() {
    use ProblemCode::*;
    let picture = json!({ "url": "https://e.com/a.png" });
    let clip = json!({ "url": "https://e.com/a.mp4" });
    let pictures = |count: usize| vec![picture.clone(); count];
    let video = |more: Json| with(json!({ "prompt": "A heron", "model": "ray-3.2" }), more);
    let image = |more: Json| with(json!({ "prompt": "A heron", "model": "uni-1" }), more);
    let edit =
        |more: Json| with(json!({ "prompt": "A heron", "generation_type": "modify_video", "media": clip }), more);
    let reframe = |more: Json| {
        let base =
            json!({ "prompt": "A heron", "generation_type": "reframe_video", "media": clip, "aspect_ratio": "9:16" });
        with(base, more)
    };
    let layering =
        |more: Json| with(json!({ "prompt": "A heron", "generation_type": "layering", "media": picture }), more);
    let frame0 = json!({ "frame0": picture });
    let made = json!({ "type": "generation", "id": "g" });
    let made_clip = with(made.clone(), json!({ "media_type": "video/mp4" }));
    let made_picture = with(made.clone(), json!({ "media_type": "image/png" }));
    let cases = [
        (video(json!({ "prompt": "鷺".repeat(6001) })), vec![("prompt", TooLong)]),
        (video(json!({ "prompt": "鷺".repeat(6000) })), vec![]),
        (layering(json!({ "prompt": "a".repeat(501) })), vec![("prompt", TooLong)]),
        (layering(json!({ "resolution": "4k" })), vec![("resolution", InvalidValue)]),
        // No document speaks of these.
        (
            layering(json!({ "resolution": "2k", "aspect_ratio": "1:1", "format": "png" })),
            vec![("aspect_ratio", Disputed), ("format", Disputed)],
        ),
        (layering(json!({ "aspect_ratio": "9:21" })), vec![("aspect_ratio", Disputed), ("aspect_ratio", InvalidValue)]),
        (layering(json!({ "prompt": null })), vec![("prompt", Disputed)]),
        (layering(json!({ "model": "uni-1-max" })), vec![("model", Unsupported)]),
        (layering(json!({ "media": clip })), vec![("media.url", Suspicious)]),
        (
            layering(json!({ "media": { "data": "AAAA", "media_type": "video/mp4" } })),
            vec![("media.media_type", InvalidValue)],
        ),
        (video(json!({ "style": "manga", "web_search": true })), vec![("style", Disputed), ("web_search", Disputed)]),
        (reframe(json!({ "duration": "10s" })), vec![("duration", Disputed)]),
        (video(json!({ "generation_type": "image" })), vec![("model", Unsupported)]),
        (image(json!({ "generation_type": "video" })), vec![("model", Unsupported)]),
        (video(json!({ "model": "ray-flash-2" })), vec![("model", Unsupported)]),
        (video(json!({ "model": "ray-10", "resolution": "8k", "aspect_ratio": "9:21" })), vec![]),
        (video(json!({ "newer": 1 })), vec![]),
        (video(json!({ "resolution": "4k" })), vec![("resolution", InvalidValue)]),
        (video(json!({ "duration": 10 })), vec![("duration", Suspicious)]),
        (video(json!({ "duration": "10s", "keyframes": frame0 })), vec![("duration", Conflict)]),
        (video(json!({ "duration": "10s", "loop": true })), vec![("duration", Conflict)]),
        (video(json!({ "duration": "10s", "loop": false })), vec![]),
        (video(json!({ "keyframes": {} })), vec![("keyframes", Suspicious)]),
        (video(json!({ "keyframes": 1 })), vec![("keyframes", InvalidType)]),
        (video(json!({ "keyframes": { "frame0": {} } })), vec![("keyframes.frame0", Required)]),
        (
            video(json!({ "keyframes": { "frame1": { "data": "AAAA" } } })),
            vec![("keyframes.frame1.media_type", Required)],
        ),
        (
            video(json!({ "keyframes": { "frame0": { "url": "https://e.com/a", "file_id": "f" } } })),
            vec![("keyframes.frame0", Conflict)],
        ),
        (
            video(json!({ "keyframes": { "frame0": { "url": "http://localhost/a" } } })),
            vec![("keyframes.frame0.url", InvalidUrl)],
        ),
        (video(json!({ "keyframes": [picture] })), vec![("keyframe_indexes", Required)]),
        (video(json!({ "keyframes": [picture], "keyframe_indexes": [0, 1] })), vec![("keyframe_indexes", Conflict)]),
        (video(json!({ "keyframe_indexes": [0] })), vec![("keyframe_indexes", Conflict)]),
        (
            video(json!({ "keyframes": [picture, picture], "keyframe_indexes": [0, 121] })),
            vec![("keyframe_indexes[1]", OutOfRange)],
        ),
        (video(json!({ "keyframes": [picture], "keyframe_indexes": [240], "duration": "10s" })), vec![]),
        (video(json!({ "keyframes": [picture], "keyframe_indexes": [0], "loop": true })), vec![("loop", Conflict)]),
        (
            video(json!({ "keyframes": pictures(65), "keyframe_indexes": (0..65).collect::<Vec<_>>() })),
            vec![("keyframes", TooMany)],
        ),
        (
            video(json!({ "keyframes": pictures(2), "keyframe_indexes": [7, 7] })),
            vec![("keyframe_indexes[1]", Conflict)],
        ),
        (
            video(json!({ "keyframes": { "frame0": picture, "frame2": picture } })),
            vec![("keyframes.frame2", Unsupported)],
        ),
        (edit(json!({ "edit_keyframes": pictures(2), "keyframe_indexes": [9, 431] })), vec![]),
        (
            edit(json!({ "edit_keyframes": pictures(2), "keyframe_indexes": [9, 9] })),
            vec![("keyframe_indexes[1]", Conflict)],
        ),
        (edit(json!({ "media": picture })), vec![("media.url", Suspicious), ("media.media_type", Required)]),
        (
            edit(json!({ "media": { "url": "https://e.com/a", "media_type": "image/png" } })),
            vec![("media.media_type", InvalidValue)],
        ),
        (video(json!({ "keyframes": { "frame0": { "generation_id": "g" } } })), vec![]),
        (
            video(json!({ "keyframes": { "frame0": { "generation_id": "g", "url": "https://e.com/a.png" } } })),
            vec![("keyframes.frame0", Conflict)],
        ),
        (
            // The API's own words beside those of all providers.
            layering(json!({ "resolution": "1k", "layering": { "resolution": "2k" } })),
            vec![("resolution", Conflict)],
        ),
        (layering(json!({ "source": picture })), vec![("media", Conflict)]),
        (edit(json!({ "mode": "flex_1", "video": { "edit": { "strength": "flex_2" } } })), vec![("mode", Conflict)]),
        (edit(json!({ "mode": "flex_1", "video": { "edit": { "newer": 1 } } })), vec![]),
        (edit(json!({ "type": "video_reframe" })), vec![("type", Conflict)]),
        (
            video(json!({ "keyframes": [picture], "keyframe_indexes": [0], "video": { "start_frame": picture } })),
            vec![],
        ),
        (
            video(json!({ "keyframes": { "frame0": picture }, "video": { "keyframes": [picture] } })),
            vec![("keyframes", Conflict)],
        ),
        (video(json!({ "keyframes": { "frame0": made } })), vec![]),
        (video(json!({ "keyframes": { "frame0": made, "frame1": made } })), vec![("keyframes", Disputed)]),
        (video(json!({ "keyframes": { "frame0": picture, "frame1": made } })), vec![("keyframes", Disputed)]),
        (video(json!({ "keyframes": { "frame1": made }, "hdr": true })), vec![("hdr", Disputed)]),
        (
            video(json!({ "keyframes": { "frame0": made_clip, "frame1": picture }, "hdr": true })),
            vec![("keyframes", Conflict), ("hdr", Conflict)],
        ),
        (video(json!({ "keyframes": { "frame0": made, "frame1": made_clip } })), vec![("keyframes", Conflict)]),
        (video(json!({ "keyframes": { "frame0": made_clip } })), vec![]),
        (
            video(json!({ "keyframes": { "frame0": made_picture, "frame1": made_picture }, "hdr": true })),
            vec![("hdr", Disputed)],
        ),
        (video(json!({ "keyframes": { "frame0": picture, "frame1": picture }, "hdr": true })), vec![("hdr", Disputed)]),
        (video(json!({ "hdr": true })), vec![]),
        (video(json!({ "hdr": true, "resolution": 360 })), vec![("resolution", Conflict)]),
        (video(json!({ "hdr": true, "loop": true })), vec![("hdr", Conflict)]),
        (video(json!({ "hdr": true, "duration": "10s" })), vec![("hdr", Conflict)]),
        (
            video(json!({ "hdr": true, "duration": "10s", "keyframes": [picture], "keyframe_indexes": [0] })),
            vec![("hdr", Disputed)],
        ),
        (video(json!({ "exr_export": true })), vec![("exr_export", Conflict)]),
        (video(json!({ "image_ref": [picture] })), vec![("image_ref", Unsupported)]),
        (video(json!({ "negative_prompt": "rain" })), vec![("negative_prompt", Unsupported)]),
        (image(json!({ "image_ref": pictures(9) })), vec![]),
        (image(json!({ "image_ref": pictures(10) })), vec![("image_ref", TooMany)]),
        (image(json!({ "image_ref": pictures(8), "modify_image_ref": picture })), vec![]),
        (image(json!({ "image_ref": pictures(9), "modify_image_ref": picture })), vec![("image_ref", TooMany)]),
        (
            image(json!({ "image_ref": [picture, { "file_id": "f", "weight": 0.5 }] })),
            vec![("image_ref[1].weight", Unsupported)],
        ),
        (
            image(json!({ "modify_image_ref": { "url": "https://e.com/a.png", "weight": 1 } })),
            vec![("modify_image_ref.weight", Unsupported)],
        ),
        (
            video(json!({ "keyframes": { "frame0": { "file_id": "f", "weight": 1 } } })),
            vec![("keyframes.frame0.weight", Unsupported)],
        ),
        (image(json!({ "style": "manga", "aspect_ratio": "1:1" })), vec![("aspect_ratio", Conflict)]),
        (image(json!({ "style": "manga", "aspect_ratio": "1:1", "modify_image_ref": picture })), vec![]),
        (image(json!({ "style": "oil" })), vec![("style", InvalidValue)]),
        (image(json!({ "format": "webp" })), vec![("format", InvalidValue)]),
        (edit(json!({ "mode": "wild" })), vec![("mode", InvalidValue)]),
        (edit(json!({ "auto_controls": true })), vec![]),
        (edit(json!({ "auto_controls": true, "mode": "flex_1" })), vec![("auto_controls", Conflict)]),
        (
            edit(json!({ "auto_controls": true, "controls": { "pose": { "enabled": true } } })),
            vec![("auto_controls", Conflict)],
        ),
        (
            edit(json!({ "controls": { "depth": { "blur": 2 }, "pose": { "strength": "some" } } })),
            vec![("controls.pose.strength", InvalidValue), ("controls.depth.blur", OutOfRange)],
        ),
        (
            edit(json!({ "edit_keyframes": [picture], "keyframe_indexes": [9], "first_frame": picture })),
            vec![("edit_keyframes", Conflict)],
        ),
        (edit(json!({ "first_frame": picture, "duration": "10s" })), vec![("duration", Disputed)]),
        (edit(json!({ "first_frame": picture, "duration": "5s" })), vec![]),
        (edit(json!({ "edit_keyframes": [picture] })), vec![("keyframe_indexes", Required)]),
        (edit(json!({ "hdr": true, "resolution": "360p", "exr_export": true })), vec![]),
        (edit(json!({ "aspect_ratio": "1:1" })), vec![("aspect_ratio", Unsupported)]),
        (edit(json!({ "media": { "url": "https://e.com/a" } })), vec![("media.media_type", Required)]),
        (edit(json!({ "media": { "url": "https://e.com/a", "media_type": "video/mp4" } })), vec![]),
        (edit(json!({ "media": { "type": "generation", "id": "g" } })), vec![]),
        (reframe(json!({ "resolution": "1080p" })), vec![("resolution", Conflict)]),
        (reframe(json!({ "resolution": "1080p", "aspect_ratio": "1:1" })), vec![("resolution", Disputed)]),
        (reframe(json!({ "hdr": true })), vec![("hdr", Unsupported)]),
        (reframe(json!({ "aspect_ratio": null })), vec![("aspect_ratio", Disputed)]),
        (reframe(json!({ "source_position": { "x_norm": -1, "y_norm": -0.5, "w_norm": 2, "h_norm": 1.5 } })), vec![]),
        (
            reframe(json!({ "source_position": { "x_norm": 0, "y_norm": 0, "w_norm": 2.1, "h_norm": 1 } })),
            vec![("source_position.w_norm", OutOfRange)],
        ),
        (
            reframe(json!({ "source_position": { "x_norm": 0, "w_norm": 1 } })),
            vec![("source_position.y_norm", Required), ("source_position.h_norm", Required)],
        ),
    ];
    for (request, expected) in cases {
        let expected: Vec<_> = expected.into_iter().map(|(path, code)| (path.to_owned(), code)).collect();
        assert_eq!(problems(&request), expected, "{:.300}", request.to_string());
    }
    let reframed = json!({ "generation_type": "reframe_image", "media": picture, "aspect_ratio": "1:1" });
    assert_eq!(problems(&reframed), [("generation_type".to_owned(), Unsupported)]);
}

#[test]
fn what_the_table_of_requests_does_not_show() {
    let picture = json!({ "type": "image", "url": "https://e.com/a.png" });
    let cases = [
        (
            json!({ "prompt": "A heron", "generation_type": "modify_video", "media": { "url": "https://e.com/a.MOV?b=1" },
                "controls": { "face": { "enabled": true } }, "first_frame": picture, "duration": 10, "hdr": true,
                "user_id": "u", "newer": 1 }),
            json!({ "prompt": "A heron", "model": "ray-3.2", "type": "video_edit", "user_id": "u", "newer": 1,
                "source": { "url": "https://e.com/a.MOV?b=1", "media_type": "video/quicktime" },
                "video": { "start_frame": { "url": "https://e.com/a.png" }, "duration": "10s", "hdr": true,
                    "edit": { "controls": { "face": { "enabled": true } } } } }),
        ),
        (
            json!({ "prompt": "A heron", "generation_type": "modify_video", "media": { "file_id": "f" },
                "edit_keyframes": [{ "type": "generation", "id": "g" }], "keyframe_indexes": [5] }),
            json!({ "prompt": "A heron", "model": "ray-3.2", "type": "video_edit", "source": { "file_id": "f" },
                "video": { "edit": { "keyframes": [{ "generation_id": "g" }], "keyframe_indexes": [5] } } }),
        ),
        (
            json!({ "prompt": "A heron", "generation_type": "reframe_video", "aspect_ratio": "1:1", "resolution": "540p",
                "media": { "data": "AAAA", "media_type": "video/mp4" }, "source_position": { "x_norm": 0.25, "y_norm": 0, "w_norm": 1, "h_norm": 1 } }),
            json!({ "prompt": "A heron", "model": "ray-3.2", "type": "video_reframe", "aspect_ratio": "1:1",
                "source": { "data": "AAAA", "media_type": "video/mp4" },
                "video": { "resolution": "540p", "source_position": { "x_norm": 0.25, "y_norm": 0, "w_norm": 1, "h_norm": 1 } } }),
        ),
        (
            json!({ "prompt": "Each", "generation_type": "layering", "media": picture, "resolution": "2k" }),
            json!({ "prompt": "Each", "model": "uni-1", "type": "layering", "source": { "url": "https://e.com/a.png" },
                "layering": { "resolution": "2k" } }),
        ),
        (
            json!({ "prompt": "A heron", "model": "uni-1-max", "format": "jpg", "modify_image_ref": { "file_id": "f" },
                "image_ref": [{ "type": "generation", "id": "g" }, { "data": "AAAA", "media_type": "image/png" }] }),
            json!({ "prompt": "A heron", "model": "uni-1-max", "type": "image_edit", "output_format": "jpeg",
                "source": { "file_id": "f" },
                "image_ref": [{ "generation_id": "g" }, { "data": "AAAA", "media_type": "image/png" }] }),
        ),
        (
            json!({ "prompt": "A heron", "keyframes": { "frame0": { "type": "generation", "id": "g", "media_type": "video/mp4" },
                "frame1": null } }),
            json!({ "prompt": "A heron", "model": "ray-3.2", "type": "video", "video": { "start_frame": { "generation_id": "g" } } }),
        ),
        // All of it in the API's own words.
        (
            json!({ "type": "image", "prompt": "A heron", "output_format": "jpeg" }),
            json!({ "type": "image", "prompt": "A heron", "output_format": "jpeg", "model": "uni-1" }),
        ),
        (
            json!({ "type": "image_edit", "prompt": "A heron", "source": { "generation_id": "g" } }),
            json!({ "type": "image_edit", "prompt": "A heron", "source": { "generation_id": "g" }, "model": "uni-1" }),
        ),
        (
            json!({ "type": "layering", "source": { "url": "https://e.com/a.png" }, "layering": { "resolution": "2k" } }),
            json!({ "type": "layering", "source": { "url": "https://e.com/a.png" }, "layering": { "resolution": "2k" },
                "model": "uni-1", "prompt": "" }),
        ),
        (
            json!({ "type": "video_edit", "prompt": "A heron", "source": { "url": "https://e.com/a.mp4", "media_type": "video/mp4" },
                "video": { "resolution": "540p", "start_frame": { "file_id": "f" }, "edit": { "strength": "flex_1", "newer": 1 } } }),
            json!({ "type": "video_edit", "prompt": "A heron", "source": { "url": "https://e.com/a.mp4", "media_type": "video/mp4" },
                "video": { "resolution": "540p", "start_frame": { "file_id": "f" }, "edit": { "strength": "flex_1", "newer": 1 } },
                "model": "ray-3.2" }),
        ),
        (
            json!({ "type": "video", "prompt": "A heron", "video": { "duration": "10s", "keyframes": [{ "generation_id": "g" }],
                "keyframe_indexes": [240] } }),
            json!({ "type": "video", "prompt": "A heron", "model": "ray-3.2", "video": { "duration": "10s",
                "keyframes": [{ "generation_id": "g" }], "keyframe_indexes": [240] } }),
        ),
        // What is newer than this version, in the place where the API has it.
        (
            json!({ "prompt": "A heron", "model": "uni-1", "modify_image_ref": { "url": "https://e.com/a.png", "newer": 1 } }),
            json!({ "prompt": "A heron", "model": "uni-1", "type": "image_edit", "source": { "url": "https://e.com/a.png", "newer": 1 } }),
        ),
        (
            json!({ "prompt": "A heron", "video": { "guide_frame": picture }, "loop": true }),
            json!({ "prompt": "A heron", "model": "ray-3.2", "type": "video",
                "video": { "guide_frame": picture, "loop": true } }),
        ),
    ];
    for (request, body) in cases {
        let (request, _) =
            GenerationRequest::read(&*agents(), &request, false).unwrap_or_else(|why| panic!("{request}: {why:?}"));
        assert_eq!(agents().create(&request).body, Some(Payload::Json(body)));
    }
}

#[test]
fn prices_are_those_that_are_published() {
    use Certainty::*;
    let picture = json!({ "url": "https://e.com/a.png" });
    let video = |more: Json| with(json!({ "prompt": "A heron", "model": "ray-3.2" }), more);
    let image = |more: Json| with(json!({ "prompt": "A heron", "generation_type": "image" }), more);
    let edit = |more: Json| video(with(json!({ "mode": "flex_1", "media": { "file_id": "f" } }), more));
    let reframe = json!({ "generation_type": "reframe_video", "media": { "file_id": "f" }, "aspect_ratio": "1:1" });
    for (request, usd, certainty) in [
        (video(json!({})), Some(0.30), Published),
        (video(json!({ "resolution": "360p" })), Some(0.06), Published),
        (video(json!({ "resolution": "540p", "duration": "10s" })), Some(0.45), Published),
        (video(json!({ "resolution": "1080p", "duration": "10s" })), Some(3.60), Published),
        (video(json!({ "resolution": "1080p", "hdr": true })), Some(2.40), Published),
        (video(json!({ "hdr": true, "exr_export": true })), Some(0.90), Published),
        (video(json!({ "model": "ray-10" })), None, Unknown),
        (image(json!({})), Some(0.0404), Published),
        (image(json!({ "image_ref": [picture] })), Some(0.0434), Published),
        (image(json!({ "modify_image_ref": picture })), Some(0.0434), Published),
        (image(json!({ "image_ref": vec![picture.clone(); 9] })), Some(0.0674), Published),
        (image(json!({ "image_ref": vec![picture.clone(); 9], "model": "uni-1-max" })), Some(0.127), Published),
        (image(json!({ "model": "uni-9" })), None, Unknown),
        // As long as its source, which may have 18 s.
        (edit(json!({})), Some(4.32), Approximate),
        (edit(json!({ "duration": "5s" })), Some(1.08), Approximate),
        (edit(json!({ "resolution": "1080p", "hdr": true, "duration": 5 })), Some(4.32), Approximate),
        (
            edit(json!({ "resolution": "360p", "hdr": true, "exr_export": true, "duration": "5s" })),
            Some(1.62),
            Approximate,
        ),
        (edit(json!({ "resolution": "540p", "duration": "10s" })), Some(1.44), Approximate),
        (video(reframe), Some(3.60), Approximate),
        (json!({ "generation_type": "layering", "prompt": "Each", "media": picture }), None, Unknown),
    ] {
        let (read, _) =
            GenerationRequest::read(&*agents(), &request, false).unwrap_or_else(|why| panic!("{request}: {why:?}"));
        let estimate = agents().estimate(&read);
        let hundredths = |usd: Option<f64>| usd.map(|usd| (usd * 1e4).round());
        let found = (hundredths(estimate.usd), estimate.certainty);
        assert_eq!(found, (hundredths(usd), certainty), "{request}: {estimate:?}");
        assert_eq!(estimate.source.is_some(), certainty != Unknown, "{request}");
        assert!(!estimate.basis.is_empty() && estimate.as_of == "2026-11-20");
        assert!((10_000.0..=600_000.0).contains(&agents().expected(read.kind, &read.body)));
    }
}

#[test]
fn what_is_wrong_is_told_once_and_with_what_to_do() {
    let tiger = |more: Json| with(json!({ "model": "ray-3.2", "prompt": "A tiger" }), more);
    for (request, path, message) in [
        (tiger(json!({ "duration": 7 })), "duration", "must be one of 5s, 10s"),
        (tiger(json!({ "duration": -5 })), "duration", "must be one of 5s, 10s"),
        (tiger(json!({ "resolution": -1 })), "resolution", "must be one of 360p, 540p, 720p, 1080p"),
        (
            tiger(json!({ "callback_url": "https://example.com" })),
            "callback_url",
            "agents has no such field for video; poll, watch or resume it",
        ),
        (
            tiger(json!({ "concepts": [{ "key": "dolly_zoom" }] })),
            "concepts",
            "agents has no such field for video; say it in the prompt",
        ),
        (tiger(json!({ "sync": true })), "sync", "agents has no such field for video"),
    ] {
        let found = GenerationRequest::read(&*agents(), &request, false).unwrap_err();
        let told: Vec<_> = found.iter().map(|problem| (problem.path.as_str(), problem.message.as_str())).collect();
        assert_eq!(told, [(path, message)], "{request}");
    }
}

#[test]
fn what_it_has_not() {
    let agents = agents();
    assert!(agents.list(None, None).is_none() && agents.delete("j").is_none());
    for lookup in [Lookup::Credits, Lookup::Ping, Lookup::Concepts, Lookup::CameraMotions] {
        assert!(agents.lookup(lookup).is_none(), "{lookup:?}");
    }
    assert_eq!((agents.recovery_support(), agents.upload_form()), (RecoverySupport::None, Some(UploadForm::Bytes)));
    assert_eq!(agents.get("a/b").path, "generations/a%2Fb");
}

fn file(size: f64) -> File {
    let (name, media_type) = ("heron.png".into(), "image/png".into());
    File { name, media_type, size, account: None, base64: None, details: None, form_type: None }
}

fn step(answers: &[Json]) -> Option<ApiCall> {
    match agents().upload(&file(6.0), answers)? {
        Upload::Send(call) => Some(call),
        Upload::Done(done) => panic!("done: {done}"),
        Upload::Poll(_) | Upload::Failed(_) => panic!("nothing was handed over yet"),
    }
}

fn done(answers: &[Json]) -> Option<Json> {
    match agents().upload(&file(6.0), answers)? {
        Upload::Send(call) | Upload::Poll(call) => panic!("another step: {call:?}"),
        Upload::Failed(reason) => panic!("{reason}"),
        Upload::Done(done) => Some(done),
    }
}

#[test]
fn a_file_is_handed_over_in_three_steps() {
    let first = step(&[]).unwrap();
    let asked = json!({ "mime_type": "image/png", "size_bytes": 6, "filename": "heron.png" });
    assert_eq!((first.method, first.path.as_str(), first.body), (Method::Post, "files", Some(Payload::Json(asked))));
    let place = |headers: Json| {
        let upload = json!({ "url": "https://store.example/f?s=1", "method": "PUT", "headers": headers });
        json!({ "id": "f/1", "state": "pending", "file": {}, "upload": upload })
    };
    for (headers, expected) in [
        (json!({ "Content-Type": "image/x-png", "x-amz": "1" }), vec![("content-type", "image/x-png"), ("x-amz", "1")]),
        (json!(null), vec![("content-type", "image/png")]),
    ] {
        let second = step(&[place(headers)]).unwrap();
        let expected: Vec<_> = expected.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        assert_eq!((second.method, second.path.as_str()), (Method::Put, "https://store.example/f?s=1"));
        assert_eq!((second.headers, second.body), (expected, Some(Payload::File)));
    }
    let third = step(&[place(json!({})), json!(null)]).unwrap();
    assert_eq!((third.method, third.path.as_str(), third.body), (Method::Post, "files/f%2F1/complete", None));
    let ready = json!({ "id": "f/1", "state": "ready" });
    assert_eq!(done(&[place(json!({})), json!(null), ready.clone()]), Some(json!({ "file_id": "f/1" })));
    assert_eq!(done(&[json!({ "id": "f", "state": "ready", "upload": null })]), Some(json!({ "file_id": "f" })));
    for odd in [json!(null), json!({ "upload": {} }), json!({ "id": "f", "upload": {} })] {
        assert!(step(&[odd]).is_none());
    }
}

/// A file of these tests has six bytes.
fn on_the_wire(body: Payload) -> String {
    match body {
        Payload::Json(body) => body.to_string(),
        Payload::File | Payload::Form => json!("0123").to_string(),
    }
}

/// A provider with no client between: what is sent is answered.
struct Wire {
    simulator: Simulator,
    now: f64,
}

impl Wire {
    fn new() -> Wire {
        let options = Options::from_json(json!({ "durations": 1000, "limits": "none" }).into()).unwrap();
        Wire { simulator: Simulator::new(options), now: EPOCH }
    }

    fn send(&mut self, call: ApiCall) -> (u16, Json) {
        let own = !call.path.starts_with("http");
        let url = if own { format!("{BASE}/{}", call.path) } else { call.path };
        let headers = call.headers.into_iter().fold(Headers::new(), |all, (name, value)| all.with(name, value));
        let headers = if own { headers.with("authorization", format!("Bearer {KEY}")) } else { headers };
        let body = call.body.map(|body| on_the_wire(body).into_bytes());
        let reply =
            self.simulator.handle(self.now, &luma_edge::http::Request { method: call.method, url, headers, body });
        let Outcome::Answer(response) = reply.outcome else { panic!("no answer") };
        (response.status, serde_json::from_slice(&response.body).unwrap_or_default())
    }

    fn upload(&mut self) -> String {
        let mut answers = Vec::new();
        loop {
            match agents().upload(&file(6.0), &answers).unwrap() {
                Upload::Done(done) => return done["file_id"].as_str().unwrap().to_owned(),
                Upload::Failed(reason) => panic!("{reason}"),
                Upload::Send(call) | Upload::Poll(call) => {
                    let (status, answer) = self.send(call);
                    assert!(status < 300, "{status}: {answer}");
                    answers.push(answer);
                }
            }
        }
    }

    fn finished(&mut self, request: Json) -> String {
        let (request, _) = GenerationRequest::read(&*agents(), &request, false).unwrap();
        let (status, made) = self.send(agents().create(&request));
        assert_eq!(status, 201, "{made}");
        self.now += 1000.0;
        made["id"].as_str().unwrap().to_owned()
    }
}

#[test]
fn what_the_client_lets_through_the_api_takes() {
    let requests: BTreeMap<String, Json> = serde_json::from_str(include_str!("requests.json")).unwrap();
    let mut wire = Wire::new();
    let picture = wire.finished(json!({ "generation_type": "image", "prompt": "A heron" }));
    let clip = wire.finished(json!({ "prompt": "A heron" }));
    let uploaded = wire.upload();
    let mut taken = 0;
    for (name, request) in requests {
        let Ok((request, disputed)) = GenerationRequest::read(&*agents(), &request, false) else { continue };
        // What no list tells: a model of tomorrow is the server's to know.
        if request.body["model"] == "ray-9" {
            continue;
        }
        let call = agents().create(&request);
        let body = on_the_wire(call.body.unwrap()).replace("file-1", &uploaded);
        let mut send = |id: &str| {
            let body = body.replace("123e4567-e89b-12d3-a456-426614174000", id);
            let body = body.replace("123e4567-e89b-12d3-a456-426614174001", id);
            wire.send(ApiCall::post(call.path.clone(), serde_json::from_str(&body).unwrap()))
        };
        // What is only warned of: it is taken of pictures, not of videos.
        let disputed = disputed.iter().any(|problem| problem.path == "keyframes");
        if disputed {
            assert_eq!(send(&clip).0, 422, "{name}: {body}");
        }
        let (status, answer) = send(if disputed { &picture } else { &clip });
        assert_eq!(status, 201, "{name}: {body}: {answer}");
        assert_eq!(read(&answer).state, State::Queued);
        taken += 1;
    }
    assert!(taken >= 25, "{taken}");
    assert_eq!(wire.simulator.stats(wire.now).key_leaks, 0);
}

fn options(more: Json) -> Json {
    with(json!({ "provider": "agents", "baseUrl": BASE, "apiKey": KEY }), more)
}

fn heron() -> Json {
    json!({ "prompt": "A heron on one leg" })
}

#[test]
fn each_form_is_made_and_found_done() {
    let (world, simulator) = World::simulated(1, json!({}));
    let client = world.client(options(json!({})));
    world.run(async {
        let first = client.generate(&heron(), f64::INFINITY, &()).await.unwrap();
        assert!(first.assets.get("video").is_some_and(|url| url.starts_with("https://")), "{first:?}");
        let polls = world.sent.borrow().len() - 1;
        assert!((1..=60).contains(&polls), "{polls} polls in {} s", world.elapsed() / 1000.0);
        let media = json!({ "type": "generation", "id": first.id });
        for (request, assets) in [
            (json!({ "prompt": "It flies", "keyframes": { "frame0": media } }), vec!["video"]),
            (json!({ "model": "ray-3.2", "prompt": "It flies", "hdr": true, "exr_export": true }), vec!["video", "exr"]),
            (json!({ "model": "ray-3.2", "prompt": "Snow", "media": media, "mode": "flex_1" }), vec!["video"]),
            (
                json!({ "generation_type": "reframe_video", "prompt": "A heron", "media": media, "aspect_ratio": "9:16" }),
                vec!["video"],
            ),
            (json!({ "model": "uni-1", "prompt": "A heron", "format": "jpg" }), vec!["image"]),
            (
                json!({ "generation_type": "layering", "prompt": "A heron", "media": { "url": "https://e.com/a.png" } }),
                vec!["image"],
            ),
        ] {
            let made = client
                .generate(&request, f64::INFINITY, &())
                .await
                .unwrap_or_else(|error| panic!("{request}: {error:?}"));
            assert!(assets.iter().all(|kind| made.assets.get(kind).is_some()), "{request}: {made:?}");
            let layers = made.outputs.iter().filter(|output| output.layer.is_some()).count();
            assert_eq!(layers > 0, request["generation_type"] == "layering");
        }
    });
    assert_eq!(simulator.borrow_mut().stats(world.now()).statuses.keys().collect::<Vec<_>>(), [&200, &201]);
}

#[test]
fn a_failed_job_is_an_error_that_tells_why() {
    for (marker, code, retryable) in [
        ("[fail:content_moderated]", Code::Moderated, false),
        ("[fail:corrupt_input]", Code::GenerationFailed, false),
        ("[fail:generation_failed]", Code::GenerationFailed, true),
    ] {
        let (world, simulator) = World::simulated(2, json!({}));
        let client = world.client(options(json!({})));
        let request = json!({ "prompt": format!("A heron {marker}") });
        let error = world.run(client.generate(&request, f64::INFINITY, &())).unwrap_err();
        assert_eq!((error.code, error.retryable), (code, retryable), "{error:?}");
        assert_eq!(simulator.borrow_mut().stats(world.now()).credits.refunded, 30.0);
    }
}

#[test]
fn a_creation_whose_answer_is_lost_is_paid_at_most_once() {
    for (fault, created) in
        [("cut-after", 1), ("silence-after", 1), ("503-after", 1), ("html-after", 1), ("truncated", 1), ("cut", 0)]
    {
        let (world, simulator) = World::simulated(3, json!({ "faults": format!("agents-create:{fault}@1") }));
        let client = world.client(options(json!({})));
        let error = world.run(client.generate(&heron(), f64::INFINITY, &())).unwrap_err();
        assert_eq!(error.code, Code::UnknownOutcome, "{fault}: {error:?}");
        assert_eq!(error.creation.as_ref().unwrap().request["prompt"], "A heron on one leg");
        assert!(!error.message.contains("resume()"), "nobody can be asked there: {}", error.message);
        // resume tells of it once more; then nothing is left that could be done.
        let resume =
            |ticket: String| world.run(client.run(Task::Resume(ticket), CallOptions::default(), &())).unwrap_err().code;
        let ticket = error.creation.as_ref().unwrap().ticket.clone();
        assert_eq!((resume(ticket.clone()), resume(ticket)), (Code::UnknownOutcome, Code::NotFound), "{fault}");
        assert!(!format!("{error:?} {}", serde_json::to_string(&error).unwrap()).contains(KEY));
        assert_eq!(simulator.borrow_mut().stats(world.now()).created.video, created, "{fault}");
    }
    // What certainly never arrived is sent again.
    let (world, simulator) = World::simulated(3, json!({ "faults": "agents-create:refused@1, agents-create:429=2@2" }));
    let client = world.client(options(json!({})));
    world.run(client.generate(&heron(), f64::INFINITY, &())).unwrap();
    assert_eq!(simulator.borrow_mut().stats(world.now()).created.video, 1);
}

#[test]
fn a_batch_keeps_the_limits() {
    let (world, simulator) = World::simulated(4, json!({ "durations": 20_000 }));
    let client = world.client(options(json!({})));
    let picture = json!({ "model": "uni-1", "prompt": "A heron" });
    let requests: Vec<Json> = (0..36).map(|n| if n % 2 == 0 { heron() } else { picture.clone() }).collect();
    let made = world.run(all(requests.iter().map(|request| client.generate(request, f64::INFINITY, &()))));
    assert!(made.iter().all(Result::is_ok));
    let stats = simulator.borrow_mut().stats(world.now());
    assert_eq!((stats.limited.concurrent, stats.limited.per_minute), (0, 0));
    assert!(stats.max_running.video + stats.max_running.image <= 10, "{:?}", stats.max_running);
}

#[test]
fn a_plan_that_allows_more_or_less_a_minute_is_learnt() {
    // How long it takes to make 40, which are done at once.
    let takes = |plan: u32, mine: Json| {
        let limit = json!({ "video": { "perMinute": plan } });
        let (world, simulator) = World::simulated(6, json!({ "limits": limit, "durations": 0 }));
        let client = world.client(options(mine));
        let requests = vec![heron(); 40];
        let made = world.run(all(requests.iter().map(|request| client.generate(request, f64::INFINITY, &()))));
        assert!(made.iter().all(Result::is_ok));
        assert_eq!(simulator.borrow_mut().stats(world.now()).limited.per_minute, 0, "none is refused");
        world.elapsed()
    };
    let numbers = json!({ "limits": { "video": { "concurrent": 10, "perMinute": 30 } } });
    assert!((60_000.0..120_000.0).contains(&takes(30, json!({}))));
    assert!(takes(100, json!({})) < 60_000.0);
    assert!((120_000.0..180_000.0).contains(&takes(15, json!({}))));
    // What the caller says goes before that.
    assert!((60_000.0..120_000.0).contains(&takes(100, numbers)));
}

#[test]
fn too_many_jobs_are_waited_for_and_too_many_a_minute_are_tried_later() {
    for (fault, least, most) in [("concurrent", 20_000.0, 59_000.0), ("429=60", 60_000.0, 62_000.0)] {
        let (world, simulator) =
            World::simulated(7, json!({ "faults": format!("create:{fault}@2"), "durations": 20_000 }));
        let client = world.client(options(json!({})));
        world.run(async {
            client.create(&heron(), &()).await.unwrap();
            client.generate(&heron(), f64::INFINITY, &()).await.unwrap();
        });
        let made = simulator.borrow_mut().made(world.now());
        let [first, second] = made.as_slice() else { panic!("{made:?}") };
        let apart = second.created - first.created;
        assert!((least..most).contains(&apart), "{fault}: {apart}");
    }
}

#[test]
fn a_budget_holds_whatever_the_source_of_an_edit_is() {
    let (world, simulator) = World::simulated(8, json!({}));
    let client = world.client(options(json!({ "budget": { "usd": 5.0 } })));
    world.run(async {
        let source = json!({ "model": "ray-3.2", "prompt": "A heron", "resolution": "720p", "duration": "10s" });
        let source = client.generate(&source, f64::INFINITY, &()).await.unwrap();
        let edit = json!({ "prompt": "Snow", "media": { "type": "generation", "id": source.id }, "mode": "flex_1" });
        let error = client.generate(&edit, f64::INFINITY, &()).await.unwrap_err();
        assert_eq!(error.code, Code::BudgetExceeded, "{error:?}");
    });
    assert_eq!(simulator.borrow_mut().stats(world.now()).credits.charged, 90.0);
}

#[test]
fn what_it_has_not_is_told_without_asking() {
    let (world, _) = World::simulated(5, json!({}));
    let client = world.client(options(json!({})));
    world.run(async {
        for query in [Query::Credits, Query::Ping, Query::Concepts, Query::Page { limit: None, offset: None }] {
            let error = client.ask(query).await.unwrap_err();
            assert_eq!(error.code, Code::Unsupported, "{}", error.message);
        }
    });
    assert!(world.sent.borrow().is_empty());
}
