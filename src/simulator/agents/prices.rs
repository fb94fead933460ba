//! What jobs cost, in US cents: the vendor's page of prices and what resellers repeat of it, up to 2026-10-08.

use super::create::Wanted;

/// For 360p, 540p, 720p and 1080p: 5 s in SDR.
const VIDEO: [f64; 4] = [6.0, 15.0, 30.0, 120.0];
const EDIT: [f64; 4] = [54.0, 72.0, 108.0, 216.0];
/// For each second.
const REFRAME: [f64; 4] = [3.0, 6.0, 12.0, 36.0];

/// The price of one job.
pub(super) fn price(wanted: &Wanted) -> f64 {
    let of = |table: [f64; 4]| {
        let place = ["360p", "540p", "720p", "1080p"].iter().position(|name| *name == wanted.resolution);
        place.and_then(|place| table.get(place).copied()).unwrap_or_default()
    };
    // Twice as much in high dynamic range, three times with its frames as files.
    let range = match (wanted.hdr, wanted.exr) {
        (true, true) => 3.0,
        (true, false) => 2.0,
        _ => 1.0,
    };
    let cents = match wanted.operation {
        // 10 s cost three times what 5 s do.
        "video" => of(VIDEO) * range * if wanted.seconds > 5.0 { 3.0 } else { 1.0 },
        "video_edit" => of(EDIT) * range * (wanted.seconds / 5.0).ceil(),
        "video_reframe" => of(REFRAME) * wanted.seconds,
        // No price of layering was found: as an edit of one image.
        _ => (if wanted.model == "uni-1-max" { 10.0 } else { 4.04 }) + 0.3 * wanted.references as f64,
    };
    (cents * 100.0).round() / 100.0
}
