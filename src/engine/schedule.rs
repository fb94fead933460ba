//! When to look at a job: plain data and pure steps. The first look comes a little before the time when such a job is
//! usually done; after it the pause grows with the time already waited, so that a job is noticed late by a few percent of
//! its own length at most, and one that hangs is asked for ever more rarely. Every pause is jittered: jobs that began
//! together are not asked for together.

use super::learnt::Guess;

/// The pause as a share of the time already waited.
const PAUSE: f64 = 0.05;
/// So many other jobs, which share its looks, halve the pause.
const SHARING: f64 = 4.0;
/// First looks are spread over the time before they pay, by that share.
const EARLIER: f64 = 0.1;
const SHORTEST_PAUSE: f64 = 1000.0;
const LONGEST_PAUSE: f64 = 10_000.0;

/// When a job is looked at.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Schedule {
    /// When the job began, in ms since 1970 by this machine's clock.
    pub started: f64,
    /// How long such a job takes.
    pub guess: Guess,
    /// When the next look is due.
    pub due: f64,
    /// When it was last seen unfinished; when it began, at first.
    pub seen: f64,
}

impl Schedule {
    /// For a job whose beginning is known. `random` is from 0 to 1, here and below.
    pub fn of_job(started: f64, guess: Guess, now: f64, random: f64) -> Self {
        let first = started + guess.first_look * (1.0 - random * EARLIER);
        let mut schedule = Schedule { started, guess, due: first, seen: started };
        if first <= now {
            schedule.looked(now, 0, 0.0, random);
            schedule.seen = started;
        }
        schedule
    }

    /// For a job of which only the id is known: look at once.
    pub fn unknown(now: f64) -> Self {
        let guess = Guess { expected: 0.0, confidence: 0.0, first_look: 0.0 };
        Schedule { started: now, guess, due: now, seen: now }
    }

    /// The job was looked at and goes on. The more jobs share looks, the less each of them costs; but none is due before
    /// its turn can come again, in `sweep` ms.
    pub fn looked(&mut self, now: f64, sharing: usize, sweep: f64, random: f64) {
        self.seen = now;
        let share = 1.0 + sharing as f64 / SHARING;
        let pause = ((now - self.started) * PAUSE / share).clamp(SHORTEST_PAUSE, LONGEST_PAUSE).max(sweep);
        self.due = self.due_before_first(now).unwrap_or(now + pause * spread(random));
    }

    /// A look at many comes by before this job's first own look: that one keeps its time.
    fn due_before_first(&self, now: f64) -> Option<f64> {
        let first = self.started + self.guess.first_look;
        (now < first).then_some(first)
    }

    /// A look failed: not before so many ms.
    pub fn missed(&mut self, now: f64, wait: f64) {
        self.due = self.due.max(now + wait);
    }

    /// How long the job has run, in ms.
    pub fn elapsed(&self, now: f64) -> f64 {
        (now - self.started).max(0.0)
    }

    /// When it may well be done.
    pub fn ripe(&self) -> f64 {
        self.started + self.guess.first_look * (1.0 - EARLIER)
    }

    /// How long it took, now that it is seen finished, where that can be told closely enough.
    pub fn took(&self, now: f64) -> Option<f64> {
        let (least, most) = ((self.seen - self.started).max(0.0), self.elapsed(now));
        let close = most - least <= most * 0.2;
        // Seen once only, and done: that much is known, it took no longer than this.
        let shorter = self.guess.expected > most;
        if close { Some((least + most) / 2.0) } else { shorter.then_some(most) }
    }
}

fn spread(random: f64) -> f64 {
    0.9 + random * 0.2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(expected: f64) -> Guess {
        Guess { expected, confidence: 0.0, first_look: expected * 0.6 }
    }

    /// The looks at a job that takes `seconds`, as times since its beginning.
    fn looks(seconds: f64, expected: f64) -> Vec<f64> {
        let mut schedule = Schedule::of_job(0.0, guess(expected * 1000.0), 0.0, 0.5);
        let mut times = vec![schedule.due / 1000.0];
        while times.last().is_some_and(|&last| last < seconds) {
            let now = schedule.due;
            schedule.looked(now, 0, 0.0, 0.5);
            times.push(schedule.due / 1000.0);
        }
        times
    }

    #[test]
    fn a_job_is_noticed_soon_with_few_looks() {
        for (seconds, expected, most_looks, latest) in [
            (75.0, 75.0, 14, 3.8),
            (6.0, 6.0, 5, 1.0),
            (15.0, 15.0, 9, 1.0),
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
        let schedule = Schedule::of_job(0.0, guess(75_000.0), 100_000.0, 0.5);
        assert_eq!(schedule.due, 105_000.0);
    }

    #[test]
    fn what_a_job_took_is_told_only_when_it_is_known() {
        let mut schedule = Schedule::of_job(0.0, guess(75_000.0), 0.0, 0.5);
        assert_eq!(schedule.took(50_000.0), Some(50_000.0), "done at the first look, sooner than thought");
        assert_eq!(schedule.took(100_000.0), None, "not looked at for 100 s: it may have taken any time");
        schedule.looked(70_000.0, 0, 0.0, 0.5);
        assert_eq!(schedule.took(73_500.0), Some(71_750.0));
    }
}
