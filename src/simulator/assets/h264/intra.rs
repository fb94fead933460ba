//! Intra prediction (ITU-T H.264, clauses 8.3.3 and 8.3.4) for macroblocks that it gives exactly, up to one offset for
//! the whole of a component.

use super::planes::{Macroblock, Plane, Planes};

/// A macroblock told by its neighbours.
pub(super) struct Prediction {
    /// Intra16x16PredMode: 0 vertical, 1 horizontal, 2 DC.
    pub luma_mode: u32,
    /// What to add to every luma sample.
    pub luma_offset: i32,
    /// intra_chroma_pred_mode: 0 DC, 1 horizontal, 2 vertical.
    pub chroma_mode: u32,
    /// What to add to every Cb and every Cr sample.
    pub chroma_offsets: [i32; 2],
}

impl Prediction {
    /// How `target` at (`column`, `row`) follows from what is left of it and above it in `picture`, if it does. The
    /// neighbours are those of the picture itself: nothing that is written loses anything.
    pub fn of(target: &Macroblock, picture: &Planes, column: usize, row: usize, depth: u32) -> Option<Self> {
        let middle = 1 << (depth - 1);
        let luma = Edges::<16>::of(&picture.y, column, row, middle);
        let (luma_mode, [luma_offset]) = cheapest([
            (0, luma.vertical().map(|p| [offset(&target.y, &p)])),
            (1, luma.horizontal().map(|p| [offset(&target.y, &p)])),
            (2, Some([offset(&target.y, &luma.dc())])),
        ])?;
        let chroma = picture.c.each_ref().map(|plane| Edges::<8>::of(plane, column, row, middle));
        let [cb, cr] = &chroma;
        let offsets = |[u, v]: [[[u16; 8]; 8]; 2]| {
            let [target_u, target_v] = &target.c;
            [offset(target_u, &u), offset(target_v, &v)]
        };
        let (chroma_mode, chroma_offsets) = cheapest([
            (0, Some(offsets([cb.quarter_dc(), cr.quarter_dc()]))),
            (1, cb.horizontal().zip(cr.horizontal()).map(|(u, v)| offsets([u, v]))),
            (2, cb.vertical().zip(cr.vertical()).map(|(u, v)| offsets([u, v]))),
        ])?;
        Some(Self { luma_mode, luma_offset, chroma_mode, chroma_offsets })
    }
}

/// The mode with the smallest offsets, among those that have one offset for each component.
fn cheapest<const N: usize>(modes: [(u32, Option<[Option<i32>; N]>); 3]) -> Option<(u32, [i32; N])> {
    modes
        .into_iter()
        .filter_map(|(mode, offsets)| {
            let offsets = offsets?;
            offsets.iter().all(Option::is_some).then(|| (mode, offsets.map(Option::unwrap_or_default)))
        })
        .min_by_key(|(_, offsets)| offsets.iter().map(|offset| offset.abs()).sum::<i32>())
}

/// The one number by which all of `target` differs from `prediction`, if there is one.
fn offset<const N: usize>(target: &[[u16; N]; N], prediction: &[[u16; N]; N]) -> Option<i32> {
    let mut differences =
        target.as_flattened().iter().zip(prediction.as_flattened()).map(|(t, p)| i32::from(*t) - i32::from(*p));
    let first = differences.next()?;
    differences.all(|difference| difference == first).then_some(first)
}

/// The samples just above and just left of a block.
struct Edges<const N: usize> {
    top: Option<[u16; N]>,
    left: Option<[u16; N]>,
    /// The middle of the samples' range.
    middle: u16,
}

impl<const N: usize> Edges<N> {
    fn of(plane: &Plane, column: usize, row: usize, middle: u16) -> Self {
        let (x, y) = (column * N, row * N);
        Self {
            top: y.checked_sub(1).and_then(|above| plane.row(x, above)),
            left: x.checked_sub(1).and_then(|before| plane.column(before, y)),
            middle,
        }
    }

    fn vertical(&self) -> Option<[[u16; N]; N]> {
        self.top.map(|top| [top; N])
    }

    fn horizontal(&self) -> Option<[[u16; N]; N]> {
        self.left.map(|left| left.map(|sample| [sample; N]))
    }

    /// The rounded mean of all samples, the middle of the range when there are none.
    fn mean(&self, a: &[u16], b: &[u16]) -> u16 {
        let (sum, count) = a.iter().chain(b).fold((0, 0), |(sum, count), sample| (sum + u32::from(*sample), count + 1));
        (sum + count / 2).checked_div(count).map_or(self.middle, |mean| mean as u16)
    }

    fn dc(&self) -> [[u16; N]; N] {
        [[self.mean(self.top.as_slice().as_flattened(), self.left.as_slice().as_flattened()); N]; N]
    }
}

impl Edges<8> {
    /// Chroma DC prediction: each quarter has a mean of its own. The upper right one prefers what is above it, the lower
    /// left one what is left of it.
    fn quarter_dc(&self) -> [[u16; 8]; 8] {
        let halves = |edge: Option<[u16; 8]>| edge.map(|[a, b, c, d, e, f, g, h]| ([a, b, c, d], [e, f, g, h])).unzip();
        let ((top_left, top_right), (left_top, left_bottom)) = (halves(self.top), halves(self.left));
        fn samples(half: &Option<[u16; 4]>) -> &[u16] {
            half.as_slice().as_flattened()
        }
        let upper_left = self.mean(samples(&top_left), samples(&left_top));
        let upper_right = self.mean(samples(&top_right.or(left_top)), &[]);
        let lower_left = self.mean(samples(&left_bottom.or(top_left)), &[]);
        let lower_right = self.mean(samples(&top_right), samples(&left_bottom));
        let row = |a, b| [a, a, a, a, b, b, b, b];
        let (upper, lower) = (row(upper_left, upper_right), row(lower_left, lower_right));
        [upper, upper, upper, upper, lower, lower, lower, lower]
    }
}
