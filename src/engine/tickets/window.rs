//! When the job of a creation can have been made, by the server's clock.

use super::Tickets;
use super::ticket::Ticket;
use crate::engine::model::Host;
use crate::engine::model::timing::LATEST_ARRIVAL;

/// Two clocks of one provider may differ so much, in ms.
pub const MARGIN: f64 = 1000.0;

/// And a provider's and ours, while no answer has told the time, so much: most are right by a few minutes, and one that sleeps
/// falls behind.
pub const UNKNOWN: f64 = 600_000.0;

impl<H: Host> Tickets<H> {
    /// Not before.
    pub fn earliest(&self, ticket: &Ticket) -> Option<f64> {
        Some(ticket.first.or(ticket.sent)? + self.skew_of(ticket).0 - MARGIN)
    }

    /// Not after.
    pub fn latest(&self, ticket: &Ticket) -> Option<f64> {
        Some(ticket.doubt.or(ticket.sent)? + LATEST_ARRIVAL + self.skew_of(ticket).1 + MARGIN)
    }

    /// At least and at most so much was the server's clock ahead of ours when the ticket was sent. Where no answer had told by then, a
    /// later one does not quite: the machine may have slept since, or been another.
    pub fn skew_of(&self, ticket: &Ticket) -> (f64, f64) {
        let later = self.transport.clock_skew.first_lower_bound().unwrap_or_default();
        ticket.skew.map_or((later.min(0.0) - UNKNOWN, later.max(0.0) + UNKNOWN), |skew| (skew, skew))
    }
}
