//! The simulator as a client meets it: requests in, answers out, on a clock that the test drives.
#![cfg(feature = "simulator")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod account;
mod agents;
mod callbacks;
mod driver;
mod endpoints;
mod faults;
mod files;
mod fuzz;
mod limits;
mod options;
mod piapi;
mod rules;
mod states;
mod useapi;
