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
