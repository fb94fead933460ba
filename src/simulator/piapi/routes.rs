//! The endpoints.

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
    Get(&'a str),
}

/// The names of all routes, in faults and statistics.
pub(crate) const NAMES: &[&str] = &["piapi-get"];

/// What follows the base.
pub(crate) fn tail(target: Target<'_>) -> Option<&str> {
    if HOSTS.contains(&target.host) { Some(target.path) } else { target.under(BASE) }
}

impl Route<'_> {
    pub(crate) fn name(&self) -> &'static str {
        "piapi-get"
    }

    /// Whether it makes a job.
    pub(crate) fn creates(&self) -> bool {
        false
    }
}

/// The endpoint behind what follows the base path.
pub(crate) fn find(_method: Method, _tail: &str) -> Result<Route<'_>, NoRoute> {
    Err(NoRoute::Path)
}
