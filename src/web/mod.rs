//! The only code that touches JavaScript: the wasm exports, `fetch` and timers as a host, JavaScript's own objects as
//! values. Each face is a module of its own, compiled into a wasm of its own.

#[cfg(feature = "web")]
pub mod client;
#[cfg(feature = "web")]
mod executor;
#[cfg(feature = "web")]
mod host;
#[cfg(feature = "web")]
mod serialize;
#[cfg(feature = "simulator-web")]
pub mod simulator;
#[cfg(feature = "web")]
mod value;

/// Every allocation of the client's wasm. The simulator's keeps the standard one: it is not weighed, and its heap is large.
#[cfg(feature = "web")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
