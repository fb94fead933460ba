//! What a client does over time, as plain async over [`Host`]. Cancelling is dropping: every future here may be dropped at
//! any await, and what it had under way is stopped by the host.
//!
//! Seven rooms, each of which imports only those after it:
//!
//! | room | what it knows |
//! | --- | --- |
//! | `client` | the face of the engine; it puts the others together |
//! | `jobs` | a call from its request to its result: create, poll, resume |
//! | `recovery` | finding the job of a creation whose answer was lost |
//! | `tickets` | the records by which a job can be resumed, in memory and in the store |
//! | `transport` | one HTTP exchange at a time |
//! | `scheduling` | when things happen and what they may cost: pure, with time as an argument |
//! | `model` | plain data: the host trait, settings, events, every time that the engine reckons with |

mod client;
mod jobs;
mod model;
mod recovery;
mod scheduling;
mod tickets;
mod transport;

pub use crate::limits::{Limit, Limits};
pub use client::Client;
pub use jobs::{CallOptions, Target, Task, ValidatedRequest};
pub use model::{
    Budget, Event, FetchError, First, Host, Key, Observer, Progress, QueuePosition, Race, RecoveryMode, Settings,
    Unsupported, Visibility, race,
};
pub use scheduling::retry::is_refusal;
pub use tickets::{AccountRegistry, TicketInfo};
pub use transport::{Answer, Query};
