//! A lossless H.264 encoder for flat drawings in which things move sideways (ITU-T H.264, Constrained Baseline, and
//! High 10 for samples of 10 bits).
//!
//! A macroblock is written in the first of these ways that gives its samples exactly, so that a decoder shows the drawing
//! as it was drawn:
//!
//! 1. skipped: the same as in the picture before;
//! 2. moved: the same as in the picture before, some samples to the side;
//! 3. predicted: what its neighbours tell, plus one offset;
//! 4. raw samples.
//!
//! The first two make up nearly all of a clip, so its cost is that of its first picture. A general encoder transforms
//! and searches each picture whole, which takes seconds where this takes milliseconds.

mod headers;
mod intra;
mod planes;
mod slice;
mod syntax;

pub(super) use headers::Format;
use headers::Slice;
pub(super) use planes::{Macroblock, Planes};
use slice::SliceWriter;

/// Writes pictures of one size, each as one NAL unit.
pub(super) struct Encoder {
    format: Format,
    /// The picture before.
    reference: Planes,
    /// How many pictures there were before this one.
    frame: u32,
}

impl Encoder {
    /// Begins with a picture that stands alone; both sides are even.
    pub fn start(format: Format, picture: &Planes) -> (Self, Vec<u8>) {
        let mut slice = SliceWriter::new(Slice::I, 0, format);
        while let (column, row) = slice.place()
            && let Some(target) = picture.macroblock(column, row, 0)
        {
            slice.intra(&target, picture);
        }
        (Self { format, reference: picture.clone(), frame: 0 }, slice.finish())
    }

    /// Sequence and picture parameter set, as NAL units.
    pub fn parameter_sets(&self) -> [Vec<u8>; 2] {
        [self.format.sequence_parameter_set(), self.format.picture_parameter_set()]
    }

    /// The picture after. `changed` tells which macroblocks differ from before, row by row; `moves` how many luma samples
    /// to the right things went, each even.
    pub fn next(&mut self, picture: &Planes, changed: &[bool], moves: &[i32]) -> Vec<u8> {
        self.frame += 1;
        let mut slice = SliceWriter::new(Slice::P, self.frame, self.format);
        for changed in changed {
            let (column, row) = slice.place();
            let target = || picture.macroblock(column, row, 0);
            let same = |motion: i32| match motion {
                0 => !changed,
                _ => self.reference.macroblock(column, row, motion).is_some_and(|there| Some(there) == target()),
            };
            if same(slice.skip_motion()) {
                slice.skip();
            } else if let Some(motion) = std::iter::once(0).chain(moves.iter().map(|dx| -dx)).find(|m| same(*m)) {
                slice.inter(motion);
            } else if let Some(target) = target() {
                slice.intra(&target, picture);
            }
        }
        for (i, _) in changed.iter().enumerate().filter(|(_, changed)| **changed) {
            let (column, row) = (i % self.format.columns(), i / self.format.columns());
            if let Some(macroblock) = picture.macroblock(column, row, 0) {
                self.reference.put(column, row, &macroblock);
            }
        }
        slice.finish()
    }
}

#[cfg(test)]
pub(super) mod tests;
