//! What takes long: making jobs, waiting for them, taking them up; with a caller who may give up at any moment.

use super::account::Pulse;
use super::lane::Queue;
use super::poll::{Progress, Target};
use super::{Client, First, Host, Order, Outcome, race};
use crate::error::{Code, Creation, Error};
use crate::generation::Generation;
use crate::json::Json;
use crate::request::RequestKind;
use crate::text::concat;
use std::cell::RefCell;
use std::future::{Future, pending, poll_fn};
use std::pin::pin;

/// What takes long.
pub enum Task {
    /// Making a job.
    Create(Order),
    /// Making a job, and waiting until it is done.
    Generate(Order),
    /// Waiting until a job is done.
    Poll(Target),
    /// Taking up a ticket.
    Resume(String),
}

/// On which terms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Terms {
    /// The caller's patience for all of it, in ms. When it ends, a creation that is under way is in doubt, and a job goes on.
    pub timeout: f64,
    /// What the job costs, in dollars, for want of a published price.
    pub price: Option<f64>,
}

impl Default for Terms {
    fn default() -> Self {
        Terms { timeout: f64::INFINITY, price: None }
    }
}

/// Told of what a caller may want to know before the result.
pub trait Observer {
    /// The creation waits for its turn; such a job takes `expected` ms once it is made.
    fn queued(&self, _queue: Queue, _expected: f64) {}
    /// A job was created or looked at.
    fn update(&self, _generation: &Generation, _progress: Progress) {}
    /// Done when the caller wants no more of it.
    fn given_up(&self) -> impl Future<Output = ()> {
        pending()
    }
}

/// Nobody listens.
impl Observer for () {}

/// One call, and how far it has come, which is what its caller is left with on giving up.
pub(super) struct Caller<'a, O> {
    pub observer: &'a O,
    pub deadline: f64,
    /// When the call last ran.
    pub pulse: Pulse,
    standing: RefCell<Standing>,
}

enum Standing {
    Nothing,
    Sending(Creation),
    Made(Generation),
}

impl<O: Observer> Caller<'_, O> {
    /// A creation goes out (`Some`), or it is known that nothing was made of it (`None`).
    pub fn sending(&self, creation: Option<Creation>) {
        *self.standing.borrow_mut() = creation.map_or(Standing::Nothing, Standing::Sending);
    }

    /// A job was created or looked at.
    pub fn update(&self, generation: &Generation, progress: Progress) {
        self.known(generation);
        self.observer.update(generation, progress);
    }

    /// The job is known, and the caller as well.
    pub fn known(&self, generation: &Generation) {
        *self.standing.borrow_mut() = Standing::Made(generation.clone());
    }

    fn give_up<H: Host>(self, client: &Client<H>, code: Code) -> Error {
        let how = if code == Code::Aborted { "Aborted" } else { "Out of time" };
        let (what, creation, generation) = match self.standing.into_inner() {
            Standing::Nothing => (" before anything was created".to_owned(), None, None),
            Standing::Sending(creation) if code == Code::Timeout => {
                return client.in_doubt(creation, Some(Error::new(code, "the caller's time ran out")));
            }
            Standing::Sending(creation) => {
                let what = " while a creation was under way: it may have been made and charged. resume() finds out";
                (what.to_owned(), Some(creation), None)
            }
            Standing::Made(generation) => {
                let what = concat(&[
                    ": the generation ",
                    &client.shown(&generation.id),
                    " goes on; poll() or resume() takes it up again",
                ]);
                (what, None, Some(generation))
            }
        };
        let mut error = Error::new(code, concat(&[how, &what]));
        error.creation = creation;
        error.about(generation)
    }
}

impl<H: Host> Client<H> {
    /// Does a task, until it is done or its caller gives up.
    pub async fn run<O: Observer>(&self, task: Task, terms: Terms, observer: &O) -> Outcome<Generation> {
        let deadline = self.host.now() + terms.timeout;
        let pulse = Pulse::default();
        let caller = Caller { observer, deadline, pulse, standing: RefCell::new(Standing::Nothing) };
        let code = {
            let (given_up, late) = (pin!(observer.given_up()), pin!(self.host.sleep(terms.timeout)));
            let mut work = pin!(self.work_off(task, terms.price, &caller));
            let work = poll_fn(|context| {
                caller.pulse.set(self.host.now());
                work.as_mut().poll(context)
            });
            // Who has given up already is asked first.
            match race(race(given_up, late), work).await {
                First::Right(outcome) => return outcome,
                First::Left(First::Left(())) => Code::Aborted,
                First::Left(First::Right(())) => Code::Timeout,
            }
        };
        Err(caller.give_up(self, code).from(self.provider.id()))
    }

    pub(super) async fn work_off<O: Observer>(
        &self,
        task: Task,
        price: Option<f64>,
        caller: &Caller<'_, O>,
    ) -> Outcome<Generation> {
        let (order, wait) = match task {
            Task::Poll(target) => return self.finished(target, caller).await,
            // In boxes of their own, so that ten thousand calls that only wait need no room for what they have done.
            Task::Resume(ticket) => return Box::pin(self.resume(&ticket, caller)).await,
            Task::Create(order) => (order, false),
            Task::Generate(order) => (order, true),
        };
        let mut work = Box::pin(self.begin(order, price, &caller.pulse)).await?;
        let generation = Box::pin(self.make(&mut work, caller)).await?;
        if wait {
            return self.finished(Target::Job(generation), caller).await;
        }
        if generation.state.is_final() {
            self.handed_over(&generation);
        }
        Ok(generation)
    }

    /// Checks a request and makes the job.
    pub async fn create(&self, request: &Json, observer: &impl Observer) -> Outcome<Generation> {
        self.run(Task::Create(self.order(request)?), Terms::default(), observer).await
    }

    /// Makes a job out of an earlier one.
    pub async fn derive(
        &self,
        kind: RequestKind,
        id: &str,
        request: &Json,
        observer: &impl Observer,
    ) -> Outcome<Generation> {
        self.run(Task::Create(self.derived(kind, id, request)?), Terms::default(), observer).await
    }

    /// Makes the job and waits until it is done. `timeout` is the caller's patience for both, in ms.
    pub async fn generate(&self, request: &Json, timeout: f64, observer: &impl Observer) -> Outcome<Generation> {
        self.run(Task::Generate(self.order(request)?), Terms { timeout, price: None }, observer).await
    }

    /// Waits until a job is done, looking rarely, and gives it whole; a failed one is an error that carries it. `timeout`
    /// is the caller's patience in ms; when it ends, the job goes on and can be waited for again.
    pub async fn poll(&self, target: Target, timeout: f64, observer: &impl Observer) -> Outcome<Generation> {
        self.run(Task::Poll(target), Terms { timeout, price: None }, observer).await
    }
}
