//! The endpoints, by PiAPI's documents of 2024 to 2026.

use crate::http::Method;
use crate::simulator::api::NoRoute;
use crate::simulator::target::Target;

/// What stands before its paths.
const BASE: &str = "/piapi";
/// Its own hosts, where its paths have nothing before them.
const HOSTS: [&str; 3] = ["api.piapi.ai", "api.goapi.ai", "upload.theapi.app"];

/// One endpoint, with what its path carries.
#[derive(Clone, Copy)]
pub(crate) enum Route<'a> {
    Create,
    Get(&'a str),
    Cancel(&'a str),
    Histories,
    Account,
    Active,
    Upload,
}

/// The names of all routes, in faults and statistics.
pub(crate) const NAMES: &[&str] =
    &["piapi-create", "piapi-get", "piapi-cancel", "piapi-histories", "piapi-account", "piapi-active", "piapi-upload"];

/// What follows the base.
pub(crate) fn tail(target: Target<'_>) -> Option<&str> {
    if HOSTS.contains(&target.host) { Some(target.path) } else { target.under(BASE) }
}

impl Route<'_> {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Route::Create => "piapi-create",
            Route::Get(_) => "piapi-get",
            Route::Cancel(_) => "piapi-cancel",
            Route::Histories => "piapi-histories",
            Route::Account => "piapi-account",
            Route::Active => "piapi-active",
            Route::Upload => "piapi-upload",
        }
    }

    /// Whether it makes a job.
    pub(crate) fn creates(&self) -> bool {
        matches!(self, Route::Create)
    }
}

/// The endpoint behind what follows the base path. A path under another verb is as unknown as any other.
pub(crate) fn find(method: Method, tail: &str) -> Result<Route<'_>, NoRoute> {
    use Method::{Delete, Get, Post};
    let parts: Vec<&str> = tail.trim_start_matches('/').split('/').collect();
    Ok(match (method, parts.as_slice()) {
        (Post, ["api", "v1", "task"]) => Route::Create,
        (Get, ["api", "v1", "task", id]) if !id.is_empty() => Route::Get(id),
        (Delete, ["api", "v1", "task", id]) if !id.is_empty() => Route::Cancel(id),
        (Get, ["api", "open", "tasks", "histories"]) => Route::Histories,
        (Get, ["account", "info"]) => Route::Account,
        (Get, ["account", "active_tasks"]) => Route::Active,
        (Post, ["api", "ephemeral_resource"]) => Route::Upload,
        _ => return Err(NoRoute::Path),
    })
}
