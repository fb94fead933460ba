//! Never paid twice, never lost, never beyond a limit: what becomes of jobs, on virtual time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod ambiguity;
mod budget;
mod failed_polls;
mod gone;
mod helpers;
mod isolates;
mod kept;
mod leases;
mod limits;
mod observers;
mod polling;
mod queue;
mod recovery;
mod store;
#[path = "../virtual_time/mod.rs"]
mod virtual_time;
