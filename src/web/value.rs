//! JavaScript's objects as values: nothing is copied into wasm but what is looked at, and unknown fields pass untouched.

use crate::value::{Kind, Value};
use js_sys::{Array, Object};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

// `object[key]`: through `Reflect`, each key would first become a value of JavaScript's own.
#[wasm_bindgen]
extern "C" {
    /// Anything that has fields.
    pub type Fields;
    #[wasm_bindgen(method, structural, indexing_getter, catch)]
    fn field(this: &Fields, key: &str) -> Result<Option<JsValue>, JsValue>;
    /// A field, or `undefined`.
    #[wasm_bindgen(method, structural, indexing_getter)]
    pub fn get(this: &Fields, key: &str) -> JsValue;
    #[wasm_bindgen(method, structural, indexing_setter)]
    pub fn set(this: &Fields, key: &str, value: &JsValue);
    #[wasm_bindgen(method, structural, indexing_setter)]
    pub fn set_text(this: &Fields, key: &str, value: &str);
    #[wasm_bindgen(method, structural, indexing_setter)]
    pub fn set_number(this: &Fields, key: &str, value: f64);
    #[wasm_bindgen(method, structural, indexing_setter)]
    pub fn set_flag(this: &Fields, key: &str, value: bool);
}

impl Fields {
    pub fn of(value: &JsValue) -> &Fields {
        value.unchecked_ref()
    }
}

// `js_sys::JSON::parse` takes the text through wasm's memory and back.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = JSON, catch)]
    fn parse(text: &JsValue) -> Result<JsValue, JsValue>;
}

/// Plain JSON, held by JavaScript: an answer that was parsed, or a request that the face has copied as JSON, so that no
/// getter, proxy or later change by the caller hides behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct Json(pub JsValue);

impl Json {
    /// Reads JSON text.
    pub fn parse(text: &JsValue) -> Result<Json, JsValue> {
        parse(text).map(Json)
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
        field(&self.0, key).map(Json)
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

/// A field of anything at all, unless it is absent or null.
pub fn field(object: &JsValue, key: &str) -> Option<JsValue> {
    object.unchecked_ref::<Fields>().field(key).ok().flatten()
}

/// Sets a field of an object that is our own, which cannot fail.
pub fn set(object: &JsValue, key: &str, value: &JsValue) {
    object.unchecked_ref::<Fields>().set(key, value);
}
