//! Luma's Agents API: `https://agents.lumalabs.ai/v1`.

use super::{Call, Provider, ProviderId};
use crate::engine::Limits;
use crate::error::Problem;
use crate::generation::Generation;
use crate::pricing::{Certainty, Estimate};
use crate::request::{Request, RequestKind};
use crate::rules::Form;
use crate::text::concat;
use crate::value::Value;

/// The provider.
pub struct Agents;

impl<V: Value> Provider<V> for Agents {
    fn id(&self) -> ProviderId {
        ProviderId::Agents
    }

    fn base_url(&self) -> &'static str {
        "https://agents.lumalabs.ai/v1"
    }

    fn authorization(&self, key: &str) -> (&'static str, String) {
        ("authorization", concat(&["Bearer ", key]))
    }

    fn limits(&self) -> Limits {
        Limits::NONE
    }

    fn form(&self, _kind: RequestKind) -> Option<&'static Form> {
        None
    }

    fn knows_model(&self, _body: &V) -> bool {
        false
    }

    fn check(&self, _kind: RequestKind, _body: &V, _problems: &mut Vec<Problem>) {}

    fn create(&self, request: &Request<V>) -> Call<V> {
        Call::post("", request.body.clone())
    }

    fn get(&self, id: &str) -> Call<V> {
        Call::get(id)
    }

    fn generation(&self, _answer: &V) -> Option<Generation<V>> {
        None
    }

    fn estimate(&self, _request: &Request<V>) -> Estimate {
        Estimate { usd: None, certainty: Certainty::Unknown, basis: String::new(), source: None, as_of: "2026-11-20" }
    }

    fn expected(&self, _kind: RequestKind, _body: &V) -> f64 {
        60_000.0
    }
}
