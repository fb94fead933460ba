//! One machine: what the engine runs on.

use super::executor::{MAIN, Signal, TaskId};
use super::store::{Held, Store};
use super::universe::{Answer, FaultConfig, Flight, Happening, Universe};
use super::{BASE, EPOCH, KEY, ask};
use luma_edge::engine::{AccountRegistry, Client, Event, FetchError, Host, Settings, Visibility, race};
use luma_edge::http::{ANSWER_HEADERS, Body, Headers, Payload, Request, Response};
use luma_edge::json;
use luma_edge::json::Json;
use luma_edge::simulator::{Options, Simulator};
use std::cell::{Cell, RefCell};
use std::future::{Future, pending};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// One of the machines. Clones share everything.
#[derive(Clone)]
pub struct World {
    pub(super) universe: Rc<Universe>,
    machine: Rc<Machine>,
    /// Every request that went out.
    pub sent: Rc<RefCell<Vec<Request<Json>>>>,
    /// Every event, as JSON.
    pub events: Rc<RefCell<Vec<Json>>>,
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
    visibility: Cell<Visibility>,
    /// The page is shown again, or the network is back.
    stirred: Signal,
    store: Option<Store>,
    tasks: RefCell<Vec<TaskId>>,
}

impl World {
    /// A world whose network is this script.
    pub fn scripted(seed: u64, network: impl FnMut(f64, &Request<Json>) -> Answer + 'static) -> Self {
        World::on(Rc::new(Universe::new(seed, network)), None, 0.0)
    }

    /// A world with a simulator for its network, which is given back for looking into.
    pub fn simulated(seed: u64, options: Json) -> (Self, Rc<RefCell<Simulator>>) {
        let mut options: Options = serde_json::from_value(options.into()).expect("good options");
        options.seed = seed;
        let simulator = Rc::new(RefCell::new(Simulator::new(options)));
        let network = simulator.clone();
        let world = Self::scripted(seed, move |now, request| ask(&mut network.borrow_mut(), now, request));
        (world, simulator)
    }

    /// Another machine in the same universe, with a store or without one. Its clock is `offset` ms fast.
    pub fn machine(&self, store: Option<Store>, offset: f64) -> World {
        World::on(self.universe.clone(), store, offset)
    }

    fn on(universe: Rc<Universe>, store: Option<Store>, offset: f64) -> World {
        let machine = Machine {
            id: universe.number(),
            alive: Cell::new(true),
            offset: Cell::new(offset),
            asleep: Cell::new(0),
            visibility: Cell::default(),
            stirred: Signal::default(),
            store,
            tasks: RefCell::default(),
        };
        let (sent, events, cancelled) = Default::default();
        World { universe, machine: Rc::new(machine), sent, events, cancelled }
    }

    /// A client in this world, alone in its isolate.
    pub fn client(&self, options: Json) -> Client<World> {
        Client::within(&AccountRegistry::default(), self.clone(), self.settings(options))
    }

    /// The settings of a client in this world.
    pub fn settings(&self, options: Json) -> Settings {
        let own = json!({ "apiKey": KEY, "baseUrl": BASE, "idempotencyKeys": false });
        let settings =
            options.keys().iter().fold(own, |all, name| all.with(name, options[name.as_str()].clone().into()));
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

    /// A task loses its timers and requests without being told, as a Worker's request does that is cancelled.
    pub fn cut_off(&self, task: TaskId) {
        self.universe.tasks.cut_off(task);
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

    /// The same with a clock that goes on: all that is due meanwhile comes at once.
    pub fn stall(&self, ms: f64) {
        self.machine.asleep.set(self.universe.micros(ms));
    }

    /// How fast its clock is, in ms.
    pub fn offset(&self) -> f64 {
        self.machine.offset.get()
    }

    /// The page is shown, or is not.
    pub fn show(&self, shown: bool) {
        let since = if shown { self.now() } else { self.machine.visibility.get().since };
        self.machine.visibility.set(Visibility { hidden: !shown, since });
        if shown {
            self.machine.stirred.ring();
        }
    }

    /// Ends everything: what is left of all tasks is dropped.
    pub fn end(&self) {
        self.universe.tasks.clear();
    }

    /// How rough it is from now on.
    pub fn set_fault_config(&self, fault_config: FaultConfig) {
        self.universe.fault_config.set(fault_config);
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
        let delay = self.universe.below(self.universe.fault_config.get().store_delay);
        if delay > 0.0 {
            self.universe.until(self.universe.micros(delay)).await;
        }
        self.awake().await;
    }

    /// Until the time is over, the dice say so, or something else happens.
    async fn at_most(&self, ms: f64, happens: impl Future<Output = ()>) {
        let early = self.universe.chance(self.universe.fault_config.get().restless);
        let ms = if early { self.universe.below(ms.min(60_000.0)) } else { ms };
        race(pin!(happens), pin!(self.sleep(ms))).await;
        self.awake().await;
    }
}

/// A file that is being uploaded, as these tests see it go out.
#[derive(Clone)]
pub struct Upload {
    pub content: Json,
    pub form: Json,
}

impl Host for World {
    type File = Upload;
    type Lock = Held;

    async fn fetch(&self, request: Request<Payload>, file: Option<&Upload>) -> Result<Response<Body>, FetchError> {
        let carried = |payload| match payload {
            Payload::Json(json) => json,
            Payload::File => file.expect("a file goes with its upload").content.clone(),
            Payload::Form => file.expect("a form goes with its upload").form.clone(),
        };
        let Request { method, url, headers, body } = request;
        let request = Request { method, url, headers, body: body.map(carried) };
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
        let transit = universe.fault_config.get().transit;
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
        answer.map(|response| {
            let read = ANSWER_HEADERS.iter().filter_map(|name| Some((*name, response.headers.get(name)?.to_owned())));
            let headers = read.fold(Headers::new(), |headers, (name, value)| headers.with(name, value));
            Response { headers, ..response }
        })
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
            let event = Json::from(serde_json::to_value(event).expect("an event is JSON"));
            self.saw(Happening::Event(&event));
            self.events.borrow_mut().push(event);
        }
    }

    async fn interruptible_sleep(&self, ms: f64) {
        self.at_most(ms, self.machine.stirred.next()).await;
    }

    fn visibility(&self) -> Visibility {
        self.machine.visibility.get()
    }

    fn has_store(&self) -> bool {
        self.machine.store.is_some()
    }

    async fn load(&self) -> Result<Vec<(String, Json)>, String> {
        self.store_takes_its_time().await;
        if self.universe.chance(self.universe.fault_config.get().store_failure) {
            return Err("the disk cannot be read".to_owned());
        }
        Ok(self.store().entries().into_iter().collect())
    }

    fn write(&self, key: &str, value: Option<&Json>) -> impl Future<Output = Result<(), String>> + 'static + use<> {
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

    async fn lock(&self, key: &str) -> Result<Option<Held>, String> {
        self.store_takes_its_time().await;
        if self.universe.chance(self.universe.fault_config.get().store_failure) {
            return Err("the disk cannot be locked".to_owned());
        }
        Ok(self.store().lock(self, key))
    }

    async fn store_changed(&self, ms: f64) {
        self.at_most(ms, self.store().change()).await;
    }
}

impl World {
    /// Waits until what was written is durable: a call's promise settles no sooner.
    pub async fn durable(&self) {
        if let Some(store) = &self.machine.store {
            store.durable(self).await;
        }
    }

    /// Who has no store is not asked for it.
    fn store(&self) -> &Store {
        self.machine.store.as_ref().expect("a store that is used is there")
    }
}
