//! What the core needs from the machine it runs on. In the npm module that is JavaScript; in a test it is a simulator
//! on virtual time. Dropping a future that a host gave is how anything is cancelled: the host stops the request or the
//! timer behind it.

use super::event::Event;
use crate::http::{Body, Request, Response};
use crate::value::Value;
use std::future::Future;

/// The machine.
pub trait Host {
    /// How this machine holds JSON.
    type Value: Value;

    /// Sends one HTTP request and reads the answer whole.
    fn fetch(
        &self,
        request: Request<Self::Value>,
    ) -> impl Future<Output = Result<Response<Body<Self::Value>>, FetchError>>;
    /// Waits for that many ms.
    fn sleep(&self, ms: f64) -> impl Future<Output = ()>;
    /// The time in ms since 1970.
    fn now(&self) -> f64;
    /// A number from 0 up to but not including 1.
    fn random(&self) -> f64;
    /// The time that an HTTP date or an ISO 8601 timestamp tells, in ms since 1970.
    fn parse_date(&self, text: &str) -> Option<f64>;
    /// Tells whoever listens what happens.
    fn event(&self, event: Event<'_>);
}

/// Why no answer came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchError {
    /// The host can tell that nothing was sent: a connection that was refused, a request that it could not build.
    NotSent(String),
    /// The request may have arrived: the connection broke, or the answer did.
    Lost(String),
}
