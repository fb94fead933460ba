//! A clip of a scene, one picture after the other.

use super::{
    h264::{Encoder, Format},
    magnified::Magnified,
    mp4::{self, Track},
    scene::{Progress, Scene},
    signal::Signal,
};

/// Luma's own clips have as many.
const FRAMES_PER_SECOND: u32 = 24;

/// An MP4 of `scene`, of `width` by `height` pixels, both even.
pub(super) fn encode(scene: &Scene, width: u32, height: u32, signal: Signal, seconds: f64) -> Vec<u8> {
    let frames = (seconds * f64::from(FRAMES_PER_SECOND)).round().max(1.0) as u32;
    let video = pictures(scene, Format { width, height, frames_per_second: FRAMES_PER_SECOND, signal }, frames);
    // Only writing can fail, and writing to memory does not.
    mp4::file(&video).unwrap_or_default()
}

fn pictures(scene: &Scene, format: Format, frames: u32) -> Track {
    let Format { width, height, signal, .. } = format;
    let mut progress = at(0, frames);
    let mut canvas = scene.at(&progress);
    let mut picture = Magnified::new(&canvas, signal, scene.scale, width, height);
    let (mut encoder, first) = Encoder::start(format, picture.planes());
    let mut units = vec![first];
    for frame in 1..frames {
        let then = at(frame, frames);
        let next = scene.at(&then);
        let changed = picture.redraw(&next, next.differences(&canvas));
        let moves = scene.moves(&progress, &then).map(|dx| dx * scene.scale as i32);
        units.push(encoder.next(picture.planes(), &changed, &moves));
        (progress, canvas) = (then, next);
    }
    Track {
        width,
        height,
        signal,
        parameter_sets: encoder.parameter_sets(),
        frames_per_second: FRAMES_PER_SECOND,
        samples: units.iter().map(|unit| [&(unit.len() as u32).to_be_bytes(), unit.as_slice()].concat()).collect(),
    }
}

/// How far a clip of so many frames is at one of them.
fn at(frame: u32, frames: u32) -> Progress {
    let clock = |frames: u32| format!("{}:{:02}", frames / FRAMES_PER_SECOND / 60, frames / FRAMES_PER_SECOND % 60);
    let length = frames.next_multiple_of(FRAMES_PER_SECOND);
    Progress {
        part: f64::from(frame) / f64::from(frames.max(2) - 1),
        clock: format!("{} / {}", clock(frame), clock(length)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::{
        Card,
        h264::{
            Format,
            tests::{assert_same, decode},
        },
        magnified::Magnified,
        scene::Scene,
        signal::Signal,
    };
    use super::{FRAMES_PER_SECOND, at, pictures};

    #[test]
    fn each_picture_shows_the_scene_at_its_time() {
        // Squares of one, two and three samples; the second size is no multiple of 16, nor of its squares.
        for (width, height) in [(320, 240), (722, 398), (1280, 720)] {
            for signal in [Signal::Standard, Signal::High] {
                let card = Card { width, height, prompt: "A tiger".into(), settings: vec!["ray-2".into()], seed: 1 };
                let scene = Scene::new(&card, width, height);
                let format = Format { width, height, frames_per_second: FRAMES_PER_SECOND, signal };
                let frames = 30;
                let track = pictures(&scene, format, frames);
                let units = track.samples.iter().map(|sample| sample.split_first_chunk::<4>().unwrap().1);
                let decoded = decode(track.parameter_sets.iter().map(Vec::as_slice).chain(units));
                assert_eq!(decoded.len(), frames as usize);
                for (frame, decoded) in (0..frames).zip(&decoded) {
                    let drawn = scene.at(&at(frame, frames));
                    let drawn = Magnified::new(&drawn, signal, scene.scale, width, height);
                    assert_same(
                        decoded,
                        drawn.planes(),
                        format,
                        &format!("picture {frame}, {width}x{height}, {signal:?}"),
                    );
                }
            }
        }
    }
}
