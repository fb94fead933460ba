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

/// One size of letters, in a font for each of Western, Central European, Cyrillic and Greek letters.
struct Face([&'static MonoFont<'static>; 4]);

macro_rules! face {
    ($size:ident) => {
        Face([&iso_8859_1::$size, &iso_8859_2::$size, &iso_8859_5::$size, &iso_8859_7::$size])
    };
}

impl Face {
    /// The size of each letter.
    fn letter(&self) -> Size {
        let Self([western, ..]) = self;
        western.character_size
    }

    fn line_height(&self) -> u32 {
        let Size { height, .. } = self.letter();
        height + height / 8
    }

    /// How many letters fit into a line, at least one.
    fn columns(&self, width: u32) -> usize {
        (width / self.letter().width).max(1) as usize
    }

    /// The font that has this character. One that does not answers with its question mark.
    fn font_with(&self, character: char) -> Option<&'static MonoFont<'static>> {
        let place = |font: &MonoFont, character| font.glyph_mapping.index(character);
        let has = |font: &&MonoFont| character == '?' || place(font, character) != place(font, '?');
        self.0.iter().copied().find(has)
    }
}

/// The fonts, from the largest to the smallest.
const FACES: [Face; 6] =
    [face!(FONT_10X20), face!(FONT_9X15), face!(FONT_7X13), face!(FONT_6X10), face!(FONT_5X8), face!(FONT_4X6)];

/// How large letters may be: the number of faces that are too large.
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
        let wrapped = |face: &'static Face| {
            let lines = textwrap::wrap(&text, face.columns(room.width));
            Self { face, lines: lines.into_iter().map(String::from).collect() }
        };
        let [.., smallest] = &FACES;
        let faces = FACES.iter().skip(largest as usize);
        faces
            .map(wrapped)
            .find(|paragraph| paragraph.size().height <= room.height)
            .unwrap_or_else(|| wrapped(smallest).cut(room))
    }

    fn cut(mut self, room: Size) -> Self {
        self.lines.truncate((room.height / self.face.line_height()) as usize);
        if let Some(last) = self.lines.last_mut() {
            let kept = last.chars().take(self.face.columns(room.width).saturating_sub(3));
            *last = kept.chain("...".chars()).collect();
        }
        self
    }

    /// How large this is.
    pub fn size(&self) -> Size {
        let columns = self.lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
        Size::new(columns as u32 * self.face.letter().width, self.lines.len() as u32 * self.face.line_height())
    }

    /// Draws this with its upper left corner at `origin`.
    pub fn draw(&self, canvas: &mut Canvas, origin: Point, colour: Rgb888) {
        let (width, height) = (self.face.letter().width as i32, self.face.line_height() as i32);
        for (row, line) in (0i32..).zip(&self.lines) {
            for (column, character) in (0i32..).zip(line.chars()) {
                let corner = origin + Point::new(column * width, row * height);
                self.draw_character(canvas, character, corner, colour);
            }
        }
    }

    fn draw_character(&self, canvas: &mut Canvas, character: char, corner: Point, colour: Rgb888) {
        let Ok(()) = match self.face.font_with(character) {
            Some(font) => {
                let style = MonoTextStyle::new(font, colour);
                let mut text = [0; 4];
                let text = character.encode_utf8(&mut text);
                Text::with_baseline(text, corner, style, Baseline::Top).draw(canvas).map(drop)
            }
            None => {
                let Size { width, height } = self.face.letter();
                let corner = corner + Point::new(0, height as i32 / 5);
                Rectangle::new(corner, Size::new(width - 1, height * 3 / 5))
                    .into_styled(PrimitiveStyle::with_stroke(colour, 1))
                    .draw(canvas)
            }
        };
    }
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
        known if face.font_with(known).is_some() => known,
        _ => STAND_IN,
    };
    text.graphemes(true).take(limit).map(one).collect()
}

#[cfg(test)]
mod tests {
    use embedded_graphics::prelude::Size;

    use super::{Largest, Paragraph};

    fn lines(text: &str, width: u32, height: u32) -> Vec<String> {
        Paragraph::fit(text, Size::new(width, height), Largest::Headline).lines
    }

    #[test]
    fn words_stay_whole_and_letters_get_smaller_before_anything_is_cut() {
        let text = "a tiger walking in snow";
        for (width, height, expected, why) in [
            (400, 30, &["a tiger walking in snow"][..], "20 pixels high"),
            (150, 40, &["a tiger walking", "in snow"], "15 pixels high"),
            (150, 12, &["a tiger walking in snow"], "10 pixels high"),
            (60, 12, &["a tiger walking", "in snow"], "6 pixels high"),
            (32, 12, &["a tiger", "walki..."], "cut"),
            (4, 6, &["..."], "no room for a letter of the text"),
            (4, 5, &[], "no room for a line"),
        ] {
            assert_eq!(lines(text, width, height), expected, "{why}");
        }
    }

    #[test]
    fn each_character_that_a_reader_sees_is_one() {
        for (text, seen) in [
            ("e\u{301}", "e"),
            ("naïve Кошка Γάτα žluť", "naïve Кошка Γάτα žluť"),
            ("“it’s” – a • list", "\"it's\" - a * list"),
            ("👩‍👩‍👧‍👦虎 \u{0}", "\u{1a}\u{1a} \u{1a}"),
            ("tab\tnbsp\u{a0}end", "tab nbsp end"),
        ] {
            assert_eq!(lines(text, 1000, 100), [seen]);
        }
        assert_eq!(lines("one\r\ntwo\nthree", 1000, 100), ["one", "two", "three"]);
    }
}
