//! A clip of a scene, one picture after the other.

use super::{
    h264::Encoder,
    magnified::Magnified,
    mp4::{self, Track},
    scene::{Progress, Scene},
};

/// As many as Luma's own clips have.
const FRAMES_PER_SECOND: u32 = 24;

/// An MP4 of `scene`, of `width` by `height` pixels, both even.
pub(super) fn encode(scene: &Scene, width: u32, height: u32, seconds: f64) -> Vec<u8> {
    let frames = (seconds * f64::from(FRAMES_PER_SECOND)).round().max(1.0) as u32;
    let part = |frame: u32| f64::from(frame) / f64::from(frames.max(2) - 1);
    let length = clock(frames.div_ceil(FRAMES_PER_SECOND));
    let drawing = |frame: u32| {
        let clock = format!("{} / {length}", clock(frame / FRAMES_PER_SECOND));
        scene.at(Progress { part: part(frame), clock: &clock })
    };

    let mut encoder = Encoder::new(width, height, FRAMES_PER_SECOND);
    let mut canvas = drawing(0);
    let mut picture = Magnified::new(&canvas, scene.scale, width, height);
    let mut samples = vec![encoder.first(picture.planes())];
    for frame in 1..frames {
        let next = drawing(frame);
        let changed = picture.redraw(&next, next.differences(&canvas));
        let moves = scene.moves(part(frame - 1), part(frame)).map(|dx| dx * scene.scale as i32);
        samples.push(encoder.next(picture.planes(), &changed, &moves));
        canvas = next;
    }
    let track = Track {
        width,
        height,
        frames_per_second: FRAMES_PER_SECOND,
        parameter_sets: encoder.parameter_sets(),
        samples,
    };
    // Only writing can fail, and writing to memory does not.
    mp4::file(&track).unwrap_or_default()
}

/// Minutes and seconds.
fn clock(seconds: u32) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}
