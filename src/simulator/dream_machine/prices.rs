//! What jobs cost, in US cents.
//!
//! The guide's rates for modifying (a million pixels, 24 frames in a second) are documented: $1.75 and $0.60 for 5 s of
//! 720p. No official table of the others was found: these are plausible ones as of 2026-11, near $0.08 for a second of
//! ray-2 at 540p and $0.016 for an image. A client's own table may differ.

use crate::simulator::jobs::Picture;

const FRAMES_PER_SECOND: f64 = 24.0;

/// (operation, model, cents for a million pixels); the first that fits. An empty word fits all.
const RATES: &[(&str, &str, f64)] = &[
    ("modify_video", "ray-2", 1.582),
    ("modify_video", "ray-flash-2", 0.544),
    ("upscale_video", "", 0.1),
    ("add_audio", "", 0.1),
    ("", "ray-1-6", 0.32),
    ("", "ray-2", 0.64),
    ("", "ray-flash-2", 0.22),
    ("", "photon-1", 0.73),
    ("", "photon-flash-1", 0.19),
];

/// The price of one job, to a hundredth of a cent.
pub(super) fn price(operation: &str, model: &str, picture: &Picture) -> f64 {
    let fits = |word: &str, with: &str| word.is_empty() || word == with;
    let rate = RATES.iter().find(|(o, m, _)| fits(o, operation) && fits(m, model)).map_or(0.0, |(.., rate)| *rate);
    let frames = picture.seconds.map_or(1.0, |seconds| seconds * FRAMES_PER_SECOND);
    let pixels = f64::from(picture.width) * f64::from(picture.height) * frames;
    (pixels / 1e6 * rate * 100.0).round() / 100.0
}
