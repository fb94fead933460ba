//! What can be resumed.

use super::Tickets;
use super::entry::Ownership;
use super::ticket::without_secret;
use crate::engine::model::timing::WAKE_UP_GRACE;
use crate::engine::model::{Host, Outcome};
use crate::error::Error;
use crate::generation::State;
use crate::json::Json;
use serde::Serialize;

/// A job, or a creation, that can be resumed.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS), ts(bound = "", concrete(Json = ()), optional_fields))]
pub struct TicketInfo {
    /// Its id.
    pub ticket: String,
    /// The job's id, once it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The job's state at its last poll; `completed` for one that is kept until it is acknowledged. Before the job is known: `waiting` in the queue, or `sent`. Absent when the ticket cannot
    /// be read.
    #[cfg_attr(feature = "types", ts(optional, type = "\"waiting\" | \"sent\" | State"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<&'static str>,
    /// What was asked for, where that can be read, without a `callback_secret`.
    #[cfg_attr(feature = "types", ts(optional, type = "Record<string, unknown>"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Json>,
    /// The `label` that its caller gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Why it cannot be resumed. It cannot be read and was set aside, or a newer version of the client or one with another key or
    /// address wrote it, and it was left alone.
    #[cfg_attr(feature = "types", ts(skip))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
}

impl<H: Host> Tickets<H> {
    /// The tickets that no call here works on, and what cannot be read.
    pub async fn list(&self) -> Outcome<Vec<TicketInfo>> {
        self.close_reported(None);
        if self.expire_leases() {
            self.transport.host.sleep(WAKE_UP_GRACE).await;
            self.expire_leases();
        }
        let mut found =
            if self.transport.host.has_store() { self.report_foreign(&self.sync().await?).await } else { Vec::new() };
        for entry in &self.account.tickets() {
            if entry.owner.get() == self.owner && entry.ownership.get() == Ownership::Free {
                let ticket = entry.ticket.borrow();
                // What may run counts within the limits before anything that waits is sent.
                self.adopt_unattended(entry);
                let (id, request) = (ticket.job.clone(), Some(without_secret(&ticket.request)));
                let before = if ticket.sent.is_some() { "sent" } else { "waiting" };
                let state = Some(ticket.state.map_or(before, State::as_str));
                let label = ticket.label.clone();
                found.push(TicketInfo { ticket: ticket.id.clone(), id, state, request, label, error: None });
            }
        }
        Ok(found)
    }
}
