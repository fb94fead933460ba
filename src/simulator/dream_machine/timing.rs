//! How long jobs take. Plausible, not documented: medians as users of the API saw them, spread as waiting times are.

pub(crate) use super::failures::pace;
use super::failures::{self, Moment};
use crate::simulator::jobs::Picture;
use crate::simulator::options::Durations;
use crate::simulator::random::Dice;

/// How wide the spread is: two in three are within a quarter of the median.
pub(crate) const SIGMA: f64 = 0.22;
/// The part of a job's time that it stays in the queue.
const QUEUED: f64 = 0.05;
/// The part of a job's time after which an early failure shows.
const EARLY: f64 = 0.2;

/// (operation, model, median ms): the first that fits, an empty word fits all. A video's is for 5 s of 720p.
const MEDIANS: &[(&str, &str, f64)] = &[
    ("modify_video", "ray-2", 120_000.0),
    ("modify_video", "ray-flash-2", 50_000.0),
    ("reframe_video", "ray-2", 90_000.0),
    ("reframe_video", "ray-flash-2", 40_000.0),
    ("upscale_video", "", 40_000.0),
    ("add_audio", "", 25_000.0),
    ("", "ray-1-6", 50_000.0),
    ("", "ray-2", 72_000.0),
    ("", "ray-flash-2", 30_000.0),
    ("", "photon-1", 15_000.0),
    ("", "photon-flash-1", 6_000.0),
];

/// A job's way through time, and why it fails if it does.
pub(crate) struct Plan {
    pub(crate) starts: f64,
    pub(crate) ends: f64,
    pub(crate) failure: Option<&'static str>,
}

/// When a job made now starts and ends.
pub(super) fn plan(
    now: f64,
    operation: &str,
    model: &str,
    picture: &Picture,
    durations: &Durations,
    dice: &mut Dice,
) -> Plan {
    // Thrown in any case: one job's exact time must not change the next one's.
    let spread = dice.spread(SIGMA);
    let kind = if picture.seconds.is_some() { "video" } else { "image" };
    let whole = match durations.first([model, operation, kind]) {
        Some(exact) => exact,
        None => median(operation, model, picture) * spread * pace(&picture.prompt),
    };
    course(now, whole, failures::asked(&picture.prompt))
}

/// The way of a job that takes so many ms unless it fails.
pub(crate) fn course(now: f64, whole: f64, failure: Option<(&'static str, Moment)>) -> Plan {
    let starts = now + whole * QUEUED;
    match failure {
        None => Plan { starts, ends: now + whole, failure: None },
        Some((reason, moment)) => {
            let (starts, ends) = match moment {
                Moment::Queued => (f64::INFINITY, starts),
                Moment::Early => (starts, now + whole * EARLY),
                Moment::End => (starts, now + whole),
            };
            Plan { starts, ends, failure: Some(reason) }
        }
    }
}

fn median(operation: &str, model: &str, picture: &Picture) -> f64 {
    let fits = |word: &str, with: &str| word.is_empty() || word == with;
    let base = MEDIANS.iter().find(|(o, m, _)| fits(o, operation) && fits(m, model)).map_or(60_000.0, |(.., ms)| *ms);
    match picture.seconds {
        None => base,
        // Twice the lines take about twice the time, not four times; seconds count in full.
        Some(seconds) => base * f64::from(picture.width.min(picture.height)) / 720.0 * seconds / 5.0,
    }
}
