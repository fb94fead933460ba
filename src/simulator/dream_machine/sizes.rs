//! How large and how long the result of a request is.

use serde_json::Value;

use crate::simulator::jobs::Picture;

/// What an image of a ratio measures, by the guide's table for reframing.
const IMAGES: &[(&str, u32, u32)] = &[
    ("1:1", 1536, 1536),
    ("4:3", 1792, 1344),
    ("3:4", 1344, 1792),
    ("16:9", 2048, 1152),
    ("9:16", 1152, 2048),
    ("21:9", 2432, 1024),
    ("9:21", 1024, 2432),
];

/// Seconds of a video unless the request says otherwise.
const SECONDS: f64 = 5.0;
/// Pixels of its shorter side, likewise.
const LINES: u32 = 720;

/// An image's width and height.
pub(super) fn image(ratio: &str) -> (u32, u32) {
    IMAGES.iter().find(|(name, ..)| *name == ratio).map_or((2048, 1152), |(_, width, height)| (*width, *height))
}

/// A video's width and height: the resolution names its shorter side.
pub(crate) fn video(ratio: &str, resolution: Option<&str>) -> (u32, u32) {
    let lines = resolution.map_or(LINES, lines);
    let (across, down) = ratio.split_once(':').unwrap_or(("16", "9"));
    let (across, down): (u32, u32) = (across.parse().unwrap_or(16), down.parse().unwrap_or(9));
    let longer = |long: u32, short: u32| (lines * long / short.max(1)) / 2 * 2;
    if across >= down { (longer(across, down), lines) } else { (lines, longer(down, across)) }
}

/// A video of another resolution in the shape of a first.
pub(super) fn upscaled(from: &Picture, resolution: Option<&str>) -> (u32, u32) {
    let lines = lines(resolution.unwrap_or("1080p"));
    let shorter = from.width.min(from.height).max(1);
    let scaled = |side: u32| (side * lines / shorter) / 2 * 2;
    (scaled(from.width), scaled(from.height))
}

/// `540p`, `720p`, `1080p` (the guide also writes `1080`), `4k`. What is not known is as if it had not been said.
fn lines(resolution: &str) -> u32 {
    match resolution.trim_end_matches(['p', 'P']) {
        "4k" | "4K" => 2160,
        digits => digits.parse().ok().filter(|lines| (90..=2160).contains(lines)).map_or(LINES, |n: u32| n / 2 * 2),
    }
}

/// A request's `duration` in seconds: `5s`, `9s`.
pub(super) fn seconds(request: &Value) -> f64 {
    let duration = request.get("duration").and_then(Value::as_str).unwrap_or_default();
    let seconds = duration.trim_end_matches('s').parse::<f64>().ok();
    seconds.filter(|seconds| (1.0..=30.0).contains(seconds)).unwrap_or(SECONDS)
}
