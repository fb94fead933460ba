//! What the core needs from the machine it runs on. In the npm module that is JavaScript; in a test it is a simulator
//! on virtual time. Dropping a host's future cancels it: the host stops the request or the timer behind it.

use super::event::Event;
use crate::http::{Body, Payload, Request, Response};
use crate::json::Json;
use std::future::Future;

/// The machine.
///
/// Two rules for its callers:
///
/// * **No call while a `RefCell` is borrowed.** An event, a write or a lock may run the caller's own code at once, and that
///   may begin, drive or drop another call of the same client. So take out what the call needs, end the borrow, then call.
///   The same goes for an [`Observer`](super::Observer).
/// * **No task wakes another one.** Each waits for its own I/O and its own timers only; CONTRIBUTING.md explains why.
pub trait Host {
    /// How this machine holds a file that is being uploaded, as its bytes and perhaps as a form.
    type File;
    /// The sole right to work on an entry of the store; dropped, another client may take it.
    type Lock: 'static;

    /// Sends one HTTP request and reads the answer whole. `file` is what the payload speaks of when it is no JSON.
    fn fetch(
        &self,
        request: Request<Payload>,
        file: Option<&Self::File>,
    ) -> impl Future<Output = Result<Response<Body>, FetchError>>;
    /// Waits for that many ms.
    fn sleep(&self, ms: f64) -> impl Future<Output = ()>;
    /// The time in ms since 1970.
    fn now(&self) -> f64;
    /// Which clock that is. Only clients of one clock can share limits, which are reckoned in its time.
    fn timeline(&self) -> f64 {
        0.0
    }
    /// A number from 0 up to but not including 1.
    fn random(&self) -> f64;
    /// The time of an HTTP date or an ISO 8601 timestamp, in ms since 1970.
    fn parse_date(&self, text: &str) -> Option<f64>;
    /// Reports what happens to the listener, if there is one.
    fn event(&self, event: Event<'_>);

    /// Waits for that many ms, or less: until something makes a poll worth while, such as a tab that is shown again.
    fn interruptible_sleep(&self, ms: f64) -> impl Future<Output = ()>;
    /// Whether the user sees the page.
    fn visibility(&self) -> Visibility;

    /// Whether there is a store that outlives this client. Without one nothing below is called.
    fn has_store(&self) -> bool;
    /// Every entry of the store, by key. What is not JSON comes as its text.
    fn load(&self) -> impl Future<Output = Result<Vec<(String, Json)>, String>>;
    /// Writes an entry, or deletes it. It begins at the call, and goes on when the future is dropped; the writes of one key
    /// take effect in the order of the calls, and what deletes one takes effect after all that was written before it.
    fn write(&self, key: &str, value: Option<&Json>) -> impl Future<Output = Result<(), String>> + 'static + use<Self>;
    /// Takes an entry's lock; `None` while another client has it. A store of one client gives it always. Gives why it cannot
    /// learn whether another has it.
    fn lock(&self, key: &str) -> impl Future<Output = Result<Option<Self::Lock>, String>>;
    /// Waits until another client may have changed the store, for `ms` ms at most.
    fn store_changed(&self, ms: f64) -> impl Future<Output = ()>;
}

/// Whether the user sees the page. A hidden tab need not hurry, and one that is shown again must not wait.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Visibility {
    /// The page is hidden.
    pub hidden: bool,
    /// When it was last shown again, or the network came back, in ms since 1970.
    pub since: f64,
}

/// Why no answer came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchError {
    /// The host can tell that nothing was sent: a connection that was refused, a name that was not found.
    NotSent(String),
    /// Nothing was sent, and another try would end the same way: a certificate that is not trusted, an address that cannot be used.
    NotSendable(String),
    /// The request may have arrived: the connection broke, or the answer did.
    Lost(String),
    /// The caller's own `fetch` gave something that is no answer. The request may have arrived.
    NoAnswer,
}
