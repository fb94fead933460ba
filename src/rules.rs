//! Rules as data. A form of request is a table of fields; one walker checks any form and names the path of each field at
//! fault. The same tables are the source of the TypeScript types and of the reference in the docs: adding a field to the
//! client is adding a line.

use crate::address;
use crate::error::{Problem, ProblemCode};
use crate::json::{Json, Kind};
use crate::request::RequestKind;
use crate::text::{self, before};

/// One form of request at one provider.
pub struct Form {
    /// Which form.
    pub kind: RequestKind,
    /// What is filled in when the caller names no model; where the documents have no default there is none.
    pub default_model: Option<&'static str>,
    /// Its fields. Fields that are not here pass through unjudged.
    pub fields: &'static [Field],
    /// What it is for.
    pub doc: Doc,
}

/// One field.
pub struct Field {
    /// Its name on the wire.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
    /// What is said when it is missing; `None` when it may be.
    pub required: Option<&'static str>,
    /// What it means: units, defaults, and the document that the rule comes from with its date.
    pub doc: Doc,
}

impl Field {
    /// A field that may be left out.
    pub const fn new(name: &'static str, shape: Shape, doc: &'static str) -> Field {
        Field { name, shape, required: None, doc: Doc::new(doc) }
    }

    /// A field that must be there, with the sentence for when it is not.
    pub const fn required(name: &'static str, shape: Shape, missing: &'static str, doc: &'static str) -> Field {
        Field { name, shape, required: Some(missing), doc: Doc::new(doc) }
    }
}

/// What a field holds and which values are known.
pub enum Shape {
    /// Text of `min` to `max` Unicode characters, as the server counts them.
    Text {
        /// The fewest characters.
        min: usize,
        /// The most.
        max: usize,
    },
    /// Some word; which ones is not for a table to say.
    Name,
    /// One of the documented words. A model that this version does not know may know other words, so they are judged
    /// only beside a known model.
    Word {
        /// The documented words.
        values: &'static [&'static str],
        /// What is added to a bare number: the `p` of `1080p`.
        unit: Option<&'static str>,
    },
    /// `true` or `false`.
    Flag,
    /// A number in a closed range.
    Number {
        /// The least.
        min: f64,
        /// The greatest.
        max: f64,
    },
    /// A whole number, zero or more.
    Whole,
    /// A number of ms above 0; `Infinity` is one.
    Milliseconds,
    /// An address that the provider's server can fetch or call.
    Url,
    /// The id of an earlier generation.
    Id,
    /// An object with these fields.
    Object(&'static [Field]),
    /// A list of `min` to `max` items.
    List {
        /// What each item is.
        of: &'static Shape,
        /// The fewest items.
        min: usize,
        /// The most.
        max: usize,
    },
    /// One of several objects, told apart by the word in `type`.
    Tagged(&'static [(&'static str, &'static [Field])]),
    /// A picture or a video, in one of these forms.
    Media(&'static [Source]),
    /// A list or an object, whichever it is.
    Either(&'static [Shape]),
}

/// How a picture or a video is given: each by a field of its own, and exactly one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// `{ url }`: a public address.
    Url,
    /// `{ type: "generation", id }`: an earlier generation of the same account; a `media_type` beside it tells the rules
    /// what it is.
    Generation,
    /// `{ data, media_type }`: the content itself, in base64.
    Data,
    /// `{ file_id }`: what was uploaded to this provider before, by `client.upload`.
    File,
}

impl Source {
    /// All of them.
    pub const ALL: [Source; 4] = [Source::Url, Source::Generation, Source::Data, Source::File];

    /// The field that holds it.
    pub fn field(self) -> &'static str {
        match self {
            Source::Url => "url",
            Source::Generation => "id",
            Source::Data => "data",
            Source::File => "file_id",
        }
    }

    /// The one that an object has, if it has one.
    pub fn of(media: &Json) -> Option<Source> {
        Source::ALL.into_iter().find(|source| media.get(source.field()).is_some())
    }
}

impl Shape {
    /// What is added to a bare number.
    pub fn unit(&self) -> Option<&'static str> {
        match self {
            Shape::Word { unit, .. } => *unit,
            _ => None,
        }
    }

    fn expects(&self) -> (Kind, &'static str) {
        match self {
            Shape::Text { .. } | Shape::Name | Shape::Word { .. } | Shape::Url | Shape::Id => {
                (Kind::String, "must be a string")
            }
            Shape::Flag => (Kind::Bool, "must be true or false"),
            Shape::Number { .. } => (Kind::Number, "must be a number"),
            Shape::Whole => (Kind::Number, "must be a whole number"),
            Shape::Milliseconds => (Kind::Number, "must be a number of ms"),
            Shape::Object(_) | Shape::Tagged(_) => (Kind::Object, "must be an object"),
            Shape::List { .. } => (Kind::List, "must be a list"),
            Shape::Media(_) => (Kind::Object, "must be an object"),
            Shape::Either(shapes) => shapes.first().map_or((Kind::Null, ""), Shape::expects),
        }
    }
}

/// A rule that spans fields: broken by a request for which all of `when` holds.
pub struct Rule {
    /// The form that it is for; `None`: every form.
    pub kind: Option<RequestKind>,
    /// What together breaks it.
    pub when: &'static [When],
    /// The field at fault.
    pub path: &'static str,
    /// What kind of rule.
    pub code: ProblemCode,
    /// The rule in words.
    pub message: &'static str,
}

/// One condition of a [`Rule`], about the field at a path.
pub enum When {
    /// It is there.
    Has(&'static str),
    /// It is not there.
    Lacks(&'static str),
    /// It is `true`.
    On(&'static str),
    /// It is not `true`.
    Off(&'static str),
    /// It is one of these texts.
    Is(&'static str, &'static [&'static str]),
    /// It is a text, and none of these.
    Other(&'static str, &'static [&'static str]),
    /// It is a list of more items than that.
    Longer(&'static str, usize),
    /// It is a list, or an object, whichever is said.
    Of(&'static str, Kind),
    /// One of these conditions holds.
    Any(&'static [When]),
}

impl When {
    fn holds(&self, body: &Json) -> bool {
        match self {
            When::Has(path) => body.has(path),
            When::Lacks(path) => !body.has(path),
            When::On(name) => body.is_on(name),
            When::Off(name) => !body.is_on(name),
            When::Is(path, texts) => body.is_one_of(path, texts),
            When::Other(path, texts) => body.first_text(&[path]).is_some() && !body.is_one_of(path, texts),
            When::Longer(path, most) => body.items_of(path).len() > *most,
            When::Of(path, kind) => body.at(path).is_some_and(|value| value.kind() == *kind),
            When::Any(conditions) => conditions.iter().any(|condition| condition.holds(body)),
        }
    }
}

/// Adds a problem for every rule that is broken.
pub fn check_across(rules: &[Rule], kind: RequestKind, body: &Json, problems: &mut Vec<Problem>) {
    for rule in rules {
        if rule.kind.is_none_or(|of| of == kind) && rule.when.iter().all(|condition| condition.holds(body)) {
            problems.push(Problem::new(rule.path, rule.code, rule.message));
        }
    }
}

/// Prose that the docs and types are made from; the shipped module does not carry it.
#[derive(Clone, Copy)]
pub struct Doc(#[cfg(feature = "types")] &'static str);

impl Doc {
    /// Keeps the text where it is wanted.
    pub const fn new(text: &'static str) -> Doc {
        #[cfg(feature = "types")]
        return Doc(text);
        #[cfg(not(feature = "types"))]
        {
            let _ = text;
            Doc()
        }
    }

    /// The text.
    #[cfg(feature = "types")]
    pub fn text(self) -> &'static str {
        self.0
    }
}

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
            let path = if at.is_empty() { field.name.to_owned() } else { format!("{at}.{}", field.name) };
            match (object.get(field.name), field.required) {
                (Some(value), _) => self.shape(&field.shape, &value, &path),
                (None, Some(missing)) => self.found(&path, ProblemCode::Required, format_args!("{missing}")),
                (None, None) => {}
            }
        }
    }

    fn shape(&mut self, shape: &Shape, value: &Json, path: &str) {
        if let Shape::Either(shapes) = shape
            && let Some(fits) = shapes.iter().find(|shape| shape.expects().0 == value.kind())
        {
            return self.shape(fits, value, path);
        }
        let (kind, expectation) = shape.expects();
        if value.kind() != kind {
            return self.found(path, ProblemCode::InvalidType, format_args!("{expectation}"));
        }
        let text = value.as_str().unwrap_or_default();
        let number = value.as_f64().unwrap_or(f64::NAN);
        match shape {
            Shape::Text { min, max } => self.length(&text, *min, *max, path),
            Shape::Name if text.is_empty() => {
                self.found(path, ProblemCode::InvalidValue, format_args!("must not be empty"));
            }
            Shape::Word { values, .. } if self.judge_words => self.word(&text, values, path),
            Shape::Number { min, max } if !(*min..=*max).contains(&number) => {
                let (min, max) = (*min as u32, *max as u32);
                self.found(path, ProblemCode::OutOfRange, format_args!("must be {min} to {max}"));
            }
            Shape::Whole if number < 0.0 || number.fract() != 0.0 => {
                self.found(path, ProblemCode::OutOfRange, format_args!("must be a whole number, zero or more"));
            }
            Shape::Milliseconds if number.is_nan() || number <= 0.0 => {
                self.found(path, ProblemCode::OutOfRange, format_args!("must be more than 0 ms"));
            }
            Shape::Url => {
                if let Err(reason) = address::fetchable(&text) {
                    self.found(path, ProblemCode::InvalidUrl, format_args!("{reason}"));
                }
            }
            Shape::Id if text.is_empty() || before(&text, b"/ ?#") != text => {
                self.found(path, ProblemCode::InvalidValue, format_args!("must be the id of a generation"));
            }
            Shape::Object(fields) => self.fields(fields, value, path),
            Shape::List { of, min, max } => {
                let items = value.items();
                if items.len() < *min {
                    self.found(path, ProblemCode::TooFew, format_args!("must have at least {min}"));
                }
                if items.len() > *max {
                    self.found(path, ProblemCode::TooMany, format_args!("must have at most {max}"));
                }
                for (index, item) in items.iter().enumerate() {
                    self.shape(of, item, &format!("{path}[{index}]"));
                }
            }
            Shape::Tagged(variants) => {
                let tag = value.text("type").unwrap_or_default();
                let mut tags = Vec::new();
                for (name, fields) in *variants {
                    if *name == tag {
                        return self.fields(fields, value, path);
                    }
                    tags.push(*name);
                }
                self.word(&tag, &tags, &format!("{path}.type"));
            }
            Shape::Media(sources) => self.media(sources, value, path),
            _ => {}
        }
    }

    /// Where media come in several forms, none of them has the weight of Dream Machine's references.
    fn media(&mut self, sources: &[Source], value: &Json, path: &str) {
        let mut given = 0;
        for source in Source::ALL {
            let Some(content) = value.get(source.field()) else { continue };
            given += 1;
            let at = format!("{path}.{}", source.field());
            if !sources.contains(&source) {
                let message = format_args!("is not a form in which this provider takes media");
                self.found(&at, ProblemCode::Unsupported, message);
                continue;
            }
            match source {
                Source::Url => self.shape(&Shape::Url, &content, &at),
                Source::Generation => self.shape(&Shape::Id, &content, &at),
                Source::File => self.shape(&Shape::Name, &content, &at),
                Source::Data => self.data(&content, &at),
            }
            if source == Source::Data && value.text("media_type").is_none() {
                let message = format_args!("the media type of the data is required, such as image/png");
                self.found(&format!("{path}.media_type"), ProblemCode::Required, message);
            }
        }
        if value.has("weight") {
            let message = format_args!("references have no weight here");
            self.found(&format!("{path}.weight"), ProblemCode::Unsupported, message);
        }
        if given != 1 {
            let mut fields = Vec::new();
            for source in sources {
                fields.push(source.field());
            }
            let code = if given == 0 { ProblemCode::Required } else { ProblemCode::Conflict };
            self.found(path, code, format_args!("must have exactly one of {}", text::join(&fields, ", ")));
        }
    }

    /// Which the Agents API alone takes, up to 50 MB (docs.agents.lumalabs.ai, read on 2026-11-20).
    fn data(&mut self, content: &Json, path: &str) {
        const MOST: usize = 50 << 20;
        let text = content.as_str().unwrap_or_default();
        if text.is_empty() {
            return self.shape(&Shape::Name, content, path);
        }
        match base64_size(&text) {
            None => {
                let message = format_args!("must be base64, with nothing before or behind it");
                self.found(path, ProblemCode::InvalidValue, message);
            }
            Some(size) if size > MOST => {
                let size = size.div_ceil(1 << 20);
                self.found(path, ProblemCode::TooLarge, format_args!("has {size} MB; at most 50 MB are taken"));
            }
            Some(_) => {}
        }
    }

    fn word(&mut self, word: &str, values: &[&str], path: &str) {
        if !values.contains(&word) {
            let values = text::join(values, ", ");
            self.found(path, ProblemCode::InvalidValue, format_args!("must be one of {values}"));
        }
    }

    /// The words are the provider's own, which speak of the prompt; other texts use the same form.
    fn length(&mut self, words: &str, min: usize, max: usize, path: &str) {
        let count = words.chars().count();
        let (code, what, bound) = if count == 0 && min > 0 {
            return self.found(path, ProblemCode::Required, format_args!("Prompt is required"));
        } else if count < min {
            (ProblemCode::TooShort, "short, minimum", min)
        } else if count > max {
            (ProblemCode::TooLong, "long, maximum", max)
        } else {
            return;
        };
        self.found(path, code, format_args!("Prompt is too {what} length is {bound} characters"));
    }

    fn found(&mut self, path: &str, code: ProblemCode, message: std::fmt::Arguments<'_>) {
        self.problems.push(Problem { path: path.to_owned(), code, message: message.to_string() });
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
