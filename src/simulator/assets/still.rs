//! An image of a scene.

use image::{
    ExtendedColorType, ImageEncoder, RgbImage,
    codecs::{jpeg::JpegEncoder, png::PngEncoder},
};

use super::{ImageFormat, scene::Scene};

/// An image file of `scene`, of `width` by `height` pixels.
pub(super) fn encode(scene: &Scene, width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let canvas = scene.still();
    let image = RgbImage::from_fn(width, height, |x, y| canvas.at(x / scene.scale, y / scene.scale).into());
    let mut file = Vec::new();
    let written = match format {
        ImageFormat::Jpeg => {
            JpegEncoder::new_with_quality(&mut file, 90).write_image(&image, width, height, ExtendedColorType::Rgb8)
        }
        ImageFormat::Png => PngEncoder::new(&mut file).write_image(&image, width, height, ExtendedColorType::Rgb8),
    };
    // Writing to memory cannot fail, and the sides are in range.
    written.map_or_else(|_| Vec::new(), |()| file)
}
