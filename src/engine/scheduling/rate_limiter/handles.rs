//! What creations hold of a limiter. Dropped, an entry leaves the queue. A permit counts until its end is reported.

use super::LimiterState;
use super::queue::{EntryKey, Step};
use crate::engine::model::QueuePosition;
use crate::engine::scheduling::Heartbeat;
use crate::limits::Limit;
use std::cell::RefCell;
use std::rc::Rc;

/// One kind's limits. Clones share them.
#[derive(Clone, Default)]
pub struct RateLimiter(Rc<RefCell<LimiterState>>);

/// What a creation in the queue does next.
pub enum Admission {
    /// It is sent.
    Granted(Permit),
    /// It checks again after so many ms.
    Wait(f64, QueuePosition),
}

impl RateLimiter {
    /// Two clients of one account may be given different limits: the lower ones hold. `chosen`: whether a caller chose them.
    pub fn restrict(&self, limit: Limit, chosen: bool) {
        self.0.borrow_mut().restrict(limit, chosen);
    }

    /// Joins the queue, or comes back to it with the tag that it had.
    pub fn enqueue(&self, caller: u32, tag: Option<f64>) -> QueueEntry {
        QueueEntry { limiter: self.clone(), key: self.0.borrow_mut().enqueue(caller, tag) }
    }

    /// Counts a job that runs already, or may, even beyond the limit. `sent` is when it was asked for, `until` when it
    /// stops to count at the latest.
    pub fn adopt(&self, now: f64, sent: f64, expected: f64, until: f64, name: &str) -> Permit {
        Permit { limiter: self.clone(), id: self.0.borrow_mut().adopt(now, sent, expected, until, name) }
    }

    pub fn job_ended(&self, job: &str) {
        self.0.borrow_mut().job_ended(job);
    }

    /// A poll saw the job run.
    pub fn job_running(&self, now: f64, job: &str) {
        self.0.borrow_mut().job_running(now, job);
    }

    /// No call will see the job's end.
    pub fn unwatch(&self, job: &str) {
        self.0.borrow_mut().unwatch(job);
    }

    /// The server said how many creations it takes in a minute (that is the plan's number, and better than a default), and
    /// how many it still takes before a moment.
    pub fn on_rate_limit_headers(&self, per_minute: Option<f64>, remaining: Option<f64>, reset: Option<f64>) {
        let mut state = self.0.borrow_mut();
        if let Some(per_minute) = per_minute {
            state.server_per_minute = Some(per_minute.max(1.0));
        }
        if let (Some(remaining), Some(reset)) = (remaining, reset)
            && remaining < 1.0
        {
            state.close(reset);
        }
    }
}

/// A place in the queue.
pub struct QueueEntry {
    limiter: RateLimiter,
    key: EntryKey,
}

impl QueueEntry {
    /// What brings the entry back to its place when it joins the queue again.
    pub fn tag(&self) -> f64 {
        self.key.tag
    }

    /// Whether it is its turn. The creation will be under way for `lease` ms at most.
    pub fn try_admit(&self, now: f64, expected: f64, lease: f64) -> Admission {
        match self.limiter.0.borrow_mut().try_admit(now, self.key, expected, lease) {
            Step::Admitted => Admission::Granted(Permit { limiter: self.limiter.clone(), id: self.key.id }),
            Step::Wait(ms, position) => Admission::Wait(ms, position),
        }
    }

    /// The jobs whose ends it waits for.
    pub fn watched_jobs(&self) -> Vec<String> {
        self.limiter.0.borrow().watched_jobs()
    }

    /// It checks again after so many ms.
    pub fn keep_waiting(&self, ms: f64) {
        self.limiter.0.borrow_mut().keep_waiting(self.key, ms);
    }
}

impl Drop for QueueEntry {
    fn drop(&mut self) {
        self.limiter.0.borrow_mut().leave_queue(self.key);
    }
}

/// The right to send one creation. It counts within the limits until its end is reported here or to
/// [`RateLimiter::job_ended`].
pub struct Permit {
    limiter: RateLimiter,
    id: u32,
}

impl Permit {
    /// The creation goes out, and is under way for `lease` ms at most.
    pub fn creation_sent(&self, now: f64, lease: f64) {
        self.limiter.0.borrow_mut().creation_sent(self.id, now, lease);
    }

    /// The answer was lost, and recovery searches for the job until `lease` ms after the call's last heartbeat.
    pub fn creation_in_recovery(&self, (heartbeat, lease): (Heartbeat, f64)) {
        self.limiter.0.borrow_mut().creation_in_recovery(self.id, heartbeat, lease);
    }

    /// The server dealt with the creation at some moment until `now`.
    pub fn creation_answered(&self, now: f64) {
        self.limiter.0.borrow_mut().creation_answered(self.id, now);
    }

    /// The job is known. It counts until it ends.
    pub fn job_made(self, now: f64, expected: f64, job: &str) {
        self.limiter.0.borrow_mut().job_made(self.id, now, expected, job);
    }

    /// The creation was cut off, and no call will see the job's end if there is one, unless its ticket is resumed.
    pub fn creation_cut_off(self, now: f64, expected: f64, ticket: &str) {
        self.limiter.0.borrow_mut().creation_cut_off(self.id, now, expected, ticket);
    }

    /// Nothing was made.
    pub fn release(self) {
        self.limiter.0.borrow_mut().release(self.id);
    }

    /// The server refused the creation for a limit. Gives whether a job of ours is in flight whose end makes room: then
    /// that is no failure.
    pub fn creation_refused(self, now: f64, retry_after: f64, concurrency_limited: bool) -> bool {
        self.limiter.0.borrow_mut().creation_refused(self.id, now, retry_after, concurrency_limited)
    }
}
