//! As many days as one has time for: `npm run simulate:long`.

use crate::mutants::Mutant;
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
    if let Some(seed) = number("SIMULATION_SEED") {
        println!("{}", report(seed, Mutant::None));
        return;
    }
    let from = number("SIMULATION_FROM").unwrap_or(0);
    let end = from + number("SIMULATION_SEEDS").unwrap_or(100_000);
    let began = Instant::now();
    let mut next = from;
    while next < end {
        let stride = next..(next + STRIDE).min(end);
        next = stride.end;
        if let Some(seed) = first_failure(stride, Mutant::None) {
            panic!("{}", report(seed, Mutant::None));
        }
        println!("{} days, {:.0} a second", next - from, (next - from) as f64 / began.elapsed().as_secs_f64());
    }
}
