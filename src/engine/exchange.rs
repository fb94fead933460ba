//! One HTTP exchange, and reads, which may be sent again.

use super::{Client, Event, FetchError, First, Host, race, retry};
use crate::error::{Code, Error};
use crate::http::{Body, Headers, Payload, Request, Response};
use crate::provider::{Call, answered, refusal_of_storage};
use crate::text::{before, concat};
use std::borrow::Cow;
use std::pin::pin;

/// A `date` is cut to seconds, in ms.
const WHOLE_SECOND: f64 = 1000.0;

/// What an exchange came to when it did not end in a good answer.
pub(super) enum Failed {
    /// Certainly nothing reached the server.
    NotSent(Error),
    /// The server answered that it will not, or could not.
    Refused(Error),
    /// No answer: the server may have done it all.
    Lost(Error),
}

impl Failed {
    pub fn error(self) -> Error {
        match self {
            Failed::NotSent(error) | Failed::Refused(error) | Failed::Lost(error) => error,
        }
    }
}

/// A request under way.
struct Sent {
    method: &'static str,
    url: String,
    /// Whether it went to somebody else than the provider.
    storage: bool,
    at: f64,
}

impl<H: Host> Client<H> {
    /// Sends a call once and waits `timeout` ms at most for the whole answer.
    pub(super) async fn exchange(
        &self,
        call: &Call,
        file: Option<&H::File>,
        attempt: u32,
        timeout: f64,
    ) -> Result<Response<Body>, Failed> {
        let request = self.request(call);
        let storage = is_whole(&call.path);
        let sent = Sent { method: call.method.as_str(), url: self.address(call), storage, at: self.host.now() };
        self.host.event(Event::Request { method: sent.method, url: &sent.url, attempt });
        let first = {
            let (answer, late) = (pin!(self.host.fetch(request, file)), pin!(self.host.sleep(timeout)));
            race(answer, late).await
        };
        match first {
            First::Left(Ok(response)) => self.answered(&sent, response),
            First::Left(Err(FetchError::NotSent(reason))) => {
                Err(Failed::NotSent(self.lost(&sent, Code::Network, &reason)))
            }
            First::Left(Err(FetchError::Lost(reason))) => Err(Failed::Lost(self.lost(&sent, Code::Network, &reason))),
            First::Right(()) => Err(Failed::Lost(self.lost(&sent, Code::Timeout, &self.too_late(timeout)))),
        }
    }

    fn request(&self, call: &Call) -> Request<Payload> {
        // Nothing but these, so that a browser's preflight stays simple.
        let mut headers = Headers::new().with("accept", "application/json");
        if let Some(Payload::Json(_)) = &call.body {
            headers = headers.with("content-type", "application/json");
        }
        for (name, value) in &call.headers {
            headers = headers.with(name.clone(), value.clone());
        }
        if let Some(key) = self.settings.api_key.as_ref().filter(|_| !is_whole(&call.path)) {
            let (name, value) = self.provider.authorization(key.reveal());
            headers = headers.with(name, value);
        }
        Request { method: call.method, url: self.url(call), headers, body: call.body.clone() }
    }

    fn too_late(&self, timeout: f64) -> String {
        let seconds = crate::text::integer((timeout / 1000.0) as u64);
        concat(&[self.provider.id().as_str(), " did not answer within ", &seconds, " s"])
    }

    fn lost(&self, sent: &Sent, code: Code, message: &str) -> Error {
        let elapsed = self.host.now() - sent.at;
        self.host.event(Event::Lost { method: sent.method, url: &sent.url, code, elapsed });
        Error::new(code, self.clean(message)).from(self.provider.id())
    }

    fn answered(&self, sent: &Sent, response: Response<Body>) -> Result<Response<Body>, Failed> {
        let elapsed = self.host.now() - sent.at;
        self.host.event(Event::Response { method: sent.method, url: &sent.url, status: response.status, elapsed });
        let date = response.headers.get("date").and_then(|text| self.host.parse_date(text));
        if let Some(date) = date {
            self.account.skew.observe(date, date + WHOLE_SECOND, sent.at, self.host.now());
        }
        if (200..300).contains(&self.provider.status(&response)) {
            return Ok(response);
        }
        let mut error = if sent.storage {
            refusal_of_storage(self.provider.id(), &response)
        } else {
            self.provider.refusal(&response)
        };
        error.message = self.clean(&error.message);
        for problem in &mut error.problems {
            problem.message = self.clean(&problem.message);
        }
        // A moment that it names is one by its own clock.
        let now = date.unwrap_or(self.host.now() + self.account.skew.middle());
        let wait = retry::asked(&response.headers, now, |text| self.host.parse_date(text));
        // A provider may read it from the body.
        error.retry_after = wait.or(error.retry_after);
        Err(Failed::Refused(error))
    }

    /// Sends a call that changes nothing when it is sent twice, as often as the settings allow. With the answer comes
    /// whether it took more than one try.
    pub(super) async fn read(&self, call: &Call) -> (Result<Response<Body>, Error>, bool) {
        self.read_within(call, None, self.settings.timeout).await
    }

    /// The same with `timeout` ms for each try.
    pub(super) async fn read_within(
        &self,
        call: &Call,
        file: Option<&H::File>,
        timeout: f64,
    ) -> (Result<Response<Body>, Error>, bool) {
        let mut attempt = 0;
        loop {
            let error = match self.exchange(call, file, attempt, timeout).await {
                Ok(response) => return (Ok(response), attempt > 0),
                Err(failed) => failed.error(),
            };
            if attempt >= self.settings.max_retries || !retry::read_again(&error) {
                return (Err(error), attempt > 0);
            }
            let wait = retry::wait(attempt, error.retry_after, self.host.random());
            self.pause(call, &error, wait, false).await;
            attempt += 1;
        }
    }

    /// The address as events tell it. What follows the path of a storage's address is as good as a key to the file.
    fn address(&self, call: &Call) -> String {
        if is_whole(&call.path) {
            return before(&call.path, b"?").to_owned();
        }
        self.provider.shown(&self.url(call)).into_owned()
    }

    /// An id, or another text, as events and messages tell it.
    pub(super) fn shown<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.provider.shown(text)
    }

    fn url(&self, call: &Call) -> String {
        if is_whole(&call.path) {
            return call.path.clone();
        }
        let base = self.settings.base_url.as_deref().unwrap_or(self.provider.base_url());
        let base = self.provider.base_url_for(&call.path, base);
        concat(&[base, "/", &call.path])
    }

    /// Waits before the next try, unless that waits elsewhere.
    pub(super) async fn pause(&self, call: &Call, error: &Error, after: f64, elsewhere: bool) {
        self.host.event(Event::Retry { url: &self.address(call), code: error.code, after });
        if !elsewhere {
            self.host.sleep(after).await;
        }
    }

    /// A good status with a body that is not what it should be.
    pub(super) fn unreadable(&self, response: &Response<Body>, wanted: &str) -> Error {
        let what = match &response.body {
            Body::Json(_) => "JSON that is not ",
            Body::Text(_) => "something that is not JSON instead of ",
            Body::Empty => "an empty body instead of ",
        };
        let message = concat(&[self.provider.id().as_str(), " answered with ", what, wanted]);
        answered(Error::new(Code::Protocol, message).from(self.provider.id()), response)
    }

    /// Somebody else's words, without what must not be seen.
    fn clean(&self, text: &str) -> String {
        let text = self.shown(text);
        match &self.settings.api_key {
            Some(key) => key.remove_from(&text),
            None => text.into_owned(),
        }
    }
}

/// Whether it is an address of its own, which is no part of the provider's API and must not see the key.
fn is_whole(path: &str) -> bool {
    path.starts_with("https://") || path.starts_with("http://")
}
