//! One HTTP exchange by the caller's `fetch`.

use super::abort::AbortOnDrop;
use super::convert::{get, reason};
use crate::engine::{FetchError, Key};
use crate::http::{ANSWER_HEADERS, Body, Headers, Payload, Request, Response};
use crate::json::{Json, set_field};
use js_sys::{JSON, JsString, Object, Promise};
use wasm_bindgen::prelude::{JsCast, JsValue, wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestInit, RequestRedirect};

#[wasm_bindgen]
extern "C" {
    /// The caller's `fetch`.
    pub type Fetch;
    #[wasm_bindgen(method, catch)]
    fn call(this: &Fetch, receiver: &JsValue, url: &str, init: &RequestInit) -> Result<Option<JsValue>, JsValue>;

    /// What `fetch` gave, which may be of another realm, or what a test makes of an answer. Not web-sys' `Response`, whose getters do not catch: what
    /// is thrown where nothing catches ends the wasm, and every call with it.
    type Answer;
    #[wasm_bindgen(method, catch)]
    fn text(this: &Answer) -> Result<Option<JsValue>, JsValue>;
    type AnswerHeaders;
    #[wasm_bindgen(method, catch)]
    fn get(this: &AnswerHeaders, name: &str) -> Result<Option<JsValue>, JsValue>;
}

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
    fetch: &Fetch,
    request: Request<Payload>,
    file: Option<&File>,
    key: Option<&Key>,
) -> Result<Response<Body>, FetchError> {
    let begun = begin(fetch, &request, file);
    let (answer, abort) = begun.map_err(|thrown| FetchError::NotSent(reason(&thrown)))?;
    // Its address and headers are JavaScript's now. Thousands may wait for their answers.
    drop(request);
    let received = received(&answer, key).await.map_err(|thrown| failed(&thrown))?.ok_or(FetchError::NoAnswer)?;
    abort.finished();
    Ok(received)
}

fn begin(fetch: &Fetch, request: &Request<Payload>, file: Option<&File>) -> Result<(JsValue, AbortOnDrop), JsValue> {
    let abort = AbortOnDrop::new()?;
    let init = init(request, file)?;
    init.set_signal(Some(&abort.signal()));
    // Without a receiver: the global one is an "Illegal invocation" on any other object.
    let answer = fetch.call(&JsValue::UNDEFINED, &request.url, &init)?;
    Ok((answer.unwrap_or_default(), abort))
}

fn init(request: &Request<Payload>, file: Option<&File>) -> Result<RequestInit, JsValue> {
    let headers = Object::new();
    for (name, value) in request.headers.iter() {
        set_field(&headers, name, &value.into());
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

async fn received(answer: &JsValue, key: Option<&Key>) -> Result<Option<Response<Body>>, JsValue> {
    let answer: Answer = JsFuture::from(Promise::resolve(answer)).await?.unchecked_into();
    let headers = get(&answer, "headers");
    let (Some(status), true, true) =
        (get(&answer, "status").as_f64(), get(&answer, "text").is_function(), get(&headers, "get").is_function())
    else {
        return Ok(None);
    };
    let given: AnswerHeaders = headers.unchecked_into();
    let text = answer.text()?.unwrap_or_default();
    let text: JsString =
        JsFuture::from(Promise::resolve(&text)).await?.dyn_into().map_err(|_| "the answer has no text")?;
    let text = without(key, text);
    let mut headers = Headers::new();
    for name in ANSWER_HEADERS {
        if let Some(value) = given.get(name)? {
            headers = headers.with(name, value.as_string().ok_or("a header of the answer is no text")?);
        }
    }
    let body = match Json::parse(&text) {
        _ if text.length() == 0 => Body::Empty,
        Some(value) => Body::Json(value),
        None => Body::Text(text.slice(0, EXCERPT).into()),
    };
    Ok(Some(Response { status: status as u16, headers, body }))
}

/// A text without the key: whatever is read in it shows none.
fn without(key: Option<&Key>, text: JsString) -> JsString {
    match key.filter(|key| key.unmistakable_forms().iter().any(|form| text.includes(form, 0))) {
        Some(key) => key.remove_from(&String::from(text)).into(),
        None => text,
    }
}

/// The face classifies why its fetch failed.
fn failed(thrown: &JsValue) -> FetchError {
    match get(thrown, "sent").as_string().as_deref() {
        Some("not") => FetchError::NotSent(reason(thrown)),
        Some("never") => FetchError::NotSendable(reason(thrown)),
        _ => FetchError::Lost(reason(thrown)),
    }
}
