//! Sound as FLAC frames (RFC 9639): mono, 16 bits, each sample told by the straight line through the two before it.

use crc::{CRC_8_SMBUS, CRC_16_UMTS, Crc};

use super::bits::Bits;

/// Samples in a frame; the last one may have fewer.
pub(super) const BLOCK: usize = 4096;

/// The frames of these samples, at 16 kHz.
pub(super) fn frames(samples: &[i16]) -> Vec<Vec<u8>> {
    (0..).zip(samples.chunks(BLOCK)).map(|(number, block)| frame(number, block)).collect()
}

fn frame(number: u32, block: &[i16]) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.u(0b11_1111_1111_1110, 14).u(0, 2); // sync code, blocks of one size
    bits.u(0b0111, 4).u(0b0101, 4); // block size in 16 bits below, 16 kHz
    bits.u(0, 4).u(0b100, 3).u(0, 1); // mono, 16 bits
    coded_number(&mut bits, number);
    bits.u(block.len() as u32 - 1, 16);
    let header_check = Crc::<u8>::new(&CRC_8_SMBUS).checksum(bits.as_bytes());
    bits.u(header_check.into(), 8);
    match block {
        [first, second, ..] => {
            bits.u(0b00_1010 << 1, 8); // fixed predictor of order 2
            bits.u(*first as u32, 16).u(*second as u32, 16);
            let residual: Vec<i32> = block
                .windows(3)
                .map(|window| match *window {
                    [a, b, c] => i32::from(c) - 2 * i32::from(b) + i32::from(a),
                    _ => 0,
                })
                .collect();
            rice(&mut bits, &residual);
        }
        _ => {
            bits.u(0b00_0001 << 1, 8); // verbatim
            for sample in block {
                bits.u(*sample as u32, 16);
            }
        }
    }
    bits.align();
    let check = Crc::<u16>::new(&CRC_16_UMTS).checksum(bits.as_bytes());
    bits.u(check.into(), 16);
    bits.as_bytes().to_vec()
}

/// A number coded as UTF-8 codes a character. No clip has as many frames as there are codes that are not characters.
fn coded_number(bits: &mut Bits, number: u32) {
    let character = char::from_u32(number).unwrap_or_default();
    bits.aligned(character.encode_utf8(&mut [0; 4]).as_bytes());
}

/// The residual as one partition of Rice codes, with the parameter that makes them shortest.
fn rice(bits: &mut Bits, residual: &[i32]) {
    let folded: Vec<u32> = residual.iter().map(|r| ((r << 1) ^ (r >> 31)) as u32).collect();
    let cost = |parameter: &u32| {
        folded.iter().map(|value| u64::from(value >> parameter) + 1).sum::<u64>()
            + u64::from(*parameter) * folded.len() as u64
    };
    let parameter = (0..15).min_by_key(cost).unwrap_or_default();
    bits.u(0, 2).u(0, 4).u(parameter, 4); // four-bit parameters, one partition
    for value in folded {
        let mut quotient = value >> parameter;
        while quotient >= 32 {
            bits.u(0, 32);
            quotient -= 32;
        }
        bits.u(1, quotient + 1).u(value, parameter);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::frames;

    /// A FLAC file: the frames after the mark and STREAMINFO (RFC 9639, section 8.2).
    fn file(samples: &[i16]) -> Vec<u8> {
        let mut file = b"fLaC\x80\0\0\x22\x10\0\x10\0\0\0\0\0\0\0".to_vec();
        file.extend((16_000u64 << 44 | 15 << 36 | samples.len() as u64).to_be_bytes());
        file.extend([0; 16]);
        file.extend(frames(samples).concat());
        file
    }

    #[test]
    fn an_independent_decoder_gives_the_samples_back() {
        let mut random = fastrand::Rng::with_seed(7);
        for length in [1, 2, 3, 500, 4096, 4097, 4098, 20_000] {
            let noise = (0..length).map(|_| random.i16(..)).collect();
            let tune = super::super::tune::samples(7, length);
            let jump = (0..length).map(|i| if i % 100 < 50 { i16::MIN } else { i16::MAX }).collect();
            for samples in [noise, tune, jump] {
                let file = file(&samples);
                let mut reader = claxon::FlacReader::new(file.as_slice()).unwrap();
                let decoded: Vec<i32> = reader.samples().collect::<Result<_, _>>().unwrap();
                assert!(
                    decoded.iter().copied().eq(samples.iter().map(|sample| i32::from(*sample))),
                    "{length} samples"
                );
            }
        }
    }

    #[test]
    fn a_tune_takes_less_than_half_of_its_samples() {
        let samples = super::super::tune::samples(1, 80_000);
        assert!(frames(&samples).concat().len() < size_of_val(samples.as_slice()) / 2);
    }
}
