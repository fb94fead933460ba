//! Behind a proxy that makes one job of one idempotency key, nothing that is lost on the way there stays in doubt, and nothing is
//! made twice. At any other server all is as without keys.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod virtual_time;

use fastrand::Rng;
use luma_edge::engine::{CallOptions, Client, FetchError, Observer, Task};
use luma_edge::error::{Code, Error};
use luma_edge::generation::Generation;
use luma_edge::http::{Body, Headers, Method, Request, Response};
use luma_edge::json;
use luma_edge::json::Json;
use luma_edge::request::RequestKind;
use luma_edge::simulator::{Options, Simulator};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use virtual_time::{Answer, Calls, Store, World, all, answer, ask};

/// What the way to the proxy does to a request.
#[derive(Clone, Copy, Debug)]
enum Way {
    Good,
    /// It does not arrive.
    LostBefore,
    /// The answer is lost.
    LostAfter,
    /// It is cut off, and arrives all the same after so many ms.
    Late(f64),
    /// No answer, and no error either.
    SilentBefore,
    SilentAfter,
    /// A gateway gives up on it before or after it went on.
    GatewayBefore(u16),
    GatewayAfter(u16),
    /// The proxy's gate refuses it.
    Gate(u16),
}

type Ways = Box<dyn FnMut(&Request<Json>) -> Way>;
/// How the server answers to `creations/:key`.
type OutcomeAnswer = fn() -> Answer;

/// A proxy in front of a simulator, and what it remembers by key.
struct Proxy {
    simulator: Simulator,
    kept: BTreeMap<String, (Json, Answer)>,
    late: Vec<(f64, Request<Json>)>,
    way: Ways,
    /// Until when a creation is said to be on its way.
    pending: f64,
    /// Whether it lost its own answer from the provider.
    unknown: bool,
    /// An answer of a server that honours no keys.
    foreign: Option<OutcomeAnswer>,
}

#[derive(Clone)]
struct Site {
    world: World,
    proxy: Rc<RefCell<Proxy>>,
}

const AGENTS: &str = "https://proxy.example/agents/v1";
const DREAM_MACHINE: &str = "https://proxy.example/dream-machine/v1";

/// The two APIs: one lists its jobs, one does not.
fn sides() -> [Json; 2] {
    [
        json!({ "provider": "agents", "baseUrl": AGENTS, "apiKey": "luma-api-0123456789", "idempotencyKeys": true }),
        json!({ "baseUrl": DREAM_MACHINE, "idempotencyKeys": true }),
    ]
}

fn site(seed: u64, way: impl FnMut(&Request<Json>) -> Way + 'static) -> Site {
    let mut options: Options = serde_json::from_value(json!({ "limits": "none", "durations": 60_000 }).into()).unwrap();
    options.seed = seed;
    let proxy = Rc::new(RefCell::new(Proxy {
        simulator: Simulator::new(options),
        kept: BTreeMap::new(),
        late: Vec::new(),
        way: Box::new(way),
        pending: 0.0,
        unknown: false,
        foreign: None,
    }));
    let network = proxy.clone();
    Site { world: World::scripted(seed, move |now, request| network.borrow_mut().reached(now, request)), proxy }
}

/// The first creation goes that way, all else is well.
fn first(way: Way) -> impl FnMut(&Request<Json>) -> Way {
    let mut posts = 0;
    move |request| {
        posts += u32::from(request.method == Method::Post);
        if request.method == Method::Post && posts == 1 { way } else { Way::Good }
    }
}

fn lost() -> Answer {
    (50.0, Err(FetchError::Lost("connection reset".into())))
}

impl Proxy {
    fn reached(&mut self, now: f64, request: &Request<Json>) -> Answer {
        self.let_in(now);
        match (self.way)(request) {
            Way::Good => self.deal_with(now, request),
            Way::LostBefore => lost(),
            Way::LostAfter => {
                self.deal_with(now, request).1.ok();
                lost()
            }
            Way::Late(ms) => {
                self.late.push((now + ms, request.clone()));
                lost()
            }
            Way::SilentBefore => (f64::INFINITY, lost().1),
            Way::SilentAfter => {
                self.deal_with(now, request).1.ok();
                (f64::INFINITY, lost().1)
            }
            Way::GatewayBefore(status) => answer(status, json!({})),
            Way::GatewayAfter(status) => {
                self.deal_with(now, request).1.ok();
                answer(status, json!({}))
            }
            Way::Gate(status) => honouring(answer(status, json!({ "detail": "not now", "code": "gate" }))),
        }
    }

    /// What was late arrives.
    fn let_in(&mut self, now: f64) {
        let (due, rest) = std::mem::take(&mut self.late).into_iter().partition(|(at, _)| *at <= now);
        self.late = rest;
        for (at, request) in due {
            self.deal_with(at, &request).1.ok();
        }
    }

    fn deal_with(&mut self, now: f64, request: &Request<Json>) -> Answer {
        if let Some((_, key)) = request.url.split_once("/creations/") {
            return match self.foreign {
                Some(answer) => answer(),
                None => honouring(self.outcome_of(now, key)),
            };
        }
        let key = request.headers.get("idempotency-key").filter(|_| self.foreign.is_none());
        let Some(key) = key else {
            let answer = ask(&mut self.simulator, now, request);
            return if self.foreign.is_none() { honouring(answer) } else { answer };
        };
        let body = request.body.clone().unwrap();
        if let Some((before, kept)) = self.kept.get(key) {
            let used = json!({ "detail": "This Idempotency-Key was used for another request.", "code": "idempotency" });
            return honouring(if *before == body { kept.clone() } else { answer(409, used) });
        }
        let answered = if self.unknown {
            ask(&mut self.simulator, now, request).1.ok();
            answer(504, json!({ "detail": "lost", "code": "unknown_outcome" }))
        } else {
            ask(&mut self.simulator, now, request)
        };
        if answered.1.as_ref().is_ok_and(|response| response.status < 300 || response.status == 504) {
            self.kept.insert(key.to_owned(), (body, answered.clone()));
        }
        honouring(answered)
    }

    fn outcome_of(&self, now: f64, key: &str) -> Answer {
        let Some((_, (_, Ok(kept)))) = self.kept.get(key) else {
            return answer(200, json!({ "key": key, "state": "none" }));
        };
        let Body::Json(made) = &kept.body else { panic!("{kept:?}") };
        answer(
            200,
            match kept.status {
                _ if now < self.pending => json!({ "key": key, "state": "pending" }),
                504 => json!({ "key": key, "state": "unknown" }),
                _ => json!({ "key": key, "state": "made", "answer": made.clone() }),
            },
        )
    }
}

fn honouring((after, answer): Answer) -> Answer {
    (
        after,
        answer.map(|response| {
            let headers = response.headers.clone().with("luma-edge-idempotency", "1");
            Response { headers, ..response }
        }),
    )
}

impl Site {
    /// What was asked for of each job that was made.
    fn made(&self) -> Vec<String> {
        let mut proxy = self.proxy.borrow_mut();
        let now = self.world.true_time();
        proxy.let_in(f64::INFINITY);
        proxy
            .simulator
            .made(now)
            .iter()
            .map(|made| made.request["prompt"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    fn sent(&self, method: Method, part: &str) -> Vec<Request<Json>> {
        let sent = self.world.sent.borrow();
        sent.iter().filter(|request| request.method == method && request.url.contains(part)).cloned().collect()
    }

    fn keys(&self) -> Vec<Option<String>> {
        let key = |request: &Request<Json>| request.headers.get("idempotency-key").map(str::to_owned);
        self.sent(Method::Post, "").iter().map(key).collect()
    }
}

fn tiger() -> Json {
    json!({ "prompt": "A tiger" })
}

async fn generate(client: &Client<World>, request: &Json) -> Result<Generation, Error> {
    client.generate(request, f64::INFINITY, &()).await
}

async fn resume(client: &Client<World>) -> Vec<Result<Generation, Error>> {
    let outcomes: RefCell<Vec<_>> = RefCell::default();
    resume_each(client, |outcome| outcomes.borrow_mut().push(outcome)).await;
    outcomes.into_inner()
}

async fn resume_each(client: &Client<World>, ended: impl Fn(Result<Generation, Error>)) {
    let tickets = client.tickets().await.unwrap();
    let resumed = |ticket| async { ended(client.run(Task::Resume(ticket), CallOptions::default(), &()).await) };
    all(tickets.into_iter().map(|info| resumed(info.ticket))).await;
}

/// A caller that gives up after so many ms.
struct Patience(World, f64);

impl Observer for Patience {
    async fn given_up(&self) {
        luma_edge::engine::Host::sleep(&self.0, self.1).await;
    }
}

#[test]
fn a_list_of_a_server_that_forgets_does_not_prove_that_nothing_was_made() {
    // A proxy that was restarted while it made the job: it does not show a job that it does not remember.
    let world = World::scripted(9, |_, request| {
        let (after, answer) = match request.method {
            Method::Post => (10.0, Err(FetchError::Lost("reset".into()))),
            _ if request.url.contains("/creations/") => answer(404, json!({ "detail": "no such path" })),
            _ => answer(200, json!({ "generations": [], "has_more": false, "count": 0, "limit": 100, "offset": 0 })),
        };
        let forgets = |response: Response<_>| Response {
            headers: response.headers.with("luma-edge-idempotency", "none"),
            ..response
        };
        (after, answer.map(forgets))
    });
    for keys in [Some(true), None] {
        let client =
            world.client(json!({ "idempotencyKeys": keys, "baseUrl": "https://page.example/luma/dream-machine" }));
        let error = world.run(client.create(&tiger(), &())).unwrap_err();
        assert_eq!(error.code, Code::UnknownOutcome, "{}", error.message);
    }
    let posts = world.sent.borrow().iter().filter(|request| request.method == Method::Post).count();
    assert_eq!(posts, 2, "each was sent once");
}

#[test]
fn whatever_is_lost_on_the_way_to_the_proxy_is_one_job() {
    for (way, posts) in [
        (Way::Good, 1),
        (Way::LostBefore, 2),
        (Way::LostAfter, 1),
        (Way::Late(8000.0), 2),
        (Way::SilentBefore, 2),
        (Way::SilentAfter, 1),
        (Way::GatewayBefore(502), 2),
        (Way::GatewayAfter(502), 1),
        (Way::GatewayAfter(408), 1),
        (Way::GatewayAfter(200), 1),
    ] {
        for side in sides() {
            let site = site(1, first(way));
            let made = site.world.run(generate(&site.world.client(side), &tiger()));
            assert!(made.is_ok(), "{way:?}: {made:?}");
            assert_eq!(site.made(), ["A tiger"], "{way:?}");
            let keys = site.keys();
            assert_eq!(keys.len(), posts, "{way:?}");
            assert!(keys[0].is_some() && keys.iter().all(|key| *key == keys[0]), "{way:?}: {keys:?}");
            assert!(site.sent(Method::Get, "/generations?").is_empty() || matches!(way, Way::Good), "{way:?}");
        }
    }
}

#[test]
fn without_a_connection_for_a_minute_nothing_is_in_doubt_either() {
    for side in sides() {
        let since = Rc::new(Cell::new(0.0));
        let now = since.clone();
        let site = site(2, move |request| {
            let arrived = request.method == Method::Post && now.get() == 0.0;
            if now.get() < 60_000.0 { if arrived { Way::LostAfter } else { Way::LostBefore } } else { Way::Good }
        });
        let world = site.world.clone();
        site.world.spawn(async move {
            loop {
                luma_edge::engine::Host::sleep(&world, 500.0).await;
                since.set(world.elapsed());
            }
        });
        let made = site.world.run(generate(&site.world.client(side), &tiger()));
        assert!(made.is_ok(), "{made:?}");
        assert_eq!(site.made(), ["A tiger"]);
        site.world.end();
    }
}

#[test]
fn a_proxy_that_is_still_making_it_is_waited_for() {
    for side in sides() {
        let site = site(3, first(Way::LostAfter));
        site.proxy.borrow_mut().pending = site.world.true_time() + 40_000.0;
        assert!(site.world.run(generate(&site.world.client(side), &tiger())).is_ok());
        assert_eq!((site.made().len(), site.keys().len()), (1, 1));
        assert!(site.sent(Method::Get, "/creations/").len() > 6);
    }
}

#[test]
fn what_the_proxy_itself_lost_stays_unknown_and_is_not_sent_again() {
    for (side, left) in sides().into_iter().zip([0, 1]) {
        let site = site(4, |_| Way::Good);
        site.proxy.borrow_mut().unknown = true;
        let machine = site.world.machine(Some(Store::default()), 0.0);
        let client = machine.client(side);
        let error = machine.run(generate(&client, &tiger())).unwrap_err();
        assert_eq!(error.code, Code::UnknownOutcome);
        let resumed = machine.run(resume(&client)).pop().unwrap().unwrap_err();
        assert_eq!(resumed.code, Code::UnknownOutcome);
        assert_eq!(machine.count("POST", ""), 1);
        // Where the provider lists its jobs, the proxy goes on looking for it, and may know more later.
        assert_eq!(machine.run(client.tickets()).unwrap().len(), left);
    }
}

/// Servers that honour no keys, as they answer to what they do not know.
const FOREIGN: [OutcomeAnswer; 7] = [
    || answer(404, json!({ "detail": "Not Found" })),
    || answer(404, json!({ "detail": "Not Found", "code": "not_found" })),
    || answer(405, json!({})),
    || answer(200, json!({ "id": "1", "state": "made", "answer": { "id": "1", "state": "queued" } })),
    || (50.0, Ok(Response { status: 200, headers: Headers::new(), body: Body::Text("<!doctype html><html>".into()) })),
    || (50.0, Ok(Response { status: 404, headers: Headers::new(), body: Body::Text("<html>none</html>".into()) })),
    || answer(500, json!({})),
];

#[test]
fn at_any_other_server_all_is_as_without_keys() {
    for (number, foreign) in FOREIGN.into_iter().enumerate() {
        let [agents, dream_machine] = sides().map(|side| {
            let site = site(5, first(Way::LostAfter));
            site.proxy.borrow_mut().foreign = Some(foreign);
            let made = site.world.run(generate(&site.world.client(side), &tiger()));
            assert_eq!((site.made().len(), site.keys().len()), (1, 1), "{number}");
            made
        });
        assert_eq!(agents.unwrap_err().code, Code::UnknownOutcome, "{number}");
        assert!(dream_machine.is_ok(), "{number}: {dream_machine:?}");
    }
}

#[test]
fn a_server_that_may_refuse_the_header_is_asked_first_and_once() {
    let unset = |side: Json| side.with("idempotencyKeys", json!(null));
    for side in sides().map(unset) {
        for foreign in FOREIGN.into_iter().map(Some).chain([None]) {
            let site = site(6, |_| Way::Good);
            site.proxy.borrow_mut().foreign = foreign;
            let client = site.world.client(side.clone());
            for _ in 0..3 {
                site.world.run(generate(&client, &tiger())).unwrap();
            }
            assert_eq!(site.sent(Method::Get, "/creations/").len(), 1);
            assert!(site.keys().iter().all(|key| key.is_some() == foreign.is_none()), "{:?}", site.keys());
        }
        // Any answer of the server tells it.
        let site = site(6, |_| Way::Good);
        let client = site.world.client(side);
        site.world.run(client.poll(luma_edge::engine::Target::Id("none".into()), f64::INFINITY, &())).unwrap_err();
        site.world.run(generate(&client, &tiger())).unwrap();
        assert!(site.sent(Method::Get, "/creations/").is_empty() && site.keys()[0].is_some());
    }
}

#[test]
fn a_question_that_is_lost_costs_nothing() {
    let side = sides()[0].with("idempotencyKeys", json!(null));
    let site = site(6, |request| if request.url.contains("/creations/") { Way::LostBefore } else { Way::Good });
    let client = site.world.client(side);
    site.world.run(generate(&client, &tiger())).unwrap();
    site.world.run(generate(&client, &tiger())).unwrap();
    // The answer to the first creation told what the question did not.
    assert_eq!(site.keys().iter().map(Option::is_some).collect::<Vec<_>>(), [false, true]);
}

#[test]
fn no_key_goes_to_a_provider_itself_or_where_the_caller_wants_none() {
    for options in [
        json!({ "baseUrl": "https://api.lumalabs.ai/dream-machine/v1", "idempotencyKeys": true }),
        json!({ "baseUrl": DREAM_MACHINE, "idempotencyKeys": false }),
    ] {
        let site = site(7, |_| Way::Good);
        site.world.run(generate(&site.world.client(options), &tiger())).unwrap();
        assert_eq!(site.keys(), [None]);
        assert!(site.sent(Method::Get, "/creations/").is_empty());
    }
}

#[test]
fn a_refusal_of_what_is_sent_again_says_nothing_of_what_was_lost() {
    for side in sides() {
        for (status, code) in [(401, Code::Authentication), (402, Code::InsufficientCredits), (429, Code::RateLimited)]
        {
            for arrives in [true, false] {
                let mut posts = 0;
                let site = site(8, move |request| {
                    posts += u32::from(request.method == Method::Post);
                    match posts {
                        1 if request.method == Method::Post && arrives => Way::Late(8000.0),
                        1 if request.method == Method::Post => Way::LostBefore,
                        _ if request.method == Method::Post => Way::Gate(status),
                        _ => Way::Good,
                    }
                });
                let machine = site.world.machine(Some(Store::default()), 0.0);
                let client = machine.client(side.with("maxRetries", json!(2)));
                let outcome = machine.run(generate(&client, &tiger()));
                assert_eq!(outcome.map_err(|error| error.code).err(), (!arrives).then_some(code), "{status} {arrives}");
                assert_eq!(site.made().len(), usize::from(arrives), "{status}");
                assert!(machine.run(client.tickets()).unwrap().is_empty());
            }
        }
    }
}

#[test]
fn where_the_proxy_cannot_be_asked_any_more_the_outcome_is_unknown() {
    let mut posts = 0;
    let site = site(9, move |request| {
        posts += u32::from(request.method == Method::Post);
        match posts {
            1 if request.method == Method::Post => Way::Late(8000.0),
            // The token was taken away meanwhile.
            2.. => Way::Gate(401),
            _ => Way::Good,
        }
    });
    let machine = site.world.machine(Some(Store::default()), 0.0);
    let client = machine.client(sides()[0].clone());
    let error = machine.run(generate(&client, &tiger())).unwrap_err();
    assert_eq!((error.code, machine.count("POST", "")), (Code::UnknownOutcome, 2));
    assert!(error.message.contains("resume() asks about it again"), "{}", error.message);
    assert_eq!(machine.run(client.tickets()).unwrap().len(), 1);
    // And is there again.
    site.proxy.borrow_mut().way = Box::new(|_| Way::Good);
    assert!(machine.run(resume(&client)).pop().unwrap().is_ok());
    assert_eq!(site.made().len(), 1);
}

#[test]
fn a_creation_that_was_given_up_is_found_or_never_made() {
    for side in sides() {
        for (way, made) in [(Way::Late(20_000.0), true), (Way::SilentAfter, true), (Way::SilentBefore, false)] {
            let site = site(10, first(way));
            let machine = site.world.machine(Some(Store::default()), 0.0);
            let client = machine.client(side.clone());
            let order = client.validate(&tiger()).unwrap();
            let patience = Patience(machine.clone(), 20.0);
            let error = machine.run(client.run(Task::Generate(order), CallOptions::default(), &patience)).unwrap_err();
            assert_eq!(error.code, Code::Aborted);
            let resumed = machine.run(resume(&client)).pop().unwrap();
            assert_eq!(resumed.map_err(|error| error.code).err(), (!made).then_some(Code::Aborted), "{way:?}");
            assert_eq!((site.made().len(), machine.count("POST", "")), (usize::from(made), 1), "{way:?}");
        }
    }
}

#[test]
fn a_key_that_was_used_for_another_request_is_told_as_a_defect() {
    let site = site(11, |_| Way::Good);
    let machine = site.world.machine(Some(Store::default()), 0.0);
    let client = machine.client(sides()[0].clone());
    // Whatever it is sent, the proxy has seen its key.
    site.proxy.borrow_mut().way = Box::new(|_| Way::Good);
    let proxy = site.proxy.clone();
    machine.watch(move |_, _, happening| {
        if let virtual_time::Happening::Sent(request) = happening
            && let Some(key) = request.headers.get("idempotency-key")
        {
            proxy.borrow_mut().kept.insert(key.to_owned(), (json!({}), answer(201, json!({}))));
        }
    });
    let error = machine.run(generate(&client, &tiger())).unwrap_err();
    assert_eq!((error.code, error.status), (Code::Internal, Some(409)));
    assert!(error.message.contains("used for another request"), "{}", error.message);
    assert!(machine.run(client.tickets()).unwrap().is_empty());
}

/// A creation under way when its machine dies; a new one takes its place after so long.
fn crashed(site: &Site, side: &Json, after: f64) -> Client<World> {
    let store = Store::default();
    let machine = site.world.machine(Some(store.clone()), 0.0);
    let client = machine.client(side.clone());
    machine.spawn(async move {
        let _ = generate(&client, &tiger()).await;
    });
    site.world.run(luma_edge::engine::Host::sleep(&site.world, 20.0));
    machine.crash();
    site.world.run(luma_edge::engine::Host::sleep(&site.world, after));
    site.world.machine(Some(store), 0.0).client(sides()[usize::from(side.get("provider").is_none())].clone())
}

#[test]
fn after_a_crash_the_same_key_is_asked_for() {
    for side in sides() {
        for (way, posts) in [(Way::Good, 0), (Way::LostBefore, 1), (Way::Late(60_000.0), 1)] {
            let site = site(12, first(way));
            let client = crashed(&site, &side, 1000.0);
            let resumed = client.host().run(resume(&client));
            assert!(resumed.len() == 1 && resumed[0].is_ok(), "{way:?}: {resumed:?}");
            assert_eq!((site.made().len(), client.host().count("POST", "")), (1, posts), "{way:?}");
        }
    }
}

#[test]
fn what_was_sent_without_a_key_or_long_ago_is_not_sent_again_by_it() {
    let agents = sides()[0].clone();
    for (side, after) in [(agents.with("idempotencyKeys", json!(false)), 1000.0), (agents, 7.0 * 86_400_000.0)] {
        let site = site(13, |_| Way::Good);
        let client = crashed(&site, &side, after);
        // By then the proxy has forgotten it.
        site.proxy.borrow_mut().kept.clear();
        let error = client.host().run(resume(&client)).pop().unwrap().unwrap_err();
        assert_eq!((error.code, client.host().count("POST", "")), (Code::UnknownOutcome, 0));
    }
}

#[test]
fn upscales_that_look_alike_in_a_list_each_get_their_own() {
    let lose = Rc::new(Cell::new(false));
    let losing = lose.clone();
    let site = site(
        14,
        move |request| {
            if request.method == Method::Post && losing.get() { Way::LostAfter } else { Way::Good }
        },
    );
    let client = site.world.client(sides()[1].clone());
    let videos = site.world.run(all((0..2).map(|_| async { generate(&client, &tiger()).await.unwrap() })));
    lose.set(true);
    let larger = site.world.run(all(videos.iter().map(|video| async {
        client.derive(RequestKind::UpscaleVideo, &video.id, &json!({ "resolution": "1080p" }), &()).await
    })));
    assert_eq!(site.proxy.borrow_mut().simulator.made(site.world.true_time()).len(), 4);
    for (video, larger) in videos.iter().zip(larger) {
        let proxy = site.proxy.borrow();
        let kept = proxy.kept.values().find(|(_, (_, kept))| {
            let Ok(Response { body: Body::Json(made), .. }) = kept else { return false };
            made["id"].as_str() == Some(larger.as_ref().unwrap().id.as_str())
        });
        assert!(kept.is_some(), "{}: {larger:?}", video.id);
    }
}

#[test]
fn identical_creations_that_are_all_lost_each_get_their_own() {
    for side in sides() {
        let site = site(15, |request| if request.method == Method::Post { Way::LostAfter } else { Way::Good });
        let client = site.world.client(side);
        let made = site.world.run(all((0..20).map(|_| async { generate(&client, &tiger()).await })));
        let mut ids: Vec<_> = made.into_iter().map(|job| job.unwrap().id.clone()).collect();
        ids.sort();
        ids.dedup();
        assert_eq!((ids.len(), site.made().len()), (20, 20));
    }
}

/// A day on a bad line: creations are lost, late and refused, questions too, and the machine dies twice.
fn rough_day(seed: u64, side: &Json) {
    const JOBS: usize = 6;
    let mut dice = Rng::with_seed(seed);
    let calm = Rc::new(Cell::new(false));
    let quiet = calm.clone();
    let site = site(seed, move |request| {
        let rough = !quiet.get() && (request.method == Method::Post || request.url.contains("/creations/"));
        match dice.u32(..if rough { 16 } else { 1 }) {
            1 | 2 => Way::LostBefore,
            3 | 4 => Way::LostAfter,
            5 | 6 => Way::Late(f64::from(dice.u32(100..25_000))),
            7 => Way::SilentBefore,
            8 => Way::SilentAfter,
            9 => Way::GatewayBefore(502),
            10 => Way::GatewayAfter(503),
            11 => Way::Gate(429),
            _ => Way::Good,
        }
    });
    let mut dice = Rng::with_seed(seed ^ 0x5eed);
    // Half of them are identical.
    let prompt = |job: usize| if job.is_multiple_of(2) { "twin".to_owned() } else { format!("one of its kind, {job}") };
    let store = Store::default();
    // What callers got: jobs by their ids, and codes of errors.
    let delivered: Rc<RefCell<Vec<Result<String, Code>>>> = Rc::default();
    let keep = |delivered: &Rc<RefCell<Vec<Result<String, Code>>>>, job: Result<Generation, Error>| {
        delivered.borrow_mut().push(job.map(|job| job.id.clone()).map_err(|error| error.code));
    };
    let mut machine = site.world.machine(Some(store.clone()), 0.0);
    let client = Rc::new(machine.client(side.clone()));
    for job in 0..JOBS {
        let (client, delivered) = (client.clone(), delivered.clone());
        machine.spawn(async move { keep(&delivered, generate(&client, &json!({ "prompt": prompt(job) })).await) });
    }
    for life in 0..4 {
        let lives = f64::from(dice.u32(1..90_000));
        site.world.run(luma_edge::engine::Host::sleep(&site.world, lives));
        machine.crash();
        calm.set(life >= 2);
        machine = site.world.machine(Some(store.clone()), 0.0);
        let client = machine.client(side.clone());
        let resumed = delivered.clone();
        let again = async move { resume_each(&client, |outcome| keep(&resumed, outcome)).await };
        if life < 3 {
            machine.spawn(again);
        } else {
            machine.run(again);
        }
    }
    // What was given up in between waits for its caller.
    let client = machine.client(side.clone());
    machine.run(resume(&client)).into_iter().for_each(|job| keep(&delivered, job));
    let made = site.made();
    let mut asked: Vec<_> = (0..JOBS).map(prompt).collect();
    let delivered = delivered.borrow();
    let mut ids: Vec<_> = delivered.iter().flatten().collect();
    let jobs = ids.len();
    ids.sort();
    ids.dedup();
    let not_made = |code: &&Code| [Code::RateLimited, Code::Aborted].contains(code);
    let never = delivered.iter().filter_map(|outcome| outcome.as_ref().err()).filter(not_made).count();
    let day = format!("seed {seed}: {made:?} {delivered:?}");
    assert!((ids.len(), made.len(), JOBS) == (jobs, jobs, jobs + never), "{day}");
    // As many of each as were asked for, less those of which a caller was told that none was made.
    assert!(
        made.iter().all(|prompt| asked.iter().position(|other| other == prompt).map(|at| asked.remove(at)).is_some()),
        "{day}"
    );
    assert!(machine.run(client.tickets()).unwrap().is_empty(), "{day}");
}

#[test]
fn on_a_rough_day_each_creation_is_one_job() {
    for seed in 0..300 {
        for side in sides() {
            rough_day(seed, &side);
        }
    }
}
