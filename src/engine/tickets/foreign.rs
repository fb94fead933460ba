//! What there is in the store and is not for this client.

use super::Tickets;
use super::list::TicketInfo;
use super::ticket::{ASIDE, PREFIX, Ticket, without_secret};
use crate::engine::model::{Event, Host};
use crate::error::{Code, Error};
use crate::json::Json;
use crate::text::concat;

/// What there is in the store and is not for this client.
pub struct ForeignEntries {
    pub newer: Vec<String>,
    pub corrupt: Vec<(String, Json)>,
    /// Of the same provider, made with another key or at another address.
    pub others: Vec<Ticket>,
}

impl<H: Host> Tickets<H> {
    /// Tells what could not be taken, and sets aside what is of no use to anybody.
    pub async fn report_foreign(&self, foreign: ForeignEntries) -> Vec<TicketInfo> {
        let mut told = Vec::new();
        for id in foreign.newer {
            told.push(unreadable(&id, "was written by a newer version of luma-edge: it is left alone"));
        }
        for (key, value) in foreign.corrupt {
            let id = key.strip_prefix(PREFIX).unwrap_or_default();
            self.transport.host.event(Event::TicketQuarantined { ticket: id });
            if self.transport.host.write(&concat(&[ASIDE, id]), Some(&value)).await.is_ok() {
                drop(self.transport.host.write(&key, None));
            }
            told.push(unreadable(id, "cannot be read: it is set aside in the store"));
        }
        for ticket in foreign.others {
            // Whoever works on it has the right key.
            if let Ok(Some(_lock)) = self.transport.host.lock(&concat(&[PREFIX, &ticket.id])).await {
                let why =
                    "was made with another apiKey or baseUrl: it is left alone, and a client with that one takes it up";
                told.push(TicketInfo {
                    id: ticket.job,
                    request: Some(without_secret(&ticket.request)),
                    ..unreadable(&ticket.id, why)
                });
            }
        }
        told
    }
}

fn unreadable(id: &str, why: &str) -> TicketInfo {
    let error = Error::new(Code::Store, concat(&["The ticket ", id, " ", why]));
    TicketInfo { ticket: id.to_owned(), id: None, state: None, request: None, error: Some(error) }
}
