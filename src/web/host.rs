//! JavaScript as the host: its `fetch`, its timers (or the caller's clock), its dates.

use super::bell::Bell;
use super::cancel::AbortOnDrop;
use super::serialize::to_js;
use super::value::{Fields, Json};
use crate::engine::{Event, FetchError, Host};
use crate::http::{Body, Headers, Request, Response};
use crate::value::Value;
use gloo_timers::callback::Timeout;
use js_sys::{Date, Function, Math, Object, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortSignal;

/// Longer than this a timer of JavaScript fires at once.
const LONGEST_TIMER: f64 = 2_000_000_000.0;
#[wasm_bindgen(module = "/src/web/host.js")]
extern "C" {
    /// Sends a request and reads the answer whole: an object that tells what came, or what was lost.
    fn exchange(
        fetch: &Function,
        url: &str,
        method: &str,
        headers: &Object,
        body: Option<&JsValue>,
        signal: Option<AbortSignal>,
    ) -> Promise;
    /// Waits by the caller's clock; nothing where that clock cannot.
    fn sleep(clock: &JsValue, ms: f64, signal: Option<AbortSignal>) -> Option<Promise>;
    /// The time, by the caller's clock where there is one.
    fn now(clock: Option<&JsValue>) -> f64;
}

/// The machine, as the JavaScript face hands it over.
pub struct Js {
    /// `fetch(url, init)`.
    pub fetch: Function,
    /// The caller's clock, `{ now(), sleep(ms, signal) }`, in the place of the machine's own.
    pub clock: Option<JsValue>,
    /// Who is told of events.
    pub on_event: Option<Function>,
}

impl Host for Js {
    type Value = Json;

    async fn fetch(&self, request: Request<Json>) -> Result<Response<Body<Json>>, FetchError> {
        let headers = Object::new();
        for (name, value) in request.headers.iter() {
            Fields::of(&headers).set_text(name, value);
        }
        let abort = AbortOnDrop::new();
        let (url, method) = (&request.url, request.method.as_str());
        let body = request.body.as_ref().map(|body| &body.0);
        let promise = exchange(&self.fetch, url, method, &headers, body, abort.signal());
        let (Ok(answer) | Err(answer)) = JsFuture::from(promise).await;
        abort.done();
        received(&Json(answer))
    }

    async fn sleep(&self, ms: f64) {
        if let Some(clock) = &self.clock {
            let abort = AbortOnDrop::new();
            if let Some(promise) = sleep(clock, ms, abort.signal()) {
                let _ = JsFuture::from(promise).await;
                abort.done();
                return;
            }
        }
        let mut rest = ms;
        while rest > 0.0 {
            let step = rest.min(LONGEST_TIMER);
            let bell = Bell::default();
            let _timer = Timeout::new(step as u32, bell.ringer());
            bell.rung().await;
            rest -= step;
        }
    }

    fn now(&self) -> f64 {
        now(self.clock.as_ref())
    }

    fn random(&self) -> f64 {
        Math::random()
    }

    fn parse_date(&self, text: &str) -> Option<f64> {
        let time = Date::parse(text);
        (!time.is_nan()).then_some(time)
    }

    fn event(&self, event: Event<'_>) {
        if let Some(listener) = &self.on_event {
            // The face keeps a listener's exception from coming back here.
            let _ = listener.call1(&JsValue::UNDEFINED, &to_js(&event));
        }
    }
}

fn received(answer: &Json) -> Result<Response<Body<Json>>, FetchError> {
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
        None => Body::Json(Json(Fields::of(&answer.0).get("json"))),
        Some(text) if text.is_empty() => Body::Empty,
        Some(text) => Body::Text(text),
    };
    Ok(Response { status: answer.num("status").unwrap_or_default() as u16, headers, body })
}
