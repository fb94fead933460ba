use luma_edge::http::Method;
use serde_json::json;

use crate::driver::*;

#[test]
fn no_more_run_at_once_than_may() {
    let mut api = api(json!({ "durations": 30_000 }));
    for (path, body, most) in [("/generations/video", video(), 10), ("/generations/image", image(), 40)] {
        for _ in 0..most {
            assert_eq!(api.post(path, body.clone()).0, 201);
        }
        let response = answer(api.reply(Method::Post, path, Some(&body)));
        assert_eq!(response.status, 429);
        assert_eq!(String::from_utf8(response.body).unwrap(), r#"{"detail":"Too many concurrent jobs"}"#);
        assert_eq!(response.headers.get("retry-after"), Some("5"));
    }
    api.wait(30_000.0);
    assert_eq!(api.post("/generations/video", video()).0, 201);
    let stats = api.simulator.stats(api.now);
    assert_eq!(
        json!([stats.running, stats.max_running]),
        json!([{ "video": 1, "image": 0 }, { "video": 10, "image": 40 }])
    );
    assert_eq!((stats.limited.concurrent, stats.limited.per_minute), (2, 0));
}

#[test]
fn no_more_are_created_in_a_minute_than_may() {
    let mut api = api(json!({ "durations": 100 }));
    for _ in 0..20 {
        assert_eq!(api.post("/generations/video", video()).0, 201);
        api.wait(1_000.0);
    }
    // What is refused for another reason does not count; images are counted apart.
    assert_eq!(api.post("/generations/video", json!({})).0, 400);
    assert_eq!(api.post("/generations/image", image()).0, 201);
    let response = answer(api.reply(Method::Post, "/generations/video", Some(&video())));
    assert_eq!(response.status, 429);
    assert_eq!(String::from_utf8(response.body).unwrap(), r#"{"detail":"Rate limit exceeded"}"#);
    assert_eq!(response.headers.get("retry-after"), Some("40"));
    api.wait(39_999.0);
    assert_eq!(api.post("/generations/video", video()).0, 429);
    api.wait(1.0);
    assert_eq!(api.post("/generations/video", video()).0, 201);
    assert_eq!(api.post("/generations/video", video()).0, 429);
}

#[test]
fn every_operation_counts_as_what_it_gives() {
    let mut api = api(json!({ "limits": { "video": { "concurrent": 1 }, "image": { "perMinute": 1 } } }));
    let id = api.finished_video();
    let media = json!({ "url": "https://example.com/a.mp4" });
    assert_eq!(api.post(&format!("/generations/{id}/upscale"), json!({})).0, 200);
    for (path, body) in [
        (format!("/generations/{id}/audio"), json!({})),
        ("/generations/video/reframe".into(), json!({ "model": "ray-2", "aspect_ratio": "1:1", "media": media })),
        ("/generations/video/modify".into(), json!({ "model": "ray-2", "mode": "flex_1", "media": media })),
        ("/generations".into(), video()),
    ] {
        assert_eq!(api.post(&path, body).0, 429, "{path}");
    }
    assert_eq!(api.post("/generations/image", image()).0, 201);
    let reframe = json!({ "model": "photon-1", "aspect_ratio": "1:1", "media": media });
    assert_eq!(api.post("/generations/image/reframe", reframe).0, 429);
}

#[test]
fn without_limits_there_are_none() {
    let mut api = api(json!({ "limits": "none", "credits": 1e9 }));
    for _ in 0..200 {
        assert_eq!(api.post("/generations/video", video()).0, 201);
    }
    assert_eq!(api.simulator.stats(api.now).max_running.video, 200);
}
