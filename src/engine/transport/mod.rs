//! One HTTP exchange at a time: the request with its key, the answer or why there is none, and reads, which may be sent
//! again.
//!
//! This room knows the host, the provider and the settings, and learns the server's clock from the answers. It does not
//! know tickets, limits or what a call is for. It never sends a creation a second time.

mod accounts;
mod by_key;
mod exchange;
mod multipart_job;
mod query;
mod read;
mod server;
mod upload;

pub use by_key::{FORGOTTEN, HONOURED, KEY, PROBE_KEY, outcome_query};
pub use exchange::ExchangeError;
pub use query::{Answer, Query};
pub use server::Server;

use super::model::{Host, Outcome, Settings};
use crate::error::{Code, Error, Problem, ProblemCode};
use crate::generation::{Generation, State};
use crate::http::{Body, Response};
use crate::json::Json;
use crate::provider::{Page, Provider, answered, server_words};
use crate::text::concat;
use std::borrow::Cow;
use std::rc::Rc;

/// How a client reaches its provider.
pub struct Transport<H: Host> {
    pub host: H,
    pub settings: Settings,
    pub provider: Box<dyn Provider>,
    pub server: Rc<Server>,
}

impl<H: Host> Transport<H> {
    /// An id, or another text, as events and messages may show it.
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.provider.redact(text)
    }

    /// The earliest time that it can be by the server's clock; the time by ours while nothing is known of that.
    pub fn server_time(&self) -> f64 {
        self.host.now() + self.server.clock_skew.lower_bound_or_zero()
    }

    /// When the server made a job, by its own clock.
    pub fn created_at(&self, generation: &Generation) -> Option<f64> {
        self.host.parse_date(generation.created_at.as_deref()?)
    }

    /// The job that was asked for. An answer about another one is a mistake of a cache or a proxy.
    pub fn generation(&self, id: &str, response: &Response<Body>) -> Outcome<Generation> {
        let generation = json(response).and_then(|body| self.provider.generation(body));
        let own = generation.filter(|generation| generation.id.eq_ignore_ascii_case(id));
        own.ok_or_else(|| self.unreadable(response, "the generation"))
    }

    /// The job in a good answer to a creation.
    pub fn made(&self, response: &Response<Body>) -> Outcome<Generation> {
        let generation = json(response).and_then(|body| self.provider.made(body));
        generation.ok_or_else(|| self.unreadable(response, "a generation"))
    }

    /// The job that the answer is about which refuses. Many errors have an `id` of their own: only one with a state is a job's.
    /// After a 429 there is none.
    fn refused_job(&self, response: &Response<Body>) -> Option<Generation> {
        let job = |answer: &&Json| response.status != 429 && (answer.has("state") || !answer.has("id"));
        let answer = json(response).filter(job)?;
        // A server that fails has ids and states of its own.
        let clear = |job: &Generation| job.state != State::Failed && job.unknown_state.is_none();
        self.provider.generation(answer).filter(|job| (400..500).contains(&response.status) || clear(job))
    }

    pub fn page(&self, response: &Response<Body>) -> Outcome<Page> {
        let page = json(response).and_then(|body| self.provider.page(body));
        page.ok_or_else(|| self.unreadable(response, "a list of generations"))
    }

    /// The provider has no such thing.
    pub fn unsupported(&self, what: &str) -> Error {
        let message = concat(&[self.provider.id().as_str(), " has no ", what, "; nothing was sent"]);
        Error::new(Code::Unsupported, message).with_provider(self.provider.id())
    }

    /// A good status with a body that is not what it should be.
    fn unreadable(&self, response: &Response<Body>, wanted: &str) -> Error {
        let what = match &response.body {
            Body::Json(_) => "JSON that is not ",
            Body::Text(_) => "something that is not JSON instead of ",
            Body::Empty => "an empty body instead of ",
        };
        let words = json(response).and_then(server_words).map(|words| self.without_secrets(&concat(&[": ", &words])));
        let message =
            concat(&[self.provider.id().as_str(), " answered with ", what, wanted, &words.unwrap_or_default()]);
        answered(Error::new(Code::Protocol, message).with_provider(self.provider.id()), response)
    }
}

pub fn json(response: &Response<Body>) -> Option<&Json> {
    match &response.body {
        Body::Json(value) => Some(value),
        _ => None,
    }
}

/// An id that an address can hold.
pub fn checked_id(id: &str) -> Outcome<&str> {
    let (code, message) = match id {
        // It would ask for the list.
        "" => (ProblemCode::Required, "must not be empty"),
        // As a step of an address they would lead elsewhere.
        "." | ".." => (ProblemCode::InvalidValue, "is no id"),
        _ => return Ok(id),
    };
    Err(Error::invalid(vec![Problem::new("id", code, message)]))
}
