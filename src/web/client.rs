//! The client's wasm exports. Each gives a promise and borrows nothing: the engine is shared by `Rc`, so that no call stands in another's way. A
//! rejection is a plain object, which the JavaScript face turns into a `LumaError`.

use super::call::Call;
use super::convert::to_js;
use super::dispatch::perform;
use super::executor;
use super::host::Js;
use super::method::Method;
use super::writes::Writes;
use crate::engine::{AccountRegistry, Budget, Client as Engine, Settings};
use gloo_timers::future::TimeoutFuture;
use js_sys::Promise;
use std::rc::Rc;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

/// A client.
#[wasm_bindgen]
pub struct Client(Rc<Engine<Js>>);

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
            // It is boxed: the future around it would hold room for it twice.
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
