//! What an independent decoder makes of what is written: the very samples that went in.

#![allow(clippy::unwrap_used)]

use fastrand::Rng;
use rust_h264::{
    decoder::{Decoder, Frame},
    nal::parse_annex_b,
};

use super::{super::signal::Signal, Encoder, Format, Macroblock, Planes};

const SIGNALS: [Signal; 2] = [Signal::Standard, Signal::High];

/// The pictures that a decoder makes of NAL units.
pub(in super::super) fn decode<'a>(units: impl IntoIterator<Item = &'a [u8]>) -> Vec<Frame> {
    let stream: Vec<u8> = units.into_iter().flat_map(|unit| [&[0, 0, 0, 1], unit].concat()).collect();
    let mut decoder = Decoder::new();
    let mut frames: Vec<Frame> =
        parse_annex_b(&stream).iter().filter_map(|unit| decoder.decode_nal(unit).unwrap()).collect();
    frames.extend(decoder.flush());
    frames
}

/// Asserts that a decoded picture has the very samples of a drawn one.
pub(in super::super) fn assert_same(decoded: &Frame, drawn: &Planes, format: Format, what: &str) {
    let Format { width, height, signal, .. } = format;
    assert_eq!((decoded.width, decoded.height), (width, height), "{what}");
    assert_eq!(u32::from(decoded.bit_depth), signal.depth(), "{what}");
    let Planes { y, c: [cb, cr] } = drawn;
    for (name, bytes, plane, part) in [("luma", &decoded.y, y, 1), ("Cb", &decoded.u, cb, 2), ("Cr", &decoded.v, cr, 2)]
    {
        let expected = plane.crop((width / part) as usize, (height / part) as usize);
        let samples: Vec<u16> =
            (0..bytes.len() / decoded.bytes_per_sample()).map(|i| decoded.sample(bytes, i)).collect();
        assert!(samples == expected, "{name} of {what}");
    }
}

/// A test picture: a colour for each place in luma samples, the chroma of which is that of each second one.
type Drawing<'a> = &'a dyn Fn(usize, usize) -> [u16; 3];

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

/// Encodes the drawings one after the other, decodes them and compares all samples. Gives the bytes of each.
fn round_trip(signal: Signal, width: u32, height: u32, moves: &[i32], drawings: &[Drawing]) -> Vec<usize> {
    let (columns, rows) = (width.div_ceil(16) as usize, height.div_ceil(16) as usize);
    let format = Format { width, height, frames_per_second: 24, signal };
    let pictures: Vec<Planes> = drawings.iter().map(|drawing| planes(columns, rows, drawing)).collect();
    let (mut encoder, first) = Encoder::start(format, pictures.first().unwrap());
    let mut units = vec![first];
    for pair in pictures.windows(2) {
        let [before, picture] = pair else { unreachable!() };
        let changed: Vec<bool> = (0..columns * rows)
            .map(|place| (place % columns, place / columns))
            .map(|(x, y)| before.macroblock(x, y, 0) != picture.macroblock(x, y, 0))
            .collect();
        units.push(encoder.next(picture, &changed, moves));
    }
    let sets = encoder.parameter_sets();
    let decoded = decode(sets.iter().chain(&units).map(Vec::as_slice));
    assert_eq!(decoded.len(), pictures.len());
    for (number, (decoded, picture)) in decoded.iter().zip(&pictures).enumerate() {
        assert_same(decoded, picture, format, &format!("picture {number}, {signal:?}"));
    }
    units.iter().map(Vec::len).collect()
}

/// The highest sample.
fn top(signal: Signal) -> u16 {
    (1 << signal.depth()) - 1
}

#[test]
fn a_flat_picture_of_any_colour_takes_next_to_nothing() {
    for (signal, level) in SIGNALS.into_iter().flat_map(|signal| (0..=top(signal)).map(move |level| (signal, level))) {
        let sizes = round_trip(signal, 64, 48, &[], &[&|_, _| [level, top(signal) - level, level / 2]]);
        assert!(sizes.iter().all(|size| *size < 32), "{level}: {sizes:?}");
    }
}

#[test]
fn any_step_from_one_flat_block_to_the_next_is_exact() {
    for (signal, step) in SIGNALS.into_iter().flat_map(|signal| (0..=top(signal)).map(move |step| (signal, step))) {
        let tiles = |x: usize, y: usize| {
            let odd = (x / 16 + y / 16) % 2 == 1;
            if odd { [step, top(signal) - step, step] } else { [100, 128, 90] }
        };
        round_trip(signal, 64, 64, &[], &[&tiles]);
    }
}

#[test]
fn noise_beside_flat_blocks_is_exact() {
    for signal in SIGNALS {
        let mut random = Rng::with_seed(1);
        let noisy: Vec<bool> = (0..64).map(|_| random.bool()).collect();
        let noise: Vec<u16> = (0..128 * 128).map(|_| random.u16(1..=top(signal))).collect();
        let drawing = |x: usize, y: usize| {
            let sample = *noise.get(y * 128 + x).unwrap();
            if *noisy.get(y / 16 * 8 + x / 16).unwrap() { [sample, sample / 2 + 1, 200] } else { [90, 120, 130] }
        };
        round_trip(signal, 128, 128, &[], &[&drawing]);
    }
}

#[test]
fn each_quarter_of_chroma_has_the_mean_that_the_standard_gives_it() {
    // The last of four macroblocks is what its neighbours predict: above it 50 and 90, left of it 70 and 110.
    let drawing = |x: usize, y: usize| -> [u16; 3] {
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
    for signal in SIGNALS {
        let sizes = round_trip(signal, 32, 32, &[], &[&drawing]);
        let raw = 384 * signal.depth() as usize / 8;
        assert!(sizes.iter().all(|size| *size < 3 * raw), "only the neighbours are raw: {sizes:?}");
    }
}

#[test]
fn a_picture_that_stays_takes_a_few_bytes() {
    let drawing = |x: usize, y: usize| [(x * y % 251) as u16 + 1, 128, 128];
    for signal in SIGNALS {
        let sizes = round_trip(signal, 320, 192, &[2, -4], &[&drawing, &drawing, &drawing]);
        assert!(matches!(sizes.as_slice(), [_, 0..16, 0..16]), "{sizes:?}");
    }
}

#[test]
fn things_that_move_sideways_are_exact_and_small() {
    // Two discs, close enough that each meets the motion of the other, over bands that stay.
    let moves = [6, -10];
    let at = |frame: i32| {
        move |x: usize, y: usize| -> [u16; 3] {
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
    for signal in SIGNALS {
        let sizes = round_trip(signal, 320, 176, &moves, &drawings);
        // The edge of a disc is some twenty macroblocks: raw, they would take 384 bytes each.
        assert!(sizes.iter().skip(1).all(|size| *size < 250), "{sizes:?}");
    }
}

struct Box {
    left: i32,
    top: i32,
    width: i32,
    height: i32,
    /// Samples to the right in each picture.
    speed: i32,
    colour: [u16; 3],
    fine: bool,
}

impl Box {
    fn colour_at(&self, x: i32, y: i32) -> Option<[u16; 3]> {
        let (x, y) = (x - self.left, y - self.top);
        let [luma, cb, cr] = self.colour;
        let grain = if self.fine { (x * y % 7) as u16 } else { 0 };
        ((0..self.width).contains(&x) && (0..self.height).contains(&y)).then_some([(luma ^ grain) | 1, cb, cr])
    }
}

#[test]
fn random_drawings_are_exact() {
    for (seed, signal) in (0..80).zip(SIGNALS.into_iter().cycle()) {
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
                colour: [(); 3].map(|()| random.u16(1..=top(signal))),
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
        round_trip(signal, width, height, &moves, &drawings);
    }
}
