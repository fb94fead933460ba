//! An image of a scene.

use image::{
    ExtendedColorType, ImageEncoder, RgbImage, RgbaImage,
    codecs::{jpeg::JpegEncoder, png::PngEncoder},
};

use super::{
    ImageFormat,
    scene::{Layer, Scene},
};

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

/// A PNG with alpha of one layer, each of whose pixels is a square of `scale`; clear where there is none.
pub(super) fn encode_layer(layer: Option<&Layer>, scale: u32, width: u32, height: u32) -> Vec<u8> {
    let at = |x, y| layer.map_or([0; 4], |layer| layer.at(x / scale, y / scale)).into();
    let image = RgbaImage::from_fn(width, height, at);
    let mut file = Vec::new();
    let written = PngEncoder::new(&mut file).write_image(&image, width, height, ExtendedColorType::Rgba8);
    written.map_or_else(|_| Vec::new(), |()| file)
}
