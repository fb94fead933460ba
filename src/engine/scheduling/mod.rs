//! When things happen: polls, creations, retries, and what they may cost.
//!
//! Everything here is plain data with steps over it. Time and random numbers come in as arguments. This room knows
//! requests, generations and errors as values. It does not know the host, the network, the store, tickets or
//! providers, and it awaits nothing.
//!
//! No task here ever wakes another. Each waiter sleeps on a timer of its own and then reads what is there. In a Worker, a
//! task that another request's I/O wakes would run in that other request's context and die with it. So do not add
//! wakers between tasks: hand out a lease that ends, and let the next waiter check.

mod budget;
mod clock_skew;
mod durations;
mod poll_schedule;
mod poller;
mod rate_limiter;
pub mod retry;

pub use budget::{BudgetLedger, Reservation};
pub use clock_skew::ClockSkew;
pub use durations::{DurationEstimate, DurationEstimator};
pub use poll_schedule::PollSchedule;
pub use poller::{PollAction, PollAttempt, PolledJob, Poller};
pub use rate_limiter::{Admission, Permit, QueueEntry, RateLimiter};

use std::cell::Cell;
use std::rc::Rc;

/// When a call last ran, in ms since 1970. In a Worker a call may be gone without a word: then its heartbeat stands still.
pub type Heartbeat = Rc<Cell<f64>>;
