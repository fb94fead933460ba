//! What the store holds: tickets of any age and quality, and no more of delivered jobs than is needed.

use crate::helpers::{Seen, at_once, fox, generate, resume, tiger};
use crate::virtual_time::{Calls, EPOCH, FaultConfig, Store, World, all, answer};
use luma_edge::engine::{CallOptions, Host, Target, Task, race};
use luma_edge::error::Code;
use luma_edge::generation::State;
use luma_edge::json;
use luma_edge::json::Json;
use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;

#[test]
fn a_bad_ticket_is_set_aside_and_a_newer_one_left_alone() {
    let store = Store::default();
    let (world, _) = World::simulated(13, json!({}));
    let machine = world.machine(Some(store.clone()), 0.0);
    let client = machine.client(json!({}));
    world.run(client.create(&tiger(), &())).unwrap();
    store.put("ticket:broken", json!("{half of a tick"));
    store.put("ticket:strange", json!({ "v": 1, "request": 7 }));
    store.put("ticket:newer", json!({ "v": 9, "plan": "unknown here" }));
    // What its fields mean has changed. Read as one of this version it would be sent.
    let mut later = store.entries().into_iter().find(|(_, ticket)| ticket["v"] == 1).unwrap().1;
    later.as_object_mut().unwrap().retain(|field, _| field != "sent" && field != "first" && field != "job");
    store.put("ticket:later", later.with("v", json!(2)));
    let client = world.machine(Some(store.clone()), 0.0).client(json!({}));
    let tickets = world.run(client.tickets()).unwrap();
    let (good, bad): (Vec<_>, Vec<_>) = tickets.into_iter().partition(|info| info.error.is_none());
    assert_eq!((good.len(), bad.len()), (1, 4));
    assert!(bad.iter().all(|info| info.error.as_ref().unwrap().code == Code::Store));
    let keys = store.entries().into_keys().collect::<Vec<_>>();
    assert!(
        keys.contains(&"quarantine:broken".to_owned()) && keys.contains(&"quarantine:strange".to_owned()),
        "{keys:?}"
    );
    assert!(keys.contains(&"ticket:newer".to_owned()) && keys.contains(&"ticket:later".to_owned()), "{keys:?}");
    assert!(!keys.contains(&"ticket:broken".to_owned()), "{keys:?}");
    let resumed = world.run(resume(&client));
    assert_eq!((resumed.len(), resumed[0].is_ok()), (1, true), "the good one is not blocked");
}

#[test]
fn what_cannot_be_resumed_is_reported_whoever_read_it_first() {
    let store = Store::default();
    let (world, _) = World::simulated(26, json!({ "durations": 20_000 }));
    let machine = world.machine(Some(store.clone()), 0.0);
    let other = machine.client(json!({ "apiKey": "another-key" }));
    world.run(other.create(&fox(), &())).unwrap();
    let theirs = store.entries().into_keys().find(|key| key.starts_with("ticket:")).unwrap();
    let ticket = |change: Json| {
        let mut ticket =
            json!({ "v": 1, "request": fox(), "provider": "dream-machine", "account": "1", "kind": "image" });
        ticket.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        ticket
    };
    store.put("ticket:hologram", ticket(json!({ "kind": "hologram" })));
    // As one that was never sent it would be sent.
    store.put("ticket:strange", ticket(json!({ "sent": "yesterday" })));
    let client = machine.client(json!({}));
    let left = world.run(async {
        generate(&client, &tiger()).await.unwrap();
        client.tickets().await.unwrap()
    });
    let said = |id: &str| left.iter().find(|info| info.ticket == id).unwrap().error.as_ref().unwrap().message.clone();
    assert_eq!(left.len(), 3);
    assert!(said("hologram").contains("newer version"), "{}", said("hologram"));
    assert!(said("strange").contains("set aside"), "{}", said("strange"));
    assert!(said(theirs.strip_prefix("ticket:").unwrap()).contains("another apiKey or baseUrl"));
    let kept = store.entries();
    assert!(
        kept.contains_key(&theirs) && kept.contains_key("ticket:hologram") && kept.contains_key("quarantine:strange")
    );
    // While its owner works on it, nobody is told.
    world.run(async {
        let owner = async {
            all(other
                .tickets()
                .await
                .unwrap()
                .into_iter()
                .filter(|info| info.error.is_none())
                .map(|info| other.run(Task::Resume(info.ticket), CallOptions::default(), &())))
            .await
        };
        let watcher = async {
            world.sleep(100.0).await;
            let left = client.tickets().await.unwrap();
            assert_eq!(left.into_iter().map(|info| info.ticket).collect::<Vec<_>>(), ["hologram"]);
            std::future::pending::<()>().await
        };
        race(pin!(owner), pin!(watcher)).await;
    });
}

#[test]
fn a_store_that_cannot_delete_delivers_nothing_again() {
    for seed in 0..20 {
        let store = Store::default();
        let (world, _) = World::simulated(seed, json!({ "durations": 20_000 }));
        let client = world.machine(Some(store.clone()), 0.0).client(json!({}));
        world.run(async {
            let made = client.create(&tiger(), &()).await.unwrap();
            world.set_fault_config(FaultConfig { store_failure: 1.0, ..FaultConfig::NONE });
            client.poll(Target::Job(made), f64::INFINITY, &()).await.unwrap();
            world.set_fault_config(FaultConfig::NONE);
            assert!(client.tickets().await.unwrap().is_empty(), "seed {seed}");
        });
        assert!(store.entries().keys().all(|key| !key.starts_with("ticket:")), "it is deleted after all, seed {seed}");
    }
}

#[test]
fn what_a_store_keeps_of_delivered_jobs_is_bounded_whatever_the_dates_are() {
    let tombstones = |store: &Store| store.entries().keys().filter(|key| key.starts_with("tombstone:")).count();
    // A server without dates, and one whose date stands still: nobody can tell what is old.
    for date in [None, Some("2020-01-01T00:00:00Z")] {
        let made = Rc::new(RefCell::new(0));
        let number = made.clone();
        let world = World::scripted(90, move |_, request| {
            let created = request.method.as_str() == "POST";
            *number.borrow_mut() += u32::from(created);
            let id = if created { number.borrow().to_string() } else { request.url.rsplit('/').next().unwrap().into() };
            let state = if created { "queued" } else { "completed" };
            let job = json!({ "id": id, "state": state, "created_at": date, "assets": { "video": "https://e.com/v" } });
            answer(200, job)
        });
        let store = Store::default();
        let machine = world.machine(Some(store.clone()), 0.0);
        let client = machine.client(json!({ "limits": "none" }));
        world.run(async {
            for _ in 0..4_200 {
                generate(&client, &tiger()).await.unwrap();
            }
        });
        assert_eq!(*made.borrow(), 4_200);
        assert_eq!(tombstones(&store), 4_000, "{date:?}");
        // What other clients left is cut when the store is read.
        for number in 0..500 {
            store.put(&format!("tombstone:other-{number}"), json!({ "job": format!("other-{number}"), "at": 1.0 }));
        }
        let next = world.machine(Some(store.clone()), 0.0).client(json!({}));
        world.run(next.tickets()).unwrap();
        assert!(tombstones(&store) <= 4_000, "{date:?}: {}", tombstones(&store));
    }
}

#[test]
fn a_call_that_is_given_up_while_the_store_is_read_leaves_the_reading_to_the_next() {
    let (world, simulator) = World::simulated(25, json!({ "limits": "none", "durations": 60_000 }));
    let store = Store::default();
    let before = world.machine(Some(store.clone()), 0.0);
    world.run(before.client(json!({ "limits": "none" })).create(&tiger(), &())).unwrap();
    let machine = world.machine(Some(store), 0.0);
    machine.set_fault_config(FaultConfig { store_delay: 1_000.0, ..FaultConfig::NONE });
    let client = machine.client(at_once(1));
    machine.run(async {
        client.generate(&tiger(), f64::INFINITY, &Seen::until(&machine, 1.0)).await.unwrap_err();
        machine.set_fault_config(FaultConfig::NONE);
        for made in all([generate(&client, &tiger()), generate(&client, &tiger())]).await {
            assert_eq!(made.unwrap().state, State::Completed);
        }
    });
    assert_eq!(simulator.borrow_mut().stats(world.true_time()).max_running.video, 1);
}

#[test]
fn two_creations_that_a_server_took_for_one_leave_no_ticket() {
    let world = World::scripted(27, |now, request| {
        let state = if now > EPOCH + 30_000.0 { "completed" } else { "queued" };
        let job = || json!({ "id": "a", "state": state, "assets": { "video": "https://example.com/v.mp4" } });
        match request.url.contains('?') {
            true => answer(200, json!({ "generations": [job()] })),
            false => answer(200, job()),
        }
    });
    let store = Store::default();
    let client = world.machine(Some(store.clone()), 0.0).client(json!({}));
    for made in world.run(all([generate(&client, &tiger()), generate(&client, &tiger())])) {
        assert_eq!(made.unwrap().id, "a");
    }
    assert!(world.run(client.tickets()).unwrap().is_empty());
    assert!(!store.entries().keys().any(|key| key.starts_with("ticket:")), "{:?}", store.entries());
}
