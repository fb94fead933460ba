//! How the server's clock differs from ours: by the `date` of its answers, which a page may not be shown, and by when a job
//! that we asked for was made. Each tells no more than a moment between request and answer, so that it gives an interval, and
//! their intersection is small.

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
    /// Between a request that was sent at `sent` and its answer at `now`, the server's clock was somewhere in `from..to`.
    pub fn observe(&self, from: f64, to: f64, sent: f64, now: f64) {
        self.first.set(self.first.get().or(Some(from - now)));
        let newest = (from - now, to - sent);
        let narrowed = match self.range.get() {
            Some((low, high)) => (low.max(newest.0), high.min(newest.1)),
            None => newest,
        };
        // One of the clocks was set: only the newest counts.
        self.range.set(Some(if narrowed.0 <= narrowed.1 { narrowed } else { newest }));
    }

    /// At least so much by the first answer of all.
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
