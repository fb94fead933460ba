//! How long jobs take: uni-1 30 to 60 s and 5 s of 720p less than 2 min, says the guide; the rest is plausible.

use super::create::Wanted;
use super::failures;
use crate::simulator::dream_machine::failures::pace;
use crate::simulator::dream_machine::timing::{Plan, SIGMA, course};
use crate::simulator::options::Durations;
use crate::simulator::random::Dice;

/// (operation, model, median ms), the first that fits; an empty word fits all. A video's is for 5 s of 720p.
const MEDIANS: &[(&str, &str, f64)] = &[
    ("layering", "", 60_000.0),
    ("video_edit", "", 100_000.0),
    ("video_reframe", "", 80_000.0),
    ("video", "", 75_000.0),
    ("", "uni-1", 42_000.0),
    ("", "", 60_000.0),
];

/// When a job made now starts and ends.
pub(super) fn plan(now: f64, wanted: &Wanted, durations: &Durations, dice: &mut Dice) -> Plan {
    // Thrown in any case: one job's exact time must not change the next one's.
    let spread = dice.spread(SIGMA);
    let kind = if wanted.is_video() { "video" } else { "image" };
    let whole = match durations.first([wanted.model.as_str(), wanted.operation, kind]) {
        Some(exact) => exact,
        None => median(wanted) * spread * pace(&wanted.prompt),
    };
    let flaw = wanted.oversized.then_some(failures::IMAGE_TOO_LARGE);
    course(now, whole, failures::asked(&wanted.prompt).or(flaw))
}

fn median(wanted: &Wanted) -> f64 {
    let fits = |word: &str, with: &str| word.is_empty() || word == with;
    let of_job = |(o, m, _): &&(&str, &str, f64)| fits(o, wanted.operation) && fits(m, &wanted.model);
    let base = MEDIANS.iter().find(of_job).map_or(60_000.0, |(.., ms)| *ms);
    match wanted.is_video() {
        false => base,
        true => base * f64::from(wanted.lines()) / 720.0 * wanted.seconds / 5.0 * if wanted.hdr { 1.5 } else { 1.0 },
    }
}
