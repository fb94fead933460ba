//! What Agents jobs cost and how long they usually take (docs.agents.lumalabs.ai, as third parties repeat it for videos; read
//! on 2026-11-20, the latest of them is of 2026-10-08).

use crate::json::Json;
use crate::pricing::{Certainty, Estimate, factor, text_or};
use crate::request::{GenerationRequest, RequestKind};
use crate::text::{concat, integer};

const AS_OF: &str = "2026-11-20";
const SOURCE: &str = "docs.agents.lumalabs.ai";

/// Dollars for 360p, 540p, 720p, 1080p.
type Prices = [f64; 4];
/// 5 s in standard dynamic range.
const VIDEO: Prices = [0.06, 0.15, 0.30, 1.20];
/// A page of Luma's own names $1.44 for 720p, where the guide has 1.08 (2026-11-27).
const MODIFY: Prices = [0.54, 0.72, 1.08, 2.16];
/// For each second of the source that has begun.
const REFRAME: Prices = [0.03, 0.06, 0.12, 0.36];
const LONGEST: &str = "the longest source that is taken, ";
/// The longest source to be modified, and to be reframed, in seconds. They are written as whole numbers: the code that writes
/// an `f64` is large.
const LONGEST_MODIFIED: f64 = 18.0;
const LONGEST_REFRAMED: f64 = 30.0;

pub fn estimate(request: &GenerationRequest) -> Estimate {
    match priced(request) {
        Some((usd, certainty, what)) => Estimate::priced(usd, certainty, &what, SOURCE, AS_OF),
        None => Estimate::unpublished(None, "The Agents API publishes no price for this".into(), AS_OF),
    }
}

/// A price, how sure it is, and for what.
type Priced = Option<(f64, Certainty, String)>;

fn priced(request: &GenerationRequest) -> Priced {
    let GenerationRequest { kind, body } = request;
    let model = body.text("model")?;
    if *kind == RequestKind::Image {
        return image(&model, body);
    }
    if model != "ray-3.2" {
        return None;
    }
    let resolution = text_or(body, "resolution", "720p");
    let column = ["360p", "540p", "720p", "1080p"].iter().position(|name| *name == resolution)?;
    let of = |prices: Prices| prices.get(column).copied();
    let long = body.is_one_of("duration", &["10s"]);
    let hdr = body.is_on("hdr");
    // High dynamic range costs twice as much, and three times with the frames as files (Luma's page about the API).
    let (range, in_range) = match (hdr, body.is_on("exr_export")) {
        (true, true) => (3.0, " in HDR with EXR"),
        (true, false) => (2.0, " in HDR"),
        _ => (1.0, ""),
    };
    match kind {
        RequestKind::Video => {
            // 10 s cost three times what 5 s do; in HDR no price of theirs is published.
            let (times, length) = if long { (3.0, "10 s at ") } else { (1.0, "5 s at ") };
            let certainty = if long && hdr { Certainty::Approximate } else { Certainty::Published };
            Some((of(VIDEO)? * range * times, certainty, concat(&[length, &resolution, in_range])))
        }
        RequestKind::ModifyVideo => {
            // The result is as long as its source. Prices are given for 5 s and twice as much for 10 s.
            let given = body.has("duration");
            let seconds = if given { if long { 10.0 } else { 5.0 } } else { LONGEST_MODIFIED };
            let source = if given { "a source of " } else { LONGEST };
            let what = concat(&[source, &integer(seconds as u64), " s at ", &resolution, in_range]);
            Some((of(MODIFY)? * range * f64::ceil(seconds / 5.0), Certainty::Approximate, what))
        }
        RequestKind::ReframeVideo => {
            let what = concat(&[LONGEST, &integer(LONGEST_REFRAMED as u64), " s at ", &resolution]);
            Some((of(REFRAME)? * LONGEST_REFRAMED, Certainty::Approximate, what))
        }
        _ => None,
    }
}

/// A picture in 2K; each reference costs the same.
fn image(model: &str, body: &Json) -> Priced {
    let price = match model {
        "uni-1" => 0.0404,
        "uni-1-max" => 0.1,
        _ => return None,
    };
    let references = body.items_of("image_ref").len() + usize::from(body.has("modify_image_ref"));
    let what = concat(&["a picture by ", model, " with ", &integer(references as u64), " references"]);
    Some((price + 0.003 * references as f64, Certainty::Published, what))
}

/// uni-1 takes 30 to 60 s and 5 s of 720p less than 2 min (guide); the rest is guessed from these.
pub fn expected(kind: RequestKind, body: &Json) -> f64 {
    let seconds = match kind {
        RequestKind::Image => 45.0,
        RequestKind::Layering => 60.0,
        RequestKind::Video => 75.0,
        _ => 90.0,
    };
    let larger = factor(body, "resolution", &[("360p", 0.5), ("540p", 0.75), ("1080p", 1.5)]);
    let longer = factor(body, "duration", &[("10s", 2.0)]);
    seconds * larger * longer * 1000.0
}
