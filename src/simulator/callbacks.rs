//! Updates that are POSTed to the address a request gave.
//!
//! When, and how often they are tried again, is each provider's: see [`Api::calls`]. Each try may take 5 s (Luma's guide), which
//! is kept by whoever does the POST.

use serde::Serialize;

use super::api::{Api, Calls};
use super::jobs::Job;

/// One POST to make.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Callback {
    /// What [`delivered`](super::Simulator::delivered) takes.
    pub id: u64,
    /// The address that it goes to.
    pub url: String,
    /// The header fields beside the content's type.
    pub headers: Vec<(String, String)>,
    /// The provider's own object, as JSON text.
    pub body: String,
}

/// A delivery that is due, without its body: that is the provider's to write.
pub(crate) struct Due {
    pub(crate) id: u64,
    pub(crate) url: String,
    pub(crate) job: String,
    /// The time that the update is about.
    pub(crate) of: f64,
}

struct Delivery {
    due: Due,
    api: Api,
    at: f64,
    tries: u32,
    under_way: bool,
}

/// All deliveries that are still to be made, and how the others went.
#[derive(Default)]
pub(crate) struct Callbacks {
    waiting: Vec<Delivery>,
    last: u64,
    pub(crate) sent: u64,
    pub(crate) delivered: u64,
    pub(crate) given_up: u64,
}

impl Callbacks {
    /// Plans the updates of a job that asked for them.
    pub(crate) fn plan(&mut self, job: &Job) {
        let Some(receiver) = &job.callback else { return };
        let starts = (job.starts < job.ends && job.api.calls().starts).then_some(job.starts);
        for at in starts.into_iter().chain([job.ends]) {
            self.last += 1;
            let due = Due { id: self.last, url: receiver.url.clone(), job: job.id.clone(), of: at };
            self.waiting.push(Delivery { due, api: job.api, at, tries: 0, under_way: false });
        }
    }

    /// Drops what a deleted job had planned.
    pub(crate) fn forget(&mut self, job: &str) {
        self.waiting.retain(|delivery| delivery.due.job != job);
    }

    pub(crate) fn next(&self) -> Option<f64> {
        self.waiting.iter().filter(|d| !d.under_way).map(|d| d.at).min_by(f64::total_cmp)
    }

    /// Takes up what is due, in the order of time.
    pub(crate) fn take(&mut self, now: f64) -> Vec<Due> {
        self.waiting.sort_by(|a, b| a.at.total_cmp(&b.at));
        let mut taken = Vec::new();
        for delivery in self.waiting.iter_mut().filter(|d| !d.under_way && d.at <= now) {
            delivery.under_way = true;
            delivery.tries += 1;
            self.sent += 1;
            let Due { id, url, job, of } = &delivery.due;
            taken.push(Due { id: *id, url: url.clone(), job: job.clone(), of: *of });
        }
        taken
    }

    /// How one went: its status, or none when there was no answer in time.
    pub(crate) fn report(&mut self, now: f64, id: u64, status: Option<u16>) {
        let Some(at) = self.waiting.iter().position(|d| d.due.id == id && d.under_way) else {
            return;
        };
        let good = |calls: Calls| status.is_some_and(|status| calls.good.contains(&status));
        if self.waiting.get(at).is_some_and(|d| good(d.api.calls())) {
            self.delivered += 1;
            self.waiting.swap_remove(at);
        } else if let Some(delivery) = self.waiting.get_mut(at).filter(|d| d.tries <= d.api.calls().retries) {
            delivery.under_way = false;
            delivery.at = now + delivery.api.calls().apart;
        } else {
            self.given_up += 1;
            self.waiting.swap_remove(at);
        }
    }
}
