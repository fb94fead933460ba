//! The only code that touches JavaScript: the wasm exports, and JavaScript as the engine's host. The client's and the simulator's are compiled into
//! a wasm each.
//!
//! What belongs to the caller (a `fetch`, a store, a clock) has bindings of its own here: those of js-sys and web-sys do not catch all that such code
//! may throw, or lose a slot of wasm-bindgen's table when it does. `http.rs` and `src/json/js.rs` say more.

#[cfg(feature = "web")]
mod abort;
#[cfg(feature = "web")]
mod call;
#[cfg(feature = "web")]
pub mod client;
#[cfg(feature = "web")]
mod convert;
#[cfg(feature = "web")]
mod dispatch;
#[cfg(feature = "web")]
mod executor;
#[cfg(feature = "web")]
mod host;
#[cfg(feature = "web")]
mod http;
#[cfg(feature = "web")]
mod method;
#[cfg(feature = "web")]
mod page;
#[cfg(feature = "web")]
mod panic;
#[cfg(feature = "simulator-web")]
pub mod simulator;
#[cfg(feature = "web")]
mod store;
#[cfg(feature = "web")]
mod time;
#[cfg(feature = "web")]
mod wait_list;
#[cfg(feature = "web")]
mod writes;

/// Every allocation of the client's wasm. The simulator keeps the standard allocator: its heap is large, and it is not weighed.
#[cfg(feature = "web")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
