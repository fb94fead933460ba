//! The Agents API: what it refuses and in which words, what it makes, its files.

use luma_edge::http::{Headers, Method, Response};
use serde_json::{Value, json};

use crate::driver::*;

const BASE: &str = "https://agents.lumalabs.ai/v1";
const ABSENT: &str = "00000000-0000-4000-8000-000000000000";

fn agents(options: Value) -> Api {
    let mut api = api(options);
    api.key = Some("luma-api-test");
    api
}

/// Sends to an endpoint, JSON if there is a body.
fn call(api: &mut Api, method: Method, path: &str, body: Option<&Value>) -> Response<Vec<u8>> {
    let headers = Headers::new().with("content-type", "application/json");
    let headers = api.key.into_iter().fold(headers, |all, key| all.with("authorization", format!("Bearer {key}")));
    answer(api.raw(method, &format!("{BASE}{path}"), headers, body.map(|body| body.to_string().into_bytes())))
}

fn json_of(response: &Response<Vec<u8>>) -> Value {
    if response.body.is_empty() { Value::Null } else { serde_json::from_slice(&response.body).unwrap() }
}

fn send(api: &mut Api, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
    let response = call(api, method, path, body);
    (response.status, json_of(&response))
}

fn create(api: &mut Api, body: Value) -> String {
    let (status, generation) = send(api, Method::Post, "/generations", Some(&body));
    assert_eq!(status, 201, "{body}: {generation}");
    generation["id"].as_str().unwrap().to_owned()
}

fn look(api: &mut Api, id: &str) -> Value {
    let (status, generation) = send(api, Method::Get, &format!("/generations/{id}"), None);
    assert_eq!(status, 200, "{generation}");
    generation
}

fn file(api: &mut Api, url: &str) -> Response<Vec<u8>> {
    answer(api.raw(Method::Get, url, Headers::new(), None))
}

/// These fields over a request of that type that is good.
fn request(kind: &str, fields: Value) -> Value {
    let image = json!({ "url": "https://example.com/a.png" });
    let video = json!({ "url": "https://example.com/a.mp4", "media_type": "video/mp4" });
    let mut body = match kind {
        "image" => json!({ "prompt": "A heron" }),
        "image_edit" | "layering" => json!({ "prompt": "A heron", "type": kind, "source": image }),
        "video" => json!({ "prompt": "A heron", "type": kind, "model": "ray-3.2" }),
        "video_edit" => json!({ "prompt": "A heron", "type": kind, "model": "ray-3.2", "source": video }),
        _ => json!({ "prompt": "A heron", "type": kind, "model": "ray-3.2", "source": video, "aspect_ratio": "1:1" }),
    };
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    body
}

#[test]
fn what_is_refused_and_in_which_words() {
    let mut api = agents(json!({ "limits": "none", "durations": { "image": 1000, "video": 1000, "uni-1-max": 1e9 } }));
    let picture = create(&mut api, request("image", json!({ "aspect_ratio": "16:9" })));
    let clip = create(&mut api, request("video", json!({})));
    let unfinished = create(&mut api, request("image", json!({ "model": "uni-1-max" })));
    api.wait(1000.0);
    let image = json!({ "url": "https://example.com/a.png" });
    let of = |count: usize| vec![image.clone(); count];
    let refs = |one: Value| request("image", json!({ "image_ref": [image, one] }));
    let video = |fields: Value| request("video", json!({ "video": fields }));
    let edit = |fields: Value| request("video_edit", json!({ "video": { "edit": fields } }));
    let large = "A".repeat((50 << 20) / 3 * 4 + 8);
    let gone = format!("https://simulator.luma-edge.invalid/storage/{picture}/video.mp4?expires=9999999999999");
    let extend = json!({ "generation_id": clip });
    let cases = [
        (400, request("image", json!({ "model": "uni-2" })), "Unknown model: uni-2"),
        (400, request("video", json!({ "model": "uni-1" })), "Type 'video' is not supported for model 'uni-1'"),
        (400, request("image", json!({ "model": "ray-3.2" })), "Type 'image' is not supported for model 'ray-3.2'"),
        (
            400,
            request("image", json!({ "aspect_ratio": "21:9" })),
            "Invalid aspect_ratio '21:9'. Valid: 16:9, 1:1, 1:2, 1:3, 2:1, 2:3, 3:1, 3:2, 9:16",
        ),
        (
            400,
            request("video", json!({ "aspect_ratio": "9:21" })),
            "Invalid aspect_ratio '9:21'. Valid: 16:9, 1:1, 21:9, 3:4, 4:3, 9:16",
        ),
        (400, request("image", json!({ "prompt": "" })), "Prompt must be between 1 and 6000 characters"),
        (400, request("image", json!({ "prompt": "鷺".repeat(6001) })), "Prompt must be between 1 and 6000 characters"),
        (400, request("layering", json!({ "prompt": "a".repeat(501) })), "Prompt must be between 1 and 500 characters"),
        (
            400,
            refs(json!({ "url": "https://e.com/a", "data": "AAAA" })),
            "image_ref[1]: provide either 'url' or 'data', not both",
        ),
        (400, refs(json!({ "data": "AAAA" })), "image_ref[1]: 'media_type' is required with 'data'"),
        (400, refs(json!({})), "image_ref[1]: provide exactly one of 'url', 'data', 'generation_id' or 'file_id'"),
        (400, request("image_edit", json!({ "source": null })), "source is required for type 'image_edit'"),
        (400, request("image", json!({ "source": image })), "source is only valid for type 'image_edit'"),
        (400, request("video_edit", json!({ "source": null })), "source is required for type 'video_edit'"),
        (400, request("video_edit", json!({ "source": image })), "source: 'media_type' is required with a video 'url'"),
        (
            400,
            request("image_edit", json!({ "image_ref": of(9) })),
            "image_edit supports up to 8 reference images (source occupies one slot)",
        ),
        (400, request("image", json!({ "image_ref": of(10) })), "image supports up to 9 reference images"),
        (413, refs(json!({ "data": large, "media_type": "image/png" })), "Image exceeds 50 MB size limit"),
        (422, refs(json!({ "data": "A*==", "media_type": "image/png" })), "image_ref[1]: invalid base64 data"),
        (422, refs(json!({ "data": "AAA", "media_type": "image/png" })), "image_ref[1]: invalid base64 data"),
        (422, refs(json!({ "data": "AAAA", "media_type": "text/css" })), "image_ref[1]: content-type is not an image"),
        (422, refs(json!({ "url": "https://nowhere.invalid/a.png" })), "image_ref[1]: failed to fetch URL"),
        (422, refs(json!({ "url": gone })), "image_ref[1]: failed to fetch URL (HTTP 404)"),
        (422, refs(json!({ "generation_id": ABSENT })), "image_ref[1]: generation not found"),
        (422, refs(json!({ "generation_id": unfinished })), "image_ref[1]: generation is not completed"),
        (422, refs(json!({ "generation_id": clip })), "image_ref[1]: generation is not an image"),
        (422, refs(json!({ "file_id": ABSENT })), "image_ref[1]: file not found"),
        (422, request("video", json!({ "image_ref": of(1) })), "image_ref is not supported for type 'video'"),
        (422, request("video_edit", json!({ "image_ref": of(1) })), "image_ref is not supported for type 'video_edit'"),
        (422, request("image", json!({ "video": {} })), "video is not supported for type 'image'"),
        (422, request("image", json!({ "layering": {} })), "layering is not supported for type 'image'"),
        (
            422,
            request("image", json!({ "style": "manga", "aspect_ratio": "1:1" })),
            "style 'manga' does not support aspect_ratio '1:1', only 2:3, 9:16, 1:2, 1:3",
        ),
        (
            422,
            video(json!({ "duration": "10s", "loop": true })),
            "video.duration '10s' is not supported with video.loop",
        ),
        (
            422,
            video(json!({ "duration": "10s", "start_frame": image })),
            "video.duration '10s' is not supported with video.start_frame",
        ),
        (
            422,
            video(json!({ "duration": "10s", "end_frame": image })),
            "video.duration '10s' is not supported with video.end_frame",
        ),
        (
            422,
            video(json!({ "keyframes": [image], "keyframe_indexes": [0], "loop": true })),
            "video.keyframes is not supported with video.loop",
        ),
        (
            422,
            video(json!({ "keyframes": [image], "keyframe_indexes": [] })),
            "video.keyframe_indexes must have as many entries as video.keyframes",
        ),
        (
            422,
            video(json!({ "keyframes": [image], "keyframe_indexes": [121] })),
            "video.keyframe_indexes must be from 0 to 120",
        ),
        (
            422,
            video(json!({ "keyframes": of(2), "keyframe_indexes": [7, 7] })),
            "video.keyframe_indexes must be unique",
        ),
        (422, video(json!({ "keyframes": of(65) })), "video.keyframes takes 1 to 64 images"),
        (
            400,
            request("layering", json!({ "model": "uni-1-max" })),
            "Type 'layering' is not supported for model 'uni-1-max'",
        ),
        (422, video(json!({ "exr_export": true })), "video.exr_export requires video.hdr"),
        (422, video(json!({ "hdr": true, "resolution": "540p" })), "video.hdr requires a resolution of 720p or 1080p"),
        (422, video(json!({ "hdr": true, "loop": true })), "video.hdr is not supported with video.loop"),
        (
            422,
            video(json!({ "hdr": true, "duration": "10s" })),
            "video.hdr with a duration of '10s' is supported with video.keyframes only",
        ),
        (
            422,
            video(json!({ "hdr": true, "start_frame": extend })),
            "video.hdr is not supported when a generation is extended",
        ),
        (
            422,
            video(json!({ "start_frame": extend, "end_frame": image })),
            "extending a generation takes either video.start_frame or video.end_frame",
        ),
        (422, video(json!({ "edit": {} })), "video.edit is not supported for type 'video'"),
        (
            422,
            edit(json!({ "auto_controls": true, "strength": "flex_1" })),
            "video.edit.auto_controls is not supported with video.edit.strength",
        ),
        (
            422,
            edit(json!({ "controls": { "depth": { "blur": 2 } } })),
            "video.edit.controls.depth.blur must be from 0 to 1",
        ),
        (
            422,
            request("video_reframe", json!({ "video": { "hdr": true } })),
            "video.hdr is not supported for type 'video_reframe'",
        ),
        (
            422,
            request("video_reframe", json!({ "aspect_ratio": "9:16", "video": { "resolution": "1080p" } })),
            "video.resolution '1080p' is not supported for vertical reframes",
        ),
        (
            422,
            request("video_reframe", json!({ "aspect_ratio": "16:9", "source": { "generation_id": clip } })),
            "aspect_ratio '16:9' is that of the source",
        ),
        (422, json!({}), "prompt: Field required"),
        (
            422,
            request("image", json!({ "image_ref": [{ "url": 1 }] })),
            "image_ref[0].url: URL input should be a string or URL",
        ),
        (
            422,
            video(json!({ "resolution": "4k" })),
            "video.resolution: Input should be '360p', '540p', '720p' or '1080p'",
        ),
    ];
    for (status, body, detail) in cases {
        let got = send(&mut api, Method::Post, "/generations", Some(&body));
        assert_eq!(got, (status, json!({ "detail": detail })), "{:.200}", body.to_string());
    }
    let taken = [
        request("image", json!({ "prompt": "鷺".repeat(6000), "image_ref": of(9), "newer": 1 })),
        request("image", json!({ "style": "manga" })),
        // What no document refuses.
        request("video", json!({ "style": "manga", "web_search": true })),
        request("layering", json!({ "prompt": "" })),
        request("video_reframe", json!({ "aspect_ratio": null })),
        edit(json!({ "keyframes": of(2), "keyframe_indexes": [9, 431] })),
        request(
            "image_edit",
            json!({ "image_ref": of(8), "web_search": true, "source": { "generation_id": picture } }),
        ),
        request("video", json!({ "video": { "start_frame": extend } })),
        request("video", json!({ "video": { "start_frame": { "generation_id": picture }, "end_frame": image } })),
        video(json!({ "keyframes": [image, image], "keyframe_indexes": [0, 240], "duration": "10s", "hdr": true })),
        request("video_edit", json!({ "aspect_ratio": "any", "video": { "hdr": true, "resolution": "360p" } })),
        edit(json!({ "strength": "adhere_1", "controls": { "pose": { "enabled": true, "strength": "coarse" } } })),
        request(
            "video_reframe",
            json!({ "video": { "source_position": { "x_norm": -0.5, "y_norm": 0, "w_norm": 2, "h_norm": 1 } } }),
        ),
        request("layering", json!({ "layering": { "resolution": "2k" } })),
    ];
    for body in taken {
        create(&mut api, body);
    }
}

#[test]
fn keys_are_told_apart() {
    let cases = [
        (None, 401, "Missing or invalid API key"),
        (Some(""), 401, "Missing or invalid API key"),
        (Some("luma-test"), 401, "Invalid API key"),
        (Some("luma-api-revoked"), 401, "API key has been revoked"),
        (Some("luma-api-expired"), 401, "API key has expired"),
        (Some("luma-api-suspended"), 403, "API client is suspended"),
        (Some("luma-api-deactivated"), 403, "API client is deactivated"),
    ];
    for (key, status, detail) in cases {
        let mut api = agents(json!({}));
        api.key = key;
        for path in ["/generations", "/files"] {
            let got = send(&mut api, Method::Post, path, Some(&request("image", json!({}))));
            assert_eq!(got, (status, json!({ "detail": detail })), "{key:?}");
        }
    }
    let mut listed = agents(json!({ "apiKeys": ["any form"] }));
    assert_eq!(send(&mut listed, Method::Get, "/files", None), (401, json!({ "detail": "Invalid API key" })));
    listed.key = Some("any form");
    assert_eq!(send(&mut listed, Method::Get, "/files", None).0, 200);
}

#[test]
fn each_type_goes_its_way_and_costs_what_is_published() {
    let hdr = json!({ "video": { "hdr": true } });
    let exr = json!({ "video": { "hdr": true, "exr_export": true, "resolution": "1080p" } });
    let image = json!({ "url": "https://example.com/a.png" });
    let cases = [
        ("image", json!({}), 4.04),
        ("image", json!({ "image_ref": [image] }), 4.34),
        ("image", json!({ "image_ref": vec![image.clone(); 9] }), 6.74),
        ("image", json!({ "model": "uni-1-max" }), 10.0),
        ("image_edit", json!({ "model": "uni-1-max" }), 10.3),
        ("video", json!({}), 30.0),
        ("video", json!({ "video": { "resolution": "360p", "duration": "10s" } }), 18.0),
        ("video", hdr.clone(), 60.0),
        ("video", exr, 360.0),
        ("video_edit", json!({}), 108.0),
        ("video_edit", json!({ "video": { "duration": "10s", "resolution": "540p" } }), 144.0),
        ("video_edit", hdr, 216.0),
        ("video_reframe", json!({}), 60.0),
        ("layering", json!({}), 4.34),
    ];
    for (kind, fields, cents) in cases {
        let mut api = agents(json!({ "durations": { "image": 40_000, "video": 100_000 } }));
        let body = request(kind, fields);
        let response = call(&mut api, Method::Post, "/generations", Some(&body));
        let generation = json_of(&response);
        assert_eq!(response.status, 201, "{body}: {generation}");
        assert_eq!(response.headers.get("x-api-version"), Some("2026-04-01"));
        assert_eq!((&generation["type"], &generation["state"]), (&json!(kind), &json!("queued")));
        assert_eq!(generation["output"], json!([]));
        assert!((api.simulator.stats(api.now).credits.charged - cents).abs() < 1e-6, "{body}");
        let id = generation["id"].as_str().unwrap().to_owned();
        api.wait(20_000.0);
        assert_eq!(look(&mut api, &id)["state"], "processing", "{body}");
        api.wait(80_000.0);
        assert_eq!(look(&mut api, &id)["state"], "completed", "{body}");
    }
}

#[test]
fn without_exact_durations_they_are_those_of_the_guide() {
    for (kind, from, to) in [("image", 30_000.0, 60_000.0), ("video", 0.0, 120_000.0)] {
        let mut late = 0;
        for seed in 0..20 {
            let mut api = agents(json!({ "seed": seed }));
            let id = create(&mut api, request(kind, json!({})));
            api.wait(from * 0.7);
            assert_ne!(look(&mut api, &id)["state"], "completed", "seed {seed}");
            api.wait(to - from * 0.7);
            late += i32::from(look(&mut api, &id)["state"] != "completed");
        }
        assert!(late <= 3, "{kind}: {late} of 20");
    }
}

#[test]
fn a_job_fails_with_the_code_that_its_prompt_asks_for() {
    let codes = [
        "content_moderated",
        "generation_failed",
        "budget_exhausted",
        "output_not_found",
        "image_too_large",
        "unsupported_format",
        "corrupt_input",
        "invalid_request",
        "rate_limited",
    ];
    let own = codes.map(|code| (format!("[fail:{code}]"), code));
    let shared = [("[fail:moderation]".to_owned(), "content_moderated"), ("[fail:job]".into(), "generation_failed")];
    for (marker, code) in own.into_iter().chain(shared) {
        let mut api = agents(json!({ "durations": 1000 }));
        let id = create(&mut api, request("video", json!({ "prompt": format!("A heron {marker}") })));
        api.wait(1000.0);
        let failed = look(&mut api, &id);
        assert_eq!((&failed["state"], &failed["failure_code"]), (&json!("failed"), &json!(code)));
        assert!(failed["failure_reason"].as_str().is_some_and(|reason| !reason.is_empty()));
        let credits = api.simulator.stats(api.now).credits;
        assert_eq!((credits.charged, credits.refunded), (30.0, 30.0), "{code}");
    }
}

fn pixels(file: &[u8]) -> (u32, u32) {
    image::ImageReader::new(std::io::Cursor::new(file)).with_guessed_format().unwrap().into_dimensions().unwrap()
}

#[test]
fn files_are_of_the_right_kind_and_shape() {
    let mut api = agents(json!({ "durations": 1000, "limits": "none" }));
    let cases = [
        (request("image", json!({ "aspect_ratio": "3:1" })), "image/png", Some((2048, 682))),
        (
            request("image", json!({ "aspect_ratio": "9:16", "output_format": "jpeg" })),
            "image/jpeg",
            Some((1152, 2048)),
        ),
        (request("image", json!({ "style": "manga" })), "image/png", Some((1365, 2048))),
        (request("video", json!({ "video": { "resolution": "360p" } })), "video/mp4", None),
    ];
    for (body, content_type, size) in cases {
        let id = create(&mut api, body.clone());
        api.wait(1000.0);
        let done = look(&mut api, &id);
        let response = file(&mut api, done["output"][0]["url"].as_str().unwrap());
        assert_eq!((response.status, response.headers.get("content-type")), (200, Some(content_type)), "{body}");
        match size {
            Some(size) => assert_eq!(pixels(&response.body), size, "{body}"),
            None => assert_eq!(&response.body[4..8], b"ftyp"),
        }
    }
}

#[test]
fn layers_come_front_to_back_and_only_the_last_is_whole() {
    let mut api = agents(json!({ "durations": 1000 }));
    let id = create(&mut api, request("layering", json!({ "aspect_ratio": "16:9" })));
    api.wait(1000.0);
    let outputs = look(&mut api, &id)["output"].as_array().unwrap().clone();
    assert!((1..=10).contains(&outputs.len()));
    let mut layers = Vec::new();
    for (index, output) in outputs.iter().enumerate() {
        let layer = &output["layer"];
        assert_eq!((&output["type"], &layer["index"]), (&json!("image"), &json!(index)));
        assert!(["label", "description"].iter().all(|name| layer[*name].is_string()), "{layer}");
        let hint = layer["alpha_hint"].as_str().unwrap();
        let background = index == outputs.len() - 1;
        assert!(if background { hint == "none" } else { ["soft", "hard"].contains(&hint) }, "{layer}");
        let response = file(&mut api, output["url"].as_str().unwrap());
        let image = image::load_from_memory(&response.body).unwrap();
        assert_eq!((image.width(), image.height(), image.color()), (1024, 576, image::ColorType::Rgba8));
        layers.push(image.into_rgba8());
    }
    let clear = |layer: &image::RgbaImage| layer.pixels().filter(|pixel| pixel.0[3] == 0).count();
    let (background, before) = layers.split_last().unwrap();
    assert_eq!(clear(background), 0);
    let all = 1024 * 576;
    assert!(before.iter().map(clear).all(|clear| clear > 0 && clear < all));
}

/// The size of a picture and its largest sample.
fn read_exr(file: &[u8]) -> ((usize, usize), f32) {
    use exr::prelude::{ReadChannels, ReadLayers, read};
    type Seen = ((usize, usize), f32);
    let image = read()
        .no_deep_data()
        .largest_resolution_level()
        .rgb_channels(
            |size, _| ((size.width(), size.height()), 0.0),
            |(_, brightest): &mut Seen, _, (r, g, b): (f32, f32, f32)| *brightest = brightest.max(r).max(g).max(b),
        )
        .first_valid_layer()
        .all_attributes()
        .from_buffered(std::io::Cursor::new(file))
        .unwrap();
    image.layer_data.channel_data.pixels
}

#[test]
fn frames_come_as_exr_files_in_an_archive() {
    let mut api = agents(json!({ "durations": 1000 }));
    let id = create(&mut api, request("video", json!({ "video": { "hdr": true, "exr_export": true } })));
    api.wait(1000.0);
    let done = look(&mut api, &id);
    assert_eq!((&done["output"][0]["type"], &done["output"][1]["type"]), (&json!("video"), &json!("exr")));
    let archive = file(&mut api, done["output"][1]["url"].as_str().unwrap());
    assert_eq!(archive.headers.get("content-type"), Some("application/zip"));
    // By the directory at its end, as readers do.
    let zip = &archive.body;
    let number =
        |at: usize, bytes: usize| zip[at..at + bytes].iter().rev().fold(0, |n, byte| n << 8 | usize::from(*byte));
    let end = zip.len() - 22;
    assert_eq!((&zip[end..end + 4], number(end + 10, 2)), (&b"PK\x05\x06"[..], 5));
    let mut entry = number(end + 16, 4);
    for second in 0..5 {
        assert_eq!(&zip[entry..entry + 4], b"PK\x01\x02");
        let (checksum, size, name, at) =
            (number(entry + 16, 4), number(entry + 24, 4), number(entry + 28, 2), number(entry + 42, 4));
        assert_eq!(&zip[entry + 46..entry + 46 + name], format!("frame_{second:04}.exr").as_bytes());
        assert_eq!((&zip[at..at + 4], number(at + 18, 4)), (&b"PK\x03\x04"[..], size));
        let exr = &zip[at + 30 + name..at + 30 + name + size];
        assert_eq!(checksum, crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(exr) as usize);
        let (size, brightest) = read_exr(exr);
        assert_eq!(size, (320, 180));
        assert!(brightest > 0.5 && brightest <= 1.0, "{brightest}");
        entry += 46 + name;
    }
}

#[test]
fn a_video_in_hdr_has_ten_bits() {
    for (hdr, profile) in [(false, CONSTRAINED_BASELINE), (true, HIGH_10)] {
        let mut api = agents(json!({ "durations": 0 }));
        let id = create(&mut api, request("video", json!({ "video": { "hdr": hdr } })));
        let done = look(&mut api, &id);
        let response = file(&mut api, done["output"][0]["url"].as_str().unwrap());
        assert_eq!(response.headers.get("content-type"), Some("video/mp4"));
        assert_eq!(h264_profile(&response.body), profile);
    }
}

#[test]
fn links_expire_after_an_hour_and_another_read_renews_them() {
    for (options, ttl) in
        [(json!({ "durations": 0 }), 3_600_000.0), (json!({ "durations": 0, "assetTtl": 500 }), 500.0)]
    {
        let mut api = agents(options);
        let id = create(&mut api, request("image", json!({})));
        let link = |api: &mut Api| look(api, &id)["output"][0]["url"].as_str().unwrap().to_owned();
        let first = link(&mut api);
        api.wait(ttl - 1.0);
        assert_eq!(file(&mut api, &first).status, 200);
        api.wait(1.0);
        assert_eq!(file(&mut api, &first).status, 403);
        let second = link(&mut api);
        assert_eq!(file(&mut api, &second).status, 200);
    }
}

#[test]
fn one_count_is_for_videos_and_pictures_together() {
    let kinds = ["video", "image"].map(|kind| request(kind, json!({})));
    let post = |api: &mut Api, n: usize| send(api, Method::Post, "/generations", Some(&kinds[n % 2]));
    let mut api = agents(json!({}));
    assert!((0..10).all(|n| post(&mut api, n).0 == 201));
    for n in [10, 11] {
        assert_eq!(post(&mut api, n), (429, json!({ "detail": "Too many concurrent jobs" })));
    }
    assert_eq!(api.simulator.stats(api.now).limited.concurrent, 2);
    let mut api = agents(json!({ "durations": 10 }));
    for n in 0..30 {
        assert_eq!(post(&mut api, n).0, 201, "{n}");
        api.wait(100.0);
    }
    for n in [30, 31] {
        assert_eq!(post(&mut api, n), (429, json!({ "detail": "Rate limit exceeded" })));
    }
    // Of limits that are given, those of videos are for both.
    let limits = json!({ "video": { "perMinute": 3 }, "image": { "perMinute": 1 } });
    let mut api = agents(json!({ "limits": limits }));
    assert_eq!([1, 1, 0, 1].map(|n| post(&mut api, n).0), [201, 201, 201, 429]);
}

#[test]
fn limits_are_told_in_the_header_fields() {
    let mut api = agents(json!({ "durations": 1 }));
    let body = request("image", json!({}));
    for left in (0..30).rev() {
        let response = call(&mut api, Method::Post, "/generations", Some(&body));
        let field = |name: &str| response.headers.get(name).unwrap().to_owned();
        assert_eq!((response.status, field("x-ratelimit-limit")), (201, "30".into()));
        assert_eq!(field("x-ratelimit-remaining"), left.to_string());
        assert_eq!(field("x-ratelimit-reset"), ((START + 60_000.0) / 1000.0).ceil().to_string());
        api.wait(1000.0);
    }
    let full = call(&mut api, Method::Post, "/generations", Some(&body));
    assert_eq!((full.status, json_of(&full)), (429, json!({ "detail": "Rate limit exceeded" })));
    assert_eq!(full.headers.get("retry-after"), Some("30"));
    assert_eq!(full.headers.get("x-ratelimit-remaining"), Some("0"));
    let mut api = agents(json!({}));
    for _ in 0..10 {
        create(&mut api, request("video", json!({})));
    }
    let busy = call(&mut api, Method::Post, "/generations", Some(&request("video", json!({}))));
    assert_eq!((busy.status, json_of(&busy)), (429, json!({ "detail": "Too many concurrent jobs" })));
    assert_eq!((busy.headers.get("retry-after"), busy.headers.get("x-ratelimit-limit")), (Some("60"), None));
}

#[test]
fn what_is_not_there() {
    let mut api = agents(json!({ "credits": 10 }));
    let not_found = json!({ "detail": "Generation not found" });
    for id in [ABSENT, "no-uuid"] {
        assert_eq!(send(&mut api, Method::Get, &format!("/generations/{id}"), None), (404, not_found.clone()));
    }
    for (method, path, status) in [
        (Method::Get, "/generations", 405),
        (Method::Delete, "/generations/x", 405),
        (Method::Get, "/credits", 404),
        (Method::Get, "/ping", 404),
    ] {
        let response = call(&mut api, method, path, None);
        assert_eq!(response.status, status, "{path}");
        assert_eq!(response.headers.get("x-api-version"), Some("2026-04-01"));
    }
    // A job of another provider is none of its own.
    api.key = Some("luma-api-test");
    let other = api.create("/generations/image", image());
    assert_eq!(send(&mut api, Method::Get, &format!("/generations/{other}"), None), (404, not_found));
    let poor = send(&mut api, Method::Post, "/generations", Some(&request("video", json!({}))));
    assert_eq!(poor, (402, json!({ "detail": "Insufficient credits. Please add credits to continue." })));
    let headers = Headers::new().with("x-request-id", "mine");
    let response = answer(api.raw(Method::Get, &format!("{BASE}/files"), headers, None));
    assert_eq!(
        response.headers.iter().filter(|(name, _)| *name == "x-request-id").collect::<Vec<_>>(),
        [("x-request-id", "mine")]
    );
}

#[test]
fn by_the_schema_alone_only_types_count() {
    let mut api = agents(json!({ "validation": "schema", "limits": "none" }));
    let reference = json!({ "url": "https://e.com", "data": "x", "generation_id": ABSENT, "file_id": "y" });
    let full = json!({
        "prompt": "", "type": "video", "model": "uni-1", "image_ref": [reference], "source": reference,
        "video": { "duration": "10s", "loop": true, "hdr": true, "start_frame": reference, "keyframe_indexes": [900] },
    });
    create(&mut api, full);
    assert_eq!(look(&mut api, ABSENT)["state"], "completed");
    let (status, _) = send(&mut api, Method::Post, "/generations", Some(&json!({ "prompt": 1 })));
    assert_eq!(status, 422);
}

/// What the SDK's generated API tests send: any key, and any text where its types have no format.
#[test]
fn by_the_schema_alone_the_sdks_own_tests_succeed_and_by_the_documents_they_do_not() {
    let any =
        json!({ "data": "data", "file_id": ABSENT, "generation_id": ABSENT, "media_type": "media_type", "url": "url" });
    let edit = json!({
        "auto_controls": true, "strength": "adhere_1", "keyframe_indexes": [0], "keyframes": [any],
        "controls": {
            "depth": { "blur": 0, "enabled": true }, "face": { "enabled": true }, "normals": { "augmentation": 0 },
            "pose": { "enabled": true, "strength": "precise" }, "trajectory": { "enabled": true, "sparsity": 0 },
        },
    });
    let video = json!({
        "duration": "5s", "edit": edit, "start_frame": any, "end_frame": any, "guide_frame": any, "exr_export": true,
        "hdr": true, "keyframe_indexes": [0], "keyframes": [any], "loop": true, "resolution": "360p",
        "source_position": { "h_norm": 1, "w_norm": 1, "x_norm": -2, "y_norm": -2 },
    });
    let full = json!({
        "prompt": "A glass of iced coffee", "aspect_ratio": "3:1", "image_ref": [any], "layering": { "resolution": "1k" },
        "model": "uni-1", "output_format": "png", "source": any, "style": "auto", "type": "image", "user_id": "user_id",
        "video": video, "web_search": true,
    });
    let note = json!({
        "mime_type": "x", "size_bytes": 1, "expires_at": "2019-12-27T18:11:19.117Z", "filename": "filename",
        "purpose": "input", "user_id": "user_id",
    });
    let file = format!("/files/{ABSENT}");
    let calls = [
        (Method::Post, "/generations".to_owned(), Some(full), 201),
        (Method::Get, format!("/generations/{ABSENT}"), None, 200),
        (Method::Post, "/files".to_owned(), Some(note), 201),
        (Method::Get, "/files".to_owned(), None, 200),
        (Method::Get, file.clone(), None, 200),
        (Method::Post, format!("{file}/complete"), None, 200),
        (Method::Delete, file, None, 204),
    ];
    for key in ["My Auth Token", "x"] {
        for (validation, good) in [("schema", true), ("documented", false)] {
            let mut api = agents(json!({ "validation": validation, "limits": "none" }));
            for (method, path, body, status) in &calls {
                let headers = Headers::new()
                    .with("authorization", format!("Bearer {key}"))
                    .with("content-type", "application/json");
                let bytes = body.as_ref().map(|body| body.to_string().into_bytes());
                let response = answer(api.raw(*method, &format!("{BASE}{path}"), headers, bytes));
                let expected = if good { *status } else { 401 };
                assert_eq!(response.status, expected, "{validation}: {method:?} {path}");
            }
        }
    }
}

/// A PNG of that size.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::GrayImage::new(width, height).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn reserve(api: &mut Api, mime_type: &str, size: usize) -> Value {
    let body = json!({ "mime_type": mime_type, "size_bytes": size, "filename": "heron.png", "user_id": "u" });
    let (status, reserved) = send(api, Method::Post, "/files", Some(&body));
    assert_eq!(status, 201, "{reserved}");
    reserved
}

fn put(api: &mut Api, reserved: &Value, bytes: Vec<u8>) -> u16 {
    let headers = reserved["upload"]["headers"].as_object().unwrap().iter();
    let headers = headers.fold(Headers::new(), |all, (name, value)| all.with(name.clone(), value.as_str().unwrap()));
    answer(api.raw(Method::Put, reserved["upload"]["url"].as_str().unwrap(), headers, Some(bytes))).status
}

#[test]
fn a_file_is_uploaded_by_a_signed_address() {
    let mut api = agents(json!({ "durations": 0 }));
    let bytes = png(300, 100);
    let reserved = reserve(&mut api, "image/png", bytes.len());
    let id = reserved["id"].as_str().unwrap().to_owned();
    assert_eq!((&reserved["state"], &reserved["upload"]["method"]), (&json!("pending"), &json!("PUT")));
    assert_eq!(reserved["file"]["purpose"], "input");
    let body = request("image_edit", json!({ "source": { "file_id": id } }));
    let early = send(&mut api, Method::Post, "/generations", Some(&body));
    assert_eq!(early, (422, json!({ "detail": "source: file is not ready" })));
    let complete = |api: &mut Api| send(api, Method::Post, &format!("/files/{id}/complete"), None);
    assert_eq!(complete(&mut api).0, 400);
    // The type of the content is signed too, and a key has no place there.
    let url = reserved["upload"]["url"].as_str().unwrap().to_owned();
    let with = |fields: Headers, api: &mut Api| answer(api.raw(Method::Put, &url, fields, Some(Vec::new()))).status;
    assert_eq!(with(Headers::new().with("content-type", "text/plain"), &mut api), 403);
    assert_eq!(api.simulator.stats(api.now).key_leaks, 0);
    with(Headers::new().with("authorization", "Bearer luma-api-test"), &mut api);
    assert_eq!(api.simulator.stats(api.now).key_leaks, 1);
    assert_eq!(put(&mut api, &reserved, bytes), 200);
    let (status, ready) = complete(&mut api);
    assert_eq!((status, &ready["state"], &ready["filename"]), (200, &json!("ready"), &json!("heron.png")));
    assert_eq!(complete(&mut api), (200, ready.clone()));
    assert_eq!(send(&mut api, Method::Get, &format!("/files/{id}"), None), (200, ready));
    // An edit without a ratio has the source's.
    let edit = create(&mut api, body.clone());
    let link = look(&mut api, &edit)["output"][0]["url"].as_str().unwrap().to_owned();
    assert_eq!(pixels(&file(&mut api, &link).body), (2048, 682));
    assert_eq!(send(&mut api, Method::Delete, &format!("/files/{id}"), None), (204, Value::Null));
    assert_eq!(send(&mut api, Method::Get, &format!("/files/{id}"), None).1["state"], "deleted");
    let gone = send(&mut api, Method::Post, "/generations", Some(&body));
    assert_eq!(gone, (422, json!({ "detail": "source: file not found" })));
}

#[test]
fn an_upload_that_goes_wrong() {
    let mut api = agents(json!({ "durations": 0 }));
    let reserved = reserve(&mut api, "image/png", 5);
    api.wait(3_600_000.0);
    assert_eq!(put(&mut api, &reserved, vec![0; 5]), 403);
    let reserved = reserve(&mut api, "image/png", 5);
    assert_eq!(put(&mut api, &reserved, vec![0; 4]), 200);
    let path = format!("/files/{}/complete", reserved["id"].as_str().unwrap());
    let (_, failed) = send(&mut api, Method::Post, &path, None);
    assert_eq!(
        (&failed["state"], &failed["failure_reason"]),
        (&json!("failed"), &json!("Expected 5 bytes, received 4"))
    );
    let refused = [
        (422, json!({ "size_bytes": 1 })),
        (422, json!({ "mime_type": "image/png" })),
        (422, json!({ "mime_type": "image/png", "size_bytes": "1" })),
        (422, json!({ "mime_type": "image/png", "size_bytes": 1, "purpose": "fun" })),
        (422, json!({ "mime_type": "image/png", "size_bytes": 1, "expires_at": "tomorrow" })),
        (413, json!({ "mime_type": "image/png", "size_bytes": (5u64 << 30) + 1 })),
    ];
    for (status, body) in refused {
        assert_eq!(send(&mut api, Method::Post, "/files", Some(&body)).0, status, "{body}");
    }
    for (method, path) in [(Method::Get, ""), (Method::Delete, ""), (Method::Post, "/complete")] {
        let got = send(&mut api, method, &format!("/files/{ABSENT}{path}"), None);
        assert_eq!(got, (404, json!({ "detail": "File not found" })));
    }
}

#[test]
fn a_file_may_be_pending_for_a_while_and_then_fail() {
    for (name, expected, reason) in
        [("heron.png", "ready", Value::Null), ("heron [fail:file].png", "failed", json!("The file could not be read"))]
    {
        let mut api = agents(json!({ "fileLag": 5_000 }));
        let body = json!({ "mime_type": "image/png", "size_bytes": 5, "filename": name });
        let reserved = send(&mut api, Method::Post, "/files", Some(&body)).1;
        assert_eq!(put(&mut api, &reserved, vec![0; 5]), 200);
        let path = format!("/files/{}", reserved["id"].as_str().unwrap());
        for _ in 0..2 {
            assert_eq!(send(&mut api, Method::Post, &format!("{path}/complete"), None).1["state"], "pending");
            api.wait(2_000.0);
        }
        assert_eq!(send(&mut api, Method::Get, &path, None).1["state"], "pending");
        let body = request("image", json!({ "image_ref": [{ "file_id": reserved["id"] }] }));
        let early = send(&mut api, Method::Post, "/generations", Some(&body)).1;
        assert_eq!(early, json!({ "detail": "image_ref[0]: file is not ready" }));
        api.wait(1_000.0);
        let file = send(&mut api, Method::Get, &path, None).1;
        assert_eq!((&file["state"], &file["failure_reason"]), (&json!(expected), &reason));
        assert_eq!(send(&mut api, Method::Get, &format!("/files?state={expected}"), None).1["data"], json!([file]));
    }
}

#[test]
fn its_storage_speaks_for_itself() {
    let mut api = agents(json!({}));
    let reserved = reserve(&mut api, "image/png", 5);
    api.wait(3_600_000.0);
    let headers = Headers::new().with("content-type", "image/png");
    let late = answer(api.raw(Method::Put, reserved["upload"]["url"].as_str().unwrap(), headers, Some(vec![0; 5])));
    assert_eq!((late.status, late.headers.get("content-type")), (403, Some("application/xml")));
    assert!(late.headers.get("x-api-version").is_none());
    assert!(String::from_utf8(late.body).unwrap().contains("Request has expired"));
}

#[test]
fn a_file_is_uploaded_with_a_form() {
    let mut api = agents(json!({ "durations": 10 }));
    let mut form = |content: &[u8], head: &str| {
        let before = format!(
            "--XX\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nreference\r\n--XX\r\n\
             Content-Disposition: form-data; {head}; filename=\"a b.png\"\r\nContent-Type: image/png\r\n\r\n"
        );
        let body = [before.as_bytes(), content, b"\r\n--XX--\r\n"].concat();
        let headers = Headers::new()
            .with("authorization", "Bearer luma-api-test")
            .with("content-type", "multipart/form-data; boundary=XX");
        let response = answer(api.raw(Method::Post, &format!("{BASE}/files"), headers, Some(body)));
        (response.status, json_of(&response))
    };
    let bytes = png(9000, 1);
    let (status, made) = form(&bytes, "name=\"file\"");
    assert_eq!((status, &made["state"], &made["upload"]), (201, &json!("ready"), &Value::Null));
    let size = json!(bytes.len());
    for (name, value) in [
        ("purpose", &json!("reference")),
        ("filename", &json!("a b.png")),
        ("size_bytes", &size),
        ("mime_type", &json!("image/png")),
    ] {
        assert_eq!(&made["file"][name], value, "{name}");
    }
    assert_eq!(form(&bytes, "name=\"other\""), (422, json!({ "detail": "file: Field required" })));
    // What only shows when the image is looked at fails the job.
    let id = create(&mut api, request("image", json!({ "image_ref": [{ "file_id": made["id"] }] })));
    api.wait(10.0);
    assert_eq!(look(&mut api, &id)["failure_code"], "image_too_large");
}

#[test]
fn files_are_listed_in_pages() {
    let mut api = agents(json!({}));
    let mut ids: Vec<String> =
        (0..30).map(|_| reserve(&mut api, "image/png", 1)["id"].as_str().unwrap().to_owned()).collect();
    ids.reverse();
    send(&mut api, Method::Delete, &format!("/files/{}", ids[3]), None);
    let mut list = |query: &str| {
        let (status, page) = send(&mut api, Method::Get, &format!("/files{query}"), None);
        assert_eq!(status, 200, "{query}: {page}");
        let shown: Vec<String> =
            page["data"].as_array().unwrap().iter().map(|file| file["id"].as_str().unwrap().to_owned()).collect();
        (shown, page["has_more"].as_bool().unwrap(), page["next_cursor"].as_str().map(str::to_owned))
    };
    let deleted = ids.remove(3);
    let (first, more, cursor) = list("");
    assert_eq!((first, more), (ids[..25].to_vec(), true));
    let (rest, more, end) = list(&format!("?cursor={}&limit=100", cursor.unwrap()));
    assert_eq!((rest, more, end), (ids[25..].to_vec(), false, None));
    assert_eq!(list("?state=deleted").0, [deleted]);
    assert_eq!(list("?state=ready").0.len(), 0);
    assert_eq!(list("?purpose=reference").0.len(), 0);
    assert!(!list("?limit=29").1);
    for limit in ["0", "101", "x"] {
        assert_eq!(send(&mut api, Method::Get, &format!("/files?limit={limit}"), None).0, 422);
    }
}

#[test]
fn pages_of_other_origins_may_use_all_of_it() {
    let mut api = agents(json!({}));
    let preflight = answer(api.raw(Method::Options, &format!("{BASE}/uploads/x"), Headers::new(), None));
    assert!(preflight.headers.get("access-control-allow-methods").unwrap().contains("PUT"));
    let exposed = preflight.headers.get("access-control-expose-headers").unwrap();
    for name in ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "x-api-version", "retry-after"] {
        assert!(exposed.split(", ").any(|one| one == name), "{name}");
    }
}

#[test]
fn whatever_arrives_at_it_is_answered() {
    const WORDS: [&str; 20] = [
        "prompt",
        "type",
        "model",
        "ray-3.2",
        "video",
        "video_edit",
        "image_ref",
        "source",
        "url",
        "data",
        "media_type",
        "file_id",
        "keyframes",
        "keyframe_indexes",
        "edit",
        "controls",
        "aspect_ratio",
        "16:9",
        "https://e.com/a",
        "[fail:frames]",
    ];
    fn value(rng: &mut fastrand::Rng, depth: u32) -> Value {
        match rng.u32(..if depth == 0 { 4 } else { 8 }) {
            0 => Value::Null,
            1 => json!(rng.bool()),
            2 => json!(f64::from_bits(rng.u64(..))),
            3 => json!(rng.choice(WORDS).unwrap()),
            4 => (0..rng.usize(..4)).map(|_| value(rng, depth - 1)).collect(),
            _ => {
                (0..rng.usize(..8)).map(|_| ((*rng.choice(WORDS).unwrap()).to_owned(), value(rng, depth - 1))).collect()
            }
        }
    }
    let paths = ["/generations", "/files", "/uploads/x", "/files/x/complete", "/files?cursor=&limit=-1", "/files/"];
    for seed in 0..2000 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut api = agents(json!({ "seed": seed, "limits": "none" }));
        for _ in 0..10 {
            let mut body = value(&mut rng, 4);
            if let Some(fields) = body.as_object_mut() {
                fields.insert("prompt".into(), json!("A heron"));
            }
            let body = match rng.u32(..4) {
                0 => (0..rng.usize(..64)).map(|_| rng.u8(..)).collect(),
                1 => format!("--b\r\n{body}\r\n\r\n\r\n--b{}", rng.choice(["", "--"]).unwrap()).into_bytes(),
                _ => body.to_string().into_bytes(),
            };
            let kind = rng.choice(["application/json", "multipart/form-data; boundary=b", ""]).unwrap();
            let headers = Headers::new().with("authorization", "Bearer luma-api-k").with("content-type", kind);
            let method = *rng.choice(&[Method::Get, Method::Post, Method::Put, Method::Delete]).unwrap();
            answer(api.raw(method, &format!("{BASE}{}", rng.choice(paths).unwrap()), headers, Some(body)));
            api.wait(1e5);
        }
        api.simulator.generations(api.now);
    }
}
