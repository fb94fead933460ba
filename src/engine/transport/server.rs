//! What the answers of a server reveal about it.

use crate::engine::scheduling::ClockSkew;
use std::cell::Cell;

/// What was seen of a server. All of its accounts in an isolate share it: a Worker may have an account for each creation, which would have
/// seen nothing yet when its answer is lost.
#[derive(Default)]
pub struct Server {
    /// How its clock differs from this machine's.
    pub clock_skew: ClockSkew,
    /// Whether it honours idempotency keys, once that is known.
    pub honours_keys: Cell<Option<bool>>,
}
