//! A machine for the engine on virtual time: nothing sleeps, the clock jumps to whatever is due next. Its network is a
//! simulator, or a script. A universe may have several machines, which crash, whose clocks are wrong, and which may share
//! a store. All of it is replayed by its seed.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod executor;
mod store;

pub use executor::TaskId;
pub use store::Store;

use executor::{MAIN, Signal, Tasks};
use luma_edge::engine::{Attention, Client, Event, FetchError, Host, Settings, race};
use luma_edge::http::{Body, Request, Response};
use luma_edge::simulator::{Options, Outcome, Simulator};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::{Future, pending, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use store::Held;

/// When every world begins: 2026-11-20T00:00:00Z in ms.
pub const EPOCH: f64 = 1_795_132_800_000.0;
pub const KEY: &str = "luma-secret-0123456789";
pub const BASE: &str = "https://simulator.example/dream-machine/v1";

/// What comes back for a request, and after how many ms.
pub type Answer = (f64, Result<Response<Body<Value>>, FetchError>);
type Network = Box<dyn FnMut(f64, &Request<Value>) -> Answer>;

/// How rough it is out there. Calm by default: what is done takes effect at once, and only the network takes time.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    /// The longest way of a request to the server, and of the answer back on top of what the server takes, in ms.
    pub transit: f64,
    /// The longest that a write takes until it is durable, in ms. Its acknowledgement comes later than that.
    pub store_delay: f64,
    /// How likely a write or a load fails. A write that failed may have taken effect.
    pub store_failure: f64,
    /// How likely a nap, or the wait for a change of the store, ends early.
    pub restless: f64,
    /// Whether the store can lock. Without locks everybody gets one.
    pub locking: bool,
    /// Whether the store keeps what it says that it keeps.
    pub keeps: bool,
    /// Whether the store deletes what it says that it deletes.
    pub deletes: bool,
}

impl Weather {
    pub const CALM: Weather = Weather {
        transit: 0.0,
        store_delay: 0.0,
        store_failure: 0.0,
        restless: 0.0,
        locking: true,
        keeps: true,
        deletes: true,
    };
}

/// What a witness sees.
pub enum Happening<'a> {
    /// A request leaves a machine.
    Sent(&'a Request<Value>),
    /// A request reached the server.
    Arrived(&'a Request<Value>),
    /// What the server or the network came to, as a machine learns it.
    Answered(&'a Request<Value>, &'a Result<Response<Body<Value>>, FetchError>),
    /// The client told of it.
    Event(&'a Value),
    /// An entry was written, or deleted.
    Written(&'a str, Option<&'a Value>),
}

type Witness = Box<dyn FnMut(f64, u64, Happening<'_>)>;

/// What all machines share.
pub struct Universe {
    /// In µs since 1970, whole, so that a moment once reached compares equal to itself.
    now: Cell<u64>,
    /// By due time in µs and number.
    timers: RefCell<BTreeMap<(u64, u64), Waker>>,
    count: Cell<u64>,
    tasks: Tasks,
    random: RefCell<fastrand::Rng>,
    network: RefCell<Network>,
    weather: Cell<Weather>,
    witness: RefCell<Option<Witness>>,
}

/// One of the machines. Clones share everything.
#[derive(Clone)]
pub struct World {
    universe: Rc<Universe>,
    machine: Rc<Machine>,
    /// Every request that went out.
    pub sent: Rc<RefCell<Vec<Request<Value>>>>,
    /// Every event, as JSON.
    pub events: Rc<RefCell<Vec<Value>>>,
    /// How many requests were dropped before their answer.
    pub cancelled: Rc<Cell<u32>>,
}

struct Machine {
    id: u64,
    alive: Cell<bool>,
    /// Its clock less the universe's, in ms.
    offset: Cell<f64>,
    /// Until then nothing happens on it, by the universe's clock in µs.
    asleep: Cell<u64>,
    attention: Cell<Attention>,
    /// The page is shown again, or the network is back.
    stirred: Signal,
    store: Option<Store>,
    tasks: RefCell<Vec<TaskId>>,
}

impl World {
    /// A world whose network is this script.
    pub fn scripted(seed: u64, network: impl FnMut(f64, &Request<Value>) -> Answer + 'static) -> Self {
        let universe = Universe {
            now: Cell::new((EPOCH * 1000.0) as u64),
            timers: RefCell::default(),
            count: Cell::default(),
            tasks: Tasks::default(),
            random: RefCell::new(fastrand::Rng::with_seed(seed)),
            network: RefCell::new(Box::new(network)),
            weather: Cell::new(Weather::CALM),
            witness: RefCell::default(),
        };
        World::on(Rc::new(universe), None, 0.0)
    }

    /// A world with a simulator for its network, which is given back for looking into.
    pub fn simulated(seed: u64, options: Value) -> (Self, Rc<RefCell<Simulator>>) {
        let mut options: Options = serde_json::from_value(options).expect("good options");
        options.seed = seed;
        let simulator = Rc::new(RefCell::new(Simulator::new(options)));
        let network = simulator.clone();
        let world = Self::scripted(seed, move |now, request| ask(&mut network.borrow_mut(), now, request));
        (world, simulator)
    }

    /// Another machine in the same universe, with a store or without one. Its wall clock is `offset` ms fast.
    pub fn machine(&self, store: Option<Store>, offset: f64) -> World {
        World::on(self.universe.clone(), store, offset)
    }

    fn on(universe: Rc<Universe>, store: Option<Store>, offset: f64) -> World {
        let machine = Machine {
            id: universe.number(),
            alive: Cell::new(true),
            offset: Cell::new(offset),
            asleep: Cell::new(0),
            attention: Cell::default(),
            stirred: Signal::default(),
            store,
            tasks: RefCell::default(),
        };
        let (sent, events, cancelled) = Default::default();
        World { universe, machine: Rc::new(machine), sent, events, cancelled }
    }

    /// A client in this world.
    pub fn client(&self, options: Value) -> Client<World> {
        Client::new(self.clone(), self.settings(options))
    }

    /// The settings of a client in this world.
    pub fn settings(&self, options: Value) -> Settings {
        let mut settings = json!({ "apiKey": KEY, "baseUrl": BASE });
        settings.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
        Settings::read(&settings).expect("good settings")
    }

    /// Runs until the future is done, jumping over every wait, and with it what was spawned; fails when it never will be.
    pub fn run<T>(&self, future: impl Future<Output = T>) -> T {
        let tasks = &self.universe.tasks;
        let mut main = std::pin::pin!(future);
        let waker = tasks.waker(MAIN);
        waker.wake_by_ref();
        loop {
            match tasks.next(&self.universe.random) {
                Some(MAIN) => {
                    if let Poll::Ready(value) = main.as_mut().poll(&mut Context::from_waker(&waker)) {
                        return value;
                    }
                }
                Some(task) => tasks.poll(task),
                None => assert!(self.universe.jump(), "everybody waits and nothing is due: a hang"),
            }
        }
    }

    /// Runs something on this machine, beside all else.
    pub fn spawn(&self, future: impl Future<Output = ()> + 'static) -> TaskId {
        let machine = self.clone();
        let id = self.universe.tasks.spawn(async move {
            machine.awake().await;
            future.await;
        });
        self.machine.tasks.borrow_mut().push(id);
        id
    }

    /// Drops a task where it stands.
    pub fn abort(&self, task: TaskId) {
        self.universe.tasks.abort(task);
    }

    /// The machine dies: all that runs on it is dropped, and nothing that this sets off has an effect any more.
    pub fn crash(&self) {
        self.machine.alive.set(false);
        if let Some(store) = &self.machine.store {
            store.crashed(&self.universe, self.id());
        }
        for task in self.machine.tasks.take() {
            self.universe.tasks.abort(task);
        }
    }

    /// Whether it has not crashed.
    pub fn alive(&self) -> bool {
        self.machine.alive.get()
    }

    /// What tells it from the others.
    pub fn id(&self) -> u64 {
        self.machine.id
    }

    /// The lid is closed for so many ms: nothing happens, and its clock and its timers stand still.
    pub fn doze(&self, ms: f64) {
        let (now, until) = (self.universe.micros(0.0), self.machine.asleep.get());
        let until = until.max(now);
        self.machine.asleep.set(until + (ms * 1000.0) as u64);
        self.machine.offset.set(self.machine.offset.get() - ms);
    }

    /// How fast its clock is, in ms.
    pub fn offset(&self) -> f64 {
        self.machine.offset.get()
    }

    /// The page is shown, or is not.
    pub fn show(&self, shown: bool) {
        let since = if shown { self.now() } else { self.machine.attention.get().since };
        self.machine.attention.set(Attention { hidden: !shown, since });
        if shown {
            self.machine.stirred.ring();
        }
    }

    /// Ends everything: what is left of all tasks is dropped.
    pub fn end(&self) {
        self.universe.tasks.clear();
    }

    /// How rough it is from now on.
    pub fn set_weather(&self, weather: Weather) {
        self.universe.weather.set(weather);
    }

    /// Who sees all that happens: when (in ms), on which machine, what.
    pub fn watch(&self, witness: impl FnMut(f64, u64, Happening<'_>) + 'static) {
        *self.universe.witness.borrow_mut() = Some(Box::new(witness));
    }

    /// Ms since the world began, by the universe's clock.
    pub fn elapsed(&self) -> f64 {
        self.universe.now() - EPOCH
    }

    /// The time by the universe's clock, in ms since 1970.
    pub fn true_time(&self) -> f64 {
        self.universe.now()
    }

    /// How many requests went out with that method to a path that ends so.
    pub fn count(&self, method: &str, ending: &str) -> usize {
        let sent = self.sent.borrow();
        sent.iter().filter(|request| request.method.as_str() == method && request.url.ends_with(ending)).count()
    }

    fn saw(&self, happening: Happening<'_>) {
        self.universe.saw(self.id(), happening);
    }

    /// On a machine that is dead or asleep nothing goes on.
    pub async fn awake(&self) {
        while self.universe.micros(0.0) < self.machine.asleep.get() {
            self.universe.until(self.machine.asleep.get()).await;
        }
        if !self.alive() {
            pending().await
        }
    }

    async fn store_takes_its_time(&self) {
        let delay = self.universe.below(self.universe.weather.get().store_delay);
        if delay > 0.0 {
            self.universe.until(self.universe.micros(delay)).await;
        }
        self.awake().await;
    }

    /// Until the time is over, the dice say so, or something else happens.
    async fn at_most(&self, ms: f64, happens: impl Future<Output = ()>) {
        let early = self.universe.chance(self.universe.weather.get().restless);
        let ms = if early { self.universe.below(ms.min(60_000.0)) } else { ms };
        race(pin!(happens), pin!(self.sleep(ms))).await;
        self.awake().await;
    }
}

impl Universe {
    fn now(&self) -> f64 {
        self.now.get() as f64 / 1000.0
    }

    fn number(&self) -> u64 {
        let number = self.count.get();
        self.count.set(number + 1);
        number
    }

    /// The moment in so many ms from now, in µs.
    fn micros(&self, ms: f64) -> u64 {
        self.now.get() + (ms.max(0.0) * 1000.0).ceil() as u64
    }

    fn chance(&self, probability: f64) -> bool {
        probability > 0.0 && self.random.borrow_mut().f64() < probability
    }

    fn below(&self, most: f64) -> f64 {
        if most > 0.0 { self.random.borrow_mut().f64() * most } else { 0.0 }
    }

    fn saw(&self, machine: u64, happening: Happening<'_>) {
        if let Some(witness) = &mut *self.witness.borrow_mut() {
            witness(self.now(), machine, happening);
        }
    }

    /// Jumps to the next due moment and wakes who waits for it.
    fn jump(&self) -> bool {
        let Some((due, _)) = self.timers.borrow().first_key_value().map(|(key, _)| *key) else { return false };
        self.now.set(self.now.get().max(due));
        loop {
            let next = self.timers.borrow_mut().first_entry().filter(|entry| entry.key().0 == due).map(|e| e.remove());
            let Some(waker) = next else { return true };
            waker.wake();
        }
    }

    /// Waits for a moment in µs.
    fn until(self: &Rc<Self>, due: u64) -> impl Future<Output = ()> + use<> {
        let key = (due, self.number());
        let timer = Timer { universe: self.clone(), key };
        poll_fn(move |context| {
            let timer = &timer;
            if timer.universe.now.get() >= key.0 {
                return Poll::Ready(());
            }
            timer.universe.timers.borrow_mut().insert(key, context.waker().clone());
            Poll::Pending
        })
    }

    fn arrive(&self, machine: u64, request: &Request<Value>) -> Answer {
        self.saw(machine, Happening::Arrived(request));
        (self.network.borrow_mut())(self.now(), request)
    }
}

struct Timer {
    universe: Rc<Universe>,
    key: (u64, u64),
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.universe.timers.borrow_mut().remove(&self.key);
    }
}

/// A request on its way to the server. What is given up there may arrive all the same.
struct Flight {
    universe: Rc<Universe>,
    machine: u64,
    request: Option<Request<Value>>,
    lands: u64,
}

impl Drop for Flight {
    fn drop(&mut self) {
        let Some(request) = self.request.take().filter(|_| self.universe.chance(0.5)) else { return };
        let (universe, machine, lands) = (self.universe.clone(), self.machine, self.lands);
        self.universe.tasks.spawn(async move {
            universe.until(lands).await;
            let _unseen = universe.arrive(machine, &request);
        });
    }
}

impl Host for World {
    type Value = Value;
    type Lock = Held;

    async fn fetch(&self, request: Request<Value>) -> Result<Response<Body<Value>>, FetchError> {
        struct Cancelled(Rc<Cell<u32>>, bool);
        impl Drop for Cancelled {
            fn drop(&mut self) {
                if !self.1 {
                    self.0.set(self.0.get() + 1);
                }
            }
        }
        self.awake().await;
        let (universe, machine) = (self.universe.clone(), self.id());
        self.saw(Happening::Sent(&request));
        self.sent.borrow_mut().push(request.clone());
        let mut cancelled = Cancelled(self.cancelled.clone(), false);
        let transit = universe.weather.get().transit;
        if transit > 0.0 {
            let lands = universe.micros(universe.below(transit));
            let mut flight = Flight { universe: universe.clone(), machine, request: Some(request.clone()), lands };
            universe.until(lands).await;
            flight.request = None;
        }
        let (after, answer) = universe.arrive(machine, &request);
        let back = after + universe.below(transit);
        if back.is_infinite() {
            pending().await
        }
        universe.until(universe.micros(back)).await;
        self.awake().await;
        cancelled.1 = true;
        self.saw(Happening::Answered(&request, &answer));
        answer
    }

    async fn sleep(&self, ms: f64) {
        if ms.is_infinite() {
            pending().await
        }
        let due = self.now() + ms.max(0.0);
        loop {
            self.universe.until(self.universe.micros(due - self.now())).await;
            self.awake().await;
            // A timer's clock stands still while the machine sleeps. A moment in µs is rounded.
            if due - self.now() < 0.002 {
                return;
            }
        }
    }

    fn now(&self) -> f64 {
        self.universe.now() + self.machine.offset.get()
    }

    fn random(&self) -> f64 {
        self.universe.random.borrow_mut().f64()
    }

    fn parse_date(&self, text: &str) -> Option<f64> {
        let time = httpdate::parse_http_date(text).ok().or_else(|| humantime::parse_rfc3339(text).ok())?;
        Some(time.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs_f64() * 1000.0)
    }

    fn event(&self, event: Event<'_>) {
        if self.alive() {
            let event = serde_json::to_value(event).expect("an event is JSON");
            self.saw(Happening::Event(&event));
            self.events.borrow_mut().push(event);
        }
    }

    async fn nap(&self, ms: f64) {
        self.at_most(ms, self.machine.stirred.next()).await;
    }

    fn attention(&self) -> Attention {
        self.machine.attention.get()
    }

    fn stores(&self) -> bool {
        self.machine.store.is_some()
    }

    async fn load(&self) -> Result<Vec<(String, Value)>, String> {
        self.store_takes_its_time().await;
        if self.universe.chance(self.universe.weather.get().store_failure) {
            return Err("the disk cannot be read".to_owned());
        }
        Ok(self.store().entries().into_iter().collect())
    }

    fn write(&self, key: &str, value: Option<&Value>) -> impl Future<Output = Result<(), String>> + 'static {
        let written = self.alive().then(|| {
            self.saw(Happening::Written(key, value));
            self.store().write(self, key, value)
        });
        async move {
            match written {
                Some(written) => written.await,
                None => pending().await,
            }
        }
    }

    async fn lock(&self, key: &str) -> Option<Held> {
        self.store_takes_its_time().await;
        self.store().lock(self, key)
    }

    async fn changed(&self, ms: f64) {
        self.at_most(ms, self.store().change()).await;
    }
}

impl World {
    /// Who has no store is not asked for it.
    fn store(&self) -> &Store {
        self.machine.store.as_ref().expect("a store that is used is there")
    }
}

/// Runs all at once; results in order.
pub async fn all<T>(futures: impl IntoIterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut running: Vec<_> = futures.into_iter().map(|future| (Box::pin(future), None)).collect();
    poll_fn(|context| {
        let mut pending = false;
        for (future, result) in &mut running {
            if result.is_none() {
                match future.as_mut().poll(context) {
                    Poll::Ready(value) => *result = Some(value),
                    Poll::Pending => pending = true,
                }
            }
        }
        if pending { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    running.into_iter().map(|(_, result)| result.expect("all are done")).collect()
}

/// An answer of JSON.
pub fn answer(status: u16, body: Value) -> Answer {
    (50.0, Ok(Response { status, headers: Default::default(), body: Body::Json(body) }))
}

/// What a simulator answers, as a client reads it.
pub fn ask(simulator: &mut Simulator, now: f64, request: &Request<Value>) -> Answer {
    let bytes = Request {
        method: request.method,
        url: request.url.clone(),
        headers: request.headers.clone(),
        body: request.body.as_ref().map(|body| body.to_string().into_bytes()),
    };
    let reply = simulator.handle(now, &bytes);
    let lost = |why: &str| Err(FetchError::Lost(why.into()));
    match reply.outcome {
        Outcome::Answer(response) => {
            let body = match serde_json::from_slice(&response.body) {
                Ok(json) => Body::Json(json),
                Err(_) if response.body.is_empty() => Body::Empty,
                Err(_) => Body::Text(String::from_utf8_lossy(&response.body).into_owned()),
            };
            (reply.after, Ok(Response { status: response.status, headers: response.headers, body }))
        }
        Outcome::Refused => (reply.after, Err(FetchError::NotSent("connection refused".into()))),
        Outcome::Cut => (reply.after, lost("connection reset")),
        Outcome::Truncated(_) => (reply.after, lost("half a body")),
        Outcome::Silence => (f64::INFINITY, lost("silence")),
    }
}
