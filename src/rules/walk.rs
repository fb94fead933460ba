//! The walker: it checks an object against a table.

use super::{Content, Field, Need, Shape, Source, meant, mistyped, names};
use crate::address;
use crate::error::{Problem, ProblemCode};
use crate::json::Json;
use crate::text::{before, integer, item, join, within};

/// Checks an object against a table and adds every problem found. `judge_words`: whether the model is one whose words are
/// known.
pub fn check(fields: &[Field], object: &Json, judge_words: bool, problems: &mut Vec<Problem>) {
    Walk { judge_words, problems }.fields(fields, object, "");
}

struct Walk<'a> {
    judge_words: bool,
    problems: &'a mut Vec<Problem>,
}

impl Walk<'_> {
    fn fields(&mut self, fields: &[Field], object: &Json, at: &str) {
        for field in fields {
            let path = if at.is_empty() { field.name.to_owned() } else { within(at, field.name) };
            let value = object.get(field.name);
            // An empty text says no more than none.
            let empty = matches!(field.shape, Shape::Text { min: 1.., .. })
                && value.as_ref().is_some_and(|value| value.as_str().is_some_and(|text| text.is_empty()));
            match (value.filter(|_| !empty), &field.need) {
                (None, Need::Required(missing)) => self.report(&path, ProblemCode::Required, missing),
                (None, Need::Expected(missing)) => self.report(&path, ProblemCode::Disputed, missing),
                (None, _) => {}
                (Some(value), need) => {
                    if matches!(need, Need::Unspoken) {
                        self.report(&path, ProblemCode::Disputed, "no document says what it does here");
                    }
                    self.shape(&field.shape, &value, &path);
                }
            }
        }
        // New names at the top are reported where all of the vocabulary is known.
        if !at.is_empty() {
            for key in &object.keys() {
                if let Some(name) = meant(key, &names(fields)).filter(|_| object.has(key)) {
                    self.problems.push(mistyped(&within(at, key), name));
                }
            }
        }
    }

    fn shape(&mut self, shape: &Shape, value: &Json, path: &str) {
        if let Shape::OneOf(shapes) = shape
            && let Some(fits) = shapes.iter().find(|shape| shape.expects().0 == value.kind())
        {
            return self.shape(fits, value, path);
        }
        if let Shape::Soft(inner) = shape {
            let before = self.problems.len();
            self.shape(inner, value, path);
            for problem in self.problems.iter_mut().skip(before) {
                if problem.path == path && problem.code != ProblemCode::InvalidType {
                    problem.code = ProblemCode::Disputed;
                }
            }
            return;
        }
        let (kind, expectation) = shape.expects();
        if value.kind() != kind {
            return match shape {
                Shape::Enum { values, .. } if self.judge_words => self.one_of(values, ProblemCode::InvalidType, path),
                _ => self.report(path, ProblemCode::InvalidType, expectation),
            };
        }
        let text = value.as_str().unwrap_or_default();
        let number = value.as_f64().unwrap_or(f64::NAN);
        match shape {
            Shape::Text { min, max } => self.length(&text, *min, *max, path),
            Shape::Name if text.is_empty() => {
                self.report(path, ProblemCode::InvalidValue, "must not be empty");
            }
            Shape::Enum { values, .. } if self.judge_words => self.word(&text, values, path),
            Shape::Number { min, max } if !(*min..=*max).contains(&number) => {
                // No table has a bound below 0.
                let (least, most) = (integer(*min as u64), integer(*max as u64));
                let message: &[&str] = match (min.is_finite(), max.is_finite()) {
                    (true, true) => &["must be ", &least, " to ", &most],
                    (false, _) => &["must be at most ", &most],
                    _ => &["must be at least ", &least],
                };
                self.report_joined(path, ProblemCode::OutOfRange, message);
            }
            Shape::Integer if number.fract() != 0.0 => {
                self.report(path, ProblemCode::InvalidType, expectation);
            }
            Shape::Integer if number < 0.0 => {
                self.report(path, ProblemCode::OutOfRange, "must be zero or more");
            }
            Shape::Milliseconds if number.is_nan() || number <= 0.0 => {
                self.report(path, ProblemCode::OutOfRange, "must be more than 0 ms");
            }
            Shape::Url(content) => match address::fetchable(&text) {
                Err(reason) => self.report(path, ProblemCode::InvalidUrl, reason),
                Ok(()) => self.ending(*content, &text, path),
            },
            Shape::Id if text.is_empty() || before(&text, b"/ ?#") != text => {
                self.report(path, ProblemCode::InvalidValue, "must be the id of a generation");
            }
            Shape::Object(fields) => self.fields(fields, value, path),
            Shape::List { of, min, max } => {
                let items = value.items();
                if items.len() < *min {
                    self.report_joined(path, ProblemCode::TooFew, &["must have at least ", &integer(*min as u64)]);
                }
                if items.len() > *max {
                    self.report_joined(path, ProblemCode::TooMany, &["must have at most ", &integer(*max as u64)]);
                }
                for (index, value) in items.iter().enumerate() {
                    self.shape(of, value, &item(path, index));
                }
            }
            Shape::Tagged(variants) => {
                let tag = value.text("type").unwrap_or_default();
                let mut tags = Vec::new();
                for (name, fields) in *variants {
                    if *name == tag {
                        self.other_variants(variants, name, value, path);
                        return self.fields(fields, value, path);
                    }
                    tags.push(*name);
                }
                self.word(&tag, &tags, &within(path, "type"));
            }
            Shape::Media(sources, content) => self.media(sources, *content, value, path),
            _ => {}
        }
    }

    /// Fields of the forms that `type` does not name: which of the two the server takes, nobody says.
    fn other_variants(&mut self, variants: &[(&str, &[Field])], tag: &str, value: &Json, path: &str) {
        for (name, fields) in variants.iter().filter(|(name, _)| *name != tag) {
            for field in fields.iter().filter(|field| value.has(field.name)) {
                let message = ["is for type ", name, ", and this is type ", tag];
                self.report_joined(&within(path, field.name), ProblemCode::Suspicious, &message);
            }
        }
    }

    /// Where media come in several forms, none of them has the weight of Dream Machine's references.
    fn media(&mut self, sources: &[Source], content: Content, value: &Json, path: &str) {
        let media_type = value.text("media_type");
        if let Some(media_type) = &media_type
            && let Some(message) = misplaced(content, media_type.starts_with("video/"))
        {
            self.report(&within(path, "media_type"), ProblemCode::InvalidValue, message);
        }
        let content = if media_type.is_some() { Content::Any } else { content };
        let mut given = 0;
        for source in &Source::ALL {
            let Some(given_as) = value.get(source.field()) else { continue };
            given += 1;
            let at = within(path, source.field());
            if !sources.contains(source) {
                let message = "is not a form in which this provider takes media";
                self.report(&at, ProblemCode::Unsupported, message);
                continue;
            }
            match source {
                Source::Url => self.shape(&Shape::Url(content), &given_as, &at),
                Source::Generation => self.shape(&Shape::Id, &given_as, &at),
                Source::File => self.shape(&Shape::Name, &given_as, &at),
                Source::Data => self.data(&given_as, &at),
            }
            if *source == Source::Data && value.text("media_type").is_none() {
                let message = "the media type of the data is required, such as image/png";
                self.report(&within(path, "media_type"), ProblemCode::Required, message);
            }
        }
        if value.has("weight") {
            let message = "references have no weight here";
            self.report(&within(path, "weight"), ProblemCode::Unsupported, message);
        }
        if given != 1 {
            let mut fields = Vec::new();
            for source in sources {
                fields.push(source.field());
            }
            let code = if given == 0 { ProblemCode::Required } else { ProblemCode::Conflict };
            self.report_joined(path, code, &["must have exactly one of ", &join(&fields, ", ")]);
        }
    }

    /// Judges media by the ending of an address, which is a guess.
    fn ending(&mut self, wanted: Content, url: &str, path: &str) {
        if let Some(video) = address::is_video(url)
            && let Some(message) = misplaced(wanted, video)
        {
            self.report(path, ProblemCode::Suspicious, message);
        }
    }

    /// Checks data given as base64. The Agents API alone takes it, up to 50 MB (docs.agents.lumalabs.ai, read on 2026-11-20).
    fn data(&mut self, content: &Json, path: &str) {
        const MOST: usize = 50 << 20;
        let text = content.as_str().unwrap_or_default();
        if text.is_empty() {
            return self.shape(&Shape::Name, content, path);
        }
        match base64_size(&text) {
            None => {
                let message = "must be base64, with nothing before or behind it";
                self.report(path, ProblemCode::InvalidValue, message);
            }
            Some(size) if size > MOST => {
                let size = integer(size.div_ceil(1 << 20) as u64);
                self.report_joined(path, ProblemCode::TooLarge, &["has ", &size, " MB; at most 50 MB are taken"]);
            }
            Some(_) => {}
        }
    }

    fn word(&mut self, word: &str, values: &[&str], path: &str) {
        if !values.contains(&word) {
            self.one_of(values, ProblemCode::InvalidValue, path);
        }
    }

    fn one_of(&mut self, values: &[&str], code: ProblemCode, path: &str) {
        self.report_joined(path, code, &["must be one of ", &join(values, ", ")]);
    }

    /// The words about a prompt are the provider's own; other texts use the same form. An empty one counts as none.
    fn length(&mut self, words: &str, min: usize, max: usize, path: &str) {
        let count = words.chars().count();
        let (code, what, bound) = if count < min {
            (ProblemCode::TooShort, "short, minimum", min)
        } else if count > max {
            (ProblemCode::TooLong, "long, maximum", max)
        } else {
            if min > 0 && words.chars().all(char::is_whitespace) {
                self.report(path, ProblemCode::Suspicious, "is nothing but blanks");
            }
            return;
        };
        let bound = integer(bound as u64);
        let whose = if path == "prompt" { "Prompt is too " } else { "is too " };
        self.report_joined(path, code, &[whose, what, " length is ", &bound, " characters"]);
    }

    fn report(&mut self, path: &str, code: ProblemCode, message: &str) {
        self.report_joined(path, code, &[message]);
    }

    fn report_joined(&mut self, path: &str, code: ProblemCode, message: &[&str]) {
        self.problems.push(Problem::of(path, code, message));
    }
}

/// What is said of a picture where a video goes, and the other way round.
fn misplaced(wanted: Content, video: bool) -> Option<&'static str> {
    match wanted {
        Content::Image if video => Some("is a video, where a picture goes"),
        Content::Video if !video => Some("is a picture, where a video goes"),
        _ => None,
    }
}

/// How many bytes a text in base64 (RFC 4648, section 4) stands for, with its lines broken or not; none when it is no such
/// text.
fn base64_size(text: &str) -> Option<usize> {
    let (mut digits, mut padding) = (0, 0);
    for byte in text.bytes() {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => {}
            b'=' => padding += 1,
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' if padding == 0 => digits += 1,
            _ => return None,
        }
    }
    (padding <= 2 && (digits + padding) % 4 == 0).then_some(digits * 3 / 4)
}
