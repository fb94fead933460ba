//! PiAPI: what it is sent, what its answers mean, and a client's days with it.

use luma_edge::engine::{Answer, Host, Query};
use luma_edge::error::{Code, Error};
use luma_edge::generation::{FailureCode, Generation, State};
use luma_edge::http::{Body, Headers, Response};
use luma_edge::json;
use luma_edge::json::Json;
use luma_edge::pricing::Certainty;
use luma_edge::provider::{
    ApiCall, CreditUnit, File, Lookup, Page, Provider, ProviderId, RecoverySupport, Upload, UploadForm, Variant,
    provider,
};
use luma_edge::request::GenerationRequest;

use crate::carried;
use crate::virtual_time::{Calls, World, answer};

fn of(schema_2025: bool) -> Box<dyn Provider> {
    provider(ProviderId::Piapi, Variant { schema_2025, ..Variant::default() })
}

fn now() -> Box<dyn Provider> {
    of(false)
}

fn task(status: &str, more: Json) -> Json {
    let mut task = json!({ "task_id": "t-1", "model": "luma", "task_type": "video_generation", "status": status });
    task.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    task
}

fn read(answer: Json) -> Generation {
    now().generation(&answer).unwrap_or_else(|| panic!("no task: {answer}"))
}

#[test]
fn states_are_known_by_the_words_of_all_years() {
    let cases = [
        ("pending", State::Queued),
        ("Pending", State::Queued),
        ("staged", State::Queued),
        ("", State::Queued),
        ("processing", State::Dreaming),
        ("Processing", State::Dreaming),
        ("running", State::Dreaming),
        ("starting", State::Dreaming),
        ("retry", State::Dreaming),
        ("pondering", State::Dreaming),
        ("completed", State::Completed),
        ("Completed", State::Completed),
        ("success", State::Completed),
        ("succeeded", State::Completed),
        ("failed", State::Failed),
        ("Failed", State::Failed),
        ("error", State::Failed),
        ("cancelled", State::Failed),
        ("canceled", State::Failed),
        ("rejected", State::Failed),
    ];
    for (word, state) in cases {
        assert_eq!(read(task(word, json!({}))).state, state, "{word}");
        let enveloped = json!({ "code": 200, "message": "success", "data": task(word, json!({})) });
        assert_eq!(read(enveloped).state, state, "{word}");
    }
    for (output, state) in [
        (json!({ "internal_state": "completed" }), State::Completed),
        (json!({ "generation": { "state": "dreaming" } }), State::Dreaming),
        (json!({ "internal_state": null }), State::Queued),
    ] {
        assert_eq!(read(task("", json!({ "output": output }))).state, state, "{output}");
    }
}

#[test]
fn the_video_is_found_wherever_it_lies_and_without_a_watermark_first() {
    let file = |name: &str| json!({ "url": format!("https://e.com/{name}"), "width": 1152, "height": 864 });
    let clean = "https://e.com/clean";
    for output in [
        json!({ "video": file("marked"), "video_raw": file("clean") }),
        json!({ "video": file("clean"), "video_raw": null }),
        json!({ "video": "https://e.com/clean" }),
        json!({ "video": "", "video_url": clean }),
        json!({ "generation": { "id": "x", "video": { "url": clean } } }),
        json!({ "works": [{ "video": { "resource": "https://e.com/marked", "resource_without_watermark": clean } }] }),
        json!({ "works": [{ "video": { "resource": clean, "resource_without_watermark": "" } }] }),
        json!({ "url": clean }),
    ] {
        assert_eq!(read(task("completed", json!({ "output": output }))).assets.get("video"), Some(clean), "{output}");
    }
    let output = json!({ "video": file("a"), "thumbnail": file("b"), "last_frame": file("c") });
    let done = read(task("completed", json!({ "output": output })));
    let assets = json!({ "video": "https://e.com/a", "thumbnail": "https://e.com/b", "last_frame": "https://e.com/c" });
    assert_eq!(json!(done.assets), assets);
    let legacy = task(
        "completed",
        json!({ "generation": { "id": "x", "video": { "url": clean } }, "metadata": { "created_at": "T" } }),
    );
    let legacy = read(legacy);
    assert_eq!((legacy.assets.get("video"), legacy.created_at.as_deref()), (Some(clean), Some("T")));
    for nothing in [json!(null), json!({ "video": null, "video_raw": null }), json!({ "works": [] }), json!("soon")] {
        let done = read(task("completed", json!({ "output": nothing })));
        assert_eq!((done.state, done.assets.is_empty()), (State::Completed, true), "{nothing}");
    }
}

#[test]
fn a_task_tells_when_it_was_made_and_of_what() {
    let input = json!({ "prompt": "p", "model": "ray-v2" });
    let never = "0001-01-01T00:00:00Z";
    let made = read(task(
        "pending",
        json!({ "input": input, "meta": { "created_at": "2026-01-07T01:36:08.845623268Z", "started_at": never } }),
    ));
    assert_eq!(made.created_at.as_deref(), Some("2026-01-07T01:36:08.845623268Z"));
    assert_eq!((made.model.as_deref(), made.request.as_ref()), (Some("ray-v2"), Some(&input)));
    assert_eq!(read(task("pending", json!({ "meta": { "created_at": never } }))).created_at, None);
    let older = json!({ "input": { "model_name": "ray-v1" }, "created_at": "2025-01-01T00:00:00Z" });
    let older = read(task("pending", older));
    assert_eq!((older.model.as_deref(), older.created_at.as_deref()), (Some("ray-v1"), Some("2025-01-01T00:00:00Z")));
}

#[test]
fn what_is_no_task_is_none() {
    for other in [
        json!(null),
        json!("t"),
        json!({}),
        json!({ "task_id": "" }),
        json!({ "task_id": -5 }),
        json!({ "id": "x", "state": "completed" }),
        json!({ "code": 200, "data": null }),
        json!({ "code": 200, "data": { "url": "https://e.com" } }),
        json!({ "jobid": "j", "status": "completed" }),
    ] {
        assert!(now().generation(&other).is_none(), "{other}");
    }
}

#[test]
fn a_failure_has_the_words_that_there_are() {
    use FailureCode::*;
    let error =
        |message: &str, raw: &str| json!({ "code": 10000, "message": message, "raw_message": raw, "detail": null });
    let cases = [
        (
            json!({ "error": error("Advanced prompt moderation failed", "x") }),
            "Advanced prompt moderation failed",
            Moderation,
            false,
        ),
        (json!({ "error": error("", "Contains blacklisted words") }), "Contains blacklisted words", Moderation, false),
        (
            json!({ "error": error("Failed to read user input frames", "") }),
            "Failed to read user input frames",
            InputFrames,
            false,
        ),
        (json!({ "error": error("Prompt processing failed", "") }), "Prompt processing failed", PromptProcessing, true),
        (json!({ "error": error("Error dispatching job", "") }), "Error dispatching job", Job, true),
        (json!({ "error": error("job failed", "") }), "job failed", Job, true),
        (json!({ "error": { "code": 1, "message": "", "detail": "no luck" } }), "no luck", Unknown, true),
        (json!({ "error": "as text" }), "as text", Unknown, true),
        (json!({ "error": error("", ""), "detail": "from a row" }), "from a row", Unknown, true),
        (json!({ "error": null }), "failed", Unknown, true),
    ];
    for (more, reason, code, retryable) in cases {
        let failure = read(task("failed", more.clone())).failure.clone().unwrap();
        assert_eq!(
            (failure.reason.as_str(), failure.code, failure.retryable, failure.refunded),
            (reason, code, retryable, true),
            "{more}"
        );
    }
    assert_eq!(read(task("cancelled", json!({}))).failure.as_ref().unwrap().reason, "cancelled");
    // The object is there, without words, when nothing is wrong.
    assert_eq!(read(task("pending", json!({ "error": error("", "") }))).failure, None);
}

#[test]
fn a_callback_is_a_task_and_no_secret_is_shown() {
    let config =
        json!({ "service_mode": "public", "webhook_config": { "endpoint": "https://e.com/hook", "secret": "s3cret" } });
    let posted = json!({ "timestamp": 1_795_132_800, "data": task("completed", json!({ "config": config })) });
    let generation = now().callback(&posted).unwrap();
    assert_eq!((generation.id.as_str(), generation.state), ("t-1", State::Completed));
    assert_eq!(
        generation.raw["config"],
        json!({ "service_mode": "public", "webhook_config": { "endpoint": "https://e.com/hook" } })
    );
    let plain = task("pending", json!({ "config": { "webhook_config": { "endpoint": "", "secret": "" } } }));
    assert_eq!(read(plain.clone()).raw, plain, "what has no secret is untouched");
}

fn response(status: u16, body: Body) -> Response<Body> {
    Response { status, headers: Headers::new(), body }
}

fn refusal(status: u16, body: Body) -> Error {
    now().refusal(&response(status, body))
}

#[test]
fn an_envelope_may_refuse_within_a_200() {
    let json = |value: Json| Body::Json(value);
    for (status, body, expected) in [
        (200, json(json!({ "code": 200, "data": task("pending", json!({})) })), 200),
        (200, json(json!({ "code": 0, "data": task("pending", json!({})) })), 200),
        (200, json(json!({ "data": {} })), 200),
        (200, json(json!({ "code": 400, "message": "m", "data": null })), 400),
        (200, json(json!({ "code": 429 })), 429),
        (200, json(json!({ "code": 10_000, "message": "m" })), 500),
        (200, json(json!({ "code": 500, "data": task("failed", json!({})) })), 200),
        (404, json(json!({ "code": 200 })), 404),
        (404, Body::Text("404 page not found".into()), 404),
        (502, Body::Empty, 502),
    ] {
        assert_eq!(now().status(&response(status, body.clone())), expected, "{status} {body:?}");
    }
}

#[test]
fn refusals_are_errors_with_codes_and_words() {
    let said = |code: u16| Body::Json(json!({ "code": code, "message": "the words", "data": null }));
    for (status, body, code, part) in [
        (400, said(400), Code::InvalidRequest, "piapi answered 400: the words"),
        (401, said(401), Code::Authentication, "check the key"),
        (402, said(402), Code::InsufficientCredits, "add credits"),
        (403, said(403), Code::Authentication, "plan"),
        (404, said(404), Code::NotFound, "the words"),
        (404, Body::Text("404 page not found".into()), Code::NotFound, "404 page not found"),
        (429, said(429), Code::RateLimited, "the words"),
        (500, said(500), Code::Server, "the words"),
        (200, said(402), Code::InsufficientCredits, "piapi answered 402: the words"),
        (200, said(10_000), Code::Server, "the words"),
        (
            400,
            Body::Json(
                json!({ "code": 400, "message": "failed", "data": { "task_id": "", "error": { "message": "no such image" } } }),
            ),
            Code::InvalidRequest,
            "no such image",
        ),
    ] {
        let error = refusal(status, body.clone());
        assert_eq!(error.code, code, "{status} {body:?}");
        assert!(error.message.contains(part), "{}", error.message);
        assert_eq!(error.provider, Some(ProviderId::Piapi));
    }
}

/// Path and code of every problem.
fn problems(schema_2025: bool, request: &Json) -> Vec<(String, Json)> {
    let found = match GenerationRequest::read(&*of(schema_2025), request, false) {
        Ok((_, disputed)) => disputed,
        Err(problems) => problems,
    };
    found.into_iter().map(|problem| (problem.path, json!(problem.code))).collect()
}

#[test]
fn rules_name_the_field_and_what_is_disputed_is_sent() {
    let with = |more: Json| {
        let mut request = json!({ "prompt": "p" });
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        request
    };
    let image = json!({ "url": "https://e.com/a.png" });
    let earlier = json!({ "type": "generation", "id": "t-0" });
    type Found = &'static [(&'static str, &'static str)];
    let cases: Vec<(Json, Found, Found)> = vec![
        (with(json!({})), &[], &[]),
        (json!({}), &[("prompt", "required")], &[("prompt", "required")]),
        (with(json!({ "model": "ray-1-6" })), &[("model", "unsupported")], &[]),
        (with(json!({ "model": "ray-v1" })), &[], &[]),
        (with(json!({ "model": "ray-flash-2" })), &[("model", "unsupported")], &[("model", "unsupported")]),
        (with(json!({ "model": "ray-9", "duration": "77s" })), &[], &[]),
        (with(json!({ "duration": "6s" })), &[("duration", "disputed")], &[("duration", "disputed")]),
        (with(json!({ "duration": "9s" })), &[], &[("duration", "disputed")]),
        (with(json!({ "duration": "10s" })), &[("duration", "disputed")], &[]),
        (with(json!({ "aspect_ratio": "9:21" })), &[], &[("aspect_ratio", "invalid_value")]),
        (with(json!({ "loop": true })), &[], &[("loop", "unsupported")]),
        (with(json!({ "keyframes": {} })), &[("keyframes", "suspicious")], &[("keyframes", "suspicious")]),
        (with(json!({ "keyframes": { "frame0": image } })), &[], &[]),
        (
            with(json!({ "keyframes": { "frame0": { "url": "blob:x" } } })),
            &[("keyframes.frame0.url", "invalid_url")],
            &[("keyframes.frame0.url", "invalid_url")],
        ),
        (
            with(json!({ "keyframes": { "frame0": earlier, "frame1": image } })),
            &[("keyframes.frame0.id", "unsupported")],
            &[("keyframes.frame0", "disputed")],
        ),
        (
            with(json!({ "keyframes": { "frame1": image }, "duration": "10s" })),
            &[("duration", "disputed")],
            &[("duration", "disputed")],
        ),
        (
            with(json!({ "callback_url": "https://e.com/h", "callback_secret": "s", "service_mode": "public" })),
            &[],
            &[],
        ),
        (
            with(json!({ "callback_secret": "s" })),
            &[("callback_secret", "suspicious")],
            &[("callback_secret", "suspicious")],
        ),
        (
            with(json!({ "service_mode": "mine" })),
            &[("service_mode", "invalid_value")],
            &[("service_mode", "invalid_value")],
        ),
    ];
    for (request, by_2026, by_2025) in cases {
        for (schema_2025, expected) in [(false, by_2026), (true, by_2025)] {
            let expected: Vec<_> = expected.iter().map(|(path, code)| ((*path).to_owned(), json!(code))).collect();
            assert_eq!(problems(schema_2025, &request), expected, "{request} {schema_2025}");
        }
    }
}

fn sent(schema_2025: bool, request: Json) -> Json {
    let provider = of(schema_2025);
    let (request, _) = GenerationRequest::read(&*provider, &request, false).unwrap();
    let call = provider.create(&request);
    let body = carried(call.body);
    assert_eq!(provider.echo(&request), body["input"]);
    body
}

#[test]
fn the_fields_of_2025_are_sent_when_they_are_asked_for() {
    let input = |input: Json| json!({ "model": "luma", "task_type": "video_generation", "input": input });
    let image = "https://e.com/a.png";
    assert_eq!(
        sent(true, json!({ "model": "ray-1-6", "prompt": "p", "duration": "10s", "newer": 1 })),
        input(json!({ "model_name": "ray-v1", "prompt": "p", "duration": 10, "newer": 1 }))
    );
    let frames = json!({ "frame0": { "type": "image", "url": image }, "frame1": { "type": "image", "url": image } });
    assert_eq!(
        sent(
            true,
            json!({ "prompt": "p", "keyframes": { "frame0": { "url": image }, "frame1": { "type": "image", "url": image } } })
        ),
        input(json!({ "model_name": "ray-v2", "prompt": "p", "key_frames": frames }))
    );
    for frame in
        [json!({ "type": "generation", "id": "t-0" }), json!({ "type": "video", "url": "https://e.com/a.mp4" })]
    {
        assert_eq!(
            sent(true, json!({ "prompt": "p", "keyframes": { "frame0": frame } })),
            json!({
                "model": "luma", "task_type": "extend_video",
                "input": { "model_name": "ray-v2", "prompt": "p", "key_frames": { "frame0": frame } },
            })
        );
    }
    let bare = sent(true, json!({ "prompt": "p", "keyframes": { "frame0": { "id": "t-0" } } }));
    assert_eq!(bare["input"]["key_frames"]["frame0"], json!({ "id": "t-0", "type": "generation" }));
}

#[test]
fn who_is_told_and_who_pays_is_no_part_of_the_input() {
    let all = json!({
        "prompt": "p", "generation_type": "video", "service_mode": "private",
        "callback_url": "https://e.com/hook", "callback_secret": "s3cret",
    });
    assert_eq!(
        sent(false, all),
        json!({
            "model": "luma", "task_type": "video_generation", "input": { "model": "ray-v2", "prompt": "p" },
            "config": { "service_mode": "private", "webhook_config": { "endpoint": "https://e.com/hook", "secret": "s3cret" } },
        })
    );
}

#[test]
fn prices_are_what_others_report() {
    for (duration, mode, usd) in [
        (None, None, Some(0.2)),
        (Some("5s"), Some("public"), Some(0.2)),
        (Some("9s"), None, Some(0.4)),
        (Some("10s"), None, Some(0.4)),
        (Some("5s"), Some("private"), None),
    ] {
        let request = json!({ "prompt": "p", "duration": duration, "service_mode": mode });
        let (request, _) = GenerationRequest::read(&*now(), &request, false).unwrap();
        let estimate = now().estimate(&request);
        assert_eq!((estimate.usd, estimate.certainty), (usd, Certainty::Unknown), "{duration:?} {mode:?}");
        assert_eq!(estimate.basis.contains("$0."), usd.is_some(), "{}", estimate.basis);
        let long = matches!(duration, Some("9s" | "10s"));
        assert_eq!(now().expected(request.kind, &request.body), if long { 340_000.0 } else { 190_000.0 });
    }
}

#[test]
fn calls_go_where_they_should() {
    let paths = [
        (now().get("a b"), "GET api/v1/task/a%20b"),
        (now().delete("t").unwrap(), "DELETE api/v1/task/t"),
        (now().lookup(Lookup::Credits).unwrap(), "GET account/info"),
        (now().lookup(Lookup::Ping).unwrap(), "GET account/info"),
        (now().lookup(Lookup::ActiveTasks).unwrap(), "GET account/active_tasks"),
    ];
    for (call, expected) in paths {
        assert_eq!(format!("{} {}", call.method.as_str(), call.path), expected);
    }
    for schema_2025 in [false, true] {
        for model in luma_edge::provider::piapi::forms::models(schema_2025) {
            assert!(of(schema_2025).knows_model(&json!({ "model": model })), "{model}");
        }
    }
    assert!(now().lookup(Lookup::Concepts).is_none());
    assert_eq!(now().authorization("k"), ("x-api-key", "k".to_owned()));
    assert_eq!(now().recovery_support(), RecoverySupport::RunningJobs);
    let (own, sister, proxy) = ("https://api.piapi.ai", "https://api.goapi.ai", "https://example.com/piapi");
    for base in [own, sister, proxy] {
        assert_eq!(now().base_url_for("account/info", base), base);
        let upload = now().base_url_for("api/ephemeral_resource", base);
        assert_eq!(upload, if base == proxy { proxy } else { "https://upload.theapi.app" });
    }
    for (limit, offset, page, size) in [
        (None, None, 1, 10),
        (Some(20.0), Some(40.0), 3, 20),
        (Some(500.0), None, 1, 100),
        (Some(10.0), Some(5.0), 2, 5),
        (Some(10.0), Some(7.0), 2, 7),
        (Some(0.0), Some(3.0), 4, 1),
        (Some(f64::NAN), Some(f64::NAN), 1, 1),
    ] {
        let call = now().list(limit, offset).unwrap();
        let expected = format!("api/open/tasks/histories?model=luma&page={page}&page_size={size}");
        assert_eq!(call.path, expected, "{limit:?} {offset:?}");
    }
}

fn page(data: Json) -> Option<Page> {
    now().page(&json!({ "code": 200, "data": data, "message": "success" }))
}

#[test]
fn a_page_is_read_in_each_form_that_it_may_have() {
    let row = json!({ "id": 1, "task_id": "t-1", "task_model": "luma", "status": "completed", "created_at": "2026-01-01T00:00:00Z" });
    for data in [
        json!({ "data": [row], "page": 1, "size": 1, "total": 2 }),
        json!({ "tasks": [row], "page": 1, "page_size": 1, "total": 2 }),
    ] {
        let page = page(data).unwrap();
        let job = &page.generations[0];
        assert_eq!((job.id.as_str(), job.state, job.request.is_none()), ("t-1", State::Completed, true));
        assert_eq!((page.has_more, page.count), (true, Some(2.0)));
    }
    let whole = page(json!([task("pending", json!({ "input": { "prompt": "p" } })), { "odd": 1 }])).unwrap();
    assert_eq!((whole.generations.len(), whole.has_more), (1, false));
    assert_eq!(whole.generations[0].request, Some(json!({ "prompt": "p" })));
    let last = json!({ "data": [row], "page": 2, "size": 1, "total": 2 });
    assert!(!page(last).unwrap().has_more);
    assert!(!page(json!({ "data": [], "page": 3, "size": 0, "total": 2 })).unwrap().has_more);
    for (data, more) in [
        (json!({ "data": [row], "page": 3, "size": 1 }), true),
        (json!({ "data": [row], "page": 3, "page_size": 10 }), false),
        (json!({ "data": [row], "page": 3 }), true),
        (json!({ "data": [], "page": 4 }), false),
        (json!({ "data": [row] }), false),
    ] {
        let read = page(data.clone()).unwrap();
        assert_eq!((read.has_more, &read.raw.unwrap()["data"]), (more, &*data), "{data}");
    }
    for odd in [json!(null), json!({}), json!({ "page": 1 }), json!({ "data": "x" })] {
        assert!(page(odd.clone()).is_none(), "{odd}");
    }
}

#[test]
fn a_balance_is_in_dollars() {
    let info =
        json!({ "code": 200, "data": { "credit_pack_info": { "available_credits": 5 }, "equivalent_in_usd": 1.5 } });
    let credits = now().credits(&info).unwrap();
    assert_eq!((credits.amount, credits.unit), (1.5, CreditUnit::Usd));
    assert!(now().credits(&json!({ "code": 200, "data": { "plan": "free" } })).is_none());
}

#[test]
fn what_runs_is_counted_in_each_form_that_it_may_have() {
    let counts = json!({ "staged_count": 1, "pending_count": 2, "processing_count": 3 });
    for (data, count) in [
        (json!({ "luma": { "active_tasks": 4, "pending_count": 9 } }), Some(4.0)),
        (json!({ "kling": { "active_tasks": 4 }, "Luma": counts }), Some(6.0)),
        (json!({ "kling": { "active_tasks": 4 } }), Some(0.0)),
        (json!({}), Some(0.0)),
        (json!(null), None),
        (json!([1]), None),
    ] {
        let active = now().active(&json!({ "code": 200, "data": data }));
        assert_eq!(active.map(|active| active.count), count, "{data}");
    }
}

#[test]
fn why_a_task_is_not_called_off_cannot_be_told() {
    for (status, code) in [(400, Code::Unsupported), (404, Code::NotFound), (405, Code::Unsupported)] {
        // The first answer is lost: that the second finds no such task proves nothing.
        let mut tries = 0..;
        let world = World::scripted(11, move |_, _| match tries.next() {
            Some(0) => (50.0, Err(luma_edge::engine::FetchError::Lost("cut".into()))),
            _ => answer(status, json!({ "code": status, "message": "the words", "data": null })),
        });
        let client = world.client(options(json!({})));
        let error = world.run(client.ask(Query::Removal("t-1".into()))).unwrap_err();
        assert_eq!((error.code, error.status, error.retryable), (code, Some(status), false), "{}", error.message);
        assert!(error.message.contains("the words (PiAPI does not call"), "{}", error.message);
    }
}

#[test]
fn a_file_is_handed_over_in_base64() {
    assert_eq!(now().upload_form(), Some(UploadForm::Base64));
    let file = File {
        name: "a.png".into(),
        media_type: "image/png".into(),
        size: 3.0,
        account: None,
        base64: Some(json!("AAEC")),
        details: None,
        form_type: None,
    };
    let Some(Upload::Send(ApiCall { path, body, .. })) = now().upload(&file, &[]) else { panic!("something is sent") };
    assert_eq!(
        (path.as_str(), carried(body)),
        ("api/ephemeral_resource", json!({ "file_name": "a.png", "file_data": "AAEC" }))
    );
    let url = "https://storage.theapi.app/a.png";
    for answer in [json!({ "code": 200, "data": { "url": url } }), json!({ "url": url })] {
        let Some(Upload::Done(done)) = now().upload(&file, &[answer]) else { panic!("it is done") };
        assert_eq!(done, json!({ "url": url }));
    }
    assert!(now().upload(&file, &[json!({ "code": 200, "data": {} })]).is_none());
}

// With the engine, over virtual time, against the simulator.

fn options(more: Json) -> Json {
    let mut options = json!({ "provider": "piapi", "baseUrl": "https://simulator.example/piapi" });
    options.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    options
}

fn heron() -> Json {
    json!({ "prompt": "A heron on one leg", "duration": "9s", "keyframes": { "frame0": { "url": "https://e.com/a.png" } } })
}

#[test]
fn a_prompt_becomes_a_video_in_both_schemas() {
    for schema in ["2026", "2025"] {
        let (world, simulator) = World::simulated(1, json!({}));
        let client = world.client(options(json!({ "schema": schema })));
        let request = json!({ "model": "ray-2", "prompt": "A heron", "keyframes": { "frame0": { "url": "https://e.com/a.png" } } });
        let made = world.run(client.generate(&request, f64::INFINITY, &())).unwrap();
        assert_eq!((made.state, made.model.as_deref()), (State::Completed, Some("ray-v2")), "{schema}");
        let video = made.assets.get("video").unwrap();
        assert!(video.ends_with(&format!("{}/video.mp4", made.id)), "the clean one: {video}");
        let keys = made.request.as_ref().unwrap().as_object().unwrap().contains_key("key_frames");
        assert_eq!(keys, schema == "2025");
        assert_eq!(simulator.borrow_mut().stats(world.now()).credits.charged, 20.0);
        let polls = world.sent.borrow().len() - 1;
        assert!((1..=60).contains(&polls), "{polls} polls in {} s", world.elapsed() / 1000.0);
    }
}

#[test]
fn an_extension_is_made_in_the_schema_of_2025() {
    let (world, simulator) = World::simulated(2, json!({}));
    let client = world.client(options(json!({ "schema": "2025" })));
    world.run(async {
        let first = client.generate(&json!({ "prompt": "A heron" }), f64::INFINITY, &()).await.unwrap();
        let request =
            json!({ "prompt": "It flies", "keyframes": { "frame0": { "type": "generation", "id": first.id } } });
        let second = client.generate(&request, f64::INFINITY, &()).await.unwrap();
        assert_eq!(second.raw["task_type"], "extend_video");
    });
    assert_eq!(simulator.borrow_mut().stats(world.now()).created.video, 2);
}

#[test]
fn a_failed_task_is_an_error_that_tells_why() {
    for (marker, code, retryable) in
        [("[fail:moderation]", Code::Moderated, false), ("[fail:job]", Code::GenerationFailed, true)]
    {
        let (world, simulator) = World::simulated(3, json!({}));
        let client = world.client(options(json!({})));
        let request = json!({ "prompt": format!("A heron {marker}") });
        let error = world.run(client.generate(&request, f64::INFINITY, &())).unwrap_err();
        assert_eq!((error.code, error.retryable), (code, retryable), "{error:?}");
        assert_eq!(simulator.borrow_mut().stats(world.now()).credits.refunded, 20.0);
    }
}

#[test]
fn a_creation_whose_answer_is_lost_is_found_and_paid_once() {
    for fault in ["cut-after", "silence-after", "503-after", "html-after", "truncated"] {
        let (world, simulator) =
            World::simulated(4, json!({ "faults": format!("piapi-create:{fault}@2"), "listLag": 1_000 }));
        let client = world.client(options(json!({})));
        world.run(async {
            // Another's task, which the history shows beside it and which is not taken for it.
            let other = client.create(&json!({ "prompt": "An egret" }), &()).await.unwrap();
            let made = client.generate(&heron(), f64::INFINITY, &()).await.unwrap();
            assert_ne!(made.id, other.id);
            assert_eq!(made.raw["input"]["prompt"], "A heron on one leg", "{fault}");
        });
        assert_eq!(simulator.borrow_mut().stats(world.now()).created.video, 2, "{fault}");
    }
}

#[test]
fn identical_creations_find_a_task_each_and_others_tasks_are_read_once() {
    let (world, simulator) = World::simulated(10, json!({ "faults": "piapi-create:cut-after@9", "listLag": 9_000 }));
    let client = world.client(options(json!({})));
    // As from another place with the same key.
    let stranger = world.client(options(json!({ "apiKey": format!("{}-too", crate::virtual_time::KEY) })));
    world.run(async {
        for number in 0..5 {
            stranger.create(&json!({ "prompt": format!("An egret, number {number}") }), &()).await.unwrap();
        }
        let mut ids = Vec::new();
        for _ in 0..4 {
            ids.push(client.create(&heron(), &()).await.unwrap().id.clone());
        }
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 4);
    });
    assert_eq!(simulator.borrow_mut().stats(world.now()).created.video, 9);
    let sent = world.sent.borrow();
    let reads =
        sent.iter().filter(|request| request.method.as_str() == "GET" && request.url.contains("/task/")).count();
    assert_eq!(reads, 6, "five of others, and the lost one");
}

#[test]
fn a_creation_that_never_arrived_is_not_sent_again_without_a_word() {
    for fault in ["cut", "503", "html"] {
        let (world, simulator) = World::simulated(5, json!({ "faults": format!("piapi-create:{fault}@1") }));
        let client = world.client(options(json!({})));
        let mut request = heron();
        request["callback_url"] = "https://e.com/hook".into();
        request["callback_secret"] = "s3cret".into();
        let error = world.run(client.generate(&request, f64::INFINITY, &())).unwrap_err();
        assert_eq!(error.code, Code::UnknownOutcome, "{fault}: {error:?}");
        let shown = format!("{error:?} {} {}", serde_json::to_string(&error).unwrap(), json!(*world.events.borrow()));
        assert!(!shown.contains("s3cret"), "{shown}");
        let left = world.run(client.tickets()).unwrap();
        assert_eq!(left.len(), 1, "{fault}");
        let shown = serde_json::to_string(&left).unwrap();
        assert!(shown.contains("e.com/hook") && !shown.contains("s3cret"), "{shown}");
        assert_eq!(simulator.borrow_mut().stats(world.now()).created.video, 0);
    }
}

#[test]
fn what_is_sent_shows_without_its_body() {
    let request = json!({ "prompt": "p", "callback_url": "https://e.com/hook", "callback_secret": "s3cret" });
    let (request, _) = GenerationRequest::read(&*now(), &request, false).unwrap();
    let call = now().create(&request);
    let sent = luma_edge::http::Request {
        method: call.method,
        url: "https://e.com/a?signature=s3cret".into(),
        headers: Headers::new().with("x-api-key", "s3cret"),
        body: call.body.clone(),
    };
    for shown in [format!("{request:?}"), format!("{call:?}"), format!("{sent:?}")] {
        assert!(!shown.contains("s3cret") && shown.contains(".."), "{shown}");
    }
}

#[test]
fn what_the_server_refuses_is_refused_and_what_it_may_take_later_is_sent_again() {
    let (world, simulator) =
        World::simulated(6, json!({ "limits": { "video": { "concurrent": 1 } }, "durations": 10_000 }));
    let client = world.client(options(json!({})));
    world.run(async {
        client.create(&heron(), &()).await.unwrap();
        client.generate(&heron(), f64::INFINITY, &()).await.unwrap();
        let tall = json!({ "prompt": "A heron", "duration": "10s" });
        let error = client.create(&tall, &()).await.unwrap_err();
        assert_eq!((error.code, error.status), (Code::InvalidRequest, Some(400)), "{error:?}");
        assert!(error.message.contains("input.duration must be one of 5, 9"), "{}", error.message);
    });
    let stats = simulator.borrow_mut().stats(world.now());
    assert_eq!(stats.created.video, 2);
    assert!(stats.limited.concurrent >= 1);
}

#[test]
fn the_small_reads_give_plain_values() {
    let (world, _) = World::simulated(7, json!({ "credits": 5000, "durations": 10_000 }));
    let client = world.client(options(json!({})));
    world.run(async {
        let made = client.create(&heron(), &()).await.unwrap();
        let Answer::Credits(credits) = client.ask(Query::Credits).await.unwrap() else { panic!("a balance") };
        assert_eq!((credits.amount, credits.unit), (49.6, CreditUnit::Usd));
        assert_eq!(client.ask(Query::Ping).await.unwrap(), Answer::Message(Some("success".into())));
        let Answer::Page(page) = client.ask(Query::Page { limit: None, offset: None }).await.unwrap() else {
            panic!("a page")
        };
        assert_eq!((page.generations.len(), page.has_more, page.generations[0].id == made.id), (1, false, true));
        let Answer::ActiveTasks(active) = client.ask(Query::ActiveTasks).await.unwrap() else { panic!("a count") };
        assert_eq!((active.count, active.raw["data"]["luma"]["staged_count"].as_f64()), (1.0, Some(0.0)));
        assert_eq!(client.ask(Query::Removal(made.id.clone())).await.unwrap(), Answer::Removed);
        let Answer::Generation(gone) = client.ask(Query::Generation(made.id.clone())).await.unwrap() else {
            panic!("a generation")
        };
        assert_eq!((gone.state, gone.failure.as_ref().unwrap().reason.as_str()), (State::Failed, "cancelled"));
        let error = client.ask(Query::Removal(made.id.clone())).await.unwrap_err();
        assert_eq!((error.code, error.message.contains("only pending tasks")), (Code::Unsupported, true));
        assert_eq!(client.ask(Query::Concepts).await.unwrap_err().code, Code::Unsupported);
    });
}

#[test]
fn a_row_of_the_list_that_is_done_is_read_anew_for_its_files() {
    let (world, _) = World::simulated(8, json!({ "durations": 1_000 }));
    let client = world.client(options(json!({})));
    world.run(async {
        client.generate(&heron(), f64::INFINITY, &()).await.unwrap();
        let Answer::Page(page) = client.ask(Query::Page { limit: None, offset: None }).await.unwrap() else {
            panic!("a page")
        };
        let row = json!(page.generations[0]);
        let target = client.target(&row).unwrap();
        let done = client.poll(target, f64::INFINITY, &()).await.unwrap();
        assert!(done.assets.get("video").is_some());
    });
}

#[test]
fn the_key_goes_in_its_own_field() {
    let world = World::scripted(9, |_, request| {
        assert_eq!(request.headers.get("x-api-key"), Some(crate::virtual_time::KEY));
        assert_eq!(request.headers.get("authorization"), None);
        answer(200, json!({ "code": 401, "message": "invalid api key", "data": null }))
    });
    let client = world.client(options(json!({})));
    let error = world.run(client.ask(Query::Credits)).unwrap_err();
    assert_eq!((error.code, error.status), (Code::Authentication, Some(401)));
}
