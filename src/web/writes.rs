//! What a call has begun to write into the caller's store.

use crate::engine::race;
use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, Promise};
use std::cell::RefCell;
use std::future::Future;
use std::mem::swap;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use wasm_bindgen_futures::JsFuture;

/// The writes under way of one call. Its promise settles when they are durable, since in a Worker what is not awaited is cut off with the response.
pub struct Writes(Array);

thread_local! {
    /// Those of the call that runs, if one does.
    static CURRENT: RefCell<Option<Writes>> = const { RefCell::new(None) };
}

impl Writes {
    /// The call that runs now has begun to write.
    pub fn track(writing: &Promise) {
        CURRENT.with_borrow(|current| {
            if let Some(writes) = current {
                writes.0.push(writing);
            }
        });
    }

    /// Runs a call, and waits for its writes. A store that never settles holds no caller for long, least of all a caller that has given up:
    /// one that does so while its result is held has it at once.
    pub async fn within<T, E, G: Future>(
        call: impl Future<Output = Result<T, E>>,
        given_up: impl FnOnce() -> G,
    ) -> Result<T, E> {
        let writes = Array::new();
        let outcome = Tracked(Some(Writes(writes.clone())), pin!(call)).await;
        if writes.length() > 0 {
            let all = JsFuture::from(Promise::all_settled(&writes));
            match &outcome {
                Ok(_) => drop(race(race(all, TimeoutFuture::new(10_000)), pin!(given_up())).await),
                Err(_) => drop(race(all, TimeoutFuture::new(1_000)).await),
            }
        }
        outcome
    }
}

/// A call whose writes are tracked whenever it runs.
struct Tracked<F>(Option<Writes>, F);

impl<F: Future + Unpin> Future for Tracked<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        CURRENT.with_borrow_mut(|current| swap(current, &mut self.0));
        let polled = Pin::new(&mut self.1).poll(context);
        CURRENT.with_borrow_mut(|current| swap(current, &mut self.0));
        polled
    }
}
