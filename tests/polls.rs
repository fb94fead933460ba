//! How soon the end of a job is noticed and with how many polls, for jobs of any length, on virtual time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod virtual_time;

use luma_edge::engine::{Client, Host};
use luma_edge::http::{Method, Request};
use luma_edge::json;
use luma_edge::json::Json;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use virtual_time::{Calls, EPOCH, World, all, answer};

/// What the server says of when a job was made.
type Created = fn(now: f64) -> Option<String>;

const CREATED: [(&str, Created); 6] = [
    ("as it was", |now| Some(date(now))),
    ("not at all", |_| None),
    ("always the same day", |_| Some(date(EPOCH))),
    ("a week early", |now| Some(date(now - 604_800_000.0))),
    ("a day late", |now| Some(date(now + 86_400_000.0))),
    ("in the year 1", |_| Some("0001-01-01T00:00:00Z".to_owned())),
];

/// What a job may take, in s: short, a quarter of what is thought usual, that, four times as much.
const LENGTHS: [f64; 22] = [
    1.0, 2.0, 3.0, 4.0, 6.0, 9.9, 15.0, 18.0, 20.0, 27.0, 30.0, 41.0, 60.0, 72.0, 75.0, 120.0, 180.0, 288.0, 300.0,
    450.0, 600.0, 900.0,
];

fn date(ms: f64) -> String {
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_micros((ms * 1000.0) as u64);
    humantime::format_rfc3339_millis(time).to_string()
}

/// A plain server, and how long its jobs take from now on, in s.
struct Server {
    world: World,
    length: Rc<Cell<f64>>,
    created: Rc<RefCell<Vec<f64>>>,
}

/// How one job went.
#[derive(Debug)]
struct Noticed {
    late: f64,
    reads: usize,
}

impl Server {
    fn new(seed: u64, created: Created) -> Self {
        let length = Rc::new(Cell::new(0.0));
        let (made, seconds) = (Rc::new(RefCell::new(Vec::<(f64, f64)>::new())), length.clone());
        let times = Rc::new(RefCell::new(Vec::new()));
        let began = times.clone();
        let world = World::scripted(seed, move |now, request: &Request<Json>| {
            let job = |index: usize| {
                let (at, seconds): (f64, f64) = made.borrow()[index];
                let done = now >= at + seconds * 1000.0;
                let state = if done { "completed" } else { "dreaming" };
                let job = json!({ "id": (format!("job-{index}")), "state": state,
                    "assets": { "video": "https://files.example/v.mp4" }, "model": "ray-2",
                    "type": "video", "output": [{ "type": "video", "url": "https://files.example/v.mp4" }] });
                created(at).map_or(job.clone(), |date| job.with("created_at", Json::string(&date)))
            };
            if request.method == Method::Post {
                made.borrow_mut().push((now, seconds.get()));
                began.borrow_mut().push(now);
                return answer(201, job(made.borrow().len() - 1));
            }
            let count = made.borrow().len();
            if let Some((_, query)) = request.url.split_once('?') {
                let number = |name: &str| {
                    let found = query.split('&').find_map(|part| part.strip_prefix(name));
                    found.map_or(0, |text| text.parse::<usize>().unwrap())
                };
                let page: Vec<Json> =
                    (0..count).rev().skip(number("offset=")).take(number("limit=")).map(job).collect();
                return answer(200, json!({ "generations": page, "count": count }));
            }
            let index = request.url.rsplit_once("job-").unwrap().1.parse().unwrap();
            answer(200, job(index))
        });
        Server { world, length, created: times }
    }

    /// Makes a job of that length and waits for it.
    fn job(&self, client: &Client<World>, seconds: f64) -> Noticed {
        self.length.set(seconds);
        let before = self.world.sent.borrow().len();
        self.world.run(client.generate(&json!({ "prompt": "A tiger" }), f64::INFINITY, &())).unwrap();
        let made = *self.created.borrow().last().unwrap();
        let late = (self.world.true_time() - made) / 1000.0 - seconds;
        // Jobs that follow each other at once would be taken for one batch.
        self.world.run(self.world.sleep(10_000.0));
        Noticed { late, reads: self.world.sent.borrow().len() - before - 1 }
    }
}

/// Within 3 s or a tenth of the run.
fn bar(seconds: f64) -> f64 {
    (seconds / 10.0).max(3.0)
}

#[test]
fn the_first_job_is_noticed_whatever_its_length_and_whatever_its_date() {
    for provider in ["dream-machine", "agents"] {
        for (dated, created) in CREATED {
            for (seed, seconds) in LENGTHS.into_iter().enumerate() {
                let server = Server::new(seed as u64, created);
                let client = server.world.client(json!({ "provider": provider }));
                let noticed = server.job(&client, seconds);
                let what = format!("{provider}, dated {dated}, {seconds} s: {noticed:?}");
                assert!(noticed.late <= bar(seconds) && noticed.reads <= 60, "{what}");
            }
        }
    }
}

#[test]
fn so_is_each_later_one_of_a_client_whose_jobs_take_any_time() {
    let length = |n: usize| LENGTHS[n * 7 % LENGTHS.len()];
    for seed in 0..30 {
        let server = Server::new(seed, CREATED[seed as usize % 6].1);
        let client = server.world.client(json!({}));
        for n in 0..LENGTHS.len() {
            let seconds = length(n + seed as usize);
            let noticed = server.job(&client, seconds);
            assert!(noticed.late <= bar(seconds) && noticed.reads <= 60, "seed {seed}, {seconds} s: {noticed:?}");
        }
    }
}

#[test]
fn a_usual_length_takes_few_polls_once_it_is_known() {
    for usual in LENGTHS {
        for seed in 0..6 {
            let server = Server::new(seed, CREATED[seed as usize % 6].1);
            let client = server.world.client(json!({}));
            for n in 0..8 {
                // Nothing takes the very same time again.
                let seconds = usual * (0.97 + 0.06 * server.world.random());
                let noticed = server.job(&client, seconds);
                let what = format!("seed {seed}, job {n} of {usual} s: {noticed:?}");
                assert!(noticed.late <= bar(seconds), "{what}");
                assert!(noticed.reads <= if n < 2 { 60 } else { 12 }, "{what}");
            }
        }
    }
}

#[test]
fn what_takes_longer_than_usual_is_noticed_as_soon_and_what_takes_less_a_little_later() {
    // By how much more than 3 s or a tenth of its run a shorter one is late at most: what 12 polls permit.
    for (usual, more) in
        [(15.0, 1.0), (26.0, 1.0), (45.0, 1.75), (72.0, 2.5), (150.0, 3.75), (300.0, 5.0), (900.0, 7.25)]
    {
        for share in [0.01, 0.1, 0.25, 0.5, 0.8, 0.88, 0.92, 1.0, 1.1, 1.3, 2.0, 4.0] {
            for seed in 0..3 {
                let server = Server::new(seed, CREATED[0].1);
                let client = server.world.client(json!({}));
                for _ in 0..4 {
                    server.job(&client, usual);
                }
                let seconds = usual * share;
                let noticed = server.job(&client, seconds);
                let most = bar(seconds) * if share < 0.9 { more } else { 1.0 };
                assert!(noticed.late <= most && noticed.reads <= 60, "{share} of {usual} s: {noticed:?}");
            }
        }
    }
}

#[test]
fn a_hundred_in_flight_of_any_length_cost_a_request_a_second() {
    for (length, created) in [18.0, 72.0, 288.0, 900.0].into_iter().zip(CREATED) {
        let server = Server::new(3, created.1);
        let client = server.world.client(json!({ "limits": "none" }));
        let world = &server.world;
        server.length.set(length);
        let mut late = world.run(all((0..100).map(|n| {
            let client = &client;
            async move {
                let request = json!({ "prompt": (format!("A tiger, number {n}")) });
                client.generate(&request, f64::INFINITY, &()).await.unwrap();
                world.elapsed() / 1000.0 - length
            }
        })));
        let reads = world.sent.borrow().len() - 100;
        assert!(reads as f64 <= world.elapsed() / 1000.0 + 1.0, "{reads} reads in {} s", world.elapsed() / 1000.0);
        late.sort_by(f64::total_cmp);
        assert!(late[94] <= 2.0 && late[99] <= bar(length), "{length} s: {late:?}");
    }
}

#[test]
fn without_a_list_ten_in_flight_are_noticed_as_soon() {
    for length in [3.0, 18.0, 72.0, 288.0] {
        let server = Server::new(4, CREATED[0].1);
        let client = server.world.client(json!({ "provider": "agents", "limits": "none" }));
        let world = &server.world;
        server.length.set(length);
        let late = world.run(all((0..10).map(|n| {
            let client = &client;
            async move {
                let request = json!({ "prompt": (format!("A tiger, number {n}")) });
                client.generate(&request, f64::INFINITY, &()).await.unwrap();
                world.elapsed() / 1000.0 - length
            }
        })));
        assert!(late.iter().all(|&late| late <= bar(length) + 2.0), "{length} s: {late:?}");
        let reads = world.sent.borrow().len() - 10;
        assert!(reads <= 10 * 60, "{reads}");
    }
}

#[test]
fn a_job_that_is_taken_up_late_is_read_at_once() {
    let server = Server::new(5, CREATED[0].1);
    server.length.set(60.0);
    let client = server.world.client(json!({}));
    let made = server.world.run(client.create(&json!({ "prompt": "A tiger" }), &())).unwrap();
    server.world.run(server.world.sleep(300_000.0));
    let later = server.world.client(json!({}));
    let before = server.world.elapsed();
    let target = luma_edge::engine::Target::Job(made);
    server.world.run(later.poll(target, f64::INFINITY, &())).unwrap();
    assert!(server.world.elapsed() - before < 200.0, "{}", server.world.elapsed() - before);
}
