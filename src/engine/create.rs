//! Creations: they cost money. Each has a ticket before it is sent, waits for its turn within the limits, and is sent again
//! only when nothing was made of it: by the server's word, or because it is not found where it would be.

use super::account::{Hands, Known, Pulse};
use super::exchange::Failed;
use super::find::LATEST;
use super::lane::{Queue, Turn};
use super::poll::LEASE_MARGIN;
use super::run::Caller;
use super::settings::WhenLost;
use super::work::{Stage, Work};
use super::{Client, Event, Host, Observer, Outcome, known, retry};
use crate::error::{Code, Creation, Error};
use crate::generation::Generation;
use crate::http::Headers;
use crate::json::Json;
use crate::provider::{Call, Trace};
use crate::request::{Request, RequestKind};
use crate::text::{concat, whole};

/// On top of what a `sync` request waits for at the server, in ms.
const SYNC_MARGIN: f64 = 30_000.0;
/// A creation that waits is told so at least so often, in ms, and whenever its wait is another by that much.
const TOLD_AGAIN: f64 = 10_000.0;
/// The field of a request that must not be shown.
const SECRET: &str = "callback_secret";
/// The API's own default for `sync_timeout`, in seconds.
const SYNC_DEFAULT: f64 = 60.0;

/// A job to be made: a request that was checked, and the job that it is made out of, if any.
pub struct Order {
    request: Request,
    parent: Option<String>,
}

/// What came of sending a creation.
enum Sent {
    Made(Generation),
    /// The request is at fault.
    Refused(Error),
    /// Nothing was made; it may be sent again.
    NotMade(Error),
    InDoubt(Error),
}

impl<H: Host> Client<H> {
    /// Checks a request that makes a job.
    pub fn order(&self, request: &Json) -> Outcome<Order> {
        Ok(Order { request: self.prepare(request)?, parent: None })
    }

    /// Checks a request that makes a job out of an earlier one: a larger video, sound.
    pub fn derived(&self, kind: RequestKind, id: &str, request: &Json) -> Outcome<Order> {
        let parent = Some(known(id)?.to_owned());
        let request = if self.settings.validate {
            let read = Request::of_kind(&*self.provider, kind, request, self.drops());
            read.map_err(Error::invalid)?.0
        } else {
            Request { kind, body: request.clone() }
        };
        if self.provider.derive(id, &request).is_none() {
            return Err(self.absent(kind.as_str()));
        }
        Ok(Order { request, parent })
    }

    /// Pays for an order and makes its ticket; it is stored when the creation has to wait, or is sent.
    pub(super) async fn begin(&self, order: Order, price: Option<f64>, pulse: &Pulse) -> Outcome<Work<'_, H>> {
        let payment = self.pay(&order.request, price)?;
        let known = self.ticket(order.request, order.parent);
        known.ticket.borrow_mut().usd = payment.usd();
        *known.payment.borrow_mut() = Some(payment);
        let work = self.work(known, Stage::Unsent, pulse);
        if self.host.stores() {
            self.open().await;
            let lock = self.lock(&self.key(&work.known)).await?;
            work.hold(lock);
        }
        Ok(work)
    }

    /// Makes the job, however often it takes.
    pub(super) async fn make<O: Observer>(
        &self,
        work: &mut Work<'_, H>,
        caller: &Caller<'_, O>,
    ) -> Outcome<Generation> {
        let mut attempt = 0;
        // A lost creation of an earlier life is looked for before anything is sent.
        let mut lost = (work.stage == Stage::InDoubt).then_some(None);
        loop {
            if let Some(cause) = lost.take() {
                let asked = cause.as_ref().and_then(|cause: &Error| cause.retry_after);
                let not_before = asked.map(|ms| self.host.now() + retry::wait(attempt, Some(ms), self.host.random()));
                if let Some(found) = self.recover(work, cause, attempt).await? {
                    return Ok(self.made(work, found, caller));
                }
                if let Some(at) = not_before {
                    self.host.sleep((at - self.host.now()).max(0.0)).await;
                }
                attempt += 1;
            }
            self.admitted(work, caller).await?;
            let sent_at = self.announce(work).await?;
            caller.sending(Some(creation(&work.known)));
            let outcome = self.send(work, attempt).await;
            let now = self.host.now();
            // A lost one counts when it is known what became of it: until then the server may still take it.
            if let (Some(slot), Sent::Refused(_) | Sent::NotMade(_)) = (&work.slot, &outcome) {
                slot.answered(now);
            }
            let error = match outcome {
                Sent::Made(generation) => {
                    if let Some(created) = self.created(&generation) {
                        self.account.skew.observe(created, created, sent_at, now);
                    }
                    return Ok(self.made(work, generation, caller));
                }
                Sent::InDoubt(cause) => {
                    self.host.event(Event::InDoubt { ticket: &work.known.ticket.borrow().id, code: cause.code });
                    if let Some(slot) = &work.slot {
                        slot.looked_for(work.known.hold());
                    }
                    self.doubt(&work.known, now);
                    lost = Some(Some(cause));
                    continue;
                }
                Sent::Refused(error) => {
                    // What was sent and lost before was looked for, and counts as never made.
                    caller.sending(None);
                    work.stage = Stage::Over;
                    self.forget(&work.known);
                    return Err(error);
                }
                Sent::NotMade(error) => error,
            };
            caller.sending(None);
            work.not_made(sent_at, now);
            self.keep(&work.known);
            let wait = retry::wait(attempt, error.retry_after, self.host.random());
            let limited = error.status == Some(429);
            if let Some(slot) = work.slot.take() {
                if !limited {
                    slot.free();
                } else if slot.refused(now, wait, error.crowded) {
                    // One of our own runs: its end makes room, and that is what the queue waits for.
                    continue;
                }
            }
            // There is no use in a wait that the caller will not sit through.
            if attempt >= self.settings.max_retries || now + wait >= caller.deadline {
                return Err(error);
            }
            // After a refusal for a limit it waits in its place in the queue, which is closed for so long.
            self.pause(&self.call(work), &error, wait, limited).await;
            attempt += 1;
        }
    }

    /// Waits for a place within the limits.
    async fn admitted<O: Observer>(&self, work: &mut Work<'_, H>, caller: &Caller<'_, O>) -> Outcome<()> {
        let place = self.account.lane(work.known.ticket.borrow().request.kind).join(self.number, work.tag);
        work.tag = Some(place.tag);
        let mut told: Option<(Queue, f64)> = None;
        loop {
            let now = self.host.now();
            match place.turn(now, work.expected, self.lease(&work.known)) {
                Turn::Go(slot) => {
                    work.slot = Some(slot);
                    return Ok(());
                }
                Turn::Wait(ms, queue) => {
                    let stale = |(last, at): (Queue, f64)| {
                        let off = (last.wait - (now - at) - queue.wait).abs();
                        last.place != queue.place || off >= TOLD_AGAIN || now - at >= TOLD_AGAIN
                    };
                    if told.is_none_or(stale) {
                        if told.is_none() {
                            self.keep(&work.known);
                        }
                        told = Some((queue, now));
                        let ticket = work.known.ticket.borrow();
                        self.host.event(Event::Queued { ticket: &ticket.id, place: queue.place, wait: queue.wait });
                        caller.observer.queued(queue, work.expected);
                    }
                    // A job that nobody waits for keeps its place until somebody sees its end.
                    if queue.place == 0 && self.look_at_unattended(&place).await {
                        continue;
                    }
                    self.host.nap(ms).await;
                }
            }
        }
    }

    /// Writes the ticket as sent, which has to be done before it is. Gives when that is.
    async fn announce(&self, work: &mut Work<'_, H>) -> Outcome<f64> {
        let taken = || Error::new(Code::Gone, "Another call has taken this ticket up, since this one stood still");
        if !work.is_ours() {
            return Err(taken());
        }
        let now = self.host.now();
        {
            let mut ticket = work.known.ticket.borrow_mut();
            let skew = self.account.skew.known();
            // What an earlier life wrote is by another clock.
            if let (Some(first), Some(skew)) = (ticket.first, skew) {
                ticket.first = Some(first + self.skew_of(&ticket).0 - skew);
            }
            ticket.first.get_or_insert(now);
            ticket.skew = skew.or(ticket.skew);
            (ticket.sent, ticket.doubt) = (Some(now), None);
            work.known.lost.set(None);
            ticket.others.extend(self.account.recent(now));
        }
        if let Some(written) = self.write_down(&work.known)
            && let Err(reason) = written.await
        {
            let message = concat(&["The ticket could not be stored, so nothing was sent: ", &reason]);
            return Err(Error::new(Code::Store, message));
        }
        if work.is_ours() { Ok(now) } else { Err(taken()) }
    }

    async fn send(&self, work: &mut Work<'_, H>, attempt: u32) -> Sent {
        let timeout = self.patience(&work.known.ticket.borrow().request);
        let call = self.call(work);
        work.stage = Stage::InDoubt;
        work.known.hands.set(Hands::Sending);
        if let Some(slot) = &work.slot {
            slot.sends(self.host.now(), timeout + LEASE_MARGIN);
        }
        let outcome = self.exchange(&call, None, attempt, timeout).await;
        work.known.hands.set(Hands::Here);
        if let Ok(response) = &outcome {
            self.heed(work, &response.headers);
        }
        match outcome {
            Ok(response) => match self.generation(&response) {
                Ok(generation) => Sent::Made(generation),
                // Something was made, and what it is cannot be read.
                Err(error) => Sent::InDoubt(error),
            },
            Err(Failed::NotSent(error)) => Sent::NotMade(error),
            Err(Failed::Refused(error)) if retry::surely_not_made(&error) => Sent::NotMade(error),
            Err(Failed::Refused(error)) if proves_refusal(&error) => Sent::Refused(error),
            Err(failed) => Sent::InDoubt(failed.error()),
        }
    }

    /// What the server tells of its limits (Luma's Agents API does): how many creations it takes in a minute, and how many
    /// before a moment, in s.
    fn heed(&self, work: &Work<'_, H>, headers: &Headers) {
        let number = |name| headers.get(name).and_then(whole);
        let lane = self.account.lane(work.known.ticket.borrow().request.kind);
        if let Some(limit) = number("x-ratelimit-limit") {
            lane.allowed(limit);
        }
        if let (Some(remaining), Some(reset)) = (number("x-ratelimit-remaining"), number("x-ratelimit-reset")) {
            lane.told(remaining, reset * 1000.0 - self.account.skew.low());
        }
    }

    /// How long the answer to a creation is waited for, in ms.
    pub(super) fn patience(&self, request: &Request) -> f64 {
        self.settings.timeout + sync_wait(&request.body)
    }

    fn call(&self, work: &Work<'_, H>) -> Call {
        let ticket = work.known.ticket.borrow();
        match &ticket.parent {
            Some(parent) => self.provider.derive(parent, &ticket.request),
            None => None,
        }
        .unwrap_or_else(|| self.provider.create(&ticket.request))
    }

    /// What became of a creation without an answer: its job, or `None` when it may be sent again.
    async fn recover(&self, work: &mut Work<'_, H>, lost: Option<Error>, attempt: u32) -> Outcome<Option<Generation>> {
        // Who takes a ticket up wants it settled.
        let when_lost = if lost.is_some() { self.settings.when_lost } else { WhenLost::Find };
        let when_lost = if self.provider.trace() != Trace::None { when_lost } else { when_lost.unlisted() };
        let looked = match when_lost {
            WhenLost::Find => self.find(&work.known).await,
            WhenLost::Report => Err(Error::new(Code::UnknownOutcome, "")),
            WhenLost::Resend => Ok(None),
        };
        match looked {
            Ok(Some(found)) => {
                // What is found may have been made of an identical creation: the server may take this one still, and it counts.
                if let Some(slot) = work.slot.as_ref().filter(|_| self.may_be_swapped(&work.known)) {
                    let now = self.host.now();
                    slot.answered(now.max(work.known.lost.get().unwrap_or(now) + LATEST));
                }
                return Ok(Some(found));
            }
            // Who withdrew it is told so by the one who takes the ticket up.
            Ok(None) if work.known.ticket.borrow().withdrawn => {
                work.stage = Stage::Over;
                work.known.unpaid();
                self.forget(&work.known);
                let message = "The creation was withdrawn while it was under way, and nothing was made of it";
                return Err(Error::new(Code::Aborted, message));
            }
            // What an earlier life could not finish is no retry of this one.
            Ok(None) if attempt < self.settings.max_retries || lost.is_none() => {
                work.known.unpaid();
                if let Some(slot) = work.slot.take() {
                    // An identical creation may have taken for its own what was made of this one: that counted all the same.
                    if self.may_be_swapped(&work.known) {
                        slot.answered(self.host.now());
                    }
                    slot.free();
                }
                return Ok(None);
            }
            Ok(None) => {}
            Err(error) if lost.is_none() && error.code != Code::UnknownOutcome => return Err(error),
            // Where nobody can be asked, to tell whoever takes the ticket up is all that can be done.
            Err(_) if lost.is_none() && self.stays_in_doubt() => {
                work.stage = Stage::Over;
                let error = self.in_doubt(creation(&work.known), None);
                self.given_up(&work.known);
                return Err(error);
            }
            Err(_) => {}
        }
        Err(self.in_doubt(creation(&work.known), lost))
    }

    /// What a caller is told of a creation that may have been made.
    pub(super) fn in_doubt(&self, creation: Creation, cause: Option<Error>) -> Error {
        let reason = cause.as_ref().map_or("it was cut off", |cause| cause.message.as_str());
        let then = match self.provider.trace() {
            Trace::Requests => "resume() looks for it again; so does list(). Do not send it again before",
            _ => "Look for it in your account there before you send it again",
        };
        let lost = "The creation was sent and its answer was lost (";
        let message = concat(&[lost, reason, "): it may have been made and charged. ", then]);
        let mut error = Error::new(Code::UnknownOutcome, message);
        error.creation = Some(creation);
        if let Some(cause) = cause {
            error.status = cause.status;
            error.request_id = cause.request_id.clone();
            error.provider = cause.provider;
            error.cause = Some(cause);
        }
        error
    }

    /// The job is known: by its answer, or because it was found.
    fn made<O: Observer>(&self, work: &mut Work<'_, H>, generation: Generation, caller: &Caller<'_, O>) -> Generation {
        let now = self.host.now();
        work.stage = Stage::Made;
        caller.sending(None);
        let guess = {
            let mut ticket = work.known.ticket.borrow_mut();
            ticket.job = Some(generation.id.clone());
            ticket.state = Some(generation.state);
            self.guess(&ticket.request)
        };
        work.known.paid();
        if let Some(slot) = work.slot.take() {
            slot.made(now, guess.expected, &generation.id);
        }
        self.keep(&work.known);
        self.watches.made(&generation, self.schedule(Some(&generation)), now);
        if generation.state.is_final() {
            self.account.ended(&generation.id);
        }
        caller.update(&generation, guess.progress(0.0));
        generation
    }
}

/// The creation of a ticket, as its caller is told of it.
pub(super) fn creation(known: &Known) -> Creation {
    let ticket = known.ticket.borrow();
    let request = without_secret(&ticket.request);
    Creation { ticket: ticket.id.clone(), request, sent_at: ticket.sent.unwrap_or_default() }
}

/// What was asked for, as anybody may see it.
pub(super) fn without_secret(request: &Request) -> Json {
    match request.body.get(SECRET) {
        Some(_) => request.body.without(SECRET),
        None => request.body.clone(),
    }
}

/// Whether the server says that the request itself is at fault, so that nothing was made. After any other answer (5xx, a
/// time-out of the server's, a redirect) nobody can tell what was made before it went wrong.
fn proves_refusal(error: &Error) -> bool {
    error.code == Code::Authentication
        || error.status.is_some_and(|status| (400..500).contains(&status) && status != 408)
}

/// How much longer the answer to a `sync` request may take, in ms.
fn sync_wait(body: &Json) -> f64 {
    match body.get("sync").and_then(|sync| sync.as_bool()) {
        Some(true) => body.num("sync_timeout").unwrap_or(SYNC_DEFAULT).clamp(0.0, 86_400.0) * 1000.0 + SYNC_MARGIN,
        _ => 0.0,
    }
}
