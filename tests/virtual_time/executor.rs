//! Many tasks on one thread. Which of those that are ready goes on next is the dice's choice; any may be dropped at any
//! await.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

pub type TaskId = u64;

/// The one future that [`World::run`](super::World::run) was given; it is polled by its owner.
pub const MAIN: TaskId = 0;

type Task = Pin<Box<dyn Future<Output = ()>>>;

#[derive(Default)]
pub struct Tasks {
    /// A task that is being polled is out of its place.
    all: RefCell<BTreeMap<TaskId, Option<Task>>>,
    ready: Arc<Mutex<Vec<TaskId>>>,
    last: Cell<TaskId>,
}

/// A waker may be sent to another thread as far as its type tells, hence the lock; none is.
struct Bell {
    id: TaskId,
    ready: Arc<Mutex<Vec<TaskId>>>,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        let mut ready = self.ready.lock().unwrap();
        if !ready.contains(&self.id) {
            ready.push(self.id);
        }
    }
}

impl Tasks {
    pub fn waker(&self, id: TaskId) -> Waker {
        Waker::from(Arc::new(Bell { id, ready: self.ready.clone() }))
    }

    pub fn spawn(&self, task: impl Future<Output = ()> + 'static) -> TaskId {
        let id = self.last.get() + 1;
        self.last.set(id);
        self.all.borrow_mut().insert(id, Some(Box::pin(task)));
        self.waker(id).wake();
        id
    }

    /// Drops a task where it stands. One that is done, or that drops itself, is left alone.
    pub fn abort(&self, id: TaskId) {
        let task = self.all.borrow_mut().remove(&id);
        // Its drop handlers may come back here.
        drop(task);
    }

    /// Nothing that it waits for comes any more, and nothing of it is dropped.
    pub fn cut_off(&self, id: TaskId) {
        std::mem::forget(self.all.borrow_mut().remove(&id));
    }

    /// Drops all that there are.
    pub fn clear(&self) {
        // A task that is dropped may drop others.
        let all = self.all.take();
        drop(all);
    }

    /// Takes one of those that are ready.
    pub fn next(&self, dice: &RefCell<fastrand::Rng>) -> Option<TaskId> {
        let mut ready = self.ready.lock().unwrap();
        match ready.len() {
            0 => None,
            1 => ready.pop(),
            many => Some(ready.swap_remove(dice.borrow_mut().usize(..many))),
        }
    }

    pub fn poll(&self, id: TaskId) {
        let task = self.all.borrow_mut().get_mut(&id).and_then(Option::take);
        let Some(mut task) = task else { return };
        let waker = self.waker(id);
        let done = task.as_mut().poll(&mut Context::from_waker(&waker)).is_ready();
        let mut all = self.all.borrow_mut();
        match all.get_mut(&id) {
            Some(place) if !done => *place = Some(task),
            _ => {
                all.remove(&id);
                drop(all);
                drop(task);
            }
        }
    }
}

/// Something that happens again and again, and those who wait for the next time.
#[derive(Default)]
pub struct Signal {
    rung: Cell<u64>,
    waiting: RefCell<Vec<Waker>>,
}

impl Signal {
    /// Rings for everybody who waits.
    pub fn ring(&self) {
        self.rung.set(self.rung.get() + 1);
        for waker in self.waiting.take() {
            waker.wake();
        }
    }

    /// Waits for the next ring.
    pub fn next(&self) -> impl Future<Output = ()> + '_ {
        let before = self.rung.get();
        poll_fn(move |context| {
            if self.rung.get() != before {
                return Poll::Ready(());
            }
            self.waiting.borrow_mut().push(context.waker().clone());
            Poll::Pending
        })
    }
}
