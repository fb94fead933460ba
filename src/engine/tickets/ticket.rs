//! The record by which a job can be resumed after a reload or a crash. A ticket is written before its creation is sent. So at
//! any moment there is either no job or a ticket by which it is found.
//!
//! In the store it is plain JSON. Fields that another version wrote are kept. docs/how-it-works.md lists the fields.

use crate::generation::State;
use crate::json::{Json, Kind};
use crate::provider::ProviderId;
use crate::request::{GenerationRequest, RequestKind};

/// Begins the key of every ticket in the store.
pub const TICKET_PREFIX: &str = "ticket:";
/// Begins the key of a ticket that could not be read.
pub const QUARANTINE_PREFIX: &str = "quarantine:";
/// Begins the key of what is left of a ticket whose job was delivered.
pub const TOMBSTONE_PREFIX: &str = "tombstone:";
/// How many things of one kind are remembered at most: tickets that no call works on, tickets that are gone, jobs that belong to
/// others.
pub const MAX_REMEMBERED: usize = 1000;
/// How many tombstones are kept at most. Within the documented limits fewer are written while they are needed.
pub const MAX_TOMBSTONES: usize = 4 * MAX_REMEMBERED;
/// The version of the fields below. A change that only adds fields keeps it; one that changes their meaning raises it.
const VERSION: f64 = 1.0;

/// The fields that this version writes.
const FIELDS: [(&str, Kind); 19] = [
    ("v", Kind::Number),
    ("request", Kind::Object),
    ("provider", Kind::String),
    ("account", Kind::String),
    ("kind", Kind::String),
    ("parent", Kind::String),
    ("job", Kind::String),
    ("state", Kind::String),
    ("sent", Kind::Number),
    ("first", Kind::Number),
    ("skew", Kind::Number),
    ("usd", Kind::Number),
    ("withdrawn", Kind::Number),
    ("lost_at", Kind::Number),
    ("found", Kind::Number),
    ("excluded_jobs", Kind::Object),
    ("label", Kind::String),
    ("keep", Kind::Number),
    ("keyed", Kind::Number),
];

/// The field of a request that must not be shown.
const SECRET: &str = "callback_secret";

/// One creation, or the job that came of it.
#[derive(Clone)]
pub struct Ticket {
    pub id: String,
    /// The owner: several clients may share a store.
    pub provider: String,
    pub account: String,
    pub request: GenerationRequest,
    /// The earlier job that this one is made out of.
    pub parent: Option<String>,
    /// When it was sent last and first, in ms since 1970.
    pub sent: Option<f64>,
    pub first: Option<f64>,
    /// The least that the server's clock was ahead of ours at that time, where it was known.
    pub skew: Option<f64>,
    /// The job, once it is known, and where it stands.
    pub job: Option<String>,
    pub state: Option<State>,
    /// Its price in dollars, where it is known.
    pub usd: Option<f64>,
    /// The caller gave up or got an error: the job may be recovered, but the creation must not be sent again.
    pub withdrawn: bool,
    /// When its answer was lost, by the clock of `sent`; from then on recovery of identical creations need not wait for its answer.
    pub lost_at: Option<f64>,
    /// When its job was made, by the server's clock, if recovery found it: it may be that of another creation of this request.
    pub found: Option<f64>,
    /// The caller's own word for it.
    pub label: Option<String>,
    /// Whether it stays when its job is completed, until the caller acknowledges that.
    pub keep: bool,
    /// Whether it was sent with its id as the idempotency key, each time.
    pub keyed: bool,
    /// Jobs that are known to belong to other tickets, the newest last.
    pub excluded_jobs: Vec<String>,
    /// The ticket as it was read: the fields of another version are kept in it.
    raw: Json,
}

/// A ticket as it is found in the store.
pub enum StoredTicket {
    Ticket(Box<Ticket>),
    /// A later version wrote it, and this one cannot act on it: it is left alone.
    Newer,
    Corrupt,
}

impl Ticket {
    pub fn new(
        id: String,
        provider: ProviderId,
        account: &str,
        request: GenerationRequest,
        parent: Option<String>,
    ) -> Self {
        Ticket {
            id,
            provider: provider.as_str().to_owned(),
            account: account.to_owned(),
            request,
            parent,
            sent: None,
            first: None,
            skew: None,
            job: None,
            state: None,
            usd: None,
            withdrawn: false,
            lost_at: None,
            found: None,
            label: None,
            keep: false,
            keyed: false,
            excluded_jobs: Vec::new(),
            raw: Json::object(Vec::new()),
        }
    }

    /// Whether its creation was sent and the outcome is not known.
    pub fn is_unsettled(&self) -> bool {
        self.sent.is_some() && self.job.is_none()
    }

    /// Whether its job has ended.
    pub fn is_finished(&self) -> bool {
        self.state.is_some_and(State::is_final)
    }

    /// Nothing that was sent was made.
    pub fn set_unsent(&mut self) {
        (self.sent, self.first, self.skew) = (None, None, None);
    }

    /// A job belongs to another ticket.
    pub fn exclude(&mut self, job: &str) {
        if !self.excluded_jobs.iter().any(|other| other == job) {
            keep_newest(&mut self.excluded_jobs, MAX_REMEMBERED, job.to_owned());
        }
    }

    pub fn read(id: &str, value: &Json) -> StoredTicket {
        if value.kind() != Kind::Object {
            return StoredTicket::Corrupt;
        }
        if value.num("v").is_some_and(|version| version > VERSION) {
            return StoredTicket::Newer;
        }
        // A field of the wrong type never counts as absent: the creation could be sent a second time.
        let wrong = |(key, kind): &(&str, Kind)| value.get(key).is_some_and(|field| field.kind() != *kind);
        let request = value.get("request").filter(|_| !FIELDS.iter().any(wrong));
        let kind = value.text("kind");
        let (Some(body), Some(kind), Some(provider), Some(account)) =
            (request, kind, value.text("provider"), value.text("account"))
        else {
            return StoredTicket::Corrupt;
        };
        let Some(kind) = RequestKind::named(&kind) else { return StoredTicket::Newer };
        StoredTicket::Ticket(Box::new(Ticket {
            id: id.to_owned(),
            provider,
            account,
            request: GenerationRequest { kind, body },
            parent: value.text("parent"),
            sent: value.num("sent"),
            first: value.num("first").or_else(|| value.num("sent")),
            skew: value.num("skew"),
            job: value.text("job").filter(|job| !job.is_empty()),
            state: value.text("state").and_then(|word| State::named(&word)),
            usd: value.num("usd"),
            withdrawn: value.num("withdrawn").is_some(),
            lost_at: value.num("lost_at"),
            found: value.num("found"),
            label: value.text("label"),
            keep: value.num("keep").is_some(),
            keyed: value.num("keyed").is_some(),
            excluded_jobs: value.get("excluded_jobs").map(|others| others.keys()).unwrap_or_default(),
            raw: value.clone(),
        }))
    }

    pub fn write(&self) -> Json {
        let mut fields = vec![("v", Json::number(self.raw.num("v").unwrap_or(VERSION)))];
        fields.push(("request", self.request.body.clone()));
        let mut text = |key, text: Option<&str>| {
            if let Some(text) = text {
                fields.push((key, Json::string(text)));
            }
        };
        text("provider", Some(&self.provider));
        text("account", Some(&self.account));
        text("kind", Some(self.request.kind.as_str()));
        text("parent", self.parent.as_deref());
        text("job", self.job.as_deref());
        text("state", self.state.map(State::as_str));
        text("label", self.label.as_deref());
        let mut number = |key, number: Option<f64>| {
            if let Some(number) = number {
                fields.push((key, Json::number(number)));
            }
        };
        number("sent", self.sent);
        number("first", self.first);
        number("skew", self.skew);
        number("usd", self.usd);
        number("withdrawn", self.withdrawn.then_some(1.0));
        number("lost_at", self.lost_at);
        number("found", self.found);
        number("keep", self.keep.then_some(1.0));
        number("keyed", self.keyed.then_some(1.0));
        if !self.excluded_jobs.is_empty() {
            let others = self.excluded_jobs.iter().map(|job| (job.as_str(), Json::number(1.0))).collect();
            fields.push(("excluded_jobs", Json::object(others)));
        }
        let read = self.raw.keys();
        for key in &read {
            if FIELDS.iter().all(|(field, _)| field != key)
                && let Some(value) = self.raw.get(key)
            {
                fields.push((key, value));
            }
        }
        Json::object(fields)
    }
}

/// Adds to a list that is bounded: the oldest goes when there are too many.
pub fn keep_newest<T>(list: &mut Vec<T>, most: usize, newest: T) {
    list.push(newest);
    if list.len() > most {
        list.remove(0);
    }
}

/// The request as callers may see it: a copy, since in JavaScript a caller that changes what it was shown would change the ticket.
pub fn without_secret(request: &GenerationRequest) -> Json {
    match request.body.get(SECRET) {
        Some(_) => request.body.without(SECRET).deep_copy(),
        None => request.body.deep_copy(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    #[test]
    fn every_field_that_is_written_is_known_and_read_again() {
        let stored = json!({
            "v": 1, "request": { "prompt": "A tiger" }, "provider": "agents", "account": "a", "kind": "video", "parent": "p",
            "job": "j", "state": "queued", "sent": 2, "first": 1, "skew": 3, "usd": 4, "withdrawn": 1, "lost_at": 5, "found": 6,
            "excluded_jobs": { "other": 1 }, "label": "l", "keep": 1, "keyed": 1,
        });
        let mut known: Vec<_> = FIELDS.iter().map(|(name, _)| *name).collect();
        known.sort_unstable();
        let mut here = stored.keys();
        here.sort_unstable();
        assert_eq!(here, known);
        // What is not read would be written out of what it was read from.
        let mut written = match Ticket::read("1", &stored) {
            StoredTicket::Ticket(ticket) => Ticket { raw: Json::default(), ..*ticket }.write().keys(),
            _ => Vec::new(),
        };
        written.sort_unstable();
        assert_eq!(written, known);
    }

    #[test]
    fn jobs_of_others_are_kept_once_each_and_not_without_end() {
        let request = GenerationRequest { kind: RequestKind::Video, body: json!({ "prompt": "A tiger" }) };
        let mut ticket = Ticket::new("1".to_owned(), ProviderId::DreamMachine, "", request, None);
        for _ in 0..3 {
            ticket.exclude("job");
        }
        assert_eq!(ticket.excluded_jobs, ["job"]);
        for number in 0..2 * MAX_REMEMBERED {
            ticket.exclude(&number.to_string());
        }
        assert_eq!(ticket.excluded_jobs.len(), MAX_REMEMBERED);
        assert_eq!(ticket.excluded_jobs.last().map(String::as_str), Some("1999"));
    }
}
