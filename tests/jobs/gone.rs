//! Calls that end before their job does: by an abort, by a crash, or cut off with their timers and fetches.

use crate::helpers::{Seen, at_once, fox, generate, paid, resume, tiger};
use crate::virtual_time::{Calls, FaultConfig, Store, World, answer};
use luma_edge::engine::{AccountRegistry, CallOptions, Client, Host, Target, Task};
use luma_edge::error::Code;
use luma_edge::generation::State;
use luma_edge::json;
use luma_edge::json::Json;
use std::cell::Cell;
use std::rc::Rc;

/// A call that is gone after so many ms, as one of a Worker's request that is cancelled: it is never polled again.
fn cut_off(world: &World, client: &Rc<Client<World>>, request: Json, after: f64) {
    let client = client.clone();
    let gone = world.spawn(async move {
        let _ = generate(&client, &request).await;
    });
    world.run(world.sleep(after));
    world.cut_off(gone);
}

#[test]
fn a_crash_at_any_moment_leaves_no_job_or_a_ticket_that_finds_it() {
    for after in [0.0, 1.0, 20.0, 49.0, 51.0, 500.0, 20_000.0, 71_000.0, 90_000.0] {
        for fault in ["", "create:cut-after@1", "create:cut@1"] {
            let store = Store::default();
            let (world, simulator) = World::simulated(10, json!({ "faults": fault, "durations": 72_000 }));
            let machine = world.machine(Some(store.clone()), 0.0);
            let client = machine.client(json!({}));
            machine.spawn(async move {
                let _ = generate(&client, &tiger()).await;
            });
            world.run(world.sleep(after));
            machine.crash();
            let machine = world.machine(Some(store.clone()), 120_000.0);
            let client = machine.client(json!({}));
            let resumed = world.run(async {
                world.sleep(5000.0).await;
                resume(&client).await
            });
            let delivered = resumed.iter().filter(|result| result.is_ok()).count();
            let name = format!("{fault} after {after} ms: {resumed:?}");
            assert_eq!(resumed.len(), delivered, "{name}");
            let finished_before = after > 80_000.0 && fault != "create:cut@1";
            assert_eq!(delivered, usize::from(!finished_before && after > 0.0), "{name}");
            assert_eq!(paid(&simulator, &world), usize::from(after > 0.0), "{name}");
            assert!(world.run(async { client.tickets().await }).unwrap().is_empty(), "{name}");
        }
    }
}

#[test]
fn an_abort_keeps_the_job_and_its_ticket_and_takes_back_what_was_not_sent() {
    for (after, fault, resumed_to) in
        [(10.0, "", Some(Ok(()))), (10.0, "create:cut@1", Some(Err(Code::Aborted))), (20_000.0, "", Some(Ok(())))]
    {
        let (world, simulator) = World::simulated(11, json!({ "faults": fault }));
        let client = world.client(json!({}));
        let error = world.run(client.generate(&tiger(), f64::INFINITY, &Seen::until(&world, after))).unwrap_err();
        assert_eq!(error.code, Code::Aborted);
        let resumed = world.run(resume(&client)).pop().map(|result| result.map(|_| ()).map_err(|error| error.code));
        assert_eq!(resumed, resumed_to, "{fault} after {after}");
        assert_eq!(paid(&simulator, &world), usize::from(resumed_to == Some(Ok(()))));
        assert!(world.run(resume(&client)).is_empty(), "delivered once");
    }
    // In the queue nothing was sent: nothing is left.
    let (world, simulator) = World::simulated(12, json!({}));
    let client = world.client(json!({ "limits": { "video": { "concurrent": 1 } } }));
    world.run(async {
        client.create(&tiger(), &()).await.unwrap();
        let error = client.generate(&tiger(), f64::INFINITY, &Seen::until(&world, 5000.0)).await.unwrap_err();
        assert!(error.creation.is_none() && error.generation.is_none());
        assert_eq!(resume(&client).await.len(), 1, "the one that was created");
    });
    assert_eq!(paid(&simulator, &world), 1);
}

#[test]
fn what_a_request_that_is_gone_held_is_free_again() {
    // Where a Worker's request was when it was cancelled with its timers and fetches, and how late the next one has its job.
    for (name, after, latest) in
        [("waiting", 5000.0, 45_000.0), ("on its way", 20.0, 150_000.0), ("running", 3000.0, 100_000.0)]
    {
        for store in [None, Some(Store::default())] {
            let (world, simulator) = World::simulated(24, json!({ "durations": 15_000 }));
            let machine = world.machine(store.clone(), 0.0);
            let isolate = AccountRegistry::default();
            let client = || Client::within(&isolate, machine.clone(), machine.settings(at_once(1)));
            let request = |prompt: &str| json!({ "model": "photon-1", "prompt": prompt });
            let begin = |prompt| {
                let (client, request) = (client(), request(prompt));
                machine.spawn(async move {
                    let _ = generate(&client, &request).await;
                })
            };
            if name == "waiting" {
                begin("the first");
                world.run(world.sleep(10.0));
            }
            let gone = begin("the one that is gone");
            world.run(world.sleep(after));
            machine.cut_off(gone);
            let began = world.elapsed();
            assert_eq!(world.run(generate(&client(), &request("the next"))).unwrap().state, State::Completed, "{name}");
            let took = world.elapsed() - began;
            assert!(took < latest, "{name}, store: {}: {took} ms", store.is_some());
            assert_eq!(paid(&simulator, &world), 2);
            assert_eq!(simulator.borrow_mut().stats(world.true_time()).limited.concurrent, 0);

            // Its ticket is left to whoever takes it up.
            if store.is_some() {
                world.run(world.sleep(200_000.0));
                let taken = world.run(resume(&client()));
                assert_eq!((taken.len(), taken[0].as_ref().map(|job| job.state)), (1, Ok(State::Completed)), "{name}");
                assert_eq!(paid(&simulator, &world), if name == "waiting" { 3 } else { 2 }, "{name}");
                assert!(world.run(client().tickets()).unwrap().is_empty(), "{name}");
            }
        }
    }
}

#[test]
fn a_call_that_is_gone_holds_no_other_call_of_its_client_up() {
    let (world, simulator) = World::simulated(25, json!({ "faults": "create:silence@1, create:cut@2" }));
    let client = Rc::new(world.client(json!({})));
    cut_off(&world, &client, fox(), 1000.0);
    // No job is on the list that may be that of the one that is gone, so there is no answer to wait for.
    let made = world.run(generate(&client, &fox()));
    assert_eq!(made.unwrap().state, State::Completed);
    assert!(world.elapsed() < 60_000.0, "{}", world.elapsed());
    world.run(world.sleep(200_000.0));
    let taken = world.run(resume(&client));
    assert_eq!((taken.len(), taken[0].as_ref().map(|job| job.state)), (1, Ok(State::Completed)));
    assert_eq!(paid(&simulator, &world), 2);
}

/// The tiger costs $0.71.
#[test]
fn a_creation_does_not_wait_for_a_refund_that_only_a_call_that_is_gone_would_see() {
    let (world, _) = World::simulated(26, json!({ "durations": 20_000 }));
    let client = Rc::new(world.client(json!({ "budget": { "usd": 0.8 } })));
    cut_off(&world, &client, tiger(), 10_000.0);
    let began = world.elapsed();
    let error = world.run(client.generate(&tiger(), 600_000.0, &())).unwrap_err();
    assert_eq!(error.code, Code::BudgetExceeded);
    assert!(world.elapsed() - began < 200_000.0, "{}", world.elapsed() - began);
}

/// The tiger costs $0.71. What fails is refunded.
#[test]
fn a_call_that_is_gone_keeps_no_refund_of_a_job_that_another_one_delivers() {
    let (world, simulator) = World::simulated(26, json!({ "durations": 20_000 }));
    let client = Rc::new(world.client(json!({ "budget": { "usd": 0.8 } })));
    cut_off(&world, &client, json!({ "model": "ray-2", "prompt": "A tiger [fail:job]" }), 10_000.0);
    let id = simulator.borrow_mut().made(world.true_time())[0].id.clone();
    let error = world.run(client.poll(Target::Id(id), f64::INFINITY, &())).unwrap_err();
    assert_eq!(error.code, Code::GenerationFailed);
    let next = world.run(client.generate(&tiger(), 600_000.0, &())).map_err(|error| error.code);
    assert_eq!(next.map(|job| job.state), Ok(State::Completed));
}

#[test]
fn a_call_that_is_gone_keeps_no_old_answer() {
    let refused = Rc::new(Cell::new(0));
    let refusals = refused.clone();
    let world = World::scripted(27, move |_, request| {
        if request.method.as_str() == "POST" {
            return answer(201, json!({ "id": "a", "state": "queued" }));
        }
        if refusals.replace(refusals.get() - 1) > 0 {
            return answer(401, json!({ "detail": "Invalid API key" }));
        }
        answer(200, json!({ "id": "a", "state": "completed", "assets": { "video": "https://example.com/v.mp4" } }))
    });
    let client = Rc::new(world.client(json!({})));
    cut_off(&world, &client, tiger(), 1000.0);
    refused.set(1);
    let poll = || world.run(client.poll(Target::Id("a".into()), f64::INFINITY, &())).map(|job| job.state);
    assert_eq!(poll().map_err(|error| error.code), Err(Code::Authentication));
    // The refusal is over, and so may be the links that another poll was given.
    for asked in 2..=3 {
        assert_eq!(poll().map_err(|error| error.code), Ok(State::Completed));
        assert_eq!(world.count("GET", "/a"), asked);
    }
}

#[test]
fn a_creation_that_was_aborted_and_resumed_counts_once_within_the_limits() {
    let (world, _) = World::simulated(28, json!({ "durations": 15_000 }));
    let client = world.client(at_once(1));
    world.run(client.generate(&tiger(), f64::INFINITY, &Seen::until(&world, 10.0))).unwrap_err();
    assert_eq!(world.run(resume(&client)).remove(0).unwrap().state, State::Completed);
    let began = world.elapsed();
    world.run(generate(&client, &tiger())).unwrap();
    assert!(world.elapsed() - began < 20_000.0, "{}", world.elapsed() - began);
}

#[test]
fn what_waits_and_is_given_up_while_its_ticket_is_written_as_sent_waits_again() {
    let agents = |limits| {
        let base = "https://simulator.example/agents/v1";
        json!({ "provider": "agents", "baseUrl": base, "apiKey": "luma-api-0123456789", "limits": limits })
    };
    let tiger = json!({ "model": "ray-3.2", "prompt": "A tiger walking in snow" });
    for after in [600.0, 1_000.0, 1_400.0] {
        let (world, simulator) = World::simulated(28, json!({ "durations": 5_000 }));
        let store = Store::default();
        let machine = world.machine(Some(store.clone()), 0.0);
        let client = Rc::new(machine.client(agents(json!({ "video": { "concurrent": 1 } }))));
        for _ in 0..2 {
            let (client, tiger) = (client.clone(), tiger.clone());
            machine.spawn(async move { drop(generate(&client, &tiger).await) });
        }
        world.run(world.sleep(1_000.0));
        machine.crash();
        world.run(world.sleep(60_000.0));

        let machine = world.machine(Some(store.clone()), 0.0);
        let client = machine.client(agents(json!("none")));
        let tickets = world.run(client.tickets()).unwrap();
        let waiting = tickets.into_iter().find(|info| info.state == Some("waiting")).unwrap().ticket;
        let resume = |client: &Client<World>, seen: Seen| {
            world.run(client.run(Task::Resume(waiting.clone()), CallOptions::default(), &seen))
        };
        machine.set_fault_config(FaultConfig { store_delay: 1_000.0, ..FaultConfig::NONE });
        assert_eq!(resume(&client, Seen::until(&world, after)).unwrap_err().code, Code::Aborted);
        machine.set_fault_config(FaultConfig::NONE);
        world.run(world.sleep(5_000.0));
        assert_eq!(paid(&simulator, &world), 1, "nothing was sent after {after} ms");

        // Agents has no list: of what was sent nobody could tell what became of it.
        let next = world.machine(Some(store), 0.0).client(agents(json!("none")));
        world.run(next.tickets()).unwrap();
        assert_eq!(resume(&next, Seen::default()).unwrap().state, State::Completed);
        assert_eq!(paid(&simulator, &world), 2);
    }
}

/// The tiger costs $0.71.
#[test]
fn a_call_that_is_gone_keeps_no_money_of_a_creation_that_another_one_sees_refused() {
    let (world, _) = World::simulated(26, json!({ "durations": 20_000, "faults": "create:400@2" }));
    let client = world.client(json!({ "budget": { "usd": 1.5 }, "limits": { "video": { "concurrent": 1 } } }));
    let client = Rc::new(client);
    world.run(client.create(&tiger(), &())).unwrap();
    // It waits in the queue.
    cut_off(&world, &client, tiger(), 1_000.0);
    world.run(world.sleep(300_000.0));
    let codes: Vec<_> = world.run(resume(&client)).into_iter().map(|result| result.err().map(|e| e.code)).collect();
    assert_eq!(codes, [None, Some(Code::InvalidRequest)]);
    assert_eq!(world.run(generate(&client, &tiger())).unwrap().state, State::Completed);
}
