//! useapi.net's Luma API.

use luma_edge::http::{Headers, Method, segment};
use serde_json::{Value, json};

use crate::driver::{CONSTRAINED_BASELINE, HIGH_10, START, answer, h264_profile, options};

const ROOT: &str = "https://api.useapi.net/v1/luma";
const ME: &str = "me@example.com";

struct Useapi {
    api: crate::driver::Api,
}

fn useapi(value: Value) -> Useapi {
    let simulator = luma_edge::simulator::Simulator::new(options(value));
    Useapi { api: crate::driver::Api { simulator, now: START, key: None } }
}

impl Useapi {
    fn raw(
        &mut self,
        method: Method,
        path: &str,
        content_type: &'static str,
        body: Option<Vec<u8>>,
    ) -> (u16, Headers, Vec<u8>) {
        let headers = Headers::new().with("authorization", "Bearer user:12345-abc").with("content-type", content_type);
        let response = answer(self.api.raw(method, &format!("{ROOT}{path}"), headers, body));
        (response.status, response.headers, response.body)
    }

    fn send(&mut self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let body = body.map(|body| body.to_string().into_bytes());
        let (status, _, body) = self.raw(method, path, "application/json", body);
        (status, if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() })
    }

    fn get(&mut self, path: &str) -> (u16, Value) {
        self.send(Method::Get, path, None)
    }

    fn post(&mut self, path: &str, body: Value) -> (u16, Value) {
        self.send(Method::Post, path, Some(body))
    }

    fn create(&mut self, path: &str, body: Value) -> String {
        let (status, job) = self.post(path, body);
        assert_eq!(status, 200, "{job}");
        job["jobid"].as_str().unwrap().to_owned()
    }

    fn job(&mut self, id: &str) -> Value {
        let (status, job) = self.get(&format!("/jobs/{}", segment(id)));
        assert_eq!(status, 200, "{job}");
        job
    }

    fn upload(&mut self, email: &str) -> (u16, Value) {
        let (status, _, body) =
            self.raw(Method::Post, &format!("/assets/{}", segment(email)), "image/png", Some(b"png".to_vec()));
        (status, serde_json::from_slice(&body).unwrap())
    }

    fn reference(&mut self, email: &str) -> String {
        self.upload(email).1["assetRef"].as_str().unwrap().to_owned()
    }

    fn add(&mut self, session: &str) -> Value {
        let (status, account) = self.post("/accounts", json!({ "session": session }));
        assert_eq!(status, 200, "{account}");
        account
    }

    fn file(&mut self, media: &Value) -> (u16, String, Vec<u8>) {
        let url = media["url"].as_str().unwrap();
        let response = answer(self.api.raw(Method::Get, url, Headers::new(), None));
        (response.status, response.headers.get("content-type").unwrap().to_owned(), response.body)
    }
}

fn heron() -> Value {
    json!({ "prompt": "A heron on one leg" })
}

fn with(fields: Value) -> Value {
    let mut body = heron();
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    body
}

#[test]
fn a_key_is_needed_and_nothing_else() {
    let mut useapi = useapi(json!({ "apiKeys": ["user:1-a"] }));
    assert_eq!(useapi.get("/jobs"), (401, json!({ "error": "Unauthorized" })));
    let mut useapi = super::useapi::useapi(json!({}));
    assert_eq!(useapi.get("/jobs"), (200, json!({ "executing": 0, "jobs": [] })));
    assert_eq!(useapi.post("/videos", heron()).0, 200);
    // Under a path of this machine it answers the same.
    let headers = Headers::new().with("authorization", "Bearer k");
    let local = useapi.api.raw(Method::Get, "http://127.0.0.1:4010/useapi/v1/luma/jobs", headers, None);
    assert_eq!(answer(local).status, 200);
}

#[test]
fn an_account_comes_and_goes() {
    let mut useapi = useapi(json!({}));
    let path = "/accounts/you%40example.com";
    assert_eq!(useapi.get(path), (404, Value::Null));
    let added = useapi.add("secret-cookie:you@example.com");
    assert_eq!(
        added,
        json!({
            "account": "you@example.com", "user_id": added["user_id"], "concurrency": 4,
            "luma_session_expires": "2025-01-31 15:34:40 UTC",
            "credits": { "usage": 0, "limit": 10000 }, "created": true,
        })
    );
    useapi.api.wait(86_400_000.0);
    let refreshed = useapi.add("free-cookie:you@example.com");
    assert_eq!((&refreshed["created"], &refreshed["concurrency"]), (&json!(false), &json!(1)));
    assert_eq!(refreshed["user_id"], added["user_id"]);
    let entry = json!({
        "account": "you@example.com", "email": "you@example.com", "user_id": added["user_id"], "concurrency": 1,
        "luma_session_expires": "2025-02-01 15:34:40 UTC", "updated": "2024-12-03", "executing": 0,
    });
    let (status, accounts) = useapi.get("/accounts");
    assert_eq!((status, &accounts["you@example.com"]), (200, &entry));
    assert_eq!(accounts.as_object().unwrap().keys().collect::<Vec<_>>(), [ME, "you@example.com"]);
    assert_eq!(useapi.get(path).1["email"], "you@example.com");

    let gone = json!({ "account": "you@example.com", "deleted": true, "remaining": 1 });
    assert_eq!(useapi.send(Method::Delete, path, None), (200, gone));
    assert_eq!(useapi.send(Method::Delete, path, None), (404, Value::Null));
    useapi.send(Method::Delete, "/accounts/me@example.com", None);
    assert_eq!(useapi.get("/accounts"), (404, Value::Null));
    assert_eq!(useapi.post("/videos", heron()).0, 404);
}

#[test]
fn a_session_is_never_shown() {
    let mut useapi = useapi(json!({}));
    for session in ["secret:you@example.com", "expired-secret:you@example.com"] {
        let answers = [useapi.add(session), useapi.get("/accounts").1, useapi.upload("you@example.com").1];
        assert!(answers.iter().all(|answer| !answer.to_string().contains("secret")), "{answers:?}");
    }
    assert!(useapi.api.simulator.requests().all(|request| !json!(request).to_string().contains("secret")));
}

#[test]
fn what_is_refused() {
    let mut useapi = useapi(json!({}));
    useapi.add("a:you@example.com");
    useapi.add("free:free@example.com");
    let (mine, yours) = (useapi.reference(ME), useapi.reference("you@example.com"));
    let cases = [
        ("/accounts", json!({}), 400, "Parameter session is required"),
        ("/accounts", json!({ "session": "" }), 400, "Parameter session is required"),
        ("/accounts", json!([]), 400, "Request body must be a JSON object"),
        ("/videos", json!("heron"), 400, "Request body must be a JSON object"),
        ("/videos", json!({}), 400, "Parameter prompt is required"),
        ("/videos", with(json!({ "prompt": "" })), 400, "Parameter prompt is required"),
        ("/videos", with(json!({ "prompt": 7 })), 400, "Parameter prompt must be a string"),
        ("/videos", with(json!({ "model": "ray-2" })), 400, "Parameter model must be one of ray-v3-flash"),
        ("/videos", with(json!({ "aspect_ratio": "9:21" })), 400, "Parameter aspect_ratio must be one of 9:16"),
        ("/videos", with(json!({ "duration": 5 })), 400, "Parameter duration must be one of 5s, 10s, not 5"),
        ("/videos", with(json!({ "duration": "9s" })), 400, "Parameter duration must be one of 5s, 10s"),
        ("/videos", with(json!({ "resolution": "4k" })), 400, "Parameter resolution must be one of draft"),
        ("/videos", with(json!({ "dynamic_range": "exr" })), 400, "Parameter dynamic_range must be one of sdr"),
        ("/videos", with(json!({ "replyUrl": "example.com" })), 400, "Parameter replyUrl must be an http(s) URL"),
        ("/videos", with(json!({ "replyRef": "x".repeat(1025) })), 400, "Parameter replyRef is too long"),
        (
            "/videos",
            with(json!({ "imageStart": "https://example.com/a.png" })),
            400,
            "Parameter imageStart: unable to find",
        ),
        (
            "/videos",
            with(json!({ "imageStart": mine, "imageEnd": yours })),
            400,
            "Parameter imageEnd belongs to you@example.com",
        ),
        (
            "/videos",
            with(json!({ "email": ME, "imageEnd": yours })),
            400,
            "Parameter imageEnd belongs to you@example.com",
        ),
        ("/videos", with(json!({ "email": "who@example.com" })), 404, "Unable to find configuration for email who@"),
        ("/videos", with(json!({ "imageCharacter": mine })), 400, "imageCharacter is supported by model ray-v3"),
        (
            "/videos",
            with(json!({ "imageCharacter": mine, "model": "ray-v3", "dynamic_range": "hdr", "resolution": "720p" })),
            400,
            "imageCharacter is supported by model ray-v3 with dynamic_range sdr only",
        ),
        ("/videos", with(json!({ "email": "free@example.com", "resolution": "540p" })), 400, "Free Luma accounts"),
        ("/images", with(json!({ "prompt": "鷺".repeat(2001) })), 400, "Parameter prompt is too long"),
        ("/images", with(json!({ "model": "photon-1" })), 400, "Parameter model must be one of photon-v2, image-v2"),
        ("/images", with(json!({ "resolution": "540p" })), 400, "Parameter resolution must be one of 720p, 1080p"),
        (
            "/images",
            with(json!({ "model": "image-v2", "resolution": "1080p", "imageRef3": mine })),
            400,
            "Model image-v2",
        ),
        ("/images", with(json!({ "imageRef1": mine, "imageRef4": yours })), 400, "Parameter imageRef4 belongs"),
    ];
    for (path, body, expected, message) in cases {
        let (status, error) = useapi.post(path, body.clone());
        let text = error["error"].as_str().unwrap_or_default();
        assert!(status == expected && text.starts_with(message), "{path} {body}: {status} {error}");
    }
    assert_eq!(useapi.api.simulator.stats(START).created.video, 0);
    // What stands beside it is all right.
    for (path, body) in [
        ("/videos", with(json!({ "imageEnd": mine, "email": ME, "unknown": {} }))),
        ("/videos", with(json!({ "imageCharacter": mine, "model": "ray-v3" }))),
        ("/videos", with(json!({ "email": "free@example.com" }))),
        (
            "/images",
            with(json!({ "prompt": "鷺".repeat(2000), "imageRef1": mine, "imageRef4": mine, "model": "image-v2" })),
        ),
        ("/images", with(json!({ "resolution": "1080p", "imageRef1": mine }))),
    ] {
        assert_eq!(useapi.post(path, body.clone()).0, 200, "{body}");
    }
}

#[test]
fn the_published_matrix_and_nothing_else() {
    let mut useapi = useapi(json!({ "limits": "none" }));
    // The resolutions, by model, range and length.
    let published = |model: &str, range: &str, duration: &str| match (model, range, duration) {
        ("ray-v3-reasoning", "sdr", _) | ("ray-v3-reasoning", "hdr", "5s") => vec!["720p", "1080p"],
        ("ray-v3-reasoning", "hdr_exr", "5s") => vec!["720p"],
        (_, "sdr", _) => vec!["draft", "540p", "720p", "1080p"],
        (_, "hdr", "5s") => vec!["540p", "720p", "1080p"],
        (_, "hdr_exr", "5s") => vec!["540p", "720p"],
        _ => vec![],
    };
    let mut made = 0;
    for model in ["ray-v3-flash", "ray-v3", "ray-v3-reasoning"] {
        for range in ["sdr", "hdr", "hdr_exr"] {
            for duration in ["5s", "10s"] {
                for resolution in ["draft", "540p", "720p", "1080p"] {
                    let body = with(json!({
                        "model": model, "dynamic_range": range, "duration": duration, "resolution": resolution,
                    }));
                    let good = published(model, range, duration).contains(&resolution);
                    let (status, job) = useapi.post("/videos", body.clone());
                    assert_eq!(status, if good { 200 } else { 400 }, "{body}: {job}");
                    made += u32::from(good);
                }
            }
        }
    }
    assert_eq!(made, 2 * (8 + 3 + 2) + 4 + 2 + 1);
    // The default resolution is not one of this model's.
    assert_eq!(useapi.post("/videos", with(json!({ "model": "ray-v3-reasoning" }))).0, 400);
}

#[test]
fn files_are_taken_in_as_they_are() {
    let mut useapi = useapi(json!({}));
    let (status, uploaded) = useapi.upload(ME);
    let id = uploaded["upload"]["id"].as_str().unwrap().to_owned();
    assert_eq!((status, &uploaded["email"]), (200, &json!(ME)));
    assert_eq!(uploaded["assetRef"], format!("u12345-email:{ME}-image:{id}"));
    assert_eq!(useapi.file(&uploaded["upload"]["media"]), (200, "image/png".into(), b"png".to_vec()));
    let cases = [
        (ME, "image/gif", 3, 400),
        (ME, "application/json", 3, 400),
        (ME, "image/webp", 0, 400),
        (ME, "image/jpeg", 20 * 1024 * 1024 + 1, 400),
        ("who@example.com", "image/png", 3, 404),
        (ME, "image/jpeg", 20 * 1024 * 1024, 200),
        (ME, "image/webp; q=1", 3, 200),
    ];
    for (email, content_type, size, expected) in cases {
        let path = format!("/assets/{}", segment(email));
        let (status, ..) = useapi.raw(Method::Post, &path, content_type, Some(vec![0xff; size]));
        assert_eq!(status, expected, "{email} {content_type} {size}");
    }
    // A month later nothing is left of it.
    useapi.api.wait(30.0 * 86_400_000.0);
    assert_eq!(useapi.post("/videos", with(json!({ "imageStart": uploaded["assetRef"] }))).0, 400);
}

#[test]
fn a_video_from_its_creation_to_its_files() {
    let mut useapi = useapi(json!({ "durations": { "ray-v3": 100_000 } }));
    let wanted = with(json!({
        "model": "ray-v3", "resolution": "540p", "aspect_ratio": "9:16", "dynamic_range": "hdr_exr", "replyRef": "mine",
    }));
    let (_, job) = useapi.post("/videos", wanted);
    let id = job["jobid"].as_str().unwrap().to_owned();
    let rest = id.strip_prefix("j1202153440388000000v-u12345-email:me@example.com-video:").unwrap();
    assert_eq!(rest.len(), 36 + "-bot:luma".len());
    let running = |status: &str, updated: Value| {
        json!({
            "jobid": id, "type": "video", "status": status, "created": "2024-12-02T15:34:40.388Z", "updated": updated,
            "response": null, "credits": null, "replyRef": "mine",
        })
    };
    assert_eq!(job, running("created", Value::Null));
    assert_eq!(useapi.job(&id), running("pending", Value::Null));
    let listed = json!({
        "jobid": id, "type": "video", "account": ME, "model": "ray-v3", "created": "2024-12-02T15:34:40.388Z",
    });
    assert_eq!(useapi.get("/jobs").1, json!({ "executing": 1, "jobs": [listed] }));
    assert_eq!(useapi.get(&format!("/accounts/{}", segment(ME))).1["executing"], 1);
    useapi.api.wait(5_000.0);
    assert_eq!(useapi.job(&id), running("processing", json!("2024-12-02T15:34:45.388Z")));
    useapi.api.wait(95_000.0);
    let done = useapi.job(&id);
    assert_eq!((&done["status"], &done["updated"]), (&json!("completed"), &json!("2024-12-02T15:36:20.388Z")));
    assert_eq!(done["credits"], json!({ "dm_usage": 10, "dm_relaxed_usage": null }));
    assert_eq!(useapi.get(&format!("/accounts/{}", segment(ME))).1["credits"]["usage"], 10);
    let response = &done["response"];
    for (name, fields) in [
        ("video", json!({ "media_type": "video", "width": 540, "height": 960, "duration": 5.04 })),
        ("thumbnail", json!({ "media_type": "image", "width": 540, "height": 960 })),
        ("last_frame", json!({ "media_type": "image", "width": 540, "height": 960 })),
        ("video_hdr_exr", json!({})),
    ] {
        let mut media = response[name].as_object().unwrap().clone();
        media.remove("url");
        assert_eq!(Value::from(media), fields, "{name}");
    }
    for (name, content_type, begins, at) in [
        ("video", "video/mp4", &b"ftyp"[..], 4),
        ("thumbnail", "image/jpeg", &[0xff, 0xd8], 0),
        ("last_frame", "image/jpeg", &[0xff, 0xd8], 0),
        ("video_hdr_exr", "application/zip", b"PK", 0),
    ] {
        let (status, of_type, bytes) = useapi.file(&response[name]);
        assert_eq!((status, of_type.as_str(), &bytes[at..at + begins.len()]), (200, content_type, begins), "{name}");
    }
    // An address holds nobody's e-mail.
    assert!(!response.to_string().contains(ME));
    assert_eq!(useapi.get("/jobs").1["executing"], 0);
    assert_eq!(useapi.api.simulator.generations(useapi.api.now), [done]);
}

#[test]
fn a_video_in_hdr_has_ten_bits() {
    for (range, profile) in [("sdr", CONSTRAINED_BASELINE), ("hdr", HIGH_10), ("hdr_exr", HIGH_10)] {
        let mut useapi = useapi(json!({ "durations": 0 }));
        let fields = with(json!({ "model": "ray-v3", "resolution": "540p", "dynamic_range": range }));
        let (_, job) = useapi.post("/videos", fields);
        let done = useapi.job(job["jobid"].as_str().unwrap());
        let (status, of_type, bytes) = useapi.file(&done["response"]["video"]);
        assert_eq!((status, of_type.as_str(), h264_profile(&bytes)), (200, "video/mp4", profile), "{range}");
    }
}

#[test]
fn a_job_is_known_by_its_whole_name_only() {
    let mut useapi = useapi(json!({}));
    let id = useapi.create("/videos", heron());
    // Written as it is, it is found too.
    assert_eq!(useapi.get(&format!("/jobs/{id}")).0, 200);
    let uuid = id.rsplit_once(':').unwrap().0.rsplit_once(':').unwrap().1.trim_end_matches("-bot").to_owned();
    for other in [uuid.clone(), format!("x:{uuid}-bot:luma"), id.replace(ME, "you@example.com"), "%00%zz%".into()] {
        let (status, error) = useapi.get(&format!("/jobs/{}", segment(&other)));
        assert_eq!(status, 404, "{other}");
        assert!(error["error"].is_string());
    }
}

#[test]
fn a_batch_is_one_job_of_four_images() {
    let mut useapi = useapi(json!({ "durations": 40_000 }));
    let id = useapi.create("/images", with(json!({ "aspect_ratio": "21:9" })));
    assert!(id.starts_with("j1202153440388000000i-"));
    assert_eq!(useapi.get("/jobs").1["executing"], 1);
    useapi.api.wait(40_000.0);
    let job = useapi.job(&id);
    assert_eq!((&job["type"], &job["status"]), (&json!("image"), &json!("completed")));
    let images = job["response"]["images"].as_array().unwrap().clone();
    let mut files: Vec<_> = images
        .iter()
        .map(|image| {
            assert_eq!((&image["width"], &image["height"]), (&json!(1680), &json!(720)));
            let (status, content_type, bytes) = useapi.file(image);
            assert_eq!((status, content_type.as_str()), (200, "image/jpeg"));
            bytes
        })
        .collect();
    files.sort();
    files.dedup();
    assert_eq!((images.len(), files.len()), (4, 4));
}

#[test]
fn a_failed_job_says_why() {
    let mut useapi = useapi(json!({ "durations": 10_000 }));
    let id = useapi.create("/videos", json!({ "prompt": "heron [fail:moderation]" }));
    useapi.api.wait(10_000.0);
    let job = useapi.job(&id);
    assert_eq!((&job["status"], &job["error"]), (&json!("failed"), &json!("Advanced prompt moderation failed")));
    assert_eq!((&job["response"], &job["credits"]), (&Value::Null, &Value::Null));
}

#[test]
fn each_account_has_its_own_room() {
    let mut useapi = useapi(json!({ "durations": 60_000 }));
    useapi.add("free:free@example.com");
    let paid = || with(json!({ "resolution": "540p" }));
    for _ in 0..4 {
        assert_eq!(useapi.post("/videos", paid()).0, 200);
    }
    // What a free account cannot make waits for another's room, a draft goes there.
    let refused = |useapi: &mut Useapi, path: &str, body: Value| {
        let (status, headers, body) =
            useapi.raw(Method::Post, path, "application/json", Some(body.to_string().into_bytes()));
        let error: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!((status, headers.get("retry-after")), (429, Some("5")), "{error}");
        assert_eq!(error["retryAfter"], "2024-12-02T15:34:45.388Z");
    };
    refused(&mut useapi, "/videos", paid());
    refused(&mut useapi, "/images", with(json!({ "email": ME })));
    assert_eq!(useapi.post("/images", heron()).0, 200);
    refused(&mut useapi, "/videos", heron());
    assert_eq!(useapi.get("/jobs").1["executing"], 5);
    let stats = useapi.api.simulator.stats(START);
    assert_eq!((stats.limited.concurrent, stats.running.video, stats.running.image), (3, 4, 1));
    useapi.api.wait(60_000.0);
    assert_eq!(useapi.post("/videos", paid()).0, 200);

    for (limits, allowed) in [(json!("none"), 50), (json!({ "video": { "concurrent": 7 } }), 7)] {
        let mut useapi = super::useapi::useapi(json!({ "limits": limits, "durations": 60_000 }));
        let good = (0..50).filter(|_| useapi.post("/videos", heron()).0 == 200).count();
        assert_eq!(good, allowed, "{limits}");
    }
}

#[test]
fn a_dead_session_does_nothing_until_it_is_added_again() {
    let mut useapi = useapi(json!({}));
    let mine = useapi.reference(ME);
    assert_eq!(useapi.add("expired")["created"], false);
    assert!(useapi.get("/accounts").1[ME]["error"].is_string());
    assert_eq!(useapi.upload(ME).0, 596);
    for body in [heron(), with(json!({ "email": ME })), with(json!({ "imageStart": mine }))] {
        let (status, error) = useapi.post("/videos", body);
        assert_eq!((status, &error["code"]), (596, &json!(596)));
    }
    // Whoever names no account gets one that lives.
    useapi.add("a:you@example.com");
    assert!(useapi.create("/videos", heron()).contains("you@example.com"));
    assert_eq!(useapi.post("/videos", with(json!({ "email": ME }))).0, 596);
    useapi.add("fresh");
    assert_eq!(useapi.post("/videos", with(json!({ "email": ME, "imageStart": mine }))).0, 200);
}

#[test]
fn without_a_subscription_nothing_is_made() {
    let mut useapi = useapi(json!({ "credits": 0 }));
    let expected = json!({ "error": "Account has no subscription or subscription expired" });
    assert_eq!(useapi.post("/videos", heron()), (402, expected));
    let mut useapi = super::useapi::useapi(json!({ "credits": 1, "limits": "none" }));
    assert!((0..20).all(|_| useapi.post("/images", heron()).0 == 200));
    assert_eq!(useapi.api.simulator.stats(START).credits.charged, 0.0);
}

#[test]
fn the_end_of_a_job_is_posted() {
    for (prompt, status) in [("heron", "completed"), ("heron [fail:job]", "failed")] {
        let mut useapi = useapi(json!({ "durations": 10_000 }));
        let reply = json!({ "prompt": prompt, "replyUrl": "https://me.example/hook", "replyRef": "mine" });
        let id = useapi.create("/videos", reply);
        assert_eq!(useapi.get("/jobs").1["jobs"][0]["replyUrl"], "configured");
        assert_eq!(useapi.api.simulator.next_due(), Some(START + 10_000.0));
        useapi.api.wait(10_000.0);
        let due = useapi.api.simulator.due(useapi.api.now);
        let posted: Value = serde_json::from_str(&due[0].body).unwrap();
        assert_eq!((due.len(), due[0].url.as_str()), (1, "https://me.example/hook"));
        assert_eq!((&posted["status"], &posted["replyRef"]), (&json!(status), &json!("mine")));
        assert_eq!(posted, useapi.job(&id));
        // Nothing is known of retries.
        useapi.api.simulator.delivered(useapi.api.now, due[0].id, None);
        assert_eq!(useapi.api.simulator.next_due(), None);
    }
}

#[test]
fn jobs_take_about_as_long_as_is_documented() {
    let mut useapi = useapi(json!({ "limits": "none" }));
    let cases = [
        ("/videos", json!({}), 27.0..66.0),
        ("/videos", json!({ "resolution": "1080p" }), 115.0..280.0),
        ("/videos", json!({ "resolution": "1080p", "duration": "10s" }), 230.0..560.0),
        ("/images", json!({}), 27.0..66.0),
    ];
    for (path, fields, range) in cases {
        for _ in 0..20 {
            let id = useapi.create(path, with(fields.clone()));
            useapi.api.wait(3_600_000.0);
            let job = useapi.job(&id);
            let [from, to] =
                ["created", "updated"].map(|name| humantime::parse_rfc3339(job[name].as_str().unwrap()).unwrap());
            let seconds = to.duration_since(from).unwrap().as_secs_f64();
            assert!(range.contains(&seconds), "{path} {fields}: {seconds}");
        }
    }
}

#[test]
fn what_is_not_there_says_so() {
    let mut useapi = useapi(json!({}));
    for (method, path, status) in [
        (Method::Get, "/generations", 404),
        (Method::Get, "/jobs/", 404),
        (Method::Delete, "/jobs/1", 405),
        (Method::Get, "/videos", 405),
        (Method::Put, "/accounts", 405),
        (Method::Post, "/accounts/a", 405),
        (Method::Get, "/assets/a", 405),
    ] {
        let (found, error) = useapi.send(method, path, None);
        assert!(found == status && error["error"].is_string(), "{path}: {found} {error}");
    }
}

#[test]
fn its_calls_can_be_struck_by_name() {
    for (fault, path) in [
        ("useapi-video:503@1", "/videos"),
        ("useapi-image:503@1", "/images"),
        ("create:503@1", "/videos"),
        ("useapi-add-account:503@1", "/accounts"),
    ] {
        let mut useapi = useapi(json!({ "faults": fault }));
        assert_eq!(useapi.post(path, heron()).0, 503, "{fault}");
    }
}
