//! The simulator's assets: real files of the size asked for, whatever is written on them.

#![cfg(feature = "simulator")]
#![allow(clippy::unwrap_used)]

use std::io::Cursor;

use luma_edge::simulator::assets::{Card, ImageFormat, image, video, video_with_sound};
use mp4::{Mp4Reader, TrackType};
use rusty_h264_decoder::Decoder;

fn card(width: u32, height: u32, prompt: &str) -> Card {
    let settings = vec!["ray-2 - 720p - 5s - 16:9 - loop".into(), "id 0f5dd7a4".into()];
    Card { width, height, prompt: prompt.into(), settings, seed: 1 }
}

fn read(file: &[u8]) -> Mp4Reader<Cursor<&[u8]>> {
    Mp4Reader::read_header(Cursor::new(file), file.len() as u64).unwrap()
}

/// Decodes all pictures: width and height of each, and their luma.
fn decode(file: &[u8]) -> Vec<(usize, usize, Vec<u8>)> {
    let mut reader = read(file);
    let track = reader.tracks().get(&1).unwrap();
    let start = [0, 0, 0, 1];
    let sets = [track.sequence_parameter_set().unwrap(), track.picture_parameter_set().unwrap()];
    let mut head = sets.map(|set| [&start, set].concat()).concat();
    let mut decoder = Decoder::new();
    (1..=reader.sample_count(1).unwrap())
        .map(|number| {
            let sample = reader.read_sample(1, number).unwrap().unwrap().bytes;
            let (length, unit) = sample.split_first_chunk().unwrap();
            assert_eq!(u32::from_be_bytes(*length) as usize, unit.len(), "one unit in a sample");
            assert_eq!(unit.first(), Some(if number == 1 { &0x65 } else { &0x61 }), "only the first stands alone");
            let stream = [std::mem::take(&mut head).as_slice(), &start, unit].concat();
            let picture = decoder.decode(&stream).unwrap().unwrap();
            (picture.width, picture.height, picture.y)
        })
        .collect()
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
        assert!(pictures.iter().all(|(w, h, _)| (*w as u32, *h as u32) == (width, height)));
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
fn a_clip_may_have_sound_of_its_own_length() {
    let card = card(640, 360, "A tiger");
    let file = video_with_sound(&card, 5.0);
    let reader = read(&file);
    assert_eq!(reader.tracks().len(), 2);
    let sound = reader.tracks().get(&2).unwrap();
    assert_eq!(sound.trak.mdia.hdlr.handler_type.to_string(), "soun");
    assert_eq!(sound.duration().as_secs_f64(), 5.0);
    assert_eq!(decode(&file), decode(&video(&card, 5.0)), "the same pictures");
}

#[test]
fn files_are_small() {
    let longer =
        "A tiger walking in snow, cinematic light, slow dolly in, shot on film, breath steaming in the cold air";
    for (width, height, seconds, most) in
        [(960, 540, 5.0, 300_000), (1280, 720, 5.0, 450_000), (1920, 1080, 9.0, 600_000), (3840, 2160, 9.0, 1_000_000)]
    {
        let size = video(&card(width, height, longer), seconds).len();
        assert!(size < most, "{width}x{height}, {seconds} s: {size} bytes");
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
        |card: &Card| video_with_sound(card, 1.0),
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
        let file = video_with_sound(&card(16, 16, "A tiger"), seconds);
        assert_eq!(read(&file).sample_count(1).unwrap(), frames, "{seconds} s");
    }
}
