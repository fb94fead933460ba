//! Keeps the limits of one kind of job on the client's side, so that the server refuses no creation for them: a queue, the
//! jobs in flight, and the creations of the last minute.
//!
//! [`LimiterState`] is plain data, and `queue` and `in_flight` hold the steps over it. `handles` are what a creation holds:
//! dropped, they give back what they stand for. Nothing is held for ever: a queue entry says when it checks again, and a
//! creation under way has a lease.

mod handles;
mod in_flight;
mod queue;

pub use handles::{Admission, Permit, QueueEntry, RateLimiter};

use crate::engine::model::timing::{LATEST_ARRIVAL, MINUTE, OVERDUE, QUEUE_CHECK};
use crate::limits::Limit;
use in_flight::InFlight;
use queue::Waiting;

/// How many creations of a minute are remembered where no limit says how many there may be.
const MOST_UNLIMITED: usize = 1000;

#[derive(Default)]
struct LimiterState {
    limit: Limit,
    /// Whether a caller chose these limits: then they hold, whatever the server reports.
    limit_is_chosen: bool,
    /// How many may be created in a minute, as the server said.
    server_per_minute: Option<f64>,
    queue: Vec<Waiting>,
    in_flight: Vec<InFlight>,
    /// When the creations of the last minute were answered, in order.
    recent: Vec<f64>,
    /// When a queue entry checked last.
    checked_at: f64,
    /// How long some entry was there to check, in ms. While the whole machine sleeps this stands still, so that nobody
    /// loses a place for it.
    awake: f64,
    /// Nothing is admitted before that.
    closed_until: f64,
    /// How many may run, as a refusal taught, and when one more is tried.
    observed_concurrency: Option<(usize, f64)>,
    ids: u32,
    /// Fairness between callers: the tag of the last entry that was admitted.
    served: f64,
}

impl LimiterState {
    /// Two clients of one account may be given different limits: the lower ones hold.
    fn restrict(&mut self, limit: Limit, chosen: bool) {
        self.limit_is_chosen |= chosen;
        let lower = |a: Option<f64>, b: Option<f64>| a.map_or(b, |a| Some(b.map_or(a, |b| b.min(a))));
        self.limit.concurrent = lower(self.limit.concurrent, limit.concurrent);
        self.limit.per_minute = lower(self.limit.per_minute, limit.per_minute);
    }

    fn next_id(&mut self) -> u32 {
        self.ids = self.ids.wrapping_add(1);
        self.ids
    }

    fn close(&mut self, until: f64) {
        self.closed_until = self.closed_until.max(until);
    }

    /// The server dealt with a creation at that time.
    fn count_creation(&mut self, at: f64) {
        let index = self.recent.partition_point(|other| *other <= at);
        self.recent.insert(index, at);
        // Without a limit they are not all needed; a limit reported later begins with the newest.
        let most = self.most_per_minute().unwrap_or_default().max(MOST_UNLIMITED);
        self.recent.drain(..self.recent.len().saturating_sub(most));
    }

    /// How many may be created in a minute, if that is limited.
    fn most_per_minute(&self) -> Option<usize> {
        let by_server = self.server_per_minute.filter(|_| !self.limit_is_chosen);
        by_server.or(self.limit.per_minute).map(|most| most as usize)
    }

    /// Lets go of all that is over by now.
    fn expire(&mut self, now: f64) {
        // The head of the queue checks more often than that. After a longer silence all have slept, and each may check
        // again before it is missed.
        self.awake += (now - self.checked_at).clamp(0.0, QUEUE_CHECK);
        self.checked_at = now;
        let awake = self.awake;
        self.queue.retain(|waiting| awake < waiting.until);
        // The call that sent it is gone, and may have been answered: this counts as a lost answer.
        let mut cut_off = Vec::new();
        for job in self.in_flight.iter_mut() {
            if let Some(creation) = job.creation.take_if(|creation| creation.lease_end() <= now) {
                let end = creation.lease_end();
                job.until = end + LATEST_ARRIVAL + 2.0 * job.expected;
                cut_off.push(end + LATEST_ARRIVAL);
            }
        }
        for at in cut_off {
            self.count_creation(at);
        }
        self.recent.drain(..self.recent.partition_point(|answered| now - answered >= MINUTE));
        self.retain_in_flight(&|job| job.creation.is_some() || now < job.until);
        // Opened wide, the whole queue would be refused again. So one is tried, and each that is taken lets another one go.
        if let Some((most, probe_at)) = &mut self.observed_concurrency
            && now >= *probe_at
        {
            (*most, *probe_at) = (*most + 1, f64::INFINITY);
        }
    }

    /// How many jobs may be in flight.
    fn most_in_flight(&self) -> usize {
        let limit = self.limit.concurrent.map_or(usize::MAX, |most| most as usize);
        self.observed_concurrency.map_or(limit, |(most, _)| most.min(limit))
    }

    /// How many more creations the minute's limit allows now.
    fn left_this_minute(&self) -> usize {
        let under_way = self.in_flight.iter().filter(|job| job.creation.is_some()).count();
        self.most_per_minute().unwrap_or(usize::MAX).saturating_sub(self.recent.len() + under_way)
    }

    /// When the job ends that has so many before it. They are few, and sorting weighs more than this.
    fn nth_end(&self, nth: usize) -> f64 {
        let before = |end: f64| self.in_flight.iter().filter(|other| other.ends < end).count();
        let mut ends = self.in_flight.iter().map(|job| job.ends).filter(|&end| before(end) <= nth);
        ends.next().map_or(0.0, |first| ends.fold(first, f64::max))
    }

    /// When the entry at that position may go, in ms from now: by the jobs in flight, and by the minute's limit.
    fn estimated_waits(&self, now: f64, position: usize) -> (f64, f64) {
        let free = self.most_in_flight().max(1).saturating_sub(self.in_flight.len());
        let for_a_job = if position < free || self.in_flight.is_empty() {
            0.0
        } else {
            // Behind the jobs in flight, whole rounds of such jobs pass.
            let behind = position - free;
            let rounds = (behind / self.in_flight.len()) as f64;
            let ends = |nth| self.nth_end(nth) - now;
            // One that is overdue may end at any moment.
            ends(behind % self.in_flight.len()).max(OVERDUE) + rounds * ends(self.in_flight.len() - 1).max(OVERDUE)
        };
        let left = self.left_this_minute();
        let for_the_minute = if position < left {
            0.0
        } else {
            let behind = position - left;
            let size = self.recent.len().max(1);
            let oldest = self.recent.get(behind % size).copied().unwrap_or(now);
            oldest + MINUTE - now + (behind / size) as f64 * MINUTE
        };
        (for_a_job, for_the_minute.max(self.closed_until - now))
    }
}
