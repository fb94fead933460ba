//! What tasks cost: $0.20 for 5 s and $0.40 for more, by integrations of 2026-08. Points are the unit of its answers: a task
//! of $0.20 froze 2,000,000 of them in 2026-01.

/// Points for a US cent.
const POINTS: f64 = 100_000.0;

/// What a clip of so many seconds costs, in US cents.
pub(super) fn price(seconds: u32) -> f64 {
    if seconds > 5 { 40.0 } else { 20.0 }
}

/// US cents in points.
pub(super) fn points(cents: f64) -> i64 {
    (cents * POINTS).round() as i64
}
