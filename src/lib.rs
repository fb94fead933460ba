//! Generate video and images with Luma from wherever JavaScript runs.
//!
//! The core is plain Rust without a runtime: it reads and gives values, and asks a host for what only a machine can do
//! (send a request, wait, tell the time, throw dice). Natively that host is a test's virtual clock; in the npm module
//! it is JavaScript.

mod address;
pub mod engine;
pub mod error;
mod fields;
pub mod generation;
pub mod http;
pub mod json;
pub mod pricing;
pub mod provider;
pub mod request;
pub mod rules;
#[cfg(feature = "simulator")]
pub mod simulator;
mod text;
#[cfg(any(feature = "web", feature = "simulator-web"))]
pub mod web;
