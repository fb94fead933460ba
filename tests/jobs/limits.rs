//! What a key may create at once and in a minute: kept, learnt where nobody says it, and given back.

use crate::helpers::{Seen, at_once, generate, resume, tiger};
use crate::virtual_time::{Calls, EPOCH, Store, World, all, answer};
use luma_edge::engine::{Host, Query, Target};
use luma_edge::error::Code;
use luma_edge::generation::State;
use luma_edge::http::{Body, Headers, Response};
use luma_edge::json;
use luma_edge::simulator::Kind;
use std::future::Future;
use std::pin::Pin;

#[test]
fn limits_are_kept_and_the_queue_reports_the_position() {
    let (world, simulator) = World::simulated(5, json!({}));
    let client = world.client(json!({}));
    let seen: Vec<Seen> = (0..60).map(|_| Seen::default()).collect();
    let request = tiger();
    let runs = seen.iter().map(|seen| client.generate(&request, f64::INFINITY, seen));
    for made in world.run(all(runs)) {
        assert_eq!(made.unwrap().state, State::Completed);
    }
    let stats = simulator.borrow_mut().stats(world.true_time());
    assert_eq!((stats.limited.concurrent, stats.limited.per_minute), (0, 0));
    assert_eq!(*stats.max_running.of(Kind::Video), 10);
    assert!(seen[..10].iter().all(|seen| seen.queued.borrow().is_empty()), "the first ten go at once");
    for seen in &seen[20..] {
        let queued = seen.queued.borrow();
        assert!(queued.windows(2).all(|pair| pair[1].position <= pair[0].position), "one comes nearer: {queued:?}");
        assert!(queued.iter().all(|queue| queue.wait.is_finite() && queue.wait > 0.0), "{queued:?}");
    }
}

#[test]
fn a_minutes_limit_is_that_of_any_minute() {
    let (world, _) = World::simulated(38, json!({ "limits": "none", "durations": 1_000 }));
    let client = world.client(json!({ "limits": { "video": { "perMinute": 2 } } }));
    let mut made = Vec::new();
    world.run(async {
        for _ in 0..5 {
            client.create(&tiger(), &()).await.unwrap();
            made.push(world.elapsed() / 1000.0);
            world.sleep(20_000.0).await;
        }
    });
    for (third, first) in made.iter().skip(2).zip(&made) {
        assert!((60.0..63.0).contains(&(third - first)), "{made:?}");
    }
}

#[test]
fn a_limit_that_others_use_up_is_waited_for() {
    // Another program with the same key has eight jobs running all the time.
    let (world, simulator) = World::simulated(6, json!({ "durations": 60_000 }));
    let other = world.machine(None, 0.0).client(json!({}));
    let client = world.client(json!({}));
    let request = tiger();
    let theirs = (0..8).map(|_| generate(&other, &request));
    let ours = (0..6).map(|_| generate(&client, &request));
    for made in world.run(all(theirs.chain(ours))) {
        assert_eq!(made.unwrap().state, State::Completed);
    }
    let stats = simulator.borrow_mut().stats(world.true_time());
    assert!(stats.limited.concurrent > 0, "they did collide");
}

#[test]
fn a_limit_that_nobody_reported_is_learnt_and_tried_one_by_one() {
    // Two at once may run, of twelve: opened wide after each minute, the queue would be refused some fifty times.
    let (world, simulator) =
        World::simulated(6, json!({ "limits": { "video": { "concurrent": 2 } }, "durations": 65_000 }));
    let client = world.client(json!({ "limits": "none" }));
    let request = tiger();
    for made in world.run(all((0..12).map(|_| generate(&client, &request)))) {
        assert_eq!(made.unwrap().state, State::Completed);
    }
    let refused = simulator.borrow_mut().stats(world.true_time()).limited.concurrent;
    assert!((10..20).contains(&refused), "ten at first, then one a minute: {refused}");
}

#[test]
fn the_limits_that_a_server_reports_are_kept() {
    // As Luma's Agents API does: how many creations it takes before a moment, in Unix seconds.
    let world = World::scripted(22, |now, request| match request.method.as_str() {
        "POST" => {
            let reset = ((now + 30_000.0) / 1000.0).ceil();
            let headers = Headers::new()
                .with("x-ratelimit-limit", "20")
                .with("x-ratelimit-remaining", "0")
                .with("x-ratelimit-reset", reset.to_string());
            (
                50.0,
                Ok(Response {
                    status: 201,
                    headers,
                    body: Body::Json(json!({ "id": now.to_string(), "state": "queued" })),
                }),
            )
        }
        _ => answer(404, json!({ "detail": "Not Found" })),
    });
    let client = world.client(json!({ "limits": "none" }));
    world.run(async {
        client.create(&tiger(), &()).await.unwrap();
        assert!(world.elapsed() < 100.0);
        client.create(&tiger(), &()).await.unwrap();
    });
    assert!((29_000.0..33_000.0).contains(&world.elapsed()), "{}", world.elapsed());
}

#[test]
fn a_job_that_takes_hours_counts_within_the_limits_while_it_is_polled() {
    let limits = json!({ "video": { "concurrent": 1 } });
    let (world, simulator) = World::simulated(33, json!({ "limits": limits, "durations": 7_500_000 }));
    let client = world.client(json!({ "limits": limits }));
    let made = world.run(all([generate(&client, &tiger()), generate(&client, &tiger())]));
    assert!(made.iter().all(Result::is_ok), "{made:?}");
    assert_eq!(simulator.borrow_mut().stats(world.true_time()).limited.concurrent, 0);
}

#[test]
fn a_job_that_nobody_waits_for_does_not_keep_its_permit() {
    let (world, _) = World::simulated(18, json!({ "durations": 60_000 }));
    let client = world.client(json!({ "limits": { "video": { "concurrent": 2 } } }));
    world.run(async {
        for _ in 0..6 {
            client.create(&tiger(), &()).await.unwrap();
        }
    });
    assert!(world.elapsed() < 130_000.0, "{}", world.elapsed());
    let error = world.run(client.poll(Target::Id("nobody".into()), f64::INFINITY, &())).unwrap_err();
    assert_eq!(error.code, Code::NotFound);
}

#[test]
fn a_job_that_is_deleted_keeps_its_permit_while_it_runs() {
    let (world, simulator) = World::simulated(27, json!({ "durations": 80_000, "limits": at_once(1)["limits"] }));
    let client = world.client(at_once(1));
    world.run(async {
        let made = client.create(&tiger(), &()).await.unwrap();
        client.ask(Query::Removal(made.id.clone())).await.unwrap();
        client.create(&tiger(), &()).await.unwrap();
    });
    assert_eq!(simulator.borrow_mut().stats(world.true_time()).limited.concurrent, 0);
    assert!(world.elapsed() < 160_000.0, "not for ever: {}", world.elapsed());
}

#[test]
fn what_an_earlier_life_began_counts_within_the_limits() {
    let store = Store::default();
    let (world, simulator) = World::simulated(26, json!({ "durations": 40_000, "limits": at_once(1)["limits"] }));
    let machine = world.machine(Some(store.clone()), 0.0);
    world.run(machine.client(at_once(1)).create(&tiger(), &())).unwrap();
    machine.crash();
    let machine = world.machine(Some(store), 0.0);
    let client = machine.client(at_once(1));
    // Nobody takes the first one up.
    world.run(generate(&client, &tiger())).unwrap();
    assert_eq!(simulator.borrow_mut().stats(world.true_time()).limited.concurrent, 0);
    assert!(world.elapsed() < 95_000.0, "its end is seen: {}", world.elapsed());
    assert_eq!(world.run(resume(&client)).len(), 1, "and it is there still");
}

#[test]
fn a_moment_that_a_proxy_gives_in_another_unit_closes_no_queue_for_ever() {
    let world = World::scripted(24, |now, request| match request.method.as_str() {
        "POST" => {
            let headers = Headers::new()
                .with("x-ratelimit-remaining", "0")
                .with("x-ratelimit-reset", (now + 30_000.0).to_string());
            let body = Body::Json(json!({ "id": now.to_string(), "state": "queued" }));
            (50.0, Ok(Response { status: 201, headers, body }))
        }
        _ => answer(404, json!({ "detail": "Not Found" })),
    });
    let client = world.client(json!({ "limits": "none" }));
    world.run(async {
        client.create(&tiger(), &()).await.unwrap();
        client.create(&tiger(), &()).await.unwrap();
    });
    assert!((100_000.0..130_000.0).contains(&world.elapsed()), "{}", world.elapsed());
}

#[test]
fn a_creation_whose_outcome_stays_unknown_counts_as_long_as_its_job_may_run() {
    // PiAPI lists two jobs that fit: one is another program's.
    for resumed in [false, true] {
        let (world, simulator) =
            World::simulated(29, json!({ "faults": "create:silence-after@1", "durations": 120_000 }));
        let options = json!({ "provider": "piapi", "baseUrl": "https://simulator.example/piapi" });
        let other = world.client(options.clone());
        let client = world.client(options.with("limits", at_once(1)["limits"].clone().into()));
        let request = json!({ "prompt": "A tiger" });
        let seen = if resumed { Seen::until(&world, 2000.0) } else { Seen::default() };
        let calls = world.run(async {
            let later = async {
                world.sleep(1000.0).await;
                other.create(&request, &()).await
            };
            let (first, later) = (client.generate(&request, f64::INFINITY, &seen), later);
            all([Box::pin(first) as Pin<Box<dyn Future<Output = _>>>, Box::pin(later)]).await
        });
        let mut error = calls.into_iter().next().unwrap().unwrap_err();
        if resumed {
            error = world.run(resume(&client)).remove(0).unwrap_err();
        }
        assert_eq!(error.code, Code::UnknownOutcome);
        world.run(client.create(&json!({ "prompt": "A fox" }), &())).unwrap();
        assert_eq!(simulator.borrow_mut().stats(world.true_time()).max_running.video, 2, "resumed: {resumed}");
    }
}

#[test]
fn two_creations_that_a_server_took_for_one_count_once() {
    let world = World::scripted(40, |now, request| {
        let id = if now > EPOCH + 5_000.0 { "b" } else { "a" };
        let job = json!({ "id": id, "state": "queued" });
        if request.url.contains('?') { answer(200, json!({ "generations": [job] })) } else { answer(200, job) }
    });
    let client = world.client(at_once(2));
    let tiger = tiger();
    world.run(async { all([client.create(&tiger, &()), client.create(&tiger, &())]).await });
    world.run(world.sleep(6_000.0));
    let before = world.elapsed();
    assert_eq!(world.run(async { client.create(&tiger, &()).await }).unwrap().id, "b");
    assert!(world.elapsed() < before + 1_000.0, "{}", world.elapsed() - before);
}

#[test]
fn a_creation_that_was_cut_off_makes_room_when_another_process_has_delivered_its_job() {
    let (world, _) = World::simulated(29, json!({ "durations": 15_000 }));
    let store = Store::default();
    let (first, second) = (world.machine(Some(store.clone()), 0.0), world.machine(Some(store), 0.0));
    let client = first.client(at_once(1));
    world.run(client.generate(&tiger(), f64::INFINITY, &Seen::until(&first, 10.0))).unwrap_err();
    assert_eq!(world.run(resume(&second.client(at_once(1)))).remove(0).unwrap().state, State::Completed);
    assert!(world.run(async { client.tickets().await }).unwrap().is_empty());
    let began = world.elapsed();
    world.run(generate(&client, &tiger())).unwrap();
    assert!(world.elapsed() - began < 20_000.0, "{}", world.elapsed() - began);
}
