//! Answers as a simulator gives them: JSON, pages, files; all of them readable from another origin.

use serde_json::{Value, json};

use super::calendar::http_date;
use crate::http::{Headers, Request, Response};

/// What a call comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// Ms of simulator time until the answer starts, or until the connection is cut.
    pub after: f64,
    /// What happens then.
    pub outcome: Outcome,
}

/// How a call ends.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// An answer.
    Answer(Response<Vec<u8>>),
    /// No connection is made: the call never arrived, and the caller can tell.
    Refused,
    /// The connection is closed without an answer.
    Cut,
    /// The header fields announce the whole body; half of it arrives, then the connection is cut.
    Truncated(Response<Vec<u8>>),
    /// Nothing, ever.
    Silence,
}

/// An answer and the ms of work before it.
pub(crate) struct Worked {
    pub(crate) after: f64,
    pub(crate) response: Response<Vec<u8>>,
}

/// What a page may read beside what it always may.
const EXPOSED: &str = "date, retry-after, x-request-id, x-api-version, x-ratelimit-limit, x-ratelimit-remaining, \
                       x-ratelimit-reset, content-length, content-range, accept-ranges";

pub(crate) fn json(status: u16, value: &Value) -> Response<Vec<u8>> {
    with_body(status, "application/json", value.to_string().into_bytes())
}

/// An error as both of Luma's APIs write it.
pub(crate) fn detail(status: u16, detail: impl Into<Value>) -> Response<Vec<u8>> {
    json(status, &json!({ "detail": detail.into() }))
}

pub(crate) fn html(status: u16) -> Response<Vec<u8>> {
    let page = "<!doctype html><title>Gateway</title><h1>The page that a gateway shows in place of an answer</h1>\n";
    with_body(status, "text/html; charset=utf-8", page.into())
}

pub(crate) fn with_body(status: u16, content_type: &str, body: Vec<u8>) -> Response<Vec<u8>> {
    let headers = Headers::new().with("content-type", content_type).with("content-length", body.len().to_string());
    Response { status, headers, body }
}

pub(crate) fn no_content(status: u16) -> Response<Vec<u8>> {
    Response { status, headers: Headers::new(), body: Vec::new() }
}

/// What a browser asks before it calls another origin: everything is allowed.
pub(crate) fn preflight(request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
    let wanted = request.headers.get("access-control-request-headers").unwrap_or("authorization, content-type");
    let mut response = no_content(204);
    response.headers = response
        .headers
        .with("access-control-allow-methods", "GET, POST, PUT, DELETE, HEAD, OPTIONS")
        .with("access-control-allow-headers", wanted)
        .with("access-control-max-age", "86400");
    response
}

/// Adds what every answer carries. `at` is when it is sent. An id that the provider took from the request stays.
pub(crate) fn finished(mut response: Response<Vec<u8>>, at: f64, request_id: String) -> Response<Vec<u8>> {
    if response.headers.get("x-request-id").is_none() {
        response.headers = response.headers.with("x-request-id", request_id);
    }
    response.headers = response
        .headers
        .with("date", http_date(at))
        .with("access-control-allow-origin", "*")
        .with("access-control-expose-headers", EXPOSED);
    response
}
