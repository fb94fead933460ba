//! Aborts, both ways: ours of what is no longer awaited, and the caller's of a call.

use super::convert::get;
use super::wait_list::WaitList;
use js_sys::WeakMap;
use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use wasm_bindgen::prelude::{Closure, JsCast, JsValue};
use web_sys::{AbortController, AbortSignal};

/// Aborts what is under way when it is dropped before [`AbortOnDrop::finished`].
pub struct AbortOnDrop {
    controller: AbortController,
    finished: bool,
}

impl AbortOnDrop {
    /// Fails where the runtime has no `AbortController`.
    pub fn new() -> Result<Self, JsValue> {
        Ok(AbortOnDrop { controller: AbortController::new()?, finished: false })
    }

    /// The signal for what is to be aborted.
    pub fn signal(&self) -> AbortSignal {
        self.controller.signal()
    }

    /// Nothing is left to abort. (To abort a request that is over costs as much as the request.)
    pub fn finished(mut self) {
        self.finished = true;
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if !self.finished {
            self.controller.abort();
        }
    }
}

/// One listener on a signal of the caller's, for all calls that have that signal: Node takes more than ten for a leak.
struct Listener {
    on_abort: Closure<dyn Fn()>,
    /// Woken in the context of the code that aborts, which is what ends them.
    waiting: WaitList,
}

thread_local! {
    /// By the number that `NUMBERS` has for a signal.
    static LISTENERS: RefCell<Vec<Option<Listener>>> = const { RefCell::new(Vec::new()) };
    static NUMBERS: WeakMap = WeakMap::new();
}

fn number_of(signal: &AbortSignal) -> Option<usize> {
    NUMBERS.with(|numbers| numbers.get(signal).as_f64().map(|number| number as usize))
}

/// Settles when the caller aborts; never without a signal. The caller may have given anything: what takes no listeners is no signal.
pub fn aborted(signal: JsValue) -> Aborted {
    let is_signal = signal.is_object() && get(&signal, "addEventListener").is_function();
    Aborted { signal: is_signal.then(|| signal.unchecked_into()), number: None }
}

/// The future that [`aborted`] gives.
pub struct Aborted {
    signal: Option<AbortSignal>,
    /// Its number in the wait list, once it waits.
    number: Option<u32>,
}

impl Future for Aborted {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let Some(signal) = &self.signal else { return Poll::Pending };
        // It may be the caller's own: a getter that throws proves nothing.
        if get(signal, "aborted").is_truthy() {
            return Poll::Ready(());
        }
        if self.number.is_none() {
            let number = wait_for(signal, context.waker());
            self.number = Some(number);
        }
        Poll::Pending
    }
}

fn wait_for(signal: &AbortSignal, waker: &Waker) -> u32 {
    let (joined, new_listener) = LISTENERS.with_borrow_mut(|listeners| {
        let listener = number_of(signal).and_then(|number| listeners.get_mut(number)?.as_mut());
        if let Some(listener) = listener {
            return (listener.waiting.join(waker), None);
        }
        let number = listeners.iter().position(Option::is_none).unwrap_or(listeners.len());
        let on_abort = Closure::<dyn Fn()>::new(move || wake(number));
        let new_listener = on_abort.as_ref().clone();
        NUMBERS.with(|numbers| numbers.set(signal, &(number as f64).into()));
        let mut waiting = WaitList::default();
        let joined = waiting.join(waker);
        let listener = Some(Listener { on_abort, waiting });
        match listeners.get_mut(number) {
            Some(place) => *place = listener,
            None => listeners.push(listener),
        }
        (joined, Some(new_listener))
    });
    // While nothing is borrowed: a signal of the caller's own may call the listener at once.
    if let Some(new_listener) = new_listener {
        let _ = signal.add_event_listener_with_callback("abort", new_listener.unchecked_ref());
    }
    joined
}

fn wake(number: usize) {
    let waiting = LISTENERS.with_borrow(|listeners| {
        let listener = listeners.get(number).and_then(Option::as_ref);
        listener.map(|listener| listener.waiting.wakers()).unwrap_or_default()
    });
    for waker in waiting {
        waker.wake();
    }
}

fn stop_waiting(signal: &AbortSignal, waiting: u32) {
    let unused = LISTENERS.with_borrow_mut(|listeners| {
        let place = listeners.get_mut(number_of(signal)?)?;
        let listener = place.as_mut()?;
        listener.waiting.leave(waiting);
        if listener.waiting.is_empty() { place.take() } else { None }
    });
    if let Some(Listener { on_abort, .. }) = unused {
        NUMBERS.with(|numbers| numbers.delete(signal));
        let _ = signal.remove_event_listener_with_callback("abort", on_abort.as_ref().unchecked_ref());
    }
}

impl Drop for Aborted {
    fn drop(&mut self) {
        if let (Some(signal), Some(number)) = (&self.signal, self.number) {
            stop_waiting(signal, number);
        }
    }
}
