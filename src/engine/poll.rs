//! Waiting for a job.

use super::lane::Place;
use super::run::Caller;
use super::schedule::Schedule;
use super::watch::{Job, Look, Turn};
use super::{Client, Event, Host, Observer, Outcome, PAGE, known, retry};
use crate::error::{Code, Error};
use crate::generation::{FailureCode, Generation, State};
use crate::json::Json;
use crate::request::{Request, RequestKind};
use crate::text::concat;
use serde::Serialize;
use std::rc::Rc;

/// On top of the request's own time-out, before a look under way counts as abandoned, in ms.
pub(super) const LEASE_MARGIN: f64 = 5_000.0;
/// A call rests so long at a stretch, in ms: who does not run is taken for gone in the end.
const LONGEST_NAP: f64 = 30_000.0;
/// A job that was just made may not be found at once, in ms.
const SETTLING: f64 = 30_000.0;

/// What is waited for.
pub enum Target {
    /// A job of which only the id is known.
    Id(String),
    /// A job as last seen.
    Job(Generation),
}

/// How far a job is: the APIs give no percentage, so this is time against the usual time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Progress {
    /// How long it has run, in ms.
    pub elapsed: f64,
    /// How long such a job usually takes, in ms.
    pub expected: f64,
    /// How sure that is, from 0 (a guess from what users report) to 1; it grows with the jobs that this client has seen end.
    pub confidence: f64,
}

impl<H: Host> Client<H> {
    /// What an object stands for: one of our generations (also one that was stored as JSON), the provider's own, or
    /// anything with an `id`.
    pub fn target(&self, object: &Json) -> Option<Target> {
        let own = object.get("raw").unwrap_or_else(|| object.clone());
        let known = self.provider.generation(&own).filter(|_| own.get("state").or_else(|| own.get("status")).is_some());
        // A list may tell that a job is done and not where its files are.
        let known = known.filter(|job| job.state != State::Completed || !job.assets.is_empty());
        known.map(Target::Job).or_else(|| object.text("id").map(Target::Id))
    }

    /// Waits until a job is done.
    pub(super) async fn finished<O: Observer>(&self, target: Target, caller: &Caller<'_, O>) -> Outcome<Generation> {
        let (id, last) = match target {
            Target::Id(id) => (id, None),
            Target::Job(generation) if generation.state.is_final() => {
                self.handed_over(&generation);
                return self.settled(generation);
            }
            Target::Job(generation) => (generation.id.clone(), Some(generation)),
        };
        known(&id)?;
        let outcome = self.wait(&id, last, caller).await;
        if let Err(error) = &outcome
            && is_no_more(error)
        {
            // Whatever became of it, there is nothing to wait for.
            self.account.ended(&id);
            self.dropped(&id);
        }
        let generation = outcome?;
        self.handed_over(&generation);
        self.settled(generation)
    }

    async fn wait<O: Observer>(
        &self,
        id: &str,
        mut last: Option<Generation>,
        caller: &Caller<'_, O>,
    ) -> Outcome<Generation> {
        if let Some(generation) = last.clone().or_else(|| self.known_of(id, State::Queued)) {
            caller.known(&generation);
        }
        let seat = self.watches.join(id, || self.schedule(last.as_ref()));
        let (mut seen, mut told) = (0, f64::NAN);
        let lease = self.settings.timeout + LEASE_MARGIN;
        loop {
            let now = self.host.now();
            match seat.turn(now, seen, self.host.attention(), lease) {
                Turn::News { version, generation, schedule } => {
                    seen = version;
                    caller.update(&generation, schedule.guess.progress(schedule.elapsed(now)));
                    if generation.state.is_final() {
                        return Ok(generation);
                    }
                    last = Some(generation);
                }
                // No look may have succeeded, and the waiter still knows the job from its creation.
                Turn::Failed(error) if error.generation.is_none() => return Err(error.about(last.take())),
                Turn::Failed(error) => return Err(error),
                Turn::Wait(ms) => {
                    let due = seat.due();
                    if told != due {
                        told = due;
                        self.host.event(Event::Wait { id: &self.shown(id), ms: (due - now).max(0.0) });
                    }
                    let ms = ms.min(LONGEST_NAP);
                    seat.stay(now, ms);
                    self.host.nap(ms).await;
                }
                // One at a time looks: the others need no room for it.
                Turn::Look(look) => {
                    seat.stay(now, lease);
                    Box::pin(self.look(look)).await;
                }
            }
        }
    }

    /// Looks at a job that nobody waits for, if one is due. Gives whether there was one.
    pub(super) async fn look_at_unattended(&self, place: &Place) -> bool {
        let (now, lease) = (self.host.now(), self.settings.timeout + LEASE_MARGIN);
        self.attend(place, now);
        match self.watches.unattended(now, lease) {
            Some(look) => {
                place.stay(lease);
                self.look(look).await;
                true
            }
            None => false,
        }
    }

    /// What runs and belongs to no call of ours is looked at as well: an earlier life's, another tab's, that of a request that is gone.
    fn attend(&self, place: &Place, now: f64) {
        for job in place.jobs() {
            if self.watches.get(&job).is_none()
                && let Some(known) = self.account.of_job(&job).filter(|known| known.is_quiet(now))
            {
                let ticket = known.ticket.borrow();
                let (guess, sent) = (self.guess(&ticket.request), ticket.sent.unwrap_or(now).min(now));
                self.watches.attend(&job, Schedule::of_job(sent, guess, now, self.host.random()));
            }
        }
    }

    /// Takes a look, and tells what it found to all who wait for it.
    async fn look(&self, look: Look<'_>) {
        let Some(own) = look.jobs.first() else { return };
        let page = look.offset.and_then(|offset| self.provider.list(Some(PAGE), Some(offset)));
        let call = page.unwrap_or_else(|| self.provider.get(&own.id));
        let outcome = self.exchange(&call, None, 0, self.settings.timeout).await.map_err(|failed| failed.error());
        let outcome = match outcome {
            Ok(response) if look.offset.is_none() => self.with_rest(&own.id, response).await,
            outcome => outcome,
        };
        let outcome = outcome.and_then(|response| match look.offset {
            Some(_) => Ok(self.page(&response)?.generations),
            None => Ok(vec![self.generation(&response)?]),
        });
        match outcome {
            Ok(generations) => {
                look.worked();
                let mut strayed = true;
                for (index, generation) in generations.into_iter().enumerate() {
                    let place = look.offset.map(|offset| offset + index as f64);
                    // Read by itself, a job is the one that was asked for, whatever it calls itself.
                    let job = if place.is_none() { Some(own.clone()) } else { self.watches.get(&generation.id) };
                    if let Some(job) = job {
                        strayed &= !Rc::ptr_eq(&job, own);
                        self.seen(&look, &job, generation, place);
                    }
                }
                if let Some(offset) = look.offset {
                    look.read(offset, strayed);
                }
            }
            Err(error) => self.missed(&look, own, error),
        }
    }

    fn seen(&self, look: &Look<'_>, job: &Rc<Job>, generation: Generation, place: Option<f64>) {
        let now = self.host.now();
        self.host.event(Event::Update { id: &self.shown(&job.id), state: generation.state });
        {
            let mut watch = job.watch.borrow_mut();
            if watch.schedule.guess.expected == 0.0 {
                watch.schedule = self.schedule(Some(&generation));
            } else if !generation.state.is_final() {
                watch.schedule.looked(now, self.watches.others(), self.watches.sweep(), self.host.random());
            } else if let Some(took) = watch.schedule.took(now).filter(|_| generation.state == State::Completed) {
                self.learnt.note(&self.asked_for(&generation), took, now);
                self.keep_durations();
            }
        }
        if generation.state.is_final() {
            self.account.ended(&generation.id);
        }
        self.note_state(&generation);
        look.found(job, generation, place);
    }

    fn missed(&self, look: &Look<'_>, own: &Rc<Job>, error: Error) {
        let now = self.host.now();
        // A failed look is not a failed job: only an answer that will not change ends the waiting.
        let page = error.code == Code::Gone && !is_no_more(&error);
        let passing = retry::read_again(&error) || error.code == Code::Protocol || page;
        if look.offset.is_some() && !passing {
            // Behind a proxy there may be no list: each job is read by itself from now on.
            self.watches.listed.set(false);
            return;
        }
        let settling = error.code == Code::NotFound && {
            let watch = own.watch.borrow();
            watch.ours && watch.schedule.elapsed(now) < SETTLING
        };
        let again = (passing || settling) && look.missed(own, now, error.retry_after, self.host.random());
        if !again {
            // A place is kept as long as such a job may run, unless it is known to be gone.
            match error.code {
                Code::NotFound | Code::Gone => self.account.ended(&own.id),
                _ => self.account.unseen(&own.id),
            }
            look.failed(own, error);
        }
    }

    /// What a job was asked for by: its ticket knows, else what the provider echoes tells as much as it does.
    fn asked_for(&self, generation: &Generation) -> Request {
        if let Some(known) = self.account.of_job(&generation.id) {
            return known.ticket.borrow().request.clone();
        }
        let body = generation.request.as_ref().unwrap_or(&generation.raw).clone();
        Request { kind: RequestKind::of(&body).unwrap_or(RequestKind::Video), body }
    }

    /// Plans the looks at a job by what is known of it.
    pub(super) fn schedule(&self, generation: Option<&Generation>) -> Schedule {
        let now = self.host.now();
        let Some(generation) = generation else {
            return Schedule::unknown(now);
        };
        let started = self.created(generation).map_or(now, |server| server - self.account.skew.middle());
        let guess = self.guess(&self.asked_for(generation));
        Schedule::of_job(started.min(now), guess, now, self.host.random())
    }

    /// What a finished job means to the caller.
    fn settled(&self, generation: Generation) -> Outcome<Generation> {
        if generation.state == State::Completed && !generation.assets.is_empty() {
            return Ok(generation);
        }
        let (code, message) = match &generation.failure {
            None => (Code::Protocol, concat(&["The generation ", &generation.id, " is completed, but has no file"])),
            Some(failure) => {
                let code =
                    if failure.code == FailureCode::Moderation { Code::Moderated } else { Code::GenerationFailed };
                let refunded = if failure.refunded { " (refunded)" } else { "" };
                let reason = if failure.reason.is_empty() { "no reason given" } else { &failure.reason };
                (code, concat(&["The generation ", &generation.id, " failed: ", reason, refunded]))
            }
        };
        let retryable = generation.failure.as_ref().is_some_and(|failure| failure.retryable);
        let mut error = Error::new(code, &*self.shown(&message)).from(generation.provider);
        error.retryable = retryable;
        Err(error.about(Some(generation)))
    }
}

/// Whether an answer says for good that there is no such job. A service that a page for people stands in for seems to have ended,
/// and it may be a proxy's page, which passes.
fn is_no_more(error: &Error) -> bool {
    let for_good = error.status.is_none_or(|status| status >= 400);
    matches!(error.code, Code::NotFound | Code::Gone) && for_good
}
