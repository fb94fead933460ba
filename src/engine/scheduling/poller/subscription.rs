//! A call that waits for a job, and what it does next.

use super::attempt::PollAttempt;
use super::job::PolledJob;
use super::{PollSchedule, Poller};
use crate::engine::model::Visibility;
use crate::engine::model::timing::{
    ATTEMPT_CHECK, FIRST_NEWS_CHECK, HIDDEN_POLL_PAUSE, MAX_NEWS_CHECK, POLL_SPACING, TIMER_TOLERANCE,
};
use crate::error::Error;
use crate::generation::Generation;
use std::rc::Rc;

/// What a subscriber does next.
pub enum PollAction<'a> {
    /// There is an answer that this subscriber has not seen.
    Update { version: u32, generation: Generation, schedule: PollSchedule },
    /// Polling has no use any more.
    Failed(Error),
    /// The poll that is due is this subscriber's.
    Poll(PollAttempt<'a>),
    /// It comes back in so many ms.
    Wait(f64),
}

/// A call that waits for a job, until it is dropped.
pub struct Subscription<'a> {
    poller: &'a Poller,
    job: Rc<PolledJob>,
}

impl<'a> Subscription<'a> {
    pub fn new(poller: &'a Poller, job: Rc<PolledJob>) -> Self {
        job.add_waiter();
        Subscription { poller, job }
    }

    /// What to do now, for a subscriber that has seen answers up to `seen`. A poll may take `lease` ms.
    pub fn next_action(&self, now: f64, seen: u32, visibility: Visibility, lease: f64) -> PollAction<'a> {
        let poll = self.job.poll.borrow();
        if let Some(generation) = poll.latest.as_ref().filter(|_| poll.version > seen) {
            let (version, generation) = (poll.version, generation.clone());
            return PollAction::Update { version, generation, schedule: poll.schedule.clone() };
        }
        if let Some(error) = &poll.failed {
            return PollAction::Failed(error.clone());
        }
        if now < poll.attempt_ends {
            return PollAction::Wait(ATTEMPT_CHECK);
        }
        let PollSchedule { due, seen, .. } = poll.schedule;
        let due = if visibility.hidden {
            due.max(seen + HIDDEN_POLL_PAUSE)
        } else if seen < visibility.since {
            due.min(visibility.since)
        } else {
            due
        };
        // The polls of other jobs may cover this one as well.
        let others = self.poller.others() as f64;
        let news = others.clamp(FIRST_NEWS_CHECK, MAX_NEWS_CHECK);
        if due - now >= TIMER_TOLERANCE {
            let next = match poll.schedule.may_be_done() - now {
                _ if others == 0.0 => f64::INFINITY,
                too_soon if too_soon > 0.0 => too_soon.max(POLL_SPACING),
                _ => news,
            };
            return PollAction::Wait((due - now).min(next));
        }
        let open = self.poller.open_at.get() - now;
        if open >= TIMER_TOLERANCE {
            return PollAction::Wait(open.min(POLL_SPACING));
        }
        drop(poll);
        PollAction::Poll(self.poller.attempt(self.job.clone(), now, lease))
    }

    /// It comes back after so many ms.
    pub fn keep_waiting(&self, now: f64, ms: f64) {
        self.job.attend(now, ms);
    }

    /// Why the last poll failed, if it did.
    pub fn last_error(&self) -> Option<Error> {
        self.job.poll.borrow().last_error.clone()
    }

    /// When the job is polled next.
    pub fn due(&self) -> f64 {
        self.job.poll.borrow().schedule.due
    }
}

impl Drop for Subscription<'_> {
    fn drop(&mut self) {
        self.job.remove_waiter();
        self.poller.release(&self.job);
    }
}
