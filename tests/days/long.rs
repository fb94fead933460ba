//! As many days as one has time for: `npm run simulate:long`.

use crate::planted::Planted;
use crate::{first_failure, report};
use std::time::Instant;

/// So many seeds between two lines of progress.
const STRIDE: u64 = 5_000;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
#[ignore = "takes as long as it is told: npm run simulate:long"]
fn as_many_days_as_are_wanted() {
    if let Some(seed) = number("DAYS_SEED") {
        println!("{}", report(seed, Planted::Nothing));
        return;
    }
    let from = number("DAYS_FROM").unwrap_or(0);
    let end = from + number("DAYS_SEEDS").unwrap_or(100_000);
    let began = Instant::now();
    let mut next = from;
    while next < end {
        let stride = next..(next + STRIDE).min(end);
        next = stride.end;
        if let Some(seed) = first_failure(stride, Planted::Nothing) {
            panic!("{}", report(seed, Planted::Nothing));
        }
        println!("{} days, {:.0} a second", next - from, (next - from) as f64 / began.elapsed().as_secs_f64());
    }
}

#[test]
#[ignore = "survey"]
fn survey() {
    std::panic::set_hook(Box::new(|_| {}));
    let from = number("DAYS_FROM").unwrap_or(0);
    let end = from + number("DAYS_SEEDS").unwrap_or(1000);
    let next = std::sync::atomic::AtomicU64::new(from);
    let found: std::sync::Mutex<std::collections::BTreeMap<String, (u64, u64, String)>> = Default::default();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    if seed >= end {
                        return;
                    }
                    for wrong in crate::simulate(seed, Planted::Nothing, false).wrong.into_iter().take(1) {
                        let class: String = wrong
                            .chars()
                            .filter(|c| c.is_alphabetic() || *c == ' ')
                            .collect::<String>()
                            .split_whitespace()
                            .filter(|w| w.len() > 1 && !w.chars().all(|c| "abcdef".contains(c)))
                            .take(12)
                            .collect::<Vec<_>>()
                            .join(" ");
                        let mut found = found.lock().unwrap();
                        let entry = found.entry(class).or_insert((0, seed, wrong.clone()));
                        entry.0 += 1;
                        if seed < entry.1 {
                            *entry = (entry.0, seed, wrong);
                        }
                    }
                }
            });
        }
    });
    let mut all: Vec<_> = found.into_inner().unwrap().into_values().collect();
    all.sort_by_key(|entry| std::cmp::Reverse(entry.0));
    println!("{} bad of {}", all.iter().map(|a| a.0).sum::<u64>(), end - from);
    for (count, seed, wrong) in all.iter().take(40) {
        println!("{count:>5} x seed {seed}: {wrong:.300}");
    }
}
