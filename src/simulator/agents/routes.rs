//! The endpoints.

use crate::http::Method;
use crate::simulator::api::NoRoute;
use crate::simulator::target::Target;

/// What stands before its paths.
const BASE: &str = "/agents/v1";
/// Its own host, where all paths are under `/v1`.
const HOST: &str = "agents.lumalabs.ai";

/// One endpoint, with what its path carries.
#[derive(Clone, Copy)]
pub(crate) enum Route<'a> {
    Get(&'a str),
}

/// The names of all routes, in faults and statistics.
pub(crate) const NAMES: &[&str] = &["agents-get"];

/// What follows the base.
pub(crate) fn tail(target: Target<'_>) -> Option<&str> {
    let own = (target.host == HOST).then(|| target.path.strip_prefix("/v1")).flatten();
    own.or_else(|| target.under(BASE))
}

impl Route<'_> {
    pub(crate) fn name(&self) -> &'static str {
        "agents-get"
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
