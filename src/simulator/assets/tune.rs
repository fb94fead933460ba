//! What a clip sounds like: a soft slow tune, other notes for each seed.

use fastrand::Rng;

/// Samples a second.
pub(super) const SAMPLE_RATE: u32 = 16_000;

/// A pentatonic scale, in hertz: any order of its notes sounds calm.
const SCALE: [u16; 6] = [220, 262, 294, 330, 392, 440];

/// Notes are half a second long.
const NOTE: u32 = SAMPLE_RATE / 2;

/// `count` samples of the tune of `seed`: triangle waves, each of which fades away.
pub(super) fn samples(seed: u64, count: u32) -> Vec<i16> {
    let mut random = Rng::with_seed(seed);
    let mut pitch = 0;
    let mut phase = 0u16;
    let mut sample = |time: u32| {
        if time.is_multiple_of(NOTE) {
            // A whole circle of a 16-bit phase for each wave.
            pitch = (u32::from(random.choice(SCALE).unwrap_or_default()) * 65_536 / SAMPLE_RATE) as u16;
        }
        phase = phase.wrapping_add(pitch);
        let wave = (i32::from(phase) - 32_768).abs() - 16_384;
        let left = (NOTE - time % NOTE) as i32;
        let rise = (time % NOTE).min(100) as i32;
        (wave * left / NOTE as i32 * rise / 400) as i16
    };
    (0..count).map(&mut sample).collect()
}
