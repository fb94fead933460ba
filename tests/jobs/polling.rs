//! Polls: how many there are, how soon they notice an end, and what jobs usually take.

use crate::helpers::{Seen, generate, paid, tiger};
use crate::virtual_time::{Calls, EPOCH, Store, World, all, answer};
use luma_edge::engine::{CallOptions, First, Host, Task, race};
use luma_edge::json;
use std::cell::{Cell, RefCell};
use std::pin::pin;

#[test]
fn a_hundred_jobs_cost_a_request_a_second_and_are_noticed_at_once() {
    let (world, simulator) = World::simulated(15, json!({ "limits": "none", "durations": 72_000 }));
    let client = world.client(json!({ "limits": "none" }));
    let late = RefCell::new(Vec::new());
    world.run(async {
        // A hundred callers, each with one job after the other.
        let runs = (0..100).map(|n| {
            let (client, late, world) = (&client, &late, &world);
            async move {
                world.sleep(f64::from(n) * 720.0).await;
                for _ in 0..4 {
                    let made = generate(client, &tiger()).await.unwrap();
                    let created = world.parse_date(made.created_at.as_deref().unwrap()).unwrap();
                    late.borrow_mut().push((world.elapsed(), world.true_time() - (created + 72_000.0)));
                }
            }
        });
        all(runs).await;
    });
    assert_eq!(paid(&simulator, &world), 400);
    let polls = world.sent.borrow().len() - 400;
    assert!(polls as f64 <= world.elapsed() / 1000.0, "{polls} polls in {} s", world.elapsed() / 1000.0);
    // While all hundred were in flight.
    let mut late: Vec<f64> = late
        .into_inner()
        .into_iter()
        .filter(|(at, _)| (72_000.0..288_000.0).contains(at))
        .map(|(_, late)| late)
        .collect();
    late.sort_by(f64::total_cmp);
    let p95 = late[late.len() * 95 / 100];
    assert!(late.len() > 250 && p95 <= 2000.0, "p95 {p95} ms of {late:?}");
}

#[test]
fn jobs_that_are_taken_up_are_watched_together() {
    let store = Store::default();
    let (world, simulator) = World::simulated(29, json!({ "limits": "none", "durations": 72_000 }));
    let machine = world.machine(Some(store.clone()), 0.0);
    let client = machine.client(json!({ "limits": "none" }));
    world.run(async {
        for _ in 0..150 {
            client.create(&tiger(), &()).await.unwrap();
        }
    });
    let made = world.elapsed();
    machine.crash();
    let machine = world.machine(Some(store), 0.0);
    let client = machine.client(json!({ "limits": "none" }));
    let late = RefCell::new(Vec::new());
    world.run(async {
        let tickets = client.tickets().await.unwrap();
        all(tickets.into_iter().map(|info| async {
            let job = client.run(Task::Resume(info.ticket), CallOptions::default(), &()).await.unwrap();
            let created = world.parse_date(job.created_at.as_deref().unwrap()).unwrap();
            late.borrow_mut().push(world.true_time() - (created + 72_000.0));
        }))
        .await;
    });
    assert_eq!((late.borrow().len(), paid(&simulator, &world)), (150, 150));
    let pages = machine.sent.borrow().iter().filter(|request| request.url.contains("limit=")).count();
    let (polls, seconds) = (machine.sent.borrow().len(), (world.elapsed() - made) / 1000.0);
    assert!(pages > 3 && polls - pages < 5, "{pages} pages of {polls} polls");
    assert!(polls as f64 <= seconds * 3.0, "{polls} polls in {seconds} s");
    let mut late = late.into_inner();
    late.sort_by(f64::total_cmp);
    assert!(late[late.len() * 95 / 100] <= 6000.0, "{late:?}");
}

#[test]
fn a_hidden_page_polls_rarely_and_one_that_is_shown_again_at_once() {
    let run = |hide: bool| {
        let (world, _) = World::simulated(23, json!({ "durations": 300_000 }));
        let client = world.client(json!({}));
        let shown = world.clone();
        world.run(async {
            let made = async { generate(&client, &tiger()).await };
            let eyes = async {
                if hide {
                    shown.sleep(10_000.0).await;
                    shown.show(false);
                    shown.sleep(295_000.0).await;
                    shown.show(true);
                }
                shown.sleep(f64::INFINITY).await;
            };
            let First::Left(made) = race(pin!(made), pin!(eyes)).await else { panic!("the job ends") };
            made.unwrap();
        });
        (world.elapsed(), world.sent.borrow().len())
    };
    let ((watched, polls), (unwatched, fewer)) = (run(false), run(true));
    assert!(fewer * 3 < polls * 2, "{fewer} polls when hidden, {polls} when not");
    assert!(unwatched < 306_000.0, "seen as soon as the page is: {unwatched}, watched {watched}");
}

#[test]
fn what_jobs_took_is_learnt_and_kept() {
    let store = Store::default();
    let (world, _) = World::simulated(16, json!({ "durations": 30_000 }));
    let client = world.machine(Some(store.clone()), 0.0).client(json!({}));
    for _ in 0..6 {
        world.run(generate(&client, &tiger())).unwrap();
    }
    let seen = Seen::default();
    let client = world.machine(Some(store), 0.0).client(json!({}));
    world.run(client.generate(&tiger(), f64::INFINITY, &seen)).unwrap();
    let (_, progress) = seen.updates.borrow()[0];
    assert!((25_000.0..35_000.0).contains(&progress.expected), "{progress:?}");
    assert!(progress.confidence > 0.5, "{progress:?}");
}

#[test]
fn an_end_that_the_list_shows_without_files_is_read_by_itself() {
    let made = Cell::new(0);
    let world = World::scripted(41, move |now, request| {
        if request.method.as_str() == "POST" {
            made.set(made.get() + 1);
            return answer(201, json!({ "id": format!("{}", made.get()), "state": "queued" }));
        }
        let state = if now > EPOCH + 30_000.0 { "completed" } else { "dreaming" };
        if request.url.contains('?') {
            return answer(
                200,
                json!({ "generations": [{ "id": "2", "state": state }, { "id": "1", "state": state }] }),
            );
        }
        let id = request.url.rsplit('/').next().unwrap();
        answer(200, json!({ "id": id, "state": state, "assets": { "video": "https://e.com/v.mp4" } }))
    });
    let client = world.client(json!({}));
    for job in world.run(all([generate(&client, &tiger()), generate(&client, &tiger())])) {
        assert_eq!(job.unwrap().assets.get("video"), Some("https://e.com/v.mp4"));
    }
    assert!(world.elapsed() < 45_000.0, "{} ms", world.elapsed());
}

#[test]
fn a_job_without_a_state_is_done_when_it_has_had_its_files_for_a_while() {
    for provider in ["agents", "dream-machine"] {
        for state in [json!(null), json!("")] {
            let world = World::scripted(42, move |now, request| {
                let job = json!({ "id": "a", "state": state.clone() });
                if request.method.as_str() == "POST" || now < EPOCH + 30_000.0 {
                    return answer(200, job);
                }
                let url = "https://e.com/v.mp4";
                answer(200, job.with("assets", json!({ "video": url })))
            });
            let client = world.client(json!({ "provider": provider }));
            let request =
                if provider == "agents" { json!({ "model": "ray-3.2", "prompt": "A tiger" }) } else { tiger() };
            let made = world.run(client.generate(&request, 600_000.0, &())).unwrap();
            assert_eq!(made.assets.get("video"), Some("https://e.com/v.mp4"));
            assert!(world.elapsed() < 120_000.0, "{} ms", world.elapsed());
        }
    }
}
