//! Resuming what an earlier call or process left: after a reload, a crash, an abort.

use super::settle::{LOOK_YOURSELF, outcome_unknown};
use super::{CallContext, Jobs, Target};
use crate::engine::model::timing::{FOLLOW_CHECK, SAME_CLIENT_CHECK};
use crate::engine::model::{Host, Observer, Outcome};
use crate::engine::tickets::{CreationGuard, Ownership, Stage, TicketEntry};
use crate::error::{Code, Error};
use crate::generation::{Generation, State};
use crate::text::concat;
use std::any::Any;
use std::rc::Rc;

impl<H: Host> Jobs<H> {
    /// Resumes a ticket: a creation that was never sent is sent, a lost one is recovered, a job is waited for. While another
    /// client has the ticket, this one follows it.
    pub async fn resume<O: Observer>(&self, id: &str, call: &CallContext<'_, O>) -> Outcome<Generation> {
        self.tickets.close_reported(None);
        let entry = self.tickets.account.of_id(id);
        let stored = self.transport.host.has_store();
        let is_mine = |entry: &Rc<TicketEntry>| entry.owner.get() == self.tickets.owner;
        // Another client's may be in this client's store as well. If it is not, it stays where it is.
        if stored && entry.as_ref().is_some_and(|entry| !is_mine(entry)) {
            self.tickets.sync().await?;
        }
        let ours = |entry: &Rc<TicketEntry>| is_mine(entry) || !stored && entry.ownership.get() == Ownership::Free;
        let Some(entry) = entry.filter(ours) else {
            return Err(Error::new(Code::NotFound, concat(&["There is no ticket ", id, " to resume"])));
        };
        // What this call holds of the ticket until the job is delivered.
        let (following, mut lock, mut guard);
        let target = 'target: {
            // Another call of ours has it: this one waits for the same job.
            while entry.ownership.get() != Ownership::Free && self.report_stage(&entry, call) != Stage::Made {
                self.transport.host.sleep(SAME_CLIENT_CHECK).await;
                self.tickets.expire_leases();
            }
            if entry.ownership.get() != Ownership::Free || self.tickets.account.of_id(id).is_none() {
                break 'target self.job_of_another(&entry, "Another call")?;
            }
            self.report_stage(&entry, call);
            following = Following(&entry, entry.acquire(Ownership::Elsewhere, &call.heartbeat, FOLLOW_CHECK));
            entry.owner.set(self.tickets.owner);
            let mut seen = entry.ticket.borrow().state;
            // A call of this process that is gone may have left its lock.
            lock = entry.lock.take();
            while self.transport.host.has_store() {
                if lock.is_none() {
                    let taken = self.tickets.lock(&self.tickets.key(&entry)).await?;
                    lock = taken.map(|lock| Box::new(lock) as Box<dyn Any>);
                }
                self.tickets.sync().await?;
                if self.tickets.account.of_id(id).is_none() {
                    break 'target self.job_of_another(&entry, "Another client")?;
                }
                if lock.is_some() {
                    break;
                }
                self.report_stage(&entry, call);
                let state = entry.ticket.borrow().state;
                if state != seen {
                    seen = state;
                    self.follow(&entry, call);
                }
                self.transport.host.store_changed(FOLLOW_CHECK).await;
            }
            drop(following);
            guard = self.take_up(&entry, lock, call);
            let job = entry.ticket.borrow().job.clone();
            match job {
                Some(job) => Target::Id(job),
                None => Target::Job(self.make(&mut guard, call).await?),
            }
        };
        self.wait_until_done(target, call).await
    }

    /// The job of a ticket that another call or client has, or had until it was gone. That one may have had to leave the outcome unknown.
    fn job_of_another(&self, entry: &TicketEntry, who: &str) -> Outcome<Target> {
        let job = entry.ticket.borrow().job.clone();
        job.map(Target::Id).ok_or_else(|| {
            let creation = entry.creation();
            match self.tickets.account.any_outcome_unknown(&|other| other.id == creation.ticket) {
                true => outcome_unknown(LOOK_YOURSELF, creation, None),
                false => Error::new(Code::Gone, concat(&[who, " resumed this ticket, and it came to no job"])),
            }
        })
    }

    /// Reports to the call how far the ticket's creation has come, which its caller learns should it give up. Gives the stage.
    fn report_stage<O: Observer>(&self, entry: &TicketEntry, call: &CallContext<'_, O>) -> Stage {
        let (job, sent, state) = {
            let ticket = entry.ticket.borrow();
            (ticket.job.clone(), ticket.sent, ticket.state)
        };
        match (job, sent) {
            (Some(job), _) => {
                // A final state is not reported without its files.
                let state = state.filter(|state| !state.is_final()).unwrap_or(State::Queued);
                call.job_known(&self.bare_generation(&job, state));
                Stage::Made
            }
            (None, Some(_)) => {
                call.sending(Some(entry.creation()));
                Stage::OutcomeUnknown
            }
            (None, None) => {
                call.sending(None);
                Stage::Unsent
            }
        }
    }

    /// This call has the ticket now, at the stage where it stands.
    fn take_up<O: Observer>(
        &self,
        entry: &Rc<TicketEntry>,
        lock: Option<Box<dyn Any>>,
        call: &CallContext<'_, O>,
    ) -> CreationGuard<'_, H> {
        if entry.reservation.borrow().is_none() {
            let usd = {
                let ticket = entry.ticket.borrow();
                // What is kept for its caller was paid for earlier.
                ticket.usd.filter(|_| !ticket.is_finished())
            };
            *entry.reservation.borrow_mut() = Some(call.caller.ledger.charge(usd.unwrap_or(0.0)));
        }
        let stage = self.report_stage(entry, call);
        let mut guard = self.tickets.guard(entry.clone(), stage, &call.heartbeat);
        drop(entry.lock.replace(lock));
        guard.resumed = true;
        match stage {
            Stage::Made => entry.set_spent(true),
            Stage::OutcomeUnknown => {
                // The call that sent it waits no more.
                let lost = {
                    let ticket = entry.ticket.borrow();
                    ticket
                        .lost_at
                        .unwrap_or(ticket.sent.unwrap_or_default() + self.tickets.creation_timeout(&ticket.request))
                };
                self.tickets.mark_lost(entry, lost);
            }
            _ => {}
        }
        guard
    }

    /// Reports to the caller what another client has written.
    fn follow<O: Observer>(&self, entry: &TicketEntry, call: &CallContext<'_, O>) {
        let (generation, progress) = {
            let ticket = entry.ticket.borrow();
            // A final state is reported with the files.
            let state = ticket.state.filter(|state| !state.is_final());
            let (Some(job), Some(state)) = (&ticket.job, state) else { return };
            let elapsed = (self.transport.host.now() - ticket.sent.unwrap_or(f64::INFINITY)).max(0.0);
            let progress = self.tickets.estimate_duration(&ticket.request).progress(elapsed);
            (self.bare_generation(job, state), progress)
        };
        call.update(&generation, progress);
    }
}

/// It lives while this call follows another client. When this call gives up, any call may take the ticket.
struct Following<'a>(&'a TicketEntry, u32);

impl Drop for Following<'_> {
    fn drop(&mut self) {
        if self.0.is_held_by(self.1) {
            self.0.ownership.set(Ownership::Free);
        }
    }
}
