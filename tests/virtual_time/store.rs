//! A store that outlives its clients: some of them share it, and a crash leaves it as it is.

use super::executor::Signal;
use super::machine::World;
use super::universe::Universe;
use luma_edge::json::Json;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::Future;
use std::rc::Rc;

/// Clones share everything.
#[derive(Clone, Default)]
pub struct Store(Rc<Inner>);

#[derive(Default)]
struct Inner {
    /// What is durable.
    entries: RefCell<BTreeMap<String, Json>>,
    /// What is on its way there, by key, in the order of the calls.
    coming: RefCell<Vec<Coming>>,
    locks: RefCell<BTreeMap<String, Taken>>,
    /// Rings at every change.
    changed: Signal,
}

struct Coming {
    machine: u64,
    key: String,
    /// None deletes it.
    value: Option<Json>,
    /// In µs.
    due: u64,
}

#[derive(Clone, Copy)]
struct Taken {
    machine: u64,
    /// For when its holder is dead, in µs.
    until: u64,
}

/// A lock that is held. A machine that crashed does not give it back; it runs out, as a lease does.
pub struct Held {
    store: Option<Store>,
    key: String,
    holder: World,
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(store) = self.store.take().filter(|_| self.holder.alive()) {
            // After the writes that were begun before: the next in turn finds them done.
            let universe = &self.holder.universe;
            let now = universe.micros(0.0);
            let until = store.writing(&self.key).unwrap_or(now);
            if let Some(taken) = store.0.locks.borrow_mut().get_mut(&self.key) {
                taken.until = until;
            }
            if until > now {
                let (store, universe) = (store.clone(), universe.clone());
                universe.clone().tasks.spawn(async move {
                    universe.until(until).await;
                    store.0.changed.ring();
                });
            } else {
                store.0.changed.ring();
            }
        }
    }
}

impl PartialEq for Store {
    /// Whether it is the same one, whatever is in it.
    fn eq(&self, other: &Store) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Store {
    /// All that is durable now.
    pub fn entries(&self) -> BTreeMap<String, Json> {
        self.0.entries.borrow().clone()
    }

    /// Puts something in from outside: what another version left, what a bad disk made of it.
    pub fn put(&self, key: &str, value: Json) {
        self.0.entries.borrow_mut().insert(key.to_owned(), value);
        self.0.changed.ring();
    }

    /// Which machine holds the lock of an entry.
    pub fn holder(&self, key: &str) -> Option<u64> {
        self.0.locks.borrow().get(key).filter(|taken| taken.until == u64::MAX).map(|taken| taken.machine)
    }

    /// The tickets that nobody but that machine has ever had in hand.
    pub fn tickets_of(&self, machine: u64) -> Vec<String> {
        let locks = self.0.locks.borrow();
        let others = |key: &String| locks.get(key).is_some_and(|taken| taken.machine != machine);
        let entries = self.0.entries.borrow();
        entries.keys().filter(|key| key.starts_with("ticket:") && !others(key)).cloned().collect()
    }

    /// Waits until all that a machine wrote is there.
    pub(super) async fn durable(&self, world: &World) {
        let last =
            || self.0.coming.borrow().iter().filter(|coming| coming.machine == world.id()).map(|one| one.due).max();
        while let Some(due) = last() {
            world.universe.until(due).await;
            self.settle(due);
        }
    }

    pub(super) fn write(
        &self,
        world: &World,
        key: &str,
        value: Option<&Json>,
    ) -> impl Future<Output = Result<(), String>> + 'static + use<> {
        let (universe, machine) = (world.universe.clone(), world.id());
        let fault_config = universe.fault_config.get();
        let mut result = Ok(());
        if if value.is_some() { fault_config.keeps } else { fault_config.deletes } {
            if universe.chance(fault_config.store_failure) {
                result = Err("the disk is full".to_owned());
            }
            let kept = result.is_ok() || universe.chance(0.3);
            let delay = if universe.chance(0.5) { 0.0 } else { universe.below(fault_config.store_delay) };
            if kept {
                // A deletion comes after all that its client wrote before it.
                let before = |coming: &&Coming| coming.key == key || value.is_none() && coming.machine == machine;
                let last = self.0.coming.borrow().iter().filter(before).map(|coming| coming.due).max();
                let due = universe.micros(delay).max(last.unwrap_or_default());
                let key = key.to_owned();
                self.0.coming.borrow_mut().push(Coming { machine, key, value: value.cloned(), due });
                self.settle(universe.micros(0.0));
                if due > universe.micros(0.0) {
                    let (store, universe) = (self.clone(), universe.clone());
                    universe.clone().tasks.spawn(async move {
                        universe.until(due).await;
                        store.settle(due);
                    });
                }
            }
        }
        let acknowledged = universe.micros(universe.below(fault_config.store_delay) + fault_config.store_delay);
        let calm = fault_config.store_delay == 0.0;
        let world = world.clone();
        async move {
            if !calm {
                universe.until(acknowledged).await;
            }
            world.awake().await;
            result
        }
    }

    /// When the last write of an entry that is under way will be done.
    fn writing(&self, key: &str) -> Option<u64> {
        self.0.coming.borrow().iter().filter(|coming| coming.key == key).map(|coming| coming.due).max()
    }

    /// What is due takes effect.
    fn settle(&self, now: u64) {
        let mut changed = false;
        self.0.coming.borrow_mut().retain(|coming| {
            if coming.due > now {
                return true;
            }
            match &coming.value {
                Some(value) => self.0.entries.borrow_mut().insert(coming.key.clone(), value.clone()),
                None => self.0.entries.borrow_mut().remove(&coming.key),
            };
            changed = true;
            false
        });
        if changed {
            self.0.changed.ring();
        }
    }

    pub(super) fn lock(&self, world: &World, key: &str) -> Option<Held> {
        let (now, locking) = (world.universe.micros(0.0), world.universe.fault_config.get().locking);
        let held = |store| Some(Held { store, key: key.to_owned(), holder: world.clone() });
        if !locking {
            return held(None);
        }
        let mut locks = self.0.locks.borrow_mut();
        if locks.get(key).is_some_and(|taken| now < taken.until) {
            return None;
        }
        locks.insert(key.to_owned(), Taken { machine: world.id(), until: u64::MAX });
        held(Some(self.clone()))
    }

    /// Waits for the next change.
    pub(super) async fn change(&self) {
        self.0.changed.next().await;
    }

    /// A machine died: what it was writing is there or is not, and its locks run out.
    pub(super) fn crashed(&self, universe: &Universe, machine: u64) {
        let mut lost: Vec<String> = Vec::new();
        for coming in self.0.coming.borrow_mut().iter_mut().filter(|coming| coming.machine == machine) {
            let after_lost = coming.value.is_none() && !lost.is_empty();
            if after_lost || lost.contains(&coming.key) || universe.chance(0.5) {
                lost.push(coming.key.clone());
                coming.due = u64::MAX;
            } else {
                coming.due = 0;
            }
        }
        self.settle(0);
        self.0.coming.borrow_mut().retain(|coming| coming.due != u64::MAX);
        for taken in self.0.locks.borrow_mut().values_mut().filter(|taken| taken.machine == machine) {
            taken.until = universe.micros(universe.below(20_000.0));
        }
    }
}
