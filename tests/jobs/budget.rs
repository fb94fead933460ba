//! Money: a budget is never exceeded, and what was not made, or failed, is given back.

use crate::helpers::{Seen, at_once, generate, paid, resume, tiger};
use crate::virtual_time::{Calls, EPOCH, Store, World, all, answer};
use luma_edge::engine::{Budget, CallOptions, First, Host, Target, Task, race};
use luma_edge::error::Code;
use luma_edge::generation::State;
use luma_edge::json;
use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;

#[test]
fn a_budget_is_never_exceeded() {
    let modify = json!({ "model": "ray-2", "media": { "url": "https://example.com/a.mp4" }, "mode": "flex_1" });
    let (world, simulator) = World::simulated(8, json!({}));
    let client = world.client(json!({ "budget": { "usd": 8.0 } }));
    let price = world.run(async { client.estimate(&modify).unwrap().usd.unwrap() });
    let allowed = (8.0 / price).floor() as usize;
    assert!(allowed >= 2, "{price}");
    let results = world.run(all((0..6).map(|_| generate(&client, &modify))));
    let refused: Vec<_> = results.iter().filter_map(|result| result.as_ref().err()).collect();
    assert_eq!((6 - refused.len(), paid(&simulator, &world)), (allowed, allowed));
    assert!(refused.iter().all(|error| error.code == Code::BudgetExceeded && error.message.contains('$')));

    // Without a known price it is refused, unless the caller names one.
    let older = json!({ "model": "ray-1-6", "prompt": "A tiger" });
    let error = world.run(generate(&client, &older)).unwrap_err();
    assert_eq!(error.code, Code::BudgetExceeded);
    let priced = |usd| CallOptions { price: Some(usd), ..CallOptions::default() };
    let order = || Task::Generate(client.validate(&older).unwrap());
    assert!(world.run(client.run(order(), priced(0.5), &())).is_ok());
    assert_eq!(world.run(client.run(order(), priced(5.0), &())).unwrap_err().code, Code::BudgetExceeded);
}

#[test]
fn a_refund_counts_and_a_batch_spends_within_its_client() {
    let (world, _) = World::simulated(9, json!({}));
    let client = world.client(json!({ "budget": { "usd": 0.8 } }));
    let failing = json!({ "model": "ray-2", "prompt": "A tiger [fail:job]" });
    assert_eq!(world.run(generate(&client, &failing)).unwrap_err().code, Code::GenerationFailed);
    assert!(world.run(generate(&client, &tiger())).is_ok(), "the failed one was given back");
    assert_eq!(world.run(generate(&client, &tiger())).unwrap_err().code, Code::BudgetExceeded);

    let client = world.client(json!({ "budget": { "usd": 1.5 } }));
    let batch = client.batch(Some(Budget { usd: 5.0, price: None }));
    let results = world.run(all((0..4).map(|_| async { generate(&batch, &tiger()).await })));
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 2, "the client's budget holds for its batches");
    assert!(
        results.iter().all(|result| result.as_ref().map_or_else(|error| error.message.contains("client's"), |_| true))
    );
}

/// The tiger costs $0.71. What fails is refunded.
#[test]
fn a_creation_waits_for_money_that_may_come_back() {
    let fails = |prompt: &str| json!({ "model": "ray-2", "prompt": format!("{prompt} [fail:job]") });
    let (world, simulator) = World::simulated(12, json!({}));
    let client = world.client(json!({}));
    let batch = client.batch(Some(Budget { usd: 1.5, price: None }));
    // Two are in hand at once and fail, four times; of the others two can be paid for, and none is refused before that is sure.
    let requests: Vec<_> = (0..8).map(|n| fails(&format!("{n}"))).chain((0..3).map(|_| tiger())).collect();
    let results = world.run(all(requests.iter().map(|request| generate(&batch, request))));
    let codes: Vec<_> = results.iter().map(|result| result.as_ref().map(|_| ()).map_err(|error| error.code)).collect();
    let count = |end| codes.iter().filter(|code| **code == end).count();
    assert_eq!((count(Err(Code::GenerationFailed)), count(Ok(()))), (8, 2), "{codes:?}");
    assert_eq!(count(Err(Code::BudgetExceeded)), 1, "{codes:?}");
    assert_eq!(paid(&simulator, &world), 10);
    let refused = results.iter().filter_map(|result| result.as_ref().err());
    let refused: Vec<_> = refused.filter(|error| error.code == Code::BudgetExceeded).collect();
    let message = "The request costs $0.71 and $0.08 of the batch's budget of $1.50 is left; nothing was sent";
    assert_eq!(refused[0].message, message);

    // What no refund could pay for is refused at once, while a job runs.
    let batch = client.batch(Some(Budget { usd: 1.0, price: None }));
    let dear = json!({ "model": "ray-2", "prompt": "A tiger", "duration": "9s" });
    let (elapsed, refused) = world.run(async {
        let refusal = async {
            world.sleep(5_000.0).await;
            let began = world.now();
            let error = generate(&batch, &dear).await.unwrap_err();
            (world.now() - began, error)
        };
        let (first, second) = (tiger(), refusal);
        match race(pin!(generate(&batch, &first)), pin!(second)).await {
            First::Left(_) => panic!("the refusal comes first"),
            First::Right(refused) => refused,
        }
    });
    assert_eq!((elapsed, refused.code), (0.0, Code::BudgetExceeded));
    let message = "The request costs $1.27 and $1.00 of the batch's budget of $1.00 is left, even if all jobs under way were \
                   refunded; nothing was sent";
    assert_eq!(refused.message, message);
}

/// A job that no call waits for is nobody's to wait for: its money counts as gone.
#[test]
fn money_in_a_job_that_no_call_waits_for_is_not_waited_for() {
    let (world, _) = World::simulated(13, json!({}));
    let client = world.client(json!({ "budget": { "usd": 1.0 } }));
    let made = world.run(async { client.create(&tiger(), &()).await }).unwrap();
    assert_eq!(world.run(generate(&client, &tiger())).unwrap_err().code, Code::BudgetExceeded);
    // Polled, it may come back: this one waits until it does not.
    let later = async {
        world.sleep(1_000.0).await;
        generate(&client, &tiger()).await
    };
    let both: [Pin<Box<dyn Future<Output = _>>>; 2] =
        [Box::pin(client.poll(Target::Job(made), f64::INFINITY, &())), Box::pin(later)];
    let before = world.elapsed();
    let results = world.run(all(both));
    assert!(results[0].is_ok() && world.elapsed() > before + 10_000.0);
    assert_eq!(results[1].as_ref().unwrap_err().code, Code::BudgetExceeded);
}

#[test]
fn a_machine_that_stood_still_refuses_nothing_that_a_refund_may_pay_for() {
    let failing = json!({ "model": "ray-2", "prompt": "A tiger [fail:job]" });
    for seed in 0..20 {
        let (world, _) = World::simulated(seed, json!({ "durations": 1_800_000 }));
        let client = Rc::new(world.client(json!({ "budget": { "usd": 0.8 } })));
        let made = world.run(async { client.create(&failing, &()).await }).unwrap();
        let polling = client.clone();
        world.spawn(async move {
            let _ = polling.poll(Target::Job(made), f64::INFINITY, &()).await;
        });
        let stalled = world.clone();
        world.spawn(async move {
            stalled.sleep(10_000.0).await;
            stalled.stall(600_000.0);
        });
        world.run(world.sleep(1_000.0));
        assert_eq!(world.run(generate(&client, &tiger())).unwrap().state, State::Completed, "seed {seed}");
    }
}

#[test]
fn what_was_not_made_after_all_is_given_back() {
    let (world, simulator) = World::simulated(27, json!({ "faults": "create:silence@1" }));
    let client = world.client(json!({ "budget": { "usd": 1.0, "price": 1.0 } }));
    world.run(async {
        client.generate(&tiger(), f64::INFINITY, &Seen::until(&world, 2000.0)).await.unwrap_err();
        assert_eq!(generate(&client, &tiger()).await.unwrap_err().code, Code::BudgetExceeded, "it may have been made");
        assert_eq!(resume(&client).await.pop().unwrap().unwrap_err().code, Code::Aborted);
        generate(&client, &tiger()).await.unwrap();
    });
    assert_eq!(paid(&simulator, &world), 1);
}

/// The store of a process that was asked for so many tigers, made `most` of them at once, and crashed a second later.
fn left_by_a_crash(world: &World, tigers: usize, most: u32, price: Option<f64>) -> Store {
    let store = Store::default();
    let machine = world.machine(Some(store.clone()), 0.0);
    let client = Rc::new(machine.client(at_once(most)));
    for _ in 0..tigers {
        let client = client.clone();
        machine.spawn(async move {
            let task = Task::Generate(client.validate(&tiger()).unwrap());
            drop(client.run(task, CallOptions { price, ..CallOptions::default() }, &()).await);
        });
    }
    world.run(world.sleep(1_000.0));
    machine.crash();
    store
}

/// The tiger costs $0.71.
#[test]
fn what_is_resumed_and_was_not_bought_is_paid_for_as_any_other() {
    // Two wait behind one that runs, or all three were lost and nothing was made.
    for (faults, most, usd, bought) in [("", 1, 1.5, 2), ("create:silence@1+2+3", 3, 1.0, 1)] {
        let (world, simulator) = World::simulated(28, json!({ "faults": faults }));
        let store = left_by_a_crash(&world, 3, most, None);
        let budget = json!({ "budget": { "usd": usd } });
        let resumed = world.run(resume(&world.machine(Some(store), 0.0).client(budget)));
        let refused: Vec<_> = resumed.iter().filter_map(|result| result.as_ref().err()).collect();
        assert!(refused.iter().all(|error| error.code == Code::BudgetExceeded), "{faults}: {refused:?}");
        assert_eq!((3 - refused.len(), paid(&simulator, &world)), (bought, bought), "{faults}");
    }
}

#[test]
fn what_waits_again_after_a_resume_that_was_given_up_gives_its_money_back() {
    let (world, _) = World::simulated(28, json!({}));
    let store = left_by_a_crash(&world, 2, 1, None);
    let limits = json!({ "video": { "concurrent": 1 } });
    let client = world.machine(Some(store), 0.0).client(json!({ "budget": { "usd": 1.0 }, "limits": limits }));
    let tickets = world.run(client.tickets()).unwrap();
    let waiting = tickets.into_iter().find(|info| info.state == Some("waiting")).unwrap().ticket;
    let seen = Seen::until(&world, 20_000.0);
    let given_up = client.run(Task::Resume(waiting), CallOptions::default(), &seen);
    assert_eq!(world.run(given_up).unwrap_err().code, Code::Aborted);
    assert!(world.run(generate(&client, &tiger())).is_ok());
}

#[test]
fn what_its_caller_called_free_is_free_when_it_is_resumed() {
    let (world, simulator) = World::simulated(30, json!({}));
    let store = left_by_a_crash(&world, 3, 1, Some(0.0));
    let client = world.machine(Some(store), 0.0).client(json!({ "budget": { "usd": 1.0 } }));
    assert!(world.run(resume(&client)).iter().all(Result::is_ok));
    assert_eq!(paid(&simulator, &world), 3);
}

/// The tiger costs $0.71.
#[test]
fn two_creations_that_a_server_took_for_one_cost_once() {
    let world = World::scripted(31, |now, request| {
        let id = if now > EPOCH + 40_000.0 { "b" } else { "a" };
        let state = if now > EPOCH + 30_000.0 { "completed" } else { "queued" };
        let job = || json!({ "id": id, "state": state, "assets": { "video": "https://example.com/v.mp4" } });
        match request.url.contains('?') {
            true => answer(200, json!({ "generations": [job()] })),
            false => answer(200, job()),
        }
    });
    let client = world.client(json!({ "budget": { "usd": 1.5 } }));
    for made in world.run(all([generate(&client, &tiger()), generate(&client, &tiger())])) {
        assert_eq!(made.unwrap().id, "a");
    }
    world.run(world.sleep(60_000.0));
    assert_eq!(world.run(generate(&client, &tiger())).unwrap().id, "b");
}

#[test]
fn what_was_lost_and_not_made_and_is_then_limited_costs_nothing() {
    let (world, simulator) = World::simulated(27, json!({ "faults": "create:503@1, create:429=1@2+3+4+5+6" }));
    let client = world.client(json!({ "budget": { "usd": 1.0 } }));
    assert_eq!(world.run(generate(&client, &tiger())).unwrap_err().code, Code::RateLimited);
    assert!(world.run(client.tickets()).unwrap().is_empty());
    assert_eq!(world.run(generate(&client, &tiger())).unwrap().state, State::Completed);
    assert_eq!(paid(&simulator, &world), 1);
}
