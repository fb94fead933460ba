//! When the job of a creation can have been made, by the server's clock.

use super::Tickets;
use super::ticket::Ticket;
use crate::engine::model::Host;
use crate::engine::model::timing::{CLOCK_MARGIN, LATEST_ARRIVAL, UNKNOWN_CLOCK};

impl<H: Host> Tickets<H> {
    /// Not before.
    pub fn earliest(&self, ticket: &Ticket) -> Option<f64> {
        Some(ticket.first.or(ticket.sent)? + self.skew_of(ticket).0 - CLOCK_MARGIN)
    }

    /// Not after.
    pub fn latest(&self, ticket: &Ticket) -> Option<f64> {
        Some(ticket.lost_at.or(ticket.sent)? + LATEST_ARRIVAL + self.skew_of(ticket).1 + CLOCK_MARGIN)
    }

    /// At least and at most so much was the server's clock ahead of ours when the ticket was sent. Where no answer had told by then, a
    /// later one does not quite: the machine may have slept since, or been another.
    pub fn skew_of(&self, ticket: &Ticket) -> (f64, f64) {
        let later = self.transport.clock_skew.first_lower_bound().unwrap_or_default();
        ticket.skew.map_or((later.min(0.0) - UNKNOWN_CLOCK, later.max(0.0) + UNKNOWN_CLOCK), |skew| (skew, skew))
    }
}
