//! Clients of one isolate, which share an account and its limits.

use crate::helpers::{at_once, generate, resume, tiger};
use crate::virtual_time::{Calls, Store, World, all};
use luma_edge::engine::{AccountRegistry, Client, Host};
use luma_edge::generation::State;
use luma_edge::json;

#[test]
fn one_isolate_shares_its_limits() {
    let isolate = AccountRegistry::default();
    let (world, simulator) = World::simulated(17, json!({}));
    let clients: Vec<_> = (0..15).map(|_| Client::within(&isolate, world.clone(), world.settings(json!({})))).collect();
    let request = tiger();
    for made in world.run(all(clients.iter().map(|client| generate(client, &request)))) {
        assert_eq!(made.unwrap().state, State::Completed);
    }
    let stats = simulator.borrow_mut().stats(world.true_time());
    assert_eq!((stats.limited.concurrent, stats.limited.per_minute), (0, 0));
}

#[test]
fn an_isolate_forgets_an_account_that_nobody_has_used_for_an_hour() {
    let isolate = AccountRegistry::default();
    let (world, simulator) = World::simulated(17, json!({ "limits": "none", "durations": 10_000 }));
    let client = |most| Client::within(&isolate, world.clone(), world.settings(at_once(most)));
    let four = || {
        let (client, request) = (client(4), tiger());
        for made in world.run(all((0..4).map(|_| generate(&client, &request)))) {
            assert_eq!(made.unwrap().state, State::Completed);
        }
        simulator.borrow_mut().stats(world.true_time()).max_running.video
    };
    drop(client(1));
    // The lower limit of a client that was here before holds, for as long as its jobs may run.
    for minutes in [0.0, 20.0, 59.0] {
        world.run(world.sleep(minutes * 60_000.0));
        assert_eq!(four(), 1);
    }
    world.run(world.sleep(61.0 * 60_000.0));
    assert_eq!(four(), 4);
}

#[test]
fn what_one_client_of_an_isolate_left_the_next_one_takes_up() {
    let store = Store::default();
    let (world, _) = World::simulated(21, json!({}));
    let machine = world.machine(Some(store), 0.0);
    let isolate = AccountRegistry::default();
    let client = || Client::within(&isolate, machine.clone(), machine.settings(json!({})));
    world.run(async {
        client().create(&tiger(), &()).await.unwrap();
        let taken = resume(&client()).await;
        assert_eq!((taken.len(), taken[0].is_ok()), (1, true));
    });
}
