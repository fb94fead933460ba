//! Files that callers handed over, for as long as their provider keeps them.

use std::collections::HashMap;

/// A file.
pub(crate) struct Uploaded {
    pub(crate) content_type: &'static str,
    pub(crate) bytes: Vec<u8>,
    /// When it is removed, in ms; never if that is infinite.
    pub(crate) until: f64,
}

/// All of them, by `id/name`: the path under the storage's.
#[derive(Default)]
pub(crate) struct Uploads(HashMap<String, Uploaded>);

impl Uploads {
    pub(crate) fn add(&mut self, path: String, file: Uploaded) {
        self.0.insert(path, file);
    }

    pub(crate) fn get(&self, path: &str, now: f64) -> Option<&Uploaded> {
        self.0.get(path).filter(|file| now < file.until)
    }
}
