//! What is refused, and in which words.

use luma_edge::http::{Headers, Method};
use serde_json::{Value, json};

use crate::driver::*;

const ABSENT: &str = "00000000-0000-4000-8000-000000000000";

#[test]
fn the_guides_messages_word_for_word() {
    let mut api = api(json!({ "limits": "none" }));
    let done = api.finished_video();
    let running = api.video();
    let picture = api.create("/generations/image", json!({ "model": "photon-flash-1", "prompt": "[fast] heron" }));
    let image = json!({ "type": "image", "url": "https://example.com/a.jpg" });
    let video = json!({ "type": "generation", "id": done });
    let of = |id: &str| json!({ "frame0": { "type": "generation", "id": id } });
    let with = |fields: Value| {
        let mut body = json!({ "model": "ray-2", "prompt": "A heron" });
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        body
    };
    let looped = |keyframes: Value| with(json!({ "loop": true, "keyframes": keyframes }));
    let url = json!({ "url": "https://example.com/a.jpg" });
    let media = json!({ "url": "https://example.com/a.mp4" });
    let video_cases = [
        (json!({ "model": "ray-2" }), "Prompt is required"),
        (with(json!({ "prompt": "" })), "Prompt is required"),
        (with(json!({ "prompt": null })), "Prompt is required"),
        (with(json!({ "prompt": "ab" })), "Prompt is too short, minimum length is 3 characters"),
        (with(json!({ "prompt": "鷺鷺" })), "Prompt is too short, minimum length is 3 characters"),
        (with(json!({ "prompt": "鷺".repeat(5001) })), "Prompt is too long, maximum length is 5000 characters"),
        (with(json!({ "keyframes": {} })), "No keyframes provided"),
        (with(json!({ "keyframes": { "frame0": null, "frame1": null } })), "No keyframes provided"),
        (
            with(json!({ "keyframes": { "frame0": { "type": "video", "url": "https://e.com/a" } } })),
            "Unknown request type",
        ),
        (looped(json!({ "frame1": image })), "Loop is not supported for end frame"),
        (looped(json!({ "frame0": image, "frame1": image })), "Loop is not supported for keyframes"),
        (looped(json!({ "frame1": video })), "Loop is not supported for extend reverse"),
        (looped(json!({ "frame0": video, "frame1": image })), "Loop is not supported for interpolate video to image"),
        (looped(json!({ "frame0": image, "frame1": video })), "Loop is not supported for interpolate image to video"),
        (
            looped(json!({ "frame0": video, "frame1": video })),
            "Loop is not supported for interpolate between two videos",
        ),
        (with(json!({ "keyframes": of(ABSENT) })), &format!("Generation {ABSENT} not found")),
        (with(json!({ "keyframes": of(&running) })), &format!("Generation {running} is not completed")),
        (with(json!({ "keyframes": of(&picture) })), &format!("Generation {picture} is not a video")),
        (with(json!({ "model": "ray-1-6", "duration": "5s" })), "400: Duration is not supported in Ray 1.6 API"),
        (with(json!({ "model": "ray-1-6", "resolution": "720p" })), "400: Resolution is not supported in Ray 1.6 API"),
        (
            with(json!({ "model": "ray-1-6", "concepts": [{ "key": "pov" }] })),
            "400: concepts are not supported for this model",
        ),
        (with(json!({ "concepts": [{ "key": "pov" }, { "key": "worm_eye" }] })), "Unknown concept: worm_eye"),
    ];
    let five = [url.clone(), url.clone(), url.clone(), url.clone(), url];
    let images = ["https://example.com/a.jpg"; 5];
    let other_cases = [
        (
            "image".to_owned(),
            json!({ "prompt": "no" }),
            "Prompt is too short, minimum length is 3 characters".to_owned(),
        ),
        ("image".into(), json!({}), "Prompt is required".into()),
        ("image".into(), json!({ "prompt": "A heron", "image_ref": five }), "image_ref supports up to 4 images".into()),
        (
            "image".into(),
            json!({ "prompt": "A heron", "character_ref": { "identity0": { "images": images } } }),
            "character_ref.identity0.images supports up to 4 images".into(),
        ),
        (format!("{running}/upscale"), json!({}), format!("Generation {running} is not completed")),
        (format!("{running}/audio"), json!({}), format!("Generation {running} is not completed")),
        (format!("{picture}/upscale"), json!({}), format!("Generation {picture} is not a video")),
    ];
    let video_cases = video_cases.into_iter().map(|(body, message)| ("video".to_owned(), body, message.to_owned()));
    for (path, body, message) in video_cases.chain(other_cases) {
        let (status, error) = api.post(&format!("/generations/{path}"), body.clone());
        assert_eq!((status, error), (400, json!({ "detail": message })), "{path} {body}");
    }
    for (path, body) in [
        ("video", with(json!({ "prompt": "鷺".repeat(5000) }))),
        // A picture as a keyframe does without a prompt; the guide's lengths are those of creations.
        ("video", json!({ "model": "ray-2", "keyframes": { "frame0": image } })),
        ("video", json!({ "model": "ray-2", "keyframes": { "frame0": video, "frame1": image } })),
        ("video/modify", json!({ "model": "ray-2", "media": media, "mode": "flex_1", "prompt": "x" })),
    ] {
        let (status, answer) = api.post(&format!("/generations/{path}"), body);
        assert_eq!(status, 201, "{answer}");
    }
}

#[test]
fn problems_of_shape_are_listed_with_their_places() {
    let mut api = api(json!({}));
    let url = json!({ "url": "https://example.com/a.mp4" });
    let cases = [
        ("video", json!([]), json!([["body"]]), "model_attributes_type"),
        ("video", json!({ "prompt": 1 }), json!([["body", "prompt"]]), "string_type"),
        ("video", json!({ "loop": "yes" }), json!([["body", "loop"]]), "bool_type"),
        ("video", json!({ "aspect_ratio": "2:1" }), json!([["body", "aspect_ratio"]]), "enum"),
        ("video", json!({ "generation_type": "image" }), json!([["body", "generation_type"]]), "literal_error"),
        ("video", json!({ "concepts": {} }), json!([["body", "concepts"]]), "list_type"),
        (
            "video",
            json!({ "concepts": [{}, 1] }),
            json!([["body", "concepts", 0, "key"], ["body", "concepts", 1]]),
            "missing",
        ),
        (
            "video",
            json!({ "keyframes": { "frame0": {} } }),
            json!([["body", "keyframes", "frame0"]]),
            "union_tag_not_found",
        ),
        (
            "video",
            json!({ "keyframes": { "frame0": { "type": "image" } } }),
            json!([["body", "keyframes", "frame0", "image", "url"]]),
            "missing",
        ),
        (
            "video",
            json!({ "keyframes": { "frame1": { "type": "generation", "id": "7" } } }),
            json!([["body", "keyframes", "frame1", "generation", "id"]]),
            "uuid_parsing",
        ),
        ("video", json!({ "callback_url": "example.com" }), json!([["body", "callback_url"]]), "url_parsing"),
        (
            "image",
            json!({ "image_ref": [{ "url": "data:a" }] }),
            json!([["body", "image_ref", 0, "url"]]),
            "url_scheme",
        ),
        (
            "image",
            json!({ "image_ref": [{ "weight": "1" }] }),
            json!([["body", "image_ref", 0, "weight"]]),
            "float_type",
        ),
        (
            "image",
            json!({ "modify_image_ref": { "url": "http://" } }),
            json!([["body", "modify_image_ref", "url"]]),
            "url_parsing",
        ),
        (
            "image/reframe",
            json!({ "model": "photon-1", "media": url, "aspect_ratio": "1:1", "x_end": 1.5 }),
            json!([["body", "x_end"]]),
            "int_from_float",
        ),
        (
            "video/reframe",
            json!({}),
            json!([["body", "media"], ["body", "model"], ["body", "aspect_ratio"]]),
            "missing",
        ),
        (
            "video/modify",
            json!({ "media": url, "model": "ray-1-6", "mode": "wild" }),
            json!([["body", "model"], ["body", "mode"]]),
            "enum",
        ),
    ];
    for (path, body, places, kind) in cases {
        let (status, error) = api.post(&format!("/generations/{path}"), body.clone());
        assert_eq!(status, 422, "{body}: {error}");
        let problems = error["detail"].as_array().unwrap();
        let found: Vec<&Value> = problems.iter().map(|problem| &problem["loc"]).collect();
        assert_eq!(json!(found), places, "{body}");
        assert_eq!(problems[0]["type"], kind, "{body}");
        assert!(problems.iter().all(|problem| problem["msg"].is_string() && problem.get("input").is_some()), "{body}");
    }
    let (_, error) = api.post("/generations/image", json!({ "model": "ray-2" }));
    assert_eq!(
        error["detail"][0],
        json!({
            "type": "enum", "loc": ["body", "model"], "msg": "Input should be 'photon-1' or 'photon-flash-1'",
            "input": "ray-2", "ctx": { "expected": "'photon-1' or 'photon-flash-1'" },
        })
    );
}

#[test]
fn a_body_that_is_no_json() {
    let mut api = api(json!({}));
    let mut send = |content_type: Option<&'static str>, body: Option<&str>| {
        let headers = Headers::new().with("authorization", "Bearer k");
        let headers = content_type.into_iter().fold(headers, |headers, value| headers.with("content-type", value));
        let body = body.map(|text| text.as_bytes().to_vec());
        let response = answer(api.raw(Method::Post, &format!("{ROOT}/generations/video"), headers, body));
        let value: Value = serde_json::from_slice(&response.body).unwrap();
        (response.status, value["detail"][0]["type"].as_str().map(str::to_owned))
    };
    let refused = |kind: &str| (422, Some(kind.to_owned()));
    let good = video().to_string();
    assert_eq!(send(Some("application/json"), None), refused("missing"));
    assert_eq!(send(Some("application/json"), Some("")), refused("missing"));
    assert_eq!(send(Some("application/json"), Some("{")), refused("json_invalid"));
    assert_eq!(send(Some("application/json"), Some(&"[".repeat(100_000))), refused("json_invalid"));
    assert_eq!(send(Some("text/plain;charset=UTF-8"), Some(&good)), refused("model_attributes_type"));
    assert_eq!(send(Some("application/json; charset=utf-8"), Some(&good)), (201, None));
    assert_eq!(send(None, Some(&good)), (201, None));
}

#[test]
fn by_the_schema_alone_the_sdks_own_calls_succeed() {
    let mut api = api(json!({ "validation": "schema" }));
    let media = json!({ "url": "https://example.com" });
    let full_video = json!({
        "model": "ray-2", "aspect_ratio": "16:9", "callback_url": "https://example.com",
        "concepts": [{ "key": "key" }], "duration": "5s", "generation_type": "video",
        "keyframes": {
            "frame0": { "type": "image", "url": "https://example.com" },
            "frame1": { "type": "generation", "id": "123e4567-e89b-12d3-a456-426614174000" },
        },
        "loop": true, "prompt": "prompt", "resolution": "540p",
    });
    let weighed = json!({ "url": "https://example.com", "weight": 0 });
    let full_image = json!({
        "model": "photon-1", "aspect_ratio": "16:9", "callback_url": "https://example.com",
        "character_ref": { "identity0": { "images": ["https://example.com"] } }, "format": "jpg",
        "generation_type": "image", "image_ref": [weighed], "modify_image_ref": weighed, "prompt": "prompt",
        "style_ref": [weighed], "sync": true, "sync_timeout": 0,
    });
    let reframe_image =
        json!({ "model": "photon-1", "aspect_ratio": "16:9", "generation_type": "reframe_image", "media": media });
    let reframe_video =
        json!({ "model": "ray-2", "aspect_ratio": "16:9", "generation_type": "reframe_video", "media": media });
    let modify = json!({ "model": "ray-2", "mode": "adhere_1", "generation_type": "modify_video", "media": media });
    let calls = [
        ("video", json!({ "model": "ray-2" }), 201),
        ("video", full_video, 201),
        ("image", json!({ "model": "photon-1" }), 201),
        ("image", full_image, 201),
        ("image/reframe", reframe_image, 201),
        ("video/reframe", reframe_video, 201),
        ("video/modify", modify, 201),
        ("id/upscale", json!({}), 200),
        ("id/audio", json!({}), 200),
    ];
    for (path, body, expected) in calls {
        let (status, generation) = api.post(&format!("/generations/{path}"), body);
        assert_eq!(status, expected, "{path}: {generation}");
    }
    assert_eq!(api.get("/generations/id").1["id"], "id");
    assert_eq!(api.send(Method::Delete, "/generations/id", None).0, 204);
    assert_eq!(api.get("/generations").1["count"], 9);

    // Types, required fields and closed lists still count.
    let modify = json!({ "model": "ray-2", "mode": "adhere_1", "media": media });
    for (path, body) in [("video", json!({})), ("video", json!({ "model": "ray-9" })), ("video/modify", modify)] {
        assert_eq!(api.post(&format!("/generations/{path}"), body).0, 422);
    }
}
