//! What all machines share: time, the network, the dice, and who goes on next.

use super::EPOCH;
use super::executor::Tasks;
use luma_edge::engine::FetchError;
use luma_edge::http::{Body, Request, Response};
use luma_edge::json::Json;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::task::{Poll, Waker};

/// What comes back for a request, and after how many ms.
pub type Answer = (f64, Result<Response<Body>, FetchError>);
type Network = Box<dyn FnMut(f64, &Request<Json>) -> Answer>;
/// What goes wrong on the network and in the store. By default nothing: what is done takes effect at once, and only the server takes
/// time.
#[derive(Clone, Copy, Debug)]
pub struct FaultConfig {
    /// The longest way of a request to the server, and of the answer back on top of what the server takes, in ms.
    pub transit: f64,
    /// The longest that a write takes until it is durable, in ms. Its acknowledgement comes later than that.
    pub store_delay: f64,
    /// How likely a write or a load fails. A write that failed may have taken effect.
    pub store_failure: f64,
    /// How likely a sleep, or the wait for a change of the store, ends early.
    pub restless: f64,
    /// How long a job may be missing from the list, in ms; each for a time of its own, so that a newer one may show first.
    pub list_lag: f64,
    /// Whether the store can lock. Without locks everybody gets one.
    pub locking: bool,
    /// Whether the store keeps what it says that it keeps.
    pub keeps: bool,
    /// Whether the store deletes what it says that it deletes.
    pub deletes: bool,
}

impl FaultConfig {
    pub const NONE: FaultConfig = FaultConfig {
        transit: 0.0,
        store_delay: 0.0,
        store_failure: 0.0,
        restless: 0.0,
        list_lag: 0.0,
        locking: true,
        keeps: true,
        deletes: true,
    };
}

/// What a witness sees.
pub enum Happening<'a> {
    /// A request leaves a machine.
    Sent(&'a Request<Json>),
    /// A request reached the server.
    Arrived(&'a Request<Json>),
    /// What the server or the network came to, as a machine learns it.
    Answered(&'a Request<Json>, &'a Result<Response<Body>, FetchError>),
    /// The client told of it.
    Event(&'a Json),
    /// An entry was written, or deleted.
    Written(&'a str, Option<&'a Json>),
}

pub type Witness = Box<dyn FnMut(f64, u64, Happening<'_>)>;

/// What all machines share.
pub struct Universe {
    /// In µs since 1970, whole, so that a moment once reached compares equal to itself.
    now: Cell<u64>,
    /// By due time in µs and number.
    timers: RefCell<BTreeMap<(u64, u64), Waker>>,
    count: Cell<u64>,
    pub tasks: Tasks,
    pub random: RefCell<fastrand::Rng>,
    network: RefCell<Network>,
    pub fault_config: Cell<FaultConfig>,
    pub witness: RefCell<Option<Witness>>,
}
impl Universe {
    pub fn new(seed: u64, network: impl FnMut(f64, &Request<Json>) -> Answer + 'static) -> Self {
        Universe {
            now: Cell::new((EPOCH * 1000.0) as u64),
            timers: RefCell::default(),
            count: Cell::default(),
            tasks: Tasks::default(),
            random: RefCell::new(fastrand::Rng::with_seed(seed)),
            network: RefCell::new(Box::new(network)),
            fault_config: Cell::new(FaultConfig::NONE),
            witness: RefCell::default(),
        }
    }

    /// The time in ms since 1970.
    pub fn now(&self) -> f64 {
        self.now.get() as f64 / 1000.0
    }

    pub fn number(&self) -> u64 {
        let number = self.count.get();
        self.count.set(number + 1);
        number
    }

    /// The moment in so many ms from now, in µs.
    pub fn micros(&self, ms: f64) -> u64 {
        self.now.get() + (ms.max(0.0) * 1000.0).ceil() as u64
    }

    pub fn chance(&self, probability: f64) -> bool {
        probability > 0.0 && self.random.borrow_mut().f64() < probability
    }

    pub fn below(&self, most: f64) -> f64 {
        if most > 0.0 { self.random.borrow_mut().f64() * most } else { 0.0 }
    }

    pub fn saw(&self, machine: u64, happening: Happening<'_>) {
        // Taken out meanwhile: a witness may use the machine, and does not see what comes of that.
        let Some(mut witness) = self.witness.take() else { return };
        witness(self.now(), machine, happening);
        self.witness.borrow_mut().get_or_insert(witness);
    }

    /// Jumps to the next due moment and wakes who waits for it.
    pub fn jump(&self) -> bool {
        let Some((due, _)) = self.timers.borrow().first_key_value().map(|(key, _)| *key) else { return false };
        self.now.set(self.now.get().max(due));
        loop {
            let next = self.timers.borrow_mut().first_entry().filter(|entry| entry.key().0 == due).map(|e| e.remove());
            let Some(waker) = next else { return true };
            waker.wake();
        }
    }

    /// Waits for a moment in µs.
    pub fn until(self: &Rc<Self>, due: u64) -> impl Future<Output = ()> + use<> {
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

    pub fn arrive(&self, machine: u64, request: &Request<Json>) -> Answer {
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
pub struct Flight {
    pub universe: Rc<Universe>,
    pub machine: u64,
    pub request: Option<Request<Json>>,
    pub lands: u64,
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
