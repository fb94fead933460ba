//! The providers' other side, in memory, on a clock that its owner drives.
//!
//! A [`Simulator`] is one account at each provider: requests go in with the time they arrive at, answers come out with the time
//! they take. Nothing in it waits, reads a clock or throws real dice, so the same seed and the same calls give the same
//! days. It shares no rule with the client: it is written from the provider's documents, and the official SDK talks to it.

mod agents;
mod answer;
mod api;
pub mod assets;
mod calendar;
mod callbacks;
mod credits;
mod dream_machine;
mod faults;
mod jobs;
mod journal;
mod keys;
mod late;
mod limits;
mod options;
mod piapi;
mod random;
mod storage;
mod target;
mod uploads;
mod useapi;
mod world;

pub use answer::{Outcome, Reply};
pub use callbacks::Callback;
pub use faults::{Fault, Faults};
pub use journal::{CallbackStats, Cents, Limited, Received, Stats};
pub use limits::{ByKind, Kind};
pub use options::{Durations, Limit, Limits, Options, Validation};

use answer::Worked;
use api::{Api, NoRoute, Route};
use journal::Journal;
use late::Late;
use serde_json::Value;
use target::Target;
use world::World;

use crate::http::{Method, Request, Response};

/// The providers in memory.
pub struct Simulator {
    now: f64,
    faults: Faults,
    journal: Journal,
    late: Late,
    world: World,
}

/// A job, as only the simulator knows it.
#[derive(Clone, Debug)]
pub struct Made {
    /// The provider's id for it.
    pub id: String,
    /// The request, as it was taken.
    pub request: Value,
    /// When it was made, in ms since 1970.
    pub created: f64,
    /// Whether it failed.
    pub failed: bool,
}

/// Where a request leads.
#[derive(Clone, Copy)]
enum Destination<'a> {
    Api(Route<'a>),
    Asset(&'a str),
    Preflight,
    /// Under an API's path, to nothing that it has.
    Nowhere(Api, NoRoute),
    /// Under no API's path.
    Elsewhere,
}

impl Simulator {
    /// An account in which nothing has happened.
    pub fn new(mut options: Options) -> Simulator {
        Simulator {
            now: 0.0,
            faults: std::mem::take(&mut options.faults),
            journal: Journal::default(),
            late: Late::default(),
            world: World::new(options),
        }
    }

    /// A request arrives at `now`, in ms since the Unix epoch. Time does not go back: an earlier one counts as the latest
    /// that was given.
    pub fn handle(&mut self, now: f64, request: &Request<Vec<u8>>) -> Reply {
        let now = self.advance(now);
        let target = Target::of(&request.url);
        let destination = Destination::of(request.method, target);
        let route = destination.name();
        let key = |name| request.headers.get(name).is_some();
        if matches!(route, "asset" | "agents-put") && (key("authorization") || key("x-api-key")) {
            self.journal.stats.key_leaks += 1;
        }
        let call =
            faults::Call { route, creates: destination.creates(), method: request.method.as_str(), path: target.path };
        let fault = match destination {
            Destination::Preflight => None,
            _ => self.faults.strike(&call, &mut self.world.dice),
        };
        if let Some(fault) = &fault {
            self.journal.struck(fault);
            if fault.kind == faults::Kind::Refused {
                return Reply { after: 0.0, outcome: Outcome::Refused };
            }
            if let faults::Kind::Late { ms } = fault.kind {
                self.late.add(now + ms, request.clone());
            }
        }
        let reply = match &fault {
            None => {
                let Worked { after, response } = self.work(now, destination, request);
                Reply { after, outcome: Outcome::Answer(response) }
            }
            Some(fault) => {
                let worked = fault.after.then(|| self.work(now, destination, request));
                let world = &self.world;
                fault.spoil(worked, world.options.latency, |wrong| destination.error(world, now, wrong))
            }
        };
        let reply = self.finish(now, reply, request.method);
        self.journal.record(now, route, target.whole(), request, fault.as_ref(), &reply);
        reply
    }

    /// When something happens next without a request, in ms: a callback must be POSTed, a call is dealt with late.
    pub fn next_due(&self) -> Option<f64> {
        [self.world.callbacks.next(), self.late.next()].into_iter().flatten().min_by(f64::total_cmp)
    }

    /// The callbacks to POST by now. Each must be reported with [`delivered`](Self::delivered) within 5 s.
    pub fn due(&mut self, now: f64) -> Vec<Callback> {
        let now = self.advance(now);
        let due = self.world.callbacks.take(now);
        due.into_iter()
            .filter_map(|due| {
                let job = self.world.jobs.get(&due.job)?;
                let (headers, body) = job.api.callback(&self.world, job, due.of);
                Some(Callback { id: due.id, url: due.url, headers, body: body.to_string() })
            })
            .collect()
    }

    /// How a callback went: the status it was answered with, or none when there was no answer within 5 s.
    pub fn delivered(&mut self, now: f64, callback: u64, status: Option<u16>) {
        let now = self.advance(now);
        self.world.callbacks.report(now, callback, status);
    }

    /// All it holds, as the provider's own generation objects at `now`, the oldest first; also those whose answer was
    /// lost on the way.
    pub fn generations(&mut self, now: f64) -> Vec<Value> {
        let now = self.advance(now);
        self.world.jobs.iter().map(|job| job.api.generation(&self.world, job, now)).collect()
    }

    /// All that it made, also what its provider would not tell: each job's id, what it was asked for, when, and whether it failed by
    /// `now`; the oldest first.
    pub fn made(&mut self, now: f64) -> Vec<Made> {
        let now = self.advance(now);
        let made = |job: &jobs::Job| Made {
            id: job.api.id(job),
            request: job.request.clone(),
            created: job.created,
            failed: job.phase(now) == jobs::Phase::Failed,
        };
        self.world.jobs.iter().map(made).collect()
    }

    /// What happened until `now`.
    pub fn stats(&mut self, now: f64) -> Stats {
        let now = self.advance(now);
        let World { jobs, credits, callbacks, created, limited, .. } = &self.world;
        Stats {
            now,
            created: *created,
            limited: *limited,
            running: ByKind { video: jobs.running(Kind::Video), image: jobs.running(Kind::Image) },
            max_running: jobs.most(),
            credits: Cents { balance: credits.balance, charged: credits.charged, refunded: credits.refunded },
            callbacks: CallbackStats {
                sent: callbacks.sent,
                delivered: callbacks.delivered,
                given_up: callbacks.given_up,
            },
            ..self.journal.stats.clone()
        }
    }

    /// What arrived, the oldest first: the last 10 000 requests.
    pub fn requests(&self) -> impl ExactSizeIterator<Item = &Received> {
        self.journal.received()
    }

    fn advance(&mut self, now: f64) -> f64 {
        while let Some((at, request)) = self.late.take(now) {
            self.pass(at);
            self.work(self.now, Destination::of(request.method, Target::of(&request.url)), &request);
        }
        self.pass(now);
        self.now
    }

    fn pass(&mut self, now: f64) {
        if now.is_finite() {
            self.now = self.now.max(now);
        }
        self.world.settle(self.now);
    }

    fn work(&mut self, now: f64, destination: Destination<'_>, request: &Request<Vec<u8>>) -> Worked {
        let response = match destination {
            Destination::Api(route) => return route.work(&mut self.world, now, request),
            Destination::Asset(tail) => storage::serve(&mut self.world, now, tail, request),
            Destination::Preflight => answer::preflight(request),
            Destination::Nowhere(api, NoRoute::Method(allowed)) => {
                let mut response = api.error(405, "Method Not Allowed");
                response.headers = response.headers.with("allow", allowed);
                response
            }
            Destination::Nowhere(api, NoRoute::Path) => api.error(404, "Not Found"),
            // No provider says this: it helps a user who left a part out of a base URL.
            Destination::Elsewhere => answer::detail(404, format!("Nothing is here: {}", Api::whereabouts())),
        };
        Worked { after: self.world.options.latency, response }
    }

    /// Adds what every answer carries, and takes the body off an answer to HEAD.
    fn finish(&mut self, now: f64, reply: Reply, method: Method) -> Reply {
        let Reply { after, outcome } = reply;
        let mut complete = |mut response| {
            response = answer::finished(response, now + after, self.world.dice.request_id());
            if method == Method::Head {
                response.body.clear();
            }
            response
        };
        let outcome = match outcome {
            Outcome::Answer(response) => Outcome::Answer(complete(response)),
            Outcome::Truncated(response) => Outcome::Truncated(complete(response)),
            other => other,
        };
        Reply { after, outcome }
    }
}

impl<'a> Destination<'a> {
    fn of(method: Method, target: Target<'a>) -> Self {
        if method == Method::Options {
            return Destination::Preflight;
        }
        if let Some(tail) = target.under(storage::BASE) {
            return Destination::Asset(tail);
        }
        match Api::ALL.iter().find_map(|api| Some((*api, api.tail(target)?))) {
            Some((api, tail)) => match api.find(method, tail) {
                Ok(route) => Destination::Api(route),
                Err(nowhere) => Destination::Nowhere(api, nowhere),
            },
            None => Destination::Elsewhere,
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Destination::Api(route) => route.name(),
            Destination::Asset(_) => "asset",
            Destination::Preflight => "preflight",
            Destination::Nowhere(..) | Destination::Elsewhere => "unknown",
        }
    }

    /// An error that is made up, as whoever is there writes them.
    fn error(self, world: &World, now: f64, wrong: faults::Wrong) -> Response<Vec<u8>> {
        let status = if let faults::Wrong::Status(status) = wrong { status } else { 429 };
        match self {
            Destination::Api(route) => route.api().fault(world, now, wrong),
            Destination::Nowhere(api, _) => api.fault(world, now, wrong),
            Destination::Asset(_) => storage::refused(status, "SimulatedFault", wrong.sentence()),
            Destination::Preflight | Destination::Elsewhere => answer::detail(status, wrong.sentence()),
        }
    }

    fn creates(&self) -> bool {
        matches!(self, Destination::Api(route) if route.creates())
    }
}

/// No header value may be shown: one of them is a key.
impl std::fmt::Debug for Simulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Simulator").field("now", &self.now).field("requests", &self.journal.received().len()).finish()
    }
}
