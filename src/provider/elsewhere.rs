//! A model that only another provider has.

use super::ProviderId;
use crate::error::{Problem, ProblemCode};
use crate::request::RequestKind;
use crate::text::concat;

/// What is said of it: what this provider has in its place, and how to take that.
pub fn elsewhere(id: ProviderId, model: &str, kind: RequestKind, has: &str, own: Option<&str>) -> Problem {
    let mut message = concat(&[id.as_str(), " has no ", model, "; for ", kind.as_str(), " it has ", has]);
    if let Some(own) = own {
        message = concat(&[&message, " (without a model, or with unsupported: \"drop\", it is ", own, ")"]);
    }
    Problem::new("model", ProblemCode::Unsupported, &message)
}

/// What is said of a model of the provider's own that makes something else.
pub fn other_kind(model: &str, kind: RequestKind) -> Problem {
    Problem::of("model", ProblemCode::Unsupported, &[model, " does not do ", kind.as_str()])
}
