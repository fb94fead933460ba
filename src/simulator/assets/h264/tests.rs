//! What an independent decoder makes of what is written: the very samples that went in.

#![allow(clippy::unwrap_used)]

use fastrand::Rng;
use rusty_h264_decoder::Decoder;

use super::{Encoder, Format, Macroblock, Planes};

/// A NAL unit as it stands in a byte stream (annex B).
fn annex_b(nal: &[u8]) -> Vec<u8> {
    [&[0, 0, 0, 1], nal].concat()
}

/// A test picture: a colour for each place in luma samples, the chroma of which is that of each second one.
type Drawing<'a> = &'a dyn Fn(usize, usize) -> [u8; 3];

fn planes(columns: usize, rows: usize, drawing: Drawing) -> Planes {
    use std::array::from_fn;
    let mut planes = Planes::new(columns, rows);
    for (column, row) in (0..rows).flat_map(|row| (0..columns).map(move |column| (column, row))) {
        let at = |x: usize, y: usize| drawing(column * 16 + x, row * 16 + y);
        let y = from_fn(|y| from_fn(|x| at(x, y)[0]));
        let c = [1, 2].map(|c| from_fn(|y| from_fn(|x| *at(2 * x, 2 * y).get(c).unwrap())));
        planes.put(column, row, &Macroblock { y, c });
    }
    planes
}

/// Encodes the drawings one after the other, decodes each and compares all samples. Gives the bytes of each.
fn round_trip(width: u32, height: u32, moves: &[i32], drawings: &[Drawing]) -> Vec<usize> {
    let (columns, rows) = (width.div_ceil(16) as usize, height.div_ceil(16) as usize);
    let format = Format { width, height, frames_per_second: 24 };
    let mut decoder = Decoder::new();
    let mut stream: Vec<u8> = Vec::new();
    let mut before: Option<(Encoder, Planes)> = None;
    let mut sizes = Vec::new();
    for (number, drawing) in drawings.iter().enumerate() {
        let picture = planes(columns, rows, drawing);
        let (encoder, nal) = match before.take() {
            None => {
                let (encoder, nal) = Encoder::start(format, &picture);
                stream.extend(encoder.parameter_sets().iter().flat_map(|nal| annex_b(nal)));
                (encoder, nal)
            }
            Some((mut encoder, before)) => {
                let changed: Vec<bool> = (0..columns * rows)
                    .map(|place| (place % columns, place / columns))
                    .map(|(x, y)| before.macroblock(x, y, 0) != picture.macroblock(x, y, 0))
                    .collect();
                let nal = encoder.next(&picture, &changed, moves);
                (encoder, nal)
            }
        };
        sizes.push(nal.len());
        stream.extend(annex_b(&nal));
        let decoded = decoder.decode(&std::mem::take(&mut stream)).unwrap().unwrap();
        let (width, height) = (width as usize, height as usize);
        assert_eq!((decoded.width, decoded.height), (width, height));
        let Planes { y, c: [cb, cr] } = &picture;
        assert!(decoded.y == y.crop(width, height), "luma of picture {number}");
        assert!(decoded.u == cb.crop(width / 2, height / 2), "Cb of picture {number}");
        assert!(decoded.v == cr.crop(width / 2, height / 2), "Cr of picture {number}");
        before = Some((encoder, picture));
    }
    sizes
}

#[test]
fn a_flat_picture_of_any_colour_takes_next_to_nothing() {
    for level in 0..=255 {
        let sizes = round_trip(64, 48, &[], &[&|_, _| [level, 255 - level, level / 2]]);
        assert!(sizes.iter().all(|size| *size < 32), "{level}: {sizes:?}");
    }
}

#[test]
fn any_step_from_one_flat_block_to_the_next_is_exact() {
    for step in 0..=255u8 {
        let tiles = |x: usize, y: usize| {
            let odd = (x / 16 + y / 16) % 2 == 1;
            if odd { [step, 255 - step, step] } else { [100, 128, 90] }
        };
        round_trip(64, 64, &[], &[&tiles]);
    }
}

#[test]
fn noise_beside_flat_blocks_is_exact() {
    let mut random = Rng::with_seed(1);
    let noisy: Vec<bool> = (0..64).map(|_| random.bool()).collect();
    let noise: Vec<u8> = (0..128 * 128).map(|_| random.u8(1..)).collect();
    let drawing = |x: usize, y: usize| {
        let sample = *noise.get(y * 128 + x).unwrap();
        if *noisy.get(y / 16 * 8 + x / 16).unwrap() { [sample, sample / 2 + 1, 200] } else { [90, 120, 130] }
    };
    round_trip(128, 128, &[], &[&drawing]);
}

#[test]
fn each_quarter_of_chroma_has_the_mean_that_the_standard_gives_it() {
    // The last of four macroblocks is what its neighbours predict: above it 50 and 90, left of it 70 and 110.
    let drawing = |x: usize, y: usize| {
        let cb = match (x / 16, y / 16, x % 16 / 8, y % 16 / 8) {
            (1, 0, 0, _) => 50,
            (1, 0, 1, _) => 90,
            (0, 1, _, 0) => 70,
            (0, 1, _, 1) => 110,
            (1, 1, 0, 0) => 60,
            (1, 1, 1, 0) => 90,
            (1, 1, 0, 1) => 110,
            (1, 1, 1, 1) => 100,
            _ => 128,
        };
        [100, cb, 128]
    };
    let sizes = round_trip(32, 32, &[], &[&drawing]);
    assert!(sizes.iter().all(|size| *size < 3 * 384), "only the neighbours are raw: {sizes:?}");
}

#[test]
fn a_picture_that_stays_takes_a_few_bytes() {
    let drawing = |x: usize, y: usize| [(x * y % 251) as u8 + 1, 128, 128];
    let sizes = round_trip(320, 192, &[2, -4], &[&drawing, &drawing, &drawing]);
    assert!(matches!(sizes.as_slice(), [_, 0..16, 0..16]), "{sizes:?}");
}

#[test]
fn things_that_move_sideways_are_exact_and_small() {
    // Two discs, close enough that each meets the motion of the other, over bands that stay.
    let moves = [6, -10];
    let at = |frame: i32| {
        move |x: usize, y: usize| -> [u8; 3] {
            let disc = |centre: i32, level: i32| (x as i32 - centre).pow(2) + (y as i32 - level).pow(2) < 30 * 30;
            if disc(40 + 6 * frame, 50) {
                [200, 90, 170]
            } else if disc(260 - 10 * frame, 130) {
                [60, 170, 100]
            } else {
                [if y < 80 { 120 } else { 150 }, 130, 126]
            }
        }
    };
    let frames: Vec<_> = (0..20).map(at).collect();
    let drawings: Vec<Drawing> = frames.iter().map(|frame| frame as Drawing).collect();
    let sizes = round_trip(320, 176, &moves, &drawings);
    // The edge of a disc is some twenty macroblocks: raw, they would take 384 bytes each.
    assert!(sizes.iter().skip(1).all(|size| *size < 250), "{sizes:?}");
}

struct Box {
    left: i32,
    top: i32,
    width: i32,
    height: i32,
    /// Samples to the right in each picture.
    speed: i32,
    colour: [u8; 3],
    fine: bool,
}

impl Box {
    fn colour_at(&self, x: i32, y: i32) -> Option<[u8; 3]> {
        let (x, y) = (x - self.left, y - self.top);
        let [luma, cb, cr] = self.colour;
        let grain = if self.fine { (x * y % 7) as u8 } else { 0 };
        ((0..self.width).contains(&x) && (0..self.height).contains(&y)).then_some([(luma ^ grain) | 1, cb, cr])
    }
}

#[test]
fn random_drawings_are_exact() {
    for seed in 0..40 {
        let mut random = Rng::with_seed(seed);
        let (width, height) = (2 * random.u32(8..90), 2 * random.u32(8..70));
        let moves = [2 * random.i32(-9..9), 2 * random.i32(-9..9)];
        // Boxes that stay or move, each before those after it, some too fine to predict.
        let boxes: Vec<Box> = (0..random.usize(1..12))
            .map(|_| Box {
                left: random.i32(-20..180),
                top: random.i32(-20..140),
                width: random.i32(1..80),
                height: random.i32(1..80),
                speed: random.choice([0, moves[0], moves[1]]).unwrap(),
                colour: [random.u8(1..), random.u8(1..), random.u8(1..)],
                fine: random.bool(),
            })
            .collect();
        let boxes = &boxes;
        let at = |frame: i32| {
            move |x: usize, y: usize| {
                boxes.iter().find_map(|b| b.colour_at(x as i32 - b.speed * frame, y as i32)).unwrap_or([128, 60, 70])
            }
        };
        let frames: Vec<_> = (0..6).map(at).collect();
        let drawings: Vec<Drawing> = frames.iter().map(|frame| frame as Drawing).collect();
        round_trip(width, height, &moves, &drawings);
    }
}
