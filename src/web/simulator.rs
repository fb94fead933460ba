//! The simulator's wasm exports. Bytes cross as bytes, all else that has a structure as JSON text: none of it is on a
//! page's way to its first picture, and text keeps the seam thin.

use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::{JsError, JsValue, wasm_bindgen};

use crate::http::{Headers, Method, Request, Response};
use crate::simulator::{self, Options, Outcome};

/// A provider in memory.
#[wasm_bindgen]
pub struct Simulator(simulator::Simulator);

#[wasm_bindgen]
impl Simulator {
    /// Takes the options as JSON text.
    ///
    /// # Errors
    /// A sentence that names the option at fault.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str) -> Result<Simulator, JsError> {
        let value = serde_json::from_str(options)?;
        let options = Options::from_json(value).map_err(|sentence| JsError::new(&sentence))?;
        Ok(Simulator(simulator::Simulator::new(options)))
    }

    /// A request arrives. `headers` are names and values by turns. Gives `{ after, outcome, status, headers, body }`, the
    /// last three with an answer only; `outcome` is `answer`, `refused`, `cut`, `truncated` or `silence`.
    pub fn handle(
        &mut self,
        now: f64,
        method: &str,
        url: String,
        headers: Vec<String>,
        body: Option<Vec<u8>>,
    ) -> Object {
        // An unknown verb is one that no route takes.
        let method = Method::from_name(method).unwrap_or(Method::Patch);
        let headers = headers.chunks_exact(2).fold(Headers::new(), |all, pair| match pair {
            [name, value] => all.with(name.clone(), value.clone()),
            _ => all,
        });
        let reply = self.0.handle(now, &Request { method, url, headers, body });
        let result = Object::new();
        set(&result, "after", reply.after);
        let (outcome, response) = match reply.outcome {
            Outcome::Answer(response) => ("answer", Some(response)),
            Outcome::Truncated(response) => ("truncated", Some(response)),
            Outcome::Refused => ("refused", None),
            Outcome::Cut => ("cut", None),
            Outcome::Silence => ("silence", None),
        };
        set(&result, "outcome", outcome);
        if let Some(Response { status, headers, body }) = response {
            set(&result, "status", status);
            let pair = |(name, value): (&str, &str)| Array::of2(&name.into(), &value.into());
            set(&result, "headers", headers.iter().map(pair).collect::<Array>());
            set(&result, "body", Uint8Array::from(body.as_slice()));
        }
        result
    }

    /// When something happens next without a request, in ms.
    #[wasm_bindgen(js_name = nextDue)]
    pub fn next_due(&self) -> Option<f64> {
        self.0.next_due()
    }

    /// The callbacks to POST by now: JSON text of `{ id, url, headers, body }[]`, each body JSON text itself.
    pub fn due(&mut self, now: f64) -> String {
        text(&self.0.due(now))
    }

    /// How a callback went: its status, or nothing when there was no answer in time.
    pub fn delivered(&mut self, now: f64, callback: u32, status: Option<u16>) {
        self.0.delivered(now, u64::from(callback), status);
    }

    /// All that it holds, as JSON text.
    pub fn generations(&mut self, now: f64) -> String {
        text(&self.0.generations(now))
    }

    /// What happened until now, as JSON text.
    pub fn stats(&mut self, now: f64) -> String {
        text(&self.0.stats(now))
    }

    /// What arrived, as JSON text.
    pub fn requests(&self) -> String {
        text(&self.0.requests().collect::<Vec<_>>())
    }
}

/// All that is written here has string keys, so that nothing can go wrong.
fn text(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn set(object: &Object, name: &str, value: impl Into<JsValue>) {
    // Fails on a frozen object only.
    let _ = Reflect::set(object, &name.into(), &value.into());
}
