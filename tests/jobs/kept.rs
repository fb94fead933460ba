//! Jobs that their caller asked to keep: delivered again until they are acknowledged.

use crate::helpers::{fox, generate, paid, resume, tiger};
use crate::virtual_time::{Calls, Store, World};
use luma_edge::engine::{CallOptions, Client, Host, Target, Task};
use luma_edge::error::{Code, Error};
use luma_edge::generation::Generation;
use luma_edge::json;
use luma_edge::json::Json;

/// A job that its caller asked to keep.
async fn generate_kept(client: &Client<World>, request: &Json) -> Result<Generation, Error> {
    let order = client.validate(request).unwrap().noted(Some("the first scene".into()), true);
    client.run(Task::Generate(order), CallOptions::default(), &()).await
}

#[test]
fn a_kept_job_is_delivered_again_until_it_is_acknowledged() {
    for after in [1.0, 51.0, 20_000.0, 72_000.0, 80_000.0, 200_000.0] {
        let store = Store::default();
        let (world, simulator) = World::simulated(14, json!({ "durations": 72_000 }));
        let machine = world.machine(Some(store.clone()), 0.0);
        let client = machine.client(json!({}));
        machine.spawn(async move {
            let _ = generate_kept(&client, &tiger()).await;
        });
        world.run(world.sleep(after));
        machine.crash();
        // It is there each time that a process starts, with its label and its file.
        for life in 0..3 {
            let machine = world.machine(Some(store.clone()), 0.0);
            let client = machine.client(json!({ "budget": { "usd": 1.0 } }));
            let name = format!("crash after {after} ms, life {life}");
            let tickets = world.run(client.tickets()).unwrap();
            assert_eq!(tickets.len(), 1, "{name}");
            assert_eq!(tickets[0].label.as_deref(), Some("the first scene"), "{name}");
            if life > 0 {
                assert_eq!(tickets[0].state, Some("completed"), "{name}");
            }
            let video = world.run(resume(&client)).pop().unwrap().unwrap();
            assert!(video.assets.get("video").is_some(), "{name}");
            if life > 0 {
                // What was paid for in an earlier life does not count within the budget of this one.
                assert!(world.run(generate(&client, &fox())).is_ok(), "{name}");
            }
            machine.crash();
        }
        let machine = world.machine(Some(store.clone()), 0.0);
        let client = machine.client(json!({}));
        let ticket = world.run(client.tickets()).unwrap().pop().unwrap();
        // By the ticket in a process that has not read the store, and once more, which is no error.
        let client = machine.client(json!({}));
        for _ in 0..2 {
            world.run(client.acknowledge(&json!(ticket.ticket.as_str()))).unwrap();
        }
        assert!(world.run(client.tickets()).unwrap().is_empty());
        assert!(!store.entries().keys().any(|key| key.starts_with("ticket:")), "{:?}", store.entries());
        let videos = simulator.borrow_mut().generations(world.true_time()).len();
        assert_eq!(videos, 1 + 2, "after {after}: one tiger, two foxes");
    }
}

#[test]
fn only_a_finished_job_can_be_acknowledged_and_a_failed_one_is_not_kept() {
    let (world, _) = World::simulated(15, json!({}));
    let client = world.client(json!({}));
    let order = client.validate(&tiger()).unwrap().noted(None, true);
    let made = world.run(client.run(Task::Create(order), CallOptions::default(), &())).unwrap();
    for subject in [
        json!(made.id.as_str()),
        json!({ "id": made.id.as_str() }),
        json!({ "id": made.id.as_str(), "state": "queued" }),
    ] {
        let error = world.run(client.acknowledge(&subject)).unwrap_err();
        assert_eq!(error.code, Code::InvalidRequest, "{subject}");
        assert!(error.message.contains(&made.id), "{}", error.message);
    }
    assert_eq!(world.run(client.acknowledge(&json!(7))).unwrap_err().code, Code::InvalidRequest);
    assert_eq!(world.run(client.tickets()).unwrap().len(), 1);
    let done = world.run(client.poll(Target::Job(made), f64::INFINITY, &())).unwrap();
    let kept = world.run(client.tickets()).unwrap();
    assert_eq!(kept[0].state, Some("completed"));
    world.run(client.acknowledge(&done.raw)).unwrap();
    assert!(world.run(client.tickets()).unwrap().is_empty());

    let failing = json!({ "model": "ray-2", "prompt": "A tiger [fail:job]" });
    assert_eq!(world.run(generate_kept(&client, &failing)).unwrap_err().code, Code::GenerationFailed);
    assert!(world.run(client.tickets()).unwrap().is_empty());
}

/// Kept jobs are claimed as long as they are kept, and do not count within the limits.
#[test]
fn a_kept_job_is_no_other_creations_and_takes_no_room() {
    let (world, simulator) = World::simulated(16, json!({ "faults": "create:cut@2" }));
    let client = world.client(json!({ "limits": { "video": { "concurrent": 1 } } }));
    let first = world.run(generate_kept(&client, &tiger())).unwrap();
    // The same request, whose creation never arrives: the kept job must not be taken for it.
    let second = world.run(generate(&client, &tiger())).unwrap();
    assert_ne!(first.id, second.id);
    assert_eq!(paid(&simulator, &world), 2);
    world.run(client.acknowledge(&first.raw)).unwrap();
    assert_eq!(world.run(resume(&client)).len(), 0);
}
