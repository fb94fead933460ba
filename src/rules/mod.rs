//! Rules as data. A form of request is a table of fields; one walker checks any form and names the path of each field at
//! fault. The same tables are the source of the TypeScript types and of the reference in the docs: adding a field to the
//! client is adding a line.

mod across;
mod near;
mod walk;

pub use across::{Rule, When, check_across};
pub use near::{meant, mistyped};
pub use walk::check;

use crate::json::{Json, Kind};
use crate::request_kind::RequestKind;

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
    /// Whether it must be there.
    pub need: Need,
    /// What it means: units, defaults, and the document that the rule comes from with its date.
    pub doc: Doc,
}

impl Field {
    /// A field that may be left out.
    pub const fn new(name: &'static str, shape: Shape, doc: &'static str) -> Field {
        Field { name, shape, need: Need::Optional, doc: Doc::new(doc) }
    }

    /// A field that must be there, with the sentence for when it is not.
    pub const fn required(name: &'static str, shape: Shape, missing: &'static str, doc: &'static str) -> Field {
        Field { name, shape, need: Need::Required(missing), doc: Doc::new(doc) }
    }

    /// A field that the documents do not agree on: without it the request is sent, with this warning.
    pub const fn expected(name: &'static str, shape: Shape, missing: &'static str, doc: &'static str) -> Field {
        Field { name, shape, need: Need::Expected(missing), doc: Doc::new(doc) }
    }

    /// A field that no document gives to this form, nor refuses it: it is sent, with a warning.
    pub const fn unspoken(name: &'static str, shape: Shape, doc: &'static str) -> Field {
        Field { name, shape, need: Need::Unspoken, doc: Doc::new(doc) }
    }

    /// Whether a request without it is refused.
    pub fn is_required(&self) -> bool {
        matches!(self.need, Need::Required(_))
    }
}

/// What fields are called.
pub fn names(fields: &[Field]) -> Vec<&'static str> {
    let mut names = Vec::new();
    for field in fields {
        names.push(field.name);
    }
    names
}

/// Whether a field must be there.
pub enum Need {
    /// It may be left out.
    Optional,
    /// It must be there; what is said when it is not.
    Required(&'static str),
    /// One document asks for it, another does not; what is said when it is not there.
    Expected(&'static str),
    /// No document says that it may be there.
    Unspoken,
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
    Enum {
        /// The documented words.
        values: &'static [&'static str],
        /// What is added to a bare number: the `p` of `1080p`.
        unit: Option<&'static str>,
    },
    /// `true` or `false`.
    Boolean,
    /// A number in a closed range.
    Number {
        /// The least.
        min: f64,
        /// The greatest.
        max: f64,
    },
    /// A whole number, zero or more.
    Integer,
    /// What breaks the inner shape's bounds or words is only told, as disputed: no document refuses it. Its type stays a rule.
    Soft(&'static Shape),
    /// A number of ms above 0; `Infinity` is one.
    Milliseconds,
    /// An address that the provider's server can fetch, with what it finds there, or call.
    Url(Content),
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
    /// One of several objects, distinguished by the word in `type`.
    Tagged(&'static [(&'static str, &'static [Field])]),
    /// A picture or a video, in one of these forms.
    Media(&'static [Source], Content),
    /// A list or an object, whichever it is.
    OneOf(&'static [Shape]),
}

/// What a place takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// A picture.
    Image,
    /// A video.
    Video,
    /// Either, or neither.
    Any,
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
        Source::ALL.iter().copied().find(|source| media.get(source.field()).is_some())
    }
}

impl Shape {
    /// A word of the caller's own, of which no document says that it may not be empty.
    pub const OWN: Shape = Shape::Soft(&Shape::Name);

    /// What is added to a bare number.
    pub fn unit(&self) -> Option<&'static str> {
        match self {
            Shape::Enum { unit, .. } => *unit,
            Shape::Soft(inner) => inner.unit(),
            _ => None,
        }
    }

    fn expects(&self) -> (Kind, &'static str) {
        match self {
            Shape::Text { .. } | Shape::Name | Shape::Enum { .. } | Shape::Url(_) | Shape::Id => {
                (Kind::String, "must be a string")
            }
            Shape::Boolean => (Kind::Bool, "must be true or false"),
            Shape::Number { .. } => (Kind::Number, "must be a number"),
            Shape::Integer => (Kind::Number, "must be a whole number"),
            Shape::Milliseconds => (Kind::Number, "must be a number of ms"),
            Shape::Object(_) | Shape::Tagged(_) => (Kind::Object, "must be an object"),
            Shape::List { .. } => (Kind::List, "must be a list"),
            Shape::Media(..) => (Kind::Object, "must be an object"),
            Shape::Soft(inner) => inner.expects(),
            Shape::OneOf(shapes) => shapes.first().map_or((Kind::Null, ""), Shape::expects),
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
