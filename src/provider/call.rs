//! What is asked of a provider.

use crate::http::{Method, Payload, segment};
use crate::json::Json;
use crate::text::{before, concat};

/// One HTTP call of a provider's API, without the key.
#[derive(Clone, PartialEq)]
pub struct ApiCall {
    /// The verb.
    pub method: Method,
    /// The path under the base URL, with its query and without a leading slash. A whole `http(s)` address belongs to another server (a
    /// storage that the provider named): it is called without the key.
    pub path: String,
    /// The body.
    pub body: Option<Payload>,
    /// Header fields beside the key.
    pub headers: Vec<(String, String)>,
}

/// Without the body, which may hold a session or a secret, and without what follows a path: it may be as good as a key.
impl std::fmt::Debug for ApiCall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = before(&self.path, b"?");
        f.debug_struct("ApiCall").field("method", &self.method).field("path", &path).finish_non_exhaustive()
    }
}

impl ApiCall {
    /// A read.
    pub fn get(path: impl Into<String>) -> Self {
        ApiCall::of(Method::Get, path.into(), None)
    }

    /// A creation.
    pub fn post(path: impl Into<String>, body: Json) -> Self {
        ApiCall::of(Method::Post, path.into(), Some(Payload::Json(body)))
    }

    /// A removal.
    pub fn delete(path: impl Into<String>) -> Self {
        ApiCall::of(Method::Delete, path.into(), None)
    }

    /// Any other.
    pub fn of(method: Method, path: String, body: Option<Payload>) -> Self {
        ApiCall { method, path, body, headers: Vec::new() }
    }

    /// The same call, which says what its body is.
    pub fn with_content_type(mut self, content_type: &str) -> Self {
        self.headers.push(("content-type".to_owned(), content_type.to_owned()));
        self
    }
}

/// The path of one thing in a folder such as `generations/`.
pub fn path_to(folder: &str, id: &str) -> String {
    concat(&[folder, &segment(id)])
}

/// A path with those of its parameters that are given.
pub fn with_query(path: &str, parameters: &[(&str, Option<&str>)]) -> String {
    let mut whole = path.to_owned();
    for (name, value) in parameters {
        if let Some(value) = value {
            let mark = if whole.len() == path.len() { "?" } else { "&" };
            whole = concat(&[&whole, mark, name, "=", &segment(value)]);
        }
    }
    whole
}

/// The reads that not every provider has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// The camera motions that may be named in a prompt.
    CameraMotions,
    /// The keys that `concepts` takes.
    Concepts,
    /// What is left to spend.
    Credits,
    /// How many jobs wait or run.
    ActiveTasks,
    /// Whether the service answers.
    Ping,
}

/// What is asked about the accounts that a service works on for its user.
#[derive(Clone, PartialEq)]
pub enum AccountQuery {
    /// All of them.
    All,
    /// One, by its e-mail.
    One(String),
    /// One more, or a new session for one: by its session, which is as good as a password.
    Add(String),
    /// One less, by its e-mail.
    Remove(String),
}

/// A session does not show.
impl std::fmt::Debug for AccountQuery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            AccountQuery::All => "All",
            AccountQuery::One(_) => "One",
            AccountQuery::Add(_) => "Add",
            AccountQuery::Remove(_) => "Remove",
        })
    }
}
