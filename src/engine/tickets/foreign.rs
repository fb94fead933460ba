//! Entries of the store that this client cannot resume.

use super::Tickets;
use super::list::TicketInfo;
use super::ticket::{QUARANTINE_PREFIX, TICKET_PREFIX, Ticket, without_secret};
use crate::engine::model::{Event, Host};
use crate::error::{Code, Error};
use crate::json::Json;
use crate::text::concat;

/// Entries of the store that this client cannot resume.
pub struct ForeignEntries {
    pub newer: Vec<String>,
    /// Their ids, and what stands there.
    pub corrupt: Vec<(String, Json)>,
    /// Made with another key or at another address of the same provider.
    pub other_accounts: Vec<Ticket>,
}

impl<H: Host> Tickets<H> {
    /// Reports them to the caller, and quarantines those that cannot be read.
    pub async fn report_foreign(&self, foreign: &ForeignEntries) -> Vec<TicketInfo> {
        let mut reports = Vec::new();
        for id in &foreign.newer {
            reports.push(unreadable(id, "was written by a newer version of luma-edge: it is left alone"));
        }
        for (id, value) in &foreign.corrupt {
            self.transport.host.event(Event::TicketQuarantined { ticket: id });
            if self.transport.host.write(&concat(&[QUARANTINE_PREFIX, id]), Some(value)).await.is_ok() {
                self.erase(TICKET_PREFIX, id);
            }
            reports.push(unreadable(id, "cannot be read: it is set aside in the store"));
        }
        for ticket in &foreign.other_accounts {
            // One that is locked is in the hands of a client with the right key.
            if let Ok(Some(_lock)) = self.transport.host.lock(&concat(&[TICKET_PREFIX, &ticket.id])).await {
                let why =
                    "was made with another apiKey or baseUrl: it is left alone, and a client with that one takes it up";
                reports.push(TicketInfo {
                    id: ticket.job.clone(),
                    label: ticket.label.clone(),
                    request: Some(without_secret(&ticket.request)),
                    ..unreadable(&ticket.id, why)
                });
            }
        }
        reports
    }
}

fn unreadable(id: &str, why: &str) -> TicketInfo {
    let error = Error::new(Code::Store, concat(&["The ticket ", id, " ", why]));
    TicketInfo { ticket: id.to_owned(), id: None, state: None, request: None, label: None, error: Some(error) }
}
