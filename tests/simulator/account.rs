//! Money and statistics.

use luma_edge::simulator::Stats;
use serde_json::json;

use crate::driver::*;

fn stats(api: &mut Api) -> Stats {
    api.simulator.stats(api.now)
}

#[test]
fn modifying_costs_what_the_guide_says() {
    for (model, cents) in [("ray-2", 174.96), ("ray-flash-2", 60.16)] {
        let mut api = api(json!({ "credits": 1000 }));
        let media = json!({ "url": "https://example.com/a.mp4" });
        api.create("/generations/video/modify", json!({ "model": model, "mode": "flex_1", "media": media }));
        let (_, credits) = api.get("/credits");
        assert!((credits["credit_balance"].as_f64().unwrap() - (1000.0 - cents)).abs() < 0.01, "{model}: {credits}");
    }
}

#[test]
fn more_pixels_cost_more() {
    let mut api = api(json!({ "limits": "none" }));
    let mut cost = |path: &str, body| {
        let before = stats(&mut api).credits.charged;
        api.create(path, body);
        stats(&mut api).credits.charged - before
    };
    let mut video = |resolution, duration| {
        cost(
            "/generations",
            json!({ "model": "ray-2", "prompt": "heron", "resolution": resolution, "duration": duration }),
        )
    };
    let prices =
        [video("540p", "5s"), video("720p", "5s"), video("720p", "9s"), video("1080p", "9s"), video("4k", "9s")];
    assert!(prices.is_sorted() && prices[0] > 30.0 && prices[4] < 2_000.0, "{prices:?}");
    let photon = cost("/generations/image", image());
    let flash = cost("/generations/image", json!({ "model": "photon-flash-1", "prompt": "heron" }));
    assert!(flash < photon && photon < 3.0, "{flash} {photon}");
}

#[test]
fn what_fails_is_given_back_and_what_cannot_be_paid_is_refused() {
    let mut api = api(json!({ "credits": 100, "durations": 10_000 }));
    let id = api.create("/generations", json!({ "model": "ray-2", "prompt": "heron [fail:job]" }));
    let charged = stats(&mut api).credits.charged;
    assert!(charged > 50.0 && charged < 100.0);
    let (status, error) = api.post("/generations", video());
    assert_eq!((status, error), (402, json!({ "detail": "Insufficient credits. Please add credits to continue." })));
    api.wait(9_999.0);
    assert_eq!(stats(&mut api).credits.refunded, 0.0);
    api.wait(1.0);
    assert_eq!(api.state(&id), "failed");
    let credits = stats(&mut api).credits;
    assert_eq!((credits.balance, credits.refunded), (100.0, charged));
    assert_eq!(api.post("/generations", video()).0, 201);
}

#[test]
fn the_statistics_tell_what_happened() {
    let mut api = api(json!({ "faults": "credits:503=1@1" }));
    api.video();
    api.create("/generations/image", image());
    api.post("/generations/video", json!({}));
    api.get("/generations");
    api.get("/credits");
    api.get("/nowhere");
    let stats = serde_json::to_value(stats(&mut api)).unwrap();
    let expected = json!({
        "now": START,
        "requests": { "video": 2, "image": 1, "list": 1, "credits": 1, "unknown": 1 },
        "statuses": { "200": 1, "201": 2, "400": 1, "404": 1, "503": 1 },
        "faults": { "credits:503=1@1": 1 },
        "created": { "video": 1, "image": 1 },
        "limited": { "concurrent": 0, "perMinute": 0 },
        "running": { "video": 1, "image": 1 },
        "maxRunning": { "video": 1, "image": 1 },
        "credits": stats["credits"],
        "callbacks": { "sent": 0, "delivered": 0, "givenUp": 0 },
        "keyLeaks": 0,
    });
    assert_eq!(stats, expected);
}
