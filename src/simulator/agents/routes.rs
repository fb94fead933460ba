//! The endpoints: jobs cannot be listed, deleted or cancelled, and nothing tells of credits.

use crate::http::Method;
use crate::simulator::api::NoRoute;
use crate::simulator::target::Target;

/// What stands before its paths.
pub(super) const BASE: &str = "/agents/v1";
/// Its own host, where all paths are under `/v1`.
const HOST: &str = "agents.lumalabs.ai";

/// One endpoint, with what its path carries.
#[derive(Clone, Copy)]
pub(crate) enum Route<'a> {
    Create,
    Get(&'a str),
    Upload,
    /// Where a file's bytes are sent, by an address that was signed.
    Put(&'a str),
    Complete(&'a str),
    Files,
    File(&'a str),
    RemoveFile(&'a str),
}

/// The names of all routes, in faults and statistics.
pub(crate) const NAMES: &[&str] = &[
    "agents-create",
    "agents-get",
    "agents-upload",
    "agents-put",
    "agents-complete",
    "agents-files",
    "agents-file",
    "agents-remove-file",
];

/// What follows the base.
pub(crate) fn tail(target: Target<'_>) -> Option<&str> {
    let own = (target.host == HOST).then(|| target.path.strip_prefix("/v1")).flatten();
    own.or_else(|| target.under(BASE))
}

impl Route<'_> {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Route::Create => "agents-create",
            Route::Get(_) => "agents-get",
            Route::Upload => "agents-upload",
            Route::Put(_) => "agents-put",
            Route::Complete(_) => "agents-complete",
            Route::Files => "agents-files",
            Route::File(_) => "agents-file",
            Route::RemoveFile(_) => "agents-remove-file",
        }
    }

    /// Whether it makes a job.
    pub(crate) fn creates(&self) -> bool {
        matches!(self, Route::Create)
    }
}

/// The endpoint behind what follows the base path.
pub(crate) fn find(method: Method, tail: &str) -> Result<Route<'_>, NoRoute> {
    use Method::{Delete, Get, Post, Put};
    let parts: Vec<&str> = tail.trim_start_matches('/').split('/').collect();
    Ok(match (method, parts.as_slice()) {
        (Post, ["generations"]) => Route::Create,
        (Get, ["generations", id]) if !id.is_empty() => Route::Get(id),
        (Post, ["files"]) => Route::Upload,
        (Get, ["files"]) => Route::Files,
        (Get, ["files", id]) if !id.is_empty() => Route::File(id),
        (Delete, ["files", id]) if !id.is_empty() => Route::RemoveFile(id),
        (Post, ["files", id, "complete"]) if !id.is_empty() => Route::Complete(id),
        (Put, ["uploads", id]) if !id.is_empty() => Route::Put(id),
        (_, ["generations"] | ["files", _, "complete"]) => return Err(NoRoute::Method("POST")),
        (_, ["generations", id]) if !id.is_empty() => return Err(NoRoute::Method("GET")),
        (_, ["files"]) => return Err(NoRoute::Method("GET, POST")),
        (_, ["files", id]) if !id.is_empty() => return Err(NoRoute::Method("GET, DELETE")),
        (_, ["uploads", id]) if !id.is_empty() => return Err(NoRoute::Method("PUT")),
        _ => return Err(NoRoute::Path),
    })
}
