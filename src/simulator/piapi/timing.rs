//! How long tasks take and what becomes of them.
//!
//! The one task whose times are public (ray-v2, 5 s, 2026-01) took 3 min 10 s. Failures on demand are Luma's own: this provider
//! passes their reasons on.

use crate::simulator::dream_machine::failures::{self, Moment};
use crate::simulator::jobs::Picture;
use crate::simulator::options::Durations;
use crate::simulator::random::Dice;

/// How wide the spread is: two in three are within a quarter of the median.
const SIGMA: f64 = 0.22;
/// For 5 s of video, in ms.
const MEDIAN: f64 = 190_000.0;
/// The part of a task's time that it waits for a free account of Luma.
const PENDING: f64 = 0.05;
/// The part of a task's time after which an early failure shows.
const EARLY: f64 = 0.2;

/// A task's way through time, and why it fails if it does.
pub(super) struct Plan {
    pub(super) starts: f64,
    pub(super) ends: f64,
    pub(super) failure: Option<&'static str>,
}

/// When a task made now starts and ends.
pub(super) fn plan(now: f64, names: [&str; 3], picture: &Picture, durations: &Durations, dice: &mut Dice) -> Plan {
    // Thrown in any case: one task's exact time must not change the next one's.
    let spread = dice.spread(SIGMA);
    let whole = durations
        .first(names)
        .unwrap_or_else(|| MEDIAN * picture.seconds.unwrap_or(5.0) / 5.0 * spread * failures::pace(&picture.prompt));
    let starts = now + whole * PENDING;
    match failures::asked(&picture.prompt) {
        None => Plan { starts, ends: now + whole, failure: None },
        Some((reason, moment)) => {
            let (starts, ends) = match moment {
                Moment::Queued => (f64::INFINITY, starts),
                Moment::Early => (starts, now + whole * EARLY),
                Moment::End => (starts, now + whole),
            };
            Plan { starts, ends, failure: Some(reason) }
        }
    }
}
