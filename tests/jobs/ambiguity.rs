//! Jobs that more than one lost creation may have made: none is given to the wrong caller.

use crate::helpers::{generate, paid, resume, tiger};
use crate::virtual_time::{Calls, Store, World, all};
use luma_edge::engine::{CallOptions, Target, Task};
use luma_edge::error::{Code, Error};
use luma_edge::generation::{Generation, State};
use luma_edge::json;
use luma_edge::request::RequestKind;
use luma_edge::simulator::Simulator;
use std::cell::RefCell;
use std::rc::Rc;

#[test]
fn a_task_with_another_picture_is_another_ones() {
    // At PiAPI what runs is told of, and no more.
    let plain = json!({ "prompt": "A tiger walking in snow" });
    let mut framed = plain.clone();
    framed["keyframes"] = json!({ "frame0": { "type": "image", "url": "https://example.com/a.jpg" } }).into();
    for (ours, theirs) in [(&plain, &framed), (&framed, &plain)] {
        for schema in ["2026", "2025"] {
            let (world, simulator) =
                World::simulated(28, json!({ "faults": "create:cut@2", "durations": 120_000, "latency": 1 }));
            let options =
                json!({ "provider": "piapi", "baseUrl": "https://simulator.example/piapi", "schema": schema });
            let client = || world.machine(None, 0.0).client(options.clone());
            let (other, client) = (client(), client());
            world.run(async {
                let running = other.create(theirs, &()).await.unwrap();
                let error = generate(&client, ours).await.unwrap_err();
                assert_eq!(error.code, Code::UnknownOutcome, "{ours} {schema}");
                let other = other.poll(Target::Job(running), f64::INFINITY, &()).await.unwrap();
                assert_eq!(other.state, State::Completed);
            });
            assert_eq!(simulator.borrow_mut().made(world.true_time()).len(), 1);
        }
    }
    // Two of our own that differ by a picture alone do not share one.
    for seed in 0..20 {
        let (world, simulator) = World::simulated(
            seed,
            json!({ "faults": "create:cut-after@1, create:cut@2", "durations": 120_000, "latency": 1 }),
        );
        let options = json!({ "provider": "piapi", "baseUrl": "https://simulator.example/piapi" });
        let client = world.client(options);
        let made = world.run(all([&plain, &framed].map(|request| generate(&client, request))));
        let made: Vec<_> =
            made.into_iter().map(|made| made.map(|job| job.id.clone()).map_err(|error| error.code)).collect();
        let jobs = simulator.borrow_mut().made(world.true_time());
        assert_eq!(jobs.len(), 1, "seed {seed}");
        let framed_was_made = jobs[0].request.to_string().contains("a.jpg");
        assert_eq!(made[usize::from(!framed_was_made)], Err(Code::UnknownOutcome), "seed {seed}: {made:?}");
    }
}

/// How each of several calls ended.
type Ends = Vec<Result<String, Code>>;

/// Two finished videos, an upscale of each at the same moment, and what became of the upscales; then all is resumed.
fn upscales(faults: &str) -> (World, Rc<RefCell<Simulator>>, [Ends; 2]) {
    let (world, simulator) = World::simulated(32, json!({ "faults": faults, "limits": "none" }));
    let machine = world.machine(Some(Store::default()), 0.0);
    let client = machine.client(json!({}));
    let code = |made: Result<Generation, Error>| made.map(|job| job.id.clone()).map_err(|error| error.code);
    let (made, resumed) = world.run(async {
        let mut parents = Vec::new();
        for _ in 0..2 {
            parents.push(generate(&client, &tiger()).await.unwrap().id.clone());
        }
        let body = json!({ "resolution": "4k" });
        let orders = parents.iter().map(|id| client.validate_derived(RequestKind::UpscaleVideo, id, &body).unwrap());
        let calls = orders.map(|order| client.run(Task::Generate(order), CallOptions::default(), &()));
        let made = all(calls).await.into_iter().map(code).collect();
        (made, resume(&client).await.into_iter().map(code).collect())
    });
    assert!(world.run(client.tickets()).unwrap().is_empty(), "{faults}: nothing is left to be resumed");
    (machine, simulator, [made, resumed])
}

/// How many upscales went out.
fn upscales_sent(world: &World) -> usize {
    world.sent.borrow().iter().filter(|request| request.url.ends_with("/upscale")).count()
}

#[test]
fn upscales_of_two_videos_are_never_swapped() {
    // Each of the two creations may have made the job that the list shows.
    for (faults, bought) in
        [("create:cut-after@3+4", 2), ("create:cut-after@3, create:cut@4", 1), ("create:cut@3, create:cut-after@4", 1)]
    {
        let (world, simulator, [made, resumed]) = upscales(faults);
        let unknown: Vec<_> = (0..2).map(|_| Err(Code::UnknownOutcome)).collect();
        assert_eq!((&made, &resumed), (&unknown, &unknown), "{faults}");
        assert_eq!((paid(&simulator, &world), upscales_sent(&world)), (2 + bought, 2), "{faults}");
    }
    // Only one is lost, or nothing was made of either: no doubt is left.
    for (faults, sent) in [("create:cut-after@3", 2), ("create:cut-after@4", 2), ("create:cut@3+4", 4)] {
        let (world, simulator, [made, resumed]) = upscales(faults);
        assert!(made.iter().all(Result::is_ok) && made[0] != made[1] && resumed.is_empty(), "{faults}: {made:?}");
        assert_eq!((paid(&simulator, &world), upscales_sent(&world)), (4, sent), "{faults}");
    }
}
