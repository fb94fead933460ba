//! The jobs of an account, whichever provider they were made at: what they will become is settled at their creation.

use std::collections::HashMap;

use serde_json::Value;

use super::api::Api;
use super::limits::{ByKind, Kind};

/// Something bought.
pub(crate) struct Job {
    pub(crate) id: String,
    /// Where it was made.
    pub(crate) api: Api,
    pub(crate) kind: Kind,
    pub(crate) model: String,
    /// The request as the provider echoes it.
    pub(crate) request: Value,
    pub(crate) picture: Picture,
    /// Other files that it makes, by name: a thumbnail, the other pictures of a batch, layers.
    pub(crate) extras: Vec<(String, Picture)>,
    pub(crate) created: f64,
    /// When it leaves the queue; after `ends` if it never does.
    pub(crate) starts: f64,
    pub(crate) ends: f64,
    /// Why it fails at its end, in the provider's words.
    pub(crate) failure: Option<&'static str>,
    /// US cents, given back if it fails.
    pub(crate) charge: f64,
    /// Where its updates are POSTed.
    pub(crate) callback: Option<Receiver>,
    pub(crate) deleted: bool,
}

/// The callback address of a job.
#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) url: String,
    /// What the receiver is shown, so that it knows who calls.
    pub(crate) secret: Option<String>,
}

/// What a file shows.
#[derive(Clone)]
pub(crate) struct Picture {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// None for an image.
    pub(crate) seconds: Option<f64>,
    /// How it is written: `jpg` or `png` for an image, one of the formats of `storage` for what is no usual video.
    pub(crate) format: &'static str,
    pub(crate) prompt: String,
    pub(crate) settings: Vec<String>,
    pub(crate) seed: u64,
}

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Queued,
    Running,
    Completed,
    Failed,
}

impl Job {
    pub(crate) fn phase(&self, at: f64) -> Phase {
        match self.failure {
            None if at >= self.ends => Phase::Completed,
            Some(_) if at >= self.ends => Phase::Failed,
            _ if at >= self.starts => Phase::Running,
            _ => Phase::Queued,
        }
    }
}

/// All jobs, in the order of their creation.
#[derive(Default)]
pub(crate) struct Jobs {
    all: Vec<Job>,
    by_id: HashMap<String, usize>,
    running: Vec<usize>,
    most: ByKind<usize>,
}

impl Jobs {
    pub(crate) fn add(&mut self, job: Job) {
        let (at, kind) = (self.all.len(), job.kind);
        self.by_id.insert(job.id.clone(), at);
        self.running.push(at);
        self.all.push(job);
        let running = self.running(kind);
        let most = self.most.of_mut(kind);
        *most = running.max(*most);
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Job> {
        self.by_id.get(id).and_then(|at| self.all.get(*at)).filter(|job| !job.deleted)
    }

    /// Whether there ever was one of that id.
    pub(crate) fn known(&self, id: &str) -> bool {
        self.by_id.contains_key(id)
    }

    /// Forgets one. It runs to its end all the same: nothing documents that deleting stops the work.
    pub(crate) fn delete(&mut self, id: &str) -> bool {
        let job = self.by_id.get(id).and_then(|at| self.all.get_mut(*at)).filter(|job| !job.deleted);
        job.map(|job| job.deleted = true).is_some()
    }

    /// Ends one that has not begun, as one that fails for that reason: its price is given back.
    pub(crate) fn cancel(&mut self, id: &str, now: f64, why: &'static str) -> bool {
        let job = self.by_id.get(id).and_then(|at| self.all.get_mut(*at));
        let Some(job) = job.filter(|job| !job.deleted && job.phase(now) == Phase::Queued) else { return false };
        (job.starts, job.ends, job.failure) = (f64::INFINITY, now, Some(why));
        true
    }

    /// Those that are not deleted, the oldest first.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Job> {
        self.all.iter().filter(|job| !job.deleted)
    }

    /// How many of a kind are not at their end, as of the last call of `settle`.
    pub(crate) fn running(&self, kind: Kind) -> usize {
        self.running.iter().filter_map(|at| self.all.get(*at)).filter(|job| job.kind == kind).count()
    }

    /// How many of those that are counted there with that kind.
    pub(crate) fn running_at(&self, api: Api, kind: Kind) -> usize {
        let running = self.running.iter().filter_map(|at| self.all.get(*at));
        running.filter(|job| job.api == api && api.counted_as(job.kind) == api.counted_as(kind)).count()
    }

    /// The most that ever ran at once.
    pub(crate) fn most(&self) -> ByKind<usize> {
        self.most
    }

    /// Ends what ends by now, and gives the cents of those that failed.
    pub(crate) fn settle(&mut self, now: f64) -> f64 {
        let Jobs { all, running, .. } = self;
        let mut refund = 0.0;
        running.retain(|at| match all.get(*at) {
            Some(job) if job.ends > now => true,
            Some(job) => {
                refund += if job.failure.is_some() { job.charge } else { 0.0 };
                false
            }
            None => false,
        });
        refund
    }
}
