//! The limits of one kind of job, kept by the client so that no creation is refused for them: a queue, the jobs that
//! run, and the creations of the last minute. Pure steps over plain data; time comes in as a number.
//!
//! Nobody is woken: who waits sleeps on a timer of its own and asks again, for the reason told in `watch.rs`. For the same reason
//! nothing here is held for ever: who waits says when it asks again, and a creation under way when it is given up.

use super::FORGOTTEN;
use super::account::Pulse;
use super::find::LATEST;
use crate::limits::Limit;
use std::cell::RefCell;
use std::rc::Rc;

/// Where a creation stands in its queue.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Queue {
    /// How many go before it.
    pub place: usize,
    /// When it may be sent, as far as can be told, in ms from now.
    pub wait: f64,
}

const MINUTE: f64 = 60_000.0;
/// Who is next asks that often, in ms; a free slot is taken that soon.
const GLANCE: f64 = 100.0;
/// So many glance; those behind them have no use in it.
const GLANCING: usize = 4;
/// Those behind ask that often, since some before them may leave.
const NAP: f64 = 2000.0;
/// Who does not ask again for so long after it should have is gone, in ms.
const GONE: f64 = 5000.0;
/// What is said of a job that should have ended, in ms.
const OVERDUE: f64 = 1000.0;
/// So long after a refusal, in ms, one job more is tried: other programs with the same key may have ended.
const CAUTION: f64 = 60_000.0;

/// The state of one kind.
#[derive(Default)]
struct State {
    limit: Limit,
    /// Whether a caller gave these limits: then they hold, whatever the server tells.
    given: bool,
    /// How many may be created in a minute, as the server told.
    per_minute: Option<f64>,
    queue: Vec<Waiting>,
    held: Vec<Held>,
    /// When the creations of the last minute were answered, in order.
    recent: Vec<f64>,
    /// When somebody asked last.
    asked: f64,
    /// How long somebody was there to ask, in ms. While the whole machine sleeps nobody is, and nobody loses a place for it.
    awake: f64,
    /// Nobody goes before that.
    closed_until: f64,
    /// How many may run, as a refusal taught, and when one more is tried.
    learnt: Option<(usize, f64)>,
    numbers: u32,
    /// Fairness between callers: the tag of the last one that went.
    served: f64,
}

struct Waiting {
    number: u32,
    caller: u32,
    /// Each caller's creations are tagged one apart, and the least tag goes first: callers take turns.
    tag: f64,
    /// It asks again before that, in the time that the lane was awake.
    until: f64,
}

/// A place that a job takes at the provider.
struct Held {
    number: u32,
    /// The job, once it is known; until then the ticket of one that was taken up.
    job: Option<String>,
    /// While its creation is under way, or looked for.
    sending: Option<Sending>,
    /// How long such a job takes, and when it is expected to end.
    expected: f64,
    ends: f64,
    /// When it is given up.
    until: f64,
    /// There is no use in looking at it.
    unseen: bool,
}

/// A creation under way: it is at its end, whatever became of it, so many ms after that moment.
struct Sending {
    since: Pulse,
    lease: f64,
}

impl Sending {
    /// From now on.
    fn from(now: f64, lease: f64) -> Self {
        Sending { since: Pulse::new(now.into()), lease }
    }

    fn end(&self) -> f64 {
        self.since.get() + self.lease
    }
}

/// What a creation in the queue does next.
pub(super) enum Turn {
    /// It is sent.
    Go(Slot),
    /// It asks again after so many ms.
    Wait(f64, Queue),
}

/// One kind's limits; clones share them.
#[derive(Clone, Default)]
pub(super) struct Lane(Rc<RefCell<State>>);

impl Lane {
    /// Two clients of one account, told different limits: the lower ones hold. `given`: whether a caller told them.
    pub fn narrow(&self, limit: Limit, given: bool) {
        let mut state = self.0.borrow_mut();
        state.given |= given;
        let lower = |a: Option<f64>, b: Option<f64>| a.map_or(b, |a| Some(b.map_or(a, |b| b.min(a))));
        state.limit.concurrent = lower(state.limit.concurrent, limit.concurrent);
        state.limit.per_minute = lower(state.limit.per_minute, limit.per_minute);
    }

    /// Joins the queue, or comes back to it with the tag that it had.
    pub fn join(&self, caller: u32, tag: Option<f64>) -> Place {
        let mut state = self.0.borrow_mut();
        let number = state.number();
        let tag = tag.unwrap_or_else(|| {
            let last = state.queue.iter().filter(|other| other.caller == caller).map(|other| other.tag);
            last.fold(state.served, f64::max) + 1.0
        });
        let until = state.awake + GONE;
        state.queue.push(Waiting { number, caller, tag, until });
        Place { lane: self.clone(), number, caller, tag }
    }

    /// A job that runs already, or may, takes its place, whether there is one or not: once, by its name. `sent` is when it was
    /// asked for, `until` when its place is free at the latest.
    pub fn adopt(&self, now: f64, sent: f64, expected: f64, until: f64, name: &str) -> Slot {
        let mut state = self.0.borrow_mut();
        let there = state.held.iter_mut().find(|held| held.job.as_deref() == Some(name));
        let number = if let Some(held) = there {
            held.until = held.until.max(until);
            held.number
        } else {
            let (number, job) = (state.number(), Some(name.to_owned()));
            // One that should have ended long ago tells nothing of when it will.
            let ends = (sent + expected).min(now + expected).max(now);
            state.held.push(Held { number, job, sending: None, expected, ends, until, unseen: false });
            if (0.0..MINUTE).contains(&(now - sent)) {
                state.counts(sent);
            }
            number
        };
        drop(state);
        Slot { lane: self.clone(), number }
    }

    /// A job is at its end.
    pub fn ended(&self, job: &str) {
        self.0.borrow_mut().held.retain(|held| held.job.as_deref() != Some(job));
    }

    /// The server told how many creations it takes in a minute: that is the plan's, and better than a default.
    pub fn allowed(&self, per_minute: f64) {
        self.0.borrow_mut().per_minute = Some(per_minute.max(1.0));
    }

    /// Nobody will see the job's end: twice its usual time is enough.
    pub fn unseen(&self, job: &str) {
        let mut state = self.0.borrow_mut();
        for held in state.held.iter_mut().filter(|held| held.job.as_deref() == Some(job)) {
            held.until = held.until.min(held.ends + held.expected);
            held.unseen = true;
        }
    }

    /// The jobs whose ends are waited for.
    fn jobs(&self) -> Vec<String> {
        self.0.borrow().held.iter().filter(|held| !held.unseen).filter_map(|held| held.job.clone()).collect()
    }

    /// The server told how many creations it takes before a moment.
    pub fn told(&self, remaining: f64, reset: f64) {
        if remaining < 1.0 {
            self.close(reset);
        }
    }

    fn close(&self, until: f64) {
        let mut state = self.0.borrow_mut();
        state.closed_until = state.closed_until.max(until);
    }
}

impl State {
    fn number(&mut self) -> u32 {
        self.numbers = self.numbers.wrapping_add(1);
        self.numbers
    }

    /// A creation was dealt with at that time.
    fn counts(&mut self, at: f64) {
        let place = self.recent.iter().filter(|other| **other <= at).count();
        self.recent.insert(place, at);
    }

    fn tidy(&mut self, now: f64) {
        // Who is next asks more often than that. After a longer silence all have slept, and each is heard before it is missed.
        self.awake += (now - self.asked).clamp(0.0, NAP);
        self.asked = now;
        let awake = self.awake;
        self.queue.retain(|waiting| awake < waiting.until);
        // Whoever sent it is gone, and may have been answered: that is as if the answer had been lost.
        let mut lost = Vec::new();
        for held in self.held.iter_mut() {
            if let Some(sending) = held.sending.take_if(|sending| sending.end() <= now) {
                let end = sending.end();
                held.until = end + LATEST + 2.0 * held.expected;
                lost.push(end + LATEST);
            }
        }
        for at in lost {
            self.counts(at);
        }
        self.recent.retain(|answered| now - answered < MINUTE);
        self.held.retain(|held| held.sending.is_some() || now < held.until);
        // Opened wide, the whole queue would be refused again; so one goes first, and each that is taken lets another one go.
        if let Some((most, until)) = &mut self.learnt
            && now >= *until
        {
            (*most, *until) = (*most + 1, f64::INFINITY);
        }
    }

    fn most(&self) -> usize {
        let told = self.limit.concurrent.map_or(usize::MAX, |most| most as usize);
        self.learnt.map_or(told, |(most, _)| most.min(told))
    }

    /// How many may go at once by the minute's limit.
    fn left(&self) -> usize {
        let sending = self.held.iter().filter(|held| held.sending.is_some()).count();
        let told = self.per_minute.filter(|_| !self.given);
        let most = told.or(self.limit.per_minute).map_or(usize::MAX, |most| most as usize);
        most.saturating_sub(self.recent.len() + sending)
    }

    /// When the job ends that has so many before it. They are few, and sorting weighs more than this.
    fn end(&self, nth: usize) -> f64 {
        let before = |end: f64| self.held.iter().filter(|other| other.ends < end).count();
        let mut ends = self.held.iter().map(|held| held.ends).filter(|&end| before(end) <= nth);
        ends.next().map_or(0.0, |first| ends.fold(first, f64::max))
    }

    /// When that place in the queue may go, in ms from now, by the jobs that run. The second number is by the minute.
    fn waits(&self, now: f64, place: usize) -> (f64, f64) {
        let most = self.most().max(1);
        let free = most.saturating_sub(self.held.len());
        let running = if place < free || self.held.is_empty() {
            0.0
        } else {
            // Behind the jobs that run, whole rounds of such jobs pass.
            let behind = place - free;
            let rounds = (behind / self.held.len()) as f64;
            let ends = |nth| self.end(nth) - now;
            // One that is overdue may end at any moment.
            ends(behind % self.held.len()).max(OVERDUE) + rounds * ends(self.held.len() - 1).max(OVERDUE)
        };
        let left = self.left();
        let minute = if place < left {
            0.0
        } else {
            let behind = place - left;
            let size = self.recent.len().max(1);
            let oldest = self.recent.get(behind % size).copied().unwrap_or(now);
            oldest + MINUTE - now + (behind / size) as f64 * MINUTE
        };
        (running, minute.max(self.closed_until - now))
    }
}

/// A place in the queue; dropped, it is given up.
pub(super) struct Place {
    lane: Lane,
    number: u32,
    caller: u32,
    pub tag: f64,
}

impl Place {
    /// Whether it is its turn. The creation will be under way for `lease` ms at most.
    pub fn turn(&self, now: f64, expected: f64, lease: f64) -> Turn {
        let mut state = self.lane.0.borrow_mut();
        state.tidy(now);
        let before = |other: &&Waiting| (other.tag, other.number) < (self.tag, self.number);
        let place = state.queue.iter().filter(before).count();
        let free = state.most().saturating_sub(state.held.len());
        if place < free.min(state.left()) && now >= state.closed_until {
            state.served = state.served.max(self.tag);
            let ends = now + expected;
            let sending = Some(Sending::from(now, lease));
            let (number, until) = (self.number, f64::INFINITY);
            state.held.push(Held { number, job: None, sending, expected, ends, until, unseen: false });
            return Turn::Go(Slot { lane: self.lane.clone(), number: self.number });
        }
        let (running, minute) = state.waits(now, place);
        let next = if minute > 0.0 {
            minute.min(NAP)
        } else if place < GLANCING {
            GLANCE
        } else {
            (running / 2.0).clamp(GLANCE, NAP)
        };
        drop(state);
        let next = next.max(1.0);
        self.stay(next);
        Turn::Wait(next, Queue { place, wait: running.max(minute) })
    }

    /// The jobs whose ends it waits for.
    pub fn jobs(&self) -> Vec<String> {
        self.lane.jobs()
    }

    /// It asks again after so many ms. One that was taken for gone has its place back.
    pub fn stay(&self, ms: f64) {
        let &Place { number, caller, tag, .. } = self;
        let mut state = self.lane.0.borrow_mut();
        let until = state.awake + ms + GONE;
        match state.queue.iter_mut().find(|waiting| waiting.number == number) {
            Some(waiting) => waiting.until = until,
            None => state.queue.push(Waiting { number, caller, tag, until }),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.lane.0.borrow_mut().queue.retain(|other| other.number != self.number);
    }
}

/// A place at the provider, which stays taken until its end is told here or to [`Lane::ended`].
pub(super) struct Slot {
    lane: Lane,
    number: u32,
}

impl Slot {
    fn held(&self, change: impl FnOnce(&mut Held)) {
        if let Some(held) = self.lane.0.borrow_mut().held.iter_mut().find(|held| held.number == self.number) {
            change(held);
        }
    }

    /// The creation goes out, and is under way for `lease` ms at most.
    pub fn sends(&self, now: f64, lease: f64) {
        self.held(|held| held.sending = Some(Sending::from(now, lease)));
    }

    /// Its answer was lost, and it is looked for, until `lease` ms after the call last ran.
    pub fn looked_for(&self, (since, lease): (Pulse, f64)) {
        self.held(|held| held.sending = Some(Sending { since, lease }));
    }

    /// The server dealt with the creation at some moment until `now`: from then on it counts for the minute.
    pub fn answered(&self, now: f64) {
        let mut sent = false;
        self.held(|held| {
            sent = held.sending.take().is_some();
            held.until = now + FORGOTTEN;
        });
        if sent {
            self.lane.0.borrow_mut().counts(now);
        }
    }

    /// The job is known: its place is free when it ends.
    pub fn made(self, now: f64, expected: f64, job: &str) {
        self.answered(now);
        self.held(|held| {
            held.job = Some(job.to_owned());
            (held.expected, held.ends) = (expected, now + expected);
        });
        let mut state = self.lane.0.borrow_mut();
        let running = state.held.len();
        if let Some((most, f64::INFINITY)) = &mut state.learnt {
            *most = (*most).max(running + 1);
        }
    }

    /// The creation was cut off, and nobody will see the job's end if there is one: twice its usual time is enough.
    pub fn lost(self, now: f64, expected: f64) {
        self.answered(now + LATEST);
        self.held(|held| held.until = now + LATEST + 2.0 * expected);
    }

    /// Nothing was made.
    pub fn free(self) {
        self.lane.0.borrow_mut().held.retain(|held| held.number != self.number);
    }

    /// The server refused it for a limit. Gives whether there is one of ours to wait for: then that is no failure.
    pub fn refused(self, now: f64, after: f64, concurrent: bool) -> bool {
        let lane = self.lane.clone();
        self.free();
        // What is only on its way may be refused as well: two that take each other for a job that runs would never tire.
        let running = lane.0.borrow().held.iter().filter(|held| held.sending.is_none()).count();
        if concurrent && running > 0 {
            lane.0.borrow_mut().learnt = Some((running, now + CAUTION));
            return true;
        }
        lane.close(now + after);
        false
    }
}
