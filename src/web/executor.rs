//! Runs the engine's futures.
//!
//! `wasm_bindgen_futures::spawn_local` and `future_to_promise` put every task that is woken in one tick into one queue, and run the queue in the
//! context of the task that woke first. Three calls that begin together would all fetch in the first one's `AsyncLocalStorage` (tracing,
//! Next.js), and in a Worker a task would run in the context of another request, and die with that request. So a task runs here as soon as
//! it is woken, in the context of what woke it: the promise or the timer that it awaits itself.
//!
//! A task that is never woken again stays, with all that it holds, as long as the instance: when a Worker's request is cancelled, the promises that it
//! awaits never settle, and nothing reports that. It costs memory and no more, since anything it held for others (a permit, a ticket, the
//! right to poll) is a lease that ends.
//!
//! No task of the engine wakes another one either, which would run in a context that is not its own. A channel or a shared waker in the engine would
//! bring the fault back: let the waiting task ask again after a short sleep of its own. (Two wakers are shared on purpose, and say why: a page's
//! events, and a signal's abort.)

use js_sys::Promise;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use wasm_bindgen::JsValue;

struct Task {
    number: u32,
    /// Borrowed while it runs.
    work: RefCell<Pin<Box<dyn Future<Output = ()>>>>,
    woken: Cell<bool>,
}

/// The tasks that are not done, each at the index that its wakers know.
struct Tasks {
    all: Vec<Option<Rc<Task>>>,
    free: Vec<usize>,
    count: u32,
}

thread_local! {
    static TASKS: RefCell<Tasks> = const { RefCell::new(Tasks { all: Vec::new(), free: Vec::new(), count: 0 }) };
}

impl Tasks {
    fn add(&mut self, work: Pin<Box<dyn Future<Output = ()>>>) -> TaskWaker {
        let number = self.count;
        self.count = number.wrapping_add(1);
        let task = Some(Rc::new(Task { number, work: RefCell::new(work), woken: Cell::new(false) }));
        let index = self.free.pop().unwrap_or(self.all.len());
        match self.all.get_mut(index) {
            Some(place) => *place = task,
            None => self.all.push(task),
        }
        TaskWaker { index, number }
    }

    fn remove(&mut self, index: usize) {
        if self.all.get_mut(index).and_then(Option::take).is_some() {
            self.free.push(index);
        }
    }
}

/// A waker must be able to cross threads, which a task is not: it knows the task by its index. The number tells whether the task at that index is
/// still the same, since a promise that is no longer awaited may wake its task late.
struct TaskWaker {
    index: usize,
    number: u32,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        let found = TASKS.with_borrow(|tasks| tasks.all.get(self.index).cloned().flatten());
        let Some(task) = found.filter(|task| task.number == self.number) else { return };
        task.woken.set(true);
        // It is running, and a listener of the caller's woke it, say by an abort: the loop below polls it once more.
        let Ok(mut work) = task.work.try_borrow_mut() else { return };
        let index = self.index;
        let waker = Waker::from(self);
        while task.woken.take() {
            if let Poll::Ready(()) = work.as_mut().poll(&mut Context::from_waker(&waker)) {
                TASKS.with_borrow_mut(|tasks| tasks.remove(index));
                return;
            }
        }
    }
}

/// Runs a future as far as it goes at once, and the rest as it is woken.
pub fn spawn(work: impl Future<Output = ()> + 'static) {
    let waker = TASKS.with_borrow_mut(|tasks| tasks.add(Box::pin(work)));
    Arc::new(waker).wake();
}

/// The same, as a promise of what the future comes to.
pub fn promise(work: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> Promise {
    // It is boxed: a future holds what it awaits twice, once as it was given and once as it runs.
    let mut work = Some(Box::pin(work));
    Promise::new(&mut |resolve, reject| {
        let Some(work) = work.take() else { return };
        spawn(async move {
            let (settle, outcome) = match work.await {
                Ok(value) => (resolve, value),
                Err(error) => (reject, error),
            };
            // Neither of the two can fail.
            let _ = settle.call1(&JsValue::UNDEFINED, &outcome);
        });
    })
}
