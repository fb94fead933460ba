//! How the server's clock differs from ours, by the `date` of its answers. A date tells whole seconds and the moment of the
//! answer lies somewhere between request and arrival, so each answer gives an interval, and their intersection is small.

use std::cell::Cell;

/// The server's clock less ours, in ms.
#[derive(Default)]
pub(super) struct Skew {
    /// At least and at most so much.
    range: Cell<Option<(f64, f64)>>,
    /// At least so much by the first answer of all.
    first: Cell<Option<f64>>,
}

impl Skew {
    /// An answer dated `date` came at `now` to a request sent at `sent`.
    pub fn observe(&self, date: f64, sent: f64, now: f64) {
        self.first.set(self.first.get().or(Some(date - now)));
        let newest = (date - now, date + 1000.0 - sent);
        let narrowed = match self.range.get() {
            Some((low, high)) => (low.max(newest.0), high.min(newest.1)),
            None => newest,
        };
        // One of the clocks was set: only the newest counts.
        self.range.set(Some(if narrowed.0 <= narrowed.1 { narrowed } else { newest }));
    }

    /// At least so much when this life began: a machine that sleeps falls behind, so it never was more.
    pub fn first(&self) -> Option<f64> {
        self.first.get()
    }

    /// At least so much.
    pub fn known(&self) -> Option<f64> {
        self.range.get().map(|(low, _)| low)
    }

    /// At least so much, or nothing while no answer has told.
    pub fn low(&self) -> f64 {
        self.known().unwrap_or_default()
    }

    /// About so much.
    pub fn middle(&self) -> f64 {
        self.range.get().map_or(0.0, |(low, high)| (low + high) / 2.0)
    }
}
