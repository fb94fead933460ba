//! JavaScript's objects as values: nothing is copied into wasm but what is looked at, and unknown fields pass untouched.

use crate::value::{Kind, Value};
use js_sys::{Array, JSON, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// Plain JSON, held by JavaScript. Only [`Json::snapshot`] and parsed answers become one, so no getter, proxy or later
/// change by the caller hides behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct Json(pub JsValue);

impl Json {
    /// A copy of a caller's object as JSON: what is checked is what is sent, whatever the caller changes meanwhile.
    /// The error is JavaScript's own (a cycle, a BigInt).
    pub fn snapshot(value: &JsValue) -> Result<Json, JsValue> {
        let text = JSON::stringify(value)?;
        // What JSON cannot hold at all (undefined, a function) has no text.
        if text.is_undefined() { Ok(Json(JsValue::NULL)) } else { Json::parse(&text.into()) }
    }

    /// Reads JSON text.
    pub fn parse(text: &JsValue) -> Result<Json, JsValue> {
        JSON::parse(&text.as_string().unwrap_or_default()).map(Json)
    }
}

impl Value for Json {
    fn kind(&self) -> Kind {
        let value = &self.0;
        if value.is_string() {
            Kind::String
        } else if value.is_object() {
            if Array::is_array(value) { Kind::List } else { Kind::Object }
        } else if value.as_f64().is_some() {
            Kind::Number
        } else if value.as_bool().is_some() {
            Kind::Bool
        } else {
            Kind::Null
        }
    }

    fn get(&self, key: &str) -> Option<Self> {
        let value = Reflect::get(&self.0, &JsValue::from_str(key)).ok()?;
        (!value.is_null() && !value.is_undefined()).then_some(Json(value))
    }

    fn keys(&self) -> Vec<String> {
        match self.kind() {
            Kind::Object => {
                Object::keys(self.0.unchecked_ref::<Object>()).iter().filter_map(|key| key.as_string()).collect()
            }
            _ => Vec::new(),
        }
    }

    fn items(&self) -> Vec<Self> {
        match self.kind() {
            Kind::List => self.0.unchecked_ref::<Array>().iter().map(Json).collect(),
            _ => Vec::new(),
        }
    }

    fn as_str(&self) -> Option<String> {
        self.0.as_string()
    }

    fn as_f64(&self) -> Option<f64> {
        self.0.as_f64()
    }

    fn as_bool(&self) -> Option<bool> {
        self.0.as_bool()
    }

    fn string(text: &str) -> Self {
        Json(JsValue::from_str(text))
    }

    fn number(value: f64) -> Self {
        Json(JsValue::from_f64(value))
    }

    fn object(fields: Vec<(&str, Self)>) -> Self {
        let object = Json(Object::new().into());
        for (key, value) in fields {
            set(&object.0, key, &value.0);
        }
        object
    }

    fn with(&self, key: &str, value: Self) -> Self {
        let copy = Object::assign(&Object::new(), self.0.unchecked_ref());
        set(&copy, key, &value.0);
        Json(copy.into())
    }
}

/// Sets a field of an object that is our own, which cannot fail.
pub fn set(object: &JsValue, key: &str, value: &JsValue) {
    let _ = Reflect::set(object, &JsValue::from_str(key), value);
}
