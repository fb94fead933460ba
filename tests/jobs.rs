//! Never paid twice, never lost, never beyond a limit: tickets, stores, limits, budgets and shared polls, on virtual time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod virtual_time;

use luma_edge::engine::{
    AccountRegistry, Answer, Budget, CallOptions, Client, First, Host, Observer, Progress, Query, QueuePosition,
    Target, Task, race,
};
use luma_edge::error::Code;
use luma_edge::generation::{Generation, State};
use luma_edge::http::{Body, Headers, Response};
use luma_edge::json;
use luma_edge::json::Json;
use luma_edge::request::RequestKind;
use luma_edge::simulator::Simulator;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use virtual_time::{Calls, FaultConfig, Happening, Store, World, all, answer, ask};

fn tiger() -> Json {
    json!({ "model": "ray-2", "prompt": "A tiger walking in snow" })
}

fn fox() -> Json {
    json!({ "model": "photon-1", "prompt": "A fox" })
}

/// How many jobs were bought in all.
fn paid(simulator: &Rc<RefCell<Simulator>>, world: &World) -> usize {
    simulator.borrow_mut().generations(world.true_time()).len()
}

/// Keeps what it is told, and gives up when it is told to.
#[derive(Default)]
struct Seen {
    queued: RefCell<Vec<QueuePosition>>,
    updates: RefCell<Vec<(State, Progress)>>,
    patience: Option<(World, f64)>,
}

impl Seen {
    fn until(world: &World, ms: f64) -> Self {
        Seen { patience: Some((world.clone(), ms)), ..Seen::default() }
    }
}

impl Observer for Seen {
    fn queued(&self, queue: QueuePosition, _: f64) {
        self.queued.borrow_mut().push(queue);
    }

    fn update(&self, generation: &Generation, progress: Progress) {
        self.updates.borrow_mut().push((generation.state, progress));
    }

    async fn given_up(&self) {
        match &self.patience {
            Some((world, ms)) => world.sleep(*ms).await,
            None => std::future::pending().await,
        }
    }
}

async fn generate(client: &Client<World>, request: &Json) -> Result<Generation, luma_edge::error::Error> {
    client.generate(request, f64::INFINITY, &()).await
}

/// Takes up all there is.
async fn resume(client: &Client<World>) -> Vec<Result<Generation, luma_edge::error::Error>> {
    let tickets = client.tickets().await.unwrap();
    let readable = tickets.into_iter().filter(|info| info.error.is_none());
    all(readable.map(|info| client.run(Task::Resume(info.ticket), CallOptions::default(), &()))).await
}

#[test]
fn a_lost_creation_is_found_or_was_never_made() {
    // What goes wrong with the first creation, and how often one is then sent.
    for (fault, sent) in [
        ("create:cut-after@1", 1),
        ("create:silence-after@1", 1),
        ("create:503-after@1", 1),
        ("create:503-after=2@1", 1),
        ("create:500-after@1", 1),
        ("create:html-after@1", 1),
        ("create:truncated@1", 1),
        ("create:empty@1", 1),
        ("create:slow=90000@1", 1),
        ("create:late=8@1", 1),
        ("create:cut@1", 2),
        ("create:silence@1", 2),
        ("create:500@1", 2),
        ("create:html@1", 2),
        ("create:refused@1", 2),
        ("create:429@1", 2),
        ("create:503=2@1", 2),
    ] {
        for request in [tiger(), fox()] {
            let (world, simulator) = World::simulated(1, json!({ "faults": fault, "listLag": 3000 }));
            let made = world.run(generate(&world.client(json!({})), &request));
            assert_eq!(made.unwrap().state, State::Completed, "{fault}");
            let posts = world.sent.borrow().iter().filter(|request| request.method.as_str() == "POST").count();
            assert_eq!((paid(&simulator, &world), posts), (1, sent), "{fault}");
        }
    }
}

#[test]
fn identical_requests_stay_two_jobs() {
    for fault in
        ["create:cut-after@1", "create:cut-after@2", "create:cut-after", "create:cut@1", "create:silence-after@2"]
    {
        for seed in 0..20 {
            let (world, simulator) = World::simulated(seed, json!({ "faults": format!("{fault}x3") }));
            let client = world.client(json!({}));
            let jobs = world.run(all((0..4).map(|_| async { generate(&client, &tiger()).await })));
            let mut ids: Vec<_> = jobs.into_iter().map(|job| job.unwrap().id.clone()).collect();
            ids.sort();
            ids.dedup();
            assert_eq!((ids.len(), paid(&simulator, &world)), (4, 4), "{fault}, seed {seed}");
        }
    }
}

#[test]
fn a_lost_creation_leaves_to_another_one_the_job_that_fits_both() {
    // An echo may hold more than was sent, so the plain request fits the other one's job as well, which is older.
    let tall = tiger().with("aspect_ratio", json!("9:16"));
    for seed in 0..20 {
        let (world, simulator) = World::simulated(seed, json!({ "faults": "create:cut-after@1+2" }));
        let client = world.client(json!({}));
        let made = world.run(all([(0.0, &tall), (10.0, &tiger())].map(|(after, request)| {
            let (client, world) = (&client, &world);
            async move {
                world.sleep(after).await;
                generate(client, request).await
            }
        })));
        let is_tall = |job: &Generation| job.request.as_ref().unwrap()["aspect_ratio"] == "9:16";
        let made: Vec<_> = made.into_iter().map(|job| is_tall(&job.unwrap())).collect();
        assert_eq!((made, paid(&simulator, &world)), (vec![true, false], 2), "seed {seed}");
    }
}

#[test]
fn of_several_jobs_that_fit_the_oldest_since_the_creation_was_sent_is_taken() {
    // Another program with the same key asks for the same before the list is first read.
    for seed in 0..20 {
        let (world, simulator) = World::simulated(seed, json!({ "faults": "create:cut-after@1" }));
        let (client, other) = (world.client(json!({})), world.machine(None, 0.0).client(json!({})));
        let made = world.run(all([(0.0, &client), (200.0, &other)].map(|(after, client)| {
            let world = &world;
            async move {
                world.sleep(after).await;
                generate(client, &tiger()).await
            }
        })));
        let ids: Vec<_> = made.into_iter().map(|job| job.unwrap().id.clone()).collect();
        assert_ne!(ids[0], ids[1], "seed {seed}");
        assert_eq!(paid(&simulator, &world), 2, "seed {seed}");
    }
}

#[test]
fn a_callback_that_carries_the_ticket_makes_the_match_exact() {
    let (world, simulator) = World::simulated(3, json!({ "faults": "create:cut-after" }));
    let client = world.client(json!({}));
    let mut request = tiger();
    request["callback_url"] = "https://example.com/done?ticket={ticket}".into();
    let jobs = world.run(all((0..3).map(|_| generate(&client, &request))));
    let urls: Vec<String> = jobs
        .iter()
        .map(|job| job.as_ref().unwrap().request.as_ref().unwrap()["callback_url"].as_str().unwrap().to_owned())
        .collect();
    assert!(urls.iter().all(|url| !url.contains('{') && urls.iter().filter(|other| *other == url).count() == 1));
    assert_eq!(paid(&simulator, &world), 3);
}

#[test]
fn what_is_done_about_a_lost_answer_is_the_callers_choice() {
    for (recovery, outcome, bought) in
        [("find", None, 1), ("report", Some(Code::UnknownOutcome), 1), ("resend", None, 2)]
    {
        let (world, simulator) = World::simulated(4, json!({ "faults": "create:cut-after@1" }));
        let made = world.run(generate(&world.client(json!({ "recovery": recovery })), &tiger()));
        assert_eq!(made.as_ref().err().map(|error| error.code), outcome, "{recovery}");
        assert_eq!(paid(&simulator, &world), bought, "{recovery}");
    }
}

#[test]
fn limits_are_kept_and_the_queue_tells_the_place() {
    let (world, simulator) = World::simulated(5, json!({}));
    let client = world.client(json!({}));
    let seen: Vec<Seen> = (0..60).map(|_| Seen::default()).collect();
    let request = tiger();
    let runs = seen.iter().map(|seen| client.generate(&request, f64::INFINITY, seen));
    for made in world.run(all(runs)) {
        assert_eq!(made.unwrap().state, State::Completed);
    }
    let stats = simulator.borrow_mut().stats(world.true_time());
    assert_eq!((stats.limited.concurrent, stats.limited.per_minute), (0, 0));
    assert_eq!(*stats.max_running.of(luma_edge::simulator::Kind::Video), 10);
    assert!(seen[..10].iter().all(|seen| seen.queued.borrow().is_empty()), "the first ten go at once");
    for seen in &seen[20..] {
        let queued = seen.queued.borrow();
        assert!(queued.windows(2).all(|pair| pair[1].position <= pair[0].position), "one comes nearer: {queued:?}");
        assert!(queued.iter().all(|queue| queue.wait.is_finite() && queue.wait > 0.0), "{queued:?}");
    }
}

#[test]
fn a_minutes_limit_is_that_of_any_minute() {
    let (world, _) = World::simulated(38, json!({ "limits": "none", "durations": 1_000 }));
    let client = world.client(json!({ "limits": { "video": { "perMinute": 2 } } }));
    let mut made = Vec::new();
    world.run(async {
        for _ in 0..5 {
            client.create(&tiger(), &()).await.unwrap();
            made.push(world.elapsed() / 1000.0);
            world.sleep(20_000.0).await;
        }
    });
    for (third, first) in made.iter().skip(2).zip(&made) {
        assert!((60.0..63.0).contains(&(third - first)), "{made:?}");
    }
}

#[test]
fn a_limit_that_others_use_up_is_waited_for() {
    // Another program with the same key has eight jobs running all the time.
    let (world, simulator) = World::simulated(6, json!({ "durations": 60_000 }));
    let other = world.machine(None, 0.0).client(json!({}));
    let client = world.client(json!({}));
    let request = tiger();
    let theirs = (0..8).map(|_| generate(&other, &request));
    let ours = (0..6).map(|_| generate(&client, &request));
    for made in world.run(all(theirs.chain(ours))) {
        assert_eq!(made.unwrap().state, State::Completed);
    }
    let stats = simulator.borrow_mut().stats(world.true_time());
    assert!(stats.limited.concurrent > 0, "they did collide");
}

#[test]
fn a_limit_that_nobody_told_is_learnt_and_tried_one_by_one() {
    // Two at once may run, of twelve: opened wide after each minute, the queue would be refused some fifty times.
    let (world, simulator) =
        World::simulated(6, json!({ "limits": { "video": { "concurrent": 2 } }, "durations": 65_000 }));
    let client = world.client(json!({ "limits": "none" }));
    let request = tiger();
    for made in world.run(all((0..12).map(|_| generate(&client, &request)))) {
        assert_eq!(made.unwrap().state, State::Completed);
    }
    let refused = simulator.borrow_mut().stats(world.true_time()).limited.concurrent;
    assert!((10..20).contains(&refused), "ten at first, then one a minute: {refused}");
}

#[test]
fn callers_take_turns() {
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
fn a_crash_at_any_moment_leaves_no_job_or_a_ticket_that_finds_it() {
    for after in [0.0, 1.0, 20.0, 49.0, 51.0, 500.0, 20_000.0, 71_000.0, 90_000.0] {
        for fault in ["", "create:cut-after@1", "create:cut@1"] {
            let store = Store::default();
            let (world, simulator) = World::simulated(10, json!({ "faults": fault, "durations": 72_000 }));
            let machine = world.machine(Some(store.clone()), 0.0);
            let client = machine.client(json!({}));
            machine.spawn(async move {
                let _ = generate(&client, &tiger()).await;
            });
            world.run(world.sleep(after));
            machine.crash();
            let machine = world.machine(Some(store.clone()), 120_000.0);
            let client = machine.client(json!({}));
            let resumed = world.run(async {
                world.sleep(5000.0).await;
                resume(&client).await
            });
            let delivered = resumed.iter().filter(|result| result.is_ok()).count();
            let name = format!("{fault} after {after} ms: {resumed:?}");
            assert_eq!(resumed.len(), delivered, "{name}");
            let finished_before = after > 80_000.0 && fault != "create:cut@1";
            assert_eq!(delivered, usize::from(!finished_before && after > 0.0), "{name}");
            assert_eq!(paid(&simulator, &world), usize::from(after > 0.0), "{name}");
            assert!(world.run(async { client.tickets().await }).unwrap().is_empty(), "{name}");
        }
    }
}

#[test]
fn an_error_about_a_job_that_goes_on_says_so_and_how_to_go_on() {
    for (fault, code) in [("401", Code::Authentication), ("503", Code::Server), ("cut", Code::Network)] {
        let faults = format!("list:{fault}x500,get:{fault}x500");
        let (world, simulator) = World::simulated(17, json!({ "faults": faults, "durations": 7_200_000 }));
        let client = world.client(json!({}));
        let error = world.run(generate(&client, &tiger())).unwrap_err();
        let job = error.generation.as_ref().unwrap();
        let advice = format!(
            ": the generation {} goes on. poll(error.generation) waits for it; another generate() buys a second one",
            job.id
        );
        assert_eq!((error.code, error.retryable), (code, false), "{error:?}");
        assert!(error.message.ends_with(&advice), "{}", error.message);
        assert_eq!(paid(&simulator, &world), 1);
    }
    // One that is gone does not go on.
    let (world, _) = World::simulated(18, json!({ "faults": "list:404x500,get:404x500" }));
    let client = world.client(json!({}));
    let error = world.run(generate(&client, &tiger())).unwrap_err();
    assert_eq!(error.code, Code::NotFound);
    assert!(!error.message.contains("goes on"), "{}", error.message);
    assert!(world.run(async { client.tickets().await }).unwrap().is_empty());
}

#[test]
fn a_refused_poll_ends_no_job_that_may_be_there() {
    let text = |text: &str| Body::Text(text.into());
    let words = |words: &str| Body::Json(json!({ "detail": words }));
    let runs = || Body::Json(json!({ "id": "a", "state": "dreaming", "detail": "Try later" }));
    // What the first polls answer, how many of them, and what the call comes to.
    for (status, body, times, code) in [
        (404, words("Generation not found"), 5, None),
        (410, words("Gone"), 5, None),
        (404, Body::Empty, 5, None),
        (404, text("404 page not found"), 9, None),
        (404, text("<html><title>Not Found</title></html>"), 9, None),
        (404, runs(), 5, None),
        (404, words("Generation not found"), 99, Some(Code::NotFound)),
        (410, words("Gone"), 99, Some(Code::Gone)),
        (404, text("404 page not found"), 99, Some(Code::NotFound)),
        (404, runs(), 99, Some(Code::NotFound)),
        (401, words("Invalid API key"), 1, Some(Code::Authentication)),
        (403, text("<html><title>Just a moment</title></html>"), 99, Some(Code::Protocol)),
        (403, words("Forbidden"), 1, Some(Code::Authentication)),
        (403, runs(), 1, Some(Code::Authentication)),
        (405, words("Method not allowed"), 1, Some(Code::NotFound)),
        (400, words("Bad request"), 1, Some(Code::InvalidRequest)),
    ] {
        for resumed in [false, true] {
            let name = format!("{status} {body:?} {times} times, resumed: {resumed}");
            let left = Rc::new(Cell::new(0));
            let (polls, refusal) = (left.clone(), body.clone());
            let network = World::scripted(19, move |_, request| {
                if request.method.as_str() == "POST" {
                    return answer(201, json!({ "id": "a", "state": "queued" }));
                }
                if polls.replace(polls.get() - 1) > 0 {
                    return (50.0, Ok(Response { status, headers: Headers::new(), body: refusal.clone() }));
                }
                answer(
                    200,
                    json!({ "id": "a", "state": "completed", "assets": { "video": "https://example.com/v.mp4" } }),
                )
            });
            let store = Store::default();
            let machine = network.machine(Some(store.clone()), 0.0);
            let client = machine.client(json!({}));
            left.set(times);
            let outcome = network.run(async {
                if !resumed {
                    return generate(&client, &tiger()).await;
                }
                client.create(&tiger(), &()).await.unwrap();
                let again = network.machine(Some(store.clone()), 0.0).client(json!({}));
                resume(&again).await.remove(0)
            });
            assert_eq!(outcome.as_ref().err().map(|error| error.code), code, "{name}: {outcome:?}");
            let tickets = store.entries().keys().filter(|key| key.starts_with("ticket:")).count();
            let is_gone = matches!((status, &body), (404 | 410, Body::Json(words)) if !words.has("state"));
            let Err(error) = outcome else { continue };
            assert_eq!(tickets, usize::from(!is_gone), "{name}");
            if !is_gone {
                assert!(error.message.contains("the generation a goes on"), "{name}: {}", error.message);
                left.set(0);
                let again = network.machine(Some(store.clone()), 0.0).client(json!({}));
                assert_eq!(network.run(resume(&again)).remove(0).unwrap().state, State::Completed, "{name}");
            }
        }
    }
}

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

/// A job that its caller asked to keep.
async fn generate_kept(client: &Client<World>, request: &Json) -> Result<Generation, luma_edge::error::Error> {
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

#[test]
fn an_abort_keeps_the_job_and_its_ticket_and_takes_back_what_was_not_sent() {
    for (after, fault, resumed_to) in
        [(10.0, "", Some(Ok(()))), (10.0, "create:cut@1", Some(Err(Code::Aborted))), (20_000.0, "", Some(Ok(())))]
    {
        let (world, simulator) = World::simulated(11, json!({ "faults": fault }));
        let client = world.client(json!({}));
        let error = world.run(client.generate(&tiger(), f64::INFINITY, &Seen::until(&world, after))).unwrap_err();
        assert_eq!(error.code, Code::Aborted);
        let resumed = world.run(resume(&client)).pop().map(|result| result.map(|_| ()).map_err(|error| error.code));
        assert_eq!(resumed, resumed_to, "{fault} after {after}");
        assert_eq!(paid(&simulator, &world), usize::from(resumed_to == Some(Ok(()))));
        assert!(world.run(resume(&client)).is_empty(), "delivered once");
    }
    // In the queue nothing was sent: nothing is left.
    let (world, simulator) = World::simulated(12, json!({}));
    let client = world.client(json!({ "limits": { "video": { "concurrent": 1 } } }));
    world.run(async {
        client.create(&tiger(), &()).await.unwrap();
        let error = client.generate(&tiger(), f64::INFINITY, &Seen::until(&world, 5000.0)).await.unwrap_err();
        assert!(error.creation.is_none() && error.generation.is_none());
        assert_eq!(resume(&client).await.len(), 1, "the one that was created");
    });
    assert_eq!(paid(&simulator, &world), 1);
}

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
    let client = world.machine(Some(store.clone()), 0.0).client(json!({}));
    let tickets = world.run(client.tickets()).unwrap();
    let (good, bad): (Vec<_>, Vec<_>) = tickets.into_iter().partition(|info| info.error.is_none());
    assert_eq!((good.len(), bad.len()), (1, 3));
    assert!(bad.iter().all(|info| info.error.as_ref().unwrap().code == Code::Store));
    let keys = store.entries().into_keys().collect::<Vec<_>>();
    assert!(
        keys.contains(&"quarantine:broken".to_owned()) && keys.contains(&"quarantine:strange".to_owned()),
        "{keys:?}"
    );
    assert!(keys.contains(&"ticket:newer".to_owned()) && !keys.contains(&"ticket:broken".to_owned()), "{keys:?}");
    assert!(world.run(resume(&client)).pop().unwrap().is_ok(), "the good one is not blocked");
}

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
fn a_job_that_takes_hours_counts_within_the_limits_while_it_is_polled() {
    let limits = json!({ "video": { "concurrent": 1 } });
    let (world, simulator) = World::simulated(33, json!({ "limits": limits, "durations": 7_500_000 }));
    let client = world.client(json!({ "limits": limits }));
    let made = world.run(all([generate(&client, &tiger()), generate(&client, &tiger())]));
    assert!(made.iter().all(Result::is_ok), "{made:?}");
    assert_eq!(simulator.borrow_mut().stats(world.true_time()).limited.concurrent, 0);
}

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
fn a_job_that_nobody_waits_for_does_not_keep_its_place() {
    let (world, _) = World::simulated(18, json!({ "durations": 60_000 }));
    let client = world.client(json!({ "limits": { "video": { "concurrent": 2 } } }));
    world.run(async {
        for _ in 0..6 {
            client.create(&tiger(), &()).await.unwrap();
        }
    });
    assert!(world.elapsed() < 130_000.0, "{}", world.elapsed());
    let error = world.run(client.poll(Target::Id("nobody".into()), f64::INFINITY, &())).unwrap_err();
    assert_eq!(error.code, Code::NotFound);
}

#[test]
fn a_wrong_clock_that_nobody_corrects_buys_nothing_twice() {
    // A page is not shown the `date` of another site's answers.
    for minutes in [-5.0, -0.1, 0.1, 5.0] {
        for (fault, posts) in [
            ("create:cut-after@1", 2),
            ("create:cut-after@2", 2),
            ("create:cut@1", 3),
            ("create:cut@2", 3),
            ("create:cut-after@1, create:cut@2", 3),
        ] {
            let options = serde_json::from_value(json!({ "faults": fault }).into()).unwrap();
            let simulator = Rc::new(RefCell::new(Simulator::new(options)));
            let network = simulator.clone();
            let world = World::scripted(19, move |now, request| {
                let (after, mut answer) = ask(&mut network.borrow_mut(), now, request);
                if let Ok(response) = &mut answer {
                    let shown = response.headers.iter().filter(|(name, _)| *name != "date");
                    response.headers =
                        shown.fold(Headers::new(), |headers, (name, value)| headers.with(name.to_owned(), value));
                }
                (after, answer)
            });
            let machine = world.machine(None, minutes * 60_000.0);
            let client = machine.client(json!({}));
            for expected in 1..=2 {
                machine.run(generate(&client, &tiger())).unwrap();
                assert_eq!(paid(&simulator, &world), expected, "{fault}, {minutes} min");
            }
            assert_eq!(machine.count("POST", "/generations/video"), posts, "{fault}, {minutes} min");
        }
    }
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

#[test]
fn what_a_server_tells_of_its_limits_is_heeded() {
    // As Luma's Agents API does: how many creations it takes before a moment, in Unix seconds.
    let world = World::scripted(22, |now, request| match request.method.as_str() {
        "POST" => {
            let reset = ((now + 30_000.0) / 1000.0).ceil();
            let headers = Headers::new()
                .with("x-ratelimit-limit", "20")
                .with("x-ratelimit-remaining", "0")
                .with("x-ratelimit-reset", reset.to_string());
            (
                50.0,
                Ok(Response {
                    status: 201,
                    headers,
                    body: Body::Json(json!({ "id": now.to_string(), "state": "queued" })),
                }),
            )
        }
        _ => answer(404, json!({ "detail": "Not Found" })),
    });
    let client = world.client(json!({ "limits": "none" }));
    world.run(async {
        client.create(&tiger(), &()).await.unwrap();
        assert!(world.elapsed() < 100.0);
        client.create(&tiger(), &()).await.unwrap();
    });
    assert!((29_000.0..33_000.0).contains(&world.elapsed()), "{}", world.elapsed());
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

/// So many creations at once, of each kind.
fn at_once(most: u32) -> Json {
    json!({ "limits": { "video": { "concurrent": most }, "image": { "concurrent": most } } })
}

#[test]
fn what_a_request_that_is_gone_held_is_free_again() {
    // Where a Worker's request was when it was cancelled with its timers and fetches, and how late the next one has its job.
    for (name, after, latest) in
        [("waiting", 5000.0, 45_000.0), ("on its way", 20.0, 150_000.0), ("running", 3000.0, 100_000.0)]
    {
        for store in [None, Some(Store::default())] {
            let (world, simulator) = World::simulated(24, json!({ "durations": 15_000 }));
            let machine = world.machine(store.clone(), 0.0);
            let isolate = AccountRegistry::default();
            let client = || Client::within(&isolate, machine.clone(), machine.settings(at_once(1)));
            let request = |prompt: &str| json!({ "model": "photon-1", "prompt": prompt });
            let begin = |prompt| {
                let (client, request) = (client(), request(prompt));
                machine.spawn(async move {
                    let _ = generate(&client, &request).await;
                })
            };
            if name == "waiting" {
                begin("the first");
                world.run(world.sleep(10.0));
            }
            let gone = begin("the one that is gone");
            world.run(world.sleep(after));
            machine.cut_off(gone);
            let began = world.elapsed();
            assert_eq!(world.run(generate(&client(), &request("the next"))).unwrap().state, State::Completed, "{name}");
            let took = world.elapsed() - began;
            assert!(took < latest, "{name}, store: {}: {took} ms", store.is_some());
            assert_eq!(paid(&simulator, &world), 2);
            assert_eq!(simulator.borrow_mut().stats(world.true_time()).limited.concurrent, 0);

            // Its ticket is left to whoever takes it up.
            if store.is_some() {
                world.run(world.sleep(200_000.0));
                let taken = world.run(resume(&client()));
                assert_eq!((taken.len(), taken[0].as_ref().map(|job| job.state)), (1, Ok(State::Completed)), "{name}");
                assert_eq!(paid(&simulator, &world), if name == "waiting" { 3 } else { 2 }, "{name}");
                assert!(world.run(client().tickets()).unwrap().is_empty(), "{name}");
            }
        }
    }
}

#[test]
fn a_call_that_is_gone_holds_no_other_call_of_its_client_up() {
    let (world, simulator) = World::simulated(25, json!({ "faults": "create:silence@1, create:cut@2" }));
    let client = Rc::new(world.client(json!({})));
    let calling = client.clone();
    let gone = world.spawn(async move {
        let _ = generate(&calling, &fox()).await;
    });
    world.run(world.sleep(1000.0));
    world.cut_off(gone);
    // No job is on the list that may be that of the one that is gone, so there is no answer to wait for.
    let made = world.run(generate(&client, &fox()));
    assert_eq!(made.unwrap().state, State::Completed);
    assert!(world.elapsed() < 60_000.0, "{}", world.elapsed());
    world.run(world.sleep(200_000.0));
    let taken = world.run(resume(&client));
    assert_eq!((taken.len(), taken[0].as_ref().map(|job| job.state)), (1, Ok(State::Completed)));
    assert_eq!(paid(&simulator, &world), 2);
}

#[test]
fn a_machine_that_stood_still_loses_no_place() {
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

#[test]
fn what_an_earlier_life_began_counts_within_the_limits() {
    let store = Store::default();
    let (world, simulator) = World::simulated(26, json!({ "durations": 40_000, "limits": at_once(1)["limits"] }));
    let machine = world.machine(Some(store.clone()), 0.0);
    world.run(machine.client(at_once(1)).create(&tiger(), &())).unwrap();
    machine.crash();
    let machine = world.machine(Some(store), 0.0);
    let client = machine.client(at_once(1));
    // Nobody takes the first one up.
    world.run(generate(&client, &tiger())).unwrap();
    assert_eq!(simulator.borrow_mut().stats(world.true_time()).limited.concurrent, 0);
    assert!(world.elapsed() < 95_000.0, "its end is seen: {}", world.elapsed());
    assert_eq!(world.run(resume(&client)).len(), 1, "and it is there still");
}

#[test]
fn a_job_that_is_deleted_keeps_its_place_while_it_runs() {
    let (world, simulator) = World::simulated(27, json!({ "durations": 80_000, "limits": at_once(1)["limits"] }));
    let client = world.client(at_once(1));
    world.run(async {
        let made = client.create(&tiger(), &()).await.unwrap();
        client.ask(Query::Removal(made.id.clone())).await.unwrap();
        client.create(&tiger(), &()).await.unwrap();
    });
    assert_eq!(simulator.borrow_mut().stats(world.true_time()).limited.concurrent, 0);
    assert!(world.elapsed() < 160_000.0, "not for ever: {}", world.elapsed());
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
fn a_refused_creation_keeps_its_turn_and_is_told_how_long() {
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
fn what_ten_pages_of_newer_jobs_hide_is_found_and_what_no_page_shows_is_not_sent_again() {
    let server = json!({ "faults": "create:silence-after@1", "limits": "none", "durations": 1, "latency": 1 });
    let (world, simulator) = World::simulated(24, server);
    let store = Store::default();
    let machine = world.machine(Some(store.clone()), 0.0);
    let client = machine.client(json!({}));
    world.run(client.generate(&tiger(), f64::INFINITY, &Seen::until(&world, 2000.0))).unwrap_err();
    let other = world.machine(None, 0.0).client(json!({ "limits": "none" }));
    let crowd = fox();
    world.run(all((0..1200).map(|_| other.create(&crowd, &())))).into_iter().for_each(|made| drop(made.unwrap()));
    let found = world.run(resume(&client)).pop().unwrap();
    assert_eq!(found.unwrap().state, State::Completed);
    assert_eq!(paid(&simulator, &world), 1201);

    // A list without an end, none of it older.
    let posts = Rc::new(RefCell::new(0));
    let counted = posts.clone();
    let world = World::scripted(24, move |_, request| match request.method.as_str() {
        "POST" => {
            *counted.borrow_mut() += 1;
            (50.0, Err(luma_edge::engine::FetchError::Lost("cut".into())))
        }
        _ => answer(
            200,
            json!({ "has_more": true, "generations": [{ "id": "x", "state": "queued", "created_at": "2030-01-01T00:00:00Z" }] }),
        ),
    });
    let error = world.run(generate(&world.client(json!({})), &tiger())).unwrap_err();
    assert_eq!((error.code, *posts.borrow()), (Code::UnknownOutcome, 1));
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
fn what_cannot_be_taken_up_is_told_whoever_read_it_first() {
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
    let code =
        |made: Result<Generation, luma_edge::error::Error>| made.map(|job| job.id.clone()).map_err(|error| error.code);
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

#[test]
fn what_a_store_keeps_of_delivered_jobs_is_bounded_whatever_the_dates_are() {
    use virtual_time::Store;
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
            virtual_time::answer(200, job)
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
