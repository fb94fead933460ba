//! Where drawing happens: a small picture in RGB.

use embedded_graphics::{
    Pixel,
    pixelcolor::Rgb888,
    prelude::{DrawTarget, OriginDimensions, RgbColor, Size},
};
use image::{Rgb, RgbImage};

/// A picture that embedded-graphics draws on.
#[derive(Clone)]
pub(super) struct Canvas(RgbImage);

impl Canvas {
    /// A black picture.
    pub fn new(width: u32, height: u32) -> Self {
        Self(RgbImage::new(width, height))
    }

    pub fn width(&self) -> i32 {
        self.0.width() as i32
    }

    pub fn height(&self) -> i32 {
        self.0.height() as i32
    }

    /// Red, green and blue at (`x`, `y`), which are inside.
    pub fn at(&self, x: u32, y: u32) -> [u8; 3] {
        self.0.get_pixel_checked(x, y).map_or([0; 3], |pixel| pixel.0)
    }

    /// Where this differs from `other`, a picture of the same size.
    pub fn differences(&self, other: &Self) -> impl Iterator<Item = (u32, u32)> {
        let rows = (0..).zip(self.0.rows().zip(other.0.rows()));
        rows.flat_map(|(y, (a, b))| (0..).zip(a.zip(b)).filter(|(_, (a, b))| a != b).map(move |(x, _)| (x, y)))
    }
}

impl OriginDimensions for Canvas {
    fn size(&self) -> Size {
        self.0.dimensions().into()
    }
}

impl DrawTarget for Canvas {
    type Color = Rgb888;
    type Error = std::convert::Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Rgb888>>>(&mut self, pixels: I) -> Result<(), Self::Error> {
        for Pixel(point, colour) in pixels {
            if let (Ok(x), Ok(y)) = (point.x.try_into(), point.y.try_into())
                && let Some(pixel) = self.0.get_pixel_mut_checked(x, y)
            {
                *pixel = Rgb([colour.r(), colour.g(), colour.b()]);
            }
        }
        Ok(())
    }
}
