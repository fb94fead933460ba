//! JavaScript as the engine's host: the caller's `fetch`, clock and store, or the machine's own.

use super::convert::{get, to_js};
use super::http::{self, Fetch, File};
use super::page::{self, PageShown};
use super::store::{self, Lock, Store};
use super::time::{self, Clock};
use crate::engine::{Event, FetchError, Host, Key, Visibility, race};
use crate::http::{Body, Payload, Request, Response};
use crate::json::Json;
use js_sys::{Date, Function, Math};
use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use wasm_bindgen::prelude::{JsCast, JsValue};

/// The machine, as `createClient`'s options give it. The face fills in `fetch`, and makes `onEvent` harmless.
pub struct Js {
    fetch: Fetch,
    key: Option<Key>,
    clock: Option<Clock>,
    timeline: f64,
    store: Option<Store>,
    on_event: Option<Function>,
    /// How often the user had returned to the page when last asked, and when that was noticed.
    returned: Cell<(u32, f64)>,
}

impl Js {
    pub fn new(options: &JsValue, key: Option<Key>) -> Self {
        let clock = time::clock_of(options);
        Js {
            fetch: get(options, "fetch").unchecked_into(),
            key,
            timeline: time::timeline(clock.as_ref()),
            clock,
            store: store::store_of(options),
            on_event: get(options, "onEvent").dyn_into().ok(),
            returned: Cell::default(),
        }
    }
}

impl Host for Js {
    type File = File;
    type Lock = Lock;

    fn fetch(
        &self,
        request: Request<Payload>,
        file: Option<&File>,
    ) -> impl Future<Output = Result<Response<Body>, FetchError>> {
        http::exchange(&self.fetch, request, file, self.key.as_ref())
    }

    fn sleep(&self, ms: f64) -> impl Future<Output = ()> {
        time::sleep(self.clock.as_ref(), ms)
    }

    fn now(&self) -> f64 {
        time::now(self.clock.as_ref())
    }

    fn timeline(&self) -> f64 {
        self.timeline
    }

    fn random(&self) -> f64 {
        Math::random()
    }

    fn parse_date(&self, text: &str) -> Option<f64> {
        Some(Date::parse(text)).filter(|time| !time.is_nan())
    }

    fn event(&self, event: Event<'_>) {
        if let Some(listener) = &self.on_event {
            let _ = listener.call1(&JsValue::UNDEFINED, &to_js(&event));
        }
    }

    async fn interruptible_sleep(&self, ms: f64) {
        race(pin!(self.sleep(ms)), PageShown::new()).await;
    }

    fn visibility(&self) -> Visibility {
        let returns = page::returns();
        if self.returned.get().0 != returns {
            self.returned.set((returns, self.now()));
        }
        Visibility { hidden: page::hidden(), since: self.returned.get().1 }
    }

    fn has_store(&self) -> bool {
        self.store.is_some()
    }

    fn load(&self) -> impl Future<Output = Result<Vec<(String, Json)>, String>> {
        store::load(self.store.as_ref())
    }

    fn write(&self, key: &str, value: Option<&Json>) -> impl Future<Output = Result<(), String>> + 'static + use<> {
        store::write(self.store.as_ref(), key, value)
    }

    fn lock(&self, key: &str) -> impl Future<Output = Result<Option<Lock>, String>> {
        store::lock(self.store.as_ref(), key)
    }

    async fn store_changed(&self, ms: f64) {
        race(pin!(self.sleep(ms)), pin!(store::changed(self.store.as_ref()))).await;
    }
}
