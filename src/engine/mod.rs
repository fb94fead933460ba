//! What a client does over time, as plain async over [`Host`]. Cancelling is dropping: every future here may be dropped at
//! any await, and what it had under way is stopped by the host.

mod create;
mod event;
mod exchange;
mod host;
mod poll;
mod query;
mod race;
mod retry;
mod schedule;
mod settings;
mod watch;

pub use create::{Order, Task};
pub use event::Event;
pub use host::{Attention, FetchError, Host};
pub use poll::{Progress, Target};
pub use query::{Answer, Query};
pub use race::{First, race};
pub use settings::{Key, Settings};

use crate::error::{Creation, Error, Problem, ProblemCode};
use crate::generation::Generation;
use crate::http::{Body, Response};
use crate::pricing::Estimate;
use crate::provider::{Provider, ProviderId, provider};
use crate::request::Request;
use std::cell::Cell;
use watch::Watches;

/// A client of one provider.
pub struct Client<H: Host> {
    host: H,
    settings: Settings,
    provider: Box<dyn Provider<H::Value>>,
    watches: Watches<H::Value>,
    /// The server's clock less ours, in ms, by the last answer's `date`.
    skew: Cell<f64>,
}

/// Told of what a caller may want to know before the result: the call may be cancelled at any moment, and then this is all
/// there is.
pub trait Observer<V> {
    /// A creation goes out (`Some`), or its outcome is known (`None`).
    fn sending(&self, _creation: Option<&Creation<V>>) {}
    /// A job was created or looked at.
    fn update(&self, _generation: &Generation<V>, _progress: Progress) {}
}

/// Nobody listens.
impl<V> Observer<V> for () {}

type Outcome<T, H> = Result<T, Error<<H as Host>::Value>>;

impl<H: Host> Client<H> {
    /// A client on that machine.
    pub fn new(host: H, settings: Settings) -> Self {
        let provider = provider(settings.provider, settings.variant());
        Client { host, settings, provider, watches: Watches::new(), skew: Cell::new(0.0) }
    }

    /// Who is asked.
    pub fn provider(&self) -> ProviderId {
        self.provider.id()
    }

    /// The machine.
    pub fn host(&self) -> &H {
        &self.host
    }

    /// Checks a request without sending it: every broken rule, or none.
    pub fn check(&self, request: &H::Value) -> Result<(), Vec<crate::error::Problem>> {
        Request::read(&*self.provider, request).map(|_| ())
    }

    /// What a request costs.
    pub fn estimate(&self, request: &H::Value) -> Outcome<Estimate, H> {
        Ok(self.provider.estimate(&self.prepare(request)?))
    }

    fn prepare(&self, request: &H::Value) -> Outcome<Request<H::Value>, H> {
        if self.settings.validate {
            Request::read(&*self.provider, request).map_err(Error::invalid)
        } else {
            Request::unchecked(request).map_err(Error::invalid)
        }
    }

    fn generation(&self, response: &Response<Body<H::Value>>) -> Outcome<Generation<H::Value>, H> {
        let generation = json(response).and_then(|body| self.provider.generation(body));
        generation.ok_or_else(|| self.unreadable(response, "a generation"))
    }
}

fn json<V>(response: &Response<Body<V>>) -> Option<&V> {
    match &response.body {
        Body::Json(value) => Some(value),
        _ => None,
    }
}

/// An empty id would ask for the list.
fn known<V>(id: &str) -> Result<&str, Error<V>> {
    if id.is_empty() {
        return Err(Error::invalid(vec![Problem::new("id", ProblemCode::Required, "must not be empty")]));
    }
    Ok(id)
}
