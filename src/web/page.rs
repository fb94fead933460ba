//! Whether the user sees the page, and when the user returns to it. Without a page (a Worker, Node) it counts as visible.

use super::convert::get;
use super::executor::spawn;
use super::time::calendar;
use super::wait_list::WaitList;
use gloo_timers::future::TimeoutFuture;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use wasm_bindgen::prelude::{Closure, JsCast, JsValue, wasm_bindgen};
use web_sys::{Document, EventTarget};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(thread_local_v2, js_name = globalThis)]
    static GLOBAL: JsValue;
}

/// The events of a page that is visible again, or of a network that is back.
const RETURNS: [&str; 4] = ["visibilitychange", "focus", "online", "pageshow"];

/// How long a machine has slept at least when it counts as a return, and how often that is asked, in ms.
const ASLEEP: u32 = 5000;

struct Page {
    document: Option<Document>,
    /// How often the user has returned.
    returns: Cell<u32>,
    /// The waker of the call that waits for the next return. A page has one reader: here, and nowhere else, one call may wake others.
    waiting: RefCell<WaitList>,
    watched: Cell<bool>,
}

thread_local! {
    static PAGE: Page = Page::new();
}

impl Page {
    fn new() -> Page {
        let global = GLOBAL.with(JsValue::clone);
        let document = get(&global, "document");
        let document: Option<Document> = document.is_object().then(|| document.unchecked_into());
        if document.is_some() {
            let listener = Closure::<dyn Fn()>::new(on_page_shown);
            let target: EventTarget = global.unchecked_into();
            for event in RETURNS {
                let _ = target.add_event_listener_with_callback(event, listener.as_ref().unchecked_ref());
            }
            listener.forget(); // it stays as long as the page
        }
        Page { document, returns: Cell::new(0), waiting: RefCell::default(), watched: Cell::new(false) }
    }
}

/// Whether the page is hidden.
pub fn hidden() -> bool {
    PAGE.with(|page| page.document.as_ref().is_some_and(Document::hidden))
}

/// How often the user has returned to the page.
pub fn returns() -> u32 {
    PAGE.with(|page| page.returns.get())
}

fn on_page_shown() {
    if hidden() {
        return;
    }
    let waiting = PAGE.with(|page| {
        page.returns.set(page.returns.get().wrapping_add(1));
        page.waiting.borrow().wakers()
    });
    for waker in waiting {
        waker.wake();
    }
}

/// A machine that slept has stood still, and its timers with it; by the calendar it has not.
async fn watch_calendar() {
    let mut before = calendar();
    while PAGE.with(|page| !page.waiting.borrow().is_empty()) {
        TimeoutFuture::new(ASLEEP).await;
        let now = calendar();
        if (now - before).abs() > f64::from(ASLEEP) {
            on_page_shown();
        }
        before = now;
    }
    PAGE.with(|page| page.watched.set(false));
}

/// Waits until the user returns to the page; for ever where there is none.
pub struct PageShown {
    /// How often the user had returned before.
    returns: u32,
    /// Its number in the wait list, once it waits.
    number: Option<u32>,
}

impl PageShown {
    pub fn new() -> Self {
        PageShown { returns: returns(), number: None }
    }
}

impl Future for PageShown {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        PAGE.with(|page| {
            if page.returns.get() != self.returns {
                return Poll::Ready(());
            }
            if page.document.is_some() && self.number.is_none() {
                self.number = Some(page.waiting.borrow_mut().join(context.waker()));
                if !page.watched.replace(true) {
                    spawn(watch_calendar());
                }
            }
            Poll::Pending
        })
    }
}

impl Drop for PageShown {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            PAGE.with(|page| page.waiting.borrow_mut().leave(number));
        }
    }
}
