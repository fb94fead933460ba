//! Cancelling across the border: an `AbortSignal` ends one of our futures, and dropping one of our futures aborts what
//! JavaScript has under way.

use super::bell::Bell;
use crate::engine::{First, race};
use std::future::Future;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{AbortController, AbortSignal};

/// A controller that aborts when it is dropped, unless what it guards is done: an abort makes an exception, which in Node
/// costs as much as half a request.
pub struct AbortOnDrop(Option<AbortController>);

impl AbortOnDrop {
    /// One that has not aborted.
    pub fn new() -> Self {
        AbortOnDrop(AbortController::new().ok())
    }

    /// What to give to `fetch`; `None` where the platform has no AbortController.
    pub fn signal(&self) -> Option<AbortSignal> {
        self.0.as_ref().map(AbortController::signal)
    }

    /// What it guards is done.
    pub fn done(mut self) {
        self.0 = None;
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if let Some(controller) = &self.0 {
            controller.abort();
        }
    }
}

/// Runs `work` until it is done or `signal` aborts, which is felt at once: `None`.
pub async fn until_aborted<T>(signal: Option<AbortSignal>, work: impl Future<Output = T>) -> Option<T> {
    let bell = Bell::default();
    let _listening = signal.map(|signal| Listening::new(signal, &bell));
    match race(bell.rung(), work).await {
        First::Left(()) => None,
        First::Right(value) => Some(value),
    }
}

/// A listener that is taken off when the wait is over, so that a signal shared by many calls does not collect them.
struct Listening {
    signal: AbortSignal,
    ring: Closure<dyn FnMut()>,
}

impl Listening {
    /// Rings when the signal aborts, or has.
    fn new(signal: AbortSignal, bell: &Bell) -> Self {
        let ring = bell.ringer();
        if signal.aborted() {
            ring();
        }
        let ring = Closure::once(ring);
        let _ = signal.add_event_listener_with_callback("abort", ring.as_ref().unchecked_ref());
        Listening { signal, ring }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let _ = self.signal.remove_event_listener_with_callback("abort", self.ring.as_ref().unchecked_ref());
    }
}
