//! Between our structures and JavaScript's values.

use crate::json::field;
use crate::text::concat;
use js_sys::Promise;
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::JsValue;
use wasm_bindgen_futures::JsFuture;

/// A structure of ours as a plain object.
pub fn to_js(value: &impl Serialize) -> JsValue {
    // Every structure of ours has a form in JSON. What is nothing is undefined.
    let serializer = Serializer::json_compatible().serialize_missing_as_null(false);
    value.serialize(&serializer).unwrap_or_default()
}

/// A property of any value; `undefined` where it is null or cannot be had.
pub fn get(object: &JsValue, key: &str) -> JsValue {
    field(object, key).unwrap_or_default()
}

/// Waits for what the caller's own code gave, which need not be a promise, or gives why it failed.
pub async fn settled(given: Result<JsValue, JsValue>) -> Result<JsValue, String> {
    let awaited = match given {
        Ok(given) => JsFuture::from(Promise::resolve(&given)).await,
        Err(thrown) => Err(thrown),
    };
    awaited.map_err(|thrown| reason(&thrown))
}

/// What was thrown, in words. Node says no more than "fetch failed"; the cause says why.
pub fn reason(thrown: &JsValue) -> String {
    let message = |error: &JsValue| get(error, "message").as_string().filter(|message| !message.is_empty());
    let own = message(thrown).or_else(|| thrown.as_string()).unwrap_or_default();
    match message(&get(thrown, "cause")) {
        Some(cause) if own.is_empty() => cause,
        Some(cause) => concat(&[&own, ": ", &cause]),
        None => own,
    }
}
