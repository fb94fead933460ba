//! A creation whose answer is lost: its job is found, or it was never made, and nothing is bought twice.

use crate::helpers::{Seen, fox, generate, paid, resume, tiger};
use crate::virtual_time::{Calls, EPOCH, Store, World, all, answer, ask};
use luma_edge::engine::{FetchError, Host};
use luma_edge::error::Code;
use luma_edge::generation::{Generation, State};
use luma_edge::http::{Body, Headers, Response};
use luma_edge::json;
use luma_edge::json::Json;
use luma_edge::simulator::Simulator;
use std::cell::RefCell;
use std::rc::Rc;

#[test]
fn a_lost_creation_is_found_or_was_never_made() {
    // What goes wrong with the first creation, and how often one is then sent.
    for (fault, sent) in [
        ("create:cut-after@1", 1),
        ("create:silence-after@1", 1),
        ("create:503-after@1", 1),
        ("create:503-after=2@1", 1),
        ("create:500-after@1", 1),
        ("create:html-after@1", 1),
        ("create:truncated@1", 1),
        ("create:empty@1", 1),
        ("create:slow=90000@1", 1),
        ("create:late=8@1", 1),
        ("create:cut@1", 2),
        ("create:silence@1", 2),
        ("create:500@1", 2),
        ("create:html@1", 2),
        ("create:refused@1", 2),
        ("create:429@1", 2),
        ("create:503=2@1", 2),
    ] {
        for request in [tiger(), fox()] {
            let (world, simulator) = World::simulated(1, json!({ "faults": fault, "listLag": 3000 }));
            let made = world.run(generate(&world.client(json!({})), &request));
            assert_eq!(made.unwrap().state, State::Completed, "{fault}");
            let posts = world.sent.borrow().iter().filter(|request| request.method.as_str() == "POST").count();
            assert_eq!((paid(&simulator, &world), posts), (1, sent), "{fault}");
        }
    }
}

#[test]
fn identical_requests_stay_two_jobs() {
    for fault in
        ["create:cut-after@1", "create:cut-after@2", "create:cut-after", "create:cut@1", "create:silence-after@2"]
    {
        for seed in 0..20 {
            let (world, simulator) = World::simulated(seed, json!({ "faults": format!("{fault}x3") }));
            let client = world.client(json!({}));
            let jobs = world.run(all((0..4).map(|_| async { generate(&client, &tiger()).await })));
            let mut ids: Vec<_> = jobs.into_iter().map(|job| job.unwrap().id.clone()).collect();
            ids.sort();
            ids.dedup();
            assert_eq!((ids.len(), paid(&simulator, &world)), (4, 4), "{fault}, seed {seed}");
        }
    }
}

#[test]
fn a_lost_creation_leaves_to_another_one_the_job_that_fits_both() {
    // An echo may hold more than was sent, so the plain request fits the other one's job as well, which is older.
    let tall = tiger().with("aspect_ratio", json!("9:16"));
    for seed in 0..20 {
        let (world, simulator) = World::simulated(seed, json!({ "faults": "create:cut-after@1+2" }));
        let client = world.client(json!({}));
        let made = world.run(all([(0.0, &tall), (10.0, &tiger())].map(|(after, request)| {
            let (client, world) = (&client, &world);
            async move {
                world.sleep(after).await;
                generate(client, request).await
            }
        })));
        let is_tall = |job: &Generation| job.request.as_ref().unwrap()["aspect_ratio"] == "9:16";
        let made: Vec<_> = made.into_iter().map(|job| is_tall(&job.unwrap())).collect();
        assert_eq!((made, paid(&simulator, &world)), (vec![true, false], 2), "seed {seed}");
    }
}

/// What two creations come to whose answers are lost, of which the first is not made, the second one is; and how many are paid for.
fn one_lost_and_one_made(seed: u64, lost: &Json, made: &Json) -> (Vec<Generation>, usize) {
    let (world, simulator) = World::simulated(seed, json!({ "faults": "create:cut@1, create:cut-after@2" }));
    let client = world.client(json!({}));
    let ended = world.run(all([(0.0, lost), (10.0, made)].map(|(after, request)| {
        let (client, world) = (&client, &world);
        async move {
            world.sleep(after).await;
            generate(client, request).await.unwrap()
        }
    })));
    (ended, paid(&simulator, &world))
}

#[test]
fn a_job_with_a_picture_is_not_that_of_a_lost_creation_without_it() {
    // All that the first one asked for is in the echo of the second one's job.
    let picture = json!({ "type": "image", "url": "https://example.com/a.jpg" });
    let first = tiger().with("keyframes", json!({ "frame0": picture.clone() }));
    let both = tiger().with("keyframes", json!({ "frame0": picture.clone(), "frame1": picture }));
    for (seed, fewer, more) in
        (0..20).flat_map(|seed| [(seed, tiger(), first.clone()), (seed, first.clone(), both.clone())])
    {
        let (made, paid) = one_lost_and_one_made(seed, &fewer, &more);
        let pictures = |made: &Json| made.to_string().matches("a.jpg").count();
        let made: Vec<_> = made.into_iter().map(|job| pictures(job.request.as_ref().unwrap())).collect();
        assert_eq!((made, paid), (vec![pictures(&fewer), pictures(&more)], 2), "seed {seed}");
    }
}

#[test]
fn a_job_with_a_prompt_is_not_that_of_a_lost_creation_without_one() {
    // All that the first one asked for is in the echo of the second one's job.
    let keyframes = json!({ "frame0": { "type": "image", "url": "https://example.com/a.jpg" } });
    let silent = json!({ "model": "ray-2", "keyframes": keyframes.clone() });
    let prompted = silent.with("prompt", json!("A tiger turns its head"));
    for seed in 0..20 {
        let (made, paid) = one_lost_and_one_made(seed, &silent, &prompted);
        let has_prompt = |job: &Generation| job.request.as_ref().unwrap()["prompt"].as_str().is_some();
        let made: Vec<_> = made.iter().map(has_prompt).collect();
        assert_eq!((made, paid), (vec![false, true], 2), "seed {seed}");
    }
}

#[test]
fn of_several_jobs_that_fit_the_oldest_since_the_creation_was_sent_is_taken() {
    // Another program with the same key asks for the same before the list is first read.
    for seed in 0..20 {
        let (world, simulator) = World::simulated(seed, json!({ "faults": "create:cut-after@1" }));
        let (client, other) = (world.client(json!({})), world.machine(None, 0.0).client(json!({})));
        let made = world.run(all([(0.0, &client), (200.0, &other)].map(|(after, client)| {
            let world = &world;
            async move {
                world.sleep(after).await;
                generate(client, &tiger()).await
            }
        })));
        let ids: Vec<_> = made.into_iter().map(|job| job.unwrap().id.clone()).collect();
        assert_ne!(ids[0], ids[1], "seed {seed}");
        assert_eq!(paid(&simulator, &world), 2, "seed {seed}");
    }
}

#[test]
fn a_callback_that_carries_the_ticket_makes_the_match_exact() {
    let (world, simulator) = World::simulated(3, json!({ "faults": "create:cut-after" }));
    let client = world.client(json!({}));
    let mut request = tiger();
    request["callback_url"] = "https://example.com/done?ticket={ticket}".into();
    let jobs = world.run(all((0..3).map(|_| generate(&client, &request))));
    let urls: Vec<String> = jobs
        .iter()
        .map(|job| job.as_ref().unwrap().request.as_ref().unwrap()["callback_url"].as_str().unwrap().to_owned())
        .collect();
    assert!(urls.iter().all(|url| !url.contains('{') && urls.iter().filter(|other| *other == url).count() == 1));
    assert_eq!(paid(&simulator, &world), 3);
}

#[test]
fn what_is_done_about_a_lost_answer_is_the_callers_choice() {
    for (recovery, outcome, bought) in
        [("find", None, 1), ("report", Some(Code::UnknownOutcome), 1), ("resend", None, 2)]
    {
        let (world, simulator) = World::simulated(4, json!({ "faults": "create:cut-after@1" }));
        let made = world.run(generate(&world.client(json!({ "recovery": recovery })), &tiger()));
        assert_eq!(made.as_ref().err().map(|error| error.code), outcome, "{recovery}");
        assert_eq!(paid(&simulator, &world), bought, "{recovery}");
    }
}

#[test]
fn a_wrong_clock_that_nobody_corrects_buys_nothing_twice() {
    // A page is not shown the `date` of another site's answers.
    for minutes in [-5.0, -0.1, 0.1, 5.0] {
        for (fault, posts) in [
            ("create:cut-after@1", 2),
            ("create:cut-after@2", 2),
            ("create:cut@1", 3),
            ("create:cut@2", 3),
            ("create:cut-after@1, create:cut@2", 3),
        ] {
            let options = serde_json::from_value(json!({ "faults": fault }).into()).unwrap();
            let simulator = Rc::new(RefCell::new(Simulator::new(options)));
            let network = simulator.clone();
            let world = World::scripted(19, move |now, request| {
                let (after, mut answer) = ask(&mut network.borrow_mut(), now, request);
                if let Ok(response) = &mut answer {
                    let shown = response.headers.iter().filter(|(name, _)| *name != "date");
                    response.headers =
                        shown.fold(Headers::new(), |headers, (name, value)| headers.with(name.to_owned(), value));
                }
                (after, answer)
            });
            let machine = world.machine(None, minutes * 60_000.0);
            let client = machine.client(json!({}));
            for expected in 1..=2 {
                machine.run(generate(&client, &tiger())).unwrap();
                assert_eq!(paid(&simulator, &world), expected, "{fault}, {minutes} min");
            }
            assert_eq!(machine.count("POST", "/generations/video"), posts, "{fault}, {minutes} min");
        }
    }
}

#[test]
fn what_ten_pages_of_newer_jobs_hide_is_found_and_what_no_page_shows_is_not_sent_again() {
    let server = json!({ "faults": "create:silence-after@1", "limits": "none", "durations": 1, "latency": 1 });
    let (world, simulator) = World::simulated(24, server);
    let store = Store::default();
    let machine = world.machine(Some(store.clone()), 0.0);
    let client = machine.client(json!({}));
    world.run(client.generate(&tiger(), f64::INFINITY, &Seen::until(&world, 2000.0))).unwrap_err();
    let other = world.machine(None, 0.0).client(json!({ "limits": "none" }));
    let crowd = fox();
    world.run(all((0..1200).map(|_| other.create(&crowd, &())))).into_iter().for_each(|made| drop(made.unwrap()));
    let found = world.run(resume(&client)).pop().unwrap();
    assert_eq!(found.unwrap().state, State::Completed);
    assert_eq!(paid(&simulator, &world), 1201);

    // A list without an end, none of it older.
    let posts = Rc::new(RefCell::new(0));
    let counted = posts.clone();
    let world = World::scripted(24, move |_, request| match request.method.as_str() {
        "POST" => {
            *counted.borrow_mut() += 1;
            (50.0, Err(FetchError::Lost("cut".into())))
        }
        _ => answer(
            200,
            json!({ "has_more": true, "generations": [{ "id": "x", "state": "queued", "created_at": "2030-01-01T00:00:00Z" }] }),
        ),
    });
    let error = world.run(generate(&world.client(json!({})), &tiger())).unwrap_err();
    assert_eq!((error.code, *posts.borrow()), (Code::UnknownOutcome, 1));
}

#[test]
fn a_search_outlasts_a_list_that_fails_and_asks_for_short_waits() {
    let world = World::scripted(25, |now, request| {
        let job = json!({ "id": "a", "state": "completed", "created_at": "2026-11-20T00:00:00Z", "request": tiger(),
            "assets": { "video": "https://example.com/v.mp4" } });
        match request.method.as_str() {
            "POST" => (50.0, Err(FetchError::Lost("cut".into()))),
            _ if now < EPOCH + 180_000.0 => {
                let headers = Headers::new().with("retry-after", "0");
                (50.0, Ok(Response { status: 503, headers, body: Body::Empty }))
            }
            _ if request.url.contains('?') => answer(200, json!({ "generations": [job], "has_more": false })),
            _ => answer(200, job),
        }
    });
    let found = world.run(generate(&world.client(json!({})), &tiger()));
    assert_eq!(found.map(|job| job.id.clone()).map_err(|error| error.code), Ok("a".to_owned()));
}

/// How many tigers are bought for three that are asked for, the last one after such a pause. Its answer is lost. `server` is the time by which
/// jobs are made, `date` that of the answers, each by our own.
fn bought(pause: f64, server: impl Fn(f64) -> f64 + 'static, date: impl Fn(f64) -> Option<f64> + 'static) -> usize {
    let made = Rc::new(RefCell::new(Vec::<f64>::new()));
    let all_made = made.clone();
    let world = World::scripted(50, move |now, request| {
        let time = |ms: f64| std::time::UNIX_EPOCH + std::time::Duration::from_millis(ms as u64);
        // On the way.
        let now = now + 25.0;
        let mut made = made.borrow_mut();
        let job = |(id, at): (usize, &f64)| {
            let state = if server(now) - at < 20_000.0 { "queued" } else { "completed" };
            let created = humantime::format_rfc3339_millis(time(*at)).to_string();
            let assets = json!({ "video": "https://e.com/v.mp4" });
            json!({ "id": id.to_string(), "state": state, "created_at": created, "request": tiger(), "assets": assets })
        };
        let body = if request.method.as_str() == "POST" {
            made.push(server(now));
            if made.len() == 3 {
                return (60.0, Err(FetchError::Lost("connection reset".into())));
            }
            job((made.len() - 1, &server(now)))
        } else if request.url.contains('?') {
            let jobs: Vec<Json> = made.iter().enumerate().rev().map(job).collect();
            json!({ "generations": jobs, "has_more": false })
        } else {
            let id = request.url.rsplit('/').next().unwrap().parse::<usize>().unwrap();
            job((id, &made[id]))
        };
        let dated = |date| Headers::new().with("date", httpdate::fmt_http_date(time(date)));
        let headers = date(now).map_or_else(Headers::new, dated);
        (50.0, Ok(Response { status: 200, headers, body: Body::Json(body) }))
    });
    let client = world.client(json!({}));
    world.run(async {
        generate(&client, &tiger()).await.unwrap();
        generate(&client, &tiger()).await.unwrap();
        world.sleep(pause).await;
        generate(&client, &tiger()).await.unwrap();
    });
    all_made.borrow().len()
}

#[test]
fn a_clock_that_drifted_while_nothing_was_sent_buys_nothing_twice() {
    const DAY: f64 = 86_400_000.0;
    for a_day in [-3_000.0, -1_500.0, 3_000.0] {
        let drifts = move |now: f64| now + (now - EPOCH) / DAY * a_day;
        assert_eq!(bought(DAY, drifts, move |now| Some(drifts(now))), 3, "{a_day}");
        assert_eq!(bought(DAY, drifts, |_| None), 3, "{a_day}, no dates");
    }
}

#[test]
fn a_server_in_between_whose_clock_is_wrong_buys_nothing_twice() {
    for off in [300_000.0, 10_000.0, 1_500.0, 500.0, -300_000.0] {
        assert_eq!(bought(60_000.0, |now| now, move |now| Some(now + off)), 3, "{off}");
    }
}

#[test]
fn a_search_whose_list_hangs_takes_no_longer_than_polls_that_do() {
    for (fault, longest) in [("silence", 1_900_000.0), ("503", 600_000.0)] {
        let faults = format!("create:silence@1, list:{fault}x500");
        let (world, _) = World::simulated(51, json!({ "faults": faults }));
        let error = world.run(generate(&world.client(json!({})), &tiger())).unwrap_err();
        assert_eq!(error.code, Code::UnknownOutcome);
        assert!(world.elapsed() < longest, "{fault}: {} ms", world.elapsed());
        assert_eq!(world.sent.borrow().len(), 1 + 25);
    }
}
