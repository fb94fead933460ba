//! What an answer means that is no good one (pages of 2026-04-06; 412, 422 and 429 by the siblings').

use crate::error::{Code, Error};
use crate::http::{Body, Response};
use crate::provider::ProviderId;
use crate::provider::failures::is_moderation;
use crate::provider::refusal::{page, refusal};
use crate::text::whole;

/// The error that an answer means.
pub fn read(response: &Response<Body>) -> Error {
    let page = page(&response.body).is_some();
    let mut error = refusal(ProviderId::Useapi, response);
    error.retry_after = wait(response);
    let (code, advice) = match response.status {
        400 | 422 if is_moderation(&error.message) => (Code::Moderated, ""),
        // An upstream without credits.
        412 => (Code::InsufficientCredits, " (the Luma account has no credits left)"),
        // The service's own status. To a machine in between it is like any 5xx; here it is never tried again.
        596 => (Code::Authentication, " (the session of the Luma account has expired: add the account again)"),
        200..300 | 404 | 405 | 410 if page => {
            (Code::Gone, " (useapi.net seems to have ended its Luma API, which is experimental: use another provider)")
        }
        // The documents have it of accounts, a sibling's of jobs.
        404 if matches!(response.body, Body::Empty) => {
            (Code::NotFound, " (no such Luma account, which has to be added first, or no such job)")
        }
        410 => (Code::Gone, " (jobs are kept for a while only)"),
        429 => {
            error.concurrency_limited = true;
            (Code::RateLimited, "; its Luma accounts have as many concurrent jobs as they may")
        }
        _ => return error,
    };
    error.code = code;
    error.retryable = code == Code::RateLimited;
    error.message.push_str(advice);
    error
}

/// How long until `retryAfter`, in ms. It is an instant of the server's clock, so the answer's own `date` is what to
/// reckon from; both are in UTC, so that times of day are enough.
fn wait(response: &Response<Body>) -> Option<f64> {
    const DAY: f64 = 86_400.0;
    let date = response.headers.get("date")?;
    let Body::Json(answer) = &response.body else { return None };
    let until = time_of_day(answer.text("retryAfter")?.get("2026-11-20T".len()..)?)?;
    let seconds = until - time_of_day(date.get("Fri, 20 Nov 2026 ".len()..)?)?;
    let seconds = if seconds < -DAY / 2.0 { seconds + DAY } else { seconds };
    (seconds > 0.0).then_some(seconds * 1000.0)
}

/// The seconds of `12:00:10`.
fn time_of_day(text: &str) -> Option<f64> {
    let part = |from: usize| whole(text.get(from..from + 2)?);
    Some(part(0)? * 3600.0 + part(3)? * 60.0 + part(6)?)
}
