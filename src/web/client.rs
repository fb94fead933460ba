//! The client's wasm exports. Each gives a promise and borrows nothing: the engine is shared by `Rc`, so that no call stands in another's way. A
//! rejection is a plain object, which the JavaScript face turns into a `LumaError`.

use super::call::Call;
use super::convert::to_js;
use super::dispatch::perform;
use super::executor;
use super::host::Js;
use super::writes::Writes;
use crate::engine::{AccountRegistry, Budget, Client as Engine, Settings};
use gloo_timers::future::TimeoutFuture;
use js_sys::Promise;
use std::rc::Rc;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

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
    /// The caller has all that it wants of a finished job: `(ticket, id or generation)`.
    Acknowledge,
    /// The accounts that the service works on: `()`, or `(e-mail)` for one of them.
    Accounts,
    /// One more of them: `(session)`.
    AddAccount,
    /// One less of them: `(e-mail)`.
    RemoveAccount,
    /// Reads what the provider posted to a callback; nothing is sent: `(what was posted)`.
    Callback,
    /// Uploads a file, and returns how a request names it: `({ name, media_type, size, account, content, details, form,
    /// form_type })`.
    Upload,
    /// A page of the files that were handed over, chosen by the options: `()`, or `(id)` for one of them.
    Files,
    /// One less of them: `(id)`.
    RemoveFile,
}

thread_local! {
    /// What the clients of one account share.
    static ACCOUNTS: AccountRegistry = AccountRegistry::default();
}

#[wasm_bindgen]
impl Client {
    /// Makes a client from `createClient`'s options, in which the face has filled in `fetch`.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue) -> Result<Client, JsValue> {
        let settings = Settings::read(&options.clone().into()).map_err(|error| to_js(&error))?;
        let engine =
            ACCOUNTS.with(|accounts| Engine::within(accounts, Js::new(options, settings.api_key.clone()), settings));
        Ok(Client(Rc::new(engine)))
    }

    /// Makes a call. `subject` and `request` are what the method takes, as JSON that no one else holds; `options` are the caller's, in an object
    /// that the face has made.
    pub fn call(&self, method: Method, subject: JsValue, request: JsValue, options: JsValue) -> Promise {
        let engine = self.0.clone();
        executor::promise(async move {
            let call = Call::new(options, engine.host());
            let (subject, request) = (subject.into(), request.into());
            // In a box: the future around it would hold room for it twice.
            let work = Box::pin(perform(&engine, &call, method, &subject, &request));
            let outcome = Writes::within(work, || call.given_up(engine.host())).await;
            let error = match outcome {
                Ok(value) => return Ok(value),
                Err(error) => error.with_provider(engine.provider()),
            };
            if let Some(creation) = &error.creation {
                let (client, ticket) = (engine.clone(), creation.ticket.clone());
                // The code that awaits the promise runs first.
                executor::spawn(async move {
                    TimeoutFuture::new(0).await;
                    client.error_delivered(&ticket);
                });
            }
            Err(to_js(&error))
        })
    }

    /// The client for a batch with a budget of its own, `{ usd, price }`, or with none.
    pub fn batch(&self, budget: JsValue) -> Result<Client, JsValue> {
        let batch = |budget| Client(Rc::new(self.0.batch(budget)));
        Budget::read(&budget.into()).map(batch).map_err(|error| to_js(&error))
    }
}
