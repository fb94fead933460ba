//! The ratios that there are, and how many pixels they come to.

use crate::simulator::dream_machine::sizes;

pub(super) const IMAGE_RATIOS: &[&str] = &["3:1", "2:1", "16:9", "3:2", "1:1", "2:3", "9:16", "1:2", "1:3"];
pub(super) const VIDEO_RATIOS: &[&str] = &["9:16", "3:4", "1:1", "4:3", "16:9", "21:9"];

/// Those that are higher than wide, in which manga is drawn.
pub(super) const PORTRAIT_IMAGES: &[&str] = &["2:3", "9:16", "1:2", "1:3"];

/// A video's width and height.
pub(super) fn video(ratio: &str, resolution: &str) -> (u32, u32) {
    sizes::video(ratio, Some(resolution))
}

/// An image's width and height: the longer side is as given.
pub(super) fn image(ratio: &str, longer: u32) -> (u32, u32) {
    match parts(ratio) {
        (across, down) if across >= down => (longer, longer * down / across),
        (across, down) => (longer * across / down, longer),
    }
}

fn parts(ratio: &str) -> (u32, u32) {
    let number = |text: &str| text.parse().ok().filter(|number| (1..=100).contains(number));
    let two = ratio.split_once(':').and_then(|(across, down)| Some((number(across)?, number(down)?)));
    two.unwrap_or((1, 1))
}

/// Which of these ratios a width and a height come nearest to.
pub(super) fn nearest(width: u32, height: u32, among: &[&'static str]) -> Option<&'static str> {
    let shape = f64::from(width.max(1)) / f64::from(height.max(1));
    let off = |ratio: &&str| {
        let (across, down) = parts(ratio);
        (f64::from(across) / f64::from(down) / shape).ln().abs()
    };
    among.iter().copied().min_by(|a, b| off(a).total_cmp(&off(b)))
}
