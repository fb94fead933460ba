//! When the job of a creation can have been made, by the server's clock.

use super::Tickets;
use super::ticket::Ticket;
use crate::engine::model::Host;
use crate::engine::model::timing::{CLOCK_MARGIN, LATEST_ARRIVAL, UNKNOWN_CLOCK};

impl<H: Host> Tickets<H> {
    /// The earliest moment.
    pub fn earliest(&self, ticket: &Ticket) -> Option<f64> {
        Some(ticket.first.or(ticket.sent)? + self.skew_of(ticket).0 - CLOCK_MARGIN)
    }

    /// The latest moment.
    pub fn latest(&self, ticket: &Ticket) -> Option<f64> {
        Some(ticket.lost_at.or(ticket.sent)? + LATEST_ARRIVAL + self.skew_of(ticket).1 + CLOCK_MARGIN)
    }

    /// The least and the most that the server's clock was ahead of ours when the ticket was sent. Where no answer had given it by
    /// then, a later one tells it only roughly: the machine may have slept since, or it was another machine. A server's clock may run
    /// faster than ours, as a simulator's does.
    pub fn skew_of(&self, ticket: &Ticket) -> (f64, f64) {
        let clock_skew = &self.transport.server.clock_skew;
        match ticket.skew {
            Some(skew) => (skew, skew.max(clock_skew.lower_bound().unwrap_or(skew))),
            None => {
                let later = clock_skew.first_lower_bound().unwrap_or_default();
                (later.min(0.0) - UNKNOWN_CLOCK, later.max(0.0) + UNKNOWN_CLOCK)
            }
        }
    }
}
