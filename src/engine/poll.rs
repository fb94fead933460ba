//! Waiting for a job.

use super::schedule::Schedule;
use super::watch::Turn;
use super::{Client, Event, First, Host, Observer, Outcome, known, race, retry};
use crate::error::{Code, Error};
use crate::generation::{FailureCode, Generation, State};
use crate::request::RequestKind;
use crate::text::concat;
use crate::value::Value;
use serde::Serialize;

/// On top of the request's own time-out, before a look under way counts as abandoned, in ms.
const LEASE_MARGIN: f64 = 5_000.0;
/// A job that was just made may not be found at once, in ms.
const SETTLING: f64 = 30_000.0;

/// What is waited for.
pub enum Target<V> {
    /// A job of which only the id is known.
    Id(String),
    /// A job as last seen.
    Job(Generation<V>),
}

/// How far a job is: the APIs give no percentage, so this is time against the usual time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Progress {
    /// How long it has run, in ms.
    pub elapsed: f64,
    /// How long such a job usually takes, in ms.
    pub expected: f64,
}

impl<H: Host> Client<H> {
    /// What an object stands for: one of our generations (also one that was stored as JSON), the provider's own, or
    /// anything with an `id`.
    pub fn target(&self, object: &H::Value) -> Option<Target<H::Value>> {
        let own = object.get("raw").unwrap_or_else(|| object.clone());
        if own.get("state").is_some() {
            return self.provider.generation(&own).map(Target::Job);
        }
        object.text("id").map(Target::Id)
    }

    /// Waits until a job is done, for `timeout` ms at most.
    pub(super) async fn finished(
        &self,
        target: Target<H::Value>,
        timeout: f64,
        observer: &impl Observer<H::Value>,
    ) -> Outcome<Generation<H::Value>, H> {
        let (id, mut last) = match target {
            Target::Id(id) => (id, None),
            Target::Job(generation) if generation.state.is_final() => return settle(generation),
            Target::Job(generation) => (generation.id.clone(), Some(generation)),
        };
        known::<H::Value>(&id)?;
        let wait = self.wait(&id, &mut last, observer);
        let outcome = race(wait, self.host.sleep(timeout)).await;
        match outcome {
            First::Left(outcome) => outcome,
            First::Right(()) => {
                let message = concat(&[
                    "The generation ",
                    &id,
                    " was not done in time; it goes on, and poll() takes it up again",
                ]);
                Err(Error::new(Code::Timeout, message).from(self.provider.id()).about(last))
            }
        }
    }

    async fn wait(
        &self,
        id: &str,
        last: &mut Option<Generation<H::Value>>,
        observer: &impl Observer<H::Value>,
    ) -> Outcome<Generation<H::Value>, H> {
        let seat = self.watches.join(id, || self.schedule(last.as_ref()));
        let mut seen = 0;
        loop {
            let now = self.host.now();
            match seat.turn(now, seen) {
                Turn::News { version, generation, schedule } => {
                    seen = version;
                    let progress = Progress { elapsed: schedule.elapsed(now), expected: schedule.expected };
                    observer.update(&generation, progress);
                    if generation.state.is_final() {
                        return settle(generation);
                    }
                    *last = Some(generation);
                }
                // No look may have succeeded, and the waiter still knows the job from its creation.
                Turn::Failed(error) if error.generation.is_none() => return Err(error.about(last.take())),
                Turn::Failed(error) => return Err(error),
                Turn::Wait(ms) => {
                    self.host.event(Event::Wait { id, ms });
                    self.host.sleep(ms).await;
                }
                Turn::Look => {
                    let look = seat.look(now, self.settings.timeout + LEASE_MARGIN);
                    let outcome = self.exchange(&self.provider.get(id), 0, self.settings.timeout).await;
                    let now = self.host.now();
                    let random = self.host.random();
                    match outcome.map_err(|failed| failed.error()).and_then(|response| self.generation(&response)) {
                        Ok(generation) => {
                            self.host.event(Event::Update { id, state: generation.state });
                            let learnt = last.is_none().then(|| self.schedule(Some(&generation)));
                            look.found(generation, |schedule| match learnt {
                                Some(learnt) => *schedule = learnt,
                                None => schedule.looked(now, random),
                            });
                        }
                        Err(error) => {
                            let asked = error.retry_after;
                            // A failed look is not a failed job: only an answer that will not change ends the waiting.
                            let passing = retry::read_again(&error) || error.code == Code::Protocol;
                            let settling = error.code == Code::NotFound && last.is_some();
                            look.failed(error, |schedule| {
                                (passing || settling && schedule.elapsed(now) < SETTLING)
                                    && schedule.missed(now, asked, random)
                            });
                        }
                    }
                }
            }
        }
    }

    /// Plans the looks at a job by what is known of it.
    fn schedule(&self, generation: Option<&Generation<H::Value>>) -> Schedule {
        let now = self.host.now();
        let Some(generation) = generation else {
            return Schedule::unknown(now);
        };
        let created = generation.created_at.as_deref().and_then(|text| self.host.parse_date(text));
        let started = created.map_or(now, |server| server - self.skew.get());
        let body = generation.request.as_ref().unwrap_or(&generation.raw);
        let kind = RequestKind::of(body).unwrap_or(RequestKind::Video);
        let expected = self.provider.expected(kind, body);
        Schedule::of_job(started.min(now), expected, now, self.host.random())
    }
}

/// What a finished job means to the caller.
fn settle<V>(generation: Generation<V>) -> Result<Generation<V>, Error<V>> {
    if generation.state == State::Completed && !generation.assets.is_empty() {
        return Ok(generation);
    }
    let (code, message) = match &generation.failure {
        None => (Code::Protocol, concat(&["The generation ", &generation.id, " is completed, but has no file"])),
        Some(failure) => {
            let code = if failure.code == FailureCode::Moderation { Code::Moderated } else { Code::GenerationFailed };
            let refunded = if failure.refunded { " (refunded)" } else { "" };
            let reason = if failure.reason.is_empty() { "no reason given" } else { &failure.reason };
            (code, concat(&["The generation ", &generation.id, " failed: ", reason, refunded]))
        }
    };
    let retryable = generation.failure.as_ref().is_some_and(|failure| failure.retryable);
    let mut error = Error::new(code, message).from(generation.provider);
    error.retryable = retryable;
    Err(error.about(Some(generation)))
}
