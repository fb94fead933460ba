//! What a listener finds when it is notified: the job's id in the store, and a client that it may use.

use crate::helpers::tiger;
use crate::virtual_time::{Calls, FaultConfig, Happening, Store, World, answer};
use luma_edge::engine::{Answer, CallOptions, Client, Host, Observer, Progress, Query, QueuePosition, Target, Task};
use luma_edge::generation::Generation;
use luma_edge::json;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// Checks, when it hears of a job, whether the store has its id, and when that was.
struct StoreCheck(World, Store, RefCell<Vec<(bool, f64)>>);

impl Observer for StoreCheck {
    fn update(&self, job: &Generation, _: Progress) {
        let written = self.1.entries().values().any(|entry| entry["job"] == json!(job.id));
        self.2.borrow_mut().push((written, self.0.elapsed()));
    }
}

#[test]
fn whoever_is_notified_of_a_job_finds_its_id_in_the_store() {
    for seed in 0..20 {
        for (store_delay, latest) in [(0.0, 100.0), (300.0, 2_000.0)] {
            let store = Store::default();
            let world = World::scripted(seed, |_, _| answer(201, json!({ "id": "a", "state": "queued" })));
            world.set_fault_config(FaultConfig { store_delay, ..FaultConfig::NONE });
            let machine = world.machine(Some(store.clone()), 0.0);
            let check = StoreCheck(machine.clone(), store, RefCell::default());
            world.run(machine.client(json!({})).create(&tiger(), &check)).unwrap();
            let (written, at) = check.2.borrow()[0];
            assert!(written && at < latest, "seed {seed}, {store_delay} ms: {written} after {at} ms");
        }
    }
}

#[test]
fn a_store_that_is_slow_holds_the_news_of_a_job_for_two_seconds_at_most() {
    let world = World::scripted(1, |_, _| answer(201, json!({ "id": "a", "state": "queued" })));
    let machine = world.machine(Some(Store::default()), 0.0);
    let slow = machine.clone();
    world.watch(move |_, _, happening| {
        if let Happening::Sent(_) = happening {
            slow.set_fault_config(FaultConfig { store_delay: 60_000.0, ..FaultConfig::NONE });
        }
    });
    let check = StoreCheck(machine.clone(), Store::default(), RefCell::default());
    world.run(machine.client(json!({})).create(&tiger(), &check)).unwrap();
    let at = check.2.borrow()[0].1;
    assert!((2_000.0..2_500.0).contains(&at), "{at}");
}

/// On its first word from the queue, a listener that hands a finished job over by another call of the same client.
struct Reentrant<'a>(&'a Client<World>, RefCell<Option<Generation>>);

impl Observer for Reentrant<'_> {
    fn queued(&self, _: QueuePosition, _: f64) {
        let Some(job) = self.1.take() else { return };
        let call = pin!(self.0.run(Task::Poll(Target::Job(job)), CallOptions::default(), &()));
        let done = call.poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(done, Poll::Ready(Ok(_))), "a finished job is handed over at once");
    }
}

#[test]
fn a_listener_may_use_its_client() {
    let (world, _) = World::simulated(34, json!({ "limits": "none" }));
    let client = Rc::new(world.client(json!({ "limits": { "video": { "concurrent": 1 } } })));
    // While the durations are written, another call of the client reads the job that was just seen.
    let (other, job) = (client.clone(), Rc::new(RefCell::new(None::<String>)));
    let (of_watch, writes) = (job.clone(), Rc::new(Cell::new(0)));
    let written = writes.clone();
    let machine = world.machine(Some(Store::default()), 0.0);
    let stored = Rc::new(machine.client(json!({})));
    let reader = stored.clone();
    machine.watch(move |_, _, happening| {
        if let (Happening::Written("durations", _), Some(id)) = (happening, of_watch.borrow().clone()) {
            written.set(written.get() + 1);
            let call = pin!(reader.run(Task::Poll(Target::Id(id)), CallOptions::default(), &()));
            let _ = call.poll(&mut Context::from_waker(Waker::noop()));
        }
    });
    world.run(async {
        let made = stored.create(&tiger(), &()).await.unwrap();
        *job.borrow_mut() = Some(made.id.clone());
        stored.poll(Target::Job(made), f64::INFINITY, &()).await.unwrap();
    });
    assert_eq!(writes.get(), 1);
    world.run(async {
        let first = other.create(&tiger(), &()).await.unwrap();
        world.sleep(600_000.0).await;
        let Answer::Generation(done) = other.ask(Query::Generation(first.id.clone())).await.unwrap() else { panic!() };
        let listener = Reentrant(&other, RefCell::new(Some(done)));
        other.generate(&tiger(), f64::INFINITY, &listener).await.unwrap();
        assert!(listener.1.borrow().is_none(), "it waited in the queue");
    });
}
