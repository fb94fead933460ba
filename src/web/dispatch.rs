//! What each method does with what it was given.

use super::call::Call;
use super::convert::{get, to_js};
use super::host::Js;
use super::http;
use super::method::Method;
use crate::engine::{Client as Engine, First, Query, Target, Task, race};
use crate::error::{Code, Error, Problem, ProblemCode};
use crate::json::{Json, Kind};
use crate::provider::{AccountQuery, File, FileFilter, FileQuery};
use crate::request::RequestKind;
use std::pin::pin;
use wasm_bindgen::prelude::JsValue;

type Result<T> = std::result::Result<T, Error>;

/// What a call comes to.
enum Work {
    Done(JsValue),
    Ask(Query),
    Tickets,
    Upload(File, http::File),
    Acknowledge,
    Run(Task),
}

/// Does what a call asks for.
pub async fn perform(
    engine: &Engine<Js>,
    call: &Call,
    method: Method,
    subject: &Json,
    request: &Json,
) -> Result<JsValue> {
    call.check()?;
    let work = plan(engine, call, method, subject, request)?;
    let work = match work {
        Work::Done(value) => return Ok(value),
        Work::Run(task) => return Ok(to_js(&engine.run(task, call.engine_options, call).await?)),
        work => work,
    };
    // It is boxed: a job that is waited for needs no room for it.
    let asked = Box::pin(async {
        Ok(match work {
            Work::Ask(query) => to_js(&engine.ask(query).await?),
            Work::Acknowledge => {
                engine.acknowledge(subject).await?;
                JsValue::UNDEFINED
            }
            Work::Upload(file, content) => to_js(&engine.upload(file, &content).await?),
            _ => to_js(&engine.tickets().await?),
        })
    });
    match race(pin!(call.given_up(engine.host())), asked).await {
        First::Left(code) => {
            let why =
                if code == Code::Aborted { "Aborted" } else { "Out of time: the store has not returned its tickets" };
            Err(Error::new(code, why))
        }
        First::Right(answer) => answer,
    }
}

fn plan(engine: &Engine<Js>, call: &Call, method: Method, subject: &Json, request: &Json) -> Result<Work> {
    let create = |kind| {
        // Nothing asked for in particular is still a body.
        let body = if request.kind() == Kind::Null { Json::object(Vec::new()) } else { request.clone() };
        Ok(Work::Run(Task::Create(call.noted(engine.validate_derived(kind, &id_of(subject)?, &body)?))))
    };
    Ok(match method {
        Method::Generate => Work::Run(Task::Generate(call.noted(engine.validate(subject)?))),
        Method::Create => Work::Run(Task::Create(call.noted(engine.validate(subject)?))),
        Method::Upscale => return create(RequestKind::UpscaleVideo),
        Method::AddAudio => return create(RequestKind::AddAudio),
        Method::Poll => {
            let target = match subject.as_str() {
                Some(id) => Target::Id(id),
                None => engine.target(subject).ok_or_else(|| wrong("id", A_GENERATION))?,
            };
            Work::Run(Task::Poll(target))
        }
        Method::Get => Work::Ask(Query::Generation(id_of(subject)?)),
        Method::Delete => Work::Ask(Query::Removal(id_of(subject)?)),
        Method::List => Work::Ask(Query::Page { limit: call.options.num("limit"), offset: call.options.num("offset") }),
        Method::CameraMotions => Work::Ask(Query::CameraMotions),
        Method::Concepts => Work::Ask(Query::Concepts),
        Method::Credits => Work::Ask(Query::Credits),
        Method::ActiveTasks => Work::Ask(Query::ActiveTasks),
        Method::Ping => Work::Ask(Query::Ping),
        Method::Validate => Work::Done(to_js(&engine.check(subject))),
        Method::Accounts => {
            let one = subject.as_str().map_or(AccountQuery::All, AccountQuery::One);
            Work::Ask(Query::Account(one))
        }
        Method::AddAccount => {
            let session = subject.as_str().ok_or_else(|| wrong("session", "must be the text of the session cookie"))?;
            Work::Ask(Query::Account(AccountQuery::Add(session)))
        }
        Method::RemoveAccount => Work::Ask(Query::Account(AccountQuery::Remove(id_of(subject)?))),
        Method::Tickets => Work::Tickets,
        Method::Acknowledge => Work::Acknowledge,
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
        Method::Files => Work::Ask(Query::File(match subject.kind() == Kind::Null {
            true => FileQuery::Page(FileFilter::read(&call.options).map_err(Error::invalid)?),
            false => FileQuery::One(file_id(subject)?),
        })),
        Method::RemoveFile => Work::Ask(Query::File(FileQuery::Removal(file_id(subject)?))),
    })
}

const A_GENERATION: &str = "must be the id of a generation, or a generation: await the promise of one";

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
