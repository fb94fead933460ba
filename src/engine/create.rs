//! Creations: they cost money, so they are sent again only on proof that nothing was made.

use super::exchange::Failed;
use super::{Client, Host, Observer, Outcome, Progress, Target, known, retry};
use crate::error::{Code, Creation, Error};
use crate::generation::Generation;
use crate::provider::Call;
use crate::request::{Request, RequestKind};
use crate::text::concat;
use crate::value::Value;

/// On top of what a `sync` request waits for at the server, in ms.
const SYNC_MARGIN: f64 = 30_000.0;
/// The API's own default for `sync_timeout`, in seconds.
const SYNC_DEFAULT: f64 = 60.0;

/// A job to be made: the call that makes it, and the request behind that.
pub struct Order<V> {
    call: Call<V>,
    request: Request<V>,
}

/// What takes long.
pub enum Task<V> {
    /// Making a job.
    Create(Order<V>),
    /// Making a job, and waiting until it is done.
    Generate(Order<V>),
    /// Waiting until a job is done.
    Poll(Target<V>),
}

impl<H: Host> Client<H> {
    /// Checks a request that makes a job.
    pub fn order(&self, request: &H::Value) -> Outcome<Order<H::Value>, H> {
        let request = self.prepare(request)?;
        Ok(Order { call: self.provider.create(&request), request })
    }

    /// Checks a request that makes a job out of an earlier one: a larger video, sound.
    pub fn derived(&self, kind: RequestKind, id: &str, request: &H::Value) -> Outcome<Order<H::Value>, H> {
        let id = known(id)?;
        let request = if self.settings.validate {
            Request::of_kind(&*self.provider, kind, request).map_err(Error::invalid)?
        } else {
            Request { kind, body: request.clone() }
        };
        Ok(Order { call: self.provider.derive(id, &request), request })
    }

    /// Does a task. `timeout` is the caller's patience for all of it, in ms: a creation that is given up is in doubt, if
    /// it was under way; a job goes on.
    pub async fn run(
        &self,
        task: Task<H::Value>,
        timeout: f64,
        observer: &impl Observer<H::Value>,
    ) -> Outcome<Generation<H::Value>, H> {
        let deadline = self.host.now() + timeout;
        let wait = !matches!(task, Task::Create(_));
        let target = match task {
            Task::Poll(target) => target,
            Task::Create(order) | Task::Generate(order) => {
                let generation = self.make(deadline, order, observer).await?;
                if !wait {
                    return Ok(generation);
                }
                Target::Job(generation)
            }
        };
        self.finished(target, deadline - self.host.now(), observer).await
    }

    /// Checks a request and makes the job.
    pub async fn create(
        &self,
        request: &H::Value,
        observer: &impl Observer<H::Value>,
    ) -> Outcome<Generation<H::Value>, H> {
        self.run(Task::Create(self.order(request)?), f64::INFINITY, observer).await
    }

    /// Makes a job out of an earlier one.
    pub async fn derive(
        &self,
        kind: RequestKind,
        id: &str,
        request: &H::Value,
        observer: &impl Observer<H::Value>,
    ) -> Outcome<Generation<H::Value>, H> {
        self.run(Task::Create(self.derived(kind, id, request)?), f64::INFINITY, observer).await
    }

    /// Makes the job and waits until it is done. `timeout` is the caller's patience for both, in ms.
    pub async fn generate(
        &self,
        request: &H::Value,
        timeout: f64,
        observer: &impl Observer<H::Value>,
    ) -> Outcome<Generation<H::Value>, H> {
        self.run(Task::Generate(self.order(request)?), timeout, observer).await
    }

    /// Waits until a job is done, looking rarely, and gives it whole; a failed one is an error that carries it. `timeout`
    /// is the caller's patience in ms; when it ends, the job goes on and can be waited for again.
    pub async fn poll(
        &self,
        target: Target<H::Value>,
        timeout: f64,
        observer: &impl Observer<H::Value>,
    ) -> Outcome<Generation<H::Value>, H> {
        self.run(Task::Poll(target), timeout, observer).await
    }

    async fn make(
        &self,
        deadline: f64,
        Order { call, request }: Order<H::Value>,
        observer: &impl Observer<H::Value>,
    ) -> Outcome<Generation<H::Value>, H> {
        let timeout = self.settings.timeout + sync_wait(&request.body);
        let mut attempt = 0;
        loop {
            let creation = Creation { request: request.body.clone(), sent_at: self.host.now() };
            observer.sending(Some(&creation));
            let patience = deadline - creation.sent_at;
            let outcome = self.exchange(&call, attempt, timeout.min(patience)).await;
            let error = match outcome {
                Ok(response) => match self.generation(&response) {
                    Ok(generation) => {
                        observer.sending(None);
                        let expected = self.provider.expected(request.kind, &request.body);
                        observer.update(&generation, Progress { elapsed: 0.0, expected });
                        return Ok(generation);
                    }
                    // Something was made, and what it is cannot be read.
                    Err(error) => return Err(in_doubt(creation, error)),
                },
                Err(Failed::Refused(error)) if retry::surely_not_made(&error) => error,
                Err(Failed::NotSent(error)) => error,
                Err(Failed::Refused(error)) if proves_refusal(error.status) => {
                    observer.sending(None);
                    return Err(error);
                }
                Err(failed) => return Err(in_doubt(creation, failed.error())),
            };
            observer.sending(None);
            // There is no use in a wait that the caller will not sit through.
            let wait = retry::wait(attempt, error.retry_after, self.host.random());
            if attempt >= self.settings.max_retries || self.host.now() + wait >= deadline {
                return Err(error);
            }
            self.pause(&call, &error, wait).await;
            attempt += 1;
        }
    }
}

/// Whether the server says that the request itself is at fault, so that nothing was made. After any other answer (5xx, a
/// time-out of the server's, a redirect) nobody can tell what was made before it went wrong.
fn proves_refusal(status: Option<u16>) -> bool {
    status.is_some_and(|status| (400..500).contains(&status) && status != 408)
}

fn in_doubt<V>(creation: Creation<V>, cause: Error<V>) -> Error<V> {
    let message = concat(&[
        "The creation was sent and its answer was lost (",
        cause.message.as_str(),
        "): it may have been made and charged. Look for it with list() before you send it again",
    ]);
    let mut error = Error::new(Code::UnknownOutcome, message);
    error.creation = Some(creation);
    error.status = cause.status;
    error.request_id = cause.request_id.clone();
    error.provider = cause.provider;
    error.cause = Some(cause);
    error
}

/// How much longer the answer to a `sync` request may take, in ms.
fn sync_wait<V: Value>(body: &V) -> f64 {
    match body.get("sync").and_then(|sync| sync.as_bool()) {
        Some(true) => body.num("sync_timeout").unwrap_or(SYNC_DEFAULT).clamp(0.0, 86_400.0) * 1000.0 + SYNC_MARGIN,
        _ => 0.0,
    }
}
