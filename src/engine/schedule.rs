//! When to look at a job: plain data and pure steps. The first look comes near the time when such a job is usually done;
//! after it the pause grows with the time already waited, so that a job is noticed late by a few percent of its own length
//! at most, and one that hangs is asked for ever more rarely. Every pause is jittered: jobs that began together are not
//! asked for together.

use super::retry;

/// The share of the usual time after which the first look is taken: jobs vary, and a look too early costs only a request.
const FIRST_LOOK: f64 = 0.6;
/// The pause as a share of the time already waited.
const PAUSE: f64 = 0.05;
const SHORTEST_PAUSE: f64 = 1000.0;
const LONGEST_PAUSE: f64 = 10_000.0;
/// After so many failed looks in a row (some ten minutes) the waiter is told; the job itself is not touched.
const MOST_MISSES: u32 = 24;

/// When a job is looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    /// When the job began, in ms since 1970 by this machine's clock.
    pub started: f64,
    /// How long such a job usually takes, in ms.
    pub expected: f64,
    /// When the next look is due.
    pub due: f64,
    misses: u32,
}

impl Schedule {
    /// For a job whose beginning is known. `random` is from 0 to 1, here and below.
    pub fn of_job(started: f64, expected: f64, now: f64, random: f64) -> Self {
        let first = started + expected * FIRST_LOOK * spread(random);
        let mut schedule = Schedule { started, expected, due: first, misses: 0 };
        if first <= now {
            schedule.looked(now, random);
        }
        schedule
    }

    /// For a job of which only the id is known: look at once.
    pub fn unknown(now: f64) -> Self {
        Schedule { started: now, expected: 0.0, due: now, misses: 0 }
    }

    /// The job was looked at and goes on.
    pub fn looked(&mut self, now: f64, random: f64) {
        self.misses = 0;
        let pause = ((now - self.started) * PAUSE).clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
        self.due = now + pause * spread(random);
    }

    /// A look failed. Gives whether to go on looking.
    pub fn missed(&mut self, now: f64, asked: Option<f64>, random: f64) -> bool {
        // Never at once: the half that jitter leaves alone keeps an outage from being hammered.
        let wait = retry::wait(self.misses, asked, 0.5 + random / 2.0);
        self.misses += 1;
        self.due = now + wait;
        self.misses < MOST_MISSES
    }

    /// How long the job has run, in ms.
    pub fn elapsed(&self, now: f64) -> f64 {
        (now - self.started).max(0.0)
    }
}

fn spread(random: f64) -> f64 {
    0.9 + random * 0.2
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The looks at a job that takes `seconds`, as times since its beginning.
    fn looks(seconds: f64, expected: f64) -> Vec<f64> {
        let mut schedule = Schedule::of_job(0.0, expected * 1000.0, 0.0, 0.5);
        let mut times = vec![schedule.due / 1000.0];
        while times.last().is_some_and(|&last| last < seconds) {
            let now = schedule.due;
            schedule.looked(now, 0.5);
            times.push(schedule.due / 1000.0);
        }
        times
    }

    #[test]
    fn a_job_is_noticed_soon_with_few_looks() {
        for (seconds, expected, most_looks, latest) in [
            (75.0, 75.0, 13, 3.8),
            (6.0, 6.0, 4, 1.0),
            (15.0, 15.0, 8, 1.0),
            (600.0, 75.0, 80, 10.1),
            (20.0, 75.0, 1, 30.0),
        ] {
            let times = looks(seconds, expected);
            let late = times.last().copied().unwrap_or(f64::INFINITY) - seconds;
            assert!(times.len() <= most_looks, "{seconds} s: {} looks", times.len());
            assert!(late <= latest, "{seconds} s: {late} s late");
        }
    }

    #[test]
    fn a_job_taken_up_late_is_not_asked_for_in_a_burst() {
        let schedule = Schedule::of_job(0.0, 75_000.0, 100_000.0, 0.5);
        assert_eq!(schedule.due, 105_000.0);
    }

    #[test]
    fn failed_looks_back_off_and_end() {
        let mut schedule = Schedule::unknown(0.0);
        let mut looks = 1;
        while schedule.missed(schedule.due, None, 0.5) {
            looks += 1;
        }
        assert_eq!(looks, MOST_MISSES);
        assert!((5.0..15.0).contains(&(schedule.due / 60_000.0)), "{} min", schedule.due / 60_000.0);
        schedule.looked(0.0, 0.5);
        assert!(schedule.missed(0.0, None, 0.5), "one good look forgives the bad ones");
    }
}
