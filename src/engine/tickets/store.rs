//! Tickets on their way into the store.

use super::Tickets;
use super::entry::{Ownership, TicketEntry};
use super::ticket::{PREFIX, Ticket};
use crate::engine::model::{Host, Outcome};
use crate::error::{Code, Error};
use crate::generation::Generation;
use crate::json::Json;
use crate::request::Request;
use crate::text::{concat, integer, replace};
use std::rc::Rc;

/// What was learnt of how long jobs take.
pub const DURATIONS: &str = "durations";

/// What stands for the ticket's id in a `callback_url`: with it a lost job is found for certain.
const PLACEHOLDER: &str = "{ticket}";

impl<H: Host> Tickets<H> {
    /// Makes a ticket.
    pub fn new_ticket(&self, mut request: Request, parent: Option<String>) -> Rc<TicketEntry> {
        let id = self.random_id();
        if let Some(url) = request.body.text("callback_url") {
            request.body = request.body.with("callback_url", Json::string(&replace(&url, PLACEHOLDER, &id)));
        }
        self.account.prune();
        self.account.add(
            self.owner,
            Ticket::new(id, self.transport.provider.id(), &self.account.fingerprint(), request, parent),
        )
    }

    /// 78 bits in digits: two of a store never meet.
    fn random_id(&self) -> String {
        let half = || integer((self.transport.host.random() * 1e12) as u64);
        concat(&[&half(), "-", &half()])
    }

    pub fn key(&self, entry: &TicketEntry) -> String {
        concat(&[PREFIX, &entry.ticket.borrow().id])
    }

    /// Takes an entry's lock; `None` while another client has it.
    pub async fn lock(&self, key: &str) -> Outcome<Option<H::Lock>> {
        let failed =
            |reason: String| Error::new(Code::Store, concat(&["The store could not lock ", key, ": ", &reason]));
        self.transport.host.lock(key).await.map_err(failed)
    }

    /// Writes down what is known by now. Nobody waits for it: should it fail, the ticket is found by what was written last.
    pub fn persist(&self, entry: &TicketEntry) {
        drop(self.persist_and_wait(entry));
    }

    /// The same, to be waited for; the write is under way at once. `None` where nothing is stored.
    pub fn persist_and_wait(&self, entry: &TicketEntry) -> Option<impl Future<Output = Result<(), String>>> {
        self.transport
            .host
            .has_store()
            .then(|| self.transport.host.write(&self.key(entry), Some(&entry.ticket.borrow().write())))
    }

    /// The answer to its creation is not waited for any more.
    pub fn doubt(&self, entry: &Rc<TicketEntry>, lost_at: f64) {
        entry.ticket.borrow_mut().doubt = Some(lost_at);
        if entry.lost.get().is_none() {
            self.lose(entry, self.transport.host.now());
        }
        self.persist(entry);
    }

    /// The ticket has done its work.
    pub fn delete(&self, entry: &Rc<TicketEntry>) {
        self.account.remove(entry);
        if self.transport.host.has_store() {
            self.account.mark_deleted(&entry.ticket.borrow().id);
            drop(self.transport.host.write(&self.key(entry), None));
        }
    }

    /// A job was looked at: where it stands is written down when that has changed.
    pub fn record_state(&self, generation: &Generation) {
        let Some(entry) = self.account.of_job(&generation.id) else { return };
        let before = entry.ticket.borrow_mut().state.replace(generation.state);
        // A finished one is about to be handed over, which removes it; one in other hands is theirs to write.
        if before != Some(generation.state) && !generation.state.is_final() && entry.ownership.get() == Ownership::Held
        {
            self.persist(&entry);
        }
    }

    /// How long a job took was noticed: the store keeps it for the next visit.
    pub fn keep_durations(&self) {
        if self.transport.host.has_store() {
            drop(self.transport.host.write(DURATIONS, Some(&self.durations.write())));
        }
    }
}
