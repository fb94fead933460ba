//! JavaScript as the host: its `fetch`, its timers (or the caller's clock), its dates, the caller's store.

use super::executor::{Errand, current};
use super::serialize::to_js;
use super::value::{self, Json};
use crate::engine::{Attention, Event, FetchError, Host};
use crate::http::{Body, Headers, Request, Response};
use crate::value::Value;
use std::future::Future;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

// Each says there what it does; those that take a task give an errand of it.
#[wasm_bindgen(module = "/src/web/host.js")]
extern "C" {
    fn complete(task: i32, host: &JsValue) -> JsValue;
    fn exchange(task: i32, host: &JsValue, url: &str, method: &str, headers: &JsValue, body: &JsValue) -> JsValue;
    fn sleep(task: i32, host: &JsValue, ms: f64) -> JsValue;
    fn now(host: &JsValue) -> f64;
    fn timeline(host: &JsValue) -> f64;
    fn random() -> f64;
    fn parse_date(text: &str) -> f64;
    fn aborted(task: i32, signal: &JsValue) -> JsValue;
    fn nap(task: i32, host: &JsValue, ms: f64) -> JsValue;
    fn hidden() -> bool;
    fn since(host: &JsValue) -> f64;
    /// Calls a listener.
    pub fn tell(options: &JsValue, listener: &str, event: &JsValue);
    fn load(task: i32, host: &JsValue) -> JsValue;
    fn write(task: i32, host: &JsValue, key: &str, value: &JsValue) -> JsValue;
    fn lock(task: i32, host: &JsValue, key: &str) -> JsValue;
    fn release(lock: &JsValue);
    fn changed(task: i32, host: &JsValue, ms: f64) -> JsValue;
    fn finish(task: i32, settle: &JsValue, value: &JsValue);
}

/// The machine, as the JavaScript face hands it over: `{ fetch, clock, store, onEvent, complete }`.
pub struct Js(pub Json);

/// The sole right to work on an entry of the store.
pub struct Lock(JsValue);

impl Drop for Lock {
    fn drop(&mut self) {
        release(&self.0);
    }
}

impl Host for Js {
    type Value = Json;
    type Lock = Lock;

    fn fetch(&self, request: Request<Json>) -> impl Future<Output = Result<Response<Body<Json>>, FetchError>> {
        let headers = value::object();
        for (name, value) in request.headers.iter() {
            value::set_text(&headers, name, value);
        }
        let body = request.body.map_or(JsValue::UNDEFINED, |body| body.0);
        let errand = exchange(current(), &self.0.0, &request.url, request.method.as_str(), &headers, &body);
        Errand::new(errand, received)
    }

    fn sleep(&self, ms: f64) -> impl Future<Output = ()> {
        Errand::new(sleep(current(), &self.0.0, ms), drop)
    }

    fn now(&self) -> f64 {
        now(&self.0.0)
    }

    fn timeline(&self) -> f64 {
        timeline(&self.0.0)
    }

    fn random(&self) -> f64 {
        random()
    }

    fn parse_date(&self, text: &str) -> Option<f64> {
        let time = parse_date(text);
        (!time.is_nan()).then_some(time)
    }

    fn event(&self, event: Event<'_>) {
        if self.0.get("onEvent").is_some() {
            tell(&self.0.0, "onEvent", &to_js(&event));
        }
    }

    fn complete(&self) -> impl Future<Output = Result<(), String>> {
        Errand::new(complete(current(), &self.0.0), |outcome| given(outcome).map(drop))
    }

    fn nap(&self, ms: f64) -> impl Future<Output = ()> {
        Errand::new(nap(current(), &self.0.0, ms), drop)
    }

    fn attention(&self) -> Attention {
        Attention { hidden: hidden(), since: since(&self.0.0) }
    }

    fn stores(&self) -> bool {
        self.0.get("store").is_some()
    }

    fn load(&self) -> impl Future<Output = Result<Vec<(String, Json)>, String>> {
        Errand::new(load(current(), &self.0.0), entries)
    }

    fn write(&self, key: &str, value: Option<&Json>) -> impl Future<Output = Result<(), String>> + 'static + use<> {
        let value = value.map_or(JsValue::UNDEFINED, |value| value.0.clone());
        Errand::new(write(current(), &self.0.0, key, &value), |outcome| given(outcome).map(drop))
    }

    fn lock(&self, key: &str) -> impl Future<Output = Result<Option<Lock>, String>> {
        let taken = |outcome| given(outcome).map(|lock| (!lock.0.is_undefined()).then_some(Lock(lock.0)));
        Errand::new(lock(current(), &self.0.0, key), taken)
    }

    fn changed(&self, ms: f64) -> impl Future<Output = ()> {
        Errand::new(changed(current(), &self.0.0, ms), drop)
    }
}

/// Waits for the signal's abort; for ever where there is none.
pub fn aborted_by(signal: &JsValue) -> Errand<()> {
    Errand::new(aborted(current(), signal), drop)
}

/// Settles the running call's promise, when its writes are durable.
pub fn settle(how: &JsValue, value: &JsValue) {
    finish(current(), how, value);
}

/// What the caller's own code gave, or why it did not.
fn given(outcome: JsValue) -> Result<Json, String> {
    let outcome = Json(outcome);
    match outcome.text("lost") {
        Some(reason) => Err(reason),
        None => Ok(Json(value::get(&outcome.0, "value"))),
    }
}

fn entries(outcome: JsValue) -> Result<Vec<(String, Json)>, String> {
    let mut entries = Vec::new();
    for entry in given(outcome)?.items() {
        let mut entry = entry.items().into_iter();
        if let (Some(key), Some(value)) = (entry.next().and_then(|key| key.as_str()), entry.next()) {
            entries.push((key, value));
        }
    }
    Ok(entries)
}

fn received(answer: JsValue) -> Result<Response<Body<Json>>, FetchError> {
    let answer = Json(answer);
    if let Some(lost) = answer.text("lost") {
        return Err(if answer.flag("sent") == Some(false) {
            FetchError::NotSent(lost)
        } else {
            FetchError::Lost(lost)
        });
    }
    let mut headers = Headers::new();
    if let Some(fields) = answer.get("headers") {
        for name in fields.keys() {
            if let Some(value) = fields.text(&name) {
                headers = headers.with(name, value);
            }
        }
    }
    let body = match answer.text("text") {
        None => Body::Json(Json(value::get(&answer.0, "json"))),
        Some(text) if text.is_empty() => Body::Empty,
        Some(text) => Body::Text(text),
    };
    Ok(Response { status: answer.num("status").unwrap_or_default() as u16, headers, body })
}
