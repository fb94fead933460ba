//! The exports of `luma_edge::web`, which a module takes from each crate in it that is named.

pub use luma_edge::web;
