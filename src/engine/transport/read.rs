//! Calls that change nothing when they are sent twice: a failure that may pass is retried.

use super::{ExchangeError, Transport};
use crate::engine::model::{Event, Host};
use crate::engine::scheduling::retry;
use crate::error::Error;
use crate::http::{Body, Response};
use crate::provider::ApiCall;
use std::future::Future;

impl<H: Host> Transport<H> {
    /// Sends such a call as often as the settings allow. With the answer comes whether it took more than one try.
    pub fn read<'a>(&'a self, call: &'a ApiCall) -> impl Future<Output = (Result<Response<Body>, Error>, bool)> + 'a {
        self.read_within(call, None, self.settings.timeout)
    }

    /// The same with `timeout` ms for each try.
    pub async fn read_within(
        &self,
        call: &ApiCall,
        file: Option<&H::File>,
        timeout: f64,
    ) -> (Result<Response<Body>, Error>, bool) {
        let mut attempt = 0;
        loop {
            let error = match self.exchange(call, file, attempt, timeout).await {
                Ok(response) => return (Ok(response), attempt > 0),
                Err(failed) => failed.error(),
            };
            if attempt >= self.settings.max_retries || !retry::is_retryable_read(&error) {
                return (Err(error), attempt > 0);
            }
            let delay = retry::backoff_delay(attempt, error.retry_after, self.host.random());
            self.announce_retry(call, &error, delay);
            self.host.sleep(delay).await;
            attempt += 1;
        }
    }

    /// Sends such a call once: the caller tries again in its own time.
    pub async fn read_once(&self, call: &ApiCall) -> Result<Response<Body>, Error> {
        self.exchange(call, None, 0, self.settings.timeout).await.map_err(ExchangeError::error)
    }

    /// Reports that a call will be sent again after so many ms.
    pub fn announce_retry(&self, call: &ApiCall, error: &Error, after: f64) {
        self.host.event(Event::Retry { url: &self.redacted_url(call), code: error.code, after });
    }
}
