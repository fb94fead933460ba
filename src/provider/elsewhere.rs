//! A model that only another provider has.

use super::ProviderId;
use crate::error::{Problem, ProblemCode};
use crate::request::RequestKind;

/// What is said of it: what this provider has in its place, and how to take that.
pub fn elsewhere(id: ProviderId, model: &str, kind: RequestKind, has: &str, own: Option<&str>) -> Problem {
    let mut message = format!("{} has no {model}; for {} it has {has}", id.as_str(), kind.as_str());
    if let Some(own) = own {
        message.push_str(&format!(" (without a model, or with unsupported: \"drop\", it is {own})"));
    }
    Problem::new("model", ProblemCode::Unsupported, &message)
}
