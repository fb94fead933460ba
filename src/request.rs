//! What the user wants, ready to be sent.

pub use crate::request_kind::RequestKind;

use crate::json::Json;

/// A request that is ready to be sent: only this can become a creation.
#[derive(Clone, PartialEq)]
pub struct GenerationRequest {
    /// Which form.
    pub kind: RequestKind,
    /// What goes on the wire, in the canonical vocabulary.
    pub body: Json,
}

/// Without the body: a `callback_secret` may be in it.
impl std::fmt::Debug for GenerationRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GenerationRequest").field("kind", &self.kind).finish_non_exhaustive()
    }
}
