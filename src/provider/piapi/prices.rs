//! What tasks cost and how long they take.

use crate::json::Json;
use crate::pricing::Estimate;
use crate::text::{concat, dollars};

const AS_OF: &str = "2026-08-31";

/// By integrations of 2026-08; a task of 5 s took 2,000,000 points, worth as much, in PiAPI's own sample of 2026-01.
pub fn estimate(body: &Json) -> Estimate {
    let usd = if body.is_one_of("service_mode", &["private"]) {
        None
    } else if body.is_one_of("duration", &["9s", "10s"]) {
        Some(0.4)
    } else if body.is_one_of("duration", &["5s"]) || !body.has("duration") {
        Some(0.2)
    } else {
        None
    };
    let basis = match usd {
        Some(usd) => concat(&["PiAPI publishes no price for Luma; integrations report $", &dollars(usd)]),
        None => "PiAPI publishes no price for this".into(),
    };
    Estimate::unpublished(usd, basis, AS_OF)
}

/// The one task of which times are public took 3 min 10 s for 5 s (piapi.ai docs, 2026-01).
pub fn expected(body: &Json) -> f64 {
    if body.is_one_of("duration", &["9s", "10s"]) { 340_000.0 } else { 190_000.0 }
}
