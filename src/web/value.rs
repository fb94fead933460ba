//! JavaScript's objects as values: nothing is copied into wasm but what is looked at, and unknown fields pass untouched.

use crate::value::{Kind, Value};
use js_sys::{Array, Object};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

#[wasm_bindgen(module = "/src/web/value.js")]
extern "C" {
    fn kind(value: &JsValue) -> u32;
    /// A field, or `undefined` when it is absent or null.
    pub fn get(object: &JsValue, key: &str) -> JsValue;
    fn text(object: &JsValue, key: &str) -> Option<String>;
    fn string(value: &JsValue) -> Option<String>;
    fn number(value: &JsValue) -> f64;
    /// Sets a field of an object that is our own, which cannot fail.
    pub fn set(object: &JsValue, key: &str, value: &JsValue);
    #[wasm_bindgen(js_name = set)]
    pub fn set_text(object: &JsValue, key: &str, value: &str);
    #[wasm_bindgen(js_name = set)]
    pub fn set_number(object: &JsValue, key: &str, value: f64);
    #[wasm_bindgen(js_name = set)]
    pub fn set_flag(object: &JsValue, key: &str, value: bool);
}

/// Plain JSON, held by JavaScript: an answer that was parsed, or a request that the face has copied as JSON, so that no
/// getter, proxy or later change by the caller hides behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct Json(pub JsValue);

impl Value for Json {
    fn kind(&self) -> Kind {
        match kind(&self.0) {
            1 => Kind::Bool,
            2 => Kind::Number,
            3 => Kind::String,
            4 => Kind::List,
            5 => Kind::Object,
            _ => Kind::Null,
        }
    }

    fn get(&self, key: &str) -> Option<Self> {
        let value = get(&self.0, key);
        (!value.is_undefined()).then_some(Json(value))
    }

    fn keys(&self) -> Vec<String> {
        match self.kind() {
            Kind::Object => Json(Object::keys(self.0.unchecked_ref::<Object>()).into()).texts(),
            _ => Vec::new(),
        }
    }

    fn items(&self) -> Vec<Self> {
        let mut items = Vec::new();
        if Array::is_array(&self.0) {
            let list = self.0.unchecked_ref::<Array>();
            for index in 0..list.length() {
                items.push(Json(list.get_unchecked(index)));
            }
        }
        items
    }

    fn as_str(&self) -> Option<String> {
        string(&self.0)
    }

    fn as_f64(&self) -> Option<f64> {
        let number = number(&self.0);
        (!number.is_nan()).then_some(number)
    }

    fn as_bool(&self) -> Option<bool> {
        self.0.as_bool()
    }

    fn text(&self, key: &str) -> Option<String> {
        text(&self.0, key)
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
