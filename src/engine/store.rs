//! The store that outlives a client: tickets in it and out of it, and what was learnt of how long jobs take.

use super::account::{Hands, Known};
use super::create::without_secret;
use super::rivals::UNKNOWN;
use super::ticket::{ASIDE, DONE, PREFIX, Read, Ticket};
use super::{Client, Event, Host, Outcome};
use crate::error::{Code, Error};
use crate::generation::Generation;
use crate::json::Json;
use crate::request::Request;
use crate::text::{concat, integer, replace};
use serde::Serialize;
use std::rc::Rc;

/// What was learnt of how long jobs take.
const DURATIONS: &str = "durations";
/// Says of a job that is over that it was looked for: it need not be that of its creation.
const FOUND: &str = "found";
/// What is kept of a creation of which nobody knows what became.
const LOST: &str = "lost";
/// How often, and how far apart in ms, a call asks whether another one has read the store.
const OPENINGS: u32 = 100;
const OPENING: f64 = 20.0;
/// How long what is left of a ticket stays at least, in ms. A creation of a machine whose clock is wrong may be placed so much too
/// early, where a job that is over could be taken for its own: that clock may be behind, its error is allowed for, and so is that
/// of whoever wrote when the job was over.
const OVER: f64 = 3.0 * UNKNOWN;
/// What stands for the ticket's id in a `callback_url`: with it a lost job is found for certain.
const PLACEHOLDER: &str = "{ticket}";

/// A job, or a creation, that can be taken up again.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS), ts(bound = "", concrete(Json = ()), optional_fields))]
pub struct TicketInfo {
    /// Its id.
    pub ticket: String,
    /// The job's id, once it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Where the job was when it was last looked at, once it is known; before that `waiting`, for its turn, or `sent`. Absent when the
    /// ticket cannot be read.
    #[cfg_attr(feature = "types", ts(optional, type = "\"waiting\" | \"sent\" | State"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<&'static str>,
    /// What was asked for, where that can be read, without a `callback_secret`.
    #[cfg_attr(feature = "types", ts(optional, type = "Record<string, unknown>"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Json>,
    /// Why it cannot be taken up: it cannot be read and was set aside; or it is of a newer version of the client, or of another key or
    /// address, and was left alone.
    #[cfg_attr(feature = "types", ts(skip))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
}

/// What there is in the store and is not for this client.
pub(super) struct Strange {
    newer: Vec<String>,
    corrupt: Vec<(String, Json)>,
    /// Of the same provider, made with another key or at another address.
    others: Vec<Ticket>,
}

/// Whether the store was read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Opened {
    No,
    Soon,
    Yes,
}

impl<H: Host> Client<H> {
    /// Makes a ticket.
    pub(super) fn ticket(&self, mut request: Request, parent: Option<String>) -> Rc<Known> {
        let id = self.random_id();
        if let Some(url) = request.body.text("callback_url") {
            request.body = request.body.with("callback_url", Json::string(&replace(&url, PLACEHOLDER, &id)));
        }
        self.account.prune();
        self.account.add(self.owner, Ticket::new(id, self.provider.id(), &self.account.fingerprint(), request, parent))
    }

    /// 78 bits in digits: two of a store never meet.
    fn random_id(&self) -> String {
        let half = || integer((self.host.random() * 1e12) as u64);
        concat(&[&half(), "-", &half()])
    }

    pub(super) fn key(&self, known: &Known) -> String {
        concat(&[PREFIX, &known.ticket.borrow().id])
    }

    /// Takes an entry's lock; `None` while another client has it.
    pub(super) async fn lock(&self, key: &str) -> Outcome<Option<H::Lock>> {
        let failed =
            |reason: String| Error::new(Code::Store, concat(&["The store could not lock ", key, ": ", &reason]));
        self.host.lock(key).await.map_err(failed)
    }

    /// Writes down what is known by now. Nobody waits for it: should it fail, the ticket is found by what was written last.
    pub(super) fn keep(&self, known: &Known) {
        drop(self.write_down(known));
    }

    /// The same, to be waited for; the write is under way at once. `None` where nothing is stored.
    pub(super) fn write_down(&self, known: &Known) -> Option<impl Future<Output = Result<(), String>>> {
        self.host.stores().then(|| self.host.write(&self.key(known), Some(&known.ticket.borrow().write())))
    }

    /// The answer to its creation is not waited for any more.
    pub(super) fn doubt(&self, known: &Known, lost_at: f64) {
        known.ticket.borrow_mut().doubt = Some(lost_at);
        known.learn_lost(self.host.now());
        self.keep(known);
    }

    /// The ticket has done its work.
    pub(super) fn forget(&self, known: &Rc<Known>) {
        self.account.remove(known);
        if self.host.stores() {
            self.account.left(&known.ticket.borrow().id);
            drop(self.host.write(&self.key(known), None));
        }
    }

    /// A job is handed to its caller, finished or failed: in the same step its ticket goes. That it does is written first, so that there
    /// is no moment at which another client could take the job for that of a lost creation.
    pub(super) fn handed_over(&self, generation: &Generation) {
        let id = generation.id.as_str();
        self.account.ended(id);
        let Some(known) = self.account.of_job(id) else { return };
        if let Some(payment) = &*known.payment.borrow() {
            payment.keep(!generation.failure.as_ref().is_some_and(|failure| failure.refunded));
        }
        let now = self.host.now();
        let made = self.created(generation);
        self.account.handed_over(id, made.unwrap_or(now + self.account.skew.low()), now);
        let mut what = vec![("job", Json::string(id))];
        if known.ticket.borrow().doubt.is_some() {
            what.push((FOUND, Json::number(1.0)));
        }
        self.keep_end(&known, what);
        self.forget(&known);
        // A lost creation of the same kind must not take this job for its own, now that no ticket claims it. Those that others
        // work on are theirs to write.
        self.leaves(&known, known.lost.get());
        for other in self.account.tickets() {
            let mut ticket = other.ticket.borrow_mut();
            if ticket.unsettled() && ticket.request.kind == known.ticket.borrow().request.kind {
                ticket.others.push(id.to_owned());
                drop(ticket);
                if matches!(other.hands.get(), Hands::Here | Hands::Sending) {
                    self.keep(&other);
                }
            }
        }
    }

    /// Whoever took it up is told that nobody knows what became of it. What it was is kept: its job may turn up among those that fit
    /// another creation, and a program that dies just now has told nobody.
    pub(super) fn given_up(&self, known: &Rc<Known>) {
        self.keep_end(known, vec![(LOST, known.ticket.borrow().write())]);
        known.paid();
        self.left_in_doubt(known);
        self.forget(known);
    }

    /// Writes down what is left of a ticket that goes, and when it does by the server's clock.
    fn keep_end(&self, known: &Known, mut what: Vec<(&str, Json)>) {
        if self.host.stores() {
            what.push(("at", Json::number(self.host.now() + self.account.skew.low())));
            drop(self.host.write(&concat(&[DONE, &known.ticket.borrow().id]), Some(&Json::object(what))));
        }
    }

    /// The job is not there any more, or its caller does not want it: nothing more will come of its ticket.
    pub(super) fn dropped(&self, job: &str) {
        self.watches.forget(job);
        if let Some(known) = self.account.of_job(job) {
            known.paid();
            self.leaves(&known, known.lost.get());
            self.forget(&known);
        }
    }

    /// A job was looked at: where it stands is written down when that has changed.
    pub(super) fn note_state(&self, generation: &Generation) {
        let Some(known) = self.account.of_job(&generation.id) else { return };
        let before = known.ticket.borrow_mut().state.replace(generation.state);
        // A finished one is about to be handed over, which removes it; one in other hands is theirs to write.
        if before != Some(generation.state) && !generation.state.is_final() && known.hands.get() == Hands::Here {
            self.keep(&known);
        }
    }

    /// Reads the store when it is first needed. What it holds helps (how long jobs take, which are whose); without it
    /// work goes on.
    pub(super) async fn open(&self) {
        match self.opened.get() {
            Opened::No => {
                self.opened.set(Opened::Soon);
                let _ = self.reload().await;
                self.opened.set(Opened::Yes);
            }
            // Another call reads it: calls go on in their order. Should that one have died with its request, this one does not.
            Opened::Soon => {
                for _ in 0..OPENINGS {
                    if self.opened.get() == Opened::Yes {
                        break;
                    }
                    self.host.sleep(OPENING).await;
                }
            }
            Opened::Yes => {}
        }
    }

    /// Brings memory in step with the store. Gives what could not be taken: it is there still, for whoever asks for tickets.
    pub(super) async fn reload(&self) -> Outcome<Strange> {
        let idle = |known: &Rc<Known>| {
            known.owner.get() == self.owner && matches!(known.hands.get(), Hands::Nobody | Hands::Elsewhere)
        };
        // What is taken in hand, or laid down, while the store is read may not be in what comes.
        let before: Vec<_> = self.account.tickets().into_iter().filter(idle).collect();
        let entries = self
            .host
            .load()
            .await
            .map_err(|reason| Error::new(Code::Store, concat(&["The store could not be read: ", &reason])))?;
        let (done, entries): (Vec<_>, Vec<_>) = entries.into_iter().partition(|(key, _)| key.starts_with(DONE));
        let done: Vec<_> = done.iter().filter_map(|(key, value)| Some((key.strip_prefix(DONE)?, value))).collect();
        let mut strange = Strange { newer: Vec::new(), corrupt: Vec::new(), others: Vec::new() };
        let mut seen = Vec::new();
        let mut doubts = false;
        for (key, value) in entries {
            if key == DURATIONS {
                self.learnt.read(&value);
            }
            let Some(id) = key.strip_prefix(PREFIX) else { continue };
            if done.iter().any(|(over, _)| *over == id) || self.account.is_gone(id) {
                // Whoever wrote it after its job was handed over did not know; or it could not be deleted then.
                drop(self.host.write(&key, None));
                continue;
            }
            match Ticket::read(id, &value) {
                Read::Ticket(ticket) => {
                    seen.push(id.to_owned());
                    doubts |= ticket.unsettled();
                    if self.is_ours(&ticket) {
                        self.merge(*ticket);
                    } else if ticket.provider == self.provider.id().as_str() {
                        strange.others.push(*ticket);
                    }
                }
                Read::Newer => strange.newer.push(id.to_owned()),
                Read::Corrupt => strange.corrupt.push((key, value)),
            }
        }
        self.note_ends(&done, doubts);
        // What another client has done with is gone.
        for known in before.iter().filter(|known| idle(known)) {
            if !seen.contains(&known.ticket.borrow().id) {
                self.left_in_doubt(known);
                self.leaves(known, known.lost.get());
                let ticket = known.ticket.borrow();
                self.account.ended(ticket.job.as_ref().unwrap_or(&ticket.id));
                known.paid();
                self.account.remove(known);
            }
        }
        Ok(strange)
    }

    /// What is left of tickets that are gone, by their ids: the jobs that are over, and what nobody knows the end of.
    fn note_ends(&self, done: &[(&str, &Json)], doubts: bool) {
        // No creation that is sent from now on is mistaken for a job that is over; while the server's time is not known, it might be.
        let now = self.account.skew.known().map(|skew| self.host.now() + skew);
        for (id, value) in done {
            let long_ago = |now: f64| value.num("at").is_none_or(|at| (now - at).abs() > OVER);
            if !doubts && now.is_some_and(long_ago) {
                drop(self.host.write(&concat(&[DONE, id]), None));
            }
        }
        let before = self.done.replace(done.iter().filter_map(|(_, value)| value.text("job")).collect());
        if self.told_little() {
            for (id, value) in done {
                if let Some(Read::Ticket(ticket)) = value.get(LOST).map(|lost| Ticket::read(id, &lost))
                    && self.is_ours(&ticket)
                {
                    self.account.left_in_doubt(*ticket);
                }
            }
            return;
        }
        // A job that another client has found meanwhile may be that of a creation of ours.
        let found = |(id, value): &(&str, &Json)| {
            let new = |job| !before.contains(&job);
            value.get(FOUND).is_some() && value.text("job").is_some_and(new) && !self.account.is_gone(id)
        };
        if done.iter().any(found) {
            self.account.any_may_be_swapped(self.host.now());
        }
    }

    /// Tells what could not be taken, and sets aside what is of no use to anybody.
    pub(super) async fn told(&self, strange: Strange) -> Vec<TicketInfo> {
        let mut told = Vec::new();
        for id in strange.newer {
            told.push(unreadable(&id, "was written by a newer version of luma-edge: it is left alone"));
        }
        for (key, value) in strange.corrupt {
            let id = key.strip_prefix(PREFIX).unwrap_or_default();
            self.host.event(Event::SetAside { ticket: id });
            if self.host.write(&concat(&[ASIDE, id]), Some(&value)).await.is_ok() {
                drop(self.host.write(&key, None));
            }
            told.push(unreadable(id, "cannot be read: it is set aside in the store"));
        }
        for ticket in strange.others {
            // Whoever works on it has the right key.
            if let Ok(Some(_lock)) = self.host.lock(&concat(&[PREFIX, &ticket.id])).await {
                let why =
                    "was made with another apiKey or baseUrl: it is left alone, and a client with that one takes it up";
                told.push(TicketInfo {
                    id: ticket.job,
                    request: Some(without_secret(&ticket.request)),
                    ..unreadable(&ticket.id, why)
                });
            }
        }
        told
    }

    /// Whether a ticket is of this provider and account.
    fn is_ours(&self, ticket: &Ticket) -> bool {
        ticket.provider == self.provider.id().as_str() && ticket.account == self.account.fingerprint()
    }

    fn merge(&self, ticket: Ticket) {
        match self.account.find(|known| known.id == ticket.id) {
            // What is in our hands is newer here than in the store.
            Some(known) if matches!(known.hands.get(), Hands::Here | Hands::Sending) => {}
            // A write that failed, or is on its way, leaves the store behind: a job that is known stays known.
            Some(known) if known.ticket.borrow().job.is_some() && ticket.job.is_none() => {}
            Some(known) => {
                // In a Worker each request has a client of its own: what one left, the next one finds in the store.
                // While one follows another tab it keeps the ticket, to see it go.
                if known.hands.get() == Hands::Nobody {
                    known.owner.set(self.owner);
                }
                let before = known.ticket.replace(ticket);
                {
                    let mut ticket = known.ticket.borrow_mut();
                    ticket.others.extend(before.others);
                    ticket.withdrawn |= before.withdrawn;
                    // Its end was seen here.
                    ticket.state = before.state.filter(|state| state.is_final()).or(ticket.state);
                    if before.job.is_none() && ticket.job.is_some() {
                        self.account.ended(&ticket.id);
                    }
                    if before.doubt != ticket.doubt {
                        known.lost.set(ticket.doubt.map(|_| self.host.now()));
                    }
                }
                self.adopt_idle(&known);
            }
            None => {
                let now = self.host.now();
                let lost_at = ticket.doubt.map(|_| now);
                let known = self.account.add(self.owner, ticket);
                known.lost.set(lost_at);
                known.met.set(Some(now));
                self.adopt_idle(&known);
            }
        }
    }

    /// How long a job took was noticed: the store keeps it for the next visit.
    pub(super) fn keep_durations(&self) {
        if self.host.stores() {
            drop(self.host.write(DURATIONS, Some(&self.learnt.write())));
        }
    }
}

fn unreadable(id: &str, why: &str) -> TicketInfo {
    let error = Error::new(Code::Store, concat(&["The ticket ", id, " ", why]));
    TicketInfo { ticket: id.to_owned(), id: None, state: None, request: None, error: Some(error) }
}
