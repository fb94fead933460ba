//! A day as it was planned: callers call, machines die and come back, clocks are set; at the end, when nothing goes wrong
//! any more, all that is left is taken up.

use crate::callers::Caller;
use crate::ledger::{End, Ledger, SharedLedger};
use crate::mutants::Mutant;
use crate::plan::{Abort, Act, Plan, Way, WorkItem};
use crate::virtual_time::{BASE, EPOCH, FaultConfig, KEY, Store, World, all};
use crate::witness::{Seen, Witness};
use luma_edge::engine::{AccountRegistry, Budget, Client, First, Host, race};
use luma_edge::http::{Body, Headers, Method, Request, Response};
use luma_edge::json;
use luma_edge::json::Json;
use luma_edge::request::RequestKind;
use luma_edge::simulator::{Options, Outcome, Simulator};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::pin::pin;
use std::rc::Rc;
use std::time::UNIX_EPOCH;

/// What is left when it is over.
pub struct FinalState {
    pub ledger: SharedLedger,
    pub seen: Rc<RefCell<Seen>>,
    pub simulator: Rc<RefCell<Simulator>>,
    pub stores: Vec<Store>,
    /// The job that others are made out of.
    pub parent: String,
    pub now: f64,
    pub tickets_left: Vec<String>,
}

pub struct Day {
    pub plan: Rc<Plan>,
    mutant: Mutant,
    pub root: World,
    pub witness: Rc<Witness>,
    stores: Vec<Store>,
    pub ledger: SharedLedger,
    placements: RefCell<Vec<Placement>>,
    pub parent: String,
    busy: Cell<usize>,
}

/// Where a process runs now.
#[derive(Clone)]
struct Placement {
    /// One for each store of its clients: they die together.
    machines: Vec<World>,
    clients: Vec<Rc<Client<World>>>,
}

/// A call that is under way, also when it is dropped in the midst of it.
struct Running(SharedLedger);

impl Running {
    fn new(ledger: &SharedLedger) -> Self {
        ledger.borrow_mut().running += 1;
        Running(ledger.clone())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.borrow_mut().running -= 1;
    }
}

/// No call takes longer, by the universe's clock, in ms.
const LONGEST: f64 = 12.0 * 3_600_000.0;
/// After so many rounds nothing is left to be taken up.
const ROUNDS: usize = 60;

/// Lives through a day. `seen` is filled on the way, so that it is there also after a panic.
pub fn live(plan: Rc<Plan>, mutant: Mutant, seen: Rc<RefCell<Seen>>) -> FinalState {
    let options = Options { seed: plan.seed, ..Options::from_json(plan.server.clone().into()).expect("good options") };
    let simulator = Rc::new(RefCell::new(Simulator::new(options)));
    let derived = |item: &WorkItem| matches!(item.kind, RequestKind::UpscaleVideo | RequestKind::AddAudio);
    let needed = plan.items.iter().any(derived);
    let parent = if needed { parent(&mut simulator.borrow_mut()) } else { String::new() };
    let network = simulator.clone();
    let (dateless, list_lag) = (plan.dateless, plan.fault_config.list_lag);
    let root = World::scripted(plan.seed, move |now, request| {
        let (after, answer) = mutant.send(&mut network.borrow_mut(), now, request);
        let answer = answer.map(|response| without_new_jobs(response, now, list_lag));
        // A page is not shown the `date` of another site's answers.
        (after, answer.map(|response| if dateless { without_date(response) } else { response }))
    });
    root.set_fault_config(mutant.fault_config(plan.fault_config));
    let ledger = Rc::new(RefCell::new(Ledger::default()));
    let witness = Rc::new(Witness::new(&plan, seen.clone(), ledger.clone()));
    let (watching, watched) = (witness.clone(), plan.clone());
    root.watch(move |at, machine, happening| {
        mutant.see(&watched, &watching.stores.borrow(), machine, &happening);
        watching.see(at, machine, happening);
    });
    let stores: Vec<Store> = (0..plan.store_count()).map(|_| Store::default()).collect();
    let (placements, busy) = Default::default();
    let day = Rc::new(Day {
        plan,
        mutant,
        root: root.clone(),
        witness,
        stores: stores.clone(),
        ledger: ledger.clone(),
        placements,
        parent,
        busy,
    });
    let tickets_left = root.run(day.clone().pass());
    let final_state =
        FinalState { ledger, seen, simulator, stores, parent: day.parent.clone(), now: root.true_time(), tickets_left };
    root.end();
    final_state
}

/// A list without the jobs that do not show yet. Each job has a lag of its own.
fn without_new_jobs(mut response: Response<Body>, now: f64, list_lag: f64) -> Response<Body> {
    let shows = |job: &Json| {
        let mut hasher = DefaultHasher::new();
        job.text("id").hash(&mut hasher);
        let lag = hasher.finish() as f64 / u64::MAX as f64 * list_lag;
        let created = job.text("created_at").and_then(|text| humantime::parse_rfc3339(&text).ok());
        created.is_none_or(|at| at.duration_since(UNIX_EPOCH).unwrap().as_secs_f64() * 1000.0 + lag <= now)
    };
    if list_lag > 0.0
        && let Body::Json(body) = &response.body
        && let Some(jobs) = body.get("generations")
    {
        let shown = jobs.items().into_iter().filter(shows).collect();
        response.body = Body::Json(body.with("generations", Json::list(shown)));
    }
    response
}

fn without_date(mut response: Response<Body>) -> Response<Body> {
    let shown = response.headers.iter().filter(|(name, _)| *name != "date");
    response.headers = shown.fold(Headers::new(), |headers, (name, value)| headers.with(name.to_owned(), value));
    response
}

/// A finished video that was there before.
fn parent(simulator: &mut Simulator) -> String {
    let headers =
        Headers::new().with("authorization", format!("Bearer {KEY}")).with("content-type", "application/json");
    let body = json!({ "model": "ray-flash-2", "prompt": "the parent of others", "duration": "5s" }).to_string();
    for hours in (2..10_000).rev() {
        let request = Request {
            method: Method::Post,
            url: format!("{BASE}/generations/video"),
            headers: headers.clone(),
            body: Some(body.clone().into_bytes()),
        };
        // Faults may strike it.
        if let Outcome::Answer(response) = simulator.handle(EPOCH - f64::from(hours) * 3_600_000.0, &request).outcome
            && let Ok(made) = serde_json::from_slice::<Json>(&response.body)
            && let Some(id) = made["id"].as_str()
        {
            return id.to_owned();
        }
    }
    panic!("faults cease");
}

impl Day {
    async fn pass(self: Rc<Self>) -> Vec<String> {
        for (key, value) in &self.plan.relics {
            self.stores.iter().for_each(|store| store.put(key, value.clone()));
        }
        for number in 0..self.plan.processes.len() {
            let placement = self.start(number, self.plan.processes[number].offset);
            self.placements.borrow_mut().push(placement);
            self.busy.set(self.busy.get() + 1);
            let day = self.clone();
            self.root.spawn(async move {
                day.clone().process(number).await;
                day.busy.set(day.busy.get() - 1);
            });
        }
        while self.busy.get() > 0 || self.ledger.borrow().running > 0 {
            self.root.sleep(1000.0).await;
            assert!(self.root.elapsed() < LONGEST, "calls that do not end: {} run", self.ledger.borrow().running);
        }
        self.settle().await
    }

    /// A process comes up.
    fn start(&self, number: usize, offset: f64) -> Placement {
        let isolate = AccountRegistry::default();
        let settings = self.mutant.settings(&self.plan, number);
        let mut machines: BTreeMap<Option<usize>, World> = BTreeMap::new();
        let client = |store: &Option<usize>| {
            let machine = machines.entry(*store).or_insert_with(|| self.machine(number, *store, offset));
            Rc::new(Client::within(&isolate, machine.clone(), machine.settings(settings.clone())))
        };
        let clients = self.plan.processes[number].clients.iter().map(client).collect();
        Placement { machines: machines.into_values().collect(), clients }
    }

    /// A machine comes up, with that store.
    fn machine(&self, number: usize, store: Option<usize>, offset: f64) -> World {
        let store = store.map(|store| self.stores[store].clone());
        let machine = self.root.machine(store.clone(), offset);
        self.witness.stores.borrow_mut().extend(store.map(|store| (machine.id(), store)));
        self.note(&machine, || format!("process {number} starts, {offset:.0} ms fast"));
        machine
    }

    pub fn seen(&self) -> Rc<RefCell<Seen>> {
        self.witness.seen.clone()
    }

    pub fn note(&self, machine: &World, text: impl FnOnce() -> String) {
        self.witness.note(self.root.true_time(), machine.id(), text);
    }

    fn placement(&self, number: usize) -> Placement {
        self.placements.borrow()[number].clone()
    }

    /// What a process does all day.
    async fn process(self: Rc<Self>, number: usize) {
        for (index, (at, act)) in self.plan.processes[number].acts.iter().enumerate() {
            self.root.sleep(EPOCH + at - self.root.true_time()).await;
            let Placement { machines, clients } = self.placement(number);
            // Its owner waits until it is awake; a crash does not.
            if !matches!(act, Act::Crash { .. }) {
                all(machines.iter().map(World::awake)).await;
            }
            match act.clone() {
                Act::Call { client, item, way, timeout, abort } => {
                    let caller = Caller { process: number, client: clients[client].clone(), batch: None };
                    let call = self.clone().call(caller, item, way, timeout, abort);
                    self.begin(clients[client].host(), call);
                }
                Act::Batch { client, items, window, budget, abort } => {
                    let of_batch = budget.map(|usd| (number * 1000 + index, usd));
                    let budget = budget.map(|usd| Budget { usd, price: Some(1.0) });
                    let batch = Rc::new(clients[client].batch(budget));
                    let list = Rc::new(RefCell::new(items.into_iter()));
                    for _ in 0..window {
                        let (day, list) = (self.clone(), list.clone());
                        let caller = Caller { process: number, client: batch.clone(), batch: of_batch };
                        self.begin(clients[client].host(), async move {
                            // As a loop that reads a list and stops when its signal has fired.
                            let over = day.root.true_time() + abort.map_or(f64::INFINITY, |abort| abort.after);
                            loop {
                                let next = list.borrow_mut().next();
                                let Some(item) = next else { break };
                                let left = over - day.root.true_time();
                                if left <= 0.0 {
                                    break;
                                }
                                let abort = abort.map(|abort| Abort { after: left, ..abort });
                                let way = Way::Generate;
                                day.clone().call(caller.clone(), item, way, f64::INFINITY, abort).await;
                            }
                        });
                    }
                }
                Act::Resume { client, abort } => {
                    let (day, client) = (self.clone(), clients[client].clone());
                    self.begin(&client.host().clone(), async move {
                        day.resume(&client, abort).await;
                    });
                }
                Act::Poll { client, abort } => {
                    let (day, client) = (self.clone(), clients[client].clone());
                    let last = |machine: &World| self.seen().borrow().heard.get(&machine.id()).cloned();
                    let mut others = machines.iter().filter(|machine| machine.id() != client.host().id());
                    if let Some(job) = others.find_map(last) {
                        self.begin(&client.host().clone(), async move {
                            day.poll(&client, job, abort).await;
                        });
                    }
                }
                Act::Crash { down, offset } => {
                    machines.iter().for_each(|machine| self.crash(machine));
                    self.root.sleep(down).await;
                    let placement = self.start(number, offset);
                    self.placements.borrow_mut()[number] = placement;
                }
                Act::Doze { ms } => {
                    self.note(&machines[0], || format!("sleeps for {ms:.0} ms"));
                    machines.iter().for_each(|machine| machine.doze(ms));
                }
                Act::Show(shown) => {
                    self.note(&machines[0], || format!("is {}", if shown { "shown" } else { "hidden" }));
                    machines.iter().for_each(|machine| machine.show(shown));
                }
            }
        }
    }

    /// A machine dies.
    fn crash(&self, machine: &World) {
        self.note(machine, || "crashes".into());
        let store = self.witness.stores.borrow().get(&machine.id()).cloned();
        let left: Vec<_> = store.iter().flat_map(|store| store.tickets_of(machine.id())).collect();
        machine.crash();
        self.witness.crashed(machine.id());
        // What was being written may or may not be there.
        let entries: Vec<_> = store.iter().flat_map(Store::entries).collect();
        let tickets = entries.iter().filter(|(key, _)| left.contains(key));
        let tickets = tickets.filter_map(|(key, value)| Some((key.strip_prefix("ticket:")?.to_owned(), value.clone())));
        let over = |ticket: &str, end: &End| {
            let has = |prefix| entries.iter().any(|(key, _)| key.strip_prefix(prefix) == Some(ticket));
            has("tombstone:") || !has("ticket:") && !matches!(end, End::Doubt(_))
        };
        self.ledger.borrow_mut().crash(machine.id(), self.root.true_time(), tickets, over);
    }

    /// Something goes on on a machine, as soon as that is awake, and until it is done or dropped.
    fn begin(&self, machine: &World, work: impl Future<Output = ()> + 'static) {
        let running = Running::new(&self.ledger);
        machine.spawn(async move {
            let _running = running;
            work.await;
        });
    }

    /// Nothing goes wrong any more but the faults that are left, which cease: all that was begun is brought to its end.
    async fn settle(&self) -> Vec<String> {
        let fault_config = self.plan.fault_config;
        let calm = FaultConfig { store_failure: 0.0, restless: 0.0, ..fault_config };
        self.root.set_fault_config(self.mutant.fault_config(calm));
        self.note(&self.root, || "the day is over".into());
        let placements = self.placements.borrow().clone();
        let machines = || placements.iter().flat_map(|placement| &placement.machines);
        machines().for_each(|machine| machine.show(true));
        let work: Vec<_> =
            placements.iter().flat_map(|placement| &placement.clients).map(|client| self.exhaust(client)).collect();
        let mut left = Vec::new();
        if self.plan.settle_together {
            left.extend(in_time(&self.root, all(work)).await.into_iter().flatten());
        } else {
            for one in work {
                left.extend(in_time(&self.root, one).await);
            }
        }
        for machine in machines() {
            machine.durable().await;
        }
        left
    }

    /// Takes up what there is until there is nothing.
    async fn exhaust(&self, client: &Client<World>) -> Vec<String> {
        for round in 0..ROUNDS {
            if self.resume(client, None).await == 0 {
                return Vec::new();
            }
            // A slow job of another program may leave no room for an hour.
            self.root.sleep(1000.0 * (1 + round * round) as f64).await;
        }
        client.tickets().await.map(|left| left.into_iter().map(|info| info.ticket).collect()).unwrap_or_default()
    }
}

async fn in_time<T>(root: &World, work: impl Future<Output = T>) -> T {
    match race(pin!(work), pin!(root.sleep(LONGEST))).await {
        First::Left(done) => done,
        First::Right(()) => panic!("what is left does not come to an end"),
    }
}
