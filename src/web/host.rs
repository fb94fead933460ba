//! JavaScript as the host: its `fetch`, its timers (or the caller's clock), its dates.

use super::bell::Bell;
use super::cancel::AbortOnDrop;
use super::serialize::to_js;
use super::value::{Json, field, set};
use crate::engine::{Event, FetchError, Host};
use crate::http::{Body, Headers, Request, Response};
use gloo_timers::callback::Timeout;
use js_sys::{Date, Function, JSON, Math, Object, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Longer than this a timer of JavaScript fires at once.
const LONGEST_TIMER: f64 = 2_000_000_000.0;
/// As much of a body that is not JSON as an error shows, and a little.
const EXCERPT: u32 = 600;

/// What an answer's headers are asked for. In a page, only those that the server exposes are there.
const HEADERS: [&str; 4] = ["date", "retry-after", "retry-after-ms", "x-request-id"];

/// The error codes by which Node, Bun and Deno tell that no connection was made, so that nothing was sent.
const NOT_SENT: [&str; 7] = [
    "ECONNREFUSED",
    "ENOTFOUND",
    "EAI_AGAIN",
    "ENETUNREACH",
    "UND_ERR_CONNECT_TIMEOUT",
    "ERR_INVALID_URL",
    "ConnectionRefused",
];

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
            set(&headers, name, &value.into());
        }
        let init = Object::new();
        set(&init, "method", &request.method.as_str().into());
        set(&init, "headers", &headers);
        if let Some(body) = &request.body {
            let text = JSON::stringify(&body.0).map_err(|error| FetchError::NotSent(message(&error)))?;
            set(&init, "body", &text);
        }
        let abort = AbortOnDrop::new();
        if let Some(signal) = abort.signal() {
            set(&init, "signal", &signal);
        }
        let promise = self.fetch.call2(&JsValue::UNDEFINED, &request.url.as_str().into(), &init);
        let promise = promise.map_err(|error| FetchError::NotSent(message(&error)))?;
        let answer = JsFuture::from(Promise::resolve(&promise)).await.map_err(|error| {
            if was_not_sent(&error) { FetchError::NotSent(message(&error)) } else { FetchError::Lost(message(&error)) }
        })?;
        if !answer.is_object() {
            return Err(FetchError::Lost("fetch gave no Response".into()));
        }
        // Not `dyn_into`: an answer may come from another realm, or be a test's own object.
        let answer: web_sys::Response = answer.unchecked_into();
        let mut headers = Headers::new();
        let fields = answer.headers();
        for name in HEADERS {
            if let Ok(Some(value)) = fields.get(name) {
                headers = headers.with(name, value);
            }
        }
        let lost = |error: JsValue| FetchError::Lost(message(&error));
        let text = JsFuture::from(answer.text().map_err(lost)?).await.map_err(lost)?;
        abort.done();
        let body = match Json::parse(&text) {
            Ok(json) => Body::Json(json),
            Err(_) => match text.unchecked_into::<js_sys::JsString>().substring(0, EXCERPT).as_string() {
                Some(text) if !text.is_empty() => Body::Text(text),
                _ => Body::Empty,
            },
        };
        Ok(Response { status: answer.status(), headers, body })
    }

    async fn sleep(&self, ms: f64) {
        if let Some(clock) = &self.clock {
            let abort = AbortOnDrop::new();
            let signal = abort.signal().map_or(JsValue::UNDEFINED, JsValue::from);
            if let Some(promise) = method(clock, "sleep").and_then(|f| f.call2(clock, &ms.into(), &signal).ok()) {
                let _ = JsFuture::from(Promise::resolve(&promise)).await;
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
        let clock = self.clock.as_ref();
        let told = clock.and_then(|clock| method(clock, "now")?.call0(clock).ok()?.as_f64());
        told.unwrap_or_else(Date::now)
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

fn method(object: &JsValue, name: &str) -> Option<Function> {
    field(object, name)?.dyn_into().ok()
}

fn was_not_sent(error: &JsValue) -> bool {
    let code = |error: &JsValue| field(error, "code")?.as_string();
    let told = code(error).or_else(|| code(&field(error, "cause")?));
    told.is_some_and(|code| NOT_SENT.contains(&code.as_str()))
}

/// What a thrown thing says, whatever it is.
pub fn message(error: &JsValue) -> String {
    let own = |error: &JsValue| field(error, "message")?.as_string();
    let mut text = own(error).or_else(|| error.as_string()).unwrap_or_else(|| "unknown error".into());
    // Node says no more than "fetch failed"; the cause tells why.
    if let Some(cause) = field(error, "cause").and_then(|cause| own(&cause)).filter(|cause| !cause.is_empty()) {
        text.push_str(": ");
        text.push_str(&cause);
    }
    text
}
