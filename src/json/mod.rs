//! JSON as the core reads and builds it: one type, [`Json`], with one set of methods.
//!
//! In the client's wasm it is a JavaScript value. Nothing is copied into the wasm but what is looked at, and what this version does not know (new
//! fields, their order, half a surrogate pair) passes untouched. Everywhere else it is `serde_json`'s value. tests/json.rs runs the same cases on both.

mod fields;
#[cfg(feature = "web")]
mod js;
#[cfg(not(feature = "web"))]
mod native;

#[cfg(feature = "web")]
pub use js::{Json, field, set_field};
#[cfg(not(feature = "web"))]
pub use native::Json;

/// What a JSON value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`, and what JavaScript calls `undefined`.
    Null,
    /// `true` or `false`.
    Bool,
    /// Any number.
    Number,
    /// A string.
    String,
    /// An array.
    List,
    /// An object.
    Object,
}

/// What follows from the methods that each form has of its own.
impl Json {
    /// The same object without a field; the original is left alone.
    pub fn without(&self, key: &str) -> Json {
        let names = self.keys();
        let mut kept = Vec::new();
        for name in &names {
            if name != key
                && let Some(value) = self.get(name)
            {
                kept.push((name.as_str(), value));
            }
        }
        Json::object(kept)
    }

    /// The text of a string field.
    pub fn text(&self, key: &str) -> Option<String> {
        self.get(key)?.as_str()
    }

    /// The value of a boolean field.
    pub fn flag(&self, key: &str) -> Option<bool> {
        self.get(key)?.as_bool()
    }

    /// The value of a number field.
    pub fn num(&self, key: &str) -> Option<f64> {
        self.get(key)?.as_f64()
    }

    /// The texts in a list; what is no text is left out.
    pub fn texts(&self) -> Vec<String> {
        let mut texts = Vec::new();
        for item in &self.items() {
            if let Some(text) = item.as_str() {
                texts.push(text);
            }
        }
        texts
    }
}
