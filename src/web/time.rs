//! The time and waits: the machine's own, or those of the caller's clock.

use super::abort::AbortOnDrop;
use super::convert::{get, settled};
use gloo_timers::future::TimeoutFuture;
use js_sys::{Date, WeakMap};
use std::cell::Cell;
use std::future::pending;
use wasm_bindgen::prelude::{JsCast, JsValue, wasm_bindgen};
use web_sys::AbortSignal;

#[wasm_bindgen]
extern "C" {
    /// The caller's clock.
    pub type Clock;
    #[wasm_bindgen(method, catch)]
    fn now(this: &Clock) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn sleep(this: &Clock, ms: f64, signal: &AbortSignal) -> Result<JsValue, JsValue>;

    // It is used instead of web-sys' `Performance`, which belongs to a window or to a worker.
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
}

/// Longer than this a timer of JavaScript fires at once, in ms.
const LONGEST_TIMER: f64 = 2_147_483_647.0;

thread_local! {
    /// When `performance.now()` was 0, in ms since 1970. Asked when first needed: a Worker knows no time before its first request.
    static START: f64 = calendar();
    /// The clocks that were seen, each with its number.
    static CLOCKS: WeakMap = WeakMap::new();
    static CLOCK_COUNT: Cell<f64> = const { Cell::new(0.0) };
}

/// The caller's clock among `createClient`'s options, where there is one.
pub fn clock_of(options: &JsValue) -> Option<Clock> {
    let clock = get(options, "clock");
    clock.is_object().then(|| clock.unchecked_into())
}

/// The time in ms since 1970. The machine's own must not jump when the user sets it, since waits and limits are reckoned by it; what it is off by,
/// the dates of the answers tell.
pub fn now(clock: Option<&Clock>) -> f64 {
    let given = clock.and_then(|clock| clock.now().ok()?.as_f64());
    given.unwrap_or_else(|| START.with(|start| *start) + performance_now())
}

/// When `performance.now()` was 0 by the calendar, in ms since 1970: it moves when the machine sleeps, or when the user sets its clock.
pub fn calendar() -> f64 {
    Date::now() - performance_now()
}

/// Which time a clock follows, as a number: 0 is the machine's own.
pub fn timeline(clock: Option<&Clock>) -> f64 {
    let Some(clock) = clock else { return 0.0 };
    CLOCKS.with(|clocks| {
        let clock = clock.unchecked_ref();
        clocks.get(clock).as_f64().unwrap_or_else(|| {
            let number = CLOCK_COUNT.get() + 1.0;
            CLOCK_COUNT.set(number);
            clocks.set(clock, &number.into());
            number
        })
    })
}

/// Waits so many ms. A clock that fails to is one that cannot: then it is the machine's timer that waits.
pub async fn sleep(clock: Option<&Clock>, ms: f64) {
    if ms == f64::INFINITY {
        return pending().await;
    }
    if let Some(clock) = clock.filter(|_| ms > 0.0)
        && let Ok(abort) = AbortOnDrop::new()
    {
        let slept = settled(clock.sleep(ms, &abort.signal())).await;
        abort.finished();
        if slept.is_ok() {
            return;
        }
    }
    timer(ms).await;
}

async fn timer(mut ms: f64) {
    while ms > 0.0 {
        let step = ms.min(LONGEST_TIMER);
        TimeoutFuture::new(step.ceil() as u32).await;
        ms -= step;
    }
}
