//! PiAPI as a client meets it.

use luma_edge::http::{Headers, Method, Response};
use luma_edge::simulator::Callback;
use serde_json::{Value, json};

use crate::driver::{Api, START, answer, api};

const ROOT: &str = "https://api.piapi.ai";

trait Piapi {
    fn call(&mut self, method: Method, path: &str, body: Option<Value>) -> (u16, Value);
    fn task(&mut self, input: Value) -> String;
    fn look(&mut self, id: &str) -> Value;
}

impl Piapi for Api {
    fn call(&mut self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let headers = self.key.map_or(Headers::new(), |key| Headers::new().with("X-API-Key", key));
        let body = body.map(|body| body.to_string().into_bytes());
        let response = answer(self.raw(method, &format!("{ROOT}{path}"), headers, body));
        let text = String::from_utf8(response.body).unwrap();
        (response.status, serde_json::from_str(&text).unwrap_or(text.into()))
    }

    fn task(&mut self, input: Value) -> String {
        let body = json!({ "model": "luma", "task_type": "video_generation", "input": input });
        let (status, answer) = self.call(Method::Post, "/api/v1/task", Some(body));
        assert_eq!((status, &answer["code"]), (200, &json!(200)), "{answer}");
        answer["data"]["task_id"].as_str().unwrap().to_owned()
    }

    fn look(&mut self, id: &str) -> Value {
        let (status, answer) = self.call(Method::Get, &format!("/api/v1/task/{id}"), None);
        assert_eq!((status, &answer["code"], &answer["message"]), (200, &json!(200), &json!("success")));
        answer["data"].clone()
    }
}

fn heron() -> Value {
    json!({ "prompt": "A heron on one leg" })
}

fn with_input(input: Value) -> Value {
    json!({ "model": "luma", "task_type": "video_generation", "input": input })
}

fn extend(input: Value) -> Value {
    json!({ "model": "luma", "task_type": "extend_video", "input": input })
}

#[test]
fn what_is_wrong_is_refused_with_a_sentence_that_names_it() {
    let mut api = api(json!({ "durations": 10_000 }));
    let waiting = api.task(heron());
    let frames = |frame: Value| json!({ "prompt": "p", "key_frames": { "frame0": frame } });
    let cases = [
        (json!("luma"), "model \"\" is not supported here"),
        (json!({ "model": "kling", "task_type": "video_generation", "input": heron() }), "model \"kling\""),
        (json!({ "model": "luma", "task_type": "text2video", "input": heron() }), "task_type must be one of"),
        (json!({ "model": "luma", "task_type": "video_generation" }), "input is required"),
        (with_input(json!({})), "input.prompt is required"),
        (with_input(json!({ "prompt": "" })), "input.prompt is required"),
        (with_input(json!({ "prompt": 1 })), "input.prompt must be a string"),
        (with_input(json!({ "prompt": "p", "model": "ray-2" })), "input.model must be one of ray-v2"),
        (with_input(json!({ "prompt": "p", "model": "ray-v1" })), "input.model must be one of ray-v2"),
        (
            with_input(json!({ "prompt": "p", "model_name": "ray-v3" })),
            "input.model_name must be one of ray-v1, ray-v2",
        ),
        (with_input(json!({ "prompt": "p", "duration": "5s" })), "input.duration must be one of 5, 9"),
        (with_input(json!({ "prompt": "p", "duration": 6 })), "input.duration must be one of 5, 9"),
        (with_input(json!({ "prompt": "p", "model": "ray-v2", "duration": 10 })), "input.duration must be one of 5, 9"),
        (
            with_input(json!({ "prompt": "p", "model_name": "ray-v2", "duration": 9 })),
            "input.duration must be one of 5, 10",
        ),
        (with_input(json!({ "prompt": "p", "aspect_ratio": "2:1" })), "input.aspect_ratio must be one of 21:9, 9:21"),
        (
            with_input(json!({ "prompt": "p", "model_name": "ray-v2", "aspect_ratio": "9:21" })),
            "input.aspect_ratio must be",
        ),
        (with_input(json!({ "prompt": "p", "start_image": "a.png" })), "input.start_image must be a URL"),
        (
            with_input(json!({ "prompt": "p", "end_image": "data:image/png;base64,AA==" })),
            "input.end_image must be a URL",
        ),
        (with_input(json!({ "prompt": "p", "loop": "yes" })), "input.loop must be a boolean"),
        (
            with_input(json!({ "prompt": "p", "model": "ray-v2", "model_name": "ray-v2" })),
            "input.model_name and input.model cannot be used together",
        ),
        (
            with_input(json!({ "prompt": "p", "loop": true, "key_frames": {} })),
            "input.key_frames and input.loop cannot be used together",
        ),
        (with_input(frames(json!({ "type": "image", "url": "" }))), "input.key_frames.frame0.url must be a URL"),
        (
            with_input(frames(json!({ "type": "generation", "id": waiting }))),
            "input.key_frames.frame0.type is not supported",
        ),
        (
            with_input(json!({
                "prompt": "p", "duration": 10, "key_frames": { "frame0": { "type": "image", "url": "https://e.com/a.png" } },
            })),
            "input.duration 10 is for text to video only",
        ),
        (extend(heron()), "input.key_frames is required for extend_video"),
        (
            extend(json!({ "prompt": "p", "start_image": "https://e.com/a" })),
            "input.start_image is not supported for extend",
        ),
        (extend(frames(json!({ "type": "generation", "id": "x" }))), "input.key_frames.frame0.id is of no task"),
        (extend(frames(json!({ "type": "generation", "id": waiting }))), "is of a task that is not completed"),
        (extend(frames(json!({ "type": "image", "url": "https://e.com/a.png" }))), "must name the video to extend"),
        (
            json!({ "model": "luma", "task_type": "video_generation", "input": heron(), "config": { "service_mode": "x" } }),
            "config.service_mode must be one of public, private",
        ),
        (
            json!({
                "model": "luma", "task_type": "video_generation", "input": heron(),
                "config": { "webhook_config": { "endpoint": "e.com" } },
            }),
            "config.webhook_config.endpoint must be a URL",
        ),
    ];
    for (body, expected) in cases {
        let (status, answer) = api.call(Method::Post, "/api/v1/task", Some(body.clone()));
        assert_eq!((status, &answer["code"], &answer["data"]), (400, &json!(400), &Value::Null), "{body}: {answer}");
        assert!(answer["message"].as_str().unwrap().contains(expected), "{body}: {answer}");
    }
    assert_eq!(api.simulator.stats(api.now).created.video, 1);
}

#[test]
fn both_forms_are_taken_and_what_is_unknown_is_ignored() {
    let mut api = api(json!({ "durations": 10_000 }));
    let done = api.task(heron());
    api.wait(10_000.0);
    let image = "https://e.com/a.png";
    let cases = [
        with_input(json!({
            "prompt": "p", "model": "ray-v2", "duration": 9, "aspect_ratio": "9:21", "start_image": image, "end_image": image,
            "loop": false, "newer": 1,
        })),
        with_input(json!({
            "prompt": "p", "model_name": "ray-v1", "duration": 5, "aspect_ratio": "21:9", "expand_prompt": false,
            "key_frames": { "frame0": { "type": "image", "url": image }, "frame1": { "type": "image", "url": image } },
        })),
        with_input(json!({ "prompt": "p", "model_name": "ray-v2", "duration": 10 })),
        with_input(json!({ "prompt": "p", "duration": 10 })),
        with_input(json!({ "prompt": "p", "model": null, "model_name": "ray-v2" })),
        extend(json!({ "prompt": "p", "key_frames": { "frame0": { "type": "generation", "id": done } } })),
        extend(json!({ "prompt": "p", "key_frames": { "frame0": { "type": "video", "url": "https://e.com/a.mp4" } } })),
    ];
    for body in cases {
        let (status, answer) = api.call(Method::Post, "/api/v1/task", Some(body.clone()));
        assert_eq!((status, &answer["data"]["input"]), (200, &body["input"]), "{answer}");
        assert_eq!(answer["data"]["task_type"], body["task_type"]);
    }
}

#[test]
fn a_task_of_2026_from_its_creation_to_its_files() {
    let mut api = api(json!({ "durations": 100_000, "baseUrl": "https://files.example" }));
    let input = json!({ "prompt": "A heron", "model": "ray-v2", "duration": 5, "aspect_ratio": "4:3" });
    let (_, created) = api.call(Method::Post, "/api/v1/task", Some(with_input(input.clone())));
    let id = created["data"]["task_id"].as_str().unwrap().to_owned();
    let task = |status: &str, started: &str, ended: &str, frozen: i64, consume: i64, output: Value| {
        json!({
            "task_id": id, "model": "luma", "task_type": "video_generation", "status": status,
            "config": { "service_mode": "", "webhook_config": { "endpoint": "", "secret": "" } },
            "input": input, "output": output,
            "meta": {
                "created_at": "2024-12-02T15:34:40.388000000Z", "started_at": started, "ended_at": ended,
                "usage": { "type": "point", "frozen": frozen, "consume": consume },
                "is_using_private_pool": false, "failover_triggered": false,
            },
            "detail": null, "logs": null,
            "error": { "code": 0, "raw_message": "", "message": "", "detail": null },
        })
    };
    let never = "0001-01-01T00:00:00Z";
    let pending = task("pending", never, never, 2_000_000, 0, Value::Null);
    assert_eq!(created, json!({ "code": 200, "data": pending, "message": "success" }));
    api.wait(4_999.0);
    assert_eq!(api.look(&id), pending);
    api.wait(1.0);
    let started = "2024-12-02T15:34:45.388000000Z";
    assert_eq!(api.look(&id), task("processing", started, never, 2_000_000, 0, Value::Null));
    api.wait(95_000.0);
    let file = |name: &str| json!({ "url": format!("https://files.example/storage/{id}/{name}"), "width": 1152, "height": 864 });
    let output = json!({
        "prompt": "A heron", "internal_state": "completed", "created_at": started,
        "video": file("video_watermarked.mp4"), "video_raw": file("video.mp4"),
        "thumbnail": file("thumbnail.jpg"), "last_frame": file("last_frame.jpg"),
    });
    assert_eq!(
        api.look(&id),
        task("completed", started, "2024-12-02T15:36:20.388000000Z", 0, 2_000_000, output.clone())
    );
    let mut files = Vec::new();
    for (name, content_type) in
        [("video", "video/mp4"), ("video_raw", "video/mp4"), ("thumbnail", "image/jpeg"), ("last_frame", "image/jpeg")]
    {
        let file = fetch(&mut api, output[name]["url"].as_str().unwrap());
        assert_eq!((file.status, file.headers.get("content-type")), (200, Some(content_type)), "{name}");
        files.push(file.body);
    }
    assert_ne!(files[0], files[1], "the watermark shows");
}

fn fetch(api: &mut Api, url: &str) -> Response<Vec<u8>> {
    answer(api.raw(Method::Get, url, Headers::new(), None))
}

#[test]
fn the_output_of_2025_is_there_from_the_beginning_full_of_nulls() {
    let mut api = api(json!({ "durations": { "ray-v1": 50_000 } }));
    let id = api.task(json!({ "prompt": "A heron", "model_name": "ray-v1" }));
    let empty = json!({
        "prompt": null, "internal_state": null, "created_at": null,
        "video": null, "video_raw": null, "thumbnail": null, "last_frame": null,
    });
    assert_eq!(api.look(&id)["output"], empty);
    api.wait(50_000.0);
    let task = api.look(&id);
    assert_eq!((&task["status"], &task["output"]["video_raw"]["width"]), (&json!("completed"), &json!(1280)));
}

#[test]
fn a_task_may_fail_within_a_good_answer_and_costs_nothing_then() {
    for (marker, at, reason) in [
        ("[fail:moderation]", 20_000.0, "Advanced prompt moderation failed"),
        ("[fail:job]", 100_000.0, "Job failed"),
        ("[fail:dispatch]", 5_000.0, "Error dispatching job"),
    ] {
        let mut api = api(json!({ "durations": { "video_generation": 100_000 }, "credits": 20 }));
        let id = api.task(json!({ "prompt": format!("A heron {marker}") }));
        api.wait(at - 1.0);
        assert_eq!(api.look(&id)["error"]["code"], 0, "{marker}");
        api.wait(1.0);
        let task = api.look(&id);
        assert_eq!((&task["status"], &task["output"]), (&json!("failed"), &Value::Null));
        let error = json!({ "code": 10_000, "raw_message": reason, "message": reason, "detail": null });
        assert_eq!(task["error"], error, "{marker}");
        assert_eq!(task["meta"]["usage"], json!({ "type": "point", "frozen": 0, "consume": 0 }));
        assert_eq!(api.simulator.stats(api.now).credits.balance, 20.0);
    }
}

#[test]
fn a_task_is_called_off_while_it_waits_and_not_later() {
    let mut api = api(json!({ "durations": 10_000, "credits": 40 }));
    let [first, second] = [api.task(heron()), api.task(heron())];
    assert_eq!(api.call(Method::Post, "/api/v1/task", Some(with_input(heron()))).0, 402);
    let cancel = |api: &mut Api, id: &str| api.call(Method::Delete, &format!("/api/v1/task/{id}"), None);
    assert_eq!(cancel(&mut api, &first), (200, json!({ "code": 200, "data": null, "message": "success" })));
    let task = api.look(&first);
    assert_eq!((&task["status"], &task["meta"]["usage"]["frozen"]), (&json!("cancelled"), &json!(0)));
    assert_eq!(task["error"]["code"], 0);
    assert_eq!(api.simulator.stats(api.now).credits.balance, 20.0);
    assert_eq!(cancel(&mut api, &first).0, 400);
    api.wait(500.0);
    let late = json!({ "code": 400, "data": null, "message": "only pending tasks can be cancelled" });
    assert_eq!(cancel(&mut api, &second), (400, late));
    api.wait(10_000.0);
    assert_eq!((&api.look(&second)["status"], cancel(&mut api, &second).0), (&json!("completed"), 400));
    assert_eq!(api.look(&first)["status"], "cancelled");
    assert_eq!(cancel(&mut api, "nobody").0, 404);
}

#[test]
fn the_history_is_pages_of_rows_the_newest_first() {
    let mut api = api(json!({ "durations": 2_500 }));
    let mut ids = Vec::new();
    for _ in 0..12 {
        ids.insert(0, api.task(heron()));
        api.wait(1_000.0);
    }
    // A job of another provider is none of these.
    api.video();
    let seconds = (START / 1000.0) as u64;
    let cases = [
        ("", 1, 0..10),
        ("?page_size=5", 1, 0..5),
        ("?page=3&page_size=5", 3, 10..12),
        ("?page=4&page_size=5", 4, 12..12),
        ("?page_size=100&model=luma", 1, 0..12),
        (&format!("?page_size=100&start_time={}", seconds + 10), 1, 0..2),
        (&format!("?page_size=100&end_time={}", seconds + 1), 1, 10..12),
    ];
    for (query, page, expected) in cases {
        let (status, answer) = api.call(Method::Get, &format!("/api/open/tasks/histories{query}"), None);
        let data = &answer["data"];
        let found: Vec<&str> =
            data["data"].as_array().unwrap().iter().map(|row| row["task_id"].as_str().unwrap()).collect();
        assert_eq!((status, found), (200, ids[expected.clone()].iter().map(String::as_str).collect()), "{query}");
        assert_eq!((&data["page"], &data["size"]), (&json!(page), &json!(expected.len())), "{query}");
    }
    let (_, answer) = api.call(Method::Get, "/api/open/tasks/histories?model=kling", None);
    assert_eq!(answer["data"], json!({ "data": [], "page": 1, "size": 0, "total": 0 }));
    let (_, answer) = api.call(Method::Get, "/api/open/tasks/histories?page_size=1&page=12", None);
    assert_eq!(
        answer["data"],
        json!({ "page": 12, "size": 1, "total": 12, "data": [{
            "id": 1, "account_id": 1, "api_key_id": 1, "task_id": ids[11], "task_model": "luma", "action": "video_generation",
            "service_mode": "", "status": "completed", "usage": 2_000_000, "usage_type": "point",
            "created_at": "2024-12-02T15:34:40.388000000Z", "updated_at": "2024-12-02T15:34:42.888000000Z",
            "deleted_at": null, "detail": null, "fixed": false,
        }] })
    );
    for query in ["?page=0", "?page_size=0", "?page_size=101", "?page=x", "?start_time=-1"] {
        assert_eq!(api.call(Method::Get, &format!("/api/open/tasks/histories{query}"), None).0, 400, "{query}");
    }
}

#[test]
fn the_account_tells_its_points_and_its_tasks() {
    let mut api = api(json!({ "durations": 10_000, "credits": 100 }));
    api.task(heron());
    api.wait(10_000.0);
    api.task(heron());
    api.wait(9_000.0);
    api.task(heron());
    let (_, info) = api.call(Method::Get, "/account/info", None);
    assert_eq!(
        info["data"]["credit_pack_info"],
        json!({
            "available_credits": 4_000_000, "used_credits": 2_000_000, "total_credits": 10_000_000,
            "frozen_credits": 4_000_000, "expired_credits": 0, "inactive_credits": 0,
        })
    );
    assert_eq!((&info["data"]["equivalent_in_usd"], &info["data"]["is_enable"]), (&json!(0.4), &json!(true)));
    let (_, active) = api.call(Method::Get, "/account/active_tasks", None);
    let counts = json!({ "staged_count": 0, "pending_count": 1, "processing_count": 1, "active_tasks": 2 });
    assert_eq!(active["data"], json!({ "luma": counts }));
    let (status, answer) =
        api.call(Method::Post, "/api/v1/task", Some(with_input(json!({ "prompt": "p", "duration": 9 }))));
    assert_eq!(status, 200, "40 cents are left: {answer}");
    let (status, answer) = api.call(Method::Post, "/api/v1/task", Some(with_input(heron())));
    assert_eq!((status, answer), (402, json!({ "code": 402, "data": null, "message": "insufficient credits" })));
}

#[test]
fn limits_are_answered_with_429() {
    let limits = json!({ "video": { "concurrent": 1, "perMinute": 2 } });
    let mut api = api(json!({ "durations": 10_000, "limits": limits }));
    api.task(heron());
    let refused = |api: &mut Api| api.call(Method::Post, "/api/v1/task", Some(with_input(heron())));
    let concurrent = json!({ "code": 429, "data": null, "message": "too many concurrent tasks" });
    assert_eq!(refused(&mut api), (429, concurrent));
    api.wait(10_000.0);
    api.task(heron());
    api.wait(10_000.0);
    assert_eq!(refused(&mut api).1["message"], "rate limit exceeded");
}

#[test]
fn a_key_is_needed_and_what_is_not_there_is_answered_in_plain_text() {
    let mut api = api(json!({ "apiKeys": ["good"] }));
    for (key, expected) in [(None, 401), (Some(""), 401), (Some("bad"), 401), (Some("good"), 200)] {
        api.key = key;
        let (status, answer) = api.call(Method::Get, "/account/info", None);
        assert_eq!((status, &answer["code"]), (expected, &json!(expected)), "{key:?}");
    }
    for (method, path) in [
        (Method::Get, "/api/v1/task"),
        (Method::Post, "/api/v1/task/x"),
        (Method::Get, "/api/v1/task/"),
        (Method::Delete, "/api/v1/tasks?created_before=1&model=luma"),
        (Method::Post, "/api/luma/v1/video"),
        (Method::Get, "/"),
    ] {
        assert_eq!(api.call(method, path, None), (404, json!("404 page not found")), "{path}");
    }
    let (status, answer) = api.call(Method::Get, "/api/v1/task/nobody", None);
    assert_eq!((status, answer), (404, json!({ "code": 404, "data": null, "message": "task not found" })));
    // Under its path anywhere else, too.
    let headers = Headers::new().with("x-api-key", "good");
    assert_eq!(answer_of(&mut api, "http://127.0.0.1:4010/piapi/account/info", headers).status, 200);
}

fn answer_of(api: &mut Api, url: &str, headers: Headers) -> Response<Vec<u8>> {
    answer(api.raw(Method::Get, url, headers, None))
}

#[test]
fn a_file_is_kept_for_a_day() {
    let mut api = api(json!({ "baseUrl": "https://files.example" }));
    let upload = |api: &mut Api, body: Value| {
        let headers = Headers::new().with("x-api-key", "k");
        let url = "https://upload.theapi.app/api/ephemeral_resource";
        let response = answer(api.raw(Method::Post, url, headers, Some(body.to_string().into_bytes())));
        (response.status, serde_json::from_slice::<Value>(&response.body).unwrap())
    };
    for (name, data, content_type, bytes) in [
        ("a.png", "AAECAw==", "image/png", &[0, 1, 2, 3][..]),
        ("b.JPG", "/+8A", "image/jpeg", &[255, 239, 0]),
        ("c.mp4", "aGVyb24=", "video/mp4", b"heron"),
    ] {
        let (status, answer) = upload(&mut api, json!({ "file_name": name, "file_data": data }));
        assert_eq!((status, &answer["code"]), (200, &json!(200)), "{answer}");
        let url = answer["data"]["url"].as_str().unwrap();
        assert!(url.starts_with("https://files.example/storage/") && url.ends_with(name), "{url}");
        let file = fetch(&mut api, url);
        assert_eq!((file.status, file.headers.get("content-type"), &*file.body), (200, Some(content_type), bytes));
        api.wait(86_399_999.0);
        assert_eq!(fetch(&mut api, url).status, 200);
        api.wait(1.0);
        assert_eq!(fetch(&mut api, url).status, 404);
    }
    let large = "AAAA".repeat(10 * 1024 * 1024 / 3 + 1);
    for (body, expected) in [
        (json!({}), "file_name is required"),
        (json!({ "file_name": "a.png" }), "file_data is required"),
        (json!({ "file_name": "a.gif", "file_data": "AAAA" }), "file_name must end in one of jpg, jpeg, png"),
        (json!({ "file_name": "png", "file_data": "AAAA" }), "file_name must end in"),
        (json!({ "file_name": "../a.png", "file_data": "AAAA" }), "a name without a path"),
        (json!({ "file_name": format!("{}.png", "a".repeat(125)), "file_data": "AAAA" }), "longer than 128"),
        (json!({ "file_name": "a.png", "file_data": "data:image/png;base64,AAAA" }), "base64"),
        (json!({ "file_name": "a.png", "file_data": "AAA" }), "base64"),
        (json!({ "file_name": "a.png", "file_data": "A===" }), "base64"),
        (json!({ "file_name": "a.png", "file_data": "AA=A" }), "base64"),
        (json!({ "file_name": "a.png", "file_data": large }), "larger than 10 MB"),
    ] {
        let (status, answer) = upload(&mut api, body);
        assert!(status == 400 && answer["message"].as_str().unwrap().contains(expected), "{expected}: {answer}");
    }
}

/// A task that asks for a webhook.
fn with_webhook(prompt: &str, secret: Option<&str>) -> Value {
    let mut body = with_input(json!({ "prompt": prompt }));
    body["config"] = json!({ "webhook_config": { "endpoint": "https://example.com/hook", "secret": secret } });
    body
}

/// Delivers all that is due until nothing is planned, answering as told.
fn deliver(api: &mut Api, answers: &[Option<u16>]) -> Vec<(f64, Callback)> {
    let mut seen = Vec::new();
    while let Some(at) = api.simulator.next_due() {
        for callback in api.simulator.due(at) {
            let id = callback.id;
            seen.push((at - START, callback));
            api.simulator.delivered(at, id, answers.get(seen.len() - 1).copied().unwrap_or(Some(200)));
        }
    }
    seen
}

#[test]
fn a_webhook_is_told_of_the_start_and_the_end_with_its_secret_in_clear() {
    for (prompt, secret, end) in [("heron", Some("s3cret"), "completed"), ("heron [fail:job]", None, "failed")] {
        let mut api = api(json!({ "durations": 10_000 }));
        api.call(Method::Post, "/api/v1/task", Some(with_webhook(prompt, secret)));
        let seen = deliver(&mut api, &[]);
        let expected = secret.map(|secret| ("x-webhook-secret".to_owned(), secret.to_owned()));
        for ((at, callback), (time, status)) in seen.iter().zip([(500.0, "processing"), (10_000.0, end)]) {
            let body: Value = serde_json::from_str(&callback.body).unwrap();
            assert_eq!((*at, &body["data"]["status"]), (time, &json!(status)));
            assert_eq!(body["timestamp"], ((START + time) / 1000.0).floor() as i64);
            assert_eq!(body.as_object().unwrap().len(), 2);
            assert_eq!((&*callback.url, callback.headers.first()), ("https://example.com/hook", expected.as_ref()));
        }
        assert_eq!(seen.len(), 2);
    }
}

#[test]
fn a_webhook_is_tried_three_times_in_all_5_s_apart() {
    let mut api = api(json!({ "durations": 10_000 }));
    api.call(Method::Post, "/api/v1/task", Some(with_webhook("heron", None)));
    let answers = [Some(500), Some(204), None, Some(404), Some(302)];
    let times: Vec<f64> = deliver(&mut api, &answers).iter().map(|(at, _)| *at).collect();
    assert_eq!(times, [500.0, 5_500.0, 10_000.0, 15_000.0, 20_000.0]);
    let callbacks = api.simulator.stats(api.now).callbacks;
    assert_eq!((callbacks.sent, callbacks.delivered, callbacks.given_up), (5, 1, 1));
}

#[test]
fn what_is_called_off_is_not_told_of() {
    let mut api = api(json!({ "durations": 10_000 }));
    let (_, created) = api.call(Method::Post, "/api/v1/task", Some(with_webhook("heron", None)));
    let id = created["data"]["task_id"].as_str().unwrap().to_owned();
    assert_eq!(api.call(Method::Delete, &format!("/api/v1/task/{id}"), None).0, 200);
    assert_eq!(api.simulator.next_due(), None);
}

#[test]
fn an_answer_may_be_lost_after_the_task_was_made() {
    let mut api = api(json!({ "faults": "piapi-create:cut-after@1" }));
    let body = with_input(heron()).to_string().into_bytes();
    let reply =
        api.raw(Method::Post, &format!("{ROOT}/api/v1/task"), Headers::new().with("x-api-key", "k"), Some(body));
    assert_eq!(reply.outcome, luma_edge::simulator::Outcome::Cut);
    let (_, answer) = api.call(Method::Get, "/api/open/tasks/histories", None);
    assert_eq!((&answer["data"]["total"], &answer["data"]["data"][0]["status"]), (&json!(1), &json!("pending")));
}
