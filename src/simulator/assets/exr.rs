//! OpenEXR: one picture in half floats and linear light, scan line after scan line, not compressed.
//!
//! By the document "OpenEXR File Layout" of the Academy Software Foundation.

use super::canvas::Canvas;

const MAGIC: u32 = 20_000_630;
const VERSION: u32 = 2;
/// The code of a 16-bit float among the types of samples.
const HALF: u32 = 1;

/// An EXR file of `width` by `height` pixels, `scale` by `scale` of which are one of the canvas.
pub(super) fn encode(canvas: &Canvas, scale: u32, width: u32, height: u32) -> Vec<u8> {
    let mut file = header(width, height);
    let line = 8 + u64::from(width) * 3 * 2;
    let first = file.len() as u64 + u64::from(height) * 8;
    for y in 0..u64::from(height) {
        file.extend((first + y * line).to_le_bytes());
    }
    let linear: [u16; 256] = std::array::from_fn(|sample| half(linear(sample as f32 / 255.0)));
    for y in 0..height {
        file.extend(y.to_le_bytes());
        file.extend((width * 3 * 2).to_le_bytes());
        // Channels are in the order of their names: B, G, R.
        for channel in [2, 1, 0] {
            for x in 0..width {
                let colour = canvas.at(x / scale, y / scale);
                let sample = colour.get(channel).and_then(|sample| linear.get(usize::from(*sample)));
                file.extend(sample.copied().unwrap_or_default().to_le_bytes());
            }
        }
    }
    file
}

fn header(width: u32, height: u32) -> Vec<u8> {
    let mut file = [MAGIC.to_le_bytes(), VERSION.to_le_bytes()].concat();
    let mut attribute = |name: &str, kind: &str, value: &[u8]| {
        file.extend(
            [name.as_bytes(), &[0], kind.as_bytes(), &[0], &(value.len() as u32).to_le_bytes(), value].concat(),
        );
    };
    let mut channels = Vec::new();
    for name in *b"BGR" {
        // Its name, its type, that it is not perceptually linear, and that every pixel has one.
        channels.extend([name, 0]);
        channels.extend([HALF, 0, 1, 1].map(u32::to_le_bytes).concat());
    }
    channels.push(0);
    let window = [0, 0, width.saturating_sub(1), height.saturating_sub(1)].map(u32::to_le_bytes).concat();
    attribute("channels", "chlist", &channels);
    attribute("compression", "compression", &[0]);
    attribute("dataWindow", "box2i", &window);
    attribute("displayWindow", "box2i", &window);
    attribute("lineOrder", "lineOrder", &[0]);
    attribute("pixelAspectRatio", "float", &1f32.to_le_bytes());
    attribute("screenWindowCenter", "v2f", &[0; 8]);
    attribute("screenWindowWidth", "float", &1f32.to_le_bytes());
    file.push(0);
    file
}

/// Light from an sRGB sample, both from 0 to 1 (IEC 61966-2-1).
pub(super) fn linear(sample: f32) -> f32 {
    if sample <= 0.04045 { sample / 12.92 } else { ((sample + 0.055) / 1.055).powf(2.4) }
}

/// A number from 0 to 1 as a 16-bit float, cut to its precision.
fn half(number: f32) -> u16 {
    let bits = number.to_bits();
    let exponent = (bits >> 23) as i32 - 127 + 15;
    // Below 2^-14 there are no sRGB samples but 0: 1/255 is 0.0003.
    if exponent <= 0 { 0 } else { ((exponent as u32) << 10 | (bits >> 13 & 0x3ff)) as u16 }
}
