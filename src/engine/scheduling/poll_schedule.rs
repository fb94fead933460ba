//! When to poll a job.
//!
//! One rule holds for a job of any length: the next poll comes [`SHORT_PAUSE`], or [`SHARE_OF_RUN`] of the time that the job
//! has run, after the last one, whichever is longer. The end is so noticed within 3 s or a tenth of the job's run, the
//! requests' own time included, and a quarter of an hour takes at most 57 polls.
//!
//! No schedule does this with few polls: 12 of them, each 3 s or a tenth after the last, end at 38 s. So when such jobs were
//! seen to end, all after about the same time, the pauses before that time are stretched by one factor. It is the least
//! with which a job of the usual length takes [`FEW_POLLS`]: 1 up to 28 s, 2.3 for 72 s, 3.5 for 150 s, 7 for 900 s. From a
//! tenth before the usual length on, the rule holds as it is. What is then not promised: a job that ends sooner than that is
//! noticed within so many times 3 s or a tenth of its run.
//!
//! The pauses are jittered downwards, so that many clients that began together do not stay together.

use super::durations::DurationEstimate;
use crate::engine::model::timing::{MAX_POLL_PAUSE, SHORT_PAUSE, SHORTEST_POLL_PAUSE};

/// The pause as a share of the time that the job has run. Less than a tenth, since a poll takes its time as well.
const SHARE_OF_RUN: f64 = 0.085;
/// By so much at most a pause is shortened.
const JITTER: f64 = 0.05;
/// So many other jobs, which share its polls, halve the pause.
const SHARING: f64 = 4.0;
/// So many polls a job takes, once its usual length is known.
const FEW_POLLS: u32 = 12;
/// From this share of the usual length on, pauses are not stretched.
const USUAL: f64 = 0.9;
/// The most that a pause is stretched.
const MAX_STRETCH: f64 = 8.0;

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
    /// By how much pauses are stretched.
    stretch: f64,
}

impl PollSchedule {
    /// For a job whose beginning is known: one that has run for longer than a pause is polled at once. `random` is from 0 to
    /// 1, here and below.
    pub fn of_job(started: f64, estimate: DurationEstimate, now: f64, random: f64) -> Self {
        let stretch = stretch_for(&estimate);
        let mut schedule = PollSchedule { started, estimate, due: now, seen: started, stretch };
        schedule.due = (started + schedule.pause(0.0) * jitter(random)).max(now);
        schedule
    }

    /// For a job of which only the id is known: it is polled at once.
    pub fn unknown(now: f64) -> Self {
        let estimate = DurationEstimate { expected: 0.0, confidence: 0.0, firm: false };
        PollSchedule { started: now, estimate, due: now, seen: now, stretch: 1.0 }
    }

    /// The job was polled and goes on. The more jobs share polls, the less each of them costs. But none is due before
    /// every job can have been polled once, in `full_cycle` ms.
    pub fn polled(&mut self, now: f64, sharing: usize, full_cycle: f64, random: f64) {
        self.seen = now;
        let pause = self.pause(self.elapsed(now)) / (1.0 + sharing as f64 / SHARING);
        self.due = now + pause.max(SHORTEST_POLL_PAUSE).max(full_cycle) * jitter(random);
    }

    /// The longest pause after so many ms of its run.
    fn pause(&self, elapsed: f64) -> f64 {
        pause(elapsed, self.estimate.expected, self.stretch)
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
        self.started + if self.estimate.firm { self.estimate.expected * USUAL } else { 0.0 }
    }

    /// How long the job took, now that it is seen finished, where that can be told closely enough.
    pub fn duration(&self, now: f64) -> Option<f64> {
        let (least, most) = ((self.seen - self.started).max(0.0), self.elapsed(now));
        let close = most - least <= (most * 0.2).max(SHORT_PAUSE);
        // Seen seldom, and done: that much is known, it took no longer than this.
        let shorter = self.estimate.expected > most;
        if close { Some((least + most) / 2.0) } else { shorter.then_some(most) }
    }
}

fn jitter(random: f64) -> f64 {
    1.0 - random * JITTER
}

/// The longest pause after so many ms of a job's run. A stretched one ends when the job may be done.
fn pause(elapsed: f64, expected: f64, stretch: f64) -> f64 {
    let pause = (elapsed * SHARE_OF_RUN).clamp(SHORT_PAUSE, MAX_POLL_PAUSE);
    (pause * stretch).min(expected * USUAL - elapsed).max(pause)
}

/// The least factor with which a job of its usual length takes few polls, if that length is known.
fn stretch_for(estimate: &DurationEstimate) -> f64 {
    let takes_few = |stretch| {
        let (mut elapsed, mut polls) = (0.0, 0);
        while elapsed < estimate.expected && polls <= FEW_POLLS {
            elapsed += pause(elapsed, estimate.expected, stretch) * (1.0 - JITTER);
            polls += 1;
        }
        polls <= FEW_POLLS
    };
    let mut stretch = 1.0;
    while estimate.firm && stretch < MAX_STRETCH && !takes_few(stretch) {
        stretch += 0.25;
    }
    stretch
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
