//! Rules that span fields, as data too.

use super::Doc;
use crate::error::{Problem, ProblemCode};
use crate::json::{Json, Kind};
use crate::request_kind::RequestKind;

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
    /// The document that it comes from, with its date.
    pub source: Doc,
}

impl Rule {
    /// A rule for one form.
    pub const fn of(
        kind: RequestKind,
        when: &'static [When],
        path: &'static str,
        code: ProblemCode,
        message: &'static str,
        source: &'static str,
    ) -> Rule {
        Rule { kind: Some(kind), when, path, code, message, source: Doc::new(source) }
    }
}

/// One condition of a [`Rule`], about the field at a path.
pub enum When {
    /// It is there.
    Has(&'static str),
    /// It is not there, or an empty text.
    Blank(&'static str),
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
    /// The number at the first path is not less than that at the second.
    After(&'static str, &'static str),
    /// It is a list of more items than that.
    Longer(&'static str, usize),
    /// It is a list, or an object, whichever is said.
    Of(&'static str, Kind),
    /// One of these conditions holds.
    Any(&'static [When]),
    /// None of these conditions holds.
    NoneOf(&'static [When]),
}

impl When {
    /// Whether it holds.
    pub fn holds(&self, body: &Json) -> bool {
        match self {
            When::Has(path) => body.has(path),
            When::Blank(path) => body.at(path).is_none_or(|value| value.as_str().is_some_and(|text| text.is_empty())),
            When::Lacks(path) => !body.has(path),
            When::On(name) => body.is_on(name),
            When::Off(name) => !body.is_on(name),
            When::Is(path, texts) => body.is_one_of(path, texts),
            When::Other(path, texts) => body.first_text(&[path]).is_some() && !body.is_one_of(path, texts),
            When::After(one, other) => body.num(one).zip(body.num(other)).is_some_and(|(one, other)| one >= other),
            When::Longer(path, most) => body.items_of(path).len() > *most,
            When::Of(path, kind) => body.at(path).is_some_and(|value| value.kind() == *kind),
            When::NoneOf(conditions) => !conditions.iter().any(|condition| condition.holds(body)),
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
