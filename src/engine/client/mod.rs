//! The face of the engine: a client, its batches, and what can be asked of them.
//!
//! This room knows all the others and puts them together. No other room knows it.

mod run;
mod settings;

use super::jobs::{Caller, Jobs, Target, ValidatedRequest};
use super::model::{Budget, Host, Key, Outcome, Settings};
use super::scheduling::BudgetLedger;
use super::tickets::{AccountName, AccountRegistry, TicketInfo, Tickets};
use super::transport::{Answer, Query, Transport};
use crate::error::{Code, Error, Problem, ProblemCode};
use crate::generation::Generation;
use crate::json::Json;
use crate::pricing::Estimate;
use crate::provider::{File, ProviderId, provider};
use crate::request::RequestKind;
use crate::text::concat;
use std::future::Future;
use std::rc::Rc;

/// A client of one provider, or a batch of one with a budget of its own: what they do is the same.
pub struct Client<H: Host> {
    transport: Rc<Transport<H>>,
    tickets: Rc<Tickets<H>>,
    jobs: Rc<Jobs<H>>,
    caller: Caller,
}

impl<H: Host> Client<H> {
    /// A client on that machine. With the others of its account in the isolate it shares the limits.
    pub fn within(registry: &AccountRegistry, host: H, settings: Settings) -> Self {
        let provider = provider(settings.provider, settings.variant());
        let base = settings.base_url.as_deref().unwrap_or(provider.base_url());
        let key = settings.api_key.as_ref().map_or("", Key::reveal);
        let limits = settings.limits.unwrap_or_else(|| provider.limits());
        let name = AccountName { provider: provider.id().as_str(), base, key, timeline: host.timeline() };
        let (chosen, one_limit) = (settings.limits.is_some(), provider.one_limit());
        let account = registry.account(name, limits, chosen, one_limit, host.now());
        let ledger = BudgetLedger::new(settings.budget, None);
        let transport = Rc::new(Transport { host, settings, provider, server: account.server.clone() });
        let tickets = Rc::new(Tickets::new(transport.clone(), account));
        let jobs = Rc::new(Jobs::new(transport.clone(), tickets.clone()));
        let caller = Caller { number: tickets.owner, ledger };
        Client { transport, tickets, jobs, caller }
    }

    /// The same client for a batch: it takes turns with its other callers, and may have a budget within the client's.
    pub fn batch(&self, budget: Option<Budget>) -> Self {
        let ledger = BudgetLedger::new(budget, Some(self.caller.ledger.clone()));
        Client {
            transport: self.transport.clone(),
            tickets: self.tickets.clone(),
            jobs: self.jobs.clone(),
            caller: Caller { number: self.tickets.account.number(), ledger },
        }
    }

    /// Which provider answers.
    pub fn provider(&self) -> ProviderId {
        self.transport.provider.id()
    }

    /// The machine.
    pub fn host(&self) -> &H {
        &self.transport.host
    }

    /// Checks a request without sending it: every broken rule, and what the documents contradict each other about.
    pub fn check(&self, request: &Json) -> Vec<Problem> {
        self.jobs.check(request)
    }

    /// Checks a request that makes a job.
    pub fn validate(&self, request: &Json) -> Outcome<ValidatedRequest> {
        self.jobs.validate(request)
    }

    /// Checks a request that makes a job out of an earlier one: a larger video, sound.
    pub fn validate_derived(&self, kind: RequestKind, id: &str, request: &Json) -> Outcome<ValidatedRequest> {
        self.jobs.validate_derived(kind, id, request)
    }

    /// What a request costs.
    pub fn estimate(&self, request: &Json) -> Outcome<Estimate> {
        Ok(self.transport.provider.estimate(&self.jobs.prepare(request)?))
    }

    /// A job out of what the provider POSTed to a callback.
    pub fn posted(&self, body: &Json) -> Outcome<Generation> {
        self.transport.provider.callback(body).ok_or_else(|| {
            let message = concat(&["What was posted is not about a generation of ", self.provider().as_str()]);
            Error::new(Code::Protocol, message)
        })
    }

    /// What an object stands for: one of our generations (also one that was stored as JSON), the provider's own, or
    /// anything with an `id`.
    pub fn target(&self, object: &Json) -> Option<Target> {
        self.jobs.target(object)
    }

    /// What can be resumed, and what cannot be read.
    pub fn tickets(&self) -> impl Future<Output = Outcome<Vec<TicketInfo>>> {
        self.tickets.list()
    }

    /// The caller has its error about that ticket, which goes if it was kept until then.
    pub fn error_delivered(&self, ticket: &str) {
        self.tickets.close_reported(Some(ticket));
    }

    /// The caller has all that it wants of a finished job: a ticket's id, a job's, or a generation. Its ticket goes.
    pub async fn acknowledge(&self, subject: &Json) -> Outcome<()> {
        let (name, job) = match subject.as_str().map(Target::Id).or_else(|| self.target(subject)) {
            Some(Target::Id(name)) => (name, None),
            Some(Target::Job(job)) => (job.id.clone(), Some(job).filter(|job| job.state.is_final())),
            None => {
                let message = "must be a ticket, or a generation";
                return Err(Error::invalid(vec![Problem::new("id", ProblemCode::InvalidType, message)]));
            }
        };
        self.tickets.acknowledge(&name, job.as_ref()).await
    }

    /// Asks, as often as the settings allow.
    pub async fn ask(&self, query: Query) -> Outcome<Answer> {
        let answer = self.transport.ask(&query).await;
        if let (Query::Removal(id), Ok(_)) = (&query, &answer) {
            // At the provider it may run on, and counts within the limits there.
            self.tickets.account.unwatch(id);
            self.jobs.discard_job(id);
        }
        answer
    }

    /// Uploads a file, and gives how a request names it then.
    pub fn upload(&self, file: File, content: &H::File) -> impl Future<Output = Outcome<Json>> {
        self.transport.upload(file, content)
    }
}
