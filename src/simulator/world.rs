//! What all providers of a simulator share: one account with its jobs and its money. Each has limits of its own.

use super::agents::files::Files;
use super::api::Api;
use super::callbacks::Callbacks;
use super::credits::Credits;
use super::jobs::{Job, Jobs};
use super::journal::Limited;
use super::limits::{Allowance, ByKind, Excess, Kind, Limiter};
use super::options::Options;
use super::random::Dice;
use super::storage::{Drawn, Links};
use super::uploads::Uploads;
use super::useapi::Accounts;

pub(crate) struct World {
    pub(crate) options: Options,
    pub(crate) links: Links,
    pub(crate) drawn: Drawn,
    pub(crate) uploads: Uploads,
    pub(crate) jobs: Jobs,
    pub(crate) files: Files,
    pub(crate) credits: Credits,
    pub(crate) callbacks: Callbacks,
    pub(crate) dice: Dice,
    pub(crate) created: ByKind<u64>,
    pub(crate) limited: Limited,
    /// The Luma accounts that useapi.net works on.
    pub(crate) useapi: Accounts,
    limiters: Vec<(Api, Limiter)>,
}

/// Why no job is made of a request that is right.
pub(crate) enum Refusal {
    Credits,
    Limit(Excess),
}

impl World {
    pub(crate) fn new(options: Options) -> Self {
        World {
            links: Links::new(&options.base_url, options.asset_ttl),
            drawn: Drawn::default(),
            uploads: Uploads::default(),
            jobs: Jobs::default(),
            files: Files::default(),
            credits: Credits::new(options.credits),
            callbacks: Callbacks::default(),
            dice: Dice::new(options.seed),
            created: ByKind::default(),
            limited: Limited::default(),
            useapi: Accounts::default(),
            limiters: Api::ALL.map(|api| (api, Limiter::new(options.limits.unwrap_or(api.limits())))).into(),
            options,
        }
    }

    /// Ends what ends by now.
    pub(crate) fn settle(&mut self, now: f64) {
        let refund = self.jobs.settle(now);
        self.credits.refund(refund);
    }

    /// Whether one more job of that kind and price may be made there.
    pub(crate) fn admit(&mut self, now: f64, api: Api, kind: Kind, price: f64) -> Result<(), Refusal> {
        if !self.credits.affords(price) {
            return Err(Refusal::Credits);
        }
        let running = self.jobs.running_at(api, kind);
        let counted = api.counted_as(kind);
        let checked = self.limiter(api).map_or(Ok(()), |limiter| limiter.check(now, counted, running));
        checked.map_err(|excess| {
            match excess {
                Excess::Concurrent => self.limited.concurrent += 1,
                Excess::PerMinute { .. } => self.limited.per_minute += 1,
            }
            Refusal::Limit(excess)
        })
    }

    /// Takes in a job that was admitted.
    pub(crate) fn open(&mut self, job: Job) {
        *self.created.of_mut(job.kind) += 1;
        if let Some(limiter) = self.limiter(job.api) {
            limiter.count(job.created, job.api.counted_as(job.kind));
        }
        self.credits.charge(job.charge);
        self.callbacks.plan(&job);
        self.jobs.add(job);
    }

    /// What is left of a minute's creations there.
    pub(crate) fn allowance(&self, now: f64, api: Api, kind: Kind) -> Option<Allowance> {
        let (_, limiter) = self.limiters.iter().find(|(of, _)| *of == api)?;
        limiter.allowance(now, api.counted_as(kind))
    }

    fn limiter(&mut self, api: Api) -> Option<&mut Limiter> {
        self.limiters.iter_mut().find(|(of, _)| *of == api).map(|(_, limiter)| limiter)
    }
}
