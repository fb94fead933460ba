//! The queue of creations that wait to be sent. Callers take turns in it.

use super::LimiterState;
use super::in_flight::{CreationUnderWay, InFlight};
use crate::engine::model::QueuePosition;
use crate::engine::model::timing::{MISSED_CHECK, QUEUE_CHECK, QUEUE_HEAD_CHECK};

/// So many entries at the head check often. Those behind them have no use in it.
const HEAD: usize = 4;

/// How many jobs count at once where no limit says how many there may be.
const MOST_IN_FLIGHT: usize = 10_000;

pub struct Waiting {
    pub key: EntryKey,
    /// The entry checks again before that, in the time that the limiter was awake.
    pub until: f64,
}

/// What identifies an entry.
#[derive(Clone, Copy)]
pub struct EntryKey {
    pub id: u32,
    pub caller: u32,
    /// Each caller's creations are tagged one apart, and the least tag goes first: so callers take turns.
    pub tag: f64,
}

pub enum Step {
    Admitted,
    /// The entry is checked again after so many ms.
    Wait(f64, QueuePosition),
}

impl LimiterState {
    /// Joins the queue, or comes back to it with the tag that it had.
    pub fn enqueue(&mut self, caller: u32, tag: Option<f64>) -> EntryKey {
        let id = self.next_id();
        let tag = tag.unwrap_or_else(|| {
            let own = self.queue.iter().filter(|other| other.key.caller == caller).map(|other| other.key.tag);
            own.fold(self.served, f64::max) + 1.0
        });
        let key = EntryKey { id, caller, tag };
        self.queue.push(Waiting { key, until: self.awake + MISSED_CHECK });
        key
    }

    /// Whether it is the entry's turn. Its creation will be under way for `lease` ms at most.
    pub fn try_admit(&mut self, now: f64, key: EntryKey, expected: f64, lease: f64) -> Step {
        self.expire(now);
        let before = |other: &&Waiting| (other.key.tag, other.key.id) < (key.tag, key.id);
        let position = self.queue.iter().filter(before).count();
        let free = self.most_in_flight().saturating_sub(self.in_flight.len());
        if position < free.min(self.left_this_minute()) && now >= self.closed_until {
            self.served = self.served.max(key.tag);
            let creation = Some(CreationUnderWay::from(now, lease));
            // Only jobs without a waiting call come to so many: the oldest is the likeliest to have ended.
            if self.limit.concurrent.is_none() && self.in_flight.len() >= MOST_IN_FLIGHT {
                self.in_flight.remove(0);
            }
            self.in_flight.push(InFlight {
                id: key.id,
                job: None,
                creation,
                expected,
                ends: now + expected,
                until: f64::INFINITY,
                unwatched: false,
            });
            return Step::Admitted;
        }
        let (for_a_job, for_the_minute) = self.estimated_waits(now, position);
        let next_check = if for_the_minute > 0.0 {
            for_the_minute.min(QUEUE_CHECK)
        } else if position < HEAD {
            QUEUE_HEAD_CHECK
        } else {
            (for_a_job / 2.0).clamp(QUEUE_HEAD_CHECK, QUEUE_CHECK)
        };
        let next_check = next_check.max(1.0);
        self.keep_waiting(key, next_check);
        Step::Wait(next_check, QueuePosition { position, wait: for_a_job.max(for_the_minute) })
    }

    /// The entry checks again after so many ms. If it was taken for gone, it has its place back.
    pub fn keep_waiting(&mut self, key: EntryKey, ms: f64) {
        let until = self.awake + ms + MISSED_CHECK;
        match self.queue.iter_mut().find(|waiting| waiting.key.id == key.id) {
            Some(waiting) => waiting.until = until,
            None => self.queue.push(Waiting { key, until }),
        }
    }

    pub fn leave_queue(&mut self, key: EntryKey) {
        self.queue.retain(|other| other.key.id != key.id);
    }
}
