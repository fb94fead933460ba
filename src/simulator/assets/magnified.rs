//! A canvas at the size of a clip, in the colours of television.

use super::{
    canvas::Canvas,
    h264::{Macroblock, Planes},
};

/// A canvas of which each pixel has become a square of several, in YCbCr 4:2:0.
pub(super) struct Magnified {
    planes: Planes,
    scale: u32,
    width: u32,
    height: u32,
}

impl Magnified {
    /// `canvas` with each pixel `scale` samples across and down, cut to `width` by `height`.
    pub fn new(canvas: &Canvas, scale: u32, width: u32, height: u32) -> Self {
        let (columns, rows) = (width.div_ceil(16), height.div_ceil(16));
        let mut magnified = Self { planes: Planes::new(columns as usize, rows as usize), scale, width, height };
        for row in 0..rows {
            for column in 0..columns {
                magnified.draw(canvas, column, row);
            }
        }
        magnified
    }

    pub fn planes(&self) -> &Planes {
        &self.planes
    }

    /// Draws anew where `canvas` differs from before, and tells which macroblocks that concerns, row by row.
    pub fn redraw(&mut self, canvas: &Canvas, differences: impl Iterator<Item = (u32, u32)>) -> Vec<bool> {
        let (columns, rows) = (self.width.div_ceil(16), self.height.div_ceil(16));
        let mut changed = vec![false; (columns * rows) as usize];
        let covered = |x: u32, end: u32| x * self.scale / 16..((x + 1) * self.scale).min(end).div_ceil(16);
        for (x, y) in differences {
            for row in covered(y, self.height) {
                for column in covered(x, self.width) {
                    if let Some(changed) = changed.get_mut((row * columns + column) as usize) {
                        *changed = true;
                    }
                }
            }
        }
        for (place, _) in (0..).zip(&changed).filter(|(_, changed)| **changed) {
            self.draw(canvas, place % columns, place / columns);
        }
        changed
    }

    /// Draws one macroblock. Beyond the picture its last samples go on, which costs nothing to write.
    fn draw(&mut self, canvas: &Canvas, column: u32, row: u32) {
        let colour = |x: usize, y: usize| {
            let x = (16 * column + x as u32).min(self.width - 1) / self.scale;
            let y = (16 * row + y as u32).min(self.height - 1) / self.scale;
            ycbcr(canvas.at(x, y))
        };
        let chroma = |component: usize| {
            std::array::from_fn(|y| {
                std::array::from_fn(|x| {
                    let square = [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(dx, dy)| colour(2 * x + dx, 2 * y + dy));
                    let sum: i32 = square.iter().filter_map(|colour| colour.get(component)).sum();
                    ((sum + 2) / 4) as u8
                })
            })
        };
        let y = std::array::from_fn(|y| std::array::from_fn(|x| colour(x, y)[0] as u8));
        let macroblock = Macroblock { y, c: [chroma(1), chroma(2)] };
        self.planes.put(column as usize, row as usize, &macroblock);
    }
}

/// BT.709 in limited range: luma from 16 to 235, chroma from 16 to 240, with coefficients in 65536ths.
fn ycbcr([red, green, blue]: [u8; 3]) -> [i32; 3] {
    let weigh = |base: i32, [r, g, b]: [i32; 3]| {
        base + ((r * i32::from(red) + g * i32::from(green) + b * i32::from(blue) + 32_768) >> 16)
    };
    [weigh(16, [11_966, 40_254, 4_064]), weigh(128, [-6_596, -22_189, 28_785]), weigh(128, [28_785, -26_145, -2_640])]
}
