//! When to poll a job.
//!
//! One rule holds for a job of any length: the next poll comes [`SHORT_PAUSE`], or [`SHARE_OF_RUN`] of the time that the job
//! has run, after the last one, whichever is longer. The end is so noticed within 3 s or a tenth of the job's run, the
//! requests' own time included, and a quarter of an hour takes at most 57 polls.
//!
//! No schedule does this with few polls: 12 of them, each 3 s or a tenth after the last, end at 38 s. So when such jobs were
//! seen to end, all after about the same time, the pauses before that time are stretched by one factor. It is the least
//! with which a job of the usual length takes [`FEW_POLLS`]: 1 up to 26 s, 2.5 for 72 s, 3.75 for 150 s, 7.25 for 900 s. From a
//! tenth before the usual length on, the rule holds as it is. What is then not promised: a job that ends sooner than that is
//! noticed within so many times 3 s or a tenth of its run.
//!
//! Pauses are jittered downwards, so that many clients that began together do not stay together.

use super::durations::DurationEstimate;
use crate::engine::model::timing::{LEAST_POLL_SPACING, MAX_POLL_PAUSE, SHORT_PAUSE};

/// The pause as a share of the time that the job has run. Less than a tenth, since a poll takes its time as well.
const SHARE_OF_RUN: f64 = 0.085;
/// By so much at most a pause is shortened.
const JITTER: f64 = 0.05;
/// So many other jobs, which share its polls, halve the pause.
const SHARING: f64 = 4.0;
/// So many polls a job takes, once its usual length is known.
const FEW_POLLS: u32 = 12;
/// From this share of the usual length on, pauses are not stretched.
const USUAL_FROM: f64 = 0.9;
/// Up to this share of it, few polls are enough.
const USUAL_TO: f64 = 1.05;
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

/// The jobs that are polled together.
#[derive(Clone, Copy, Default)]
pub struct PollGroup {
    /// How many other jobs a poll covers.
    pub others: usize,
    /// How long it takes to poll every job once, in ms: with one poll a second, and as fast as is allowed.
    pub usual_cycle: f64,
    pub shortest_cycle: f64,
}

impl PollSchedule {
    /// For a job whose beginning is known: one that has run for longer than a pause is polled at once. `random` is from 0 to
    /// 1, here and below.
    pub fn of_job(started: f64, estimate: DurationEstimate, now: f64, group: PollGroup, random: f64) -> Self {
        let stretch = stretch_for(&estimate);
        let mut schedule = PollSchedule { started, estimate, due: now, seen: started, stretch };
        let first = schedule.pause(0.0).max(group.shortest_cycle) * jitter(random);
        schedule.due = (started + first).max(now);
        schedule
    }

    /// For a job known only by its id: it is polled at once.
    pub fn unknown(now: f64) -> Self {
        let estimate = DurationEstimate { expected: 0.0, confidence: 0.0, firm: false };
        PollSchedule { started: now, estimate, due: now, seen: now, stretch: 1.0 }
    }

    /// A poll that was sent at `sent` shows that the job goes on: what it shows is as old as that. The more jobs share polls,
    /// the less each of them costs, so pauses are shorter, as long as a poll a second is enough. But none is due before every
    /// job can have been polled once.
    pub fn polled(&mut self, sent: f64, now: f64, group: PollGroup, random: f64) {
        self.seen = sent;
        let longest = self.pause(self.elapsed(sent));
        let shared = (longest / (1.0 + group.others as f64 / SHARING)).max(group.usual_cycle.min(longest));
        let pause = shared.max(group.shortest_cycle) * jitter(random);
        self.due = (sent + pause).max(now + LEAST_POLL_SPACING);
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
        self.started + if self.estimate.firm { self.estimate.expected * USUAL_FROM } else { 0.0 }
    }

    /// How long the job took, now that it is seen finished, where that is known closely enough.
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
    (pause * stretch).min(expected * USUAL_FROM - elapsed).max(pause)
}

/// The least factor with which a job of its usual length takes few polls, if that length is known.
fn stretch_for(estimate: &DurationEstimate) -> f64 {
    let takes_few = |stretch| {
        let (mut elapsed, mut polls) = (0.0, 0);
        while elapsed < estimate.expected * USUAL_TO && polls <= FEW_POLLS {
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

    fn estimate(expected: f64, firm: bool) -> DurationEstimate {
        DurationEstimate { expected, confidence: 0.0, firm }
    }

    /// The times of the polls of a job, in s, up to the one that sees it done; each poll takes 100 ms.
    fn polls(seconds: f64, estimate: DurationEstimate, random: f64) -> Vec<f64> {
        let mut schedule = PollSchedule::of_job(0.0, estimate, 0.0, PollGroup::default(), random);
        let mut times = Vec::new();
        loop {
            times.push(schedule.due / 1000.0 + 0.1);
            if schedule.due >= seconds * 1000.0 {
                return times;
            }
            schedule.polled(schedule.due, schedule.due + 100.0, PollGroup::default(), random);
        }
    }

    #[test]
    fn any_length_is_noticed_within_3_s_or_a_tenth_with_60_polls() {
        for random in [0.0, 0.5, 0.999] {
            for seconds in (10..9000).map(|tenths| f64::from(tenths) / 10.0) {
                let times = polls(seconds, estimate(72_000.0, false), random);
                let late = times.last().copied().unwrap_or(f64::INFINITY) - seconds;
                assert!(times.len() <= 57 && late <= (seconds / 10.0).max(3.0), "{seconds} s: {late} s, {times:?}");
            }
        }
    }

    #[test]
    fn a_usual_length_takes_12_polls_with_the_least_stretch() {
        for (usual, stretch) in [(15.0, 1.0), (26.0, 1.0), (45.0, 1.75), (72.0, 2.5), (150.0, 3.75), (900.0, 7.25)] {
            let known = estimate(usual * 1000.0, true);
            assert_eq!(stretch_for(&known), stretch, "{usual} s");
            for random in [0.0, 0.999] {
                let times = polls(usual, known, random);
                assert!(times.len() <= 12, "{usual} s: {times:?}");
            }
        }
        assert_eq!(stretch_for(&estimate(900_000.0, false)), 1.0, "a guess stretches nothing");
        assert_eq!(stretch_for(&estimate(1e9, true)), MAX_STRETCH);
    }

    #[test]
    fn one_that_hangs_is_polled_once_a_minute() {
        let mut schedule = PollSchedule::of_job(0.0, estimate(72_000.0, false), 0.0, PollGroup::default(), 0.0);
        schedule.polled(3_000_000.0, 3_000_050.0, PollGroup::default(), 0.0);
        assert_eq!(schedule.due, 3_060_000.0);
    }

    #[test]
    fn jobs_that_share_polls_are_polled_more_often_but_not_before_each_can_be() {
        // So many at once, with a hundred to a poll: after which pause the next one is due, and the first one.
        for (jobs, pause, first) in [
            (1, 8_500.0, 2_500.0),
            (5, 4_250.0, 2_500.0),
            (100, 1_000.0, 2_500.0),
            (400, 4_000.0, 2_500.0),
            (1_000, 8_500.0, 2_500.0),
            (10_000, 20_000.0, 20_000.0),
        ] {
            let pages = (f64::from(jobs) / 100.0).ceil();
            let group = PollGroup {
                others: jobs as usize - 1,
                usual_cycle: pages * 1_000.0,
                shortest_cycle: (pages * 200.0).max(1_000.0),
            };
            let mut schedule = PollSchedule::of_job(0.0, estimate(72_000.0, false), 0.0, group, 0.0);
            assert_eq!(schedule.due, first, "{jobs}");
            schedule.polled(100_000.0, 100_050.0, group, 0.0);
            assert_eq!(schedule.due - 100_000.0, pause, "{jobs}");
        }
    }

    #[test]
    fn an_answer_that_comes_late_is_as_old_as_its_poll() {
        let mut schedule = PollSchedule::of_job(0.0, estimate(72_000.0, false), 0.0, PollGroup::default(), 0.0);
        schedule.polled(10_000.0, 11_000.0, PollGroup::default(), 0.0);
        assert_eq!((schedule.due, schedule.seen), (12_500.0, 10_000.0));
        schedule.polled(12_500.0, 3_600_000.0, PollGroup::default(), 0.0);
        assert_eq!(schedule.due, 3_600_200.0, "the machine slept meanwhile");
    }

    #[test]
    fn a_poll_that_failed_puts_the_next_one_off() {
        let mut schedule = PollSchedule::of_job(0.0, estimate(72_000.0, false), 0.0, PollGroup::default(), 0.0);
        schedule.failed(1_000.0, 500.0);
        assert_eq!(schedule.due, 2_500.0);
        schedule.failed(2_500.0, 4_000.0);
        assert_eq!(schedule.due, 6_500.0);
    }

    #[test]
    fn a_firm_estimate_tells_when_the_job_may_be_done_and_a_guess_tells_nothing() {
        let may_be_done = |firm| {
            PollSchedule::of_job(5_000.0, estimate(100_000.0, firm), 5_000.0, PollGroup::default(), 0.0).may_be_done()
        };
        assert_eq!([may_be_done(true), may_be_done(false)], [95_000.0, 5_000.0]);
    }

    #[test]
    fn a_job_resumed_late_is_polled_at_once() {
        let schedule = PollSchedule::of_job(0.0, estimate(75_000.0, false), 100_000.0, PollGroup::default(), 0.5);
        assert_eq!((schedule.due, schedule.seen), (100_000.0, 0.0));
    }

    #[test]
    fn a_duration_is_told_only_when_it_is_known() {
        let mut schedule = PollSchedule::of_job(0.0, estimate(75_000.0, false), 0.0, PollGroup::default(), 0.5);
        assert_eq!(schedule.duration(2_400.0), Some(1_200.0), "done at the first poll");
        assert_eq!(schedule.duration(50_000.0), Some(50_000.0), "done when it was first seen, sooner than thought");
        assert_eq!(schedule.duration(100_000.0), None, "not polled for 100 s: it may have taken any time");
        schedule.polled(70_000.0, 70_050.0, PollGroup::default(), 0.5);
        assert_eq!(schedule.duration(73_500.0), Some(71_750.0));
    }
}
