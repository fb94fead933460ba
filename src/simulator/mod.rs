//! The providers' other side, in memory, on a clock that its owner drives.

pub mod assets;
