//! Clients of one isolate, which share an account and its limits.

use crate::helpers::{Seen, at_once, generate, paid, resume, tiger};
use crate::virtual_time::{Calls, FaultConfig, Store, World, all};
use luma_edge::engine::{AccountRegistry, Answer, CallOptions, Client, First, Host, Query, Target, Task, race};
use luma_edge::error::Code;
use luma_edge::generation::State;
use luma_edge::json;
use std::future::Future;
use std::pin::{Pin, pin};

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

/// Two clients of one isolate and one key, each on a store of its own, as two Durable Objects have them.
fn two_tenants(faults: &str) -> (World, [(Client<World>, Store); 2]) {
    let (world, _) = World::simulated(23, json!({ "limits": "none", "durations": 20_000, "faults": faults }));
    let isolate = AccountRegistry::default();
    let tenant = || {
        let store = Store::default();
        let machine = world.machine(Some(store.clone()), 0.0);
        (Client::within(&isolate, machine.clone(), machine.settings(json!({ "limits": "none" }))), store)
    };
    let tenants = [tenant(), tenant()];
    (world, tenants)
}

fn tickets_in(store: &Store) -> Vec<String> {
    store.entries().into_keys().filter(|key| key.starts_with("ticket:")).collect()
}

#[test]
fn no_client_writes_a_ticket_into_a_store_that_is_not_its_own() {
    // The answer to the second creation is lost: its ticket is unsettled while the other client delivers a job that could be its own.
    let (world, [(one, first), (two, second)]) = two_tenants("create:cut-after@2");
    world.run(async {
        let job = two.create(&tiger(), &()).await.unwrap();
        world.sleep(60_000.0).await;
        let delivered = async {
            world.sleep(400.0).await;
            let delivered = two.poll(Target::Id(job.id.clone()), f64::INFINITY, &()).await;
            assert_eq!((tickets_in(&first).len(), tickets_in(&second)), (1, vec![]));
            delivered
        };
        let made = async { generate(&one, &tiger()).await };
        let both: [Pin<Box<dyn Future<Output = _>>>; 2] = [Box::pin(made), Box::pin(delivered)];
        let ids: Vec<_> = all(both).await.into_iter().map(|outcome| outcome.unwrap().id.clone()).collect();
        assert_ne!(ids[0], ids[1]);
        assert_eq!(ids[1], job.id);
    });
    assert_eq!((tickets_in(&first), tickets_in(&second)), (vec![], vec![]));
}

#[test]
fn a_job_that_a_client_without_its_ticket_polls_stays_with_the_call_that_has_it() {
    let (world, [(one, first), (two, second)]) = two_tenants("");
    world.run(async {
        let seen = Seen::default();
        let polled = async {
            world.sleep(1_000.0).await;
            let listed = two.ask(Query::Page { limit: None, offset: None }).await.unwrap();
            let Answer::Page(page) = listed else { panic!("no page") };
            two.poll(Target::Id(page.generations[0].id.clone()), f64::INFINITY, &()).await
        };
        let made = async { one.generate(&tiger(), f64::INFINITY, &seen).await };
        let both: [Pin<Box<dyn Future<Output = _>>>; 2] = [Box::pin(made), Box::pin(polled)];
        for outcome in all(both).await {
            assert_eq!(outcome.unwrap().state, State::Completed);
        }
        assert_eq!((tickets_in(&first), tickets_in(&second)), (vec![], vec![]));
        assert!(resume(&one).await.is_empty());
        // Created by one client and polled by the other: the first finds nothing to take up.
        let job = one.create(&tiger(), &()).await.unwrap();
        two.poll(Target::Id(job.id.clone()), f64::INFINITY, &()).await.unwrap();
        assert!(resume(&one).await.is_empty());
    });
    assert_eq!((tickets_in(&first), tickets_in(&second)), (vec![], vec![]));
}

#[test]
fn what_another_client_has_delivered_is_not_taken_up_again_by_a_call_that_is_given_up() {
    let (world, _) = World::simulated(26, json!({ "limits": "none", "durations": 20_000 }));
    let machine = world.machine(Some(Store::default()), 0.0);
    let isolate = AccountRegistry::default();
    let client = || Client::within(&isolate, machine.clone(), machine.settings(json!({ "limits": "none" })));
    let (one, two) = (client(), client());
    machine.run(async {
        let job = one.create(&tiger(), &()).await.unwrap();
        let [ticket] = &one.tickets().await.unwrap()[..] else { panic!("one ticket") };
        let resumed = pin!(one.run(Task::Resume(ticket.ticket.clone()), CallOptions::default(), &()));
        let polled = pin!(two.poll(Target::Id(job.id.clone()), f64::INFINITY, &()));
        // The one that is delivered to ends the other.
        let delivered = match race(polled, resumed).await {
            First::Left(delivered) | First::Right(delivered) => delivered.unwrap(),
        };
        assert_eq!(delivered.state, State::Completed);
        assert!(resume(&one).await.is_empty());
    });
}

#[test]
fn what_another_client_has_delivered_is_taken_for_no_lost_job_in_the_next_life() {
    // The second creation is lost, and none: only the first one's job fits it.
    for resumes in [false, true] {
        let (world, [(one, first), (two, _)]) = two_tenants("create:html@2");
        world.run(async {
            let job = one.create(&tiger(), &()).await.unwrap();
            one.generate(&tiger(), f64::INFINITY, &Seen::until(&world, 3_000.0)).await.unwrap_err();
            let ticket = one.tickets().await.unwrap().into_iter().find(|info| info.id.as_ref() == Some(&job.id));
            let polled = pin!(two.poll(Target::Id(job.id.clone()), f64::INFINITY, &()));
            if resumes {
                let resumed = pin!(one.run(Task::Resume(ticket.unwrap().ticket), CallOptions::default(), &()));
                let First::Left(delivered) = race(polled, resumed).await else { panic!("the other one is first") };
                assert_eq!(delivered.unwrap().state, State::Completed);
            } else {
                assert_eq!(polled.await.unwrap().state, State::Completed);
            }
            assert_eq!(one.tickets().await.unwrap().len(), 1);
            let next = world.machine(Some(first.clone()), 0.0).client(json!({ "limits": "none" }));
            let [end] = &resume(&next).await[..] else { panic!("one ticket") };
            assert_eq!(end.as_ref().unwrap_err().code, Code::Aborted);
        });
        assert_eq!(tickets_in(&first), Vec::<String>::new());
    }
}

#[test]
fn a_ticket_stays_where_it_is_when_a_client_with_another_store_is_to_resume_it() {
    let (world, simulator) = World::simulated(23, json!({ "durations": 20_000 }));
    let isolate = AccountRegistry::default();
    let machine = world.machine(Some(Store::default()), 0.0);
    let with_a_store = Client::within(&isolate, machine.clone(), machine.settings(json!({})));
    let without = Client::within(&isolate, world.clone(), world.settings(json!({})));
    world.run(async {
        // It was sent, and nobody knows the job yet.
        without.generate(&tiger(), f64::INFINITY, &Seen::until(&world, 20.0)).await.unwrap_err();
        let ticket = without.tickets().await.unwrap().remove(0).ticket;
        let error = with_a_store.run(Task::Resume(ticket), CallOptions::default(), &()).await.unwrap_err();
        assert_eq!(error.code, Code::NotFound);
        assert_eq!(resume(&without).await.remove(0).unwrap().state, State::Completed);
    });
    assert_eq!(paid(&simulator, &world), 1);
}

#[test]
fn what_one_client_of_an_isolate_left_the_next_one_takes_up_though_the_store_does_not_know_the_job() {
    for lists in [true, false] {
        let (world, simulator) = World::simulated(21, json!({ "durations": 20_000 }));
        let machine = world.machine(Some(Store::default()), 0.0);
        let isolate = AccountRegistry::default();
        let client = || Client::within(&isolate, machine.clone(), machine.settings(json!({})));
        world.run(async {
            let first = client();
            let made = async { first.create(&tiger(), &()).await.unwrap() };
            let disk = async {
                // The creation is sent by then, and not answered.
                world.sleep(20.0).await;
                machine.set_fault_config(FaultConfig { keeps: false, ..FaultConfig::NONE });
                std::future::pending::<()>().await;
            };
            let First::Left(job) = race(pin!(made), pin!(disk)).await else { panic!("the job is made") };
            let ticket = first.tickets().await.unwrap().remove(0).ticket;
            drop(first);
            let next = client();
            if lists {
                let listed = next.tickets().await.unwrap();
                assert_eq!(listed.iter().map(|info| info.id.as_ref()).collect::<Vec<_>>(), [Some(&job.id)]);
            }
            let taken = next.run(Task::Resume(ticket), CallOptions::default(), &()).await;
            assert_eq!(taken.unwrap().id, job.id);
        });
        assert_eq!(paid(&simulator, &world), 1);
    }
}
