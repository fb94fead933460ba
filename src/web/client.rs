//! The client's wasm exports. Each gives a promise and borrows nothing: the engine is shared by `Rc`, so that no call
//! stands in another's way. A rejection is a plain object, which the JavaScript face turns into a `LumaError`.

use super::executor::spawn;
use super::host::{self, Js};
use super::serialize::to_js;
use super::value::{Json, get, set};
use crate::engine::{Client as Engine, Observer, Progress, Query, Settings, Target, Task};
use crate::error::{Code, Creation, Error, Problem, ProblemCode};
use crate::generation::Generation;
use crate::request::RequestKind;
use crate::rules::{self, Field, Shape};
use crate::value::Value;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

type Result<T> = std::result::Result<T, Error<Json>>;

/// A client.
#[wasm_bindgen]
pub struct Client(Rc<Engine<Js>>);

/// What a client does: one export with a number costs a tenth of one export each.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum Method {
    /// Makes a job and waits for it: `(request)`.
    Generate,
    /// Makes a job: `(request)`.
    Create,
    /// Waits for a job: `(id or generation)`.
    Poll,
    /// Reads a job: `(id)`.
    Get,
    /// Removes a job: `(id)`.
    Delete,
    /// Reads a page of jobs; `limit` and `offset` are among the options: `()`.
    List,
    /// Makes a larger video out of a job's: `(id, request)`.
    Upscale,
    /// Adds sound to a job's video: `(id, request)`.
    AddAudio,
    /// The camera motions that a prompt may name: `()`.
    CameraMotions,
    /// The keys that `concepts` takes: `()`.
    Concepts,
    /// What is left to spend: `()`.
    Credits,
    /// Whether the service answers: `()`.
    Ping,
    /// Every broken rule of a request; nothing is sent: `(request)`.
    Validate,
    /// What a request costs; nothing is sent: `(request)`.
    Estimate,
}

#[wasm_bindgen]
impl Client {
    /// Makes a client from `createClient`'s options, with `fetch` filled in by the face.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue) -> std::result::Result<Client, JsValue> {
        Client::read(options).map_err(|error| to_js(&error))
    }

    /// Starts a call. `subject` and `request` are what the method takes, as JSON that nobody else holds; `options` is an
    /// object that the face has made: the caller's options, `resolve` and `reject`.
    pub fn call(&self, method: Method, subject: JsValue, request: JsValue, options: JsValue) {
        let engine = self.0.clone();
        spawn(async move {
            let call = Call { options: Json(options), seen: RefCell::default() };
            let (subject, request) = (Json(subject), Json(request));
            let work = perform(&engine, &call, method, &subject, &request);
            let outcome = host::until_aborted(&get(&call.options.0, "signal"), work).await;
            match outcome.unwrap_or_else(|| Err(call.aborted())) {
                Ok(value) => host::settle(&get(&call.options.0, "resolve"), &value),
                Err(error) => host::settle(&get(&call.options.0, "reject"), &to_js(&error.from(engine.provider()))),
            }
        });
    }
}

impl Client {
    fn read(options: &JsValue) -> Result<Client> {
        let options = Json(options.clone());
        let settings = Settings::read(&options)?;
        Ok(Client(Rc::new(Engine::new(Js(options), settings))))
    }
}

/// What a call comes to.
enum Work {
    Done(JsValue),
    Ask(Query),
    Run(Task<Json>, f64),
}

async fn perform(engine: &Engine<Js>, call: &Call, method: Method, subject: &Json, request: &Json) -> Result<JsValue> {
    call.check()?;
    Ok(match plan(engine, call, method, subject, request)? {
        Work::Done(value) => value,
        Work::Ask(query) => to_js(&engine.ask(query).await?),
        Work::Run(task, timeout) => to_js(&engine.run(task, timeout, call).await?),
    })
}

fn plan(engine: &Engine<Js>, call: &Call, method: Method, subject: &Json, request: &Json) -> Result<Work> {
    let create = |kind| {
        // Nothing asked for in particular is still a body.
        let body = if request.0.is_undefined() { Json::object(Vec::new()) } else { request.clone() };
        Ok(Work::Run(Task::Create(engine.derived(kind, &id_of(subject)?, &body)?), f64::INFINITY))
    };
    Ok(match method {
        Method::Generate => Work::Run(Task::Generate(engine.order(subject)?), call.timeout()),
        Method::Create => Work::Run(Task::Create(engine.order(subject)?), f64::INFINITY),
        Method::Upscale => return create(RequestKind::UpscaleVideo),
        Method::AddAudio => return create(RequestKind::AddAudio),
        Method::Poll => {
            let target = match subject.as_str() {
                Some(id) => Target::Id(id),
                None => engine.target(subject).ok_or_else(|| wrong("id", A_GENERATION))?,
            };
            Work::Run(Task::Poll(target), call.timeout())
        }
        Method::Get => Work::Ask(Query::Generation(id_of(subject)?)),
        Method::Delete => Work::Ask(Query::Removal(id_of(subject)?)),
        Method::List => Work::Ask(Query::Page { limit: call.options.num("limit"), offset: call.options.num("offset") }),
        Method::CameraMotions => Work::Ask(Query::CameraMotions),
        Method::Concepts => Work::Ask(Query::Concepts),
        Method::Credits => Work::Ask(Query::Credits),
        Method::Ping => Work::Ask(Query::Ping),
        Method::Validate => {
            let checked = engine.check(subject).map_err(Error::<Json>::invalid);
            Work::Done(to_js(&checked.err().map(|error| error.problems.clone()).unwrap_or_default()))
        }
        Method::Estimate => Work::Done(to_js(&engine.estimate(subject)?)),
    })
}

/// One call of a caller: what it asked for, and how far it came, which is what an abort leaves it with.
struct Call {
    options: Json,
    seen: RefCell<Seen>,
}

/// The options of a call that are plain.
const OPTIONS: &[Field] = &[
    Field::new("timeout", Shape::Milliseconds, ""),
    Field::new("limit", Shape::Whole, ""),
    Field::new("offset", Shape::Whole, ""),
];

#[derive(Default)]
struct Seen {
    creation: Option<Creation<Json>>,
    generation: Option<Generation<Json>>,
}

impl Call {
    fn check(&self) -> Result<()> {
        let mut problems = Vec::new();
        rules::check(OPTIONS, &self.options, true, &mut problems);
        if problems.is_empty() { Ok(()) } else { Err(Error::invalid(problems)) }
    }

    /// The caller's patience in ms; without end when none is given.
    fn timeout(&self) -> f64 {
        self.options.num("timeout").unwrap_or(f64::INFINITY)
    }

    fn aborted(&self) -> Error<Json> {
        let seen = self.seen.take();
        let message = match (&seen.creation, &seen.generation) {
            (Some(_), _) => "Aborted while a creation was under way: it may have been made and charged",
            (None, Some(_)) => "Aborted while waiting: the generation goes on, and poll() takes it up again",
            (None, None) => "Aborted before anything was created",
        };
        let mut error = Error::new(Code::Aborted, message);
        error.creation = seen.creation;
        error.about(seen.generation)
    }
}

impl Observer<Json> for Call {
    fn sending(&self, creation: Option<&Creation<Json>>) {
        self.seen.borrow_mut().creation = creation.cloned();
    }

    fn update(&self, generation: &Generation<Json>, progress: Progress) {
        self.seen.borrow_mut().generation = Some(generation.clone());
        if self.options.get("onUpdate").is_some() {
            let update = to_js(generation);
            set(&update, "progress", &to_js(&progress));
            host::tell(&self.options.0, "onUpdate", &update);
        }
    }
}

const A_GENERATION: &str = "must be the id of a generation, or a generation";

/// An id, or anything that carries one.
fn id_of(value: &Json) -> Result<String> {
    let id = value.as_str().or_else(|| value.text("id"));
    id.ok_or_else(|| wrong("id", A_GENERATION))
}

fn wrong(path: &str, message: &str) -> Error<Json> {
    Error::invalid(vec![Problem::new(path, ProblemCode::InvalidType, message)])
}
