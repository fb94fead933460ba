//! What a call has begun to write into the caller's store.

use crate::engine::race;
use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, Promise};
use std::cell::RefCell;
use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};
use wasm_bindgen_futures::JsFuture;

/// The writes under way of one call. Its promise settles when they are durable, since in a Worker what is not awaited is cut off with the response.
#[derive(Clone, Default)]
pub struct Writes(Rc<RefCell<Vec<Promise>>>);

thread_local! {
    /// Those of the call that runs.
    static CURRENT: RefCell<Writes> = RefCell::default();
}

impl Writes {
    /// The call that runs now has begun to write.
    pub fn track(writing: &Promise) {
        CURRENT.with_borrow(|current| current.0.borrow_mut().push(writing.clone()));
    }

    /// Runs a call, and waits for its writes. A store that never settles holds no caller for long, least of all a caller that has given up:
    /// one that does so while its result is held has it at once.
    pub async fn within<T, E, G: Future>(
        call: impl Future<Output = Result<T, E>>,
        given_up: impl FnOnce() -> G,
    ) -> Result<T, E> {
        let writes = Writes::default();
        let outcome = Tracked(writes.clone(), pin!(call)).await;
        let all: Array = writes.0.take().iter().collect();
        if all.length() > 0 {
            let all = JsFuture::from(Promise::all_settled(&all));
            match &outcome {
                Ok(_) => drop(race(race(all, TimeoutFuture::new(10_000)), pin!(given_up())).await),
                Err(_) => drop(race(all, TimeoutFuture::new(1_000)).await),
            }
        }
        outcome
    }
}

/// A call whose writes are tracked whenever it runs.
struct Tracked<F>(Writes, F);

impl<F: Future + Unpin> Future for Tracked<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let outer = CURRENT.replace(self.0.clone());
        let polled = Pin::new(&mut self.1).poll(context);
        CURRENT.set(outer);
        polled
    }
}
