//! The jobs that count within the limits: those that run, those that may, and creations under way.

use super::LimiterState;
use crate::engine::model::timing::{CONCURRENCY_PROBE, LATEST_ARRIVAL, MAX_JOB, MINUTE};
use crate::engine::scheduling::Heartbeat;

pub struct InFlight {
    pub id: u32,
    /// The job, once it is known. Until then the ticket of one that was cut off or resumed.
    pub job: Option<String>,
    /// Its creation, while that is under way or recovery searches for the job.
    pub creation: Option<CreationUnderWay>,
    /// How long such a job takes, and when it is expected to end.
    pub expected: f64,
    pub ends: f64,
    /// When it stops to count, whether its end was seen or not.
    pub until: f64,
    /// Polling it has no use.
    pub unwatched: bool,
}

/// Counts as over, whatever became of it, so many ms after the last heartbeat of its call.
pub struct CreationUnderWay {
    heartbeat: Heartbeat,
    lease: f64,
}

impl CreationUnderWay {
    pub fn from(now: f64, lease: f64) -> Self {
        CreationUnderWay { heartbeat: Heartbeat::new(now.into()), lease }
    }

    pub fn lease_end(&self) -> f64 {
        self.heartbeat.get() + self.lease
    }
}

impl LimiterState {
    /// Counts a job that runs already, or may, even beyond the limit. It counts once, by its name.
    pub fn adopt(&mut self, now: f64, sent: f64, expected: f64, until: f64, name: &str) -> u32 {
        if let Some(job) = self.in_flight.iter_mut().find(|job| job.job.as_deref() == Some(name)) {
            job.until = job.until.max(until);
            job.unwatched = false;
            return job.id;
        }
        let id = self.next_id();
        // One that should have ended long ago does not show when it will.
        let ends = (sent + expected).min(now + expected).max(now);
        let job = Some(name.to_owned());
        self.in_flight.push(InFlight { id, job, creation: None, expected, ends, until, unwatched: false });
        if (0.0..MINUTE).contains(&(now - sent)) {
            self.count_creation(sent);
        }
        id
    }

    pub fn job_ended(&mut self, name: &str) {
        self.retain_in_flight(&|job| job.job.as_deref() != Some(name));
    }

    /// A poll saw the job run: it counts for as long again as a job may run.
    pub fn job_running(&mut self, now: f64, name: &str) {
        for job in self.in_flight.iter_mut().filter(|job| job.job.as_deref() == Some(name) && !job.unwatched) {
            job.until = job.until.max(now + MAX_JOB);
        }
    }

    /// No call will see the job's end: twice its usual time is enough.
    pub fn unwatch(&mut self, name: &str) {
        for job in self.in_flight.iter_mut().filter(|job| job.job.as_deref() == Some(name)) {
            job.until = job.until.min(job.ends + job.expected);
            job.unwatched = true;
        }
    }

    /// The jobs whose ends would make room.
    pub fn watched_jobs(&self) -> Vec<String> {
        self.in_flight.iter().filter(|job| !job.unwatched).filter_map(|job| job.job.clone()).collect()
    }

    fn job(&mut self, id: u32) -> Option<&mut InFlight> {
        self.in_flight.iter_mut().find(|job| job.id == id)
    }

    /// The creation goes out, and is under way for `lease` ms at most.
    pub fn creation_sent(&mut self, id: u32, now: f64, lease: f64) {
        if let Some(job) = self.job(id) {
            job.creation = Some(CreationUnderWay::from(now, lease));
        }
    }

    /// The answer was lost, and recovery searches for the job until `lease` ms after the call's last heartbeat.
    pub fn creation_in_recovery(&mut self, id: u32, heartbeat: Heartbeat, lease: f64) {
        if let Some(job) = self.job(id) {
            job.creation = Some(CreationUnderWay { heartbeat, lease });
        }
    }

    /// The server dealt with the creation at some moment until `now`. From then on it counts for the minute.
    pub fn creation_answered(&mut self, id: u32, now: f64) {
        if let Some(job) = self.job(id) {
            job.until = now + MAX_JOB;
            if job.creation.take().is_some() {
                self.count_creation(now);
            }
        }
    }

    /// The job is known. It counts until it ends, and once, though two creations may have been taken for one.
    pub fn job_made(&mut self, id: u32, now: f64, expected: f64, name: &str) {
        self.creation_answered(id, now);
        self.retain_in_flight(&|job| job.id == id || job.job.as_deref() != Some(name));
        if let Some(job) = self.job(id) {
            job.job = Some(name.to_owned());
            (job.expected, job.ends) = (expected, now + expected);
        }
        let running = self.in_flight.len();
        if let Some((most, f64::INFINITY)) = &mut self.observed_concurrency {
            *most = (*most).max(running + 1);
        }
    }

    /// The creation was cut off, and no call will see the job's end if there is one: twice its usual time is enough.
    pub fn creation_cut_off(&mut self, id: u32, now: f64, expected: f64, ticket: &str) {
        self.creation_answered(id, now + LATEST_ARRIVAL);
        if let Some(job) = self.job(id) {
            job.job = Some(ticket.to_owned());
            job.until = now + LATEST_ARRIVAL + 2.0 * expected;
        }
    }

    /// From now on only the jobs that are wanted count. The closure is `dyn`, so that the wasm has the loop once.
    pub fn retain_in_flight(&mut self, wanted: &dyn Fn(&InFlight) -> bool) {
        self.in_flight.retain(wanted);
    }

    pub fn release(&mut self, id: u32) {
        self.retain_in_flight(&|job| job.id != id);
    }

    /// The server refused the creation for a limit. Gives whether a job of ours is in flight whose end makes room: then
    /// that is no failure.
    pub fn creation_refused(&mut self, id: u32, now: f64, retry_after: f64, concurrency_limited: bool) -> bool {
        self.release(id);
        // A creation that is only under way may be refused as well. Two that take each other for a running job would
        // never stop.
        let running = self.in_flight.iter().filter(|job| job.creation.is_none()).count();
        if concurrency_limited && running > 0 {
            self.observed_concurrency = Some((running, now + CONCURRENCY_PROBE));
            return true;
        }
        self.close(now + retry_after);
        false
    }
}
