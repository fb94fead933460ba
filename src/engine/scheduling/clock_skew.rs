//! How the server's clock differs from ours. The `date` of an answer shows it, which a page may not be shown, and so does
//! the time at which a job that we created was made. Each tells only of a moment between request and answer, which gives
//! an interval. The intersection of many intervals is small.

use crate::engine::model::timing::{CLOCK_MARGIN, DATE_RESOLUTION};
use std::cell::Cell;

/// Two clocks that nobody sets drift apart by less than this share of the time, which is 9 s a day.
const DRIFT: f64 = 1e-4;

/// The server's clock less ours, in ms.
#[derive(Default)]
pub struct ClockSkew {
    /// The least and the most that it can be.
    range: Cell<Option<(f64, f64)>>,
    /// The least that it could be by the first answer of all.
    first: Cell<Option<f64>>,
    /// When the last of them came, by our clock.
    last_at: Cell<f64>,
    /// Whether the dates are those of a server in between, whose clock is not the one by which jobs are made.
    dates_differ: Cell<bool>,
}

impl ClockSkew {
    /// The answer that came at `now` to a request of `sent` has that date, which is cut to seconds.
    pub fn observe_date(&self, date: f64, sent: f64, now: f64) {
        if !self.dates_differ.get() {
            self.observe(date, date + DATE_RESOLUTION, sent, now);
        }
    }

    /// A job that was created between `sent` and `now` has that time.
    pub fn observe_creation(&self, created: f64, sent: f64, now: f64) {
        let (low, high) = (created - now - CLOCK_MARGIN, created - sent + CLOCK_MARGIN);
        if self.range.get().is_some_and(|(least, most)| high < least || most < low) {
            self.dates_differ.set(true);
        }
        self.observe(created, created, sent, now);
    }

    /// Between a request that was sent at `sent` and its answer at `now`, the server's clock was somewhere in `from..to`.
    fn observe(&self, from: f64, to: f64, sent: f64, now: f64) {
        self.first.set(self.first.get().or(Some(from - now)));
        self.last_at.set(now);
        let newest = (from - now, to - sent);
        let narrowed = match self.range.get() {
            Some((low, high)) => (low.max(newest.0), high.min(newest.1)),
            None => newest,
        };
        // An empty intersection means that one of the clocks was set: only the newest counts.
        self.range.set(Some(if narrowed.0 <= narrowed.1 { narrowed } else { newest }));
    }

    /// The least that it could be by the first answer of all.
    pub fn first_lower_bound(&self) -> Option<f64> {
        self.first.get()
    }

    /// The least that it can be.
    pub fn lower_bound(&self) -> Option<f64> {
        self.range.get().map(|(low, _)| low)
    }

    /// The same at `now`: since the last answer the clocks may have drifted apart.
    pub fn lower_bound_at(&self, now: f64) -> Option<f64> {
        Some(self.lower_bound()? - (now - self.last_at.get()) * DRIFT)
    }

    /// The least that it can be, or 0 before the first answer with a date.
    pub fn lower_bound_or_zero(&self) -> f64 {
        self.lower_bound().unwrap_or_default()
    }

    /// The likeliest value.
    pub fn estimate(&self) -> f64 {
        self.range.get().map_or(0.0, |(low, high)| (low + high) / 2.0)
    }
}
