//! The client's wasm exports. Each gives a promise and borrows nothing: the engine is shared by `Rc`, so that no call stands in another's way. A
//! rejection is a plain object, which the JavaScript face turns into a `LumaError`.

use super::abort::aborted;
use super::convert::{get, to_js};
use super::executor;
use super::host::Js;
use super::http;
use super::store::Writes;
use crate::engine::{
    AccountRegistry, Budget, CallOptions, Client as Engine, First, Observer, Progress, Query, QueuePosition, Settings,
    Target, Task, race,
};
use crate::error::{Code, Error, Problem, ProblemCode};
use crate::generation::Generation;
use crate::json::{Json, Kind};
use crate::provider::{AccountQuery, File, FileFilter, FileQuery};
use crate::request::RequestKind;
use crate::rules::{self, Field, Shape};
use js_sys::{Function, Promise, Reflect};
use serde::Serialize;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use wasm_bindgen::prelude::{JsCast, JsValue, wasm_bindgen};

type Result<T> = std::result::Result<T, Error>;

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
    /// How many jobs wait or run: `()`.
    ActiveTasks,
    /// Whether the service answers: `()`.
    Ping,
    /// Every broken rule of a request; nothing is sent: `(request)`.
    Validate,
    /// What a request costs; nothing is sent: `(request)`.
    Estimate,
    /// What can be taken up: `()`.
    Tickets,
    /// Takes a ticket up: `(its id)`.
    Resume,
    /// The accounts that the service works on: `()`, or `(e-mail)` for one of them.
    Accounts,
    /// One more of them: `(session)`.
    AddAccount,
    /// One less of them: `(e-mail)`.
    RemoveAccount,
    /// Reads what the provider posted to a callback; nothing is sent: `(what was posted)`.
    Callback,
    /// Hands a file over, and tells how a request names it: `({ name, media_type, size, account, content, details, form,
    /// form_type })`.
    Upload,
    /// A page of the files that were handed over, chosen by the options: `()`, or `(id)` for one of them.
    Files,
    /// One less of them: `(id)`.
    RemoveFile,
}

thread_local! {
    /// What the clients of one account share.
    static ISOLATE: AccountRegistry = AccountRegistry::default();
}

#[wasm_bindgen]
impl Client {
    /// Makes a client from `createClient`'s options, in which the face has filled in `fetch`.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue) -> std::result::Result<Client, JsValue> {
        let settings = Settings::read(&options.clone().into()).map_err(|error| to_js(&error))?;
        let engine = ISOLATE.with(|isolate| Engine::within(isolate, Js::new(options), settings));
        Ok(Client(Rc::new(engine)))
    }

    /// Makes a call. `subject` and `request` are what the method takes, as JSON that nobody else holds; `options` are the caller's, in an object
    /// that the face has made.
    pub fn call(&self, method: Method, subject: JsValue, request: JsValue, options: JsValue) -> Promise {
        let engine = self.0.clone();
        executor::promise(async move {
            let call = Call::new(options);
            let (subject, request) = (subject.into(), request.into());
            let outcome = Writes::within(perform(&engine, &call, method, &subject, &request)).await;
            outcome.map_err(|error| to_js(&error.with_provider(engine.provider())))
        })
    }

    /// The client for a batch with a budget of its own, `{ usd, price }`, or with none.
    pub fn batch(&self, budget: JsValue) -> std::result::Result<Client, JsValue> {
        let batch = |budget| Client(Rc::new(self.0.batch(budget)));
        Budget::read(&budget.into()).map(batch).map_err(|error| to_js(&error))
    }
}

/// What a call comes to.
enum Work {
    Done(JsValue),
    /// Without a query the tickets are asked for.
    Ask(Option<Query>),
    Upload(File, http::File),
    Run(Task),
}

async fn perform(engine: &Engine<Js>, call: &Call, method: Method, subject: &Json, request: &Json) -> Result<JsValue> {
    call.check()?;
    let work = match plan(engine, call, method, subject, request)? {
        Work::Done(value) => return Ok(value),
        Work::Run(task) => return Ok(to_js(&engine.run(task, call.terms(), call).await?)),
        work => work,
    };
    let asked = pin!(async {
        Ok(match work {
            Work::Ask(Some(query)) => to_js(&engine.ask(query).await?),
            Work::Upload(file, content) => to_js(&engine.upload(file, &content).await?),
            _ => to_js(&engine.tickets().await?),
        })
    });
    match race(aborted(call.signal.clone()), asked).await {
        First::Left(()) => Err(Error::new(Code::Aborted, "Aborted")),
        First::Right(answer) => answer,
    }
}

fn plan(engine: &Engine<Js>, call: &Call, method: Method, subject: &Json, request: &Json) -> Result<Work> {
    let create = |kind| {
        // Nothing asked for in particular is still a body.
        let body = if request.kind() == Kind::Null { Json::object(Vec::new()) } else { request.clone() };
        Ok(Work::Run(Task::Create(engine.validate_derived(kind, &id_of(subject)?, &body)?)))
    };
    Ok(match method {
        Method::Generate => Work::Run(Task::Generate(engine.validate(subject)?)),
        Method::Create => Work::Run(Task::Create(engine.validate(subject)?)),
        Method::Upscale => return create(RequestKind::UpscaleVideo),
        Method::AddAudio => return create(RequestKind::AddAudio),
        Method::Poll => {
            let target = match subject.as_str() {
                Some(id) => Target::Id(id),
                None => engine.target(subject).ok_or_else(|| wrong("id", A_GENERATION))?,
            };
            Work::Run(Task::Poll(target))
        }
        Method::Get => Work::Ask(Some(Query::Generation(id_of(subject)?))),
        Method::Delete => Work::Ask(Some(Query::Removal(id_of(subject)?))),
        Method::List => {
            Work::Ask(Some(Query::Page { limit: call.options.num("limit"), offset: call.options.num("offset") }))
        }
        Method::CameraMotions => Work::Ask(Some(Query::CameraMotions)),
        Method::Concepts => Work::Ask(Some(Query::Concepts)),
        Method::Credits => Work::Ask(Some(Query::Credits)),
        Method::ActiveTasks => Work::Ask(Some(Query::ActiveTasks)),
        Method::Ping => Work::Ask(Some(Query::Ping)),
        Method::Validate => Work::Done(to_js(&engine.check(subject))),
        Method::Accounts => {
            let one = subject.as_str().map_or(AccountQuery::All, AccountQuery::One);
            Work::Ask(Some(Query::Account(one)))
        }
        Method::AddAccount => {
            let session = subject.as_str().ok_or_else(|| wrong("session", "must be the text of the session cookie"))?;
            Work::Ask(Some(Query::Account(AccountQuery::Add(session))))
        }
        Method::RemoveAccount => Work::Ask(Some(Query::Account(AccountQuery::Remove(id_of(subject)?)))),
        Method::Tickets => Work::Ask(None),
        Method::Resume => Work::Run(Task::Resume(id_of(subject)?)),
        Method::Estimate => Work::Done(to_js(&engine.estimate(subject)?)),
        Method::Callback => Work::Done(to_js(&engine.posted(subject)?)),
        Method::Upload => {
            let file = File {
                name: subject.text("name").unwrap_or_default(),
                media_type: subject.text("media_type").unwrap_or_default(),
                size: subject.num("size").unwrap_or_default(),
                account: subject.text("account"),
                base64: subject.get("base64"),
                details: subject.get("details"),
                form_type: subject.text("form_type"),
            };
            let part = |name| get(subject.as_ref(), name);
            Work::Upload(file, http::File { content: part("content"), form: part("form") })
        }
        Method::Files => Work::Ask(Some(Query::File(match subject.kind() == Kind::Null {
            true => FileQuery::Page(FileFilter::read(&call.options).map_err(Error::invalid)?),
            false => FileQuery::One(file_id(subject)?),
        }))),
        Method::RemoveFile => Work::Ask(Some(Query::File(FileQuery::Removal(file_id(subject)?)))),
    })
}

/// One call of a caller: what it asked for.
struct Call {
    options: Json,
    signal: JsValue,
    on_update: Option<Function>,
}

/// The options of a call that are plain.
const OPTIONS: &[Field] = &[
    Field::new("timeout", Shape::Milliseconds, ""),
    Field::new("price", Shape::Number { min: 0.0, max: 1e9 }, ""),
    Field::new("limit", Shape::Integer, ""),
    Field::new("offset", Shape::Integer, ""),
];

impl Call {
    fn new(options: JsValue) -> Self {
        let signal = get(&options, "signal");
        let on_update = get(&options, "onUpdate").dyn_into().ok();
        Call { options: options.into(), signal, on_update }
    }

    fn check(&self) -> Result<()> {
        let mut problems = Vec::new();
        rules::check(OPTIONS, &self.options, true, &mut problems);
        if problems.is_empty() { Ok(()) } else { Err(Error::invalid(problems)) }
    }

    /// The caller's patience is without end when none is given.
    fn terms(&self) -> CallOptions {
        CallOptions { timeout: self.options.num("timeout").unwrap_or(f64::INFINITY), price: self.options.num("price") }
    }

    fn tell(&self, update: &impl Serialize, progress: Progress) {
        if let Some(listener) = &self.on_update {
            let update = to_js(update);
            let _ = Reflect::set(&update, &"progress".into(), &to_js(&progress));
            let _ = listener.call1(&JsValue::UNDEFINED, &update);
        }
    }
}

/// What a caller is told of a creation that waits for its turn.
#[derive(Serialize)]
struct Waiting {
    state: &'static str,
    queue: QueuePosition,
}

impl Observer for Call {
    fn queued(&self, queue: QueuePosition, expected: f64) {
        self.tell(&Waiting { state: "waiting", queue }, Progress { elapsed: 0.0, expected, confidence: 0.0 });
    }

    fn update(&self, generation: &Generation, progress: Progress) {
        self.tell(generation, progress);
    }

    fn given_up(&self) -> impl Future<Output = ()> {
        aborted(self.signal.clone())
    }
}

const A_GENERATION: &str = "must be the id of a generation, or a generation";

/// An id, or anything that carries one.
fn id_of(value: &Json) -> Result<String> {
    let id = value.as_str().or_else(|| value.text("id"));
    id.ok_or_else(|| wrong("id", A_GENERATION))
}

/// The id of a file, alone or in what stands for it.
fn file_id(value: &Json) -> Result<String> {
    let id = value.as_str().or_else(|| value.text("id")).or_else(|| value.text("file_id"));
    id.ok_or_else(|| wrong("id", "must be the id of a file, a file, or what upload gave"))
}

fn wrong(path: &str, message: &str) -> Error {
    Error::invalid(vec![Problem::new(path, ProblemCode::InvalidType, message)])
}
