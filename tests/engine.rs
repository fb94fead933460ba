//! What the client does over time, on virtual time, against the simulator and against scripts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod virtual_time;

use luma_edge::engine::{Answer, FetchError, First, Host, Observer, Progress, Query, Target, race};
use luma_edge::error::Code;
use luma_edge::generation::{FailureCode, Fault, Generation, State};
use luma_edge::http::{Body, Headers, Response};
use luma_edge::json;
use luma_edge::json::Json;
use luma_edge::request::RequestKind;
use std::cell::{Cell, RefCell};
use std::pin::pin;
use virtual_time::{BASE, Calls, KEY, World, all, answer};

fn tiger() -> Json {
    json!({ "model": "ray-2", "prompt": "A tiger walking in snow" })
}

/// Keeps what an observer is told.
#[derive(Default)]
struct Seen {
    updates: RefCell<Vec<(State, f64, f64)>>,
    /// After how many ms it wants no more, in which world.
    patience: Option<(World, f64)>,
}

impl Observer for Seen {
    fn update(&self, generation: &Generation, progress: Progress) {
        self.updates.borrow_mut().push((generation.state, progress.elapsed, progress.expected));
    }

    async fn given_up(&self) {
        match &self.patience {
            Some((world, ms)) => world.sleep(*ms).await,
            None => std::future::pending().await,
        }
    }
}

#[test]
fn a_prompt_becomes_a_video() {
    let (world, simulator) = World::simulated(1, json!({}));
    let client = world.client(json!({}));
    let seen = Seen::default();
    let tiger = world.run(client.generate(&tiger(), f64::INFINITY, &seen)).unwrap();
    assert_eq!(tiger.state, State::Completed);
    assert!(tiger.assets.get("video").is_some_and(|url| url.starts_with("https://")), "{tiger:?}");
    assert_eq!(tiger.model.as_deref(), Some("ray-2"));
    assert_eq!(simulator.borrow_mut().generations(world.now()).len(), 1);
    let updates = seen.updates.borrow();
    assert_eq!(updates.first().map(|(state, ..)| *state), Some(State::Queued));
    assert_eq!(updates.last().map(|(state, ..)| *state), Some(State::Completed));
    assert!(updates.windows(2).all(|pair| pair[0].1 <= pair[1].1), "elapsed never goes back: {updates:?}");
    // A minute or so of work, noticed within a few seconds, with a poll every few seconds near its end.
    assert_eq!(world.count("POST", "/generations/video"), 1);
    let polls = world.sent.borrow().len() - 1;
    assert!((1..=30).contains(&polls), "{polls} polls in {} s", world.elapsed() / 1000.0);
}

#[test]
fn every_form_is_made() {
    let (world, _) = World::simulated(2, json!({}));
    let client = world.client(json!({}));
    world.run(async {
        let first = client.generate(&tiger(), f64::INFINITY, &()).await.unwrap();
        let extension = json!({ "model": "ray-2", "prompt": "The tiger rolls around",
            "keyframes": { "frame0": { "type": "generation", "id": first.id } } });
        for request in [
            extension,
            json!({ "model": "photon-1", "prompt": "A teddy bear" }),
            json!({ "model": "photon-1", "media": { "url": "https://example.com/a.jpg" }, "aspect_ratio": "1:1" }),
            json!({ "model": "ray-2", "media": { "url": "https://example.com/a.mp4" }, "aspect_ratio": "9:16" }),
            json!({ "model": "ray-2", "media": { "url": "https://example.com/a.mp4" }, "mode": "reimagine_3" }),
        ] {
            let made = client
                .generate(&request, f64::INFINITY, &())
                .await
                .unwrap_or_else(|error| panic!("{request}: {error:?}"));
            assert!(!made.assets.is_empty(), "{request}");
        }
        for (kind, request) in [
            (RequestKind::UpscaleVideo, json!({ "resolution": "4k" })),
            (RequestKind::AddAudio, json!({ "prompt": "Snow under paws", "negative_prompt": "music" })),
        ] {
            let made = client.derive(kind, &first.id, &request, &()).await.unwrap();
            let made = client.poll(Target::Job(made), f64::INFINITY, &()).await.unwrap();
            assert!(made.assets.get("video").is_some());
        }
    });
}

#[test]
fn the_small_reads_give_plain_values() {
    let (world, _) = World::simulated(3, json!({ "credits": 5000 }));
    let client = world.client(json!({}));
    world.run(async {
        let motions = client.ask(Query::CameraMotions).await.unwrap();
        assert!(matches!(motions, Answer::Words(words) if words.len() > 3));
        let concepts = client.ask(Query::Concepts).await.unwrap();
        assert!(matches!(concepts, Answer::Words(words) if words.contains(&"dolly_zoom".to_owned())));
        let credits = client.ask(Query::Credits).await.unwrap();
        assert!(matches!(credits, Answer::Credits(credits) if credits.amount == 5000.0));
        assert_eq!(client.ask(Query::Ping).await.unwrap(), Answer::Message(Some("pong".into())));
        let made = client.create(&tiger(), &()).await.unwrap();
        let query = Query::Page { limit: Some(10.0), offset: Some(0.0) };
        let Answer::Page(page) = client.ask(query).await.unwrap() else { panic!("a page is a page") };
        assert_eq!(page.generations.iter().map(|job| &job.id).collect::<Vec<_>>(), [&made.id]);
        assert_eq!((page.has_more, page.limit, page.offset), (false, Some(10.0), Some(0.0)));
        let get = || client.ask(Query::Generation(made.id.clone()));
        assert!(matches!(get().await.unwrap(), Answer::Generation(job) if job.id == made.id));
        assert_eq!(client.ask(Query::Removal(made.id.clone())).await.unwrap(), Answer::Removed);
        assert_eq!(get().await.unwrap_err().code, Code::NotFound);
    });
    let sent = world.sent.borrow();
    let list = sent.iter().find(|request| request.url.contains("limit")).unwrap();
    assert_eq!(list.url, format!("{BASE}/generations?limit=10&offset=0"));
}

#[test]
fn each_documented_failure_is_typed() {
    for (marker, code, kind, fault) in [
        ("[fail:moderation]", Code::Moderated, FailureCode::Moderation, Fault::Request),
        ("[fail:blacklist]", Code::Moderated, FailureCode::Moderation, Fault::Request),
        ("[fail:frame-moderation]", Code::Moderated, FailureCode::Moderation, Fault::Request),
        ("[fail:frames]", Code::GenerationFailed, FailureCode::InputFrames, Fault::Request),
        ("[fail:prompt]", Code::GenerationFailed, FailureCode::PromptProcessing, Fault::Provider),
        ("[fail:dispatch]", Code::GenerationFailed, FailureCode::Job, Fault::Provider),
        ("[fail:job]", Code::GenerationFailed, FailureCode::Job, Fault::Provider),
        ("[fail:callback]", Code::GenerationFailed, FailureCode::Callback, Fault::Request),
    ] {
        let (world, _) = World::simulated(4, json!({}));
        let client = world.client(json!({}));
        let request = json!({ "model": "ray-2", "prompt": format!("A tiger {marker}") });
        let error = world.run(client.generate(&request, f64::INFINITY, &())).unwrap_err();
        assert_eq!(error.code, code, "{marker}");
        let failure = error.generation.as_ref().unwrap().failure.clone().unwrap();
        assert_eq!((failure.code, failure.fault, failure.refunded), (kind, fault, true), "{marker}");
        assert_eq!(error.retryable, fault == Fault::Provider, "{marker}");
        assert!(error.message.contains(&failure.reason) && error.message.contains("refunded"), "{}", error.message);
    }
}

#[test]
fn nothing_invalid_is_sent() {
    let (world, _) = World::simulated(5, json!({}));
    let client = world.client(json!({}));
    for request in [json!(null), json!([]), json!({}), json!({ "model": "ray-2", "prompt": "x" })] {
        let error = world.run(client.generate(&request, f64::INFINITY, &())).unwrap_err();
        assert_eq!(error.code, Code::InvalidRequest);
        assert!(!error.problems.is_empty() && error.message.contains(&error.problems[0].message));
    }
    assert_eq!(world.run(client.ask(Query::Generation("".into()))).unwrap_err().code, Code::InvalidRequest);
    assert!(world.sent.borrow().is_empty());
}

#[test]
fn an_answer_means_one_code() {
    let detail = |text: &str| Body::Json(json!({ "detail": text }));
    let table: [(u16, Body, Code, &str); 18] = [
        (
            400,
            detail("Loop is not supported for keyframes"),
            Code::InvalidRequest,
            "Loop is not supported for keyframes",
        ),
        (
            400,
            Body::Json(json!("400: concepts are not supported for this model")),
            Code::InvalidRequest,
            "400: concepts are",
        ),
        (400, detail("Insufficient credits"), Code::InsufficientCredits, "add credits"),
        (401, detail("Invalid API key is provided"), Code::Authentication, "Invalid API key"),
        (402, detail("Pay"), Code::InsufficientCredits, "Pay"),
        (403, detail("Not authenticated"), Code::Authentication, "key"),
        (404, detail("Generation not found"), Code::NotFound, "Generation not found"),
        (404, Body::Empty, Code::NotFound, "404"),
        (404, Body::Text("nope".into()), Code::NotFound, "check baseUrl and provider"),
        (405, detail("Method not allowed"), Code::NotFound, "check baseUrl and provider"),
        (408, Body::Empty, Code::Timeout, "408"),
        (410, Body::Empty, Code::Gone, "410"),
        (429, detail("Too many"), Code::RateLimited, "wait"),
        (500, Body::Text("<html>oops</html>".into()), Code::Server, "answered 500 with a web page"),
        (502, Body::Empty, Code::Server, "502"),
        (596, Body::Empty, Code::Server, "596"),
        (302, Body::Text("<a>".into()), Code::Protocol, "answered with a redirect: check baseUrl"),
        (200, Body::Text("<html>captive portal</html>".into()), Code::Protocol, "web page: check baseUrl, the network"),
    ];
    for (status, body, code, words) in table {
        let world = World::scripted(6, move |_, _| {
            let headers = Headers::new().with("x-request-id", "req-7");
            (10.0, Ok(Response { status, headers, body: body.clone() }))
        });
        let client = world.client(json!({ "maxRetries": 0 }));
        let error = world.run(client.ask(Query::Generation("a".into()))).unwrap_err();
        assert_eq!((error.code, error.status), (code, Some(status)), "{status}");
        assert!(error.message.contains(words), "{status}: {}", error.message);
        assert_eq!(error.request_id.as_deref(), Some("req-7"));
    }
}

#[test]
fn a_server_in_between_says_itself_what_to_do() {
    for (status, word, detail, code) in [
        (402, "budget", "The budget of this caller for this day is too small", Code::InsufficientCredits),
        (403, "not_configured", "This server has no key: set the secret LUMA_API_KEY.", Code::Authentication),
        (409, "idempotency", "This Idempotency-Key was used for another request.", Code::Internal),
        (422, "price_unknown", "No price is known for this request, and there is a budget", Code::BudgetExceeded),
        (429, "try_again", "This server cannot reach its records. Nothing was sent.", Code::RateLimited),
    ] {
        let world = World::scripted(6, move |_, _| answer(status, json!({ "detail": detail, "code": word })));
        let error = world.run(world.client(json!({ "maxRetries": 0 })).create(&tiger(), &())).unwrap_err();
        assert_eq!(error.code, code, "{word}");
        assert!(error.message.ends_with(detail), "{}", error.message);
    }
}

#[test]
fn a_refusal_of_what_was_surely_meant_otherwise_says_so() {
    let world = World::scripted(8, |_, _| answer(400, json!({ "detail": "Unknown model: ray2" })));
    let request = json!({ "model": "ray2", "prompt": "A tiger" });
    for (validate, words) in
        [(true, "Unknown model: ray2; model is not known: is ray-2 meant?"), (false, "Unknown model: ray2")]
    {
        let error = world.run(world.client(json!({ "validate": validate })).create(&request, &())).unwrap_err();
        assert!(error.message.ends_with(words), "{}", error.message);
        assert_eq!(error.problems.iter().any(|problem| problem.path == "model"), validate);
    }
}

#[test]
fn the_third_shape_of_detail_becomes_problems() {
    let world = World::scripted(7, |_, _| {
        let loc = json!(["body", "keyframes", "frame0", "urls", 2]);
        answer(422, json!({ "detail": [{ "type": "enum", "loc": loc, "msg": "Input should be a URL", "input": 7 }] }))
    });
    let error = world.run(world.client(json!({})).create(&tiger(), &())).unwrap_err();
    assert_eq!(error.code, Code::InvalidRequest);
    assert_eq!(error.problems[0].path, "keyframes.frame0.urls[2]");
    assert_eq!(error.problems[0].message, "Input should be a URL");
    assert!(error.message.contains("keyframes.frame0.urls[2]: Input should be a URL"), "{}", error.message);
}

#[test]
fn both_answer_shapes_of_the_guide_are_read() {
    let image = json!({ "id": "a", "type": "image", "state": "completed", "failure_reason": null,
        "created_at": "2024-12-02T15:34:40.388000Z", "assets": { "video": null, "image": "https://image.jpg" },
        "model": "photon-v1.0", "request": { "type": "image", "model": "photon-1", "prompt": "a man", "style_ref": null } });
    let video = json!({ "id": "b", "state": "completed", "assets": { "video": "https://example.com/video.mp4" },
        "version": "v1.6", "request": { "prompt": "A lake" } });
    let novel = json!({ "id": "c", "state": "warming_up", "assets": { "hologram": "https://example.com/h" } });
    let table = [
        (image, State::Completed, Some("photon-v1.0"), ("image", "https://image.jpg")),
        (video, State::Completed, Some("v1.6"), ("video", "https://example.com/video.mp4")),
        (novel, State::Dreaming, None, ("hologram", "https://example.com/h")),
    ];
    for (body, state, model, (kind, url)) in table {
        let sent = body.clone();
        let world = World::scripted(8, move |_, _| answer(200, sent.clone()));
        let client = world.client(json!({}));
        let id = body.text("id").unwrap();
        let Answer::Generation(read) = world.run(client.ask(Query::Generation(id))).unwrap() else {
            panic!("a generation is a generation")
        };
        assert_eq!((read.state, read.model.as_deref(), read.assets.get(kind)), (state, model, Some(url)));
        assert!(read.assets.get("video").is_none() || kind == "video");
        assert_eq!(read.raw, body, "the provider's own answer is untouched");
    }
}

#[test]
fn reads_are_sent_again_and_creations_only_on_proof() {
    let lost = || Err(FetchError::Lost("connection reset".into()));
    let plain = |status: u16, retry_after: Option<&str>| {
        let headers = retry_after.map_or(Headers::new(), |after| Headers::new().with("retry-after", after));
        Ok(Response { status, headers, body: Body::Json(json!({ "detail": "x" })) })
    };
    // What the first answer is; how often a read and a creation are then sent; what a creation comes to.
    let table = [
        ("429", plain(429, Some("3")), 2, 2, None),
        ("503 that says when", plain(503, Some("1")), 2, 1, Some(Code::UnknownOutcome)),
        ("503", plain(503, None), 2, 1, Some(Code::UnknownOutcome)),
        ("500", plain(500, None), 2, 1, Some(Code::UnknownOutcome)),
        ("408", plain(408, None), 2, 1, Some(Code::UnknownOutcome)),
        ("499", plain(499, None), 1, 1, Some(Code::UnknownOutcome)),
        ("460", plain(460, None), 1, 1, Some(Code::UnknownOutcome)),
        ("425", plain(425, None), 1, 1, Some(Code::Protocol)),
        ("421", plain(421, None), 1, 1, Some(Code::Protocol)),
        ("400", plain(400, None), 1, 1, Some(Code::InvalidRequest)),
        ("451", plain(451, None), 1, 1, Some(Code::Protocol)),
        ("301", plain(301, None), 1, 1, Some(Code::Protocol)),
        ("302", plain(302, None), 1, 1, Some(Code::UnknownOutcome)),
        ("303", plain(303, None), 1, 1, Some(Code::UnknownOutcome)),
        ("308", plain(308, None), 1, 1, Some(Code::Protocol)),
        ("401", plain(401, None), 1, 1, Some(Code::Authentication)),
        ("cut", lost(), 2, 1, Some(Code::UnknownOutcome)),
        ("refused", Err(FetchError::NotSent("ECONNREFUSED".into())), 2, 2, None),
        ("untrusted", Err(FetchError::NotSendable("self-signed".into())), 1, 1, Some(Code::Network)),
    ];
    for (name, first, reads, creations, outcome) in table {
        for creation in [false, true] {
            let mut answers = vec![first.clone()].into_iter();
            let world = World::scripted(9, move |_, _| match answers.next() {
                Some(first) => (50.0, first),
                None => answer(200, json!({ "id": "a", "state": "queued" })),
            });
            let client = world.client(json!({ "recovery": "report" }));
            let result = if creation {
                world.run(client.create(&tiger(), &())).map(|_| ())
            } else {
                world.run(client.ask(Query::Generation("a".into()))).map(|_| ())
            };
            assert_eq!(
                world.sent.borrow().len(),
                if creation { creations } else { reads },
                "{name}, creation: {creation}"
            );
            if creation {
                assert_eq!(result.as_ref().err().map(|error| error.code), outcome, "{name}");
            }
            if let (true, Err(error), Some(Code::UnknownOutcome)) = (creation, &result, outcome) {
                let doubt = error.creation.as_ref().expect("what was sent");
                assert_eq!(doubt.request, tiger());
                assert!(doubt.sent_at > 0.0 && !error.retryable && error.cause.is_some(), "{name}: {error:?}");
            }
        }
    }
}

#[test]
fn retry_after_is_obeyed_and_retries_end() {
    let world = World::scripted(10, |_, _| {
        let headers = Headers::new().with("retry-after", "7");
        (50.0, Ok(Response { status: 429, headers, body: Body::Empty }))
    });
    let error = world.run(world.client(json!({ "maxRetries": 3 })).create(&tiger(), &())).unwrap_err();
    assert_eq!((error.code, world.sent.borrow().len()), (Code::RateLimited, 4));
    assert!((21_000.0..24_000.0).contains(&world.elapsed()), "{}", world.elapsed());
}

#[test]
fn an_unreadable_creation_is_in_doubt() {
    for body in [Body::Text("<html>".into()), Body::Empty, Body::Json(json!({ "ok": true }))] {
        let world = World::scripted(11, move |_, _| {
            (50.0, Ok(Response { status: 201, headers: Headers::new(), body: body.clone() }))
        });
        let error = world.run(world.client(json!({ "recovery": "report" })).create(&tiger(), &())).unwrap_err();
        assert_eq!((error.code, world.sent.borrow().len()), (Code::UnknownOutcome, 1));
        assert_eq!(error.cause.as_ref().map(|cause| cause.code), Some(Code::Protocol));
    }
}

#[test]
fn silence_ends_in_a_timeout_and_a_sync_image_has_longer() {
    for (request, seconds) in [
        (tiger(), 60.0),
        (json!({ "model": "photon-1", "prompt": "A bear", "sync": true }), 150.0),
        (json!({ "model": "photon-1", "prompt": "A bear", "sync": true, "sync_timeout": 10 }), 100.0),
    ] {
        let world = World::scripted(12, |_, _| (f64::INFINITY, Err(FetchError::Lost(String::new()))));
        let error = world.run(world.client(json!({ "recovery": "report" })).create(&request, &())).unwrap_err();
        assert_eq!(
            (error.code, error.cause.as_ref().map(|cause| cause.code)),
            (Code::UnknownOutcome, Some(Code::Timeout))
        );
        assert_eq!(world.elapsed(), seconds * 1000.0);
        assert_eq!((world.sent.borrow().len(), world.cancelled.get()), (1, 1));
    }
}

#[test]
fn an_id_that_is_not_there_is_told_at_once_and_a_job_just_made_may_settle() {
    let (world, _) = World::simulated(23, json!({}));
    let error = world.run(world.client(json!({})).poll(Target::Id("nobody".into()), f64::INFINITY, &())).unwrap_err();
    assert_eq!((error.code, world.sent.borrow().len()), (Code::NotFound, 1));

    let mut requests = 0;
    let world = World::scripted(24, move |now, request| {
        requests += 1;
        let created = humantime::format_rfc3339(std::time::UNIX_EPOCH + std::time::Duration::from_millis(now as u64));
        match (request.method.as_str(), requests) {
            ("POST", _) => answer(
                201,
                json!({ "id": "a", "state": "queued", "created_at": created.to_string(), "request": { "model": "photon-flash-1" } }),
            ),
            (_, 2) => answer(404, json!({ "detail": "Generation not found" })),
            _ => {
                answer(200, json!({ "id": "a", "state": "completed", "assets": { "image": "https://example.com/i" } }))
            }
        }
    });
    let made = world.run(world.client(json!({})).generate(
        &json!({ "model": "photon-flash-1", "prompt": "A fox" }),
        f64::INFINITY,
        &(),
    ));
    assert_eq!(made.unwrap().state, State::Completed);
}

#[test]
fn a_failed_poll_is_not_a_failed_job() {
    let (world, simulator) = World::simulated(13, json!({ "faults": "get:500/2" }));
    let client = world.client(json!({}));
    let made = world.run(client.generate(&tiger(), f64::INFINITY, &())).unwrap();
    assert_eq!(made.state, State::Completed);
    assert_eq!(simulator.borrow_mut().generations(world.now()).len(), 1);
    assert!(world.events.borrow().iter().any(|event| event["status"] == json!(500) || event["status"] == json!(503)));
}

#[test]
fn an_outage_without_end_is_told_with_the_job() {
    let dead = Cell::new(false);
    let world = World::scripted(14, move |_, _| {
        if dead.replace(true) {
            return (50.0, Err(FetchError::Lost("connection reset".into())));
        }
        answer(201, json!({ "id": "a", "state": "queued", "created_at": "2026-11-20T00:00:00Z" }))
    });
    let seen = Seen::default();
    let error = world.run(world.client(json!({})).generate(&tiger(), f64::INFINITY, &seen)).unwrap_err();
    assert_eq!(error.code, Code::Network);
    assert_eq!(error.generation.as_ref().map(|job| job.id.as_str()), Some("a"));
    assert!((300_000.0..1_200_000.0).contains(&world.elapsed()), "{} min", world.elapsed() / 60_000.0);
    assert!(world.sent.borrow().len() < 40);
}

#[test]
fn the_callers_patience_ends_the_wait_and_not_the_job() {
    let (world, _) = World::simulated(15, json!({}));
    let client = world.client(json!({}));
    let error = world.run(client.generate(&tiger(), 20_000.0, &())).unwrap_err();
    assert_eq!((error.code, world.elapsed()), (Code::Timeout, 20_000.0));
    assert!(!error.retryable, "the same call again would buy another");
    let job = error.generation.clone().expect("the job, to go on with");
    let made = world.run(client.poll(Target::Job(job.clone()), f64::INFINITY, &())).unwrap();
    assert_eq!((&made.id, made.state), (&job.id, State::Completed));
}

#[test]
fn the_callers_patience_is_felt_in_mid_creation() {
    let silent = World::scripted(21, |_, _| (f64::INFINITY, Err(FetchError::Lost(String::new()))));
    let error = silent.run(silent.client(json!({})).generate(&tiger(), 5_000.0, &())).unwrap_err();
    assert_eq!((error.code, error.cause.as_ref().map(|cause| cause.code)), (Code::UnknownOutcome, Some(Code::Timeout)));
    assert_eq!((silent.elapsed(), silent.cancelled.get()), (5_000.0, 1));

    let busy = World::scripted(22, |_, _| {
        (50.0, Ok(Response { status: 429, headers: Headers::new().with("retry-after", "60"), body: Body::Empty }))
    });
    let error = busy.run(busy.client(json!({})).generate(&tiger(), 5_000.0, &())).unwrap_err();
    assert_eq!((error.code, busy.elapsed(), busy.sent.borrow().len()), (Code::RateLimited, 50.0, 1));
}

#[test]
fn an_abort_stops_everything_under_way() {
    for after in [0.0, 10.0, 49.0, 51.0, 20_000.0, 60_000.0] {
        let (world, simulator) = World::simulated(16, json!({ "durations": 90_000 }));
        let client = world.client(json!({}));
        let seen = Seen { patience: Some((world.clone(), after)), ..Seen::default() };
        let error = world.run(client.generate(&tiger(), f64::INFINITY, &seen)).unwrap_err();
        assert_eq!((error.code, world.elapsed()), (Code::Aborted, after));
        let sent = world.sent.borrow().len();
        world.run(world.sleep(600_000.0));
        assert_eq!(world.sent.borrow().len(), sent, "{after}: no request after the abort");
        // Whoever was cut off in mid-creation knows what is in doubt; whoever was not, which job goes on.
        let in_doubt = error.creation.is_some();
        assert_eq!(in_doubt, after > 0.0 && after < 50.0, "{after}");
        assert_eq!(error.generation.is_some(), after > 50.0, "{after}");
        assert_eq!(world.cancelled.get(), u32::from(in_doubt), "{after}");
        assert!(simulator.borrow_mut().generations(world.now()).len() <= 1);
    }
}

#[test]
fn waiters_of_one_job_share_its_polls() {
    let alone = {
        let (world, _) = World::simulated(17, json!({ "durations": 75_000 }));
        let client = world.client(json!({}));
        world.run(client.generate(&tiger(), f64::INFINITY, &())).unwrap();
        world.sent.borrow().len()
    };
    let (world, _) = World::simulated(17, json!({ "durations": 75_000 }));
    let client = world.client(json!({}));
    world.run(async {
        let job = client.create(&tiger(), &()).await.unwrap();
        let waits = (0..50).map(|_| client.poll(Target::Id(job.id.clone()), f64::INFINITY, &()));
        for made in all(waits).await {
            assert_eq!(made.unwrap().state, State::Completed);
        }
    });
    let together = world.sent.borrow().len();
    assert!(together <= alone + 3, "50 waiters: {together} requests, one: {alone}");
}

#[test]
fn a_waiter_that_leaves_hands_its_poll_on() {
    // The first poll hangs for a minute; its waiter leaves after a second.
    let polls = Cell::new(0);
    let world = World::scripted(18, move |_, _| {
        polls.set(polls.get() + 1);
        let (_, done) =
            answer(200, json!({ "id": "a", "state": "completed", "assets": { "video": "https://example.com/v" } }));
        (if polls.get() == 1 { 50_000.0 } else { 50.0 }, done)
    });
    let client = world.client(json!({}));
    world.run(async {
        let leaver = async {
            let waiting = pin!(client.poll(Target::Id("a".into()), f64::INFINITY, &()));
            race(waiting, pin!(world.sleep(1000.0))).await
        };
        let stayer = async {
            world.sleep(500.0).await;
            let made = client.poll(Target::Id("a".into()), f64::INFINITY, &()).await.unwrap();
            (made.state, world.elapsed())
        };
        let leaver = async {
            leaver.await;
            world.sleep(f64::INFINITY).await;
        };
        let First::Right((state, elapsed)) = race(pin!(leaver), pin!(stayer)).await else { panic!("only one stays") };
        assert_eq!(state, State::Completed);
        assert!(elapsed < 1300.0, "{elapsed}");
    });
}

#[test]
fn the_key_is_in_one_header_and_nowhere_else() {
    // A server that says everything it was received.
    let world = World::scripted(19, |_, request| {
        let received: Vec<_> = request.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let body = Body::Json(json!({ "detail": format!("bad request with {}", received.join(", ")) }));
        (50.0, Ok(Response { status: 400, headers: Headers::new(), body }))
    });
    let client = world.client(json!({}));
    let error = world.run(client.create(&tiger(), &())).unwrap_err();
    assert!(error.message.contains("[key]"), "{}", error.message);
    let shown = format!("{error:?} {} {:?}", serde_json::to_string(&error).unwrap(), world.events.borrow());
    assert!(!shown.contains(KEY), "{shown}");
    for request in world.sent.borrow().iter() {
        let names: Vec<_> = request.headers.iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["accept", "content-type", "authorization"]);
        assert_eq!(request.headers.get("authorization"), Some(&*format!("Bearer {KEY}")));
        assert!(!request.url.contains(KEY) && !format!("{request:?}").contains(KEY));
    }
}

#[test]
fn settings_are_read_with_care() {
    use luma_edge::engine::Settings;
    for (options, code, words) in [
        (json!({}), Code::Authentication, "apiKey"),
        (json!({ "apiKey": "" }), Code::InvalidRequest, "apiKey: is empty: is the environment variable not set?"),
        (json!({ "apiKey": "k", "budget": { "usd": 1, "limit": 2 } }), Code::InvalidRequest, "budget.limit"),
        (json!({ "apiKey": "k", "budget": { "usd": 1, "Price": 2 } }), Code::InvalidRequest, "budget.Price"),
        (
            json!({ "apiKey": "k", "limits": { "video": { "perminute": 2 } } }),
            Code::InvalidRequest,
            "limits.video.perminute",
        ),
        (json!({ "apiKey": "a b" }), Code::InvalidRequest, "apiKey"),
        (json!({ "apiKey": "key\n" }), Code::InvalidRequest, "apiKey"),
        (json!({ "apiKey": 7 }), Code::InvalidRequest, "must be a string"),
        (json!({ "apiKey": "k", "provider": "acme" }), Code::InvalidRequest, "provider"),
        (json!({ "apiKey": "k", "timeout": 0 }), Code::InvalidRequest, "timeout"),
        (json!({ "apiKey": "k", "maxRetries": -1 }), Code::InvalidRequest, "maxRetries"),
        (json!({ "apiKey": "k", "validate": "no" }), Code::InvalidRequest, "validate"),
    ] {
        let error = Settings::read(&options).err().unwrap_or_else(|| panic!("{options}"));
        assert_eq!(error.code, code, "{options}");
        assert!(error.message.contains(words), "{options}: {}", error.message);
        let key = options["apiKey"].as_str().unwrap_or_default();
        assert!(key.len() < 4 || !error.message.contains(key), "{options}: {}", error.message);
    }
    assert!(
        Settings::read(&json!({ "baseUrl": "/luma/" }))
            .is_ok_and(|settings| settings.base_url.as_deref() == Some("/luma"))
    );
    // By its form a key tells whose it is; it goes to nobody else unless the caller says so.
    for (options, provider) in [
        (json!({ "apiKey": "luma-123" }), "dream-machine"),
        (json!({ "apiKey": "luma-api-123" }), "agents"),
        (json!({ "apiKey": "user:1-abc" }), "useapi"),
        (json!({ "apiKey": "luma-api-123", "provider": "piapi" }), "piapi"),
        // A server that has the key stands in front.
        (json!({ "baseUrl": "/luma" }), "agents"),
        (json!({ "baseUrl": "/luma", "apiKey": null }), "agents"),
        (json!({ "baseUrl": "/luma", "apiKey": "callers-own" }), "dream-machine"),
        (json!({ "baseUrl": "/luma", "provider": "dream-machine" }), "dream-machine"),
    ] {
        assert_eq!(Settings::read(&options).map(|settings| settings.provider.as_str()), Ok(provider), "{options}");
    }
}

#[test]
fn ten_thousand_generations_pass_in_seconds() {
    let (world, simulator) = World::simulated(20, json!({ "limits": "none", "credits": 1e9, "durations": 60_000 }));
    let client = world.client(json!({ "limits": "none" }));
    let request = tiger();
    world.run(async {
        for _ in 0..100 {
            let jobs = (0..100).map(|_| client.generate(&request, f64::INFINITY, &()));
            for made in all(jobs).await {
                assert_eq!(made.unwrap().state, State::Completed);
            }
        }
    });
    assert_eq!(simulator.borrow_mut().generations(world.now()).len(), 10_000);
    assert_eq!(world.count("POST", "/generations/video"), 10_000);
}

#[test]
fn a_moment_that_the_server_names_is_one_by_its_own_clock() {
    // The machine's clock is an hour slow.
    for dated in [true, false] {
        let world = World::scripted(29, move |now, request| {
            let http = |ms: f64| {
                httpdate::fmt_http_date(std::time::UNIX_EPOCH + std::time::Duration::from_secs_f64(ms / 1000.0))
            };
            // A page may not be shown the `date`: an earlier answer has told it.
            let headers = Headers::new().with("retry-after", http(now + 30_000.0));
            let dated = dated || request.method.as_str() == "GET";
            let headers = if dated { headers.with("date", http(now)) } else { headers };
            let status = if request.method.as_str() == "GET" { 200 } else { 429 };
            (50.0, Ok(Response { status, headers, body: Body::Json(json!({ "id": "a", "state": "queued" })) }))
        });
        let machine = world.machine(None, -3_600_000.0);
        let client = machine.client(json!({ "maxRetries": 1 }));
        machine.run(client.ask(Query::Generation("a".into()))).unwrap();
        let before = world.elapsed();
        machine.run(client.create(&tiger(), &())).unwrap_err();
        let waited = world.elapsed() - before;
        assert!((28_000.0..32_000.0).contains(&waited), "{waited}");
    }
}
