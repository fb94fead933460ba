//! The simulator's assets: real files of the size asked for, whatever is written on them.

#![cfg(feature = "simulator")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::io::Cursor;

use luma_edge::simulator::assets::{Card, ImageFormat, image, video, video_in_hdr};
use mp4::{Mp4Reader, TrackType};
use rust_h264::{
    decoder::{Decoder, Frame},
    nal::{SpsInfo, parse_annex_b, parse_avcc, parse_sps_info},
};

fn card(width: u32, height: u32, prompt: &str) -> Card {
    let settings = vec!["ray-2 - 720p - 5s - 16:9 - loop".into(), "id 0f5dd7a4".into()];
    Card { width, height, prompt: prompt.into(), settings, seed: 1 }
}

fn read(file: &[u8]) -> Mp4Reader<Cursor<&[u8]>> {
    Mp4Reader::read_header(Cursor::new(file), file.len() as u64).unwrap()
}

/// A parameter set as it stands in a byte stream (annex B).
fn annex_b(set: &[u8]) -> Vec<u8> {
    [&[0, 0, 0, 1], set].concat()
}

/// Decodes all pictures: width and height of each, and their luma.
fn decode(file: &[u8]) -> Vec<(u32, u32, Vec<u8>)> {
    let mut reader = read(file);
    let mut decoder = Decoder::new();
    let mut pictures = Vec::new();
    let mut add = |frame: Option<Frame>| pictures.extend(frame.map(|frame| (frame.width, frame.height, frame.y)));
    let track = reader.tracks().get(&1).unwrap();
    for set in [track.sequence_parameter_set().unwrap(), track.picture_parameter_set().unwrap()] {
        for unit in &parse_annex_b(&annex_b(set)) {
            add(decoder.decode_nal(unit).unwrap());
        }
    }
    for number in 1..=reader.sample_count(1).unwrap() {
        let sample = reader.read_sample(1, number).unwrap().unwrap().bytes;
        let (length, unit) = sample.split_first_chunk().unwrap();
        assert_eq!(u32::from_be_bytes(*length) as usize, unit.len(), "one unit in a sample");
        assert_eq!(unit.first(), Some(if number == 1 { &0x65 } else { &0x61 }), "only the first stands alone");
        for unit in &parse_avcc(&sample, 4) {
            add(decoder.decode_nal(unit).unwrap());
        }
    }
    add(decoder.flush());
    pictures
}

/// What the clip itself says of its samples.
fn sequence_parameters(file: &[u8]) -> SpsInfo {
    let reader = read(file);
    let set = annex_b(reader.tracks().get(&1).unwrap().sequence_parameter_set().unwrap());
    parse_sps_info(parse_annex_b(&set).first().unwrap()).unwrap()
}

const PROMPTS: [&str; 8] = [
    "",
    " \n\r\n\t ",
    "A tiger walking in snow",
    "虎が雪の中を歩いている、映画のような光",
    "نمر يمشي في الثلج",
    "🐅❄️ 👩‍👩‍👧‍👦 e\u{301}\u{301}\u{301} \u{202e}snow\u{0}\u{7f}\u{fffd}\u{10ffff}",
    "Тигр идёт по снегу, τίγρη στο χιόνι, tygr ve sněhu",
    "supercalifragilisticexpialidocious-supercalifragilisticexpialidocious-supercalifragilisticexpialidocious",
];

#[test]
fn images_have_the_size_asked_for() {
    let sizes = [
        (64, 64),
        (65, 33),
        (960, 540),
        (1280, 720),
        (1536, 1536),
        (2432, 1024),
        (1024, 2432),
        (3840, 2160),
        (4096, 4096),
    ];
    for (width, height) in sizes {
        for (format, expected) in
            [(ImageFormat::Jpeg, image::ImageFormat::Jpeg), (ImageFormat::Png, image::ImageFormat::Png)]
        {
            let file = image(&card(width, height, "A tiger"), format);
            assert_eq!(image::guess_format(&file).unwrap(), expected);
            let decoded = image::load_from_memory(&file).unwrap();
            assert_eq!((decoded.width(), decoded.height()), (width, height), "{format:?}");
        }
    }
}

#[test]
fn clips_have_the_size_and_the_length_asked_for() {
    let table = [
        (64, 64, 1.0, 24),
        (66, 50, 0.5, 12),
        (960, 540, 5.0, 120),
        (1280, 720, 5.0, 120),
        (720, 1280, 9.0, 216),
        (1920, 1080, 1.0, 24),
        (2432, 1024, 1.0, 24),
        (3840, 2160, 1.0, 24),
        (4096, 4096, 0.1, 2),
    ];
    for (width, height, seconds, frames) in table {
        let file = video(&card(width, height, "A tiger"), seconds);
        let reader = read(&file);
        let [track] = reader.tracks().values().collect::<Vec<_>>().try_into().unwrap();
        assert_eq!(track.track_type().unwrap(), TrackType::Video);
        assert_eq!((u32::from(track.width()), u32::from(track.height())), (width, height));
        assert_eq!(track.sample_count(), frames);
        assert_eq!(track.duration().as_millis(), u128::from(frames) * 1000 / 24, "{width}x{height}");
        assert_eq!(reader.duration().as_millis(), track.duration().as_millis());
        let pictures = decode(&file);
        assert_eq!(pictures.len(), frames as usize);
        assert!(pictures.iter().all(|(w, h, _)| (*w, *h) == (width, height)));
        let (first, last) = (pictures.first().unwrap(), pictures.last().unwrap());
        assert!(first.2 != last.2, "something moves");
    }
}

#[test]
fn a_player_finds_the_index_before_the_data() {
    let file = video(&card(640, 360, "A tiger"), 1.0);
    let mut rest = file.as_slice();
    let mut kinds = Vec::new();
    while let Some((head, _)) = rest.split_first_chunk::<8>() {
        let [a, b, c, d, kind @ ..] = *head;
        kinds.push(String::from_utf8(kind.to_vec()).unwrap());
        rest = rest.split_at(u32::from_be_bytes([a, b, c, d]) as usize).1;
    }
    assert_eq!(kinds, ["ftyp", "moov", "mdat"]);
    assert!(rest.is_empty());
}

#[test]
fn a_clip_says_which_light_it_is_of() {
    for (file, profile, depth, [primaries, transfer, matrix]) in [
        (video(&card(640, 360, "A tiger"), 0.1), 66, 8, [1, 1, 1]),
        // BT.2020, SMPTE ST 2084 and BT.2020 with non-constant luminance, in High 10.
        (video_in_hdr(&card(640, 360, "A tiger"), 0.1), 110, 10, [9, 16, 9]),
    ] {
        let sps = sequence_parameters(&file);
        assert_eq!((sps.profile, sps.bit_depth_luma, sps.bit_depth_chroma), (profile, depth, depth));
        assert_eq!((sps.primaries, sps.transfer, sps.matrix), (primaries, transfer, matrix));
        assert!(!sps.full_range);
        // The same in the index, for players that look no further.
        let after = |name: &[u8; 4]| {
            let at = file.windows(4).position(|word| word == name).unwrap();
            file.split_at(at + 4).1
        };
        assert!(after(b"colr").starts_with(&[b"nclx", &[0, primaries, 0, transfer, 0, matrix, 0][..]].concat()));
        assert_eq!(after(b"avcC").get(1), Some(&profile));
    }
}

#[test]
fn a_clip_in_hdr_has_the_same_size_and_length() {
    for (width, height, seconds, frames) in
        [(66, 50, 0.5, 12), (1280, 720, 5.0, 120), (1080, 1920, 1.0, 24), (3840, 2160, 0.1, 2)]
    {
        let file = video_in_hdr(&card(width, height, "A tiger"), seconds);
        let reader = read(&file);
        let track = reader.tracks().get(&1).unwrap();
        assert_eq!((u32::from(track.width()), u32::from(track.height())), (width, height));
        assert_eq!(track.duration().as_millis(), frames * 1000 / 24);
        let pictures = decode(&file);
        assert_eq!(pictures.len() as u128, frames);
        assert!(pictures.iter().all(|(w, h, _)| (*w, *h) == (width, height)));
        assert!(pictures.first().unwrap().2 != pictures.last().unwrap().2, "something moves");
    }
}

#[test]
fn a_clip_in_hdr_shows_what_8_bits_cannot() {
    let (width, height) = (1280, 720);
    let (.., bytes) = decode(&video_in_hdr(&card(width, height, "A tiger"), 0.1)).swap_remove(0);
    let luma: Vec<u16> = bytes.as_chunks().0.iter().map(|sample| u16::from_le_bytes(*sample)).collect();
    // The sun is brighter than 1000 candelas, which is a signal of 75 percent; white paper has 203, which is 58.
    let [paper, sun] = [0.58, 0.75].map(|signal| (64.0 + 876.0 * signal) as u16);
    assert!(luma.iter().any(|sample| *sample > sun));
    assert!(luma.iter().filter(|sample| **sample > paper).count() < luma.len() / 20, "and it is the exception");
    // Down the sky, between sun and cloud, light falls by single steps, four of which are one of 8 bits.
    let column = luma.iter().copied().skip(width as usize / 2).step_by(width as usize);
    let sky: Vec<u16> = column.take(height as usize / 4).collect();
    assert!(sky.windows(2).all(|pair| pair[0] == pair[1] || pair[0] == pair[1] + 1), "{sky:?}");
    assert!(sky.iter().collect::<BTreeSet<_>>().len() > 20, "{sky:?}");
}

#[test]
fn files_are_small() {
    let longer =
        "A tiger walking in snow, cinematic light, slow dolly in, shot on film, breath steaming in the cold air";
    for (width, height, seconds, most) in
        [(960, 540, 5.0, 300_000), (1280, 720, 5.0, 450_000), (1920, 1080, 9.0, 600_000), (3840, 2160, 9.0, 1_000_000)]
    {
        for (range, video) in [("standard", video as fn(&Card, f64) -> Vec<u8>), ("high", video_in_hdr)] {
            let size = video(&card(width, height, longer), seconds).len();
            assert!(size < most, "{width}x{height}, {seconds} s, {range}: {size} bytes");
        }
    }
}

#[test]
fn any_prompt_can_be_written() {
    let long = ["word ", "x", "語", "👩‍👩‍👧‍👦", "\n"].map(|part| part.repeat(5000));
    for prompt in PROMPTS.into_iter().chain(long.iter().map(String::as_str)) {
        for (width, height) in [(64, 64), (640, 360), (360, 640)] {
            let card = card(width, height, prompt);
            assert!(image::load_from_memory(&image(&card, ImageFormat::Png)).is_ok());
            assert_eq!(decode(&video(&card, 0.1)).len(), 2);
        }
    }
}

#[test]
fn what_is_written_is_seen() {
    let written = |prompt: &str, settings: &[&str]| {
        let settings = settings.iter().copied().map(String::from).collect();
        image(&Card { settings, ..card(640, 360, prompt) }, ImageFormat::Png)
    };
    let tiger = written("tiger", &["ray-2"]);
    assert_ne!(tiger, written("liger", &["ray-2"]));
    assert_ne!(tiger, written("tiger", &["ray-1"]));
    assert_ne!(written("", &[]), written("虎", &[]), "a character that no font has is seen all the same");
    let words = |count: usize| written(&"word ".repeat(count), &[]);
    assert_ne!(words(50), words(51));
    assert_eq!(words(5000), words(5001), "cut alike");
}

#[test]
fn the_same_card_gives_the_same_bytes_and_another_seed_others() {
    let one = card(640, 360, "A tiger");
    let same = card(640, 360, "A tiger");
    let other = Card { seed: 2, ..card(640, 360, "A tiger") };
    for file in [
        |card: &Card| image(card, ImageFormat::Jpeg),
        |card: &Card| image(card, ImageFormat::Png),
        |card: &Card| video(card, 1.0),
        |card: &Card| video_in_hdr(card, 1.0),
    ] {
        assert_eq!(file(&one), file(&same));
        assert_ne!(file(&one), file(&other));
    }
}

#[test]
fn absurd_numbers_are_brought_into_range() {
    for (asked, given) in [((0, 0), (16, 16)), ((1, 100_000), (16, 5120)), ((u32::MAX, 17), (5120, 17))] {
        let decoded = image::load_from_memory(&image(&card(asked.0, asked.1, "A tiger"), ImageFormat::Png)).unwrap();
        assert_eq!((decoded.width(), decoded.height()), given);
    }
    for (asked, given) in [((0, 0), (16, 16)), ((1, 100_000), (16, 5120)), ((u32::MAX, 17), (5120, 16))] {
        let pictures = decode(&video(&card(asked.0, asked.1, "A tiger"), 0.1));
        assert!(pictures.iter().all(|(width, height, _)| (*width, *height) == given), "{asked:?}");
    }
    for (seconds, frames) in
        [(0.0, 1), (-1.0, 1), (f64::NAN, 1), (f64::NEG_INFINITY, 1), (0.06, 1), (f64::INFINITY, 2880), (1e9, 2880)]
    {
        let file = video(&card(16, 16, "A tiger"), seconds);
        assert_eq!(read(&file).sample_count(1).unwrap(), frames, "{seconds} s");
    }
}
