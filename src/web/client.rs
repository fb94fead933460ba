//! The client's wasm exports. Each gives a promise and borrows nothing: the engine is shared by `Rc`, so that no call
//! stands in another's way. A rejection is a plain object, which the JavaScript face turns into a `LumaError`.

use super::cancel::until_aborted;
use super::host::{Js, message};
use super::value::{Json, set, to_js};
use crate::engine::{Client as Engine, Observer, Progress, Settings, Target};
use crate::error::{Code, Creation, Error, Problem, ProblemCode};
use crate::generation::Generation;
use crate::provider::Lookup;
use crate::request::RequestKind;
use crate::value::Value;
use js_sys::{Function, Promise, Reflect};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::future_to_promise;
use web_sys::AbortSignal;

type Result<T> = std::result::Result<T, Error<Json>>;

/// A client.
#[wasm_bindgen]
pub struct Client(Rc<Engine<Js>>);

#[wasm_bindgen]
impl Client {
    /// Makes a client from `createClient`'s options, with `fetch` filled in by the face.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue) -> std::result::Result<Client, JsValue> {
        let settings = Settings::read(&Json(options.clone())).map_err(|error| to_js(&error))?;
        let function = |name: &str| Reflect::get(options, &name.into()).ok()?.dyn_into::<Function>().ok();
        let clock = Json(options.clone()).get("clock").map(|clock| clock.0);
        let Some(fetch) = function("fetch") else {
            return Err(to_js(&Error::<Json>::new(
                Code::Unsupported,
                "This runtime has no fetch: give one as an option",
            )));
        };
        let host = Js { fetch, clock, on_event: function("onEvent") };
        Ok(Client(Rc::new(Engine::new(host, settings))))
    }

    /// Makes a job and waits for it.
    pub fn generate(&self, request: JsValue, options: JsValue) -> Promise {
        self.run(options, async move |engine, call| {
            Ok(to_js(&engine.generate(&snapshot(&request)?, call.timeout()?, call).await?))
        })
    }

    /// Makes a job.
    pub fn create(&self, request: JsValue, options: JsValue) -> Promise {
        self.run(options, async move |engine, call| Ok(to_js(&engine.create(&snapshot(&request)?, call).await?)))
    }

    /// Makes a larger video out of a job's.
    pub fn upscale(&self, id: JsValue, request: JsValue, options: JsValue) -> Promise {
        self.derive(RequestKind::UpscaleVideo, id, request, options)
    }

    /// Adds sound to a job's video.
    #[wasm_bindgen(js_name = addAudio)]
    pub fn add_audio(&self, id: JsValue, request: JsValue, options: JsValue) -> Promise {
        self.derive(RequestKind::AddAudio, id, request, options)
    }

    /// Waits for a job.
    pub fn poll(&self, target: JsValue, options: JsValue) -> Promise {
        self.run(options, async move |engine, call| {
            let target = match target.as_string() {
                Some(id) => Target::Id(id),
                None => engine.target(&snapshot(&target)?).ok_or_else(|| wrong("id", A_GENERATION))?,
            };
            Ok(to_js(&engine.poll(target, call.timeout()?, call).await?))
        })
    }

    /// Reads a job.
    pub fn get(&self, id: JsValue, options: JsValue) -> Promise {
        self.run(options, async move |engine, _| Ok(to_js(&engine.get(&id_of(&id)?).await?)))
    }

    /// Removes a job.
    pub fn delete(&self, id: JsValue, options: JsValue) -> Promise {
        self.run(options, async move |engine, _| {
            engine.delete(&id_of(&id)?).await?;
            Ok(JsValue::UNDEFINED)
        })
    }

    /// Reads a page of jobs; `limit` and `offset` are among the options.
    pub fn list(&self, options: JsValue) -> Promise {
        self.run(options, async move |engine, call| {
            let (limit, offset) = (call.count("limit")?, call.count("offset")?);
            Ok(to_js(&engine.list(limit, offset).await?))
        })
    }

    /// The camera motions that a prompt may name.
    #[wasm_bindgen(js_name = cameraMotions)]
    pub fn camera_motions(&self, options: JsValue) -> Promise {
        self.run(options, async move |engine, _| Ok(to_js(&engine.words(Lookup::CameraMotions).await?)))
    }

    /// The keys that `concepts` takes.
    pub fn concepts(&self, options: JsValue) -> Promise {
        self.run(options, async move |engine, _| Ok(to_js(&engine.words(Lookup::Concepts).await?)))
    }

    /// What is left to spend.
    pub fn credits(&self, options: JsValue) -> Promise {
        self.run(options, async move |engine, _| Ok(to_js(&engine.credits().await?)))
    }

    /// Whether the service answers.
    pub fn ping(&self, options: JsValue) -> Promise {
        self.run(options, async move |engine, _| Ok(to_js(&engine.ping().await?)))
    }

    /// Every broken rule of a request; nothing is sent.
    pub fn validate(&self, request: JsValue) -> Promise {
        self.run(JsValue::UNDEFINED, async move |engine, _| {
            let problems = match snapshot(&request) {
                Ok(request) => engine.check(&request).err().unwrap_or_default(),
                Err(error) => error.problems,
            };
            Ok(to_js(&problems))
        })
    }

    /// What a request costs; nothing is sent.
    pub fn estimate(&self, request: JsValue) -> Promise {
        self.run(JsValue::UNDEFINED, async move |engine, _| Ok(to_js(&engine.estimate(&snapshot(&request)?)?)))
    }
}

impl Client {
    fn derive(&self, kind: RequestKind, id: JsValue, request: JsValue, options: JsValue) -> Promise {
        self.run(options, async move |engine, call| {
            // Nothing asked for in particular is still a body.
            let request = if request.is_undefined() { Json::object(Vec::new()) } else { snapshot(&request)? };
            Ok(to_js(&engine.derive(kind, &id_of(&id)?, &request, call).await?))
        })
    }

    fn run<W>(&self, options: JsValue, work: W) -> Promise
    where
        W: AsyncFnOnce(&Engine<Js>, &Call) -> Result<JsValue> + 'static,
    {
        let engine = self.0.clone();
        future_to_promise(async move {
            let call = Call { options: Json(options), seen: RefCell::default() };
            let signal = call.options.get("signal").map(|signal| signal.0.unchecked_into::<AbortSignal>());
            let outcome = until_aborted(signal, work(&engine, &call)).await;
            match outcome {
                Some(outcome) => outcome,
                None => Err(call.aborted()),
            }
            .map_err(|mut error| {
                error.provider = Some(engine.provider());
                to_js(&error)
            })
        })
    }
}

/// One call of a caller: what it asked for, and how far it came, which is what an abort leaves it with.
struct Call {
    options: Json,
    seen: RefCell<Seen>,
}

#[derive(Default)]
struct Seen {
    creation: Option<Creation<Json>>,
    generation: Option<Generation<Json>>,
}

impl Call {
    /// The caller's patience in ms; without end when none is given.
    fn timeout(&self) -> Result<f64> {
        match self.options.get("timeout") {
            None => Ok(f64::INFINITY),
            Some(value) => match value.as_f64() {
                Some(ms) if ms > 0.0 => Ok(ms),
                _ => Err(wrong("timeout", "must be a number of ms above 0")),
            },
        }
    }

    fn count(&self, name: &str) -> Result<Option<f64>> {
        match self.options.get(name) {
            None => Ok(None),
            Some(value) => match value.as_f64() {
                Some(count) if count >= 0.0 && count.fract() == 0.0 => Ok(Some(count)),
                _ => Err(wrong(name, "must be a whole number, zero or more")),
            },
        }
    }

    fn aborted(&self) -> Error<Json> {
        let seen = self.seen.take();
        let message = match (&seen.creation, &seen.generation) {
            (Some(_), _) => "Aborted while a creation was under way: it may have been made and charged",
            (None, Some(_)) => "Aborted while waiting: the generation goes on, and poll() takes it up again",
            (None, None) => "Aborted before anything was created",
        };
        Error {
            creation: seen.creation,
            generation: seen.generation.map(Box::new),
            ..Error::new(Code::Aborted, message)
        }
    }
}

impl Observer<Json> for Call {
    fn sending(&self, creation: Option<&Creation<Json>>) {
        self.seen.borrow_mut().creation = creation.cloned();
    }

    fn update(&self, generation: &Generation<Json>, progress: Progress) {
        self.seen.borrow_mut().generation = Some(generation.clone());
        let listener = self.options.get("onUpdate").and_then(|listener| listener.0.dyn_into::<Function>().ok());
        if let Some(listener) = listener {
            let update = to_js(generation);
            set(&update, "progress", &to_js(&progress));
            // The face keeps a listener's exception from coming back here.
            let _ = listener.call1(&JsValue::UNDEFINED, &update);
        }
    }
}

const A_GENERATION: &str = "must be the id of a generation, or a generation";

fn snapshot(value: &JsValue) -> Result<Json> {
    Json::snapshot(value).map_err(|error| not_json(&error))
}

fn not_json(error: &JsValue) -> Error<Json> {
    wrong("", &["must be plain JSON: ", &message(error)].concat())
}

/// An id, or anything that carries one.
fn id_of(value: &JsValue) -> Result<String> {
    let id = value.as_string().or_else(|| Json(value.clone()).text("id"));
    id.ok_or_else(|| wrong("id", A_GENERATION))
}

fn wrong(path: &str, message: &str) -> Error<Json> {
    Error::invalid(vec![Problem { path: path.into(), code: ProblemCode::InvalidType, message: message.into() }])
}
