//! What a defect says for itself: without this a panic would be a bare trap.

use crate::text::{concat, integer};
use std::panic::{PanicHookInfo, set_hook};
use wasm_bindgen::prelude::wasm_bindgen;

/// Called when an instance starts.
#[wasm_bindgen(start)]
pub fn start() {
    set_hook(Box::new(on_panic));
}

/// Leaves the wasm by throwing, which ends the instance as the trap would: see npm/wasm/instance.ts. The message carries a sentence of the source; one that was
/// made up is not, since it may quote what a caller gave.
fn on_panic(info: &PanicHookInfo<'_>) {
    let sentence = info.payload().downcast_ref::<&str>().copied().unwrap_or("panicked");
    let place = info.location().map(|place| concat(&[" at ", place.file(), ":", &integer(place.line().into())]));
    wasm_bindgen::throw_str(&concat(&[sentence, &place.unwrap_or_default()]));
}
