//! Days on which everything goes wrong, thousands of them: the client and the simulator on one virtual clock, from one seed.
//! Callers ask, give up and ask again; connections are cut at every point, pages are reloaded, machines die and come back
//! with wrong clocks. At the end of each day the simulator tells what was really made, and that has to fit.
//!
//! A seed that fails is replayed with `npm run simulate:long -- --seed N`, step by step as it was.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod callers;
mod check;
mod day;
mod draw;
mod ledger;
mod long;
mod mutants;
mod plan;
mod regressions;
mod side;
#[path = "../virtual_time/mod.rs"]
mod virtual_time;
mod witness;

use mutants::Mutant;
use std::cell::RefCell;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use witness::Seen;

/// What came of a day.
pub struct Outcome {
    pub wrong: Vec<String>,
    /// Empty unless it was asked for.
    pub trace: Vec<String>,
}

impl Outcome {
    pub fn hash(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (&self.trace, &self.wrong).hash(&mut hasher);
        hasher.finish()
    }
}

/// Lives through the day of a seed.
pub fn simulate(seed: u64, mutant: Mutant, traced: bool) -> Outcome {
    live(draw::plan(seed), mutant, traced)
}

/// Lives through a day.
pub fn live(plan: plan::Plan, mutant: Mutant, traced: bool) -> Outcome {
    let plan = Rc::new(plan);
    let seen = Rc::new(RefCell::new(Seen::new(traced)));
    let day = AssertUnwindSafe(|| {
        let final_state = day::live(plan.clone(), mutant, seen.clone());
        check::check(&plan, mutant, &final_state)
    });
    let wrong = catch_unwind(day).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        vec![text.or(panic.downcast_ref::<&str>().map(|text| text.to_string())).unwrap_or_default()]
    });
    let trace = seen.borrow_mut().trace.take().unwrap_or_default();
    Outcome { wrong, trace }
}

/// The first seed of those, by number, that fails, if one does. All cores search.
pub fn first_failure(seeds: Range<u64>, mutant: Mutant) -> Option<u64> {
    let (next, failed) = (AtomicU64::new(seeds.start), AtomicU64::new(u64::MAX));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end.min(failed.load(Ordering::Relaxed)) {
                        return;
                    }
                    if !simulate(seed, mutant, false).wrong.is_empty() {
                        failed.fetch_min(seed, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    Some(failed.into_inner()).filter(|seed| *seed < u64::MAX)
}

/// All that there is to know of a failure.
pub fn report(seed: u64, mutant: Mutant) -> String {
    let Outcome { wrong, trace } = simulate(seed, mutant, true);
    format!("{}\n\n{}\n\nseed {seed}:\n  {}\n", draw::plan(seed).describe(), trace.join("\n"), wrong.join("\n  "))
}

#[test]
fn thousands_of_days_end_well() {
    if let Some(seed) = first_failure(0..3000, Mutant::None) {
        panic!("{}", report(seed, Mutant::None));
    }
}

#[test]
fn a_seed_is_replayed_to_the_same_step() {
    for seed in 0..60 {
        let [first, second] = [(); 2].map(|()| simulate(seed, Mutant::None, true));
        let differs = first.trace.iter().zip(&second.trace).position(|(one, other)| one != other);
        assert_eq!((differs, first.hash()), (None, second.hash()), "seed {seed}");
    }
}

#[test]
fn mutants_are_found() {
    let all = [
        Mutant::Resent,
        Mutant::Forgotten,
        Mutant::OneTooMany,
        Mutant::Overspent,
        Mutant::Unlocked,
        Mutant::Kept,
        Mutant::Misfiled,
    ];
    for mutant in all {
        let seed = first_failure(0..1000, mutant);
        println!("{mutant:?}: seed {seed:?}");
        assert!(seed.is_some(), "{mutant:?} is not found");
    }
}
