//! What all who wait for one job share.

use super::PollSchedule;
use crate::engine::model::timing::MISSED_CHECK;
use crate::error::Error;
use crate::generation::Generation;
use std::cell::{Cell, RefCell};

/// A job that was so often not on its page is read by itself.
pub const MAX_MISSING_FROM_PAGE: u32 = 2;

pub struct PolledJob {
    pub id: String,
    pub poll: RefCell<PollState>,
    waiters: Cell<u32>,
    /// Until then one of them has said to come back. A waiter may be gone without a word.
    live_waiter_until: Cell<f64>,
}

pub struct PollState {
    pub schedule: PollSchedule,
    /// The newest answer and its number. Number 0 is no answer yet.
    pub latest: Option<Generation>,
    pub version: u32,
    pub failed: Option<Error>,
    /// Why the last poll failed, if it did and another one follows.
    pub last_error: Option<Error>,
    /// When its state first had a word that this version does not know.
    pub unknown_since: Option<f64>,
    /// When the API first answered that there is no such job.
    pub missing_since: Option<f64>,
    /// When the lease of the poll under way ends.
    pub attempt_ends: f64,
    /// Where it stands among all that was made: its number counted from the first, if that is known.
    pub rank: Option<f64>,
    /// Its end matters even when no call waits for it.
    pub counts_within_limits: bool,
    /// When the limiter was last notified that it runs.
    pub limiter_notified_at: f64,
    /// How often it was not on its page.
    pub missing_from_page: u32,
    /// Failed polls of it alone, in a row.
    pub failures: u32,
}

impl PolledJob {
    pub fn new(id: &str, schedule: PollSchedule) -> Self {
        let poll = PollState {
            schedule,
            latest: None,
            version: 0,
            failed: None,
            last_error: None,
            unknown_since: None,
            missing_since: None,
            attempt_ends: 0.0,
            rank: None,
            counts_within_limits: false,
            limiter_notified_at: 0.0,
            missing_from_page: 0,
            failures: 0,
        };
        PolledJob {
            id: id.to_owned(),
            poll: RefCell::new(poll),
            waiters: Cell::new(0),
            live_waiter_until: Cell::new(0.0),
        }
    }

    /// Whether it runs, is thought to be in the list, at a place that is not known.
    pub fn is_position_unknown(&self) -> bool {
        let poll = self.poll.borrow();
        poll.rank.is_none() && poll.missing_from_page < MAX_MISSING_FROM_PAGE && !poll.is_over()
    }

    pub fn add_waiter(&self) {
        self.waiters.set(self.waiters.get() + 1);
    }

    pub fn remove_waiter(&self) {
        self.waiters.set(self.waiters.get() - 1);
    }

    pub fn has_waiters(&self) -> bool {
        self.waiters.get() > 0
    }

    /// Whether a call waits for it that has not missed a check.
    pub fn has_live_waiter(&self, now: f64) -> bool {
        self.has_waiters() && now < self.live_waiter_until.get()
    }

    /// A waiter comes back after so many ms.
    pub fn attend(&self, now: f64, ms: f64) {
        self.live_waiter_until.set(self.live_waiter_until.get().max(now + ms + MISSED_CHECK));
    }
}

impl PollState {
    pub fn is_over(&self) -> bool {
        self.failed.is_some() || self.latest.as_ref().is_some_and(|latest| latest.state.is_final())
    }
}
