//! What counts within the limits whoever waits for it, and letting go of what a call holds that is gone.

use super::Tickets;
use super::entry::{Ownership, TicketEntry};
use crate::engine::model::Host;
use crate::engine::model::timing::{LATEST_ARRIVAL, LEASE_MARGIN, LONGEST_JOB};
use crate::engine::scheduling::Permit;
use crate::json::Json;
use crate::request::Request;

/// On top of what a `sync` request waits for at the server, in ms.
const SYNC_MARGIN: f64 = 30_000.0;

/// The API's own default for `sync_timeout`, in seconds.
const SYNC_DEFAULT: f64 = 60.0;

impl<H: Host> Tickets<H> {
    /// How long the answer to a creation is waited for, in ms.
    pub fn creation_timeout(&self, request: &Request) -> f64 {
        self.transport.settings.timeout + sync_wait(&request.body)
    }

    /// How long a creation is under way at most, in ms.
    pub fn creation_lease(&self, entry: &TicketEntry) -> f64 {
        self.creation_timeout(&entry.ticket.borrow().request) + LEASE_MARGIN
    }

    /// A job that runs, or may, takes its place within the limits, for so many ms at most.
    pub fn adopt(&self, entry: &TicketEntry, longest: f64) -> Permit {
        let ticket = entry.ticket.borrow();
        let name = ticket.job.as_ref().unwrap_or(&ticket.id);
        let (now, sent) = (self.transport.host.now(), ticket.sent.unwrap_or_default());
        let expected = self.estimate_duration(&ticket.request).expected;
        self.account.limiter(ticket.request.kind).adopt(now, sent, expected, now + longest, name)
    }

    /// All that may run counts within the limits, whoever waits for it: what an earlier life began, what another tab has.
    pub fn adopt_unattended(&self, entry: &TicketEntry) {
        let longest = {
            let ticket = entry.ticket.borrow();
            let Some(sent) = ticket.sent.filter(|_| ticket.state.is_none_or(|state| !state.is_final())) else { return };
            // As long as for one whose answer was lost, where the job is not known. Whoever sent it may have had another clock.
            let lost =
                || self.creation_lease(entry) + LATEST_ARRIVAL + 2.0 * self.estimate_duration(&ticket.request).expected;
            let since = || entry.lost.get().or(entry.met.get()).unwrap_or(sent);
            let (whole, since) = if ticket.job.is_some() { (LONGEST_JOB, sent) } else { (lost(), since()) };
            whole - (self.transport.host.now() - since).max(0.0)
        };
        if longest > 0.0 {
            self.adopt(entry, longest);
        }
    }

    /// Lets go of what calls have in hand that are gone. Gives whether there are some of which that is not known yet.
    pub fn expire_leases(&self) -> bool {
        let now = self.transport.host.now();
        let mut unsure = false;
        for entry in self.account.tickets() {
            match entry.lease_expired(now) {
                None => unsure = true,
                Some(false) => {}
                Some(true) => {
                    // As after a crash; its answer is not waited for any more.
                    let ours = entry.ownership.replace(Ownership::Free) == Ownership::Held;
                    if ours && entry.is_unanswered() {
                        let lost_at = {
                            let ticket = entry.ticket.borrow();
                            ticket.sent.unwrap_or(now) + self.creation_timeout(&ticket.request)
                        };
                        self.lose(&entry, lost_at);
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
        Some(true) => body.num("sync_timeout").unwrap_or(SYNC_DEFAULT).clamp(0.0, 86_400.0) * 1000.0 + SYNC_MARGIN,
        _ => 0.0,
    }
}
