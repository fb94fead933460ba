//! Calls that arrived, lost their connection, and are dealt with all the same, some time later.

use crate::http::Request;

/// Those to come, in the order in which they are dealt with.
#[derive(Default)]
pub(crate) struct Late(Vec<(f64, Request<Vec<u8>>)>);

impl Late {
    pub(crate) fn add(&mut self, at: f64, request: Request<Vec<u8>>) {
        let place = self.0.partition_point(|(other, _)| *other <= at);
        self.0.insert(place, (at, request));
    }

    pub(crate) fn next(&self) -> Option<f64> {
        self.0.first().map(|(at, _)| *at)
    }

    /// The first that is due by now, with its moment.
    pub(crate) fn take(&mut self, now: f64) -> Option<(f64, Request<Vec<u8>>)> {
        self.next().filter(|at| *at <= now)?;
        Some(self.0.remove(0))
    }
}
