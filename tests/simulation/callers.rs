//! What callers do: they ask, wait, give up, and take up what was left.

use crate::day::Day;
use crate::ledger::{Call, SharedLedger, end_of};
use crate::plan::{Abort, Way};
use crate::virtual_time::{World, all};
use crate::witness::Seen;
use luma_edge::engine::{CallOptions, Client, First, Host, Observer, Progress, QueuePosition, Target, Task, race};
use luma_edge::error::{Code, Error};
use luma_edge::generation::Generation;
use luma_edge::request::RequestKind;
use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;

/// Who asks.
#[derive(Clone)]
pub struct Caller {
    pub process: usize,
    pub client: Rc<Client<World>>,
    /// The batch that it is, and what that may spend.
    pub batch: Option<(usize, f64)>,
}

/// A call under way, while which its machine may send.
struct Active(SharedLedger, u64);

impl Active {
    fn new(ledger: &SharedLedger, machine: &World) -> Self {
        *ledger.borrow_mut().active.entry(machine.id()).or_default() += 1;
        Active(ledger.clone(), machine.id())
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        *self.0.borrow_mut().active.entry(self.1).or_default() -= 1;
    }
}

/// A caller with so much patience that checks what it is told.
struct Patience(World, Option<f64>, Rc<RefCell<Seen>>);

impl Patience {
    fn sane(&self, what: &str, sane: bool) {
        if !sane {
            self.2.borrow_mut().wrong.push(format!("a caller is told {what}"));
        }
    }
}

impl Observer for Patience {
    fn queued(&self, queue: QueuePosition, expected: f64) {
        let whole = queue.wait.is_finite() && queue.wait >= 0.0 && queue.position < 1000;
        self.sane(&format!("{queue:?}, {expected} ms"), whole && expected.is_finite() && expected >= 0.0);
    }

    fn update(&self, generation: &Generation, progress: Progress) {
        self.2.borrow_mut().heard.insert(self.0.id(), generation.id.clone());
        let Progress { elapsed, expected, confidence } = progress;
        let times = [elapsed, expected].iter().all(|ms| ms.is_finite() && *ms >= 0.0);
        self.sane(&format!("{progress:?}"), times && (0.0..=1.0).contains(&confidence));
    }

    async fn given_up(&self) {
        self.0.sleep(self.1.unwrap_or(f64::INFINITY)).await;
    }
}

impl Day {
    pub async fn call(self: Rc<Self>, caller: Caller, item: usize, way: Way, timeout: f64, abort: Option<Abort>) {
        let Caller { process, client, batch } = caller;
        let machine = client.host().clone();
        let item = &self.plan.items[item];
        let number = self.ledger.borrow_mut().begin(Call {
            process,
            machine: machine.id(),
            item: item.name.clone(),
            unique: item.unique,
            batch,
            began: self.root.true_time(),
            ended: None,
            quit: false,
        });
        self.note(&machine, || format!("call {number}: {} {way:?} {timeout:.0} {abort:?}", item.name));
        let order = match item.kind {
            RequestKind::UpscaleVideo | RequestKind::AddAudio => {
                client.validate_derived(item.kind, &self.parent, &item.body)
            }
            _ => client.validate(&item.body),
        };
        let ended = |result: &Result<Generation, Error>| {
            let at = self.root.true_time();
            self.ledger.borrow_mut().end(number, at, result);
            self.note(&machine, || format!("call {number} ends: {:?} {}", end_of(result), words(result)));
        };
        let order = match order {
            Ok(order) => order.noted(item.keep.then(|| item.name.clone()), item.keep),
            Err(error) => return ended(&Err(error)),
        };
        let patience_ends = abort.filter(|abort| !abort.dropped).map(|abort| abort.after);
        let patience = Patience(machine.clone(), patience_ends, self.seen());
        let terms = CallOptions { timeout, price: item.price };
        let active = Active::new(&self.ledger, &machine);
        let dropped = abort.filter(|abort| abort.dropped).map_or(f64::INFINITY, |abort| abort.after);
        let mut dropped = pin!(machine.sleep(dropped));
        let task = if way == Way::Generate { Task::Generate(order) } else { Task::Create(order) };
        let mut end = race(pin!(client.run(task, terms, &patience)), dropped.as_mut()).await;
        if way == Way::CreateAndPoll
            && let First::Left(Ok(made)) = end
        {
            // What is written by now is told, as below.
            machine.durable().await;
            ended(&Ok(made.clone()));
            let task = Task::Poll(Target::Job(made));
            end = race(pin!(client.run(task, terms, &patience)), dropped.as_mut()).await;
        }
        drop(active);
        match end {
            First::Left(result) => {
                // A promise settles when what its call wrote is durable.
                machine.durable().await;
                ended(&result);
                if way == Way::Generate {
                    self.witness.given(machine.id(), &end_of(&result), item.keep);
                }
                if item.keep {
                    // What its caller does with it takes some time.
                    machine.sleep(if number.is_multiple_of(2) { 20_000.0 } else { 0.0 }).await;
                    release(&client, &result).await;
                }
            }
            First::Right(()) => {
                self.ledger.borrow_mut().drop_call(number, self.root.true_time());
                self.note(&machine, || format!("call {number} is dropped"));
            }
        }
    }

    /// Polls a job that another client made.
    pub async fn poll(&self, client: &Client<World>, job: String, abort: Option<Abort>) {
        let machine = client.host();
        self.note(machine, || format!("polls {job}"));
        self.ledger.borrow_mut().polled.insert(job.clone());
        let began = self.root.true_time();
        let patience_ends = abort.filter(|abort| !abort.dropped).map(|abort| abort.after);
        let patience = Patience(machine.clone(), patience_ends, self.seen());
        let _active = Active::new(&self.ledger, machine);
        let work = client.run(Task::Poll(Target::Id(job.clone())), CallOptions::default(), &patience);
        let dropped = abort.filter(|abort| abort.dropped).map_or(f64::INFINITY, |abort| abort.after);
        if let First::Left(result) = race(pin!(work), pin!(machine.sleep(dropped))).await {
            machine.durable().await;
            self.ledger.borrow_mut().poll(machine.id(), began, self.root.true_time(), &result);
            self.note(machine, || format!("poll of {job} ends: {:?} {}", end_of(&result), words(&result)));
        }
    }

    /// Takes up whatever nobody works on; gives how many tickets were taken up.
    pub async fn resume(&self, client: &Client<World>, abort: Option<Abort>) -> usize {
        let machine = client.host();
        // Who asks before a job is handed to another tab may hear of it as well.
        let began = self.root.true_time();
        let tickets = match client.tickets().await {
            Ok(tickets) => tickets,
            Err(error) => {
                self.note(machine, || format!("the tickets cannot be read: {error:?}"));
                return 1;
            }
        };
        let good = tickets.into_iter().filter(|info| info.error.is_none());
        let good: Vec<_> = good.map(|info| (info.ticket, info.label.is_some())).collect();
        let names = || good.iter().map(|(ticket, _)| ticket.as_str()).collect::<Vec<_>>().join(", ");
        self.note(machine, || format!("takes up {}", names()));
        let taken = all(good.into_iter().map(|ticket| self.take_up(client, ticket, began, abort))).await;
        taken.into_iter().filter(|taken| *taken).count()
    }

    /// Gives whether the ticket was taken up: a spent budget leaves it as it is.
    async fn take_up(
        &self,
        client: &Client<World>,
        (ticket, kept): (String, bool),
        began: f64,
        abort: Option<Abort>,
    ) -> bool {
        let machine = client.host();
        let patience_ends = abort.filter(|abort| !abort.dropped).map(|abort| abort.after);
        let patience = Patience(machine.clone(), patience_ends, self.seen());
        let _active = Active::new(&self.ledger, machine);
        let work = client.run(Task::Resume(ticket.clone()), CallOptions::default(), &patience);
        let dropped = abort.filter(|abort| abort.dropped).map_or(f64::INFINITY, |abort| abort.after);
        let mut taken = true;
        if let First::Left(result) = race(pin!(work), pin!(machine.sleep(dropped))).await {
            taken = result.as_ref().err().is_none_or(|error| error.code != Code::BudgetExceeded);
            machine.durable().await;
            self.ledger.borrow_mut().resume(&ticket, began, self.root.true_time(), &result);
            self.witness.given(machine.id(), &end_of(&result), kept);
            self.note(machine, || format!("ticket {ticket} ends: {:?} {}", end_of(&result), words(&result)));
            if result.is_err() {
                client.error_delivered(&ticket);
            }
            if kept {
                release(client, &result).await;
            }
        }
        taken
    }
}

/// The caller has what it wants of a kept job.
async fn release(client: &Client<World>, result: &Result<Generation, Error>) {
    let Ok(generation) = result else { return };
    if generation.state.is_final() {
        while client.acknowledge(&generation.raw).await.is_err() {
            client.host().sleep(1_000.0).await;
        }
    }
}

fn words(result: &Result<Generation, Error>) -> String {
    match result {
        Ok(_) => String::new(),
        Err(error) => format!("{:?}: {}", error.code, error.message),
    }
}
