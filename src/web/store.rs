//! The caller's store. What its functions throw, or reject with, is a reason in words and goes no further.

use super::abort::AbortOnDrop;
use super::convert::{get, settled};
use super::executor::spawn;
use super::writes::Writes;
use crate::json::{Json, Kind};
use js_sys::{Function, JSON, Promise};
use std::future::{Future, pending};
use wasm_bindgen::prelude::{JsCast, JsValue, wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortSignal;

#[wasm_bindgen]
extern "C" {
    /// What `createClient` takes as `store`.
    pub type Store;
    #[wasm_bindgen(method, catch, js_name = getAll)]
    fn get_all(this: &Store) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn put(this: &Store, key: &str, value: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn delete(this: &Store, key: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn lock(this: &Store, key: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn changed(this: &Store, signal: &AbortSignal) -> Result<JsValue, JsValue>;
}

/// The store among `createClient`'s options, where there is one.
pub fn store_of(options: &JsValue) -> Option<Store> {
    let store = get(options, "store");
    store.is_object().then(|| store.unchecked_into())
}

/// Every entry of the list that the face gives, by key. What is not JSON comes as its text.
pub async fn load(store: Option<&Store>) -> Result<Vec<(String, Json)>, String> {
    let Some(store) = store else { return Ok(Vec::new()) };
    let given = settled(store.get_all()).await?;
    let mut all = Vec::new();
    for entry in &Json::from(given).items() {
        if let [key, text, ..] = &*entry.items()
            && let Some(key) = key.as_str()
            && text.kind() == Kind::String
        {
            all.push((key, text.parsed().unwrap_or_else(|| text.clone())));
        }
    }
    Ok(all)
}

/// Writes an entry, or deletes it. It begins at once, and goes on when the future is dropped.
pub fn write(
    store: Option<&Store>,
    key: &str,
    value: Option<&Json>,
) -> impl Future<Output = Result<(), String>> + use<> {
    let begun = match (store, value) {
        (None, _) => Ok(JsValue::UNDEFINED),
        (Some(store), None) => store.delete(key),
        (Some(store), Some(value)) => JSON::stringify(value.as_ref()).and_then(|text| store.put(key, &text)),
    };
    // Awaited from the start: a promise that rejects and is not awaited would end a program of Node's.
    let begun = begun.map(|given| {
        let writing = Promise::resolve(&given);
        Writes::track(&writing);
        JsFuture::from(writing)
    });
    async move {
        match begun {
            Ok(writing) => writing.await.map(drop),
            Err(thrown) => Err(thrown),
        }
        .map_err(|thrown| super::convert::reason(&thrown))
    }
}

/// The sole right to work on an entry; dropped, another client may have it. A store of one client has no locks, and gives every one.
pub struct Lock(Option<Function>);

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some(release) = &self.0 {
            let _ = release.call0(&JsValue::UNDEFINED);
        }
    }
}

/// Takes an entry's lock; `None` while another client has it.
pub async fn lock(store: Option<&Store>, key: &str) -> Result<Option<Lock>, String> {
    let Some(store) = store.filter(|store| get(store, "lock").is_function()) else { return Ok(Some(Lock(None))) };
    /// A lock that comes after its wait was given up is released.
    struct PendingLock(Option<Promise>);
    impl Drop for PendingLock {
        fn drop(&mut self) {
            if let Some(late) = self.0.take() {
                spawn(async move {
                    drop(JsFuture::from(late).await.map(given));
                });
            }
        }
    }
    fn given(release: JsValue) -> Option<Lock> {
        release.dyn_into().ok().map(|release| Lock(Some(release)))
    }
    let asking = match store.lock(key) {
        Ok(given) => Promise::resolve(&given),
        Err(thrown) => return Err(super::convert::reason(&thrown)),
    };
    let mut asked = PendingLock(Some(asking.clone()));
    let outcome = settled(Ok(asking.into())).await;
    asked.0 = None;
    outcome.map(given)
}

/// Waits until another client may have changed the store; for ever where it cannot tell.
pub async fn changed(store: Option<&Store>) {
    if let Some(store) = store.filter(|store| get(store, "changed").is_function())
        && let Ok(abort) = AbortOnDrop::new()
    {
        let changed = settled(store.changed(&abort.signal())).await;
        abort.finished();
        if changed.is_ok() {
            return;
        }
    }
    pending().await
}
