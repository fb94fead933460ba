//! A machine for the engine on virtual time: nothing sleeps, the clock jumps to whatever is due next. Its network is a
//! simulator, or a script. A universe may have several machines, which crash, whose clocks are wrong, and which may share
//! a store. All of it is replayed by its seed.
#![allow(dead_code, unused_imports, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod calls;
mod executor;
mod machine;
mod store;
mod universe;

pub use calls::Calls;
pub use machine::{Upload, World};
pub use store::Store;
pub use universe::{Answer, FaultConfig, Happening};

use luma_edge::engine::FetchError;
use luma_edge::http::{Body, Request, Response};
use luma_edge::json::Json;
use luma_edge::simulator::{Outcome, Simulator};
use std::future::{Future, poll_fn};
use std::task::Poll;

/// When every world begins: 2026-11-20T00:00:00Z in ms.
pub const EPOCH: f64 = 1_795_132_800_000.0;
pub const KEY: &str = "luma-secret-0123456789";
pub const BASE: &str = "https://simulator.example/dream-machine/v1";

/// Runs all at once; results in order.
pub async fn all<T>(futures: impl IntoIterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut running: Vec<_> = futures.into_iter().map(|future| (Box::pin(future), None)).collect();
    poll_fn(|context| {
        let mut pending = false;
        for (future, result) in &mut running {
            if result.is_none() {
                match future.as_mut().poll(context) {
                    Poll::Ready(value) => *result = Some(value),
                    Poll::Pending => pending = true,
                }
            }
        }
        if pending { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    running.into_iter().map(|(_, result)| result.expect("all are done")).collect()
}

/// An answer of JSON.
pub fn answer(status: u16, body: Json) -> Answer {
    (50.0, Ok(Response { status, headers: Default::default(), body: Body::Json(body) }))
}

/// What a simulator answers, as a client reads it.
pub fn ask(simulator: &mut Simulator, now: f64, request: &Request<Json>) -> Answer {
    let bytes = Request {
        method: request.method,
        url: request.url.clone(),
        headers: request.headers.clone(),
        body: request.body.as_ref().map(|body| body.to_string().into_bytes()),
    };
    let reply = simulator.handle(now, &bytes);
    let lost = |why: &str| Err(FetchError::Lost(why.into()));
    match reply.outcome {
        Outcome::Answer(response) => {
            let body = match serde_json::from_slice(&response.body) {
                Ok(json) => Body::Json(json),
                Err(_) if response.body.is_empty() => Body::Empty,
                Err(_) => Body::Text(String::from_utf8_lossy(&response.body).into_owned()),
            };
            (reply.after, Ok(Response { status: response.status, headers: response.headers, body }))
        }
        Outcome::Refused => (reply.after, Err(FetchError::NotSent("connection refused".into()))),
        Outcome::Cut => (reply.after, lost("connection reset")),
        Outcome::Truncated(_) => (reply.after, lost("half a body")),
        Outcome::Silence => (f64::INFINITY, lost("silence")),
    }
}
