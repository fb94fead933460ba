//! The endpoints, by the documents of 2026-04-06.

use crate::http::Method;
use crate::simulator::api::NoRoute;
use crate::simulator::target::Target;

/// What stands before its paths.
const BASE: &str = "/v1/luma";

/// One endpoint, with what its path carries, still percent-encoded.
#[derive(Clone, Copy)]
pub(crate) enum Route<'a> {
    Accounts,
    AddAccount,
    Account(&'a str),
    RemoveAccount(&'a str),
    Asset(&'a str),
    Video,
    Image,
    Jobs,
    Job(&'a str),
}

/// The names of all routes, in faults and statistics.
pub(crate) const NAMES: &[&str] = &[
    "useapi-accounts",
    "useapi-add-account",
    "useapi-account",
    "useapi-remove-account",
    "useapi-asset",
    "useapi-video",
    "useapi-image",
    "useapi-jobs",
    "useapi-job",
];

/// What follows the base.
pub(crate) fn tail(target: Target<'_>) -> Option<&str> {
    target.under(BASE)
}

impl Route<'_> {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Route::Accounts => "useapi-accounts",
            Route::AddAccount => "useapi-add-account",
            Route::Account(_) => "useapi-account",
            Route::RemoveAccount(_) => "useapi-remove-account",
            Route::Asset(_) => "useapi-asset",
            Route::Video => "useapi-video",
            Route::Image => "useapi-image",
            Route::Jobs => "useapi-jobs",
            Route::Job(_) => "useapi-job",
        }
    }

    /// Whether it makes a job.
    pub(crate) fn creates(&self) -> bool {
        matches!(self, Route::Video | Route::Image)
    }
}

/// The endpoint behind what follows the base path.
pub(crate) fn find(method: Method, tail: &str) -> Result<Route<'_>, NoRoute> {
    use Method::{Delete, Get, Post};
    let parts: Vec<&str> = tail.trim_start_matches('/').split('/').collect();
    Ok(match (method, parts.as_slice()) {
        (_, [_, ""]) => return Err(NoRoute::Path),
        (Get, ["accounts"]) => Route::Accounts,
        (Post, ["accounts"]) => Route::AddAccount,
        (Get, ["accounts", email]) => Route::Account(email),
        (Delete, ["accounts", email]) => Route::RemoveAccount(email),
        (Post, ["assets", email]) => Route::Asset(email),
        (Post, ["videos"]) => Route::Video,
        (Post, ["images"]) => Route::Image,
        (Get, ["jobs"]) => Route::Jobs,
        (Get, ["jobs", id]) => Route::Job(id),
        (_, ["accounts"]) => return Err(NoRoute::Method("GET, POST")),
        (_, ["accounts", _]) => return Err(NoRoute::Method("GET, DELETE")),
        (_, ["assets", _] | ["videos" | "images"]) => return Err(NoRoute::Method("POST")),
        (_, ["jobs"] | ["jobs", _]) => return Err(NoRoute::Method("GET")),
        _ => return Err(NoRoute::Path),
    })
}
