//! One HTTP exchange.

use super::Transport;
use super::by_key::{FORGOTTEN, HONOURED};
use crate::engine::model::timing::SECOND;
use crate::engine::model::{Event, FetchError, First, Host, race};
use crate::engine::scheduling::retry;
use crate::error::{Code, Error};
use crate::http::{Body, Headers, Payload, Request, Response};
use crate::provider::{ApiCall, ProviderId, page, refusal_of_storage};
use crate::text::{after_last, before, concat, split_at_first};
use std::pin::pin;

/// What an exchange came to when it did not end in a good answer.
pub enum ExchangeError {
    /// Certainly nothing reached the server.
    NotSent(Error),
    /// The server answered that it will not, or could not.
    Refused(Error),
    /// No answer: the server may have done it all.
    Lost(Error),
}

impl ExchangeError {
    pub fn error(self) -> Error {
        match self {
            ExchangeError::NotSent(error) | ExchangeError::Refused(error) | ExchangeError::Lost(error) => error,
        }
    }
}

const NO_ANSWER: &str = "The `fetch` that the client was given resolved to something that is no Response (it needs a status, headers and text()): return what the global fetch returns";

/// A request under way.
struct Outgoing {
    method: &'static str,
    url: String,
    /// Whether it went to a storage that the provider named, and not to the provider.
    storage: bool,
    at: f64,
}

impl<H: Host> Transport<H> {
    /// Sends a call once and waits `timeout` ms at most for the whole answer.
    pub async fn exchange(
        &self,
        call: &ApiCall,
        file: Option<&H::File>,
        attempt: u32,
        timeout: f64,
    ) -> Result<Response<Body>, ExchangeError> {
        let request = self.request(call);
        let storage = is_absolute(&call.path);
        let sent =
            Outgoing { method: call.method.as_str(), url: self.redacted_url(call), storage, at: self.host.now() };
        self.host.event(Event::Request { method: sent.method, url: &sent.url, attempt });
        let first = {
            let (answer, late) = (pin!(self.host.fetch(request, file)), pin!(self.host.sleep(timeout)));
            race(answer, late).await
        };
        match first {
            First::Left(Ok(response)) => self.answered(&sent, response),
            First::Left(Err(FetchError::NotSent(reason))) => {
                Err(ExchangeError::NotSent(self.lost(&sent, Code::Network, &reason)))
            }
            First::Left(Err(FetchError::NotSendable(reason))) => {
                let mut error = self.lost(&sent, Code::Network, &reason);
                error.retryable = false;
                Err(ExchangeError::NotSent(error))
            }
            First::Left(Err(FetchError::Lost(reason))) => {
                Err(ExchangeError::Lost(self.lost(&sent, Code::Network, &reason)))
            }
            First::Left(Err(FetchError::NoAnswer)) => {
                Err(ExchangeError::Lost(self.lost(&sent, Code::Protocol, NO_ANSWER)))
            }
            First::Right(()) => Err(ExchangeError::Lost(self.lost(&sent, Code::Timeout, &self.too_late(timeout)))),
        }
    }

    fn request(&self, call: &ApiCall) -> Request<Payload> {
        // No other fields are sent, so that a browser's preflight stays simple.
        let mut headers = Headers::new().with("accept", "application/json");
        if let Some(Payload::Json(_)) = &call.body {
            headers = headers.with("content-type", "application/json");
        }
        for (name, value) in &call.headers {
            headers = headers.with(name.clone(), value.clone());
        }
        if let Some(key) = self.settings.api_key.as_ref().filter(|_| !is_absolute(&call.path)) {
            let (name, value) = self.provider.authorization(key.reveal());
            headers = headers.with(name, value);
        }
        Request { method: call.method, url: self.url(call), headers, body: call.body.clone() }
    }

    fn too_late(&self, timeout: f64) -> String {
        let seconds = crate::text::integer((timeout / SECOND) as u64);
        concat(&[self.provider.id().as_str(), " did not answer within ", &seconds, " s"])
    }

    fn lost(&self, sent: &Outgoing, code: Code, message: &str) -> Error {
        let elapsed = self.host.now() - sent.at;
        self.host.event(Event::RequestFailed { method: sent.method, url: &sent.url, code, elapsed });
        Error::new(code, self.without_secrets(message)).with_provider(self.provider.id())
    }

    fn answered(&self, sent: &Outgoing, response: Response<Body>) -> Result<Response<Body>, ExchangeError> {
        let elapsed = self.host.now() - sent.at;
        self.host.event(Event::Response { method: sent.method, url: &sent.url, status: response.status, elapsed });
        let date = response.headers.get("date").and_then(|text| self.host.parse_date(text));
        if let Some(date) = date {
            self.server.clock_skew.observe_date(date, sent.at, self.host.now());
        }
        if let Some(honoured) = response.headers.get(HONOURED).filter(|_| !sent.storage) {
            self.server.honours_keys.set(Some(honoured != FORGOTTEN));
        }
        let page = !sent.storage && page(&response.body).is_some();
        if (200..300).contains(&self.provider.status(&response)) && !page {
            return Ok(response);
        }
        let mut error = if sent.storage {
            refusal_of_storage(self.provider.id(), &response)
        } else {
            self.provider.refusal(&response)
        };
        if page {
            error.message.push_str(&concat(&["; the page came from ", host_of(&sent.url)]));
        }
        if let Some(owner) = self.owner_of_key().filter(|_| error.code == Code::Authentication) {
            error.message.push_str(&concat(&["; by its form the key is one for provider \"", owner.as_str(), "\""]));
        }
        error.message = self.without_secrets(&error.message);
        for problem in &mut error.problems {
            problem.message = self.without_secrets(&problem.message);
            problem.path = self.without_secrets(&problem.path);
        }
        if let Some(id) = &error.request_id {
            error.request_id = Some(self.without_secrets(id));
        }
        // A moment that it names is one by its own clock.
        let now = date.unwrap_or(self.host.now() + self.server.clock_skew.estimate());
        let wait = retry::parse_retry_after(&response.headers, now, |text| self.host.parse_date(text));
        // A provider may read it from the body.
        error.retry_after = wait.or(error.retry_after);
        let job = self.refused_job(&response);
        error.missing &= job.as_ref().is_none_or(|job| job.state.is_final());
        Err(ExchangeError::Refused(error.about(job)))
    }

    /// The provider whose key it is by its form, if that is another one.
    fn owner_of_key(&self) -> Option<ProviderId> {
        let owner = ProviderId::of_key(self.settings.api_key.as_ref()?.reveal());
        owner.filter(|owner| *owner != self.provider.id())
    }

    /// The URL as events show it. What follows the path of a storage's URL is as good as a key to the file.
    pub fn redacted_url(&self, call: &ApiCall) -> String {
        if is_absolute(&call.path) {
            return before(&call.path, b"?").to_owned();
        }
        self.provider.redact(&self.url(call)).into_owned()
    }

    fn url(&self, call: &ApiCall) -> String {
        if is_absolute(&call.path) {
            return call.path.clone();
        }
        let base = self.settings.base_url.as_deref().unwrap_or(self.provider.base_url());
        let base = self.provider.base_url_for(&call.path, base);
        concat(&[base, "/", &call.path])
    }

    /// A text from outside, without what must not be seen.
    pub fn without_secrets(&self, text: &str) -> String {
        let text = self.redact(text);
        match &self.settings.api_key {
            Some(key) => key.remove_from(&text),
            None => text.into_owned(),
        }
    }
}

/// Whether it is a URL of its own, which is no part of the provider's API and must not see the key.
fn is_absolute(path: &str) -> bool {
    path.starts_with("https://") || path.starts_with("http://")
}

/// The host that an address names; of a relative one its path.
fn host_of(url: &str) -> &str {
    split_at_first(url, "://").map_or(before(url, b"?"), |(_, rest)| after_last(before(rest, b"/?"), b'@'))
}
