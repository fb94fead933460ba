//! What an HTTP answer that is no good one means, as far as all providers agree.

use super::ProviderId;
use crate::error::{Code, Error, Problem};
use crate::http::{Body, Headers, Response};
use crate::json::{Json, Kind};
use crate::text::{self};

/// The error that an HTTP answer means. The status decides; the words are the server's.
pub fn refusal(id: ProviderId, response: &Response<Body>) -> Error {
    refusal_of(id, response.status, &response.headers, &response.body)
}

/// The same where a service tells the status or the words in a place of its own.
pub fn refusal_of(id: ProviderId, status: u16, headers: &Headers, body: &Body) -> Error {
    let (detail, problems) = detail(body);
    let lower = detail.to_ascii_lowercase();
    let code = match status {
        402 => Code::InsufficientCredits,
        400 | 403 | 422
            if text::contains(&lower, "insufficient credit") || text::contains(&lower, "not enough credit") =>
        {
            Code::InsufficientCredits
        }
        400 | 409 | 413 | 415 | 422 => Code::InvalidRequest,
        401 | 403 => Code::Authentication,
        404 | 405 => Code::NotFound,
        408 => Code::Timeout,
        410 => Code::Gone,
        429 => Code::RateLimited,
        500.. => Code::Server,
        _ => Code::Protocol,
    };
    // A page cannot see more of a redirect than that it is one: its status is 0.
    let redirect = matches!(status, 0 | 300..400);
    let number = text::integer(status.into());
    let mut message =
        format!("{} answered {}", id.as_str(), if redirect { "with a redirect: check baseUrl" } else { &number });
    if !detail.is_empty() && !redirect {
        message.push_str(": ");
        message.push_str(&detail);
    }
    message.push_str(match code {
        Code::Authentication => " (check the key that the client was given)",
        Code::InsufficientCredits => " (add credits to the account)",
        Code::RateLimited => " (too many requests or running jobs for this key; wait and try again)",
        _ => "",
    });
    let mut error = Error::new(code, message).with_problems(problems).with_provider(id);
    error.concurrency_limited = text::contains(&lower, "concurrent");
    told_by(error, status, headers)
}

/// The error that the answer of a storage means, which a provider has named for a file. It knows no key. Its own words are
/// left out: they may hold the address, which is as good as a key to the file.
pub fn refusal_of_storage<B>(id: ProviderId, response: &Response<B>) -> Error {
    let code = match response.status {
        408 => Code::Timeout,
        429 => Code::RateLimited,
        500.. => Code::Server,
        401 | 403 | 404 | 410 => Code::Gone,
        _ => Code::Protocol,
    };
    let status = text::integer(response.status.into());
    let why = if code == Code::Gone { ": the address that it was given has expired, or is not good" } else { "" };
    let message = format!("the storage that {} named for the file answered {status}{why}", id.as_str());
    answered(Error::new(code, message).with_provider(id), response)
}

/// The error with what tells the answer it came from.
pub fn answered<B>(error: Error, response: &Response<B>) -> Error {
    told_by(error, response.status, &response.headers)
}

fn told_by(mut error: Error, status: u16, headers: &Headers) -> Error {
    error.status = Some(status).filter(|status| *status > 0);
    error.request_id = headers.get("x-request-id").map(str::to_owned);
    error
}

/// The server's words. Three shapes are known: a sentence, a sentence behind a status (`400: ...`), and a list of
/// problems with the place of each. Anything else is shown as it came, cut short.
fn detail(body: &Body) -> (String, Vec<Problem>) {
    let value = match body {
        Body::Empty => return (String::new(), Vec::new()),
        Body::Text(text) => return (format!("not JSON: {}", excerpt(text)), Vec::new()),
        Body::Json(value) => value,
    };
    let detail = ["detail", "message", "error"].iter().find_map(|key| value.get(key)).unwrap_or_else(|| value.clone());
    match detail.kind() {
        Kind::List => {
            let mut problems = Vec::new();
            for entry in detail.items() {
                problems.push(problem(&entry));
            }
            (excerpt(&crate::error::sentences(&problems)), problems)
        }
        _ => (excerpt(without_status(&detail.as_str().unwrap_or_default())), Vec::new()),
    }
}

/// One entry of the third shape: `{ loc: ["body", "keyframes", "frame0", "url"], msg }`.
fn problem(entry: &Json) -> Problem {
    let mut path = String::new();
    for step in entry.get("loc").map(|loc| loc.items()).unwrap_or_default() {
        if let Some(index) = step.as_f64() {
            path.push_str(&format!("[{}]", index as u64));
        } else if let Some(name) = step.as_str().filter(|name| !(path.is_empty() && name == "body")) {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(&name);
        }
    }
    let message = entry.text("msg").unwrap_or_else(|| "is not accepted".into());
    Problem { path, code: crate::error::ProblemCode::InvalidValue, message }
}

fn without_status(words: &str) -> &str {
    match text::split_at_first(words, ": ") {
        Some((status, rest)) if status.len() == 3 && status.bytes().all(|byte| byte.is_ascii_digit()) => rest,
        _ => words,
    }
}

fn excerpt(text: &str) -> String {
    const MOST: usize = 300;
    let text = text.trim_ascii();
    if text.len() <= MOST {
        return text.to_owned();
    }
    // A cut in the middle of a character is none.
    let start = (0..=MOST).rev().find_map(|end| text.get(..end));
    format!("{}…", start.unwrap_or_default())
}
