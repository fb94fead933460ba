//! What becomes of a job over time.

use serde_json::{Value, json};

use crate::driver::*;

#[test]
fn a_job_is_queued_then_dreaming_then_completed() {
    let mut api = api(json!({ "durations": 100_000, "baseUrl": "http://127.0.0.1:4010" }));
    let id = api.video();
    let path = format!("/generations/{id}");
    let root = format!("http://127.0.0.1:4010/storage/{id}");
    let progress = json!({ "video": null, "image": null, "progress_video": format!("{root}/progress.mp4") });
    let done = json!({
        "video": format!("{root}/video.mp4"), "image": null, "progress_video": format!("{root}/progress.mp4"),
    });
    for (at, state, assets) in [
        (0.0, "queued", Value::Null),
        (4_999.0, "queued", Value::Null),
        (5_000.0, "dreaming", Value::Null),
        (60_000.0, "dreaming", progress.clone()),
        (99_999.0, "dreaming", progress),
        (100_000.0, "completed", done.clone()),
        (1e9, "completed", done),
    ] {
        api.now = START + at;
        let (_, generation) = api.get(&path);
        assert_eq!((generation["state"].as_str(), &generation["assets"]), (Some(state), &assets), "at {at}");
        assert_eq!(generation["failure_reason"], Value::Null);
    }
}

#[test]
fn a_marker_in_the_prompt_makes_a_job_fail_with_each_documented_reason() {
    let cases = [
        ("[fail:moderation]", "Advanced prompt moderation failed"),
        ("[fail:blacklist]", "Contains blacklisted words"),
        ("[fail:frames]", "Failed to read user input frames"),
        ("[fail:frame-moderation]", "Frame moderation failed"),
        ("[fail:prompt]", "Prompt processing failed"),
        ("[fail:dispatch]", "Error dispatching job"),
        ("[fail:job]", "Job failed"),
        ("[fail:callback]", "Error processing callback"),
    ];
    for (marker, reason) in cases {
        let mut api = api(json!({ "durations": 100_000 }));
        let id = api.create("/generations", json!({ "prompt": format!("A heron {marker}"), "model": "ray-2" }));
        let mut states = vec![api.state(&id)];
        for _ in 0..100 {
            api.wait(1_000.0);
            let state = api.state(&id);
            if states.last() != Some(&state) {
                states.push(state);
            }
        }
        let expected: &[&str] =
            if marker == "[fail:dispatch]" { &["queued", "failed"] } else { &["queued", "dreaming", "failed"] };
        assert_eq!(states, expected, "{marker}");
        let (_, generation) = api.get(&format!("/generations/{id}"));
        assert_eq!((&generation["failure_reason"], &generation["assets"]), (&json!(reason), &Value::Null));
    }
}

/// How long a job takes, to the second.
fn seconds(api: &mut Api, path: &str, body: Value) -> f64 {
    let id = api.create(path, body);
    let from = api.now;
    while api.state(&id) != "completed" {
        api.wait(1_000.0);
    }
    (api.now - from) / 1000.0
}

#[test]
fn jobs_take_plausible_and_different_times() {
    let mut api = api(json!({ "limits": "none" }));
    let done = api.finished_video();
    let media = json!({ "url": "https://example.com/a.mp4" });
    let cases = [
        ("video", json!({ "model": "ray-2", "prompt": "heron" }), 30.0..160.0),
        ("video", json!({ "model": "ray-2", "prompt": "heron", "resolution": "540p" }), 20.0..120.0),
        ("video", json!({ "model": "ray-2", "prompt": "heron", "resolution": "4k", "duration": "9s" }), 170.0..900.0),
        ("video", json!({ "model": "ray-flash-2", "prompt": "heron" }), 12.0..70.0),
        ("video", json!({ "model": "ray-2", "prompt": "heron [fast]" }), 3.0..17.0),
        ("video", json!({ "model": "ray-2", "prompt": "heron [slow]" }), 300.0..1600.0),
        ("image", json!({ "model": "photon-1", "prompt": "heron" }), 6.0..35.0),
        ("image", json!({ "model": "photon-flash-1", "prompt": "heron" }), 2.0..15.0),
        ("video/modify", json!({ "model": "ray-2", "mode": "flex_1", "media": media }), 50.0..280.0),
        ("video/reframe", json!({ "model": "ray-2", "aspect_ratio": "1:1", "media": media }), 50.0..450.0),
        ("image/reframe", json!({ "model": "photon-1", "aspect_ratio": "1:1", "media": media }), 6.0..35.0),
        (&format!("{done}/upscale"), json!({ "resolution": "1080p" }), 25.0..140.0),
        (&format!("{done}/audio"), json!({}), 10.0..60.0),
    ];
    for (path, body, range) in cases {
        let mut all: Vec<f64> =
            (0..20).map(|_| seconds(&mut api, &format!("/generations/{path}"), body.clone())).collect();
        assert!(all.iter().all(|s| range.contains(s)), "{path} {body}: {all:?}");
        all.dedup();
        assert!(all.len() > 1, "{path} {body}: always {all:?}");
    }
}

#[test]
fn the_same_seed_gives_the_same_days_however_often_one_reads() {
    let day = |seed: u64, polls: usize| {
        let mut api = api(json!({ "seed": seed, "limits": "none", "faults": "get:500%0" }));
        for _ in 0..10 {
            let id = api.video();
            for _ in 0..polls {
                api.state(&id);
            }
            api.wait(20_000.0);
        }
        json!(api.simulator.generations(api.now))
    };
    assert_eq!(day(7, 0), day(7, 3));
    assert_ne!(day(7, 0), day(8, 0));
}

#[test]
fn durations_can_be_told() {
    let table = json!({ "ray-flash-2": 2_000, "video": 5_000, "upscale_video": 1_000 });
    let mut api = api(json!({ "durations": table }));
    let flash = json!({ "model": "ray-flash-2", "prompt": "heron" });
    assert_eq!(seconds(&mut api, "/generations/video", flash), 2.0);
    assert_eq!(seconds(&mut api, "/generations/video", video()), 5.0);
    let id = api.finished_video();
    assert_eq!(seconds(&mut api, &format!("/generations/{id}/upscale"), json!({})), 1.0);
    assert!(seconds(&mut api, "/generations/image", image()) > 5.0);
}

#[test]
fn a_sync_image_is_answered_when_it_is_done_or_when_time_is_up() {
    let mut api = api(json!({ "durations": 20_000, "latency": 10 }));
    let mut ask = |timeout: Value| {
        let body = json!({ "model": "photon-1", "prompt": "heron", "sync": true, "sync_timeout": timeout });
        let reply = api.reply(luma_edge::http::Method::Post, "/generations/image", Some(&body));
        let after = reply.after;
        let response = answer(reply);
        let generation: Value = serde_json::from_slice(&response.body).unwrap();
        (response.status, after, generation["state"].as_str().unwrap().to_owned(), generation["assets"].is_null())
    };
    assert_eq!(ask(Value::Null), (201, 20_010.0, "completed".into(), false));
    assert_eq!(ask(json!(5)), (201, 5_010.0, "dreaming".into(), true));
    assert_eq!(ask(json!(0)), (201, 10.0, "queued".into(), true));
}

#[test]
fn time_does_not_go_back() {
    let mut api = api(json!({ "durations": 1_000 }));
    let id = api.video();
    api.wait(1_000.0);
    assert_eq!(api.state(&id), "completed");
    for earlier in [START, 0.0, f64::NAN, f64::NEG_INFINITY, f64::INFINITY] {
        api.now = earlier;
        assert_eq!(api.state(&id), "completed");
    }
    assert_eq!(api.simulator.stats(0.0).now, START + 1_000.0);
}
