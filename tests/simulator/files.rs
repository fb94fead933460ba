//! Results that can be looked at and played.

use luma_edge::http::{Headers, Method, Response};
use serde_json::{Value, json};

use crate::driver::*;

/// Small and short, so that drawing costs little.
fn small() -> Value {
    json!({ "model": "ray-2", "prompt": "heron", "resolution": "90p", "duration": "1s" })
}

fn link(api: &mut Api, id: &str, name: &str) -> String {
    api.get(&format!("/generations/{id}")).1["assets"][name].as_str().unwrap().to_owned()
}

fn fetch(api: &mut Api, url: &str, headers: Headers) -> Response<Vec<u8>> {
    answer(api.raw(Method::Get, url, headers, None))
}

#[test]
fn a_video_is_a_file_that_plays_and_seeks() {
    let mut api = api(json!({ "durations": 1_000 }));
    let id = api.create("/generations/video", small());
    api.wait(1_000.0);
    let url = link(&mut api, &id, "video");
    let whole = fetch(&mut api, &url, Headers::new());
    let size = whole.body.len();
    assert_eq!((whole.status, &whole.body[4..8]), (200, &b"ftyp"[..]));
    for (name, value) in [
        ("content-type", "video/mp4"),
        ("content-length", size.to_string().as_str()),
        ("accept-ranges", "bytes"),
        ("access-control-allow-origin", "*"),
    ] {
        assert_eq!(whole.headers.get(name), Some(value), "{name}");
    }
    for (range, from, to) in [
        ("bytes=0-", 0, size),
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=-7", size - 7, size),
        ("bytes=100-999999999", 100, size),
    ] {
        let part = fetch(&mut api, &url, Headers::new().with("range", range));
        assert_eq!(part.status, 206, "{range}");
        assert_eq!(part.body, &whole.body[from..to], "{range}");
        let expected = format!("bytes {from}-{}/{size}", to - 1);
        assert_eq!(part.headers.get("content-range"), Some(expected.as_str()));
        assert_eq!(part.headers.get("content-length"), Some((to - from).to_string().as_str()));
    }
    let beyond = fetch(&mut api, &url, Headers::new().with("range", format!("bytes={size}-")));
    assert_eq!(beyond.status, 416);
    assert_eq!(beyond.headers.get("content-range"), Some(format!("bytes */{size}").as_str()));
    for odd in ["bytes=5-2", "bytes=0-1,4-5", "bytes=-", "lines=1-2", "bytes=a-b"] {
        assert_eq!(fetch(&mut api, &url, Headers::new().with("range", odd)).status, 200, "{odd}");
    }
    let head = answer(api.raw(Method::Head, &url, Headers::new(), None));
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.headers.get("content-length"), Some(size.to_string().as_str()));
}

/// The size that the file itself tells.
fn pixels(file: &[u8]) -> (u32, u32) {
    let number = |at: usize| u32::from_be_bytes(file[at..at + 4].try_into().unwrap());
    let short = |at: usize| u32::from(u16::from_be_bytes(file[at..at + 2].try_into().unwrap()));
    if file.starts_with(b"\x89PNG") {
        (number(16), number(20))
    } else if file.starts_with(b"\xff\xd8") {
        let frame = file.windows(2).position(|pair| matches!(pair, [0xff, 0xc0..=0xc2])).unwrap();
        (short(frame + 7), short(frame + 5))
    } else {
        // The first is the brand of the file, the second the description of its samples.
        let sample = (0..file.len() - 4).filter(|at| &file[*at..at + 4] == b"avc1").nth(1).unwrap();
        (short(sample + 28), short(sample + 30))
    }
}

#[test]
fn files_have_the_pixels_that_were_asked_for() {
    let mut api = api(json!({ "limits": "none", "durations": 1_000 }));
    let media = json!({ "url": "https://example.com/a.mp4" });
    let video = |ratio, resolution| json!({ "model": "ray-2", "prompt": "heron", "duration": "1s", "aspect_ratio": ratio, "resolution": resolution });
    let image = |ratio, format| json!({ "model": "photon-1", "prompt": "heron", "aspect_ratio": ratio, "format": format, "media": media });
    let parent = api.create("/generations", video("9:16", "90p"));
    let cases = [
        ("video".to_owned(), video("16:9", "720p"), (1280, 720)),
        ("video".into(), video("9:16", "540p"), (540, 960)),
        ("video".into(), video("1:1", "540p"), (540, 540)),
        ("video".into(), video("21:9", "540p"), (1260, 540)),
        ("image".into(), image("16:9", "jpg"), (2048, 1152)),
        ("image".into(), image("21:9", "png"), (2432, 1024)),
        ("image/reframe".into(), image("3:4", "jpg"), (1344, 1792)),
        (format!("{parent}/upscale"), json!({ "resolution": "180p" }), (180, 320)),
        (format!("{parent}/audio"), json!({}), (90, 160)),
    ];
    for (path, body, expected) in cases {
        api.wait(1_000.0);
        let id = api.create(&format!("/generations/{path}"), body.clone());
        api.wait(1_000.0);
        let name = if path.starts_with("image") { "image" } else { "video" };
        let url = link(&mut api, &id, name);
        let file = fetch(&mut api, &url, Headers::new());
        assert_eq!(pixels(&file.body), expected, "{path} {body}");
    }
}

#[test]
fn nothing_is_there_before_its_time() {
    let mut api = api(json!({ "durations": 1_000, "baseUrl": "http://127.0.0.1:4010/" }));
    let id = api.create("/generations/video", small());
    let url = |name: &str| format!("http://127.0.0.1:4010/storage/{id}/{name}");
    let mut status = |wait: f64, name: &str| {
        api.wait(wait);
        fetch(&mut api, &url(name), Headers::new()).status
    };
    assert_eq!(status(0.0, "video.mp4"), 404);
    assert_eq!(status(0.0, "progress.mp4"), 404);
    assert_eq!(status(900.0, "progress.mp4"), 200);
    assert_eq!(status(0.0, "video.mp4"), 404);
    assert_eq!(status(100.0, "video.mp4"), 200);
    assert_eq!(status(0.0, "image.jpg"), 404);
    assert_eq!(status(0.0, "../video.mp4"), 404);
    assert_eq!(answer(api.raw(Method::Post, &url("video.mp4"), Headers::new(), None)).status, 405);
}

#[test]
fn a_link_expires_and_another_read_renews_it() {
    let mut api = api(json!({ "durations": 1_000, "assetTtl": 60_000 }));
    let id = api.create("/generations/video", small());
    api.wait(1_000.0);
    let first = link(&mut api, &id, "video");
    assert_eq!(fetch(&mut api, &first, Headers::new()).status, 200);
    api.wait(60_000.0);
    let late = fetch(&mut api, &first, Headers::new());
    assert_eq!((late.status, late.headers.get("content-type")), (403, Some("application/xml")));
    assert!(String::from_utf8(late.body).unwrap().contains("<Message>Request has expired</Message>"));
    let second = link(&mut api, &id, "video");
    assert_ne!(first, second);
    assert_eq!(fetch(&mut api, &second, Headers::new()).status, 200);
    let bare = second.split('?').next().unwrap().to_owned();
    assert_eq!(fetch(&mut api, &bare, Headers::new()).status, 403);
}

#[test]
fn a_key_that_is_sent_to_a_file_is_noticed() {
    let mut api = api(json!({ "durations": 0 }));
    let id = api.create("/generations/video", small());
    let url = link(&mut api, &id, "video");
    fetch(&mut api, &url, Headers::new());
    assert_eq!(api.simulator.stats(api.now).key_leaks, 0);
    fetch(&mut api, &url, Headers::new().with("Authorization", "Bearer luma-test"));
    assert_eq!(api.simulator.stats(api.now).key_leaks, 1);
}

#[test]
fn faults_reach_files_too() {
    let mut api = api(json!({ "durations": 0, "faults": "asset:503@1" }));
    let id = api.create("/generations/video", small());
    let url = link(&mut api, &id, "video");
    assert_eq!(fetch(&mut api, &url, Headers::new()).status, 503);
    assert_eq!(fetch(&mut api, &url, Headers::new()).status, 200);
}
