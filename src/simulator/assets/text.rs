//! Words that fit where they are put: as large as there is room for, wrapped between words, cut when all else fails.

use embedded_graphics::{
    mono_font::{MonoFont, MonoTextStyle, iso_8859_1, iso_8859_2, iso_8859_5, iso_8859_7},
    pixelcolor::Rgb888,
    prelude::{Drawable, Point, Primitive, Size},
    primitives::{PrimitiveStyle, Rectangle},
    text::{Baseline, Text},
};
use unicode_segmentation::UnicodeSegmentation;

use super::canvas::Canvas;

/// One size of letters, in one font for each of Western, Central European, Cyrillic and Greek letters.
type Face = [&'static MonoFont<'static>; 4];

macro_rules! face {
    ($size:ident) => {
        [&iso_8859_1::$size, &iso_8859_2::$size, &iso_8859_5::$size, &iso_8859_7::$size]
    };
}

/// From the largest to the smallest.
const FACES: [Face; 6] =
    [face!(FONT_10X20), face!(FONT_9X15), face!(FONT_7X13), face!(FONT_6X10), face!(FONT_5X8), face!(FONT_4X6)];

/// How large letters may be.
#[derive(Clone, Copy)]
pub(super) enum Largest {
    /// What matters: 20 pixels high.
    Headline = 0,
    /// What goes with it: 13 pixels high.
    Caption = 2,
}

/// The substitute character takes the place of one that no font has. It is drawn as a box.
const STAND_IN: char = '\u{1a}';

/// Text broken into lines that fit.
pub(super) struct Paragraph {
    face: &'static Face,
    lines: Vec<String>,
}

impl Paragraph {
    /// Breaks `text` so that it fits into `room`, with the largest letters with which it does. With the smallest ones the
    /// rest is cut off, and an ellipsis says so.
    pub fn fit(text: &str, room: Size, largest: Largest) -> Self {
        let text = legible(text, (room.width * room.height) as usize);
        let [.., smallest] = &FACES;
        let mut face = smallest;
        let mut lines = Vec::new();
        for candidate in FACES.iter().skip(largest as usize) {
            face = candidate;
            lines = textwrap::wrap(&text, columns(face, room)).into_iter().map(String::from).collect();
            if lines.len() as u32 * line_height(face) <= room.height {
                return Self { face, lines };
            }
        }
        lines.truncate((room.height / line_height(face)) as usize);
        if let Some(last) = lines.last_mut() {
            *last = last.chars().take(columns(face, room).saturating_sub(3)).chain("...".chars()).collect();
        }
        Self { face, lines }
    }

    /// How large this is.
    pub fn size(&self) -> Size {
        let columns = self.lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
        Size::new(columns as u32 * letter(self.face).width, self.lines.len() as u32 * line_height(self.face))
    }

    /// Draws this with its upper left corner at `origin`.
    pub fn draw(&self, canvas: &mut Canvas, origin: Point, colour: Rgb888) {
        let letter = letter(self.face);
        for (row, line) in (0i32..).zip(&self.lines) {
            for (column, character) in (0i32..).zip(line.chars()) {
                let corner = origin + Point::new(column * letter.width as i32, row * line_height(self.face) as i32);
                draw_character(canvas, self.face, character, corner, colour);
            }
        }
    }
}

fn draw_character(canvas: &mut Canvas, face: &Face, character: char, corner: Point, colour: Rgb888) {
    let [western, ..] = face;
    let Ok(()) = if character == STAND_IN {
        let size = letter(face);
        Rectangle::new(corner + Point::new(0, size.height as i32 / 5), Size::new(size.width - 1, size.height * 3 / 5))
            .into_styled(PrimitiveStyle::with_stroke(colour, 1))
            .draw(canvas)
    } else {
        let font = face.iter().find(|font| has(font, character)).unwrap_or(western);
        Text::with_baseline(character.encode_utf8(&mut [0; 4]), corner, MonoTextStyle::new(font, colour), Baseline::Top)
            .draw(canvas)
            .map(drop)
    };
}

fn letter(face: &Face) -> Size {
    let [western, ..] = face;
    western.character_size
}

fn line_height(face: &Face) -> u32 {
    letter(face).height + letter(face).height / 8
}

fn columns(face: &Face, room: Size) -> usize {
    (room.width / letter(face).width).max(1) as usize
}

/// A font answers with its question mark when it has no such letter.
fn has(font: &MonoFont, character: char) -> bool {
    character == '?' || font.glyph_mapping.index(character) != font.glyph_mapping.index('?')
}

/// `text` in characters that can be drawn, one for each that a reader sees, and no more than `limit`, which bounds the
/// work for what cannot fit anyway.
fn legible(text: &str, limit: usize) -> String {
    let [.., face] = &FACES;
    let one = |grapheme: &str| match grapheme.chars().next().unwrap_or(' ') {
        '\n' | '\r' => '\n',
        '‘' | '’' => '\'',
        '“' | '”' | '„' => '"',
        '–' | '—' => '-',
        '•' => '*',
        space if space.is_whitespace() => ' ',
        known if face.iter().any(|font| has(font, known)) => known,
        _ => STAND_IN,
    };
    text.graphemes(true).take(limit).map(one).collect()
}
