//! The macroblocks of a picture, in order (ITU-T H.264, clauses 7.3.4, 7.3.5, 8.4.1 and 9.2).

use super::{
    super::bits::Bits,
    headers::{Format, Slice},
    intra::Prediction,
    planes::{Macroblock, Planes},
};

/// How a macroblock was written: what the codes of those after it depend on.
#[derive(Clone, Copy, PartialEq)]
enum Coded {
    /// Copied from the picture before, from so many luma samples to the right.
    Inter(i32),
    Intra,
    Raw,
}

/// Writes the only slice of a picture, one macroblock after the other.
pub(super) struct SliceWriter {
    bits: Bits,
    slice: Slice,
    columns: usize,
    /// Bits of a sample.
    depth: u32,
    coded: Vec<Coded>,
    skipped: u32,
}

impl SliceWriter {
    pub fn new(slice: Slice, frame: u32, format: Format) -> Self {
        let (columns, depth) = (format.columns(), format.signal.depth());
        Self { bits: slice.header(frame), slice, columns, depth, coded: Vec::new(), skipped: 0 }
    }

    /// The column and the row of the next macroblock.
    pub fn place(&self) -> (usize, usize) {
        (self.coded.len() % self.columns, self.coded.len() / self.columns)
    }

    /// The motion that a skipped macroblock has here (clause 8.4.1.1).
    pub fn skip_motion(&self) -> i32 {
        let still = |neighbour| matches!(neighbour, None | Some(Coded::Inter(0)));
        if still(self.left()) || still(self.above(0)) { 0 } else { self.predicted_motion() }
    }

    /// P_Skip: the same as in the picture before, at [`Self::skip_motion`].
    pub fn skip(&mut self) {
        self.coded.push(Coded::Inter(self.skip_motion()));
        self.skipped += 1;
    }

    /// P_L0_16x16 without residual: the same as in the picture before, so many luma samples to the right.
    pub fn inter(&mut self, motion: i32) {
        let difference = motion - self.predicted_motion();
        self.flush_skipped();
        self.bits.ue(0).se(4 * difference).se(0).ue(0); // mb_type, mvd in quarter samples, coded_block_pattern of none
        self.coded.push(Coded::Inter(motion));
    }

    /// Intra_16x16 when the neighbours tell it, I_PCM otherwise.
    pub fn intra(&mut self, target: &Macroblock, picture: &Planes) {
        let (column, row) = self.place();
        self.flush_skipped();
        let first_type = if self.slice == Slice::P { 5 } else { 0 };
        let Some(prediction) = Prediction::of(target, picture, column, row, self.depth) else {
            self.bits.ue(first_type + 25);
            self.bits.align();
            for sample in target.y.as_flattened().iter().chain(target.c.as_flattened().as_flattened()) {
                self.bits.u((*sample).into(), self.depth);
            }
            self.coded.push(Coded::Raw);
            return;
        };
        let chroma_coded = prediction.chroma_offsets != [0, 0];
        self.bits.ue(first_type + 1 + prediction.luma_mode + if chroma_coded { 4 } else { 0 });
        self.bits.ue(prediction.chroma_mode).se(0); // mb_qp_delta
        let token = if self.beside_raw() { &LUMA_BESIDE_RAW } else { &LUMA };
        token.write(&mut self.bits, 2 * prediction.luma_offset);
        if chroma_coded {
            for offset in prediction.chroma_offsets {
                CHROMA.write(&mut self.bits, offset);
            }
        }
        self.coded.push(Coded::Intra);
    }

    /// The slice as a NAL unit.
    pub fn finish(mut self) -> Vec<u8> {
        if self.skipped > 0 {
            self.flush_skipped();
        }
        self.bits.nal(self.slice.nal_header())
    }

    /// mb_skip_run, which comes before every macroblock of a P slice that is not skipped.
    fn flush_skipped(&mut self) {
        if self.slice == Slice::P {
            self.bits.ue(std::mem::take(&mut self.skipped));
        }
    }

    fn left(&self) -> Option<Coded> {
        let (column, _) = self.place();
        self.coded.last().copied().filter(|_| column > 0)
    }

    /// The neighbour in the row above, `dx` columns to the right.
    fn above(&self, dx: isize) -> Option<Coded> {
        let (column, row) = self.place();
        let column = column.checked_add_signed(dx).filter(|column| *column < self.columns)?;
        self.coded.get(row.checked_sub(1)? * self.columns + column).copied()
    }

    /// The median of the neighbours' motion (clause 8.4.1.3). All motion is sideways, so one number does.
    fn predicted_motion(&self) -> i32 {
        let (a, b, c) = (self.left(), self.above(0), self.above(1).or(self.above(-1)));
        let motion = |neighbour| match neighbour {
            Some(Coded::Inter(motion)) => Some(motion),
            _ => None,
        };
        if (b, c) == (None, None) {
            return motion(a).unwrap_or(0);
        }
        match [motion(a), motion(b), motion(c)] {
            [Some(only), None, None] | [None, Some(only), None] | [None, None, Some(only)] => only,
            motions => {
                let [a, b, c] = motions.map(Option::unwrap_or_default);
                a.max(b).min(a.min(b).max(c))
            }
        }
    }

    /// Raw macroblocks count as full of coefficients, all others as empty: nC is 0 without one beside, else 8 or 16,
    /// which share a table (clause 9.2.1).
    fn beside_raw(&self) -> bool {
        [self.left(), self.above(0)].contains(&Some(Coded::Raw))
    }
}

/// The codes of coeff_token (table 9-5) for a block that holds nothing, one level of ±1, or one larger level.
struct CoeffToken {
    none: (u32, u32),
    one: (u32, u32),
    larger: (u32, u32),
}

const LUMA: CoeffToken = CoeffToken { none: (1, 1), one: (0b01, 2), larger: (0b00_0101, 6) };
const LUMA_BESIDE_RAW: CoeffToken = CoeffToken { none: (0b00_0011, 6), one: (0b00_0001, 6), larger: (0b00_0000, 6) };
const CHROMA: CoeffToken = CoeffToken { none: (0b01, 2), one: (1, 1), larger: (0b00_0111, 6) };

impl CoeffToken {
    /// residual_block_cavlc of a block with nothing but its DC level.
    fn write(&self, bits: &mut Bits, level: i32) {
        let magnitude = level.unsigned_abs();
        let (token, len) = match magnitude {
            0 => self.none,
            1 => self.one,
            _ => self.larger,
        };
        bits.u(token, len);
        match magnitude {
            0 => return,
            1 => bits.flag(level < 0), // trailing_ones_sign_flag
            _ => {
                // level_prefix and level_suffix (clause 9.2.2.1)
                let code = 2 * (magnitude - 2) + u32::from(level < 0);
                match code {
                    0..14 => bits.u(1, code + 1),
                    14..30 => bits.u(1, 15).u(code - 14, 4),
                    _ => bits.u(1, 16).u(code - 30, 12),
                }
            }
        };
        bits.flag(true); // total_zeros: none before it
    }
}
