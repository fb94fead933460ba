//! How JavaScript tells a future of ours that something has happened.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::task::{Poll, Waker};

/// Rung once by a callback; a future waits for it. Clones are the same bell.
#[derive(Clone, Default)]
pub struct Bell(Rc<State>);

#[derive(Default)]
struct State {
    rung: Cell<bool>,
    waiting: Cell<Option<Waker>>,
}

impl Bell {
    /// What rings it, for a callback to own.
    pub fn ringer(&self) -> impl Fn() + 'static {
        let bell = self.0.clone();
        move || {
            bell.rung.set(true);
            if let Some(waker) = bell.waiting.take() {
                waker.wake();
            }
        }
    }

    /// Waits until it was rung.
    pub fn rung(self) -> impl Future<Output = ()> {
        poll_fn(move |context| {
            if self.0.rung.get() {
                return Poll::Ready(());
            }
            self.0.waiting.set(Some(context.waker().clone()));
            Poll::Pending
        })
    }
}
