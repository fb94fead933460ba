//! What a caller may learn before its result.

use crate::generation::Generation;
use serde::Serialize;
use std::future::{Future, pending};

/// Where a creation stands in its queue.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS), ts(rename = "Queue"))]
pub struct QueuePosition {
    /// How many go before it.
    pub position: usize,
    /// When it may be sent, as far as is known, in ms from now.
    pub wait: f64,
}

/// How far a job is: the APIs give no percentage, so this is time against the usual time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS), ts(rename = "JobTime"))]
pub struct Progress {
    /// How long it has run, in ms.
    pub elapsed: f64,
    /// How long such a job usually takes, in ms.
    pub expected: f64,
    /// How sure that is, from 0 (a guess from what users report) to 1; it grows with the jobs that this client has seen end.
    pub confidence: f64,
}

/// Listens to one call, and may end it.
pub trait Observer {
    /// The creation waits in the queue; such a job takes `expected` ms once it is made.
    fn queued(&self, _queue: QueuePosition, _expected: f64) {}
    /// A job was created or polled.
    fn update(&self, _generation: &Generation, _progress: Progress) {}
    /// Resolves when the caller gives up.
    fn given_up(&self) -> impl Future<Output = ()> {
        pending()
    }
}

/// Nobody listens.
impl Observer for () {}
