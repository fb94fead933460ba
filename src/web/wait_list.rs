//! Tasks that wait for one event, which is the caller's or the page's: nowhere else may one task wake another, see executor.rs.

use std::task::Waker;

/// Each is known by a number, so that one that is dropped can be taken off.
#[derive(Default)]
pub struct WaitList {
    waiting: Vec<(u32, Waker)>,
    count: u32,
}

impl WaitList {
    /// Gives the number to leave by.
    pub fn join(&mut self, waker: &Waker) -> u32 {
        let number = self.count;
        self.count = number.wrapping_add(1);
        self.waiting.push((number, waker.clone()));
        number
    }

    pub fn leave(&mut self, number: u32) {
        self.waiting.retain(|(other, _)| *other != number);
    }

    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Those that wait now. Wake them when nothing is borrowed: they run at once, and may join or leave.
    pub fn wakers(&self) -> Vec<Waker> {
        self.waiting.iter().map(|(_, waker)| waker.clone()).collect()
    }
}
