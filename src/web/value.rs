//! JavaScript's objects as values: nothing is copied into wasm but what is looked at, and unknown fields pass untouched.

use crate::value::{Kind, Value};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(module = "/src/web/value.js")]
extern "C" {
    fn kind(value: &JsValue) -> i32;
    /// A field, or `undefined` when it is absent or null.
    pub fn get(object: &JsValue, key: &str) -> JsValue;
    fn text(object: &JsValue, key: &str) -> Option<String>;
    fn string(value: &JsValue) -> Option<String>;
    fn number(value: &JsValue) -> f64;
    fn count(value: &JsValue) -> i32;
    fn item(list: &JsValue, index: i32) -> JsValue;
    fn keys(object: &JsValue) -> JsValue;
    fn copy(object: &JsValue) -> JsValue;
    /// A new object.
    pub fn object() -> JsValue;
    /// A new list.
    pub fn list() -> JsValue;
    /// Keeps a value until [`held`] takes it.
    pub fn hold(value: &JsValue);
    pub fn held() -> JsValue;
    /// Sets a field of an object of our own, or adds to a list of our own.
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

/// What JavaScript's side calls the two booleans.
const FALSE: i32 = 1;
const TRUE: i32 = 2;

impl Value for Json {
    fn kind(&self) -> Kind {
        match kind(&self.0) {
            FALSE | TRUE => Kind::Bool,
            3 => Kind::Number,
            4 => Kind::String,
            5 => Kind::List,
            6 => Kind::Object,
            _ => Kind::Null,
        }
    }

    fn get(&self, key: &str) -> Option<Self> {
        let value = get(&self.0, key);
        (!value.is_undefined()).then_some(Json(value))
    }

    fn keys(&self) -> Vec<String> {
        match self.kind() {
            Kind::Object => Json(keys(&self.0)).texts(),
            _ => Vec::new(),
        }
    }

    fn items(&self) -> Vec<Self> {
        let mut items = Vec::new();
        for index in 0..count(&self.0) {
            items.push(Json(item(&self.0, index)));
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
        match kind(&self.0) {
            FALSE => Some(false),
            TRUE => Some(true),
            _ => None,
        }
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
        let object = Json(object());
        for (key, value) in fields {
            set(&object.0, key, &value.0);
        }
        object
    }

    fn list(items: Vec<Self>) -> Self {
        let list = Json(list());
        for item in items {
            set(&list.0, "", &item.0);
        }
        list
    }

    fn with(&self, key: &str, value: Self) -> Self {
        let copy = copy(&self.0);
        set(&copy, key, &value.0);
        Json(copy)
    }
}
