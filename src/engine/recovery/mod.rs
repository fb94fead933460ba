//! Recovery: finding out what became of a creation whose answer was lost. Its job is searched for in the provider's list, by
//! what was asked for, by when it was made, and by belonging to no other ticket.
//!
//! This room knows tickets and reads the list. It does not know calls, limits or polls, and it never sends a creation.

mod claim;
mod search;

use super::model::{Host, Outcome};
use super::tickets::{TicketEntry, Tickets};
use super::transport::Transport;
use crate::error::{Code, Error};
use crate::generation::Generation;
use crate::provider::RecoverySupport;
use std::rc::Rc;

pub struct Recovery<H: Host> {
    transport: Rc<Transport<H>>,
    tickets: Rc<Tickets<H>>,
}

impl<H: Host> Recovery<H> {
    pub fn new(transport: Rc<Transport<H>>, tickets: Rc<Tickets<H>>) -> Self {
        Recovery { transport, tickets }
    }

    /// Looks for a ticket's job until it would be there; what is found belongs to the ticket from then on.
    pub async fn find(&self, entry: &Rc<TicketEntry>) -> Outcome<Option<Generation>> {
        // What another life lost, it lost by another clock, which may have stood still: it is looked for from now on.
        let mut lost_at = entry.lost.get().unwrap_or_else(|| self.transport.host.now());
        loop {
            if let Some(found) = self.search_listing(entry, lost_at).await? {
                return Ok(Some(found));
            }
            // An identical creation may have taken our job for its own, and what that one makes is ours then.
            let latest = self
                .tickets
                .siblings(entry)
                .filter_map(|sibling| sibling.lost.get())
                .fold(entry.sibling_lost.get(), f64::max);
            if latest <= lost_at {
                return match self.transport.provider.recovery_support() {
                    RecoverySupport::FullListing => Ok(None),
                    // It may have run and ended, or not be told from another.
                    _ => Err(Error::new(Code::UnknownOutcome, "")),
                };
            }
            lost_at = latest;
        }
    }
}
