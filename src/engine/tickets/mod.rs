//! Tickets: the records by which a job can be resumed, in memory and in the store, and what the clients of one account share.
//!
//! This room knows which job belongs to which creation, which call holds a ticket, and what counts within the limits. It
//! does not know how a lost job is found, and it sends no request.

mod account;
mod ambiguity;
mod delivery;
mod entry;
mod foreign;
mod guard;
mod leases;
mod list;
mod recent;
mod registry;
mod request_match;
mod store;
mod sync;
mod ticket;
mod window;

pub use entry::{Ownership, TicketEntry};
pub use guard::{CreationGuard, Stage};
pub use list::TicketInfo;
pub use registry::{AccountName, AccountRegistry};

use crate::engine::model::Host;
use crate::engine::scheduling::{DurationEstimate, DurationEstimator};
use crate::engine::transport::Transport;
use crate::request::GenerationRequest;
use account::Account;
use recent::search;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use sync::StoreState;

/// The tickets of one client.
pub struct Tickets<H: Host> {
    transport: Rc<Transport<H>>,
    pub account: Rc<Account>,
    /// The number by which the tickets of this client are known.
    pub owner: u32,
    pub durations: DurationEstimator,
    store_state: Cell<StoreState>,
    /// Jobs that were delivered lately, by any client that shares the store, in order.
    delivered_elsewhere: RefCell<Vec<String>>,
    /// Those whose callers are being notified that the outcome is unknown.
    reported_unknown: RefCell<Vec<Rc<TicketEntry>>>,
    /// The ids of the tombstones that this client has written, the oldest first.
    tombstones: RefCell<Vec<String>>,
}

impl<H: Host> Tickets<H> {
    pub fn new(transport: Rc<Transport<H>>, account: Rc<Account>) -> Self {
        Tickets {
            transport,
            owner: account.number(),
            account,
            durations: DurationEstimator::default(),
            store_state: Cell::new(StoreState::NotRead),
            delivered_elsewhere: RefCell::default(),
            reported_unknown: RefCell::default(),
            tombstones: RefCell::default(),
        }
    }

    /// Whether a job was delivered lately by a client that shares the store.
    pub fn was_delivered_elsewhere(&self, job: &str) -> bool {
        search(&self.delivered_elsewhere.borrow(), job).is_ok()
    }

    /// How long such a job is thought to take.
    pub fn estimate_duration(&self, request: &GenerationRequest) -> DurationEstimate {
        self.durations.estimate(request, || self.transport.provider.expected(request.kind, &request.body))
    }
}
