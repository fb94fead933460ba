//! A canvas at the size of a clip, in the samples of television.

use super::{
    canvas::Canvas,
    h264::{Macroblock, Planes},
    signal::Signal,
};

/// A canvas of which each pixel has become a square of several, in YCbCr 4:2:0.
pub(super) struct Magnified {
    planes: Planes,
    signal: Signal,
    /// The canvas in YCbCr, line by line.
    samples: Vec<[u16; 3]>,
    canvas_width: u32,
    scale: u32,
    width: u32,
    height: u32,
}

impl Magnified {
    /// `canvas` with each pixel `scale` samples across and down, cut to `width` by `height`.
    pub fn new(canvas: &Canvas, signal: Signal, scale: u32, width: u32, height: u32) -> Self {
        let (columns, rows) = (width.div_ceil(16), height.div_ceil(16));
        let planes = Planes::new(columns as usize, rows as usize);
        let (across, down) = (canvas.width() as u32, canvas.height() as u32);
        let samples = vec![[0; 3]; (across * down) as usize];
        let mut magnified = Self { planes, signal, samples, canvas_width: across, scale, width, height };
        magnified.redraw(canvas, (0..down).flat_map(|y| (0..across).map(move |x| (x, y))));
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
            if let Some(samples) = self.samples.get_mut((y * self.canvas_width + x) as usize) {
                *samples = self.signal.samples(canvas.at(x, y), f64::from(y) / f64::from(canvas.height()));
            }
            for row in covered(y, self.height) {
                for column in covered(x, self.width) {
                    if let Some(changed) = changed.get_mut((row * columns + column) as usize) {
                        *changed = true;
                    }
                }
            }
        }
        for (place, _) in (0..).zip(&changed).filter(|(_, changed)| **changed) {
            self.draw(place % columns, place / columns);
        }
        changed
    }

    /// Draws one macroblock. Beyond the picture its last samples go on, which costs nothing to write.
    fn draw(&mut self, column: u32, row: u32) {
        let colour = |x: usize, y: usize| {
            let x = (16 * column + x as u32).min(self.width - 1) / self.scale;
            let y = (16 * row + y as u32).min(self.height - 1) / self.scale;
            self.samples.get((y * self.canvas_width + x) as usize).copied().unwrap_or_default()
        };
        let chroma = |component: usize| {
            std::array::from_fn(|y| {
                std::array::from_fn(|x| {
                    let square = [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(dx, dy)| colour(2 * x + dx, 2 * y + dy));
                    let sum: u16 = square.iter().filter_map(|colour| colour.get(component)).sum();
                    (sum + 2) / 4
                })
            })
        };
        let y = std::array::from_fn(|y| std::array::from_fn(|x| colour(x, y)[0]));
        let macroblock = Macroblock { y, c: [chroma(1), chroma(2)] };
        self.planes.put(column as usize, row as usize, &macroblock);
    }
}
