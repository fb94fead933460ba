//! The queue of creations that wait for a permit: its order is fair, and nobody loses a position.

use crate::helpers::{Seen, at_once, fox, generate, paid};
use crate::virtual_time::{Calls, World, all, answer};
use luma_edge::engine::{AccountRegistry, Client, First, Host, race};
use luma_edge::http::{Body, Headers, Response};
use luma_edge::json;
use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;

#[test]
fn callers_share_the_queue_fairly() {
    let (world, _) = World::simulated(7, json!({}));
    let client = world.client(json!({}));
    let elapsed = world.run(async {
        let crowd = client.batch(None);
        let request = fox();
        let batch = all((0..300).map(|_| generate(&crowd, &request)));
        let single = async {
            world.sleep(1000.0).await;
            generate(&client, &fox()).await.unwrap();
            world.elapsed()
        };
        match race(pin!(single), pin!(batch)).await {
            First::Left(elapsed) => elapsed,
            First::Right(_) => panic!("the batch ends first"),
        }
    });
    assert!(elapsed < 60_000.0, "one of another caller does not wait for all of a batch: {elapsed}");
}

#[test]
fn a_refused_creation_keeps_its_position_and_is_notified_of_its_wait() {
    let mut posts = 0;
    let world = World::scripted(30, move |_, request| {
        posts += 1;
        let prompt = request.body.as_ref().unwrap()["prompt"].clone();
        if posts == 1 {
            let headers = Headers::new().with("retry-after", "25");
            return (50.0, Ok(Response { status: 429, headers, body: Body::Json(json!({ "detail": "Slow down" })) }));
        }
        answer(201, json!({ "id": prompt, "state": "completed", "assets": { "image": "https://example.com/i" } }))
    });
    let client = world.client(at_once(1));
    let seen: Vec<Seen> = (0..3).map(|_| Seen::default()).collect();
    let requests = ["first", "second", "third"].map(|prompt| json!({ "model": "photon-1", "prompt": prompt }));
    world.run(all(seen.iter().zip(&requests).map(|(seen, request)| client.generate(request, f64::INFINITY, seen))));
    let prompts: Vec<_> =
        world.sent.borrow().iter().map(|sent| sent.body.as_ref().unwrap()["prompt"].clone()).collect();
    assert_eq!(prompts, ["first", "first", "second", "third"]);
    for (place, seen) in seen.iter().enumerate() {
        let queued: Vec<_> = seen.queued.borrow().iter().map(|queue| (queue.position, queue.wait)).collect();
        let waits: Vec<_> = queued.iter().filter(|(at, wait)| *at == place && *wait > 1000.0).collect();
        assert!(
            waits.len() >= 3 && waits.windows(2).all(|pair| pair[1].1 < pair[0].1),
            "the wait goes down: {queued:?}"
        );
    }
}

#[test]
fn a_machine_that_stood_still_loses_no_position() {
    for seed in 0..20 {
        let (world, simulator) = World::simulated(seed, json!({ "durations": 15_000 }));
        let isolate = AccountRegistry::default();
        let order: Rc<RefCell<Vec<u32>>> = Rc::default();
        for number in 0..6 {
            let (client, order) = (Client::within(&isolate, world.clone(), world.settings(at_once(1))), order.clone());
            world.spawn(async move {
                let request = json!({ "model": "photon-1", "prompt": format!("Fox {number}") });
                generate(&client, &request).await.unwrap();
                order.borrow_mut().push(number);
            });
            world.run(world.sleep(10.0));
        }
        world.run(world.sleep(5000.0));
        world.stall(3_600_000.0);
        let client = Client::within(&isolate, world.clone(), world.settings(at_once(1)));
        let free = world.run(async {
            world.awake().await;
            client.tickets().await.unwrap().len()
        });
        assert_eq!(free, 0, "nobody is gone");
        while order.borrow().len() < 6 {
            world.run(world.sleep(1000.0));
        }
        assert_eq!(*order.borrow(), [0, 1, 2, 3, 4, 5], "seed {seed}");
        assert_eq!(paid(&simulator, &world), 6);
    }
}
