//! What the samples of a clip mean: how many bits they have, and which light they stand for.

use super::hdr;

/// The dynamic range of a clip.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Signal {
    /// BT.709 in 8 bits.
    Standard,
    /// BT.2020 in 10 bits, with the transfer of SMPTE ST 2084 (PQ).
    High,
}

impl Signal {
    /// Bits of a sample.
    pub fn depth(self) -> u32 {
        match self {
            Signal::Standard => 8,
            Signal::High => 10,
        }
    }

    /// The codes of primaries, transfer and matrix (ITU-T H.273, tables 2 to 4).
    pub fn codes(self) -> [u8; 3] {
        match self {
            Signal::Standard => [1, 1, 1],
            Signal::High => [9, 16, 9],
        }
    }

    /// The samples Y, Cb and Cr, in limited range, of a colour of the canvas that is `down` of its height below its top.
    pub fn samples(self, colour: [u8; 3], down: f64) -> [u16; 3] {
        match self {
            Signal::Standard => bt709(colour),
            Signal::High => hdr::samples(colour, down),
        }
    }
}

/// BT.709 in limited range: luma from 16 to 235, chroma from 16 to 240, with coefficients in 65536ths.
fn bt709([red, green, blue]: [u8; 3]) -> [u16; 3] {
    let weigh = |base: i32, [r, g, b]: [i32; 3]| {
        (base + ((r * i32::from(red) + g * i32::from(green) + b * i32::from(blue) + 32_768) >> 16)) as u16
    };
    [weigh(16, [11_966, 40_254, 4_064]), weigh(128, [-6_596, -22_189, 28_785]), weigh(128, [28_785, -26_145, -2_640])]
}
