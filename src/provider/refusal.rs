//! What an HTTP answer that is no good one means, as far as all providers agree.

use super::ProviderId;
use super::failures::is_moderation;
use super::words::{words, words_and_problems};
use crate::error::{Code, Error, Problem};
use crate::http::{Body, Headers, Response};
use crate::json::Json;
use crate::text::{self, concat, contains};

/// Words of an account that cannot pay, whatever the status is.
const NO_CREDITS: &[&str] = &[
    "insufficient credit",
    "not enough credit",
    "no credit",
    "out of credit",
    "insufficient balance",
    "insufficient fund",
    "insufficient_quota",
];
/// Words about a model or an API that has ended.
const RETIRED: &[&str] = &[
    "retired",
    "discontinued",
    "decommissioned",
    "been deprecated",
    "been sunset",
    "been shut down",
    "no longer available",
    "no longer supported",
];

/// The error that an HTTP answer means. The status decides; the words are the server's.
pub fn refusal(id: ProviderId, response: &Response<Body>) -> Error {
    refusal_of(id, response.status, &response.headers, &response.body)
}

/// The same where a service tells the status or the words in a place of its own.
pub fn refusal_of(id: ProviderId, status: u16, headers: &Headers, body: &Body) -> Error {
    let page = page(body);
    let (detail, problems) = detail(body);
    let lower = detail.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|part| contains(&lower, part));
    let own = own_word(body).unwrap_or_default();
    let refused = matches!(status, 400 | 403 | 422);
    let retired = || matches!(status, 400 | 404 | 422) && says(RETIRED) && says(&["model", "api", "endpoint"]);
    let code = match status {
        408 => Code::Timeout,
        410 => Code::Gone,
        429 => Code::RateLimited,
        500.. => Code::Server,
        // Something in front of the API: it says nothing of the key, nor of the job.
        _ if page.is_some() => Code::Protocol,
        402 => Code::InsufficientCredits,
        // The keys are the client's: none of them is used twice.
        409 if own == "idempotency" => Code::Internal,
        422 if own == "price_unknown" => Code::BudgetExceeded,
        _ if refused && says(NO_CREDITS) => Code::InsufficientCredits,
        _ if retired() => Code::Gone,
        _ if refused && says(&["moderat", "blacklist"]) && is_moderation(&detail) => Code::Moderated,
        400 | 409 | 413 | 415 | 422 => Code::InvalidRequest,
        401 | 403 => Code::Authentication,
        404 | 405 => Code::NotFound,
        _ => Code::Protocol,
    };
    // A page cannot see more of a redirect than that it is one: its status is 0.
    let redirect = matches!(status, 0 | 300..400);
    let number = text::integer(status.into());
    let what = match &page {
        _ if redirect => ["with a redirect: check baseUrl", "", ""],
        Some(title) => [&number, " with a web page", title],
        None if detail.is_empty() => [&number, "", ""],
        None => [&number, ": ", &detail],
    };
    let advice = match code {
        // It is the Worker that has no key, has spent its budget or cannot reach its records: its own words say what to do.
        _ if ["not_configured", "budget", "try_again"].contains(&own.as_str()) => "",
        Code::Authentication => " (check the key that the client was given)",
        Code::InsufficientCredits => " (add credits to the account)",
        // PiAPI answers 405 where it cancels nothing. No other API does: another server, or another provider's API, was asked.
        Code::NotFound if matches!(body, Body::Text(_)) || status == 405 && id != ProviderId::Piapi => {
            " (check baseUrl and provider)"
        }
        Code::RateLimited => " (too many requests or running jobs for this key; wait and try again)",
        Code::Protocol if page.is_some() && !redirect => ": check baseUrl, the network and any proxy",
        _ => "",
    };
    // Luma's migration page, by several third parties, 2026-09.
    let retires = id == ProviderId::DreamMachine && (code == Code::Gone || page.is_some() && status < 500 && !redirect);
    let way = match retires {
        true => "; its models were announced to retire after 2026-10-04: provider \"agents\" has ray-3.2 and uni-1",
        false => "",
    };
    let message = concat(&[id.as_str(), " answered ", &concat(&what), advice, way]);
    let mut error = Error::new(code, message).with_provider(id);
    if code == Code::InvalidRequest {
        error.problems = problems;
    }
    error.concurrency_limited = contains(&lower, "concurrent");
    error.missing = matches!(status, 404 | 410) && !matches!(body, Body::Text(_));
    with_answer(error, status, headers)
}

/// The title of a page for people that stands where an answer should, as words show it; `None` when it is no page.
pub fn page(body: &Body) -> Option<String> {
    let Body::Text(text) = body else { return None };
    let lower = text.to_ascii_lowercase();
    let start = lower.trim_ascii_start();
    if !start.starts_with('<') || !["<!doctype html", "<html", "<head", "<body"].iter().any(|tag| contains(start, tag))
    {
        return None;
    }
    let title = || {
        let at = lower.len() - text::split_at_first(&lower, "<title")?.1.len();
        let (_, rest) = text::split_at_first(text.get(at..)?, ">")?;
        let title = text::before(rest, b"<").trim_ascii();
        (!title.is_empty()).then(|| concat(&[" (\"", &excerpt(title), "\")"]))
    };
    Some(title().unwrap_or_default())
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
    with_answer(error, response.status, &response.headers)
}

fn with_answer(mut error: Error, status: u16, headers: &Headers) -> Error {
    error.status = Some(status).filter(|status| *status > 0);
    error.request_id = headers.get("x-request-id").map(str::to_owned);
    error
}

/// The words of an answer that is no good one.
pub fn server_words(value: &Json) -> Option<String> {
    words(value).map(|words| excerpt(&words))
}

/// The word by which luma-edge's own Worker says why it refuses.
fn own_word(body: &Body) -> Option<String> {
    let Body::Json(value) = body else { return None };
    value.text("detail").and(value.text("code"))
}

/// The server's words.
fn detail(body: &Body) -> (String, Vec<Problem>) {
    match body {
        Body::Empty => (String::new(), Vec::new()),
        Body::Text(text) => (concat(&["not JSON: ", &excerpt(text)]), Vec::new()),
        Body::Json(value) => {
            let (words, problems) = words_and_problems(value);
            (excerpt(without_status(&words)), problems)
        }
    }
}

fn without_status(words: &str) -> &str {
    match text::split_at_first(words, ": ") {
        Some((status, rest)) if status.len() == 3 && status.bytes().all(|byte| byte.is_ascii_digit()) => rest,
        _ => words,
    }
}

/// A text of a server's, cut short.
fn excerpt(text: &str) -> String {
    const MOST: usize = 300;
    let text = text.trim_ascii();
    if text.len() <= MOST {
        return text.to_owned();
    }
    // A cut in the middle of a character is none.
    let start = (0..=MOST).rev().find_map(|end| text.get(..end));
    concat(&[start.unwrap_or_default(), text::CUT])
}
