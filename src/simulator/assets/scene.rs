//! What an asset shows: a calm landscape under a moving sun, and a panel that shows what was asked.
//!
//! It is drawn small and each pixel then becomes a square of several, so that letters are readable at any size, drawing
//! costs the same at any size, and a clip of it needs little.

use std::collections::HashSet;

use embedded_graphics::{
    pixelcolor::Rgb888,
    prelude::{DrawTarget, Drawable, Point, Primitive, Size},
    primitives::{Circle, PrimitiveStyle, Rectangle, RoundedRectangle},
};
use fastrand::Rng;

use super::{
    Card,
    canvas::Canvas,
    text::{Largest, Paragraph},
};

const PANEL: Rgb888 = Rgb888::new(28, 28, 32);
const PROMPT: Rgb888 = Rgb888::new(245, 245, 245);
const CAPTION: Rgb888 = Rgb888::new(165, 165, 172);

/// The side of a square canvas: enough for some lines of large letters.
const CANVAS_SIDE: f64 = 360.0;

/// How far a clip is.
pub(super) struct Progress {
    /// The part that is over, from 0 to 1.
    pub part: f64,
    /// The same in words.
    pub clock: String,
}

/// The drawing of one card.
pub(super) struct Scene {
    /// How many pixels of the asset, across and down, one pixel of the canvas is.
    pub scale: u32,
    /// What does not move.
    backdrop: Canvas,
    /// Inside the panel, where letters may be.
    text_area: Rectangle,
    sun: Rgb888,
    cloud: Rgb888,
    /// Where the sun stands in a still.
    noon: f64,
}

impl Scene {
    /// The scene of `card` for an asset of that size.
    pub fn new(card: &Card, width: u32, height: u32) -> Self {
        let scale = ((f64::from(width) * f64::from(height)).sqrt() / CANVAS_SIDE).round().max(1.0) as u32;
        let mut canvas = Canvas::new(width.div_ceil(scale), height.div_ceil(scale));
        let mut random = Rng::with_seed(card.seed);
        let hue = random.u32(0..360);
        draw_landscape(&mut canvas, &mut random, hue);
        let text_area = draw_panel(&mut canvas, card);
        let noon = 0.2 + 0.6 * random.f64();
        let (sun, cloud) = (hsl(48, 1.0, 0.86), hsl(hue, 0.6, 0.93));
        Self { scale, backdrop: canvas, text_area, sun, cloud, noon }
    }

    /// The drawing without a sign of time.
    pub fn still(&self) -> Canvas {
        let mut canvas = self.backdrop.clone();
        self.draw_sky(&mut canvas, self.noon);
        canvas
    }

    /// The drawing at a time, with a clock and a bar that tell it.
    pub fn at(&self, progress: &Progress) -> Canvas {
        let mut canvas = self.backdrop.clone();
        self.draw_sky(&mut canvas, progress.part);
        let clock = Paragraph::fit(&progress.clock, self.text_area.size, Largest::Caption);
        let corner = self.text_area.top_left + self.text_area.size - clock.size();
        clock.draw(&mut canvas, corner, CAPTION);
        let [.., bar_end] = self.positions(progress.part);
        let bar_top = canvas.height() - bar_height(&canvas);
        let bar = Rectangle::with_corners(Point::new(0, bar_top), Point::new(bar_end - 1, canvas.height()));
        fill(&mut canvas, bar, self.sun);
        canvas
    }

    /// How far things go to the right between two times, in pixels of the canvas.
    pub fn moves(&self, from: &Progress, to: &Progress) -> [i32; 3] {
        let [sun, cloud, bar] = self.positions(from.part);
        let [sun_then, cloud_then, bar_then] = self.positions(to.part);
        [sun_then - sun, cloud_then - cloud, bar_then - bar]
    }

    /// Where the left side of the sun and of the cloud and the right side of the bar are. All are even, so that chroma,
    /// which has half the samples, moves by whole ones.
    fn positions(&self, part: f64) -> [i32; 3] {
        let width = f64::from(self.backdrop.width());
        let even = |x: f64| 2 * (x / 2.0).round() as i32;
        let sun_way = width - f64::from(sun_diameter(&self.backdrop)) - 2.0;
        [even(1.0 + sun_way * part), even(width * (0.75 - 0.5 * part)), even(width * part)]
    }

    fn draw_sky(&self, canvas: &mut Canvas, part: f64) {
        self.draw_sun(canvas, part);
        self.draw_cloud(canvas, part);
    }

    fn draw_sun(&self, canvas: &mut Canvas, part: f64) {
        let [sun, ..] = self.positions(part);
        fill_circle(canvas, Point::new(sun, canvas.height() * 16 / 100), sun_diameter(canvas), self.sun);
    }

    fn draw_cloud(&self, canvas: &mut Canvas, part: f64) {
        let [_, cloud, _] = self.positions(part);
        let (height, unit) = (canvas.height(), short_side(canvas));
        let thickness = unit / 18;
        for (indent, rise, length) in [(0, 0, unit / 5), (unit / 16, thickness, unit / 7)] {
            let corner = Point::new(cloud + indent, height * 3 / 100 + thickness - rise);
            let puff = Rectangle::new(corner, Size::new(length as u32, thickness as u32));
            fill_round(canvas, puff, thickness / 2, self.cloud);
        }
    }
}

/// One layer of a drawing.
pub(super) struct Layer {
    canvas: Canvas,
    /// What it shows; without it, all of the canvas.
    shown: Option<HashSet<(u32, u32)>>,
    opacity: u8,
}

impl Layer {
    /// Red, green, blue and alpha at (`x`, `y`).
    pub fn at(&self, x: u32, y: u32) -> [u8; 4] {
        let [red, green, blue] = self.canvas.at(x, y);
        let shown = self.shown.as_ref().is_none_or(|shown| shown.contains(&(x, y)));
        [red, green, blue, if shown { self.opacity } else { 0 }]
    }
}

/// A still taken apart, front to back as [`LAYERS`](super::LAYERS) names them, and how many pixels each of theirs is.
/// What a layer shows is what drawing it changes.
pub(super) fn layers(card: &Card, width: u32, height: u32) -> (u32, Vec<Layer>) {
    let whole = Scene::new(card, width, height);
    let mut land = Canvas::new(width.div_ceil(whole.scale), height.div_ceil(whole.scale));
    let mut random = Rng::with_seed(card.seed);
    let hue = random.u32(0..360);
    draw_landscape(&mut land, &mut random, hue);
    let on_land = |draw: &dyn Fn(&mut Canvas), opacity: u8| {
        let mut canvas = land.clone();
        draw(&mut canvas);
        let shown = Some(canvas.differences(&land).collect());
        Layer { canvas, shown, opacity }
    };
    let panel = on_land(
        &|canvas| {
            draw_panel(canvas, card);
        },
        u8::MAX,
    );
    let cloud = on_land(&|canvas| whole.draw_cloud(canvas, whole.noon), 160);
    let sun = on_land(&|canvas| whole.draw_sun(canvas, whole.noon), u8::MAX);
    (whole.scale, vec![panel, cloud, sun, Layer { canvas: land, shown: None, opacity: u8::MAX }])
}

fn short_side(canvas: &Canvas) -> i32 {
    canvas.width().min(canvas.height())
}

fn sun_diameter(canvas: &Canvas) -> i32 {
    short_side(canvas) / 6
}

fn bar_height(canvas: &Canvas) -> i32 {
    (short_side(canvas) / 60).max(2)
}

fn draw_landscape(canvas: &mut Canvas, random: &mut Rng, hue: u32) {
    let (width, height, unit) = (canvas.width(), canvas.height(), short_side(canvas));
    let below = |y: i32| Rectangle::new(Point::new(0, y), Size::new(width as u32, height as u32));
    fill(canvas, below(0), hsl(hue, 0.45, 0.72));
    fill(canvas, below(height * 25 / 100), hsl(hue, 0.50, 0.78));
    let ranges = [(36, hsl(hue + 15, 0.30, 0.64)), (42, hsl(hue + 25, 0.30, 0.50)), (48, hsl(hue + 35, 0.32, 0.36))];
    for (crest, colour) in ranges {
        let mut x = random.i32(-unit / 2..=0);
        while x < width + unit / 2 {
            let diameter = unit * random.i32(9..14) / 10;
            let top = height * crest / 100 + unit * random.i32(0..6) / 100;
            fill_circle(canvas, Point::new(x - diameter / 2, top), diameter, colour);
            x += (unit * random.i32(5..8) / 10).max(1);
        }
        fill(canvas, below(height * crest / 100 + unit / 2), colour);
    }
}

/// Draws the panel and what is asked on it, and gives the place that letters may take.
fn draw_panel(canvas: &mut Canvas, card: &Card) -> Rectangle {
    let (width, height, unit) = (canvas.width(), canvas.height(), short_side(canvas));
    let (margin, padding, top) = (unit / 20, unit / 24 + 1, height * 52 / 100);
    let bottom = height - margin.max(bar_height(canvas) + 1);
    let panel = Rectangle::with_corners(Point::new(margin, top), Point::new(width - margin - 1, bottom - 1));
    fill_round(canvas, panel, unit / 30, PANEL);
    let area = panel.offset(-padding);
    let captions = Paragraph::fit(
        &card.settings.join("\n"),
        Size::new(area.size.width * 3 / 4, area.size.height / 2),
        Largest::Caption,
    );
    captions.draw(canvas, area.top_left + area.size.y_axis() - captions.size().y_axis(), CAPTION);
    let gap = padding as u32 / 2;
    let room = Size::new(area.size.width, area.size.height.saturating_sub(captions.size().height + gap));
    Paragraph::fit(&card.prompt, room, Largest::Headline).draw(canvas, area.top_left, PROMPT);
    area
}

fn fill(canvas: &mut Canvas, area: Rectangle, colour: Rgb888) {
    let Ok(()) = canvas.fill_solid(&area, colour);
}

fn fill_circle(canvas: &mut Canvas, corner: Point, diameter: i32, colour: Rgb888) {
    let Ok(()) = Circle::new(corner, diameter as u32).into_styled(PrimitiveStyle::with_fill(colour)).draw(canvas);
}

fn fill_round(canvas: &mut Canvas, area: Rectangle, radius: i32, colour: Rgb888) {
    let Ok(()) = RoundedRectangle::with_equal_corners(area, Size::new_equal(radius as u32))
        .into_styled(PrimitiveStyle::with_fill(colour))
        .draw(canvas);
}

/// The colour of that hue (in degrees), saturation and lightness (0 to 1).
fn hsl(hue: u32, saturation: f32, lightness: f32) -> Rgb888 {
    let reach = saturation * lightness.min(1.0 - lightness);
    let [red, green, blue] = [0.0, 8.0, 4.0].map(|n| {
        let k = (n + (hue % 360) as f32 / 30.0) % 12.0;
        (255.0 * (lightness - reach * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0))).round() as u8
    });
    Rgb888::new(red, green, blue)
}
