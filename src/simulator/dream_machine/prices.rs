//! What jobs cost, in US cents.
//!
//! The guide's rates for modifying (a million pixels, 24 frames in a second) are documented: $1.75 and $0.60 for 5 s of
//! 720p. The others are those of lumalabs.ai/api/pricing in May 2025, as integrations repeat them.

use crate::simulator::jobs::Picture;

const FRAMES_PER_SECOND: f64 = 24.0;

/// For 540p, 720p, 1080p and 4k: 5 s and 9 s.
type Videos = [[f64; 2]; 4];
const RAY_2: Videos = [[40.0, 72.0], [71.0, 127.0], [86.0, 154.0], [96.0, 172.0]];
const RAY_FLASH_2: Videos = [[14.0, 25.0], [24.0, 44.0], [39.0, 71.0], [49.0, 89.0]];
/// For each second of a video that is made larger, by its new resolution.
const UPSCALE: [f64; 4] = [6.0, 6.0, 9.0, 11.0];
const AUDIO: f64 = 2.0;
/// The size of a picture that is charged for.
const IMAGE: f64 = 1920.0 * 1080.0;

/// For a million pixels: (operation, model, cents); the first that fits. An empty word fits all.
const RATES: &[(&str, &str, f64)] = &[
    ("modify_video", "ray-2", 1.582),
    ("modify_video", "ray-flash-2", 0.544),
    ("", "ray-1-6", 0.32),
    ("", "ray-2", 0.64),
    ("", "ray-flash-2", 0.22),
    ("", "photon-1", 0.73),
    ("", "photon-flash-1", 0.19),
];

/// The price of one job, to a hundredth of a cent.
pub(super) fn price(operation: &str, model: &str, picture: &Picture) -> f64 {
    let seconds = picture.seconds.unwrap_or(1.0 / FRAMES_PER_SECOND);
    let resolution = [540, 720, 1080].iter().filter(|lines| picture.width.min(picture.height) > **lines).count();
    let fits = |word: &str, with: &str| word.is_empty() || word == with;
    let rate = RATES.iter().find(|(o, m, _)| fits(o, operation) && fits(m, model)).map_or(0.0, |(.., rate)| *rate);
    let pixels = f64::from(picture.width) * f64::from(picture.height);
    let cents = match (operation, model) {
        ("video", "ray-2") => video(RAY_2, resolution, seconds),
        ("video", "ray-flash-2") => video(RAY_FLASH_2, resolution, seconds),
        ("upscale_video", _) => UPSCALE.get(resolution).copied().unwrap_or_default() * seconds,
        ("add_audio", _) => AUDIO * seconds,
        ("image", _) => IMAGE / 1e6 * rate,
        _ => pixels * seconds * FRAMES_PER_SECOND / 1e6 * rate,
    };
    (cents * 100.0).round() / 100.0
}

fn video(prices: Videos, resolution: usize, seconds: f64) -> f64 {
    let [short, long] = prices.get(resolution).copied().unwrap_or_default();
    if seconds > 5.0 { long * seconds / 9.0 } else { short * seconds / 5.0 }
}
