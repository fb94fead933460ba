//! useapi.net's Luma API: what it tells, what it refuses, and whole days against its simulator.

use crate::carried;
use crate::virtual_time::{self, Calls, World, answer as reply};
use luma_edge::engine::{Answer, Client, Host, Query};
use luma_edge::error::Code;
use luma_edge::generation::{FailureCode, Fault, Generation, State};
use luma_edge::http::{Body, Headers, Method, Response};
use luma_edge::json;
use luma_edge::json::Json;
use luma_edge::pricing::Certainty;
use luma_edge::provider::useapi::accounts;
use luma_edge::provider::{ApiCall, CreditUnit, File, Provider, ProviderId, Upload, Variant, provider};
use luma_edge::request::GenerationRequest;
use serde_json::Value;
use std::collections::BTreeMap;

const ID: &str =
    "j0326140530123456789v-u12345-email:me@example.com-video:123e4567-e89b-12d3-a456-426614174000-bot:luma";
const BASE: &str = "https://simulator.example/useapi/v1/luma";

fn useapi() -> Box<dyn Provider> {
    provider(ProviderId::Useapi, Variant::default())
}

fn job(fields: Json) -> Json {
    let mut job = json!({ "jobid": ID, "type": "video" });
    job.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    job
}

fn read(fields: Json) -> Generation {
    useapi().generation(&job(fields)).unwrap()
}

/// The problems of a request, those that do not refuse it too.
fn problems(request: Json) -> Json {
    match GenerationRequest::read(&*useapi(), &request, false) {
        Ok((_, problems)) | Err(problems) => {
            json!(problems.into_iter().map(|problem| (problem.path, problem.code)).collect::<BTreeMap<_, _>>())
        }
    }
}

fn sent(request: Json) -> Json {
    let (request, _) = GenerationRequest::read(&*useapi(), &request, false).unwrap();
    carried(useapi().create(&request).body)
}

#[test]
fn every_word_for_a_state() {
    for (word, state) in [
        ("created", State::Queued),
        ("pending", State::Queued),
        ("processing", State::Dreaming),
        ("completed", State::Completed),
        ("failed", State::Failed),
        ("moderated", State::Failed),
        ("cancelled", State::Failed),
        ("error", State::Failed),
        ("polishing", State::Dreaming),
    ] {
        assert_eq!(read(json!({ "status": word })).state, state, "{word}");
    }
    assert_eq!(useapi().generation(&job(json!({}))).unwrap().state, State::Dreaming);
}

#[test]
fn a_creations_answer_in_any_of_its_forms() {
    for (answer, id) in [
        (json!({ "jobid": "a", "status": "created" }), Some("a")),
        (json!({ "jobId": "a" }), Some("a")),
        (json!({ "jobids": ["a", "b"] }), Some("a,b")),
        (json!({ "jobs": [{ "jobid": "a" }] }), Some("a")),
        (json!({ "jobs": [{ "jobid": "a" }, {}, { "jobId": "b" }] }), Some("a,b")),
        (json!({ "jobid": "a", "jobids": ["a", "b"] }), Some("a")),
        (json!({ "jobid": "" }), None),
        (json!({ "id": "a", "state": "queued" }), None),
        (json!({ "jobs": [] }), None),
        (json!("a"), None),
        (json!(null), None),
    ] {
        let found = useapi().generation(&answer);
        assert_eq!(found.map(|job| job.id.clone()).as_deref(), id, "{answer}");
    }
}

#[test]
fn a_video_as_the_documents_show_it() {
    let url = |name: &str| format!("https://storage.cdn-luma.com/{name}");
    let media = |name: &str| json!({ "media_type": "video", "url": url(name), "width": 1280, "height": 720 });
    let answer = json!({
        "status": "completed", "created": "2026-03-26T14:05:30.123Z", "updated": "2026-03-26T14:08:45.678Z",
        "response": {
            "video": media("a.mp4"), "video_hdr_exr": null, "thumbnail": media("b.jpg"), "last_frame": media("c.jpg"),
        },
        "credits": { "dm_usage": 20, "dm_relaxed_usage": null },
    });
    let generation = read(answer.clone());
    assert_eq!((generation.id.as_str(), generation.created_at.as_deref()), (ID, Some("2026-03-26T14:05:30.123Z")));
    let expected = json!({ "video": url("a.mp4"), "thumbnail": url("b.jpg"), "last_frame": url("c.jpg") });
    assert_eq!(json!(generation.assets), expected);
    assert!(generation.outputs.is_empty() && generation.failure.is_none() && generation.request.is_none());
    assert_eq!(generation.raw, job(answer));
}

#[test]
fn files_are_found_wherever_they_are() {
    let a = "https://cdn/a";
    let b = "https://cdn/b";
    let cases = [
        (json!({ "video_hdr_exr": { "url": a } }), json!({ "exr": a })),
        (json!({ "video_hdr_exr": a, "video": b }), json!({ "exr": a, "video": b })),
        (json!({ "result": { "video": [{ "url": a }] } }), json!({ "video": a })),
        (json!([a]), json!({ "video": a })),
        (json!({ "preview_hd": { "url": a } }), json!({ "preview_hd": a })),
        (json!({ "video": { "url": "" }, "note": "none", "size": 7 }), json!({})),
        (json!({ "request": { "image": a }, "replyUrl": b }), json!({})),
        (json!(null), json!({})),
    ];
    for (response, expected) in cases {
        let generation = read(json!({ "status": "completed", "response": response }));
        assert_eq!(json!(generation.assets), expected, "{response}");
        assert!(generation.outputs.is_empty());
    }
    let mut deep = json!({ "url": a });
    for _ in 0..100 {
        deep = json!([deep]);
    }
    assert!(read(json!({ "status": "completed", "response": deep })).assets.is_empty());
}

#[test]
fn a_batch_is_four_pictures_in_their_order() {
    let urls = ["https://cdn/1", "https://cdn/2", "https://cdn/3", "https://cdn/4"];
    let of = |url: &&str| json!({ "media_type": "image", "url": url });
    let forms = [
        json!({ "images": urls.iter().map(of).collect::<Vec<_>>() }),
        json!({ "image": urls }),
        json!({ "results": [{ "image": of(&urls[0]) }, { "image": of(&urls[1]) }, urls[2], { "url": urls[3] }] }),
    ];
    for response in forms {
        let generation = read(json!({ "type": "image", "status": "completed", "response": response }));
        assert_eq!(json!(generation.assets), json!({ "image": urls[0] }));
        let outputs: Vec<_> = generation.outputs.iter().map(|it| (it.kind.as_str(), it.url.as_str())).collect();
        assert_eq!(outputs, urls.map(|url| ("image", url)), "{response}");
    }
}

#[test]
fn why_it_failed() {
    let cases = [
        (json!({ "error": "Prompt moderation failed" }), "Prompt moderation failed", FailureCode::Moderation),
        (json!({ "status": "moderated" }), "moderated", FailureCode::Moderation),
        (json!({ "error": { "code": 5, "message": "No GPU" } }), "No GPU", FailureCode::Unknown),
        (json!({ "errorDetails": { "error": { "detail": "No GPU" } } }), "No GPU", FailureCode::Unknown),
        (json!({ "error": "", "message": "No GPU" }), "No GPU", FailureCode::Unknown),
        (json!({}), "failed", FailureCode::Unknown),
    ];
    for (fields, reason, code) in cases {
        let mut answer = json!({ "status": "failed" });
        answer.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let failure = read(answer).failure.clone().unwrap();
        assert_eq!((failure.reason.as_str(), failure.code), (reason, code), "{fields}");
        let moderated = code == FailureCode::Moderation;
        assert_eq!((failure.fault == Fault::Request, failure.retryable), (moderated, !moderated), "{fields}");
        assert!(!failure.refunded, "nothing says so");
    }
}

#[test]
fn what_its_refusals_mean() {
    let error = |text: &str| Body::Json(json!({ "error": text }));
    let html = || Body::Text("<!doctype html><title>Not here</title>".into());
    let cases = [
        (400, error("Parameter prompt is required"), Code::InvalidRequest, "prompt is required", false),
        (400, error("Prompt was moderated"), Code::Moderated, "moderated", false),
        (422, error("Rejected by moderation"), Code::Moderated, "moderation", false),
        (401, error("Unauthorized"), Code::Authentication, "check the key", false),
        (402, error("Account has no subscription"), Code::InsufficientCredits, "subscription", false),
        (404, error("Unable to find configuration for email a"), Code::NotFound, "Unable to find", false),
        (404, Body::Empty, Code::NotFound, "has to be added first, or no such job", false),
        (200, html(), Code::Gone, "ended its Luma API", false),
        (404, html(), Code::Gone, "ended its Luma API", false),
        (405, html(), Code::Gone, "ended its Luma API", false),
        (410, html(), Code::Gone, "ended its Luma API", false),
        (410, error("Job has expired"), Code::Gone, "Job has expired", false),
        (412, error("No credits"), Code::InsufficientCredits, "Luma account", false),
        (429, error("All accounts are at capacity"), Code::RateLimited, "concurrent", true),
        (500, error("Project creation failed"), Code::Server, "Project creation failed", true),
        (502, html(), Code::Server, "a web page (\"Not here\")", true),
        (596, error("Login failed"), Code::Authentication, "add the account again", false),
        (596, Body::Empty, Code::Authentication, "add the account again", false),
        (500, Body::Json(json!({ "error": { "message": "from Luma" } })), Code::Server, "from Luma", true),
    ];
    for (status, body, code, words, retryable) in cases {
        let error = useapi().refusal(&Response { status, headers: Headers::new(), body });
        assert_eq!((error.code, error.retryable, error.status), (code, retryable, Some(status)), "{}", error.message);
        assert!(error.message.contains(words), "{}", error.message);
    }
}

#[test]
fn how_long_a_full_service_asks_to_wait() {
    let cases = [
        ("Fri, 20 Nov 2026 12:00:10 GMT", json!("2026-11-20T12:00:15.388Z"), Some(5_000.0)),
        ("Fri, 20 Nov 2026 23:59:50 GMT", json!("2026-11-21T00:00:20Z"), Some(30_000.0)),
        ("Fri, 20 Nov 2026 12:00:10 GMT", json!("2026-11-20T12:00:00Z"), None),
        ("Fri, 20 Nov 2026 12:00:10 GMT", json!("soon, and then é"), None),
        ("Fri, 20 Nov 2026 12:00:10 GMT", json!(5), None),
        ("today", json!("2026-11-20T12:00:00Z"), None),
    ];
    for (date, until, expected) in cases {
        let body = Body::Json(json!({ "error": "full", "retryAfter": until }));
        let response = Response { status: 429, headers: Headers::new().with("date", date), body };
        assert_eq!(useapi().refusal(&response).retry_after, expected, "{date} {until}");
    }
}

#[test]
fn what_cannot_be_had_is_told_before_it_is_sent() {
    let with = |fields: Json| {
        let mut request = json!({ "prompt": "A tiger walking in snow" });
        request.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        request
    };
    let file = json!({ "file_id": "u1-email:a@b-image:1" });
    let character = json!({ "identity0": { "images": [file] } });
    let five = json!([file, file, file, file, file]);
    let cases = [
        (json!({ "model": "ray-v3-reasoning" }), json!({})),
        (json!({ "model": "ray-v3-reasoning", "resolution": "540p" }), json!({ "resolution": "unsupported" })),
        (
            json!({ "model": "ray-v3-reasoning", "resolution": "draft", "hdr": true }),
            json!({ "resolution": "unsupported" }),
        ),
        (json!({ "hdr": true }), json!({})),
        (json!({ "hdr": true, "resolution": "draft" }), json!({ "resolution": "conflict" })),
        (json!({ "hdr": true, "duration": "10s" }), json!({ "duration": "conflict" })),
        (json!({ "hdr": false, "duration": 10, "resolution": "draft" }), json!({ "duration": "suspicious" })),
        (json!({ "exr_export": true }), json!({ "exr_export": "conflict" })),
        (json!({ "hdr": true, "exr_export": true, "resolution": 1080 }), json!({ "resolution": "conflict" })),
        (json!({ "hdr": true, "exr_export": true, "resolution": 540 }), json!({})),
        (json!({ "character_ref": character }), json!({ "character_ref": "unsupported" })),
        (json!({ "model": "ray-v3", "character_ref": character }), json!({})),
        (json!({ "model": "ray-v3", "character_ref": character, "hdr": true }), json!({ "character_ref": "conflict" })),
        (json!({ "keyframes": {} }), json!({ "keyframes": "suspicious" })),
        (json!({ "model": "photon-v2", "generation_type": "video" }), json!({ "model": "unsupported" })),
        (json!({ "model": "ray-v3", "generation_type": "image" }), json!({ "model": "unsupported" })),
        (json!({ "model": "ray-v3-turbo", "hdr": true, "duration": "20s", "resolution": "draft" }), json!({})),
        (
            json!({ "model": "image-v2", "image_ref": [file], "resolution": "1080p" }),
            json!({ "resolution": "conflict" }),
        ),
        (json!({ "model": "image-v2", "image_ref": [], "resolution": "1080p" }), json!({})),
        (json!({ "model": "photon-v2", "image_ref": [file], "resolution": "1080p" }), json!({})),
        (json!({ "model": "photon-v2", "image_ref": five }), json!({ "image_ref": "too_many" })),
        (json!({ "model": "photon-v2", "resolution": "540p" }), json!({ "resolution": "invalid_value" })),
        (json!({ "model": "photon-v2", "prompt": "鷺".repeat(2001) }), json!({ "prompt": "too_long" })),
        (json!({ "prompt": "鷺".repeat(20_000) }), json!({})),
        (json!({ "email": "" }), json!({ "email": "disputed" })),
    ];
    for (fields, expected) in cases {
        assert_eq!(problems(with(fields.clone())), expected, "{fields}");
    }
    let foreign = GenerationRequest::read(&*useapi(), &with(json!({ "model": "ray-2" })), false).unwrap_err();
    assert!(foreign[0].message.contains("it has ray-v3-flash, ray-v3, ray-v3-reasoning ("), "{}", foreign[0].message);
}

#[test]
fn the_canonical_names_become_its_own() {
    let file = |name: &str| json!({ "file_id": name, "type": "image" });
    let video = json!({
        "model": "ray-v3", "prompt": "A tiger", "resolution": 720, "duration": 5, "aspect_ratio": "21:9",
        "keyframes": { "frame0": file("a"), "frame1": file("b") }, "character_ref": { "identity0": { "images": [file("c")] } },
        "email": "me@example.com", "callback_url": "https://example.com/hook", "callback_ref": "mine",
        "generation_type": "video", "tomorrow": [1],
    });
    assert_eq!(
        sent(video),
        json!({
            "model": "ray-v3", "prompt": "A tiger", "resolution": "720p", "duration": "5s", "aspect_ratio": "21:9",
            "imageStart": "a", "imageEnd": "b", "imageCharacter": "c", "email": "me@example.com",
            "replyUrl": "https://example.com/hook", "replyRef": "mine", "tomorrow": [1],
        })
    );
    let hdr = json!({ "model": "ray-v3-reasoning", "prompt": "A tiger", "hdr": true, "exr_export": true });
    assert_eq!(
        sent(hdr),
        json!({ "model": "ray-v3-reasoning", "prompt": "A tiger", "dynamic_range": "hdr_exr", "resolution": "720p" })
    );
    let image =
        json!({ "model": "image-v2", "prompt": "A tiger", "image_ref": [file("a"), file("b"), file("c"), file("d")] });
    assert_eq!(
        sent(image),
        json!({
            "model": "image-v2", "prompt": "A tiger",
            "imageRef1": "a", "imageRef2": "b", "imageRef3": "c", "imageRef4": "d",
        })
    );
}

#[test]
fn no_price_is_published_and_times_grow_with_size() {
    let read = |request: Json| GenerationRequest::read(&*useapi(), &request, false).unwrap().0;
    let estimate = useapi().estimate(&read(json!({ "prompt": "A tiger" })));
    assert_eq!((estimate.usd, estimate.certainty, estimate.source), (None, Certainty::Unknown, None));
    let seconds = |request: Json| {
        let request = read(request);
        useapi().expected(request.kind, &request.body) / 1000.0
    };
    let times = [
        seconds(json!({ "prompt": "A tiger" })),
        seconds(json!({ "prompt": "A tiger", "resolution": 540 })),
        seconds(json!({ "prompt": "A tiger", "hdr": true })),
        seconds(json!({ "prompt": "A tiger", "resolution": 1080 })),
        seconds(json!({ "prompt": "A tiger", "resolution": 1080, "duration": 10 })),
    ];
    assert!(times.is_sorted() && times[0] == 45.0 && times[3] == 180.0 && times[4] == 360.0, "{times:?}");
    assert_eq!(seconds(json!({ "model": "photon-v2", "prompt": "A tiger", "resolution": 1080 })), 45.0);
}

#[test]
fn a_file_goes_to_an_account_that_can_be_used() {
    let file = |account: Option<&str>| File {
        name: "a.png".into(),
        media_type: "image/png".into(),
        size: 3.0,
        account: account.map(str::to_owned),
        base64: None,
        details: None,
        form_type: None,
    };
    let step = |account: Option<&str>, answers: &[Json]| match useapi().upload(&file(account), answers) {
        None => json!(null),
        Some(Upload::Done(media)) => json!({ "done": media }),
        Some(Upload::Poll(_) | Upload::Failed(_)) => panic!("there is nothing to wait for"),
        Some(Upload::Send(ApiCall { method, path, body, headers })) => {
            json!([method.as_str(), path, carried(body), headers])
        }
    };
    let accounts = json!({ "a@example.com": { "error": "expired" }, "b@example.com": { "executing": 4 } });
    let upload = |email: &str| json!(["POST", format!("assets/{email}"), "the file", [["content-type", "image/png"]]]);
    let done = json!({ "assetRef": "u1-email:b@example.com-image:1", "email": "b@example.com" });
    let list = json!(["GET", "accounts", null, []]);
    assert_eq!(step(None, &[]), list);
    assert_eq!(step(None, std::slice::from_ref(&accounts)), upload("b%40example.com"));
    assert_eq!(
        step(None, &[accounts, done.clone()]),
        json!({ "done": { "file_id": "u1-email:b@example.com-image:1" } })
    );
    assert_eq!(step(Some("a/b@example.com"), &[]), upload("a%2Fb%40example.com"));
    assert_eq!(
        step(Some("b@example.com"), &[done]),
        json!({ "done": { "file_id": "u1-email:b@example.com-image:1" } })
    );
    let broken = json!({ "a@example.com": { "error": "expired" }, "b@example.com": { "error": "expired" } });
    assert_eq!(step(None, &[broken]), upload("a%40example.com"), "which is refused with what to do");
    for odd in [json!({}), json!({ "message": "soon" }), json!([]), json!(null)] {
        assert_eq!(step(None, std::slice::from_ref(&odd)), json!(null), "{odd}");
    }
    assert_eq!(step(Some("b@example.com"), &[json!({})]), json!(null));
}

#[test]
fn accounts_come_and_go() {
    let of = |call: ApiCall| (call.method, call.path, carried(call.body));
    let email = "me+1@example.com";
    assert_eq!(of(accounts::list()), (Method::Get, "accounts".into(), json!(null)));
    assert_eq!(of(accounts::one(email)), (Method::Get, "accounts/me%2B1%40example.com".into(), json!(null)));
    assert_eq!(of(accounts::remove(email)), (Method::Delete, "accounts/me%2B1%40example.com".into(), json!(null)));
    assert_eq!(of(accounts::add("cookie")), (Method::Post, "accounts".into(), json!({ "session": "cookie" })));
    let left = useapi().credits(&json!({ "credits": { "usage": 20, "limit": 10_000 } })).unwrap();
    assert_eq!((left.amount, left.unit), (9_980.0, CreditUnit::Credits));
    let both = json!({
        "a@example.com": { "credits": { "usage": 20, "limit": 10_000 } }, "b@example.com": { "credits": { "usage": 0, "limit": 30 } },
        "c@example.com": { "error": "expired" },
    });
    assert_eq!(useapi().credits(&both).unwrap().amount, 10_010.0);
    for none in [
        json!({ "credits": null }),
        json!({ "a@example.com": { "executing": 0 } }),
        json!({ "credits": { "usage": 20 } }),
        json!({}),
    ] {
        assert!(useapi().credits(&none).is_none(), "{none}");
    }
}

#[test]
fn the_list_tells_what_runs() {
    let entry = json!({
        "jobid": ID, "type": "video", "account": "me@example.com", "model": "ray-v3", "created": "2026-03-26T14:05:30.123Z",
    });
    let page = useapi().page(&json!({ "executing": 1, "jobs": [entry, {}] })).unwrap();
    assert_eq!((page.generations.len(), page.has_more, page.count), (1, false, Some(1.0)));
    let running = &page.generations[0];
    assert_eq!((running.state, running.model.as_deref()), (State::Dreaming, Some("ray-v3")));
    let echo = json!({ "model": "ray-v3", "email": "me@example.com", "generation_type": "video" });
    assert_eq!(running.request, Some(echo));
    assert!(useapi().page(&json!({ "error": "x" })).is_none());
    assert_eq!(useapi().get(ID).path, format!("jobs/{}", ID.replace(':', "%3A").replace('@', "%40")));
}

fn client(world: &World) -> Client<World> {
    world.client(json!({ "provider": "useapi", "baseUrl": BASE }))
}

fn tiger() -> Json {
    json!({ "prompt": "A tiger walking in snow", "resolution": "540p" })
}

#[test]
fn a_prompt_becomes_a_video() {
    let (world, simulator) = World::simulated(1, json!({}));
    let tiger = world.run(client(&world).generate(&tiger(), f64::INFINITY, &())).unwrap();
    assert_eq!((tiger.provider, tiger.state), (ProviderId::Useapi, State::Completed));
    for kind in ["video", "thumbnail", "last_frame"] {
        assert!(tiger.assets.get(kind).is_some_and(|url| url.starts_with("https://")), "{kind}: {tiger:?}");
    }
    assert_eq!(simulator.borrow_mut().generations(world.now()).len(), 1);
    let polls = world.sent.borrow().len() - 1;
    assert!((1..=30).contains(&polls), "{polls} polls in {} s", world.elapsed() / 1000.0);
}

#[test]
fn four_pictures_and_frames_in_exr() {
    let (world, _) = World::simulated(2, json!({}));
    let client = client(&world);
    world.run(async {
        let bears =
            client.generate(&json!({ "model": "photon-v2", "prompt": "A teddy bear" }), f64::INFINITY, &()).await;
        assert_eq!(bears.unwrap().outputs.len(), 4);
        let hdr = json!({ "model": "ray-v3-reasoning", "prompt": "A tiger", "hdr": true, "exr_export": true });
        let hdr = client.generate(&hdr, f64::INFINITY, &()).await.unwrap();
        assert!(hdr.assets.get("exr").is_some_and(|url| url.ends_with(".zip")), "{hdr:?}");
        assert_eq!(client.ask(Query::Ping).await.unwrap(), Answer::Message(None));
        let Answer::ActiveTasks(active) = client.ask(Query::ActiveTasks).await.unwrap() else { panic!("a count") };
        assert_eq!((active.count, active.raw["executing"].as_f64()), (0.0, Some(0.0)));
        assert_eq!(client.ask(Query::Removal(hdr.id.clone())).await.unwrap_err().code, Code::Unsupported);
        let again = client.ask(Query::Generation(hdr.id.clone())).await.unwrap();
        assert!(matches!(again, Answer::Generation(job) if job.id == hdr.id));
    });
}

#[test]
fn a_failed_job_says_why() {
    for (marker, code) in [("[fail:moderation]", Code::Moderated), ("[fail:job]", Code::GenerationFailed)] {
        let (world, _) = World::simulated(3, json!({}));
        let request = json!({ "prompt": format!("A tiger {marker}") });
        let error = world.run(client(&world).generate(&request, f64::INFINITY, &())).unwrap_err();
        assert_eq!(error.code, code, "{}", error.message);
    }
}

#[test]
fn a_lost_creation_is_found_among_what_runs() {
    let (world, simulator) = World::simulated(4, json!({ "faults": "create:cut-after@1" }));
    let tiger = world.run(client(&world).generate(&tiger(), f64::INFINITY, &())).unwrap();
    assert_eq!(tiger.state, State::Completed);
    assert_eq!(simulator.borrow_mut().generations(world.now()).len(), 1, "bought once");
    assert_eq!(world.count("POST", "/videos"), 1);
}

#[test]
fn one_that_is_not_found_is_not_bought_again() {
    // It never arrived; or it did, and is over before anybody polls; or another runs that could be it.
    for (options, made) in [
        (json!({ "faults": "create:cut@1" }), 0),
        (json!({ "faults": "create:cut-after@1", "durations": 100 }), 1),
        (json!({ "faults": "create:cut-after@1+2" }), 2),
    ] {
        let (world, simulator) = World::simulated(5, options.clone());
        let client = client(&world);
        let other = json!({ "prompt": "A heron", "resolution": "540p" });
        let error = world.run(async {
            if made < 2 {
                return client.generate(&tiger(), f64::INFINITY, &()).await.unwrap_err();
            }
            let requests = [tiger(), other];
            let both = requests.iter().map(|request| client.generate(request, f64::INFINITY, &()));
            crate::virtual_time::all(both).await.into_iter().find_map(Result::err).unwrap()
        });
        assert_eq!(error.code, Code::UnknownOutcome, "{options}: {}", error.message);
        assert_eq!(simulator.borrow_mut().generations(world.now()).len(), made, "{options}");
    }
}

#[test]
fn a_batch_waits_for_room_and_nothing_is_refused() {
    let (world, simulator) = World::simulated(6, json!({}));
    let client = client(&world);
    let picture = json!({ "model": "photon-v2", "prompt": "A teddy bear" });
    let requests: Vec<_> = (0..12).map(|n| if n % 2 == 0 { tiger() } else { picture.clone() }).collect();
    let batch = requests.iter().map(|request| client.generate(request, f64::INFINITY, &()));
    let results = world.run(crate::virtual_time::all(batch));
    assert!(results.iter().all(Result::is_ok));
    let stats = simulator.borrow_mut().stats(world.now());
    assert_eq!((stats.limited.concurrent, stats.created.video, stats.created.image), (0, 6, 6));
}

#[test]
fn a_free_account_has_one_place_and_the_client_learns_it() {
    let (world, simulator) = World::simulated(7, json!({}));
    let add = json!({ "session": "free" }).to_string().into_bytes();
    let headers = Headers::new().with("authorization", "Bearer k");
    let url = format!("{BASE}/accounts");
    let call = luma_edge::http::Request { method: Method::Post, url, headers, body: Some(add) };
    simulator.borrow_mut().handle(world.now(), &call);
    let client = client(&world);
    let requests: Vec<_> = (0..6).map(|n| json!({ "prompt": format!("Tiger {n}") })).collect();
    let batch = requests.iter().map(|request| client.generate(request, f64::INFINITY, &()));
    let results = world.run(crate::virtual_time::all(batch));
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    let stats = simulator.borrow_mut().stats(world.now());
    assert_eq!(stats.created.video, 6);
    assert!(stats.limited.concurrent < 30, "{}", stats.limited.concurrent);
}

#[test]
fn a_dead_session_is_told_and_never_tried_again() {
    let dead = || reply(596, json!({ "error": "Login failed" }));
    let world = World::scripted(8, move |_, _| dead());
    let client = client(&world);
    world.run(async {
        for error in [
            client.generate(&tiger(), f64::INFINITY, &()).await.unwrap_err(),
            client.ask(Query::Generation(ID.into())).await.unwrap_err(),
        ] {
            assert_eq!((error.code, error.retryable), (Code::Authentication, false));
            assert!(error.message.contains("add the account again"), "{}", error.message);
        }
    });
    assert_eq!(world.sent.borrow().len(), 2);
}

#[test]
fn a_service_that_is_gone_says_so_at_once() {
    let world = World::scripted(9, |_, _| {
        let body = Body::Text("<html>Not Found</html>".into());
        (50.0, Ok(Response { status: 404, headers: Headers::new(), body }))
    });
    let error = world.run(client(&world).generate(&tiger(), f64::INFINITY, &())).unwrap_err();
    assert_eq!(error.code, Code::Gone);
    assert!(error.message.contains("another provider"), "{}", error.message);
    assert_eq!(world.sent.borrow().len(), 1);
}

#[test]
fn accounts_come_and_go_and_their_sessions_show_nowhere() {
    use luma_edge::engine::{Answer, Query};
    use luma_edge::provider::AccountQuery;
    let (world, _) = World::simulated(5, json!({}));
    let client = world.client(json!({ "provider": "useapi", "baseUrl": "https://simulator.example/useapi/v1/luma" }));
    let ask = |query: AccountQuery| world.run(client.ask(Query::Account(query)));
    let Ok(Answer::Account(added)) = ask(AccountQuery::Add("a-good-session".into())) else { panic!("it is added") };
    let email = added["account"].as_str().unwrap().to_owned();
    let Ok(Answer::Account(all)) = ask(AccountQuery::All) else { panic!("they are listed") };
    assert!(all.get(&email).is_some(), "{all}");
    for known in all.as_object().unwrap().keys() {
        assert!(ask(AccountQuery::Remove(known.clone())).is_ok(), "{known}");
    }
    assert_eq!(ask(AccountQuery::All), Ok(Answer::Account(json!({}))), "none is no error");
    // A long one is cut in the server's words.
    for session in ["a-secret".to_owned(), "a-secret".repeat(50)] {
        let words = format!("bad session: {session}");
        let refusal = json!({ "error": words.as_str() });
        let parrot = World::scripted(5, move |_, _| crate::virtual_time::answer(400, refusal.clone()));
        let client = parrot.client(json!({ "provider": "useapi" }));
        let error = parrot.run(client.ask(Query::Account(AccountQuery::Add(session)))).unwrap_err();
        assert!(error.message.contains("[session]") && !format!("{error:?}").contains("a-secret"), "{error:?}");
    }
    assert!(!format!("{:?}", Query::Account(AccountQuery::Add("secret".into()))).contains("secret"));
    let elsewhere = world.client(json!({}));
    let error = world.run(elsewhere.ask(Query::Account(AccountQuery::All))).unwrap_err();
    assert_eq!(error.code, luma_edge::error::Code::Unsupported);
}

#[test]
fn what_is_left_is_asked_of_each_account_that_answers() {
    let (world, simulator) = World::simulated(12, json!({}));
    for session in ["good:you@example.com", "expired:they@example.com"] {
        let body = json!({ "session": session }).to_string().into_bytes();
        let headers = Headers::new().with("authorization", "Bearer k");
        let url = format!("{BASE}/accounts");
        let call = luma_edge::http::Request { method: Method::Post, url, headers, body: Some(body) };
        simulator.borrow_mut().handle(world.now(), &call);
    }
    let client = client(&world);
    let Ok(Answer::Credits(all)) = world.run(client.ask(Query::Credits)) else { panic!("a balance") };
    assert_eq!((all.amount, all.unit), (30_000.0, CreditUnit::Credits));
    assert_eq!(all.raw["you@example.com"]["credits"], json!({ "usage": 0, "limit": 10_000 }));

    let world = World::scripted(12, |_, request| match request.url.rsplit('/').next() {
        Some("accounts") => reply(200, json!({ "a@b.example": {}, "c@d.example": { "executing": 1 } })),
        Some("a%40b.example") => reply(200, json!({ "credits": { "usage": 1, "limit": 3 } })),
        _ => reply(596, json!({ "error": "Login failed" })),
    });
    let Ok(Answer::Credits(one)) = world.run(self::client(&world).ask(Query::Credits)) else { panic!("a balance") };
    assert_eq!((one.amount, one.raw.get("c@d.example")), (2.0, Some(json!({ "executing": 1 }))));
    let silent = World::scripted(12, |_, _| reply(200, json!({ "a@b.example": {} })));
    let error = silent.run(self::client(&silent).ask(Query::Credits)).unwrap_err();
    assert_eq!(error.code, Code::Protocol, "{}", error.message);
}

#[test]
fn files_of_a_request_are_of_one_account() {
    let of =
        |email: &str| json!({ "file_id": format!("u12345-email:{email}-image:123e4567-e89b-12d3-a456-426614174000") });
    let (mine, yours) = (of("me@my-host.example"), of("you@my-host.example"));
    let opaque = json!({ "file_id": "a-name-of-tomorrow" });
    let video = |fields: Json| {
        let mut request = json!({ "model": "ray-v3", "prompt": "A tiger", "generation_type": "video" });
        request.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        request
    };
    let pictures = |files: Json| json!({ "model": "photon-v2", "prompt": "A tiger", "image_ref": files });
    let character = |file: &Json| json!({ "identity0": { "images": [file] } });
    for (request, at, other) in [
        (video(json!({ "keyframes": { "frame0": mine, "frame1": mine } })), "", ""),
        (video(json!({ "keyframes": { "frame0": mine, "frame1": opaque }, "email": "Me@my-host.example" })), "", ""),
        (video(json!({ "keyframes": { "frame0": mine, "frame1": yours } })), "keyframes.frame1", "keyframes.frame0"),
        (
            video(json!({ "keyframes": { "frame1": mine }, "character_ref": character(&yours) })),
            "character_ref.identity0.images[0]",
            "keyframes.frame1",
        ),
        (
            video(json!({ "keyframes": { "frame0": mine }, "email": "you@my-host.example" })),
            "keyframes.frame0",
            "email",
        ),
        (pictures(json!([opaque, mine, mine, yours])), "image_ref[3]", "image_ref[1]"),
        (pictures(json!([{ "file_id": "u1-email:nobody-image:1" }, mine])), "", ""),
    ] {
        let found = match GenerationRequest::read(&*useapi(), &request, false) {
            Ok((_, problems)) | Err(problems) => problems,
        };
        let reported: Vec<_> = found.iter().map(|problem| (problem.path.as_str(), json!(problem.code))).collect();
        let expected: Vec<_> = [(at, json!("conflict"))].into_iter().filter(|_| !at.is_empty()).collect();
        assert_eq!(reported, expected, "{request}");
        assert!(found.iter().all(|it| it.message.contains(other) && !it.message.contains('@')), "{found:?}");
    }
}

/// A page for people, as a proxy or a site gives it in the place of an answer.
fn html(status: u16) -> crate::virtual_time::Answer {
    let body = Body::Text(" <!doctype html><title>useapi.net</title>".into());
    (50.0, Ok(Response { status, headers: Headers::new(), body }))
}

#[test]
fn a_page_in_the_place_of_an_answer_is_a_service_that_is_gone() {
    use luma_edge::provider::AccountQuery;
    for status in [200, 404, 410] {
        let world = World::scripted(13, move |_, _| html(status));
        let client = client(&world);
        for query in [
            Query::Ping,
            Query::Credits,
            Query::Generation(ID.into()),
            Query::Page { limit: None, offset: None },
            Query::Account(AccountQuery::All),
        ] {
            let error = world.run(client.ask(query.clone())).unwrap_err();
            assert_eq!((error.code, error.status), (Code::Gone, Some(status)), "{query:?}");
            assert!(error.message.contains("use another provider"), "{}", error.message);
        }
        assert_eq!(world.sent.borrow().len(), 5, "{status}: each is asked once");
        let target = luma_edge::engine::Target::Id(ID.into());
        assert_eq!(world.run(client.poll(target, f64::INFINITY, &())).unwrap_err().code, Code::Gone);
        // It may be a proxy's page, and pass: the job is not given up for it.
        let polls = world.sent.borrow().len() - 5;
        assert!(polls > 20, "{status}: {polls}");
    }
}

#[test]
fn a_creation_that_a_page_answers_is_in_doubt_and_not_looked_for_where_nobody_is() {
    let world = World::scripted(14, |_, _| html(200));
    let error = world.run(client(&world).generate(&tiger(), f64::INFINITY, &())).unwrap_err();
    assert_eq!(error.code, Code::UnknownOutcome);
    let cause = error.cause.as_ref().unwrap();
    assert_eq!((cause.code, cause.message.contains("use another provider")), (Code::Gone, true), "{cause:?}");
    assert_eq!(world.sent.borrow().len(), 2, "sent, and looked for once");
    assert!(world.elapsed() < 2_000.0, "{}", world.elapsed());
}

#[test]
fn a_redirect_is_rejected() {
    for (status, told_as) in [(302, Some(302)), (0, None)] {
        let world = World::scripted(15, move |_, _| {
            let body = Body::Text("<a href='https://elsewhere.example'>Found</a>".into());
            (50.0, Ok(Response { status, headers: Headers::new(), body }))
        });
        let client = client(&world);
        let error = world.run(client.ask(Query::Ping)).unwrap_err();
        assert_eq!((error.code, error.status, error.retryable), (Code::Protocol, told_as, false));
        assert_eq!(error.message, "useapi answered with a redirect: check baseUrl");
        let error = world.run(client.create(&tiger(), &())).unwrap_err();
        assert_eq!(error.code, Code::UnknownOutcome, "{}", error.message);
        assert!(error.message.contains("check baseUrl"), "{}", error.message);
        assert_eq!(world.count("POST", "/videos"), 1);
    }
}

#[test]
fn no_address_is_in_what_happens_or_in_what_is_said() {
    let hides = |text: &str| {
        let text = text.to_ascii_lowercase();
        assert!(!text.contains('@') && !text.contains("%40") && !text.contains("example.com"), "{text}");
    };
    let said = |events: &[Value], messages: &[String]| {
        hides(&messages.join(" "));
        for event in events {
            for part in ["id", "url"] {
                hides(&event[part].as_str().unwrap_or_default().replace("simulator.example/", ""));
            }
        }
    };
    let (world, _) = World::simulated(16, json!({ "faults": "useapi-video:cut-after@3" }));
    let client = client(&world);
    let mut messages = Vec::new();
    for (request, patience) in [
        (json!({ "prompt": "A tiger [fail:job]" }), f64::INFINITY),
        (tiger(), 20_000.0),
        (json!({ "model": "ray-v3", "prompt": "A heron" }), f64::INFINITY),
    ] {
        match world.run(client.generate(&request, patience, &())) {
            Ok(made) => assert!(made.id.contains("@example.com"), "the id itself is whole: {}", made.id),
            Err(error) => {
                assert!(error.generation.as_ref().unwrap().id.contains("@example.com"), "{}", error.message);
                messages.push(error.message.clone());
            }
        }
    }
    assert_eq!(messages.len(), 2);
    let nobody = Query::Account(luma_edge::provider::AccountQuery::One("nobody@example.com".into()));
    messages.push(world.run(client.ask(nobody)).unwrap_err().message.clone());
    let events = json!(*world.events.borrow());
    let events = events.as_array().unwrap();
    for kind in ["recovered", "wait", "update", "response"] {
        assert!(events.iter().any(|event| event["type"] == kind), "{kind}");
    }
    said(events, &messages);
    let parrot = World::scripted(17, |_, _| {
        reply(400, json!({ "error": "Unable to find configuration for email me@example.com" }))
    });
    let error = parrot.run(self::client(&parrot).create(&tiger(), &())).unwrap_err();
    assert!(error.message.ends_with("for email [email]"), "{}", error.message);
}

#[test]
fn a_batch_of_several_jobs_is_one_with_all_its_pictures() {
    let job = |id: &str, status: &str| {
        let response = (status == "completed").then(|| json!({ "image": { "url": format!("https://cdn/{id}") } }));
        json!({ "jobid": id, "type": "image", "status": status, "model": "photon-v2", "response": response })
    };
    let world = World::scripted(18, move |now, request| match request.url.strip_prefix(&format!("{BASE}/jobs/")) {
        None => reply(201, json!({ "jobids": ["a@1", "b@2", "c@3"] })),
        Some("c%403") => reply(200, job("c@3", "failed")),
        Some("b%402") if now - crate::virtual_time::EPOCH < 200_000.0 => reply(200, job("b@2", "processing")),
        Some(id) => reply(200, job(&id.replace("%40", "@"), "completed")),
    });
    let client = client(&world);
    let bears = json!({ "model": "photon-v2", "prompt": "A teddy bear" });
    let made = world.run(client.generate(&bears, f64::INFINITY, &())).unwrap();
    assert!(world.elapsed() > 200_000.0, "the slowest is waited for");
    assert_eq!(
        (made.id.as_str(), made.state, made.model.as_deref()),
        ("a@1,b@2,c@3", State::Completed, Some("photon-v2"))
    );
    let urls: Vec<_> = made.outputs.iter().map(|output| output.url.as_str()).collect();
    assert_eq!(urls, ["https://cdn/a@1", "https://cdn/b@2"]);
    let Ok(Answer::Generation(again)) = world.run(client.ask(Query::Generation(made.id.clone()))) else {
        panic!("it is read")
    };
    assert_eq!(again, made);
    let stored = json!(made);
    let again = world.run(client.poll(client.target(&stored).unwrap(), f64::INFINITY, &())).unwrap();
    assert_eq!(again.outputs, made.outputs);
    let failed = useapi().generation(&json!({ "jobs": [job("a", "failed"), job("b", "moderated")] })).unwrap();
    assert_eq!((failed.state, failed.failure.is_some()), (State::Failed, true));
}

#[test]
fn a_form_that_it_does_not_take_can_be_left_out() {
    let address = json!({ "type": "image", "url": "https://example.com/a.jpg" });
    let file = json!({ "file_id": "f" });
    let read = |request: Json| GenerationRequest::read(&*useapi(), &request, true).unwrap().0.body;
    for (fields, left) in [
        (json!({ "keyframes": { "frame0": address } }), json!({})),
        (json!({ "keyframes": { "frame0": address, "frame1": file } }), json!({ "keyframes": { "frame1": file } })),
        (json!({ "keyframes": { "frame0": { "type": "generation", "id": "g" } } }), json!({})),
        (
            json!({ "keyframes": { "frame0": { "id": "g", "url": "https://e.com/a.jpg" }, "frame1": file } }),
            json!({ "keyframes": { "frame1": file } }),
        ),
        (
            json!({ "model": "ray-v3", "character_ref": { "identity0": { "images": [address] } } }),
            json!({ "model": "ray-v3" }),
        ),
    ] {
        let mut request = json!({ "model": "ray-v3-flash", "prompt": "A tiger", "generation_type": "video" });
        let mut expected = request.clone();
        request.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        expected.as_object_mut().unwrap().extend(left.as_object().unwrap().clone());
        assert_eq!(read(request), expected, "{fields}");
    }
    let weighted = json!({ "url": "https://example.com/b.jpg", "weight": 0.5 });
    for (references, left) in [
        (json!([address, file, weighted]), json!([file])),
        (json!([{ "file_id": "f", "weight": 0.5 }, weighted]), json!([file])),
        (json!([address, weighted]), json!(null)),
    ] {
        let body = read(json!({ "model": "photon-v2", "prompt": "A tiger", "image_ref": references }));
        assert_eq!(body["image_ref"], left, "{references}");
    }
}

#[test]
fn a_file_for_accounts_whose_sessions_have_ended_is_refused_with_what_to_do() {
    let world = World::scripted(19, |_, request| match request.url.ends_with("/accounts") {
        true => reply(200, json!({ "me@example.com": { "error": "Luma session has expired" } })),
        false => reply(596, json!({ "error": "Luma session of me@example.com has expired" })),
    });
    let content = virtual_time::Upload { content: json!("bytes"), form: json!(null) };
    let (name, media_type) = ("a.png".into(), "image/png".into());
    let file = File { name, media_type, size: 3.0, account: None, base64: None, details: None, form_type: None };
    let error = world.run(client(&world).upload(file, &content)).unwrap_err();
    assert_eq!((error.code, error.status), (Code::Authentication, Some(596)));
    assert!(error.message.contains("session of [email] has expired (the session of"), "{}", error.message);
    assert!(error.message.contains("add the account again"), "{}", error.message);
}
