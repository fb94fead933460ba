use luma_edge::http::{Headers, Method};
use serde_json::{Value, json};

use crate::driver::*;

#[test]
fn the_guides_forms_of_request_are_taken() {
    let mut api = api(json!({ "limits": "none" }));
    let id = api.finished_video();
    let picture = json!({ "type": "image", "url": "https://example.com/a.jpg" });
    let earlier = json!({ "type": "generation", "id": id });
    let url = json!({ "url": "https://example.com/a.jpg", "weight": 0.85 });
    let media = json!({ "url": "https://example.com/a.mp4" });
    let p = "A heron on one leg";
    let cases = [
        ("/generations", json!({ "prompt": p })),
        ("/generations", json!({ "prompt": p, "model": "ray-2", "resolution": "720p", "duration": "5s" })),
        ("/generations", json!({ "prompt": p, "model": "ray-2", "resolution": "1080", "duration": "9s" })),
        ("/generations/video", json!({ "prompt": p, "model": "ray-flash-2", "loop": true, "aspect_ratio": "21:9" })),
        ("/generations/video", json!({ "prompt": p, "model": "ray-2", "concepts": [{ "key": "dolly_zoom" }] })),
        ("/generations", json!({ "prompt": p, "model": "ray-2", "keyframes": { "frame0": picture }, "loop": true })),
        ("/generations", json!({ "prompt": p, "model": "ray-2", "keyframes": { "frame1": picture }, "loop": false })),
        (
            "/generations",
            json!({ "prompt": p, "model": "ray-2", "keyframes": { "frame0": picture, "frame1": picture } }),
        ),
        ("/generations", json!({ "prompt": p, "model": "ray-2", "keyframes": { "frame0": earlier }, "loop": true })),
        ("/generations", json!({ "prompt": p, "model": "ray-2", "keyframes": { "frame1": earlier } })),
        (
            "/generations",
            json!({ "prompt": p, "model": "ray-2", "keyframes": { "frame0": earlier, "frame1": picture } }),
        ),
        (
            "/generations",
            json!({ "prompt": p, "model": "ray-2", "keyframes": { "frame0": picture, "frame1": earlier } }),
        ),
        (
            "/generations",
            json!({ "prompt": p, "model": "ray-2", "keyframes": { "frame0": earlier, "frame1": earlier } }),
        ),
        ("/generations/image", json!({ "prompt": p })),
        (
            "/generations/image",
            json!({ "prompt": p, "model": "photon-flash-1", "aspect_ratio": "3:4", "format": "png" }),
        ),
        ("/generations/image", json!({ "prompt": p, "image_ref": [url, url, url, url] })),
        ("/generations/image", json!({ "prompt": p, "style_ref": [url], "modify_image_ref": url })),
        (
            "/generations/image",
            json!({ "prompt": p, "character_ref": { "identity0": { "images": ["https://e.com/a"] } } }),
        ),
        (
            "/generations/image/reframe",
            json!({ "model": "photon-1", "media": media, "aspect_ratio": "1:1", "x_start": 0 }),
        ),
        ("/generations/video/reframe", json!({ "model": "ray-flash-2", "media": media, "aspect_ratio": "9:21" })),
        ("/generations/video/modify", json!({ "model": "ray-2", "media": media, "mode": "flex_1", "prompt": p })),
    ];
    for (path, body) in cases {
        let (status, generation) = api.post(path, body.clone());
        assert_eq!(status, 201, "{body}: {generation}");
        assert_eq!(generation["state"], "queued", "{body}");
    }
    for (path, body) in [("upscale", json!({ "resolution": "4k" })), ("audio", json!({ "prompt": "wind" }))] {
        let (status, generation) = api.post(&format!("/generations/{id}/{path}"), body);
        assert_eq!(status, 200, "{generation}");
    }
}

#[test]
fn a_generation_echoes_its_request_with_defaults_and_nulls() {
    let mut api = api(json!({}));
    let frame = json!({ "type": "image", "url": "https://example.com/a.jpg" });
    let (_, video) = api.post(
        "/generations/video",
        json!({ "model": "ray-2", "prompt": "A heron", "keyframes": { "frame0": frame }, "newer": 1 }),
    );
    assert_eq!(
        video,
        json!({
            "id": video["id"],
            "generation_type": "video",
            "state": "queued",
            "failure_reason": null,
            "created_at": "2024-12-02T15:34:40.388000Z",
            "assets": null,
            "model": "ray-2",
            "request": {
                "generation_type": "video", "model": "ray-2", "prompt": "A heron", "aspect_ratio": "16:9",
                "loop": null, "keyframes": { "frame0": frame, "frame1": null }, "resolution": null,
                "duration": null, "concepts": null, "callback_url": null,
            },
        })
    );
    let (_, image) = api.post("/generations/image", image());
    assert_eq!(
        image["request"],
        json!({
            "generation_type": "image", "model": "photon-1", "prompt": "A heron on one leg", "aspect_ratio": "16:9",
            "format": "jpg", "image_ref": null, "style_ref": null, "character_ref": null, "modify_image_ref": null,
            "sync": false, "sync_timeout": 60, "callback_url": null,
        })
    );
}

#[test]
fn a_list_may_lag_behind_and_an_id_does_not() {
    let mut api = api(json!({ "listLag": 3_000 }));
    let older = api.video();
    api.wait(3_000.0);
    let newer = api.video();
    let ids = |api: &mut Api, query: &str| {
        let list = api.get(&format!("/generations{query}")).1;
        list["generations"]
            .as_array()
            .unwrap()
            .iter()
            .map(|job| job["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    api.wait(2_999.0);
    assert_eq!(ids(&mut api, ""), std::slice::from_ref(&older));
    assert_eq!(
        ids(&mut api, "?limit=1"),
        std::slice::from_ref(&older),
        "a lagging list is a whole one of an earlier time"
    );
    assert_eq!(api.get(&format!("/generations/{newer}")).0, 200);
    api.wait(1.0);
    assert_eq!(ids(&mut api, ""), [newer, older]);
}

#[test]
fn lists_are_pages_of_the_newest_first() {
    let mut api = api(json!({ "limits": "none" }));
    let mut ids: Vec<String> = (0..5).map(|_| api.video()).collect();
    ids.reverse();
    let page = |query: &str, api: &mut Api| {
        let (status, list) = api.get(&format!("/generations{query}"));
        assert_eq!(status, 200);
        let ids: Vec<String> =
            list["generations"].as_array().unwrap().iter().map(|g| g["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(list["count"], ids.len());
        (ids, list["has_more"].as_bool().unwrap(), list["limit"].as_u64().unwrap(), list["offset"].as_u64().unwrap())
    };
    assert_eq!(page("", &mut api), (ids.clone(), false, 100, 0));
    assert_eq!(page("?limit=2", &mut api), (ids[..2].to_vec(), true, 2, 0));
    assert_eq!(page("?limit=2&offset=3", &mut api), (ids[3..].to_vec(), false, 2, 3));
    assert_eq!(page("?limit=0&offset=0", &mut api), (vec![], true, 0, 0));
    assert_eq!(page("?offset=9", &mut api), (vec![], false, 100, 9));
    for (query, kind) in [("?limit=ten", "int_parsing"), ("?offset=-1", "greater_than_equal")] {
        let (status, error) = api.get(&format!("/generations{query}"));
        assert_eq!((status, error["detail"][0]["type"].as_str()), (422, Some(kind)));
    }
}

#[test]
fn what_is_deleted_is_gone() {
    let mut api = api(json!({}));
    let id = api.video();
    let path = format!("/generations/{id}");
    assert_eq!(api.send(Method::Delete, &path, None), (204, Value::Null));
    let gone = (404, json!({ "detail": "Generation not found" }));
    assert_eq!(api.send(Method::Delete, &path, None), gone);
    assert_eq!(api.get(&path), gone);
    assert_eq!(api.get("/generations").1["count"], 0);
    assert_eq!(api.post(&format!("{path}/audio"), json!({})), gone);
}

#[test]
fn small_endpoints() {
    let mut api = api(json!({ "credits": 1234.5 }));
    assert_eq!(api.get("/ping"), (200, json!({ "message": "pong" })));
    assert_eq!(api.get("/credits"), (200, json!({ "credit_balance": 1234.5 })));
    let (status, concepts) = api.get("/generations/concepts/list");
    assert_eq!((status, concepts.as_array().unwrap().len()), (200, 34));
    let (status, motions) = api.get("/generations/camera_motion/list");
    assert_eq!(status, 200);
    assert!(motions.as_array().unwrap().contains(&json!("camera orbit left")));
}

#[test]
fn only_a_good_key_is_let_in() {
    let refused = (401, json!({ "detail": "Invalid API key is provided" }));
    let mut any = api(json!({}));
    any.key = None;
    assert_eq!(any.get("/ping"), refused);
    any.key = Some("whatever");
    assert_eq!(any.get("/ping").0, 200);

    let mut one = api(json!({ "apiKeys": ["luma-good"] }));
    assert_eq!(one.get("/credits"), refused);
    assert_eq!(one.post("/generations/video", video()), refused);
    one.key = Some("luma-good");
    assert_eq!(one.get("/credits").0, 200);
    for field in ["luma-good", "Basic luma-good", "Bearer ", "Bearer"] {
        let headers = Headers::new().with("authorization", field);
        let reply = one.raw(Method::Get, &format!("{ROOT}/ping"), headers, None);
        assert_eq!(answer(reply).status, 401, "{field}");
    }
}

#[test]
fn paths_that_lead_nowhere() {
    let mut api = api(json!({}));
    let id = api.video();
    let cases = [
        (Method::Get, "/_stainless_unknown_path".to_owned(), 404),
        (Method::Get, "/generations/".into(), 404),
        (Method::Get, format!("/generations/{id}/upscale/more"), 404),
        (Method::Get, format!("/generations/{}", "0".repeat(36)), 404),
        (Method::Put, "/generations".into(), 405),
        (Method::Post, "/credits".into(), 405),
        (Method::Get, format!("/generations/{id}/upscale"), 405),
        (Method::Patch, format!("/generations/{id}"), 405),
    ];
    for (method, path, status) in cases {
        let response = answer(api.reply(method, &path, None));
        assert_eq!(response.status, status, "{path}");
        let value: Value = serde_json::from_slice(&response.body).unwrap();
        assert!(value["detail"].is_string(), "{path}: {value}");
        assert_eq!(response.headers.get("allow").is_some(), status == 405, "{path}");
    }
    for url in ["https://example.com/", "https://example.com/generations", "", "?", "#"] {
        let response = answer(api.raw(Method::Get, url, Headers::new(), None));
        assert_eq!(response.status, 404, "{url}");
        let text = String::from_utf8(response.body).unwrap();
        assert!(text.contains("the Dream Machine API is under /dream-machine/v1"), "{url}: {text}");
    }
}

#[test]
fn any_prefix_may_stand_before_the_path() {
    let mut api = api(json!({}));
    let key = || Headers::new().with("authorization", "Bearer k");
    for url in ["http://127.0.0.1:4010/dream-machine/v1/ping", "/luma/dream-machine/v1/ping?x=1#y"] {
        assert_eq!(answer(api.raw(Method::Get, url, key(), None)).status, 200, "{url}");
    }
    let url = "http://127.0.0.1/dream-machine/v10/ping";
    assert_eq!(answer(api.raw(Method::Get, url, key(), None)).status, 404);
}

#[test]
fn a_page_of_another_origin_may_call() {
    let mut api = api(json!({}));
    let headers = Headers::new().with("access-control-request-headers", "authorization,x-more");
    let preflight = answer(api.raw(Method::Options, &format!("{ROOT}/generations"), headers, None));
    assert_eq!((preflight.status, preflight.body.len()), (204, 0));
    assert_eq!(preflight.headers.get("access-control-allow-headers"), Some("authorization,x-more"));
    assert!(preflight.headers.get("access-control-allow-methods").unwrap().contains("DELETE"));
    api.wait(5_000.0);
    let mut ids = Vec::new();
    for path in ["/ping", "/nowhere"] {
        let response = answer(api.reply(Method::Get, path, None));
        let header = |name| response.headers.get(name);
        assert_eq!(header("access-control-allow-origin"), Some("*"));
        assert!(header("access-control-expose-headers").unwrap().contains("retry-after"));
        assert_eq!(header("content-type"), Some("application/json"));
        assert_eq!(header("date"), Some("Mon, 02 Dec 2024 15:34:45 GMT"));
        ids.push(header("x-request-id").unwrap().to_owned());
    }
    assert_ne!(ids[0], ids[1]);
}

#[test]
fn what_was_asked_can_be_looked_at() {
    let mut api = api(json!({}));
    api.video();
    api.get("/generations?limit=1");
    let seen: Vec<Value> = api.simulator.requests().map(|r| serde_json::to_value(r).unwrap()).collect();
    assert_eq!(
        seen,
        [
            json!({
                "at": START, "method": "POST", "path": "/dream-machine/v1/generations/video", "route": "video",
                "headers": ["content-type", "authorization"], "body": video().to_string(), "status": 201, "fault": null,
            }),
            json!({
                "at": START, "method": "GET", "path": "/dream-machine/v1/generations?limit=1", "route": "list",
                "headers": ["content-type", "authorization"], "body": null, "status": 200, "fault": null,
            }),
        ]
    );
    assert!(!format!("{:?}", api.simulator).contains("luma-test"));
}
