//! A machine for the engine on virtual time: nothing sleeps, the clock jumps to whatever is due next. Its network is a
//! simulator, or a script. A world is replayed by its seed.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use futures_executor::LocalPool;
use luma_edge::engine::{Client, Event, FetchError, Host, Settings};
use luma_edge::http::{Body, Request, Response};
use luma_edge::simulator::{Options, Outcome, Simulator};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::task::{Poll, Waker};

/// When every world begins: 2026-11-20T00:00:00Z in ms.
pub const EPOCH: f64 = 1_795_132_800_000.0;
pub const KEY: &str = "luma-secret-0123456789";
pub const BASE: &str = "https://simulator.example/dream-machine/v1";

/// What comes back for a request, and after how many ms.
pub type Answer = (f64, Result<Response<Body<Value>>, FetchError>);
type Network = Box<dyn FnMut(f64, &Request<Value>) -> Answer>;

/// Time, and what waits for it.
#[derive(Default)]
struct Clock {
    /// In µs since 1970, whole, so that a moment once reached compares equal to itself.
    now: Cell<u64>,
    /// By due time in µs and number, so that equal times fire in the order they were set.
    timers: RefCell<BTreeMap<(u64, u64), Waker>>,
    count: Cell<u64>,
}

/// The machine. Clones share everything.
#[derive(Clone)]
pub struct World {
    clock: Rc<Clock>,
    network: Rc<RefCell<Network>>,
    random: Rc<RefCell<fastrand::Rng>>,
    /// Every request that went out.
    pub sent: Rc<RefCell<Vec<Request<Value>>>>,
    /// Every event, as JSON.
    pub events: Rc<RefCell<Vec<Value>>>,
    /// How many requests were dropped before their answer.
    pub cancelled: Rc<Cell<u32>>,
}

impl World {
    /// A world whose network is this script.
    pub fn scripted(seed: u64, network: impl FnMut(f64, &Request<Value>) -> Answer + 'static) -> Self {
        let world = World {
            clock: Rc::default(),
            network: Rc::new(RefCell::new(Box::new(network))),
            random: Rc::new(RefCell::new(fastrand::Rng::with_seed(seed))),
            sent: Rc::default(),
            events: Rc::default(),
            cancelled: Rc::default(),
        };
        world.clock.now.set((EPOCH * 1000.0) as u64);
        world
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

    /// A client in this world.
    pub fn client(&self, options: Value) -> Client<World> {
        let mut settings = json!({ "apiKey": KEY, "baseUrl": BASE });
        settings.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
        Client::new(self.clone(), Settings::read(&settings).expect("good settings"))
    }

    /// Runs until the future is done, jumping over every wait; fails when it never will be.
    pub fn run<T>(&self, future: impl Future<Output = T>) -> T {
        let mut pool = LocalPool::new();
        let done = Cell::new(None);
        let task = async { done.set(Some(future.await)) };
        let mut task = std::pin::pin!(task);
        loop {
            // One future, polled whenever anything woke: the pool lends its waker and its stall detection.
            let mut finished = false;
            pool.run_until(poll_fn(|context| {
                finished = task.as_mut().poll(context).is_ready();
                Poll::Ready(())
            }));
            if finished {
                return done.take().expect("it is done");
            }
            assert!(self.jump(), "everybody waits and nothing is due: a hang");
        }
    }

    /// Jumps to the next due moment and wakes who waits for it.
    fn jump(&self) -> bool {
        let next = self.clock.timers.borrow_mut().pop_first();
        let Some(((due, _), waker)) = next else { return false };
        self.clock.now.set(self.clock.now.get().max(due));
        waker.wake();
        true
    }

    /// Ms since the world began.
    pub fn elapsed(&self) -> f64 {
        self.now() - EPOCH
    }

    /// How many requests went out with that method to a path that ends so.
    pub fn count(&self, method: &str, ending: &str) -> usize {
        let sent = self.sent.borrow();
        sent.iter().filter(|request| request.method.as_str() == method && request.url.ends_with(ending)).count()
    }

    fn until(&self, due: f64) -> impl Future<Output = ()> + use<> {
        let clock = self.clock.clone();
        let number = clock.count.get();
        clock.count.set(number + 1);
        let key = ((due * 1000.0).ceil() as u64, number);
        let timer = Timer { clock: clock.clone(), key };
        poll_fn(move |context| {
            let timer = &timer;
            if timer.clock.now.get() >= key.0 {
                return Poll::Ready(());
            }
            timer.clock.timers.borrow_mut().insert(key, context.waker().clone());
            Poll::Pending
        })
    }
}

struct Timer {
    clock: Rc<Clock>,
    key: (u64, u64),
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.clock.timers.borrow_mut().remove(&self.key);
    }
}

impl Host for World {
    type Value = Value;

    async fn fetch(&self, request: Request<Value>) -> Result<Response<Body<Value>>, FetchError> {
        struct Cancelled(Rc<Cell<u32>>, bool);
        impl Drop for Cancelled {
            fn drop(&mut self) {
                if !self.1 {
                    self.0.set(self.0.get() + 1);
                }
            }
        }
        let (after, answer) = (self.network.borrow_mut())(self.now(), &request);
        self.sent.borrow_mut().push(request);
        let mut cancelled = Cancelled(self.cancelled.clone(), false);
        if after.is_finite() {
            self.sleep(after).await;
        } else {
            std::future::pending::<()>().await;
        }
        cancelled.1 = true;
        answer
    }

    async fn sleep(&self, ms: f64) {
        if ms.is_finite() {
            self.until(self.now() + ms.max(0.0)).await;
        } else {
            std::future::pending::<()>().await;
        }
    }

    fn now(&self) -> f64 {
        self.clock.now.get() as f64 / 1000.0
    }

    fn random(&self) -> f64 {
        self.random.borrow_mut().f64()
    }

    fn parse_date(&self, text: &str) -> Option<f64> {
        let time = httpdate::parse_http_date(text).ok().or_else(|| humantime::parse_rfc3339(text).ok())?;
        Some(time.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs_f64() * 1000.0)
    }

    fn event(&self, event: Event<'_>) {
        self.events.borrow_mut().push(serde_json::to_value(event).expect("an event is JSON"));
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

fn ask(simulator: &mut Simulator, now: f64, request: &Request<Value>) -> Answer {
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
