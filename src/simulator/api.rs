//! The providers that a simulator plays, and where each is reached. Adding one is a folder and a line in each match here.

use serde_json::Value;
use std::ops::RangeInclusive;

use super::answer::Worked;
use super::faults::Wrong;
use super::jobs::Job;
use super::limits::Kind;
use super::options::Limits;
use super::target::Target;
use super::world::World;
use super::{agents, dream_machine, piapi, useapi};
use crate::http::{Method, Request, Response};

/// A provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Api {
    DreamMachine,
    Agents,
    Useapi,
    Piapi,
}

/// One endpoint, with what its path carries.
#[derive(Clone, Copy)]
pub(crate) enum Route<'a> {
    DreamMachine(dream_machine::routes::Route<'a>),
    Agents(agents::routes::Route<'a>),
    Useapi(useapi::routes::Route<'a>),
    Piapi(piapi::routes::Route<'a>),
}

/// Why a path leads nowhere.
#[derive(Clone, Copy)]
pub(crate) enum NoRoute {
    Path,
    /// The path is there, for these verbs.
    Method(&'static str),
}

/// How a provider tells of a job's course.
pub(crate) struct Calls {
    /// Whether also when it begins to run.
    pub(crate) starts: bool,
    /// The statuses by which a receiver says that it has understood.
    pub(crate) good: RangeInclusive<u16>,
    pub(crate) retries: u32,
    /// How far the tries are apart, in ms.
    pub(crate) apart: f64,
}

/// The names of all routes, in faults and statistics.
pub(crate) fn route_names() -> impl Iterator<Item = &'static str> {
    let names = [dream_machine::routes::NAMES, agents::routes::NAMES, useapi::routes::NAMES, piapi::routes::NAMES];
    names.into_iter().flatten().copied().chain(["asset"])
}

impl Api {
    pub(crate) const ALL: [Api; 4] = [Api::DreamMachine, Api::Agents, Api::Useapi, Api::Piapi];

    /// What follows its base URL: its own host's, or its path anywhere else.
    pub(crate) fn tail<'a>(self, target: Target<'a>) -> Option<&'a str> {
        match self {
            Api::DreamMachine => target.under(dream_machine::routes::BASE),
            Api::Agents => agents::routes::tail(target),
            Api::Useapi => useapi::routes::tail(target),
            Api::Piapi => piapi::routes::tail(target),
        }
    }

    pub(crate) fn find(self, method: Method, tail: &str) -> Result<Route<'_>, NoRoute> {
        Ok(match self {
            Api::DreamMachine => Route::DreamMachine(dream_machine::routes::find(method, tail)?),
            Api::Agents => Route::Agents(agents::routes::find(method, tail)?),
            Api::Useapi => Route::Useapi(useapi::routes::find(method, tail)?),
            Api::Piapi => Route::Piapi(piapi::routes::find(method, tail)?),
        })
    }

    /// The address of each of them.
    pub(crate) fn whereabouts() -> &'static str {
        "the Dream Machine API is under /dream-machine/v1, Agents under /agents/v1, useapi.net under /useapi/v1/luma, PiAPI under /piapi"
    }

    /// An error as it writes them.
    pub(crate) fn error(self, status: u16, message: &str) -> Response<Vec<u8>> {
        match self {
            Api::DreamMachine => super::answer::detail(status, message),
            Api::Agents => agents::error(status, message),
            Api::Useapi => useapi::error(status, message),
            Api::Piapi => piapi::error(status, message),
        }
    }

    /// Which of its counts a kind of job goes into: the Agents API has one for all.
    pub(crate) fn counted_as(self, kind: Kind) -> Kind {
        if self == Api::Agents { Kind::Video } else { kind }
    }

    /// An error that is made up.
    pub(crate) fn fault(self, world: &World, now: f64, wrong: Wrong) -> Response<Vec<u8>> {
        match (self, wrong) {
            (Api::DreamMachine, Wrong::ConcurrencyLimited) => dream_machine::concurrency_limited(),
            (Api::Agents, Wrong::ConcurrencyLimited) => agents::concurrency_limited(),
            (Api::Useapi, Wrong::ConcurrencyLimited) => useapi::concurrency_limited(now),
            (Api::Piapi, Wrong::ConcurrencyLimited) => piapi::concurrency_limited(),
            (Api::Agents, Wrong::Status(429)) => agents::rate_limited(world, now),
            (Api::Piapi, Wrong::Status(status)) => piapi::refusal(status, wrong.sentence()),
            (_, Wrong::Status(status)) => self.error(status, wrong.sentence()),
        }
    }

    /// What it allows by its documents.
    pub(crate) fn limits(self) -> Limits {
        match self {
            Api::DreamMachine => Limits::build(),
            Api::Agents => agents::limits(),
            Api::Useapi => useapi::limits(),
            Api::Piapi => piapi::limits(),
        }
    }

    /// What it calls one of its jobs.
    pub(crate) fn id(self, job: &Job) -> String {
        match self {
            Api::Useapi => useapi::id(job),
            _ => job.id.clone(),
        }
    }

    /// One of its jobs at a time, in its own words.
    pub(crate) fn generation(self, world: &World, job: &Job, at: f64) -> Value {
        match self {
            Api::DreamMachine => dream_machine::generation(world, job, at),
            Api::Agents => agents::generation(world, job, at),
            Api::Useapi => useapi::generation(world, job, at),
            Api::Piapi => piapi::generation(world, job, at),
        }
    }

    /// What is POSTed about one of its jobs at a time: header fields and JSON.
    pub(crate) fn callback(self, world: &World, job: &Job, at: f64) -> (Vec<(String, String)>, Value) {
        match self {
            Api::Piapi => piapi::callback(world, job, at),
            _ => (Vec::new(), self.generation(world, job, at)),
        }
    }

    pub(crate) fn calls(self) -> Calls {
        match self {
            // Guide, callbacks: anything but 200 is tried again, 3 times, 100 ms apart.
            Api::DreamMachine => Calls { starts: true, good: 200..=200, retries: 3, apart: 100.0 },
            // It has none.
            Api::Agents => Calls { starts: false, good: 200..=299, retries: 0, apart: 0.0 },
            // Nothing is published about retries.
            Api::Useapi => Calls { starts: false, good: 200..=299, retries: 0, apart: 0.0 },
            // Three in total, 5 s apart, when the answer is not 2xx (third parties).
            Api::Piapi => Calls { starts: true, good: 200..=299, retries: 2, apart: 5_000.0 },
        }
    }
}

impl Route<'_> {
    pub(crate) fn api(&self) -> Api {
        match self {
            Route::DreamMachine(_) => Api::DreamMachine,
            Route::Agents(_) => Api::Agents,
            Route::Useapi(_) => Api::Useapi,
            Route::Piapi(_) => Api::Piapi,
        }
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Route::DreamMachine(route) => route.name(),
            Route::Agents(route) => route.name(),
            Route::Useapi(route) => route.name(),
            Route::Piapi(route) => route.name(),
        }
    }

    /// Whether it makes a job.
    pub(crate) fn creates(&self) -> bool {
        match self {
            Route::DreamMachine(route) => route.creates(),
            Route::Agents(route) => route.creates(),
            Route::Useapi(route) => route.creates(),
            Route::Piapi(route) => route.creates(),
        }
    }

    pub(crate) fn work(self, world: &mut World, now: f64, request: &Request<Vec<u8>>) -> Worked {
        match self {
            Route::DreamMachine(route) => dream_machine::work(world, now, route, request),
            Route::Agents(route) => agents::work(world, now, route, request),
            Route::Useapi(route) => useapi::work(world, now, route, request),
            Route::Piapi(route) => piapi::work(world, now, route, request),
        }
    }
}
