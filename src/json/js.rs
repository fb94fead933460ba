//! JSON held by JavaScript: an answer that was parsed, or a request that the face has copied as JSON, so that no getter, proxy or later change by
//! the caller hides behind it.

use super::Kind;
use js_sys::{Array, JSON, JsString, Object, RegExp};
use serde::{Serialize, Serializer};
use wasm_bindgen::prelude::{JsCast, JsValue, wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    /// An object by its fields: `Reflect` would make a string of JavaScript's for each name first.
    type Fields;
    // `None` for null as well, and an error where there is no object, or a getter of the caller's throws.
    #[wasm_bindgen(method, structural, indexing_getter, catch)]
    fn get(this: &Fields, key: &str) -> Result<Option<JsValue>, JsValue>;
    #[wasm_bindgen(method, structural, indexing_setter)]
    fn set(this: &Fields, key: &str, value: &JsValue);

    // With js-sys' the text would be copied into the wasm and out again. Every binding here whose call throws in ordinary use gives an
    // `Option`: where one gives a bare `JsValue`, wasm-bindgen loses a slot of its table each time that it throws.
    #[wasm_bindgen(catch, js_namespace = JSON, js_name = parse)]
    fn parse_json(text: &JsString) -> Result<Option<JsValue>, JsValue>;
}

/// A property of any value, unless it is absent or null, or cannot be had.
pub fn field(of: &JsValue, key: &str) -> Option<JsValue> {
    of.unchecked_ref::<Fields>().get(key).ok().flatten()
}

/// Sets a property of a plain object.
pub fn set_field(of: &JsValue, key: &str, value: &JsValue) {
    of.unchecked_ref::<Fields>().set(key, value);
}

/// A JSON value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Json(JsValue);

impl Json {
    /// What it is.
    pub fn kind(&self) -> Kind {
        let value = &self.0;
        if value.is_string() {
            Kind::String
        } else if Array::is_array(value) {
            Kind::List
        } else if value.is_object() {
            Kind::Object
        } else if value.as_f64().is_some() {
            Kind::Number
        } else if value.as_bool().is_some() {
            Kind::Bool
        } else {
            Kind::Null
        }
    }

    /// The field of an object, unless it is absent or null: the APIs use both for "not given".
    pub fn get(&self, key: &str) -> Option<Json> {
        field(&self.0, key).map(Json)
    }

    /// The names of an object's fields, in their order; none for anything else.
    pub fn keys(&self) -> Vec<String> {
        match self.kind() {
            Kind::Object => Json(Object::keys(self.0.unchecked_ref::<Object>()).into()).texts(),
            _ => Vec::new(),
        }
    }

    /// The items of a list; none for anything else.
    pub fn items(&self) -> Vec<Json> {
        let mut items = Vec::new();
        if let Some(list) = self.0.dyn_ref::<Array>() {
            for item in list.iter() {
                items.push(Json(item));
            }
        }
        items
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<String> {
        self.0.as_string()
    }

    /// The text of a string in the normal form NFKC, in which all forms of one text are the same, with one blank for all between words.
    pub fn normalized(&self) -> Option<String> {
        let text = self.0.dyn_ref::<JsString>()?.normalize("NFKC");
        Some(text.replace_by_pattern(&RegExp::new(r"\s+", "g"), " ").trim().into())
    }

    /// The value of a number; JSON has none that is NaN.
    pub fn as_f64(&self) -> Option<f64> {
        self.0.as_f64().filter(|number| !number.is_nan())
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
        Json(value.into())
    }

    /// A new object with these fields.
    pub fn object(fields: Vec<(&str, Json)>) -> Json {
        let object = Object::new();
        for (key, value) in &fields {
            set_field(&object, key, &value.0);
        }
        Json(object.into())
    }

    /// A new list of these.
    pub fn list(items: Vec<Json>) -> Json {
        let list = Array::new();
        for item in &items {
            list.push(&item.0);
        }
        Json(list.into())
    }

    /// What a text that JavaScript holds says, if it is JSON.
    pub fn parse(text: &JsString) -> Option<Json> {
        parse_json(text).ok().map(|value| Json(value.unwrap_or(JsValue::NULL)))
    }

    /// What a text is as JSON.
    pub fn parsed(&self) -> Option<Json> {
        Json::parse(self.0.dyn_ref()?)
    }

    /// A copy that shares nothing: what its holder changes in it changes nothing here.
    pub fn deep_copy(&self) -> Json {
        JSON::stringify(&self.0).ok().and_then(|text| Json::parse(&text)).unwrap_or_default()
    }

    /// The same object with one field set; the original is left alone.
    pub fn with(&self, key: &str, value: Json) -> Json {
        // `assign` would set the fields, and lose one called `__proto__`. What is no object has no fields; `entries` throws for null.
        let fields = match self.kind() {
            Kind::Object => Object::entries(self.0.unchecked_ref::<Object>()),
            _ => Array::new(),
        };
        let copy = Object::from_entries(&fields).unwrap_or_default();
        set_field(&copy, key, &value.0);
        Json(copy.into())
    }
}

impl From<JsValue> for Json {
    fn from(value: JsValue) -> Json {
        Json(value)
    }
}

impl AsRef<JsValue> for Json {
    fn as_ref(&self) -> &JsValue {
        &self.0
    }
}

/// Handed over as it is.
impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_wasm_bindgen::preserve::serialize(&self.0, serializer)
    }
}
