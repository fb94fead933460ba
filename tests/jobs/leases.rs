//! A ticket that several calls or clients want: one works on it, and the others follow.

use crate::helpers::{Seen, generate, paid, resume, tiger};
use crate::virtual_time::{Calls, FaultConfig, Store, World, all};
use luma_edge::engine::{CallOptions, Client, First, Host, Task, race};
use luma_edge::error::Code;
use luma_edge::generation::State;
use luma_edge::json;
use std::pin::pin;
use std::rc::Rc;

#[test]
fn of_two_tabs_one_works_and_the_other_follows() {
    let store = Store::default();
    let (world, simulator) = World::simulated(14, json!({ "durations": 60_000 }));
    let first = world.machine(Some(store.clone()), 0.0);
    let client = first.client(json!({}));
    first.spawn(async move {
        generate(&client, &tiger()).await.unwrap();
    });
    let second = world.machine(Some(store), 0.0);
    let client = second.client(json!({}));
    let resumed = world.run(async {
        world.sleep(10_000.0).await;
        resume(&client).await
    });
    assert_eq!(resumed.len(), 1);
    assert_eq!(resumed[0].as_ref().unwrap().state, State::Completed);
    assert_eq!((paid(&simulator, &world), second.sent.borrow().len()), (1, 1), "one read, when the other is done");
}

#[test]
fn two_calls_take_one_ticket_up_together() {
    let (world, simulator) = World::simulated(20, json!({}));
    let client = world.client(json!({}));
    world.run(async {
        client.create(&tiger(), &()).await.unwrap();
        let tickets = client.tickets().await.unwrap();
        let take = || client.run(Task::Resume(tickets[0].ticket.clone()), CallOptions::default(), &());
        for taken in all([take(), take()]).await {
            assert_eq!(taken.unwrap().state, State::Completed);
        }
    });
    assert_eq!(paid(&simulator, &world), 1);
}

#[test]
fn a_job_that_one_call_delivers_at_once_is_delivered_to_the_other_that_waited_for_it() {
    for store in [None, Some(Store::default())] {
        let (world, simulator) = World::simulated(20, json!({ "faults": "create:cut-after@1", "durations": 1_000 }));
        let client = world.machine(store, 0.0).client(json!({}));
        world.run(async {
            client.generate(&tiger(), f64::INFINITY, &Seen::until(&world, 200.0)).await.unwrap_err();
            // The job is over when the search finds it.
            world.sleep(5_000.0).await;
            let ticket = client.tickets().await.unwrap().remove(0).ticket;
            let take = || client.run(Task::Resume(ticket.clone()), CallOptions::default(), &());
            for taken in all([take(), take()]).await {
                assert_eq!(taken.unwrap().state, State::Completed);
            }
        });
        assert_eq!(paid(&simulator, &world), 1);
    }
}

#[test]
fn a_caller_that_gives_up_while_another_one_has_the_ticket_learns_what_may_have_been_made() {
    for (faults, job_is_known, tabs) in [("", true, 2), ("create:silence@1", false, 2), ("create:silence@1", false, 1)]
    {
        let (world, _) = World::simulated(14, json!({ "durations": 60_000, "faults": faults }));
        let store = Store::default();
        let client = || Rc::new(world.machine(Some(store.clone()), 0.0).client(json!({})));
        let first = client();
        let second = if tabs == 1 { first.clone() } else { client() };
        let error = world.run(async {
            // Its ticket stays: it is sent, or its job is known.
            first.generate(&tiger(), f64::INFINITY, &Seen::until(&world, 1_000.0)).await.unwrap_err();
            let ticket = second.tickets().await.unwrap().remove(0).ticket;
            let options = |timeout| CallOptions { timeout, price: None };
            let take = |client: &Rc<Client<World>>, timeout| {
                let (client, ticket) = (client.clone(), ticket.clone());
                async move { client.run(Task::Resume(ticket), options(timeout), &()).await }
            };
            let mut both = all([take(&first, 5_000.0), take(&second, 3_000.0)]).await;
            both.remove(1).unwrap_err()
        });
        assert_eq!((error.generation.is_some(), error.creation.is_some()), (job_is_known, !job_is_known), "{error:?}");
        assert!(!error.message.contains("before anything"), "{}", error.message);
    }
}

#[test]
fn a_lock_that_fails_is_not_one_that_is_taken() {
    let (world, simulator) = World::simulated(28, json!({}));
    let machine = world.machine(Some(Store::default()), 0.0);
    let client = machine.client(json!({}));
    world.run(async {
        client.create(&tiger(), &()).await.unwrap();
        let ticket = client.tickets().await.unwrap().remove(0).ticket;
        world.set_fault_config(FaultConfig { store_failure: 1.0, ..FaultConfig::NONE });
        let taken = client.run(Task::Resume(ticket), CallOptions::default(), &()).await.unwrap_err();
        assert_eq!((taken.code, taken.message.contains("cannot be locked")), (Code::Store, true), "{taken:?}");
        let error = generate(&client, &tiger()).await.unwrap_err();
        assert_eq!(error.code, Code::Store);
        world.set_fault_config(FaultConfig::NONE);
        assert_eq!(resume(&client).await.len(), 1, "it is there still");
    });
    assert_eq!(paid(&simulator, &world), 1);
}

#[test]
fn two_clients_that_could_not_write_their_loss_do_not_wait_for_each_other_for_ever() {
    let store = Store::default();
    let (world, simulator) = World::simulated(33, json!({ "faults": "create:cut-after@1+2", "limits": "none" }));
    let tabs = [(); 2].map(|()| world.machine(Some(store.clone()), 0.0).client(json!({})));
    let made = world.run(async {
        let calls = all(tabs.iter().map(|client| async {
            match generate(client, &tiger()).await {
                Ok(job) => job.id.clone(),
                Err(error) => {
                    // To be resumed: the other one may have stood still, with an answer that tells of the job.
                    assert_eq!(error.code, Code::UnknownOutcome);
                    let ticket = error.creation.as_ref().unwrap().ticket.clone();
                    client.run(Task::Resume(ticket), CallOptions::default(), &()).await.unwrap().id.clone()
                }
            }
        }));
        let disk = async {
            // Both are sent by then, and neither is answered.
            world.sleep(20.0).await;
            world.set_fault_config(FaultConfig { keeps: false, ..FaultConfig::NONE });
            world.sleep(1000.0).await;
            world.set_fault_config(FaultConfig::NONE);
            std::future::pending::<()>().await;
        };
        match race(pin!(calls), pin!(disk)).await {
            First::Left(made) => made,
            First::Right(()) => unreachable!(),
        }
    });
    assert!(made[0] != made[1], "{made:?}");
    assert_eq!(paid(&simulator, &world), 2);
    assert!(world.elapsed() < 300_000.0, "{} ms", world.elapsed());
}

#[test]
fn a_call_that_waited_for_another_one_learns_that_the_outcome_is_unknown() {
    // PiAPI proves of no creation that it was not made. The two calls are of one client, without a store and with one, or of two tabs.
    for (stored, tabs) in [(false, 1), (true, 1), (true, 2)] {
        let (world, _) = World::simulated(1, json!({ "faults": "create:silence@1" }));
        let store = stored.then(Store::default);
        let client = |_| {
            let options = json!({ "provider": "piapi", "baseUrl": "https://simulator.example/piapi" });
            world.machine(store.clone(), 0.0).client(options)
        };
        let clients: Vec<_> = (0..tabs).map(client).collect();
        let request = json!({ "prompt": "A tiger" });
        let seen = Seen::until(&world, 2000.0);
        let aborted = world.run(clients[0].generate(&request, f64::INFINITY, &seen)).unwrap_err();
        let ticket = &aborted.creation.as_ref().unwrap().ticket;
        let take = async |client: &Client<World>| {
            client.tickets().await.unwrap();
            let error = client.run(Task::Resume(ticket.clone()), CallOptions::default(), &()).await.unwrap_err();
            client.error_delivered(ticket);
            error.code
        };
        let codes = world.run(all([take(&clients[0]), take(&clients[tabs - 1])]));
        assert_eq!(codes, [Code::UnknownOutcome; 2], "stored: {stored}, {tabs} tabs");
    }
}
