//! What Dream Machine jobs cost and how long they usually take.
//!
//! The guide (docs.lumalabs.ai, read on 2026-11-20) has a rate for modifying videos. All other prices stood at
//! lumalabs.ai/api/pricing, which has since been replaced; several integrations of May 2025 and later repeat them.

use crate::json::Json;
use crate::pricing::{Certainty, Estimate, factor};
use crate::request::{Request, RequestKind};
use crate::text::{concat, contains, dollars, integer};

const GUIDE: (&str, &str) = ("docs.lumalabs.ai", "2026-11-20");
const PRICE_LIST: (&str, &str) = ("lumalabs.ai/api/pricing, since replaced", "2025-05-06");

/// Dollars for a million pixels that are generated or reframed.
const RATES: [(&str, f64); 4] =
    [("ray-2", 0.0064), ("ray-flash-2", 0.0022), ("photon-1", 0.0073), ("photon-flash-1", 0.0019)];
/// The same for pixels that are modified.
const MODIFY: [(&str, f64); 2] = [("ray-2", 0.01582), ("ray-flash-2", 0.00544)];
/// The longest source that is modified, and that is reframed, in seconds (guide).
const LONGEST: [(&str, [f64; 2]); 2] = [("ray-2", [10.0, 10.0]), ("ray-flash-2", [15.0, 30.0])];
/// Dollars for a video of 5 s and of 9 s in each of [`RESOLUTIONS`]; its ratio makes no difference.
const VIDEO: [(&str, [[f64; 2]; 4]); 2] = [
    ("ray-2", [[0.40, 0.72], [0.71, 1.27], [0.86, 1.54], [0.96, 1.72]]),
    ("ray-flash-2", [[0.14, 0.25], [0.24, 0.44], [0.39, 0.71], [0.49, 0.89]]),
];
const RESOLUTIONS: [(&str, f64); 4] =
    [("540p", 960.0 * 540.0), ("720p", 1280.0 * 720.0), ("1080p", 1920.0 * 1080.0), ("4k", 3840.0 * 2160.0)];
/// Dollars for each second of a 540p video that is made larger, and for each second of sound.
const UPSCALE: [(&str, f64); 3] = [("720p", 0.06), ("1080p", 0.09), ("4k", 0.11)];
const AUDIO: f64 = 0.02;
/// The longest video that is generated at once, in seconds.
const LONGEST_VIDEO: f64 = 9.0;
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
    let Request { kind, body } = request;
    let priced = match kind {
        RequestKind::Video => video(body),
        RequestKind::Image => picture(body, "1920x1080", 1920.0 * 1080.0),
        RequestKind::ReframeImage => reframed(body).and_then(|(ratio, pixels)| picture(body, ratio, pixels)),
        RequestKind::ReframeVideo => reframe_video(body),
        RequestKind::ModifyVideo => modify(body),
        RequestKind::UpscaleVideo => upscale(body),
        RequestKind::AddAudio => Some((AUDIO * LONGEST_VIDEO, "sound for a video of 9 s".into())),
        RequestKind::Layering => None,
    };
    let (source, as_of) = if *kind == RequestKind::ModifyVideo { GUIDE } else { PRICE_LIST };
    let Some((usd, what)) = priced else {
        let basis = concat(&["No price is known for ", kind.as_str(), " with these fields"]);
        return Estimate::unpublished(None, basis, as_of);
    };
    let basis = concat(&["$", &dollars(usd), " for ", &what]);
    Estimate::new(Some(usd), Certainty::Approximate, basis, Some(source), as_of)
}

/// A price, and for what.
type Priced = Option<(f64, String)>;

fn video(body: &Json) -> Priced {
    let prices = named(&VIDEO, &body.text("model")?)?;
    let resolution = body.text("resolution").unwrap_or_else(|| "720p".into());
    let column = RESOLUTIONS.iter().position(|(name, _)| *name == resolution)?;
    let duration = body.text("duration").unwrap_or_else(|| "5s".into());
    let (length, seconds) = named(&[("5s", (0, 5.0)), ("9s", (1, 9.0))], &duration)?;
    let usd = *prices.get(column)?.get(length)?;
    let mut what = concat(&[&duration, " at ", &resolution]);
    // Integrations disagree about the larger ones: some charge them as an upscale of 540p, which is this list, others by pixel.
    if column > 1 {
        let by_pixel = million_pixels(named(&RESOLUTIONS, &resolution)?, seconds) * rate(body)?;
        what = concat(&[&what, "; charged by the pixel it would be $", &dollars(by_pixel)]);
    }
    Some((usd, what))
}

fn picture(body: &Json, size: &str, pixels: f64) -> Priced {
    Some((pixels / 1e6 * rate(body)?, concat(&["a picture of ", size])))
}

/// The guide charges a reframe "at the rate of the model": that of what it generates is nearer to what resellers take than
/// that of what it modifies.
fn reframe_video(body: &Json) -> Priced {
    let (ratio, pixels) = reframed(body)?;
    let model = body.text("model")?;
    let [_, seconds] = named(&LONGEST, &model)?;
    let volume = million_pixels(pixels, seconds);
    let as_modified = dollars(volume * named(&MODIFY, &model)?);
    let what =
        concat(&[&longest(&model, seconds), " in ", ratio, "; at the rate for modifying it would be $", &as_modified]);
    Some((volume * rate(body)?, what))
}

fn modify(body: &Json) -> Priced {
    let model = body.text("model")?;
    let [seconds, _] = named(&LONGEST, &model)?;
    let usd = million_pixels(1280.0 * 720.0, seconds) * named(&MODIFY, &model)?;
    Some((usd, concat(&[&longest(&model, seconds), " at 720p"])))
}

fn upscale(body: &Json) -> Priced {
    let resolution = body.text("resolution").unwrap_or_else(|| "1080p".into());
    let usd = named(&UPSCALE, &resolution)? * LONGEST_VIDEO;
    Some((usd, concat(&["a video of 9 s from 540p to ", &resolution])))
}

fn rate(body: &Json) -> Option<f64> {
    named(&RATES, &body.text("model")?)
}

fn reframed(body: &Json) -> Option<(&'static str, f64)> {
    let ratio = body.text("aspect_ratio")?;
    REFRAMED.into_iter().find(|(name, _)| *name == ratio)
}

fn longest(model: &str, seconds: f64) -> String {
    concat(&["the longest source that ", model, " takes, ", &integer(seconds as u64), " s,"])
}

fn million_pixels(pixels: f64, seconds: f64) -> f64 {
    pixels * FRAMES_PER_SECOND * seconds / 1e6
}

fn named<T: Copy>(table: &[(&str, T)], name: &str) -> Option<T> {
    table.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
}

/// Luma publishes no times; these are what users report, rounded.
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
