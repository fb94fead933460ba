//! A poll that fails: the job may go on, and the error says so.

use crate::helpers::{at_once, generate, paid, resume, tiger};
use crate::virtual_time::{Calls, EPOCH, Store, World, all, answer};
use luma_edge::engine::{FetchError, Host, Target};
use luma_edge::error::Code;
use luma_edge::generation::State;
use luma_edge::http::{Body, Headers, Response};
use luma_edge::json;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

#[test]
fn an_error_about_a_job_that_goes_on_says_so_and_how_to_go_on() {
    for (fault, code) in [("401", Code::Authentication), ("503", Code::Server), ("cut", Code::Network)] {
        let faults = format!("list:{fault}x500,get:{fault}x500");
        let (world, simulator) = World::simulated(17, json!({ "faults": faults, "durations": 7_200_000 }));
        let client = world.client(json!({}));
        let error = world.run(generate(&client, &tiger())).unwrap_err();
        let job = error.generation.as_ref().unwrap();
        let advice = format!(
            ": the generation {} goes on. poll(error.generation) waits for it; another generate() buys a second one",
            job.id
        );
        assert_eq!((error.code, error.retryable), (code, false), "{error:?}");
        assert!(error.message.ends_with(&advice), "{}", error.message);
        assert_eq!(paid(&simulator, &world), 1);
    }
    // One that is gone does not go on.
    let (world, _) = World::simulated(18, json!({ "faults": "list:404x500,get:404x500" }));
    let client = world.client(json!({}));
    let error = world.run(generate(&client, &tiger())).unwrap_err();
    assert_eq!(error.code, Code::NotFound);
    assert!(!error.message.contains("goes on"), "{}", error.message);
    assert!(world.run(async { client.tickets().await }).unwrap().is_empty());
}

#[test]
fn a_caller_whose_time_runs_out_while_polls_fail_is_told_why_they_do() {
    let fails = Rc::new(Cell::new(true));
    let failing = fails.clone();
    let world = World::scripted(20, move |_, _| match failing.get() {
        true => (50.0, Err(FetchError::NotSent("connect ECONNREFUSED".into()))),
        false => answer(200, json!({ "id": "a", "state": "dreaming" })),
    });
    let client = world.client(json!({}));
    let poll = || world.run(client.poll(Target::Id("a".into()), 20_000.0, &())).unwrap_err();
    let error = poll();
    assert_eq!(error.code, Code::Timeout);
    assert_eq!(error.cause.as_ref().map(|cause| cause.code), Some(Code::Network));
    assert!(error.message.contains("the generation a stands is not known (connect ECONNREFUSED)"), "{}", error.message);
    // Once it was seen, it goes on.
    fails.set(false);
    let error = poll();
    assert!(error.cause.is_none() && error.message.contains("the generation a goes on"), "{error:?}");
}

#[test]
fn a_refused_poll_ends_no_job_that_may_be_there() {
    let text = |text: &str| Body::Text(text.into());
    let words = |words: &str| Body::Json(json!({ "detail": words }));
    let runs = || Body::Json(json!({ "id": "a", "state": "dreaming", "detail": "Try later" }));
    // What the first polls answer, how many of them, and what the call comes to.
    for (status, body, times, code) in [
        (404, words("Generation not found"), 5, None),
        (410, words("Gone"), 5, None),
        (404, Body::Empty, 5, None),
        (404, text("404 page not found"), 9, None),
        (404, text("<html><title>Not Found</title></html>"), 9, None),
        (404, runs(), 5, None),
        (404, words("Generation not found"), 99, Some(Code::NotFound)),
        (410, words("Gone"), 99, Some(Code::Gone)),
        (404, text("404 page not found"), 99, Some(Code::NotFound)),
        (404, runs(), 99, Some(Code::NotFound)),
        (401, words("Invalid API key"), 1, Some(Code::Authentication)),
        (403, text("<html><title>Just a moment</title></html>"), 99, Some(Code::Protocol)),
        (403, words("Forbidden"), 1, Some(Code::Authentication)),
        (403, runs(), 1, Some(Code::Authentication)),
        (405, words("Method not allowed"), 1, Some(Code::NotFound)),
        (400, words("Bad request"), 1, Some(Code::InvalidRequest)),
    ] {
        for resumed in [false, true] {
            let name = format!("{status} {body:?} {times} times, resumed: {resumed}");
            let left = Rc::new(Cell::new(0));
            let (polls, refusal) = (left.clone(), body.clone());
            let network = World::scripted(19, move |_, request| {
                if request.method.as_str() == "POST" {
                    return answer(201, json!({ "id": "a", "state": "queued" }));
                }
                if polls.replace(polls.get() - 1) > 0 {
                    return (50.0, Ok(Response { status, headers: Headers::new(), body: refusal.clone() }));
                }
                answer(
                    200,
                    json!({ "id": "a", "state": "completed", "assets": { "video": "https://example.com/v.mp4" } }),
                )
            });
            let store = Store::default();
            let machine = network.machine(Some(store.clone()), 0.0);
            let client = machine.client(json!({}));
            left.set(times);
            let outcome = network.run(async {
                if !resumed {
                    return generate(&client, &tiger()).await;
                }
                client.create(&tiger(), &()).await.unwrap();
                let again = network.machine(Some(store.clone()), 0.0).client(json!({}));
                resume(&again).await.remove(0)
            });
            assert_eq!(outcome.as_ref().err().map(|error| error.code), code, "{name}: {outcome:?}");
            let tickets = store.entries().keys().filter(|key| key.starts_with("ticket:")).count();
            let is_gone = matches!((status, &body), (404 | 410, Body::Json(words)) if !words.has("state"));
            let Err(error) = outcome else { continue };
            assert_eq!(tickets, usize::from(!is_gone), "{name}");
            if !is_gone {
                assert!(error.message.contains("the generation a goes on"), "{name}: {}", error.message);
                left.set(0);
                let again = network.machine(Some(store.clone()), 0.0).client(json!({}));
                assert_eq!(network.run(resume(&again)).remove(0).unwrap().state, State::Completed, "{name}");
            }
        }
    }
}

#[test]
fn a_list_that_fails_hides_no_job_that_can_be_read() {
    for fault in ["503", "html", "empty", "429=5", "silence"] {
        let faults = format!("list:{fault}x500");
        let (world, _) = World::simulated(20, json!({ "faults": faults, "durations": 60_000 }));
        let client = world.client(json!({}));
        for made in world.run(all([generate(&client, &tiger()), generate(&client, &tiger())])) {
            assert_eq!(made.unwrap().state, State::Completed, "{fault}");
        }
        assert!(world.elapsed() < 90_000.0, "{fault}: {} ms", world.elapsed());
    }
}

#[test]
fn a_call_after_an_outage_does_not_end_with_its_first_failed_poll() {
    let (world, _) = World::simulated(21, json!({ "faults": "get:503x25", "durations": 3_600_000 }));
    let client = world.client(json!({}));
    let error = world.run(generate(&client, &tiger())).unwrap_err();
    assert_eq!(error.code, Code::Server);
    world.run(world.sleep(3_600_000.0));
    let job = Target::Job(error.generation.clone().unwrap());
    assert_eq!(world.run(client.poll(job, f64::INFINITY, &())).unwrap().state, State::Completed);
}

#[test]
fn a_server_that_asks_for_short_waits_has_as_long_as_any_other() {
    for seconds in ["0", "1", "5"] {
        let world = World::scripted(22, move |now, request| {
            let minutes = (now - EPOCH) / 60_000.0;
            if request.method.as_str() != "POST" && minutes < 5.0 {
                let headers = Headers::new().with("retry-after", seconds);
                return (50.0, Ok(Response { status: 503, headers, body: Body::Empty }));
            }
            let state = if minutes < 1.0 { "queued" } else { "completed" };
            answer(200, json!({ "id": "a", "state": state, "assets": { "video": "https://example.com/v.mp4" } }))
        });
        let made = world.run(generate(&world.client(json!({})), &tiger()));
        assert_eq!(made.map(|job| job.state).map_err(|error| error.code), Ok(State::Completed), "{seconds} s");
    }
}

#[test]
fn a_job_that_alone_cannot_be_read_ends_its_call_and_is_not_polled_all_the_time() {
    let born = Rc::new(RefCell::new(Vec::new()));
    let world = World::scripted(40, move |now, request| {
        let mut born = born.borrow_mut();
        if request.method.as_str() == "POST" {
            born.push(now);
            return answer(201, json!({ "id": format!("{}", born.len() - 1), "state": "queued" }));
        }
        let id = request.url.rsplit('/').next().unwrap();
        if id == "0" {
            return answer(500, json!({ "detail": "Internal error" }));
        }
        let state = if now - born[id.parse::<usize>().unwrap()] < 20_000.0 { "queued" } else { "completed" };
        answer(200, json!({ "id": id, "state": state, "output": [{ "type": "video", "url": "https://e.com/v.mp4" }] }))
    });
    let client = Rc::new(world.client(json!({ "provider": "agents" })));
    let tiger = || json!({ "model": "ray-3.2", "prompt": "A tiger" });
    let ended = Rc::new(Cell::new(None));
    let (first, end, clock) = (client.clone(), ended.clone(), world.clone());
    world.spawn(async move {
        let error = generate(&first, &tiger()).await.unwrap_err();
        end.set(Some((error.code, clock.elapsed())));
    });
    // One after the other, for more than half an hour.
    world.run(async {
        for _ in 0..100 {
            generate(&client, &tiger()).await.unwrap();
        }
    });
    let (code, after) = ended.get().unwrap();
    assert!(code == Code::Server && (200_000.0..900_000.0).contains(&after), "{code:?} after {after} ms");
    assert_eq!(world.count("GET", "/0"), 24);
    assert!(world.elapsed() < 100.0 * 25_000.0, "the others are not held up: {} ms", world.elapsed());
}

#[test]
fn a_job_whose_polls_failed_keeps_no_place_for_an_hour_because_its_ticket_was_listed() {
    let (world, _) = World::simulated(27, json!({ "faults": "get:503x25", "durations": 60_000 }));
    let client = world.client(at_once(1));
    assert_eq!(world.run(generate(&client, &tiger())).unwrap_err().code, Code::Server);
    assert_eq!(world.run(client.tickets()).unwrap().len(), 1);
    let began = world.elapsed();
    world.run(generate(&client, &tiger())).unwrap();
    assert!(world.elapsed() - began < 100_000.0, "{} ms", world.elapsed() - began);
}
