//! Runs our futures. A task is polled when it is spawned, and again whenever one of its own errands is done: nothing else
//! wakes it. In a Worker, a task that was woken by another request's I/O would start its own I/O in that request's context
//! and die with it.

use super::value::get;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(module = "/src/web/errand.js")]
extern "C" {
    fn taken(errand: &JsValue) -> bool;
    fn leave(errand: &JsValue);
}

/// A future of ours; JavaScript knows it by its number.
struct Task {
    /// None when it is over; borrowed while it runs.
    work: RefCell<Option<Pin<Box<dyn Future<Output = ()>>>>>,
    woken: Cell<bool>,
}

thread_local! {
    static TASKS: RefCell<Vec<Rc<Task>>> = const { RefCell::new(Vec::new()) };
    static CURRENT: Cell<i32> = const { Cell::new(0) };
}

/// Runs a future as far as it goes at once, and the rest as its errands allow.
pub fn spawn(work: impl Future<Output = ()> + 'static) {
    let task = Rc::new(Task { work: RefCell::new(Some(Box::pin(work))), woken: Cell::new(false) });
    wake(TASKS.with_borrow_mut(|tasks| {
        let over = |task: &Rc<Task>| task.work.try_borrow().is_ok_and(|work| work.is_none());
        let number = tasks.iter().position(over).unwrap_or(tasks.len());
        match tasks.get_mut(number) {
            Some(place) => *place = task,
            None => tasks.push(task),
        }
        number as i32
    }));
}

/// The task that is running, for an errand to wake. Signed: such a number crosses to JavaScript as it is.
pub fn current() -> i32 {
    CURRENT.get()
}

/// An errand of that task is done.
#[wasm_bindgen]
pub fn wake(number: i32) {
    let Some(task) = TASKS.with_borrow(|tasks| tasks.get(number as usize).cloned()) else { return };
    task.woken.set(true);
    // One that is running is woken by a listener of the caller's, which may abort from inside: it will look again.
    let Ok(mut work) = task.work.try_borrow_mut() else { return };
    let outer = CURRENT.replace(number);
    while task.woken.take() {
        let mut context = Context::from_waker(Waker::noop());
        if work.as_mut().is_some_and(|work| work.as_mut().poll(&mut context).is_ready()) {
            *work = None;
        }
    }
    CURRENT.set(outer);
}

/// What JavaScript does for the running task; dropped before it is done, it is called off.
pub struct Errand<T> {
    errand: JsValue,
    /// Reads what it came to.
    read: fn(JsValue) -> T,
}

impl<T> Errand<T> {
    pub fn new(errand: JsValue, read: fn(JsValue) -> T) -> Self {
        Errand { errand, read }
    }
}

impl<T> Future for Errand<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<T> {
        if taken(&self.errand) { Poll::Ready((self.read)(get(&self.errand, "value"))) } else { Poll::Pending }
    }
}

impl<T> Drop for Errand<T> {
    fn drop(&mut self) {
        leave(&self.errand);
    }
}
