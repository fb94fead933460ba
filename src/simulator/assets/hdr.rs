//! A drawing in more light than a screen of old could show: BT.2020 in 10 bits, with the transfer of SMPTE ST 2084 (PQ).

use super::exr::linear;

/// What white has, in candelas per square metre (ITU-R BT.2408, table 1).
const WHITE: f64 = 203.0;

/// How many times the light of white is added to what is brightest: the sun, and the bar of its colour, alone fill a
/// channel.
const HIGHLIGHT: f64 = 3.0;

/// From linear BT.709 to linear BT.2020 (ITU-R BT.2087).
const TO_BT2020: [[f64; 3]; 3] = [[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]];

/// The samples Y, Cb and Cr of an sRGB colour that is `down` of the picture's height below its top.
pub(super) fn samples(colour: [u8; 3], down: f64) -> [u16; 3] {
    let light = colour.map(|sample| f64::from(linear(f32::from(sample) / 255.0)));
    let brightest = light.into_iter().fold(0.0, f64::max);
    // The power leaves all but highlights as they are. The upper half has more light the higher it is, up to twice as
    // much: the sky has steps too fine for 8 bits.
    let lamp = WHITE * (1.0 + HIGHLIGHT * brightest.powi(31)) * (2.0 - (2.0 * down).min(1.0));
    ycbcr(TO_BT2020.map(|row| pq(lamp * row.iter().zip(light).map(|(weight, light)| weight * light).sum::<f64>())))
}

/// From candelas per square metre to a signal from 0 to 1 (SMPTE ST 2084).
fn pq(light: f64) -> f64 {
    const M1: f64 = 2610.0 / 16384.0;
    const M2: f64 = 2523.0 / 4096.0 * 128.0;
    const C1: f64 = 3424.0 / 4096.0;
    const C2: f64 = 2413.0 / 4096.0 * 32.0;
    const C3: f64 = 2392.0 / 4096.0 * 32.0;
    let power = (light / 10_000.0).clamp(0.0, 1.0).powf(M1);
    ((C1 + C2 * power) / (1.0 + C3 * power)).powf(M2)
}

/// BT.2020 with non-constant luminance, in limited range: luma from 64 to 940, chroma from 64 to 960.
fn ycbcr([red, green, blue]: [f64; 3]) -> [u16; 3] {
    let luma = 0.2627 * red + 0.6780 * green + 0.0593 * blue;
    let chroma = |difference: f64, reach: f64| (512.0 + 896.0 * difference / reach).round() as u16;
    [(64.0 + 876.0 * luma).round() as u16, chroma(blue - luma, 1.8814), chroma(red - luma, 1.4746)]
}

#[cfg(test)]
mod tests {
    use super::{pq, samples};

    #[test]
    fn the_transfer_has_the_values_that_are_published() {
        // Between the ends of the scale, a grey card and white of ITU-R BT.2408, table 1.
        for (light, percent) in [(0.0, 0), (26.0, 38), (203.0, 58), (10_000.0, 100)] {
            assert_eq!((pq(light) * 100.0).round() as i32, percent, "{light}");
        }
    }

    #[test]
    fn greys_have_no_chroma_and_white_is_as_bright_as_paper() {
        for grey in 0..=250 {
            let [_, cb, cr] = samples([grey; 3], 1.0);
            assert_eq!((cb, cr), (512, 512), "{grey}");
        }
        assert_eq!(samples([0; 3], 0.0), [64, 512, 512]);
    }

    #[test]
    fn one_colour_has_more_steps_of_light_than_8_bits() {
        let sky = |line: u32| samples([150, 180, 215], f64::from(line) / 720.0)[0];
        let steps: std::collections::BTreeSet<_> = (0..=360).map(sky).collect();
        let (lowest, highest) = (sky(360), sky(0));
        assert_eq!(steps.len(), usize::from(highest - lowest) + 1, "no step is left out");
        assert!(highest - lowest > 40, "{lowest} to {highest}");
    }
}
