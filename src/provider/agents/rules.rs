//! What the tables cannot say: the rules that span fields (guide: docs.agents.lumalabs.ai, read on 2026-11-20). The
//! words are the API's own where those are known.

use super::{forms, wire};
use crate::error::{Problem, ProblemCode};
use crate::json::{Json, Kind};
use crate::provider::ProviderId;
use crate::provider::elsewhere::elsewhere;
use crate::request::RequestKind;
use crate::text::{concat, integer};

use ProblemCode::{Conflict, Disputed, OutOfRange, Required, TooMany, Unsupported};

/// Adds every broken rule.
pub fn check(kind: RequestKind, body: &Json, problems: &mut Vec<Problem>) {
    if let Some(model) = body.text("model") {
        let has = if kind.is_image() { "uni-1 and uni-1-max" } else { "ray-3.2" };
        if forms::is_elsewhere(&model) {
            let own = forms::form(kind).and_then(|form| form.default_model);
            problems.push(elsewhere(ProviderId::Agents, &model, kind, has, own));
        } else if forms::kinds_of(&model).is_some_and(|kinds| !kinds.contains(&kind)) {
            problems.push(Problem::new("model", Unsupported, &concat(&[&model, " does not do ", kind.as_str()])));
        }
    }
    let mut found = |path: &str, code, message: &str| problems.push(Problem::new(path, code, message));
    let is = |field: &str| body.flag(field) == Some(true);
    let has = |field: &str| body.get(field).is_some();
    let ratio = body.text("aspect_ratio").unwrap_or_default();
    let resolution = body.text("resolution").unwrap_or_default();
    match kind {
        RequestKind::Image => {
            let references = body.get("image_ref").map_or(0, |list| list.items().len());
            if has("modify_image_ref") && references > 8 {
                found("image_ref", TooMany, "image_edit supports up to 8 reference images (source occupies one slot)");
            }
            let upright = ratio.is_empty() || ["2:3", "9:16", "1:2", "1:3"].contains(&ratio.as_str());
            if body.text("style").as_deref() == Some("manga") && !upright && !has("modify_image_ref") {
                found("aspect_ratio", Conflict, "manga is drawn upright: 2:3, 9:16, 1:2 or 1:3");
            }
        }
        RequestKind::Video => {
            let keyframes = body.get("keyframes");
            let of = |kind| keyframes.as_ref().filter(|frames| frames.kind() == kind);
            let (ends, list) = (of(Kind::Object), of(Kind::List));
            let frames = ends.map_or(0, |ends| FRAMES.iter().filter(|name| ends.get(name).is_some()).count());
            if ends.is_some() && frames == 0 {
                found("keyframes", Required, "must have frame0, frame1 or both");
            }
            let long = body.text("duration").as_deref() == Some("10s");
            if long && (is("loop") || frames > 0) {
                found("duration", Conflict, "10s takes neither loop nor a first or last picture");
            }
            if list.is_some() && is("loop") {
                found("loop", Conflict, "does not go with a list of keyframes");
            }
            places("keyframes", list, body, &mut found);
            if let Some(ends) = ends {
                extension(ends, frames, is("hdr"), &mut found);
            }
            if is("hdr") {
                if !["", "720p", "1080p"].contains(&resolution.as_str()) {
                    found("resolution", Conflict, "hdr needs 720p or 1080p");
                }
                if is("loop") {
                    found("hdr", Conflict, "does not go with loop");
                }
                // The guide refuses it; the SDK's text (0.5.0) allows it by a list of keyframes.
                if long && list.is_some() {
                    found("hdr", Disputed, "the guide refuses hdr with 10s, the SDK allows it by keyframes");
                } else if long {
                    found("hdr", Conflict, "does not go with 10s");
                }
            }
        }
        RequestKind::ReframeVideo if resolution == "1080p" && ["9:16", "3:4"].contains(&ratio.as_str()) => {
            found("resolution", Conflict, "upright reframes go up to 720p");
        }
        RequestKind::ModifyVideo => {
            if is("auto_controls") && (has("mode") || has("controls")) {
                found("auto_controls", Conflict, "takes neither mode nor controls");
            }
            // The guide says it of videos and does not name edits.
            if body.text("duration").as_deref() == Some("10s") && has("first_frame") {
                found("duration", Disputed, "10s takes no first picture by the guide, which does not speak of edits");
            }
            if has("edit_keyframes") && has("first_frame") {
                found("edit_keyframes", Conflict, "does not go with first_frame");
            }
            places("edit_keyframes", body.get("edit_keyframes").as_ref(), body, &mut found);
        }
        _ => {}
    }
    if is("exr_export") && !is("hdr") {
        found("exr_export", Conflict, "needs hdr");
    }
    if matches!(kind, RequestKind::ReframeVideo | RequestKind::ModifyVideo)
        && let Some(media) = body.get("media")
        && media.get("url").is_some()
        && wire::video_type(&media).is_none()
    {
        found("media.media_type", Required, "the media type of the video is required, such as video/mp4");
    }
}

const FRAMES: [&str; 2] = ["frame0", "frame1"];

/// An earlier video goes on by itself: without a picture or a second video at its other end, and not in HDR. What an
/// earlier generation is, its media type tells; where there is none it may be a picture, and then all of that is right.
fn extension(ends: &Json, frames: usize, hdr: bool, found: &mut impl FnMut(&str, ProblemCode, &str)) {
    let mut code = None;
    for frame in FRAMES.iter().filter_map(|name| ends.get(name)).filter(|frame| frame.get("id").is_some()) {
        match frame.text("media_type") {
            Some(told) if told.starts_with("video/") => code = Some(Conflict),
            Some(_) => {}
            None => code = code.or(Some(Disputed)),
        }
    }
    let Some(code) = code else { return };
    if frames > 1 {
        found("keyframes", code, "an earlier video stands alone in keyframes: only pictures can be joined");
    }
    if hdr {
        found("hdr", code, "an earlier video does not go on in HDR; a picture does");
    }
}

/// Each of the pictures in a list needs its place.
fn places(field: &str, list: Option<&Json>, body: &Json, found: &mut impl FnMut(&str, ProblemCode, &str)) {
    let count = |value: &Json| value.items().len();
    let indexes = body.get("keyframe_indexes");
    if list.map_or(0, count) != indexes.as_ref().map_or(0, count) {
        let code = if indexes.is_none() { Required } else { Conflict };
        found("keyframe_indexes", code, &concat(&["must have one number for each of ", field]));
    }
    let last = if body.text("duration").as_deref() == Some("10s") { 240_u32 } else { 120 };
    for (index, place) in indexes.map(|list| list.items()).unwrap_or_default().iter().enumerate() {
        if place.as_f64().is_some_and(|place| place > f64::from(last)) {
            let path = concat(&["keyframe_indexes[", &integer(index as u64), "]"]);
            found(&path, OutOfRange, &concat(&["must be 0 to ", &integer(last.into())]));
        }
    }
}
