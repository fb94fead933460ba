//! What a simulator was asked and how it went, for tests to look at.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

use super::answer::{Outcome, Reply};
use super::faults::Fault;
use super::limits::ByKind;
use crate::http::Request;

/// So many requests are kept.
const KEPT: usize = 10_000;

/// One request that arrived.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Received {
    /// When it arrived, in ms of simulator time.
    pub at: f64,
    /// The verb.
    pub method: &'static str,
    /// The path and the query, without the host.
    pub path: String,
    /// The route's name in the statistics.
    pub route: &'static str,
    /// The names of its header fields: values may be keys.
    pub headers: Vec<String>,
    /// Its body, if it is text and holds no secret.
    pub body: Option<String>,
    /// The status of the answer; none when the connection was cut or stays silent.
    pub status: Option<u16>,
    /// The fault that struck it, as it was written.
    pub fault: Option<String>,
}

/// What happened so far.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stats {
    /// Simulator time, in ms.
    pub now: f64,
    /// How many requests arrived, by route.
    pub requests: BTreeMap<&'static str, u64>,
    /// How many were answered, by status; what a fault made up is among them.
    pub statuses: BTreeMap<u16, u64>,
    /// How many faults struck, as they were written.
    pub faults: BTreeMap<String, u64>,
    /// How many jobs were made, also those whose answer was lost.
    pub created: ByKind<u64>,
    /// How many creations were refused for too many at once, and for too many in a minute.
    pub limited: Limited,
    /// How many jobs are unfinished.
    pub running: ByKind<usize>,
    /// The most that were unfinished at once.
    pub max_running: ByKind<usize>,
    /// The account, in US cents.
    pub credits: Cents,
    /// Updates that were POSTed.
    pub callbacks: CallbackStats,
    /// How often a file was asked for, or sent to where it is stored, with an `authorization` field: a key sent where it
    /// must not go.
    pub key_leaks: u64,
}

/// Creations refused for a limit.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Limited {
    /// How many were refused because too many jobs ran.
    pub concurrent: u64,
    /// How many were refused because too many came in a minute.
    pub per_minute: u64,
}

/// An account's money, in US cents.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Cents {
    /// What is left.
    pub balance: f64,
    /// What jobs were charged, also those that failed later.
    pub charged: f64,
    /// What failed jobs gave back.
    pub refunded: f64,
}

/// How callbacks went.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CallbackStats {
    /// POSTs, retries among them.
    pub sent: u64,
    /// Updates that were answered with 200.
    pub delivered: u64,
    /// Updates that no try delivered.
    pub given_up: u64,
}

/// The record.
#[derive(Default)]
pub(crate) struct Journal {
    pub(crate) stats: Stats,
    received: VecDeque<Received>,
}

impl Journal {
    /// A request arrived and was dealt with.
    pub(crate) fn record(
        &mut self,
        at: f64,
        route: &'static str,
        path: String,
        request: &Request<Vec<u8>>,
        fault: Option<&Fault>,
        reply: &Reply,
    ) {
        *self.stats.requests.entry(route).or_default() += 1;
        let status = match &reply.outcome {
            Outcome::Answer(response) | Outcome::Truncated(response) => Some(response.status),
            Outcome::Refused | Outcome::Cut | Outcome::Silence => None,
        };
        if let Some(status) = status {
            *self.stats.statuses.entry(status).or_default() += 1;
        }
        if self.received.len() == KEPT {
            self.received.pop_front();
        }
        self.received.push_back(Received {
            at,
            method: request.method.as_str(),
            path,
            route,
            headers: request.headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect(),
            body: text(route, request),
            status,
            fault: fault.map(|fault| fault.text.clone()),
        });
    }

    /// A fault struck.
    pub(crate) fn struck(&mut self, fault: &Fault) {
        *self.stats.faults.entry(fault.text.clone()).or_default() += 1;
    }

    pub(crate) fn received(&self) -> impl ExactSizeIterator<Item = &Received> {
        self.received.iter()
    }
}

/// A body to be shown: an uploaded file would fill the record, and a session is as good as a password.
fn text(route: &str, request: &Request<Vec<u8>>) -> Option<String> {
    let shown = request.body.as_ref().filter(|_| route != "useapi-add-account");
    shown.and_then(|bytes| String::from_utf8(bytes.clone()).ok())
}
