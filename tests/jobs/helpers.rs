//! What these tests share: two requests, the calls that make and resume jobs, and a listener that records.

use crate::virtual_time::{Calls, World, all};
use luma_edge::engine::{CallOptions, Client, Host, Observer, Progress, QueuePosition, Task};
use luma_edge::error::Error;
use luma_edge::generation::{Generation, State};
use luma_edge::json;
use luma_edge::json::Json;
use luma_edge::simulator::Simulator;
use std::cell::RefCell;
use std::rc::Rc;

pub fn tiger() -> Json {
    json!({ "model": "ray-2", "prompt": "A tiger walking in snow" })
}

pub fn fox() -> Json {
    json!({ "model": "photon-1", "prompt": "A fox" })
}

/// So many creations at once, of each kind.
pub fn at_once(most: u32) -> Json {
    json!({ "limits": { "video": { "concurrent": most }, "image": { "concurrent": most } } })
}

/// How many jobs were bought in all.
pub fn paid(simulator: &Rc<RefCell<Simulator>>, world: &World) -> usize {
    simulator.borrow_mut().generations(world.true_time()).len()
}

pub async fn generate(client: &Client<World>, request: &Json) -> Result<Generation, Error> {
    client.generate(request, f64::INFINITY, &()).await
}

/// Takes up all there is.
pub async fn resume(client: &Client<World>) -> Vec<Result<Generation, Error>> {
    let tickets = client.tickets().await.unwrap();
    let readable = tickets.into_iter().filter(|info| info.error.is_none());
    all(readable.map(|info| client.run(Task::Resume(info.ticket), CallOptions::default(), &()))).await
}

/// Records what it is notified of, and gives up after its patience, if it has one.
#[derive(Default)]
pub struct Seen {
    pub queued: RefCell<Vec<QueuePosition>>,
    pub updates: RefCell<Vec<(State, Progress)>>,
    patience: Option<(World, f64)>,
}

impl Seen {
    pub fn until(world: &World, ms: f64) -> Self {
        Seen { patience: Some((world.clone(), ms)), ..Seen::default() }
    }
}

impl Observer for Seen {
    fn queued(&self, queue: QueuePosition, _: f64) {
        self.queued.borrow_mut().push(queue);
    }

    fn update(&self, generation: &Generation, progress: Progress) {
        self.updates.borrow_mut().push((generation.state, progress));
    }

    async fn given_up(&self) {
        match &self.patience {
            Some((world, ms)) => world.sleep(*ms).await,
            None => std::future::pending().await,
        }
    }
}
