//! Who sees all that happens: writes it down when it is asked for, and says at once what must never be.

use crate::ledger::{End, SharedLedger};
use crate::plan::{Plan, Stores, item_in};
use crate::side::Side;
use crate::virtual_time::{EPOCH, Happening, KEY, Store};
use luma_edge::error::Code;
use luma_edge::http::{Body, Method, Request};
use luma_edge::json::Json;
use serde_json::Value;
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

/// What was seen.
#[derive(Default)]
pub struct Seen {
    /// One line for each thing that happened; none when nobody wants them.
    pub trace: Option<Vec<String>>,
    /// What must not be.
    pub wrong: Vec<String>,
    /// How many polls went out.
    pub polls: u64,
    /// How many creations went out, by item.
    pub sent: BTreeMap<String, u64>,
    /// Which ticket each job belongs to, and which machine wrote so.
    owners: BTreeMap<String, (String, u64)>,
    /// The last job that callers on each machine heard of.
    pub heard: BTreeMap<u64, String>,
    /// The store into which each ticket was first written.
    homes: BTreeMap<String, Store>,
    /// The last polls of each machine.
    recent: BTreeMap<u64, VecDeque<f64>>,
}

impl Seen {
    pub fn new(traced: bool) -> Self {
        Seen { trace: traced.then(Vec::new), ..Seen::default() }
    }
}

/// What a witness has to know.
pub struct Witness {
    pub seen: Rc<RefCell<Seen>>,
    pub ledger: SharedLedger,
    /// By machine.
    pub stores: Rc<RefCell<BTreeMap<u64, Store>>>,
    shared: bool,
    most_polls: usize,
    failing: bool,
}

/// Looks of one client within a second.
const MOST_POLLS: usize = 5;
/// On top of them, for each creation that may have been lost: it searches for itself, and again when a search fails or an identical
/// creation was sent meanwhile.
const RECOVERY_READS: usize = 3;

impl Witness {
    pub fn new(plan: &Plan, seen: Rc<RefCell<Seen>>, ledger: SharedLedger) -> Self {
        let shared = matches!(plan.stores, Stores::Shared | Stores::Apart) && plan.fault_config.locking;
        let clients: usize = plan.processes.iter().map(|process| process.clients.len()).sum();
        // Where a list does not tell what was asked for, recovery reads each job that may be the one; two searches in a row at most.
        let rows = if plan.side == Side::Piapi { 2 * plan.calls() } else { 0 };
        let most_polls = MOST_POLLS * clients + (RECOVERY_READS + rows) * plan.calls();
        let failing = plan.fault_config.store_failure > 0.0;
        Witness { seen, ledger, stores: Rc::default(), shared, most_polls, failing }
    }

    pub fn see(&self, at: f64, machine: u64, happening: Happening<'_>) {
        let seen = &mut *self.seen.borrow_mut();
        let (line, secret) = match &happening {
            Happening::Sent(request) => {
                self.sent(seen, at, machine, request);
                let fields = request.headers.iter().filter(|(name, _)| !["authorization", "x-api-key"].contains(name));
                let open: Vec<_> = fields.map(|(name, value)| format!("{name}: {value}")).collect();
                (named("->", request, ""), format!("{} {:?} {}", request.url, request.body, open.join(" ")))
            }
            Happening::Arrived(request) => (named("=>", request, ""), String::new()),
            Happening::Answered(request, answer) => {
                let what = match answer {
                    Ok(response) => format!(" {} {}", response.status, said(&response.body)),
                    Err(error) => format!(" {error:?}"),
                };
                (named("<-", request, &what), String::new())
            }
            Happening::Event(event) => {
                let text = event.to_string();
                let told_elsewhere = ["request", "response"].contains(&event["type"].as_str().unwrap_or_default());
                (if told_elsewhere { String::new() } else { text.clone() }, text)
            }
            Happening::Written(key, value) => {
                let text = value.map_or("deleted".to_owned(), |value| value.to_string());
                self.written(seen, at, machine, key, *value);
                (format!("{key}: {text}"), format!("{key} {text}"))
            }
        };
        if secret.contains(KEY) {
            seen.wrong.push(format!("the key shows: {line}"));
        }
        if !line.is_empty()
            && let Some(trace) = &mut seen.trace
        {
            trace.push(format!("{:>9.3} #{machine} {line}", (at - EPOCH) / 1000.0));
        }
    }

    /// A line of somebody else's.
    pub fn note(&self, at: f64, machine: u64, text: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.seen.borrow_mut().trace {
            trace.push(format!("{:>9.3} #{machine} {}", (at - EPOCH) / 1000.0, text()));
        }
    }

    fn sent(&self, seen: &mut Seen, at: f64, machine: u64, request: &Request<Json>) {
        if self.ledger.borrow().active.get(&machine).is_none_or(|calls| *calls == 0) {
            seen.wrong.push(format!("nobody waits, and it goes on: {}", named("->", request, "")));
        }
        if request.method != Method::Post {
            seen.polls += 1;
            let recent = seen.recent.entry(machine).or_default();
            recent.push_back(at);
            while recent.front().is_some_and(|first| at - first >= 1000.0) {
                recent.pop_front();
            }
            if recent.len() > self.most_polls {
                seen.wrong.push(format!("{} polls within a second", recent.len()));
            }
            return;
        }
        let body = request.body.as_ref().map(Json::to_string).unwrap_or_default();
        let Some(item) = item_in(&body) else { return };
        *seen.sent.entry(item.to_owned()).or_default() += 1;
        self.not_given_up(seen, item);
        let stores = self.stores.borrow();
        let Some(store) = stores.get(&machine) else { return };
        let entries = store.entries();
        let tickets: Vec<_> = entries
            .iter()
            .filter(|(key, ticket)| key.starts_with("ticket:") && item_in(&ticket["request"].to_string()) == Some(item))
            .collect();
        let ready = |(key, ticket): &&(&String, &Json)| {
            ticket.get("sent").is_some() && (!self.shared || store.holder(key) == Some(machine))
        };
        if !tickets.iter().any(|ticket| ready(&ticket)) {
            let holders: Vec<_> = tickets.iter().map(|(key, _)| (key, store.holder(key))).collect();
            seen.wrong.push(format!("{item} is sent without a ticket in our hands: {holders:?}"));
        }
    }

    /// Nobody sends what its caller gave up. A store that failed, or a crash, may have lost the word.
    fn not_given_up(&self, seen: &mut Seen, item: &str) {
        let ledger = self.ledger.borrow();
        let given_up = ledger.calls.iter().any(|call| {
            call.item == item
                && call.unique
                && call.quit
                && !matches!(call.ended, Some((_, crate::ledger::End::Left(_))))
        });
        if given_up && !self.failing {
            seen.wrong.push(format!("{item} is sent after its caller gave it up"));
        }
    }

    /// Two tickets never claim one job, and each stays in its own client's store.
    fn written(&self, seen: &mut Seen, at: f64, machine: u64, key: &str, value: Option<&Json>) {
        if let (Some(ticket), Some(done)) = (key.strip_prefix("tombstone:"), value) {
            let doubt = || End::Doubt(Some(ticket.to_owned()));
            let end = done["job"].as_str().map_or_else(doubt, |job| End::Handed(job.to_owned()));
            self.ledger.borrow_mut().handing(machine, ticket, end, at);
        } else if let (Some(ticket), None) = (key.strip_prefix("ticket:"), value) {
            // Nothing is to come of it.
            self.ledger.borrow_mut().handing(machine, ticket, End::Refused(Code::Aborted), at);
        }
        let Some(ticket) = value.filter(|_| key.starts_with("ticket:")) else { return };
        let store = &self.stores.borrow()[&machine];
        if seen.homes.entry(key.to_owned()).or_insert_with(|| store.clone()) != store {
            seen.wrong.push(format!("{key} is written into the store of another client"));
        }
        if let Some(job) = ticket.get("job").and_then(|job| job.as_str()) {
            let (owner, _) = seen.owners.entry(job.to_owned()).or_insert_with(|| (key.to_owned(), machine));
            if owner != key {
                let wrong = format!("{key} claims the job {job}, which is {owner}'s");
                seen.wrong.push(wrong);
            }
        }
    }

    /// A job that was given to its caller has no ticket in its client's store any more.
    pub fn given(&self, machine: u64, end: &End, kept: bool) {
        let stores = self.stores.borrow();
        let (End::Handed(job), Some(store), false) = (end, stores.get(&machine), kept || self.failing) else { return };
        for (key, _) in store.entries().iter().filter(|(_, ticket)| ticket["job"] == **job) {
            if key.starts_with("ticket:") {
                self.seen.borrow_mut().wrong.push(format!("{job} was given, and {key} is there"));
            }
        }
    }

    /// What a machine wrote last may not be there after its crash: the next life may share the jobs of identical creations out
    /// in another way.
    pub fn crashed(&self, machine: u64) {
        self.seen.borrow_mut().owners.retain(|_, (_, writer)| *writer != machine);
    }
}

fn named(arrow: &str, request: &Request<Json>, what: &str) -> String {
    let path = request.url.split("/v1/").nth(1).unwrap_or(&request.url);
    let body = request.body.as_ref().map(Json::to_string).unwrap_or_default();
    let item = item_in(&body).map(|item| format!(" {item}")).unwrap_or_default();
    format!("{arrow} {} {path}{item}{what}", request.method.as_str())
}

fn said(body: &Body) -> String {
    match body {
        Body::Json(json) if json.get("id").is_some() => format!("{} {}", json["id"], json["state"]),
        Body::Json(json) if json.get("generations").is_some() => {
            let jobs = json["generations"].as_array().map(Vec::as_slice).unwrap_or_default();
            let short = |job: &Value| format!("{:.8} {}", job["id"].as_str().unwrap_or_default(), job["state"]);
            jobs.iter().map(short).collect::<Vec<_>>().join(", ")
        }
        Body::Json(json) => json.to_string(),
        Body::Text(_) => "text".into(),
        Body::Empty => "nothing".into(),
    }
}
