//! What Dream Machine jobs cost and how long they usually take.
//!
//! The guide (docs.lumalabs.ai, read on 2026-11-20) has a rate for modifying videos. All other prices stood at
//! lumalabs.ai/api/pricing, which has since been replaced; several integrations of May 2025 and later repeat them.

use crate::json::Json;
use crate::pricing::{Certainty, Estimate, factor, listed, text_or};
use crate::request::{GenerationRequest, RequestKind};
use crate::text::{concat, contains, dollars, integer};

const GUIDE: (&str, &str) = ("docs.lumalabs.ai", "2026-11-20");
const PRICE_LIST: (&str, &str) = ("lumalabs.ai/api/pricing, since replaced", "2025-05-06");

/// What is charged for a model.
struct Prices {
    model: &'static str,
    /// Dollars for a million pixels that are generated or reframed.
    rate: f64,
    /// None for a model of pictures.
    videos: Option<VideoPrices>,
}

struct VideoPrices {
    /// Dollars for a million pixels that are modified.
    modify: f64,
    /// The longest source that is modified, and that is reframed, in seconds (guide).
    longest: [f64; 2],
    /// Dollars for a video of 5 s and of 9 s in each of [`RESOLUTIONS`]; its ratio makes no difference.
    made: [[f64; 2]; 4],
}

const PRICES: [Prices; 4] = [
    Prices {
        model: "ray-2",
        rate: 0.0064,
        videos: Some(VideoPrices {
            modify: 0.01582,
            longest: [10.0, 10.0],
            made: [[0.40, 0.72], [0.71, 1.27], [0.86, 1.54], [0.96, 1.72]],
        }),
    },
    Prices {
        model: "ray-flash-2",
        rate: 0.0022,
        videos: Some(VideoPrices {
            modify: 0.00544,
            longest: [15.0, 30.0],
            made: [[0.14, 0.25], [0.24, 0.44], [0.39, 0.71], [0.49, 0.89]],
        }),
    },
    Prices { model: "photon-1", rate: 0.0073, videos: None },
    Prices { model: "photon-flash-1", rate: 0.0019, videos: None },
];
const RESOLUTIONS: [(&str, f64); 4] =
    [("540p", 960.0 * 540.0), ("720p", PIXELS_OF_720P), ("1080p", 1920.0 * 1080.0), ("4k", 3840.0 * 2160.0)];
const PIXELS_OF_720P: f64 = 1280.0 * 720.0;
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

pub fn estimate(request: &GenerationRequest) -> Estimate {
    let GenerationRequest { kind, body } = request;
    let (source, as_of) = if *kind == RequestKind::ModifyVideo { GUIDE } else { PRICE_LIST };
    match priced(*kind, body) {
        Some((usd, what)) => Estimate::priced(usd, Certainty::Approximate, &what, source, as_of),
        None => {
            let basis = concat(&["No price is known for ", kind.as_str(), " with these fields"]);
            Estimate::unpublished(None, basis, as_of)
        }
    }
}

/// A price, and for what.
type Priced = Option<(f64, String)>;

fn priced(kind: RequestKind, body: &Json) -> Priced {
    match kind {
        RequestKind::UpscaleVideo => return upscale(body),
        RequestKind::AddAudio => return Some((AUDIO * LONGEST_VIDEO, "sound for a video of 9 s".into())),
        _ => {}
    }
    let model = body.text("model")?;
    let Prices { model, rate, videos } = PRICES.iter().find(|prices| prices.model == model)?;
    match kind {
        RequestKind::Image => Some(picture("1920x1080", 1920.0 * 1080.0, *rate)),
        RequestKind::ReframeImage => {
            let (ratio, pixels) = reframed(body)?;
            Some(picture(&ratio, pixels, *rate))
        }
        RequestKind::Video => video(body, *rate, videos.as_ref()?),
        RequestKind::ReframeVideo => reframe_video(body, model, *rate, videos.as_ref()?),
        RequestKind::ModifyVideo => Some(modify(model, videos.as_ref()?)),
        _ => None,
    }
}

fn video(body: &Json, rate: f64, prices: &VideoPrices) -> Priced {
    let resolution = text_or(body, "resolution", "720p");
    let duration = text_or(body, "duration", "5s");
    let mut made = RESOLUTIONS.iter().zip(&prices.made);
    let ((_, pixels), [short, long]) = made.find(|((name, _), _)| *name == resolution)?;
    let (usd, seconds) = match duration.as_str() {
        "5s" => (*short, 5.0),
        "9s" => (*long, 9.0),
        _ => return None,
    };
    let mut what = concat(&[&duration, " at ", &resolution]);
    // Integrations disagree about the larger ones: some charge them as an upscale of 540p, which is this list, others by pixel.
    if *pixels > PIXELS_OF_720P {
        let by_pixel = million_pixels(*pixels, seconds) * rate;
        what = concat(&[&what, "; charged by the pixel it would be $", &dollars(by_pixel)]);
    }
    Some((usd, what))
}

fn picture(size: &str, pixels: f64, rate: f64) -> (f64, String) {
    (pixels / 1e6 * rate, concat(&["a picture of ", size]))
}

/// The guide charges a reframe "at the rate of the model": that of what it generates is nearer to what resellers take than
/// that of what it modifies.
fn reframe_video(body: &Json, model: &str, rate: f64, prices: &VideoPrices) -> Priced {
    let (ratio, pixels) = reframed(body)?;
    let [_, seconds] = prices.longest;
    let volume = million_pixels(pixels, seconds);
    let as_modified = dollars(volume * prices.modify);
    let what =
        concat(&[&longest(model, seconds), " in ", &ratio, "; at the rate for modifying it would be $", &as_modified]);
    Some((volume * rate, what))
}

fn modify(model: &str, prices: &VideoPrices) -> (f64, String) {
    let [seconds, _] = prices.longest;
    let usd = million_pixels(PIXELS_OF_720P, seconds) * prices.modify;
    (usd, concat(&[&longest(model, seconds), " at 720p"]))
}

fn upscale(body: &Json) -> Priced {
    let resolution = text_or(body, "resolution", "1080p");
    let usd = listed(&UPSCALE, &resolution)? * LONGEST_VIDEO;
    Some((usd, concat(&["a video of 9 s from 540p to ", &resolution])))
}

fn reframed(body: &Json) -> Option<(String, f64)> {
    let ratio = body.text("aspect_ratio")?;
    let pixels = listed(&REFRAMED, &ratio)?;
    Some((ratio, pixels))
}

fn longest(model: &str, seconds: f64) -> String {
    concat(&["the longest source that ", model, " takes, ", &integer(seconds as u64), " s,"])
}

fn million_pixels(pixels: f64, seconds: f64) -> f64 {
    pixels * FRAMES_PER_SECOND * seconds / 1e6
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
