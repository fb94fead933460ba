//! The files that the simulator gives as results: pictures and clips in which a person sees what was asked.

mod bits;
mod canvas;
mod clip;
mod exr;
mod h264;
mod hdr;
mod magnified;
mod mp4;
mod scene;
mod signal;
mod still;
mod text;
mod zip;

use scene::Scene;
use signal::Signal;

/// The sides that an asset may have, in pixels; others are brought into this range. The largest lies beyond what Luma
/// makes and within what a level of H.264 allows.
const SIDES: (u32, u32) = (16, 5120);

/// The longest clip, in seconds.
const LONGEST: f64 = 120.0;

/// What is written on an asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Pixels across, from 16 to 5120; other numbers count as the nearest of these.
    pub width: u32,
    /// Pixels down, likewise.
    pub height: u32,
    /// What was asked, in any script and at any length: what does not fit is cut.
    pub prompt: String,
    /// Short lines such as `ray-2 - 720p - 5s - 16:9 - loop`.
    pub settings: Vec<String>,
    /// Chooses the colours.
    pub seed: u64,
}

/// The formats that Luma gives images in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageFormat {
    /// `image/jpeg`
    Jpeg,
    /// `image/png`
    Png,
}

/// An image file that shows `card`. The same card gives the same bytes.
pub fn image(card: &Card, format: ImageFormat) -> Vec<u8> {
    let [width, height] = [card.width, card.height].map(|side| side.clamp(SIDES.0, SIDES.1));
    still::encode(&Scene::new(card, width, height), width, height, format)
}

/// An MP4 file (H.264, 24 pictures a second, no sound) of `seconds` that shows `card` while a sun goes by and a clock
/// counts. The same card gives the same bytes.
///
/// Odd sides are rounded down, for in 4:2:0 there are none. A length that is no number or out of range is brought into
/// that from one picture to two minutes.
pub fn video(card: &Card, seconds: f64) -> Vec<u8> {
    clip_of(card, seconds, Signal::Standard)
}

/// The same as [`video`] in high dynamic range: 10 bits (H.264, High 10), BT.2020 and PQ, a sun of a thousand candelas per
/// square metre, and a sky whose light changes in steps too fine for 8 bits.
pub fn video_in_hdr(card: &Card, seconds: f64) -> Vec<u8> {
    clip_of(card, seconds, Signal::High)
}

/// What [`layer`] can give, front to back: what it shows, and how its edge is (`hard`, `soft`, `none` for all there is).
pub(super) const LAYERS: [(&str, &str); 4] =
    [("Panel", "hard"), ("Cloud", "soft"), ("Sun", "hard"), ("Landscape", "none")];

/// One layer of the image that shows `card`, 0 in front, as a PNG with alpha. One that is not there is empty.
pub(super) fn layer(card: &Card, index: usize) -> Vec<u8> {
    let [width, height] = [card.width, card.height].map(|side| side.clamp(SIDES.0, SIDES.1));
    let (scale, mut layers) = scene::layers(card, width, height);
    let layer = if index < layers.len() { Some(layers.swap_remove(index)) } else { None };
    still::encode_layer(layer.as_ref(), scale, width, height)
}

/// A ZIP of the clip's pictures, one for each second, as OpenEXR files in scene-linear light. A quarter as wide and high
/// as the clip: half a second of real ones would be larger than the clip.
pub(super) fn frames(card: &Card, seconds: f64) -> Vec<u8> {
    let [width, height] = [card.width, card.height].map(|side| (side / 4).clamp(SIDES.0, SIDES.1));
    let seconds = seconds.clamp(1.0, LONGEST) as u32;
    let scene = Scene::new(card, width, height);
    let files: Vec<(String, Vec<u8>)> = (0..seconds)
        .map(|second| {
            let part = f64::from(second) / f64::from(seconds);
            let canvas = scene.at(&scene::Progress { part, clock: format!("0:{second:02}") });
            (format!("frame_{second:04}.exr"), exr::encode(&canvas, scene.scale, width, height))
        })
        .collect();
    zip::store(&files)
}

fn clip_of(card: &Card, seconds: f64, signal: Signal) -> Vec<u8> {
    let [width, height] = [card.width, card.height].map(|side| side.clamp(SIDES.0, SIDES.1) & !1);
    let seconds = if seconds.is_nan() { 0.0 } else { seconds.clamp(0.0, LONGEST) };
    clip::encode(&Scene::new(card, width, height), width, height, signal, seconds)
}
