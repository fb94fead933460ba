//! How long jobs take: medians from the documents' "30 to 60 s" for drafts and images and "about 3 min" for 1080p, with
//! those of the other resolutions between them.

use crate::simulator::dream_machine::failures;
use crate::simulator::dream_machine::timing::{Plan, course, pace};
use crate::simulator::jobs::Picture;
use crate::simulator::options::Durations;
use crate::simulator::random::Dice;

/// Nineteen in twenty are within a third of the median.
const SIGMA: f64 = 0.15;

/// How long videos of 5 s take, in ms.
const VIDEOS: [(&str, f64); 4] = [("draft", 42_000.0), ("540p", 75_000.0), ("720p", 110_000.0), ("1080p", 180_000.0)];
/// How long a batch of images takes, in ms.
const IMAGES: f64 = 42_000.0;

/// When a job made now starts and ends.
pub(super) fn plan(
    now: f64,
    model: &str,
    resolution: &str,
    picture: &Picture,
    durations: &Durations,
    dice: &mut Dice,
) -> Plan {
    // Thrown in any case: one job's exact time must not change the next one's.
    let spread = dice.spread(SIGMA);
    let (kind, median) = match picture.seconds {
        None => ("image", IMAGES),
        Some(seconds) => {
            let of_five = VIDEOS.iter().find(|(name, _)| *name == resolution).map_or(IMAGES, |(_, ms)| *ms);
            ("video", of_five * (seconds / 5.0).round())
        }
    };
    let whole = durations.first([model, kind]).unwrap_or(median * spread * pace(&picture.prompt));
    course(now, whole, failures::asked(&picture.prompt))
}
