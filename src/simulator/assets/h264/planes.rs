//! A picture as H.264 sees it: luma and two half-size chroma planes, in whole macroblocks.

/// One component of a picture.
#[derive(Clone)]
pub(in super::super) struct Plane {
    stride: usize,
    samples: Vec<u16>,
}

impl Plane {
    fn new(stride: usize, rows: usize) -> Self {
        Self { stride, samples: vec![0; stride * rows] }
    }

    /// `N` samples of a row from (`x`, `y`) on, if the plane holds them all.
    pub fn row<const N: usize>(&self, x: usize, y: usize) -> Option<[u16; N]> {
        let row = self.samples.chunks_exact(self.stride).nth(y)?;
        row.get(x..x + N)?.try_into().ok()
    }

    /// `N` samples of a column from (`x`, `y`) on, if the plane holds them all.
    pub fn column<const N: usize>(&self, x: usize, y: usize) -> Option<[u16; N]> {
        let mut column = [0; N];
        for (i, sample) in column.iter_mut().enumerate() {
            *sample = self.row::<1>(x, y + i)?[0];
        }
        Some(column)
    }

    /// The square of `N` by `N` samples whose upper left one is (`x`, `y`), if the plane holds them all.
    pub fn block<const N: usize>(&self, x: usize, y: usize) -> Option<[[u16; N]; N]> {
        let mut block = [[0; N]; N];
        for (i, row) in block.iter_mut().enumerate() {
            *row = self.row(x, y + i)?;
        }
        Some(block)
    }

    /// The upper left part of the plane, row by row.
    #[cfg(test)]
    pub fn crop(&self, width: usize, height: usize) -> Vec<u16> {
        self.samples.chunks(self.stride).take(height).flat_map(|row| row.iter().take(width)).copied().collect()
    }

    /// Puts a square there; what falls outside is left out.
    pub fn put<const N: usize>(&mut self, x: usize, y: usize, block: &[[u16; N]; N]) {
        for (target, row) in self.samples.chunks_exact_mut(self.stride).skip(y).zip(block) {
            if let Some(target) = target.get_mut(x..x + N) {
                target.copy_from_slice(row);
            }
        }
    }
}

/// One macroblock: 16 by 16 luma and twice 8 by 8 chroma samples.
#[derive(PartialEq)]
pub(in super::super) struct Macroblock {
    /// Luma.
    pub y: [[u16; 16]; 16],
    /// Chroma: Cb, then Cr.
    pub c: [[[u16; 8]; 8]; 2],
}

/// A picture in 4:2:0.
#[derive(Clone)]
pub(in super::super) struct Planes {
    /// Luma.
    pub y: Plane,
    /// Chroma: Cb, then Cr.
    pub c: [Plane; 2],
}

impl Planes {
    /// A picture of that many macroblocks.
    pub fn new(columns: usize, rows: usize) -> Self {
        let chroma = || Plane::new(columns * 8, rows * 8);
        Self { y: Plane::new(columns * 16, rows * 16), c: [chroma(), chroma()] }
    }

    /// The macroblock's worth of samples at (`column`, `row`), moved right by `dx` luma samples (even), if all inside.
    pub fn macroblock(&self, column: usize, row: usize, dx: i32) -> Option<Macroblock> {
        let shift = |x: usize, dx: i32| x.checked_add_signed(dx as isize);
        let [cb, cr] = &self.c;
        let x = shift(column * 8, dx / 2)?;
        Some(Macroblock {
            y: self.y.block(shift(column * 16, dx)?, row * 16)?,
            c: [cb.block(x, row * 8)?, cr.block(x, row * 8)?],
        })
    }

    /// Puts a macroblock in its place.
    pub fn put(&mut self, column: usize, row: usize, macroblock: &Macroblock) {
        self.y.put(column * 16, row * 16, &macroblock.y);
        for (plane, block) in self.c.iter_mut().zip(&macroblock.c) {
            plane.put(column * 8, row * 8, block);
        }
    }
}
