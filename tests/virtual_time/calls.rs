//! A client's calls with the arguments that tests give: each is checked and run.

use super::World;
use luma_edge::engine::{CallOptions, Client, Observer, Target, Task};
use luma_edge::error::Error;
use luma_edge::generation::Generation;
use luma_edge::json::Json;
use luma_edge::request::RequestKind;

/// What a call comes to.
type Outcome = Result<Generation, Error>;

pub trait Calls {
    /// Makes a job.
    async fn create(&self, request: &Json, observer: &impl Observer) -> Outcome;

    /// Makes a job out of an earlier one.
    async fn derive(&self, kind: RequestKind, id: &str, request: &Json, observer: &impl Observer) -> Outcome;

    /// Makes a job and waits until it is done. `timeout` is the caller's patience for both, in ms.
    async fn generate(&self, request: &Json, timeout: f64, observer: &impl Observer) -> Outcome;

    /// Waits until a job is done. `timeout` is the caller's patience in ms.
    async fn poll(&self, target: Target, timeout: f64, observer: &impl Observer) -> Outcome;
}

impl Calls for Client<World> {
    async fn create(&self, request: &Json, observer: &impl Observer) -> Outcome {
        self.run(Task::Create(self.validate(request)?), CallOptions::default(), observer).await
    }

    async fn derive(&self, kind: RequestKind, id: &str, request: &Json, observer: &impl Observer) -> Outcome {
        self.run(Task::Create(self.validate_derived(kind, id, request)?), CallOptions::default(), observer).await
    }

    async fn generate(&self, request: &Json, timeout: f64, observer: &impl Observer) -> Outcome {
        self.run(Task::Generate(self.validate(request)?), CallOptions { timeout, price: None }, observer).await
    }

    async fn poll(&self, target: Target, timeout: f64, observer: &impl Observer) -> Outcome {
        self.run(Task::Poll(target), CallOptions { timeout, price: None }, observer).await
    }
}
