//! JSON held by `serde_json`: natively, where there is no JavaScript.

use super::Kind;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt::{self, Display};
use std::ops::{Deref, DerefMut};
use unicode_normalization::UnicodeNormalization;

/// A [`Json`] as `serde_json::json!` writes values.
#[macro_export]
macro_rules! json {
    ($($value:tt)+) => { $crate::json::Json::from(::serde_json::json!($($value)+)) };
}

/// A JSON value.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Json(Value);

impl Json {
    /// What it is.
    pub fn kind(&self) -> Kind {
        match self.0 {
            Value::Null => Kind::Null,
            Value::Bool(_) => Kind::Bool,
            Value::Number(_) => Kind::Number,
            Value::String(_) => Kind::String,
            Value::Array(_) => Kind::List,
            Value::Object(_) => Kind::Object,
        }
    }

    /// The field of an object, unless it is absent or null: the APIs use both for "not given".
    pub fn get(&self, key: &str) -> Option<Json> {
        self.0.as_object()?.get(key).filter(|value| !value.is_null()).cloned().map(Json)
    }

    /// The names of an object's fields, sorted; none for anything else.
    pub fn keys(&self) -> Vec<String> {
        self.0.as_object().map(|fields| fields.keys().cloned().collect()).unwrap_or_default()
    }

    /// The items of a list; none for anything else.
    pub fn items(&self) -> Vec<Json> {
        self.0.as_array().map(|items| items.iter().cloned().map(Json).collect()).unwrap_or_default()
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<String> {
        self.0.as_str().map(str::to_owned)
    }

    /// The text of a string in the normal form NFKC, in which all forms of one text are the same, with one blank for all between words.
    pub fn normalized(&self) -> Option<String> {
        let text: String = self.0.as_str()?.nfkc().collect();
        // JavaScript's white space: Unicode's without U+0085, and with U+FEFF.
        let is_blank = |c: char| c == '\u{feff}' || c != '\u{85}' && c.is_whitespace();
        let words = text.split(is_blank).filter(|word| !word.is_empty());
        Some(words.collect::<Vec<_>>().join(" "))
    }

    /// What a text is as JSON.
    pub fn parsed(&self) -> Option<Json> {
        serde_json::from_str(self.0.as_str()?).ok().map(Json)
    }

    /// The value of a number.
    pub fn as_f64(&self) -> Option<f64> {
        self.0.as_f64()
    }

    /// The value of a boolean.
    pub fn as_bool(&self) -> Option<bool> {
        self.0.as_bool()
    }

    /// A new string.
    pub fn string(text: &str) -> Json {
        Json(text.into())
    }

    /// A new number.
    pub fn number(value: f64) -> Json {
        // A whole number is written without a point, as JavaScript does.
        Json(if value.fract() == 0.0 && value.abs() < 9e15 { (value as i64).into() } else { value.into() })
    }

    /// A new object with these fields.
    pub fn object(fields: Vec<(&str, Json)>) -> Json {
        Json(Value::Object(fields.into_iter().map(|(key, value)| (key.to_owned(), value.0)).collect()))
    }

    /// A new list of these.
    pub fn list(items: Vec<Json>) -> Json {
        Json(Value::Array(items.into_iter().map(|item| item.0).collect()))
    }

    /// A copy that shares nothing: what its holder changes in it changes nothing here.
    pub fn deep_copy(&self) -> Json {
        self.clone()
    }

    /// The same object with one field set; the original is left alone.
    pub fn with(&self, key: &str, value: Json) -> Json {
        let mut fields: Map<String, Value> = self.0.as_object().cloned().unwrap_or_default();
        fields.insert(key.to_owned(), value.0);
        Json(Value::Object(fields))
    }
}

impl From<Value> for Json {
    fn from(value: Value) -> Json {
        Json(value)
    }
}

impl From<Json> for Value {
    fn from(json: Json) -> Value {
        json.0
    }
}

/// Writes it as text of JSON.
impl Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// For tests and tools, which read it as they read any value of `serde_json`.
impl Deref for Json {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.0
    }
}

impl DerefMut for Json {
    fn deref_mut(&mut self) -> &mut Value {
        &mut self.0
    }
}

impl PartialEq<Value> for Json {
    fn eq(&self, other: &Value) -> bool {
        self.0 == *other
    }
}

impl PartialEq<Json> for Value {
    fn eq(&self, other: &Json) -> bool {
        *self == other.0
    }
}
