//! What every room of the engine speaks of: the host trait, the settings, events, and the engine's times in one file.
//!
//! This room is plain data, but for two tools that all rooms need: the race of two futures, and the removal of a key from
//! a text. It knows the vocabulary of the crate (requests, generations, errors). It does not know what a client does with
//! any of it, and it does no I/O.

mod budget;
mod event;
mod host;
mod key;
mod observer;
mod race;
mod settings;
pub mod timing;

pub use budget::Budget;
pub use event::Event;
pub use host::{FetchError, Host, Visibility};
pub use key::{Key, redact_secret};
pub use observer::{Observer, Progress, QueuePosition};
pub use race::{First, Race, race};
pub use settings::{RecoveryMode, Settings, Unsupported};

use crate::error::Error;

/// What a step of the engine comes to.
pub type Outcome<T> = Result<T, Error>;
