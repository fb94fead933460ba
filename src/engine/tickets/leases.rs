//! How long a creation may be under way, what counts within the limits although no call waits for it, and which calls are
//! gone.

use super::Tickets;
use super::entry::{Ownership, TicketEntry};
use crate::engine::model::Host;
use crate::engine::model::timing::{
    LATEST_ARRIVAL, LEASE_MARGIN, MAX_JOB, MAX_SYNC, SECOND, SYNC_DEFAULT, SYNC_MARGIN,
};
use crate::engine::scheduling::Permit;
use crate::json::Json;
use crate::request::GenerationRequest;

impl<H: Host> Tickets<H> {
    /// How long a call waits for the answer to a creation, in ms.
    pub fn creation_timeout(&self, request: &GenerationRequest) -> f64 {
        self.transport.settings.timeout + sync_wait(&request.body)
    }

    /// How long a creation is under way at most, in ms.
    pub fn creation_lease(&self, entry: &TicketEntry) -> f64 {
        self.creation_timeout(&entry.ticket.borrow().request) + LEASE_MARGIN
    }

    /// Counts a job that runs, or may, within the limits for so many ms at most.
    pub fn adopt(&self, entry: &TicketEntry, longest: f64) -> Permit {
        let ticket = entry.ticket.borrow();
        let name = ticket.job.as_ref().unwrap_or(&ticket.id);
        let (now, sent) = (self.transport.host.now(), ticket.sent.unwrap_or_default());
        let expected = self.estimate_duration(&ticket.request).expected;
        self.account.limiter(ticket.request.kind).adopt(now, sent, expected, now + longest, name)
    }

    /// Counts a job that no call of ours waits for: an earlier process began it, or another client has it.
    pub fn adopt_unattended(&self, entry: &TicketEntry) {
        let longest = {
            let ticket = entry.ticket.borrow();
            let Some(sent) = ticket.sent.filter(|_| !ticket.is_finished()) else { return };
            // A creation whose job is not known counts as one whose answer was lost. Its sender may have had another clock.
            let lost =
                || self.creation_lease(entry) + LATEST_ARRIVAL + 2.0 * self.estimate_duration(&ticket.request).expected;
            let since = || entry.last_loss.get().or(entry.first_seen.get()).unwrap_or(sent);
            let (whole, since) = if ticket.job.is_some() { (MAX_JOB, sent) } else { (lost(), since()) };
            whole - (self.transport.host.now() - since).max(0.0)
        };
        if longest > 0.0 {
            self.adopt(entry, longest);
        }
    }

    /// Takes tickets from calls that are gone. Gives whether some call may be gone: then ask again in a moment.
    pub fn expire_leases(&self) -> bool {
        let now = self.transport.host.now();
        let mut unsure = false;
        for entry in &self.account.tickets() {
            match entry.lease_expired(now) {
                None => unsure = true,
                Some(false) => {}
                Some(true) => {
                    // This is as after a crash: no call waits for the answer any more.
                    let ours = entry.ownership.replace(Ownership::Free) == Ownership::Held;
                    if ours && entry.is_unanswered() {
                        let lost_at = {
                            let ticket = entry.ticket.borrow();
                            ticket.sent.unwrap_or(now) + self.creation_timeout(&ticket.request)
                        };
                        self.note_loss(entry, lost_at);
                    }
                }
            }
        }
        unsure
    }
}

/// How much longer the answer to a `sync` request may take, in ms.
fn sync_wait(body: &Json) -> f64 {
    match body.get("sync").and_then(|sync| sync.as_bool()) {
        Some(true) => {
            let asked = body.num("sync_timeout").map_or(SYNC_DEFAULT, |seconds| seconds * SECOND);
            asked.clamp(0.0, MAX_SYNC) + SYNC_MARGIN
        }
        _ => 0.0,
    }
}
