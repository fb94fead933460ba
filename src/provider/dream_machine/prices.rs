//! What Dream Machine jobs cost and how long they usually take.

use crate::json::Json;
use crate::pricing::{Certainty, Estimate, factor};
use crate::request::{Request, RequestKind};
use crate::text::{contains, dollars, integer};

/// The guide gives a rate for modify video, in dollars for a million pixels, and says that reframe is charged at the rate
/// of the model used (docs.lumalabs.ai, read on 2026-11-20). It gives none for anything else. Beside it: the longest
/// source in seconds for modify and for reframe.
const RATES: [(&str, f64, f64, f64); 2] = [("ray-2", 0.01582, 10.0, 10.0), ("ray-flash-2", 0.00544, 15.0, 30.0)];
const AS_OF: &str = "2026-11-20";
const FRAMES_PER_SECOND: f64 = 24.0;

/// What a reframe makes of each ratio, in pixels (guide, reframe page).
const REFRAMED: [(&str, f64); 7] = [
    ("1:1", 1536.0 * 1536.0),
    ("4:3", 1792.0 * 1344.0),
    ("3:4", 1344.0 * 1792.0),
    ("16:9", 2048.0 * 1152.0),
    ("9:16", 1152.0 * 2048.0),
    ("21:9", 2432.0 * 1024.0),
    ("9:21", 1024.0 * 2432.0),
];

pub fn estimate(request: &Request) -> Estimate {
    let model = request.body.text("model").unwrap_or_default();
    let rate = RATES.into_iter().find(|(name, ..)| *name == model);
    let ratio = request.body.text("aspect_ratio").unwrap_or_default();
    let (pixels, seconds, rate, size) = match (request.kind, rate) {
        (RequestKind::ModifyVideo, Some((_, rate, longest, _))) => (1280.0 * 720.0, longest, rate, "720p"),
        (RequestKind::ReframeVideo, Some((_, rate, _, longest))) => {
            match REFRAMED.into_iter().find(|(name, _)| *name == ratio) {
                Some((_, pixels)) => (pixels, longest, rate, ratio.as_str()),
                None => return unknown(request.kind),
            }
        }
        _ => return unknown(request.kind),
    };
    let usd = pixels * FRAMES_PER_SECOND * seconds / 1e6 * rate;
    let basis = format!(
        "${} per million pixels, for the longest source that {model} takes ({} s) at {size} and 24 frames a second: ${}",
        rate_text(rate),
        seconds as u64,
        dollars(usd)
    );
    Estimate {
        usd: Some(usd),
        certainty: Certainty::Approximate,
        basis,
        source: Some("docs.lumalabs.ai"),
        as_of: AS_OF,
    }
}

/// The two rates have five places, which `dollars` would round.
fn rate_text(rate: f64) -> String {
    let places = integer((rate * 1e5 + 0.5) as u64 + 100_000);
    format!("0.{}", places.get(1..).unwrap_or_default())
}

fn unknown(kind: RequestKind) -> Estimate {
    let basis = format!("The Dream Machine API publishes no price for {}", kind.as_str());
    Estimate::unpublished(None, basis, AS_OF)
}

/// Luma publishes no times; these are what users report, rounded, and only steer when the polls come.
pub fn expected(kind: RequestKind, body: &Json) -> f64 {
    let flash = body.text("model").is_some_and(|model| contains(&model, "flash"));
    let seconds = match kind {
        RequestKind::Image if flash => 6.0,
        RequestKind::Image => 15.0,
        RequestKind::ReframeImage => 20.0,
        RequestKind::AddAudio => 30.0,
        RequestKind::UpscaleVideo => 90.0,
        _ if flash => 35.0,
        _ => 75.0,
    };
    let larger = factor(body, "resolution", &[("1080p", 1.6), ("4k", 2.5)]);
    let longer = factor(body, "duration", &[("9s", 1.7)]);
    seconds * larger * longer * 1000.0
}
