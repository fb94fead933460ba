//! Taking up what an earlier life left: after a reload, a crash, an abort.

use super::{CallContext, Jobs, Target};
use crate::engine::model::{Host, Observer, Outcome};
use crate::engine::tickets::{Ownership, Stage, TicketEntry};
use crate::error::{Code, Error};
use crate::generation::{Generation, State};
use crate::text::concat;
use std::any::Any;
use std::rc::Rc;

/// How often a client that follows another looks for what has changed, should nobody tell it, in ms.
const FOLLOW: f64 = 2000.0;

/// How often a call asks whether another one of this client, that has the ticket, knows its job, in ms.
const BESIDE: f64 = 200.0;

impl<H: Host> Jobs<H> {
    /// Takes a ticket up: a creation that was never sent is sent, a lost one is found, a job is waited for. While another
    /// client has it, this one follows.
    pub async fn resume<O: Observer>(&self, id: &str, call: &CallContext<'_, O>) -> Outcome<Generation> {
        let entry = self.tickets.account.find(|ticket| ticket.id == id);
        let ours = |entry: &Rc<TicketEntry>| {
            entry.owner.get() == self.tickets.owner || entry.ownership.get() == Ownership::Free
        };
        let Some(entry) = entry.filter(ours) else {
            return Err(Error::new(Code::NotFound, concat(&["There is no ticket ", id, " to take up"])));
        };
        // Another call of ours was faster: what it sees, this one sees as well.
        while entry.ownership.get() != Ownership::Free {
            let job = entry.ticket.borrow().job.clone();
            if let Some(job) = job {
                return self.wait_until_done(Target::Id(job), call).await;
            }
            self.transport.host.sleep(BESIDE).await;
            self.tickets.expire_leases();
        }
        if self.tickets.account.find(|ticket| ticket.id == id).is_none() {
            return Err(Error::new(Code::Gone, "Another call took this ticket up and made no job of it"));
        }
        let lock = {
            let number = entry.acquire(Ownership::Elsewhere, &call.heartbeat, FOLLOW);
            entry.owner.set(self.tickets.owner);
            let _following = Following(&entry, number);
            let mut seen = entry.ticket.borrow().state;
            // That of a call of this isolate that is gone.
            let mut lock = entry.lock.take();
            loop {
                if !self.transport.host.has_store() {
                    break None;
                }
                if lock.is_none() {
                    let taken = self.tickets.lock(&self.tickets.key(&entry)).await?;
                    lock = taken.map(|lock| Box::new(lock) as Box<dyn Any>);
                }
                self.tickets.sync().await?;
                if self.tickets.account.find(|ticket| ticket.id == id).is_none() {
                    let job = entry.ticket.borrow().job.clone();
                    let made_none = "Another client took this ticket up and made no job of it";
                    let job = job.ok_or_else(|| Error::new(Code::Gone, made_none))?;
                    return self.wait_until_done(Target::Id(job), call).await;
                }
                if lock.is_some() {
                    break lock;
                }
                let state = entry.ticket.borrow().state;
                if state != seen {
                    seen = state;
                    self.follow(&entry, call);
                }
                self.transport.host.store_changed(FOLLOW).await;
            }
        };
        let (job, sent, usd) = {
            let ticket = entry.ticket.borrow();
            (ticket.job.clone(), ticket.sent.is_some(), ticket.usd)
        };
        if entry.reservation.borrow().is_none() {
            *entry.reservation.borrow_mut() = Some(call.caller.ledger.charge(usd.unwrap_or(0.0)));
        }
        let stage = match (&job, sent) {
            (Some(_), _) => Stage::Made,
            (None, true) => Stage::OutcomeUnknown,
            (None, false) => Stage::Unsent,
        };
        // Who gives up before the first look is told of what there is all the same; that it is over is not told without its files.
        let state = entry.ticket.borrow().state.filter(|state| !state.is_final()).unwrap_or(State::Queued);
        if let Some(job) = &job {
            call.job_known(&self.bare_generation(job, state));
        } else if stage == Stage::OutcomeUnknown {
            call.sending(Some(entry.creation()));
        }
        let mut guard = self.tickets.guard(entry.clone(), stage, &call.heartbeat);
        *entry.lock.borrow_mut() = lock;
        guard.resumed = true;
        if stage == Stage::OutcomeUnknown {
            // Whoever sent it waits no more.
            let lost = {
                let ticket = entry.ticket.borrow();
                ticket.doubt.unwrap_or(ticket.sent.unwrap_or_default() + self.tickets.creation_timeout(&ticket.request))
            };
            self.tickets.doubt(&entry, lost);
        }
        let target = match job {
            Some(job) => {
                entry.mark_spent();
                Target::Id(job)
            }
            None => Target::Job(self.make(&mut guard, call).await?),
        };
        let outcome = self.wait_until_done(target, call).await;
        drop(guard);
        outcome
    }

    /// Tells the caller what another client has written down.
    fn follow<O: Observer>(&self, entry: &TicketEntry, call: &CallContext<'_, O>) {
        let ticket = entry.ticket.borrow();
        // That it is over is told with its files.
        let (Some(job), Some(state)) = (&ticket.job, ticket.state.filter(|state| !state.is_final())) else { return };
        let elapsed = (self.transport.host.now() - ticket.sent.unwrap_or(f64::INFINITY)).max(0.0);
        let progress = self.tickets.estimate_duration(&ticket.request).progress(elapsed);
        call.update(&self.bare_generation(job, state), progress);
    }
}

/// While another client has the ticket. Given up, anybody may take it.
struct Following<'a>(&'a TicketEntry, u32);

impl Drop for Following<'_> {
    fn drop(&mut self) {
        if self.0.is_held_by(self.1) {
            self.0.ownership.set(Ownership::Free);
        }
    }
}
