//! Taking up what an earlier life left: after a reload, a crash, an abort.

use super::account::{GRACE, Hands, Known};
use super::create::{creation, without_secret};
use super::store::TicketInfo;
use super::work::Stage;
use super::{Caller, Client, Host, Observer, Outcome, Target};
use crate::error::{Code, Error};
use crate::generation::{Assets, Generation, GenerationData, State};
use crate::json::Json;
use crate::text::concat;
use std::any::Any;
use std::rc::Rc;

/// How often a client that follows another looks for what has changed, should nobody tell it, in ms.
const FOLLOW: f64 = 2000.0;
/// How often a call asks whether another one of this client, that has the ticket, knows its job, in ms.
const BESIDE: f64 = 200.0;

impl<H: Host> Client<H> {
    /// What nobody here works on, and what cannot be read.
    pub async fn tickets(&self) -> Outcome<Vec<TicketInfo>> {
        if self.let_go() {
            self.host.sleep(GRACE).await;
            self.let_go();
        }
        let mut found = if self.host.stores() { self.told(self.reload().await?).await } else { Vec::new() };
        for known in self.account.tickets() {
            if known.owner.get() == self.owner && known.hands.get() == Hands::Nobody {
                let ticket = known.ticket.borrow();
                // All that may run counts before anything that waits is sent.
                self.adopt_idle(&known);
                let (id, request) = (ticket.job.clone(), Some(without_secret(&ticket.request)));
                let before = if ticket.sent.is_some() { "sent" } else { "waiting" };
                let state = Some(ticket.state.map_or(before, State::as_str));
                found.push(TicketInfo { ticket: ticket.id.clone(), id, state, request, error: None });
            }
        }
        Ok(found)
    }

    /// Takes a ticket up: a creation that was never sent is sent, a lost one is found, a job is waited for. While another
    /// client has it, this one follows.
    pub(super) async fn resume<O: Observer>(&self, id: &str, caller: &Caller<'_, O>) -> Outcome<Generation> {
        let known = self.account.find(|ticket| ticket.id == id);
        let ours = |known: &Rc<Known>| known.owner.get() == self.owner || known.hands.get() == Hands::Nobody;
        let Some(known) = known.filter(ours) else {
            return Err(Error::new(Code::NotFound, concat(&["There is no ticket ", id, " to take up"])));
        };
        // Another call of ours was faster: what it sees, this one sees as well.
        while known.hands.get() != Hands::Nobody {
            let job = known.ticket.borrow().job.clone();
            if let Some(job) = job {
                return self.finished(Target::Id(job), caller).await;
            }
            self.host.sleep(BESIDE).await;
            self.let_go();
        }
        if self.account.find(|ticket| ticket.id == id).is_none() {
            return Err(Error::new(Code::Gone, "Another call took this ticket up and made no job of it"));
        }
        let lock = {
            let number = known.take(Hands::Elsewhere, &caller.pulse, FOLLOW);
            known.owner.set(self.owner);
            let _following = Following(&known, number);
            let mut seen = known.ticket.borrow().state;
            // That of a call of this isolate that is gone.
            let mut lock = known.lock.take();
            loop {
                if !self.host.stores() {
                    break None;
                }
                if lock.is_none() {
                    let taken = self.lock(&self.key(&known)).await?;
                    lock = taken.map(|lock| Box::new(lock) as Box<dyn Any>);
                }
                self.reload().await?;
                if self.account.find(|ticket| ticket.id == id).is_none() {
                    let job = known.ticket.borrow().job.clone();
                    let made_none = "Another client took this ticket up and made no job of it";
                    let job = job.ok_or_else(|| Error::new(Code::Gone, made_none))?;
                    return self.finished(Target::Id(job), caller).await;
                }
                if lock.is_some() {
                    break lock;
                }
                let state = known.ticket.borrow().state;
                if state != seen {
                    seen = state;
                    self.follow(&known, caller);
                }
                self.host.changed(FOLLOW).await;
            }
        };
        let (job, sent, usd) = {
            let ticket = known.ticket.borrow();
            (ticket.job.clone(), ticket.sent.is_some(), ticket.usd)
        };
        if known.payment.borrow().is_none() {
            *known.payment.borrow_mut() = Some(self.charge(usd.unwrap_or(0.0)));
        }
        let stage = match (&job, sent) {
            (Some(_), _) => Stage::Made,
            (None, true) => Stage::InDoubt,
            (None, false) => Stage::Unsent,
        };
        // Who gives up before the first look is told of what there is all the same; that it is over is not told without its files.
        let state = known.ticket.borrow().state.filter(|state| !state.is_final()).unwrap_or(State::Queued);
        if let Some(generation) = job.as_ref().and_then(|job| self.known_of(job, state)) {
            caller.known(&generation);
        } else if stage == Stage::InDoubt {
            caller.sending(Some(creation(&known)));
        }
        let mut work = self.work(known.clone(), stage, &caller.pulse);
        *known.lock.borrow_mut() = lock;
        work.resumed = true;
        if stage == Stage::InDoubt {
            // Whoever sent it waits no more.
            let lost = {
                let ticket = known.ticket.borrow();
                ticket.doubt.unwrap_or(ticket.sent.unwrap_or_default() + self.patience(&ticket.request))
            };
            self.doubt(&known, lost);
        }
        let target = match job {
            Some(job) => {
                known.paid();
                Target::Id(job)
            }
            None => Target::Job(self.make(&mut work, caller).await?),
        };
        let outcome = self.finished(target, caller).await;
        drop(work);
        outcome
    }

    /// A job of which no more than that is known.
    pub(super) fn known_of(&self, job: &str, state: State) -> Option<Generation> {
        let fields = vec![("id", Json::string(job)), ("state", Json::string(state.as_str()))];
        let data = GenerationData {
            id: job.to_owned(),
            provider: self.provider.id(),
            state,
            failure: None,
            created_at: None,
            assets: Assets::default(),
            outputs: Vec::new(),
            model: None,
            request: None,
            raw: Json::object(fields),
        };
        Some(data.into())
    }

    /// Tells the caller what another client has written down.
    fn follow<O: Observer>(&self, known: &Known, caller: &Caller<'_, O>) {
        let ticket = known.ticket.borrow();
        // That it is over is told with its files.
        let (Some(job), Some(state)) = (&ticket.job, ticket.state.filter(|state| !state.is_final())) else { return };
        if let Some(generation) = self.known_of(job, state) {
            let elapsed = (self.host.now() - ticket.sent.unwrap_or(f64::INFINITY)).max(0.0);
            caller.update(&generation, self.guess(&ticket.request).progress(elapsed));
        }
    }
}

/// While another client has the ticket. Given up, anybody may take it.
struct Following<'a>(&'a Known, u32);

impl Drop for Following<'_> {
    fn drop(&mut self) {
        if self.0.is_held(self.1) {
            self.0.hands.set(Hands::Nobody);
        }
    }
}
