//! HTTP as plain values: what a provider asks to be sent and what came back. No I/O happens here.

use crate::json::Json;
use std::borrow::Cow;

/// The verbs that the providers use, and those that a browser, a player or a mistake sends to the simulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads; safe to send again.
    Get,
    /// Creates; what is created costs money, so it is never sent again without a reason.
    Post,
    /// Removes; sending it again changes nothing more.
    Delete,
    /// Reads the header fields alone.
    Head,
    /// Asks what is allowed: a browser does so before it calls another origin.
    Options,
    /// Replaces.
    Put,
    /// Changes a part.
    Patch,
}

impl Method {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Delete => "DELETE",
            Method::Head => "HEAD",
            Method::Options => "OPTIONS",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
        }
    }

    /// The verb behind a word on the wire, none for an unknown one. Verbs are case-sensitive.
    pub fn from_name(name: &str) -> Option<Method> {
        use Method::*;
        [Get, Post, Delete, Head, Options, Put, Patch].into_iter().find(|method| method.as_str() == name)
    }
}

/// Header fields in the order they were added; names are compared without case.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(Cow<'static, str>, String)>);

/// What is read of an answer: a host gives the core these alone. In a page, only those that the server exposes are there.
pub const ANSWER_HEADERS: [&str; 8] = [
    "date",
    "retry-after",
    "retry-after-ms",
    "x-request-id",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "luma-edge-idempotency",
];

impl Headers {
    /// No fields at all.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a field and gives the whole back, for building.
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.0.push((name.into(), value.into()));
        self
    }

    /// The first field of that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v)
    }

    /// All fields.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(n, v)| (&**n, v.as_str()))
    }
}

/// Names only: a value may be a key.
impl std::fmt::Debug for Headers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

/// One request to be sent. `B` is what the two sides of the core hold as a body: a [`Payload`] at the client, bytes at the simulator.
#[derive(Clone, PartialEq)]
pub struct Request<B> {
    /// The verb.
    pub method: Method,
    /// The whole URL, with its query.
    pub url: String,
    /// The header fields; the key is among them.
    pub headers: Headers,
    /// The body.
    pub body: Option<B>,
}

/// Without the body, which may hold a session or a secret, and without the query: it may be as good as a key.
impl<B> std::fmt::Debug for Request<B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let url = crate::text::before(&self.url, b"?");
        let mut shown = f.debug_struct("Request");
        shown.field("method", &self.method).field("url", &url).field("headers", &self.headers).finish_non_exhaustive()
    }
}

/// What a request of the client's carries. The bytes of a file stay with the host: the core only says where they go.
#[derive(Clone, Debug, PartialEq)]
pub enum Payload {
    /// JSON.
    Json(Json),
    /// The file that is being uploaded, as it is.
    File,
    /// The form that holds the file that is being uploaded.
    Form,
}

/// One answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Response<B> {
    /// The status as sent, also one outside the standard range.
    pub status: u16,
    /// The fields that came with it.
    pub headers: Headers,
    /// What came.
    pub body: B,
}

/// What an answer's body turned out to be.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// JSON.
    Json(Json),
    /// Something else: a proxy's page, half a document.
    Text(String),
    /// Nothing at all.
    Empty,
}

/// `text` as one segment of a path: an id is opaque and may hold anything.
pub fn segment(text: &str) -> String {
    const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(byte as char);
        } else {
            out.push('%');
            out.extend(HEX.get(usize::from(byte >> 4)));
            out.extend(HEX.get(usize::from(byte & 15)));
        }
    }
    out
}
