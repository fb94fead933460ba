//! Answers that differ a little from the documents: another word, another shape, another place. All four providers, one table each.

use luma_edge::engine::Query;
use luma_edge::error::{Code, Error};
use luma_edge::generation::{FailureCode, Generation, State};
use luma_edge::http::{Body, Headers, Response};
use luma_edge::json;
use luma_edge::json::Json;
use luma_edge::provider::ProviderId;

use crate::of;
use crate::virtual_time::{Calls, World, answer};

use ProviderId::{Agents, DreamMachine, Piapi, Useapi};

fn refusal(id: ProviderId, status: u16, body: &Body) -> Error {
    of(id).refusal(&Response { status, headers: Headers::new(), body: body.clone() })
}

/// Places and words of problems.
type Places = Vec<(&'static str, &'static str)>;

#[test]
fn a_servers_words_are_found_in_whatever_common_shape_its_error_has() {
    let long = "prompt is too long";
    let spring = json!([{ "codes": ["Size"], "defaultMessage": long, "objectName": "request", "field": "prompt" }]);
    let google = json!([{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "TOO_LONG" }]);
    // What the body is, what the message has, and which problems there are.
    let table: Vec<(&str, Json, &str, Places)> = vec![
        ("a sentence", json!(long), long, vec![]),
        ("Luma", json!({ "detail": format!("400: {long}") }), ": prompt is too long", vec![]),
        (
            "FastAPI",
            json!({ "detail": [{ "type": "string_too_long", "loc": ["body", "prompt"], "msg": long, "input": "x" }] }),
            "prompt: prompt is too long",
            vec![("prompt", long)],
        ),
        ("FastAPI with an object", json!({ "detail": { "code": "too_long", "message": long } }), long, vec![]),
        (
            "RFC 9457",
            json!({ "type": "about:blank", "title": "Bad Request", "status": 400, "detail": long, "instance": "/x" }),
            "Bad Request: prompt is too long",
            vec![],
        ),
        (
            "RFC 9457 with errors",
            json!({ "title": "Not valid", "errors": [{ "detail": long, "pointer": "#/keyframes/frame0/urls/2" }] }),
            "Not valid: keyframes.frame0.urls[2]: prompt is too long",
            vec![("keyframes.frame0.urls[2]", long)],
        ),
        ("Express", json!({ "error": long }), long, vec![]),
        ("a message", json!({ "success": false, "message": long }), long, vec![]),
        (
            "nested",
            json!({ "error": { "type": "invalid_request_error", "message": long, "param": null } }),
            long,
            vec![],
        ),
        ("NestJS", json!({ "statusCode": 400, "message": [long], "error": "Bad Request" }), long, vec![("", long)]),
        (
            "Spring",
            json!({ "timestamp": 1, "status": 400, "error": "Bad Request", "message": "Validation failed", "errors": spring }),
            "Validation failed: prompt: prompt is too long",
            vec![("prompt", long)],
        ),
        ("Spring, bare", json!({ "status": 400, "error": "Bad Request", "path": "/x" }), "Bad Request", vec![]),
        (
            "ASP.NET",
            json!({ "title": "One or more validation errors occurred.", "errors": { "prompt": [long] } }),
            "prompt: prompt is too long",
            vec![("prompt", long)],
        ),
        ("Django", json!({ "prompt": [long] }), "prompt: prompt is too long", vec![("prompt", long)]),
        ("Rails", json!({ "errors": [long, "no model"] }), "too long; no model", vec![("", long), ("", "no model")]),
        (
            "JSON:API",
            json!({ "errors": [{ "status": "422", "title": "Invalid", "detail": long, "source": { "pointer": "/prompt" } }] }),
            "prompt: Invalid: prompt is too long",
            vec![("prompt", "Invalid: prompt is too long")],
        ),
        (
            "GraphQL",
            json!({ "data": null, "errors": [{ "message": long, "path": ["make"] }] }),
            long,
            vec![("make", long)],
        ),
        ("Cloudflare", json!({ "success": false, "errors": [{ "code": 7, "message": long }] }), long, vec![("", long)]),
        (
            "Google",
            json!({ "error": { "code": 400, "message": long, "details": google } }),
            "long: TOO_LONG",
            vec![("", "TOO_LONG")],
        ),
        ("AWS", json!({ "__type": "ValidationException", "Message": long }), long, vec![]),
        ("Lambda", json!({ "errorMessage": long, "errorType": "Error" }), long, vec![]),
        ("Azure", json!({ "statusCode": 400, "message": long }), long, vec![]),
        ("Apigee", json!({ "fault": { "faultstring": long, "detail": { "errorcode": "x.y" } } }), long, vec![]),
        ("OAuth", json!({ "error": "invalid_request", "error_description": long }), long, vec![]),
        (
            "Zod",
            json!({ "error": { "name": "ZodError", "issues": [{ "path": ["frames", 0, "url"], "message": long }] } }),
            "frames[0].url: prompt is too long",
            vec![("frames[0].url", long)],
        ),
        (
            "Symfony",
            json!({ "violations": [{ "propertyPath": "prompt", "title": long }] }),
            long,
            vec![("prompt", long)],
        ),
        ("a list in a list", json!([{ "error": { "message": long } }]), long, vec![("", long)]),
        ("a code alone", json!({ "error": { "code": "prompt_too_long" } }), "prompt_too_long", vec![]),
    ];
    for (name, body, words, problems) in table {
        for id in [DreamMachine, Agents, Useapi, Piapi] {
            let error = refusal(id, 422, &Body::Json(body.clone()));
            assert_eq!(error.code, Code::InvalidRequest, "{name} at {id:?}");
            assert!(error.message.contains(words), "{name} at {id:?}: {}", error.message);
            let found: Vec<_> = error.problems.iter().map(|it| (it.path.as_str(), it.message.as_str())).collect();
            assert_eq!(found, problems, "{name} at {id:?}");
        }
    }
    for nothing in [json!({}), json!([]), json!(7), json!({ "ok": false }), json!({ "detail": null, "errors": [{}] })] {
        for id in [DreamMachine, Agents, Useapi, Piapi] {
            let message = refusal(id, 422, &Body::Json(nothing.clone())).message.clone();
            assert_eq!(message, format!("{} answered 422", id.as_str()), "{nothing}");
        }
    }
    let mut deep = json!("deep");
    for _ in 0..1000 {
        deep = json!({ "error": [deep] });
    }
    assert_eq!(refusal(Agents, 500, &Body::Json(deep)).message, "agents answered 500");
}

#[test]
fn a_page_in_front_of_the_api_is_told_as_one_and_from_where() {
    let page = |title: &str| Body::Text(format!("\n<!DOCTYPE html><html><head><TITLE>{title}</TITLE></head>"));
    for (status, code) in [
        (200, Code::Protocol),
        (400, Code::Protocol),
        (401, Code::Protocol),
        (403, Code::Protocol),
        (404, Code::Protocol),
        (410, Code::Gone),
        (429, Code::RateLimited),
        (502, Code::Server),
    ] {
        for id in [DreamMachine, Agents, Piapi] {
            let world = World::scripted(21, move |_, _| {
                (50.0, Ok(Response { status, headers: Headers::new(), body: page("Just a moment...") }))
            });
            let client = world.client(json!({ "provider": id.as_str(), "maxRetries": 0 }));
            let error = world.run(client.ask(Query::Generation("a".into()))).unwrap_err();
            assert_eq!((error.code, error.status), (code, Some(status)), "{id:?} {}", error.message);
            let expected = format!("answered {status} with a web page (\"Just a moment...\")");
            assert!(error.message.contains(&expected), "{}", error.message);
            assert!(error.message.contains("the page came from simulator.example"), "{}", error.message);
            assert_eq!(error.message.contains("check baseUrl"), code == Code::Protocol, "{}", error.message);
            assert!(!error.message.contains("check the key"), "{}", error.message);
        }
    }
    // What only looks a little like one is none.
    for text in ["<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>", "403 Forbidden", "<"] {
        assert_eq!(refusal(Agents, 403, &Body::Text(text.into())).code, Code::Authentication, "{text}");
    }
    for broken in ["<html><title", "<html><title>", "<html><title>\u{130}\u{130}</title>", "<html></title>"] {
        assert_eq!(refusal(Agents, 403, &Body::Text(broken.into())).code, Code::Protocol, "{broken}");
    }
}

#[test]
fn the_words_decide_where_the_status_does_not() {
    let said = |words: &str| Body::Json(json!({ "detail": words }));
    for (status, words, code) in [
        (403, "You have no credits left", Code::InsufficientCredits),
        (403, "Out of credits", Code::InsufficientCredits),
        (400, "Insufficient balance", Code::InsufficientCredits),
        (403, "Not allowed", Code::Authentication),
        (400, "The model ray-2 has been retired", Code::Gone),
        (404, "This API has been shut down. Use agents.lumalabs.ai", Code::Gone),
        (422, "model: photon-1 is no longer available", Code::Gone),
        (410, "", Code::Gone),
        (400, "prompt: a retired sailor", Code::InvalidRequest),
        (404, "Generation not found", Code::NotFound),
    ] {
        for id in [DreamMachine, Agents] {
            let error = refusal(id, status, &said(words));
            assert_eq!(error.code, code, "{words}");
            let way = error.message.contains("provider \"agents\" has ray-3.2");
            assert_eq!(way, code == Code::Gone && id == DreamMachine, "{}", error.message);
        }
    }
}

#[test]
fn a_key_that_is_another_providers_by_its_form_is_named() {
    for (id, key, hint) in [
        ("dream-machine", "luma-api-0123456789", Some("provider \"agents\"")),
        ("piapi", "user:1-abc", Some("provider \"useapi\"")),
        ("agents", "luma-api-0123456789", None),
        ("dream-machine", "luma-0123", None),
    ] {
        let world = World::scripted(22, |_, _| answer(401, json!({ "detail": "Not authenticated" })));
        let client = world.client(json!({ "provider": id, "apiKey": key }));
        let error = world.run(client.ask(Query::Generation("a".into()))).unwrap_err();
        assert_eq!(error.code, Code::Authentication);
        assert_eq!(error.message.contains("by its form"), hint.is_some(), "{}", error.message);
        assert!(error.message.contains(hint.unwrap_or_default()) && !error.message.contains(key), "{}", error.message);
    }
}

/// A job as each provider answers with it: its state's word, and whether it has its file.
fn job(id: ProviderId, word: &str, file: bool) -> Json {
    let url = "https://e.com/v.mp4";
    match id {
        DreamMachine if file => json!({ "id": "j", "state": word, "assets": { "video": url } }),
        DreamMachine => json!({ "id": "j", "state": word }),
        Agents if file => json!({ "id": "j", "state": word, "type": "video", "output": [{ "url": url }] }),
        Agents => json!({ "id": "j", "state": word, "type": "video", "output": [] }),
        Useapi if file => json!({ "jobid": "j", "status": word, "response": { "video": { "url": url } } }),
        Useapi => json!({ "jobid": "j", "status": word }),
        Piapi if file => json!({ "code": 200, "data": { "task_id": "j", "status": word, "output": { "video": url } } }),
        Piapi => json!({ "code": 200, "data": { "task_id": "j", "status": word } }),
    }
}

fn read(id: ProviderId, answer: &Json) -> Generation {
    of(id).generation(answer).unwrap_or_else(|| panic!("{id:?}: no job: {answer}"))
}

#[test]
fn a_states_word_counts_in_any_case_and_one_that_ends_jobs_elsewhere_ends_them_here() {
    for id in [DreamMachine, Agents, Useapi, Piapi] {
        for word in ["completed", "Completed", "COMPLETED", " completed "] {
            assert_eq!(read(id, &job(id, word, true)).state, State::Completed, "{id:?} {word}");
        }
        for word in ["failed", "FAILED"] {
            assert_eq!(read(id, &job(id, word, false)).state, State::Failed, "{id:?} {word}");
        }
        for word in ["canceled", "cancelled", "CANCELLED", "aborted", "Expired", "error"] {
            let ended = read(id, &job(id, word, false));
            let failure = ended.failure.clone().unwrap();
            assert_eq!(
                (ended.state, failure.reason.as_str(), &ended.unknown_state),
                (State::Failed, word, &None),
                "{id:?}"
            );
        }
        for word in ["processing", "Running", "dreaming"] {
            let runs = read(id, &job(id, word, false));
            assert_eq!((runs.state.is_final(), &runs.unknown_state), (false, &None), "{id:?} {word}");
        }
        let unknown = read(id, &job(id, "Pondering", false));
        assert_eq!((unknown.state, unknown.unknown_state.as_deref()), (State::Dreaming, Some("Pondering")), "{id:?}");
        // At Luma one without a state may be over: with its files it ends.
        let unsaid = read(id, &job(id, "", false));
        let word = Some(String::new()).filter(|_| matches!(id, DreamMachine | Agents));
        assert_eq!((unsaid.state.is_final(), &unsaid.unknown_state), (false, &word), "{id:?}");
    }
}

#[test]
fn a_reason_is_known_by_what_it_says() {
    use FailureCode::*;
    for (reason, code, retryable) in [
        ("400: failed to moderate image", InputFrames, false),
        ("Failed to moderate image (https://e.com/a.jpg)", InputFrames, false),
        ("400: Failed to read user input frames", InputFrames, false),
        ("Error: frame moderation failed", Moderation, false),
        ("Advanced prompt moderation failed", Moderation, false),
        ("500: Advanced moderation failed", Moderation, true),
        ("The prompt contains blacklisted words.", Moderation, false),
        ("prompt processing failed: timeout", PromptProcessing, true),
        ("Error dispatching job", Job, true),
        ("The job failed", Job, true),
        ("400: error processing callback", Callback, false),
        ("No luck", Unknown, true),
    ] {
        for (id, answer) in [
            (DreamMachine, json!({ "id": "j", "state": "failed", "failure_reason": reason })),
            (Agents, json!({ "id": "j", "state": "failed", "failure_reason": reason })),
            (Useapi, json!({ "jobid": "j", "status": "failed", "error": reason })),
            (Piapi, json!({ "data": { "task_id": "j", "status": "failed", "error": { "message": reason } } })),
        ] {
            let failure = read(id, &answer).failure.clone().unwrap();
            assert_eq!((failure.code, failure.retryable), (code, retryable), "{id:?} {reason}");
            assert_eq!(failure.reason, reason);
        }
    }
    let world = World::scripted(23, |_, request| match request.method.as_str() {
        "POST" => answer(201, json!({ "id": "j", "state": "queued" })),
        _ => answer(200, json!({ "id": "j", "state": "failed", "failure_reason": "400: failed to moderate image" })),
    });
    let request = json!({ "model": "ray-2", "prompt": "A tiger" });
    let error = world.run(world.client(json!({})).generate(&request, f64::INFINITY, &())).unwrap_err();
    assert_eq!((error.code, error.retryable), (Code::GenerationFailed, false));
    assert!(error.message.contains("each address in the request"), "{}", error.message);
}

#[test]
fn after_a_purchase_an_id_is_enough() {
    for (id, answers) in [
        (
            Agents,
            vec![
                json!({ "id": "j", "state": "queued", "model": "ray-3.2", "output": [] }),
                json!({ "id": "j", "type": "video" }),
                json!({ "id": "j" }),
            ],
        ),
        (DreamMachine, vec![json!({ "id": "j" }), json!({ "id": "j", "state": null, "assets": [] })]),
        (Useapi, vec![json!({ "jobid": "j" }), json!({ "id": "j", "state": "queued" }), json!({ "job_id": "j" })]),
        (Piapi, vec![json!({ "task_id": "j" }), json!({ "code": 0, "data": { "id": "j" } })]),
    ] {
        let common = [
            json!({ "data": { "id": "j", "state": "queued" } }),
            json!({ "generation": { "id": "j" } }),
            json!([{ "id": "j" }]),
            json!({ "data": [{ "id": "j" }] }),
            json!({ "generationId": "j", "message": "created" }),
        ];
        for answer in answers.into_iter().chain(common) {
            let made = of(id).made(&answer).unwrap_or_else(|| panic!("{id:?}: {answer}"));
            assert_eq!((made.id.as_str(), made.state.is_final(), made.provider), ("j", false, id), "{answer}");
        }
        // An envelope has an id of its own.
        for envelope in [
            json!({ "id": "req", "data": { "id": "j", "state": "queued" } }),
            json!({ "id": "req", "data": { "task_id": "j" } }),
            json!({ "id": "req", "job": { "id": "j" } }),
        ] {
            assert_eq!(of(id).made(&envelope).unwrap().id, "j", "{id:?}: {envelope}");
        }
        assert!(of(id).made(&json!({ "id": "err_1", "error": { "message": "no" } })).is_none(), "{id:?}");
        let number = of(id).made(&json!({ "id": 123456789 })).unwrap();
        assert_eq!(number.id, "123456789", "{id:?}");
        for nothing in
            [json!({}), json!({ "id": "" }), json!({ "id": -1.5 }), json!([]), json!("j"), json!({ "data": null })]
        {
            assert!(of(id).made(&nothing).is_none(), "{id:?}: {nothing}");
        }
    }
}

#[test]
fn a_job_that_was_paid_for_is_waited_for_whatever_its_first_answer_lacked() {
    for first in [
        (201, json!({ "id": "j-1", "state": "queued", "model": "ray-3.2", "output": [] })),
        (200, json!({ "data": { "id": "j-1" } })),
        (500, json!({ "id": "j-1", "state": "queued", "type": "video" })),
        (302, json!({ "id": "j-1", "state": "queued" })),
    ] {
        let (status, body) = first.clone();
        let world = World::scripted(24, move |_, request| match request.method.as_str() {
            "POST" => answer(status, body.clone()),
            _ if request.url.ends_with("generations/j-1") => answer(
                200,
                json!({ "id": "j-1", "state": "completed", "output": [{ "url": "https://e.com/v?x=1" }], "model": "ray-3.2" }),
            ),
            _ => answer(404, json!({ "detail": "Not found" })),
        });
        let client = world.client(json!({ "provider": "agents" }));
        let request = json!({ "model": "ray-3.2", "prompt": "A tiger" });
        let made = world.run(client.generate(&request, f64::INFINITY, &())).unwrap();
        assert_eq!(json!(made.assets), json!({ "video": "https://e.com/v?x=1" }), "{first:?}");
        assert_eq!(world.count("POST", "generations"), 1, "{first:?}");
    }
}

#[test]
fn the_id_of_another_is_not_the_jobs() {
    // A server that fails has ids and states of its own; so has an answer that a cache mixed up.
    let world = World::scripted(27, |_, _| answer(502, json!({ "id": "trace-77", "state": "error" })));
    let request = json!({ "model": "ray-3.2", "prompt": "A tiger" });
    let client = world.client(json!({ "provider": "agents" }));
    let error = world.run(client.generate(&request, f64::INFINITY, &())).unwrap_err();
    assert_eq!((error.code, error.generation.is_none()), (Code::UnknownOutcome, true));

    for other in
        [json!({ "id": "req_9", "error": { "message": "overloaded" } }), json!({ "id": "x", "state": "completed" })]
    {
        let world = World::scripted(28, move |_, request| match request.method.as_str() {
            "POST" => answer(201, json!({ "id": "mine", "state": "queued" })),
            _ => answer(200, other.clone()),
        });
        let client = world.client(json!({ "provider": "agents" }));
        let error = world.run(client.generate(&request, 20_000.0, &())).unwrap_err();
        assert_eq!(error.generation.as_ref().map(|job| job.id.as_str()), Some("mine"), "{error:?}");
        assert_eq!(world.run(client.ask(Query::Generation("mine".into()))).unwrap_err().code, Code::Protocol);
    }
}

#[test]
fn no_part_of_the_key_is_in_a_message_that_was_cut() {
    let key = crate::virtual_time::KEY;
    for cut in 1..key.len() {
        let detail = "x".repeat(300 - cut) + key + "!";
        let world = World::scripted(29, move |_, _| answer(401, json!({ "detail": detail.clone() })));
        let error = world.run(world.client(json!({})).ask(Query::Ping)).unwrap_err();
        assert!(cut < 4 || !error.message.contains(key.get(..cut).unwrap()), "{}", error.message);
    }
}

#[test]
fn an_error_about_a_body_that_had_a_job_carries_it() {
    let failed = json!({ "id": "j-1", "state": "failed", "failure_reason": "Frame moderation failed" });
    let error_id = json!({ "id": "req-7", "error": { "message": "No such model" } });
    for (body, job) in [(failed, Some("j-1")), (error_id, None)] {
        let world = World::scripted(25, move |_, _| answer(400, body.clone()));
        let request = json!({ "model": "ray-2", "prompt": "A tiger" });
        let error = world.run(world.client(json!({})).create(&request, &())).unwrap_err();
        assert_eq!(error.code, Code::InvalidRequest);
        assert_eq!(error.generation.as_ref().map(|job| job.id.as_str()), job);
    }
    // A good status with an error in it: its words are told.
    let world =
        World::scripted(26, |_, _| answer(200, json!({ "error": { "message": "Quota of the proxy reached" } })));
    let error = world.run(world.client(json!({})).ask(Query::Generation("a".into()))).unwrap_err();
    assert!(
        error.message.ends_with("JSON that is not the generation: Quota of the proxy reached"),
        "{}",
        error.message
    );
}

#[test]
fn a_state_that_is_not_known_is_no_wait_without_end() {
    for id in [DreamMachine, Agents, Useapi, Piapi] {
        for file in [true, false] {
            let world = World::scripted(27, move |_, _| answer(200, job(id, "archived", file)));
            let client = world.client(json!({ "provider": id.as_str() }));
            let target = luma_edge::engine::Target::Id("j".into());
            let outcome = world.run(client.poll(target, f64::INFINITY, &()));
            if file {
                let done = outcome.unwrap();
                assert_eq!((done.state, done.unknown_state.as_deref()), (State::Completed, Some("archived")), "{id:?}");
                assert!((60_000.0..150_000.0).contains(&world.elapsed()), "{}", world.elapsed());
            } else {
                let error = outcome.unwrap_err();
                assert_eq!((error.code, error.generation.is_some(), error.retryable), (Code::Protocol, true, false));
                assert!(error.message.contains("\"archived\""), "{}", error.message);
                assert!(world.elapsed() < 3_700_000.0, "{}", world.elapsed());
            }
        }
    }
}
