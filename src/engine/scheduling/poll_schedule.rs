//! When to poll a job. The first poll comes a little before the time at which such a job is usually done. After it the
//! pause grows with the time already waited: a job is noticed late by a few percent of its own length at most, and one
//! that hangs is polled ever more rarely. Every pause is jittered, so that jobs that began together are not polled together.

use super::durations::DurationEstimate;
use crate::engine::model::timing::{MAX_POLL_PAUSE, SHORTEST_POLL_PAUSE};

/// The pause as a share of the time already waited.
const PAUSE: f64 = 0.05;
/// So many other jobs, which share its polls, halve the pause.
const SHARING: f64 = 4.0;
/// First polls are spread over the time before they pay, by this share of it.
const EARLIER: f64 = 0.1;

/// When a job is polled.
#[derive(Clone, Debug, PartialEq)]
pub struct PollSchedule {
    /// When the job began, in ms since 1970 by this machine's clock.
    pub started: f64,
    /// How long such a job takes.
    pub estimate: DurationEstimate,
    /// When the next poll is due.
    pub due: f64,
    /// When it was last seen unfinished; when it began, at first.
    pub seen: f64,
}

impl PollSchedule {
    /// For a job whose beginning is known. `random` is from 0 to 1, here and below.
    pub fn of_job(started: f64, estimate: DurationEstimate, now: f64, random: f64) -> Self {
        let first = started + estimate.first_poll * (1.0 - random * EARLIER);
        let mut schedule = PollSchedule { started, estimate, due: first, seen: started };
        if first <= now {
            schedule.polled(now, 0, 0.0, random);
            schedule.seen = started;
        }
        schedule
    }

    /// For a job of which only the id is known: it is polled at once.
    pub fn unknown(now: f64) -> Self {
        let estimate = DurationEstimate { expected: 0.0, confidence: 0.0, first_poll: 0.0 };
        PollSchedule { started: now, estimate, due: now, seen: now }
    }

    /// The job was polled and goes on. The more jobs share polls, the less each of them costs. But none is due before
    /// every job can have been polled once, in `full_cycle` ms.
    pub fn polled(&mut self, now: f64, sharing: usize, full_cycle: f64, random: f64) {
        self.seen = now;
        let share = 1.0 + sharing as f64 / SHARING;
        let pause = ((now - self.started) * PAUSE / share).clamp(SHORTEST_POLL_PAUSE, MAX_POLL_PAUSE).max(full_cycle);
        self.due = self.due_before_first(now).unwrap_or(now + pause * spread(random));
    }

    /// A poll of many jobs may come before this job's own first poll, which keeps its time.
    fn due_before_first(&self, now: f64) -> Option<f64> {
        let first = self.started + self.estimate.first_poll;
        (now < first).then_some(first)
    }

    /// A poll failed: the next one comes no sooner than in so many ms.
    pub fn failed(&mut self, now: f64, wait: f64) {
        self.due = self.due.max(now + wait);
    }

    /// How long the job has run, in ms.
    pub fn elapsed(&self, now: f64) -> f64 {
        (now - self.started).max(0.0)
    }

    /// When it may well be done.
    pub fn may_be_done(&self) -> f64 {
        self.started + self.estimate.first_poll * (1.0 - EARLIER)
    }

    /// How long the job took, now that it is seen finished, where that is known closely enough.
    pub fn duration(&self, now: f64) -> Option<f64> {
        let (least, most) = ((self.seen - self.started).max(0.0), self.elapsed(now));
        let close = most - least <= most * 0.2;
        // Seen once only, and done: that much is known, it took no longer than this.
        let shorter = self.estimate.expected > most;
        if close { Some((least + most) / 2.0) } else { shorter.then_some(most) }
    }
}

fn spread(random: f64) -> f64 {
    0.9 + random * 0.2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimate(expected: f64) -> DurationEstimate {
        DurationEstimate { expected, confidence: 0.0, first_poll: expected * 0.6 }
    }

    /// The polls of a job that takes `seconds`, as times since its beginning.
    fn polls(seconds: f64, expected: f64) -> Vec<f64> {
        let mut schedule = PollSchedule::of_job(0.0, estimate(expected * 1000.0), 0.0, 0.5);
        let mut times = vec![schedule.due / 1000.0];
        while times.last().is_some_and(|&last| last < seconds) {
            let now = schedule.due;
            schedule.polled(now, 0, 0.0, 0.5);
            times.push(schedule.due / 1000.0);
        }
        times
    }

    #[test]
    fn a_job_is_noticed_soon_with_few_polls() {
        for (seconds, expected, most_polls, latest) in [
            (75.0, 75.0, 14, 3.8),
            (6.0, 6.0, 5, 1.0),
            (15.0, 15.0, 9, 1.0),
            (600.0, 75.0, 80, 10.1),
            (20.0, 75.0, 1, 30.0),
        ] {
            let times = polls(seconds, expected);
            let late = times.last().copied().unwrap_or(f64::INFINITY) - seconds;
            assert!(times.len() <= most_polls, "{seconds} s: {} polls", times.len());
            assert!(late <= latest, "{seconds} s: {late} s late");
        }
    }

    #[test]
    fn a_job_resumed_late_is_not_polled_in_a_burst() {
        let schedule = PollSchedule::of_job(0.0, estimate(75_000.0), 100_000.0, 0.5);
        assert_eq!(schedule.due, 105_000.0);
    }

    #[test]
    fn a_duration_is_told_only_when_it_is_known() {
        let mut schedule = PollSchedule::of_job(0.0, estimate(75_000.0), 0.0, 0.5);
        assert_eq!(schedule.duration(50_000.0), Some(50_000.0), "done at the first poll, sooner than thought");
        assert_eq!(schedule.duration(100_000.0), None, "not polled for 100 s: it may have taken any time");
        schedule.polled(70_000.0, 0, 0.0, 0.5);
        assert_eq!(schedule.duration(73_500.0), Some(71_750.0));
    }
}
