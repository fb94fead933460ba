//! One call of a client: its options, and the listener that it notifies.

use super::abort::aborted;
use super::convert::{get, to_js};
use super::host::Js;
use crate::engine::{CallOptions, First, Host, Observer, Progress, QueuePosition, ValidatedRequest, race};
use crate::error::{Code, Error};
use crate::generation::Generation;
use crate::json::{Json, set_field};
use crate::rules::{self, Field, Shape};
use js_sys::Function;
use serde::Serialize;
use std::future::Future;
use std::pin::pin;
use wasm_bindgen::prelude::{JsCast, JsValue};

/// One call of a caller: what it asked for.
pub struct Call {
    pub options: Json,
    /// Those of them that the engine takes. Without a timeout the caller waits for ever.
    pub engine_options: CallOptions,
    signal: JsValue,
    /// When its caller's patience ends.
    deadline: f64,
    on_update: Option<Function>,
}

/// The options of a call that are plain.
const OPTIONS: &[Field] = &[
    Field::new("timeout", Shape::Milliseconds, ""),
    Field::new("price", Shape::Number { min: 0.0, max: 1e9 }, ""),
    Field::new("label", Shape::Text { min: 0, max: 1000 }, ""),
    Field::new("keep", Shape::Boolean, ""),
    Field::new("limit", Shape::Integer, ""),
    Field::new("offset", Shape::Integer, ""),
];

impl Call {
    pub fn new(options: JsValue, host: &Js) -> Self {
        let signal = get(&options, "signal");
        let on_update = get(&options, "onUpdate").dyn_into().ok();
        let options = Json::from(options);
        let engine_options =
            CallOptions { timeout: options.num("timeout").unwrap_or(f64::INFINITY), price: options.num("price") };
        Call { options, signal, deadline: host.now() + engine_options.timeout, engine_options, on_update }
    }

    /// Resolves when its caller gives up: why.
    pub async fn given_up(&self, host: &Js) -> Code {
        let late = host.sleep(self.deadline - host.now());
        match race(pin!(aborted(self.signal.clone())), pin!(late)).await {
            First::Left(()) => Code::Aborted,
            First::Right(()) => Code::Timeout,
        }
    }

    pub fn check(&self) -> Result<(), Error> {
        let mut problems = Vec::new();
        rules::check(OPTIONS, &self.options, true, &mut problems);
        if problems.is_empty() { Ok(()) } else { Err(Error::invalid(problems)) }
    }

    /// What is to be made, with what the caller wants on its ticket.
    pub fn noted(&self, request: ValidatedRequest) -> ValidatedRequest {
        request.noted(self.options.text("label"), self.options.is_on("keep"))
    }

    fn notify(&self, update: &impl Serialize, progress: Progress) {
        if let Some(listener) = &self.on_update {
            let update = to_js(update);
            set_field(&update, "progress", &to_js(&progress));
            let _ = listener.call1(&JsValue::UNDEFINED, &update);
        }
    }
}

/// The update of a creation that waits in the queue.
#[derive(Serialize)]
struct Waiting {
    state: &'static str,
    queue: QueuePosition,
}

impl Observer for Call {
    fn queued(&self, queue: QueuePosition, expected: f64) {
        self.notify(&Waiting { state: "waiting", queue }, Progress { elapsed: 0.0, expected, confidence: 0.0 });
    }

    fn update(&self, generation: &Generation, progress: Progress) {
        self.notify(generation, progress);
    }

    fn given_up(&self) -> impl Future<Output = ()> {
        aborted(self.signal.clone())
    }
}
