//! Writing tickets into the store, and locking them.

use super::Tickets;
use super::entry::{Ownership, TicketEntry};
use super::ticket::{TICKET_PREFIX, Ticket};
use crate::engine::model::{Host, Outcome};
use crate::error::{Code, Error};
use crate::generation::Generation;
use crate::json::Json;
use crate::request::GenerationRequest;
use crate::text::{concat, integer, replace};
use std::rc::Rc;

/// The key of what was learnt of how long jobs take.
pub const DURATIONS: &str = "durations";

/// Stands for the ticket's id in a `callback_url`. With it the job of a lost creation is recognized for certain.
const PLACEHOLDER: &str = "{ticket}";

impl<H: Host> Tickets<H> {
    /// Makes a ticket in memory.
    pub fn new_ticket(&self, mut request: GenerationRequest, parent: Option<String>) -> Rc<TicketEntry> {
        let id = self.random_id();
        if let Some(url) = request.body.text("callback_url") {
            request.body = request.body.with("callback_url", Json::string(&replace(&url, PLACEHOLDER, &id)));
        }
        self.account.prune();
        let account = self.account.fingerprint();
        self.account.add(self.owner, Ticket::new(id, self.transport.provider.id(), &account, request, parent))
    }

    /// 78 random bits in digits: two tickets of a store never share an id.
    fn random_id(&self) -> String {
        let half = || integer((self.transport.host.random() * 1e12) as u64);
        concat(&[&half(), "-", &half()])
    }

    pub fn key(&self, entry: &TicketEntry) -> String {
        concat(&[TICKET_PREFIX, &entry.id()])
    }

    /// Takes the lock of a key; `None` while another client has it.
    pub async fn lock(&self, key: &str) -> Outcome<Option<H::Lock>> {
        let failed =
            |reason: String| Error::new(Code::Store, concat(&["The store could not lock ", key, ": ", &reason]));
        self.transport.host.lock(key).await.map_err(failed)
    }

    /// Whether a ticket is another client's, whose store may be another one: it is not written into this client's.
    pub fn belongs_to_another(&self, entry: &TicketEntry) -> bool {
        entry.owner.get() != self.owner
    }

    /// Writes what is known by now. No call waits for it: if it fails, the last write still says enough.
    pub fn persist(&self, entry: &TicketEntry) {
        if !self.belongs_to_another(entry) {
            drop(self.persist_and_wait(entry));
        }
    }

    /// The same, to be awaited. The write begins at once. `None` where there is no store.
    pub fn persist_and_wait(&self, entry: &TicketEntry) -> Option<impl Future<Output = Result<(), String>>> {
        let host = &self.transport.host;
        host.has_store().then(|| {
            let value = entry.ticket.borrow().write();
            host.write(&self.key(entry), Some(&value))
        })
    }

    /// The answer to the creation is lost, or not waited for any more.
    pub fn mark_lost(&self, entry: &Rc<TicketEntry>, lost_at: f64) {
        entry.ticket.borrow_mut().lost_at = Some(lost_at);
        if entry.last_loss.get().is_none() {
            self.note_loss(entry, self.transport.host.now());
        }
        self.persist(entry);
    }

    /// Removes a ticket from memory and store. From another client's store, that client removes it: with the end of its call, or when it next
    /// reads that.
    pub fn delete(&self, entry: &Rc<TicketEntry>) {
        self.account.remove(entry);
        // Taken out of the ticket, which a call that is gone keeps for ever.
        drop(entry.reservation.take());
        entry.deleted_by_another.set(self.belongs_to_another(entry));
        let id = entry.id();
        self.account.mark_deleted(&id);
        if self.transport.host.has_store() {
            self.erase(TICKET_PREFIX, &id);
        }
    }

    /// Deletes an entry of the store. No call waits for it.
    pub fn erase(&self, prefix: &str, id: &str) {
        drop(self.transport.host.write(&concat(&[prefix, id]), None));
    }

    /// A job was polled. Its state is written when it has changed.
    pub fn record_state(&self, generation: &Generation) {
        let Some(entry) = self.account.of_job(&generation.id) else { return };
        let before = entry.ticket.borrow_mut().state.replace(generation.state);
        // A finished job is about to be delivered, which deletes its ticket. One that another client holds is not ours to write.
        if before != Some(generation.state) && !generation.state.is_final() && entry.ownership.get() == Ownership::Held
        {
            self.persist(&entry);
        }
    }

    /// The store keeps the durations for the next visit.
    pub fn keep_durations(&self) {
        if self.transport.host.has_store() {
            drop(self.transport.host.write(DURATIONS, Some(&self.durations.write())));
        }
    }
}
