//! One HTTP exchange by the caller's `fetch`.

use super::abort::AbortOnDrop;
use super::convert::{get, reason};
use crate::engine::FetchError;
use crate::http::{Body, Headers, Payload, Request, Response};
use crate::json::Json;
use js_sys::{Function, JSON, JsString, Object, Promise, Reflect};
use wasm_bindgen::prelude::{JsCast, JsValue, wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestInit, RequestRedirect};

#[wasm_bindgen]
extern "C" {
    /// As `js_sys::JSON::parse`, of a text that JavaScript holds: it is not copied into the wasm and out again.
    #[wasm_bindgen(catch, js_namespace = JSON)]
    fn parse(text: &JsString) -> Result<JsValue, JsValue>;
}

/// What an answer's headers are asked for. In a page, only those that the server exposes are there.
const HEADERS: [&str; 7] = [
    "date",
    "retry-after",
    "retry-after-ms",
    "x-request-id",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
];

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

/// As many UTF-16 units of a body that is not JSON as an error shows, and a few more.
const EXCERPT: u32 = 600;

/// A file that is being uploaded: its bytes never enter the wasm.
pub struct File {
    /// A `Blob`.
    pub content: JsValue,
    /// The whole as a form, or `undefined`.
    pub form: JsValue,
}

/// Sends a request and reads the answer whole.
pub async fn exchange(
    fetch: &Function,
    request: Request<Payload>,
    file: Option<&File>,
) -> Result<Response<Body>, FetchError> {
    let not_sent = |thrown: JsValue| FetchError::NotSent(reason(&thrown));
    let abort = AbortOnDrop::new().map_err(not_sent)?;
    let init = init(&request, file).map_err(not_sent)?;
    init.set_signal(Some(&abort.signal()));
    // As a function of nobody: the global one is an "Illegal invocation" on any other object.
    let answer = fetch.call2(&JsValue::UNDEFINED, &request.url.into(), &init).map_err(not_sent)?;
    let received = received(&answer).await.map_err(|thrown| failed(&thrown))?;
    abort.finished();
    Ok(received)
}

fn init(request: &Request<Payload>, file: Option<&File>) -> Result<RequestInit, JsValue> {
    let headers = Object::new();
    for (name, value) in request.headers.iter() {
        Reflect::set(&headers, &name.into(), &value.into())?;
    }
    let init = RequestInit::new();
    init.set_method(request.method.as_str());
    init.set_headers(&headers);
    // Followed to another origin, a redirect would take the key along.
    init.set_redirect(RequestRedirect::Manual);
    match (&request.body, file) {
        (None, _) => {}
        (Some(Payload::Json(json)), _) => init.set_body(&JSON::stringify(json.as_ref())?.into()),
        (Some(Payload::File), Some(file)) => init.set_body(&file.content),
        (Some(Payload::Form), Some(file)) => init.set_body(&file.form),
        (Some(_), None) => return Err("there is no file to send".into()),
    }
    Ok(init)
}

async fn received(answer: &JsValue) -> Result<Response<Body>, JsValue> {
    let answer = JsFuture::from(Promise::resolve(answer)).await?;
    // Not checked: it may be of another realm, or what a test makes of an answer.
    let answer: web_sys::Response = answer.unchecked_into();
    // Its text need be neither a promise nor a string. What is thrown where nothing catches ends the wasm, and every call with it.
    let text = JsFuture::from(Promise::resolve(&answer.text()?)).await?;
    let text: JsString = text.dyn_into().map_err(|_| "the answer has no text")?;
    let mut headers = Headers::new();
    let given = answer.headers();
    for name in HEADERS {
        if let Some(value) = given.get(name)? {
            headers = headers.with(name, value);
        }
    }
    let body = match parse(&text) {
        Ok(value) => Body::Json(Json::from(value)),
        Err(_) if text.length() == 0 => Body::Empty,
        Err(_) => Body::Text(text.slice(0, EXCERPT).into()),
    };
    Ok(Response { status: answer.status(), headers, body })
}

fn failed(thrown: &JsValue) -> FetchError {
    let code = get(thrown, "code").as_string().or_else(|| get(&get(thrown, "cause"), "code").as_string());
    match code {
        Some(code) if NOT_SENT.contains(&code.as_str()) => FetchError::NotSent(reason(thrown)),
        _ => FetchError::Lost(reason(thrown)),
    }
}
