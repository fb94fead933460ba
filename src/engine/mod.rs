//! What a client does over time, as plain async over [`Host`]. Cancelling is dropping: every future here may be dropped at
//! any await, and what it had under way is stopped by the host.

mod account;
mod client;
mod create;
mod echo;
mod find;
mod model;
mod poll;
mod resume;
mod rivals;
mod run;
mod scheduling;
mod store;
mod ticket;
mod transport;
mod work;

pub use crate::limits::{Limit, Limits};
pub use account::Isolate;
pub use create::Order;
pub use model::{
    Budget, Event, FetchError, First, Host, Key, Observer, Progress, QueuePosition, Race, Settings, Unsupported,
    Visibility, WhenLost, race,
};
pub use poll::Target;
pub use run::{Task, Terms};
pub use store::TicketInfo;
pub use transport::{Answer, Query};

use crate::error::{Code, Error, Problem};
use crate::generation::Generation;
use crate::json::Json;
use crate::pricing::Estimate;
use crate::provider::{File, PAGE_SIZE as PAGE, ProviderId, provider};
use crate::request::Request;
use crate::text::concat;
use account::Account;
use model::Outcome;
use model::timing::LONGEST_JOB as FORGOTTEN;
use run::Caller;
use scheduling::{BudgetLedger, DurationEstimate, DurationEstimator, Poller, Reservation, retry};
use std::cell::{Cell, RefCell};
use std::ops::Deref;
use std::rc::Rc;
use transport::{Transport, checked_id};

/// A client of one provider, or a batch of one with a budget of its own: what they do is the same.
pub struct Client<H: Host> {
    core: Rc<Core<H>>,
    /// Callers take turns in the queue by this number.
    number: u32,
    wallet: Rc<BudgetLedger>,
}

/// What a client and its batches share.
pub struct Core<H: Host> {
    transport: Transport<H>,
    account: Rc<Account>,
    /// By which the tickets of this client are known.
    owner: u32,
    watches: Poller,
    durations: DurationEstimator,
    /// Whether the store was read.
    opened: Cell<store::Opened>,
    /// Jobs that were handed over lately, by whoever shares the store.
    done: RefCell<Vec<String>>,
}

impl<H: Host> Deref for Client<H> {
    type Target = Core<H>;

    fn deref(&self) -> &Core<H> {
        &self.core
    }
}

impl<H: Host> Deref for Core<H> {
    type Target = Transport<H>;

    fn deref(&self) -> &Transport<H> {
        &self.transport
    }
}

impl<H: Host> Client<H> {
    /// A client on that machine, alone in its isolate.
    pub fn new(host: H, settings: Settings) -> Self {
        Self::within(&Isolate::default(), host, settings)
    }

    /// A client on that machine. With the others of its account in the isolate it shares the limits.
    pub fn within(isolate: &Isolate, host: H, settings: Settings) -> Self {
        let provider = provider(settings.provider, settings.variant());
        let base = settings.base_url.as_deref().unwrap_or(provider.base_url());
        let key = settings.api_key.as_ref().map_or("", Key::reveal);
        let limits = settings.limits.unwrap_or_else(|| provider.limits());
        let name = [provider.id().as_str(), " ", base, " ", key];
        let (given, together) = (settings.limits.is_some(), provider.one_limit());
        let account = isolate.account(&name, host.timeline(), limits, given, together, host.now());
        let owner = account.number();
        let wallet = BudgetLedger::new(settings.budget, None);
        let clock_skew = account.skew.clone();
        let core = Core {
            account,
            owner,
            watches: Poller::new(provider.lists_states()),
            durations: DurationEstimator::default(),
            opened: Cell::new(store::Opened::No),
            done: RefCell::default(),
            transport: Transport { host, settings, provider, clock_skew },
        };
        Client { core: Rc::new(core), number: owner, wallet }
    }

    /// The same client for a batch: it takes turns with its other callers, and may have a budget within the client's.
    pub fn batch(&self, budget: Option<Budget>) -> Self {
        let wallet = BudgetLedger::new(budget, Some(self.wallet.clone()));
        Client { core: self.core.clone(), number: self.account.number(), wallet }
    }

    /// Who is asked.
    pub fn provider(&self) -> ProviderId {
        self.provider.id()
    }

    /// The machine.
    pub fn host(&self) -> &H {
        &self.host
    }

    /// Checks a request without sending it: every broken rule, and what the documents contradict each other about.
    pub fn check(&self, request: &Json) -> Vec<Problem> {
        match Request::read(&*self.provider, request, self.drops()) {
            Ok((_, disputed)) => disputed,
            Err(problems) => problems,
        }
    }

    /// A job out of what the provider POSTed to a callback.
    pub fn posted(&self, body: &Json) -> Outcome<Generation> {
        self.provider.callback(body).ok_or_else(|| {
            let message = concat(&["What was posted is not about a generation of ", self.provider.id().as_str()]);
            Error::new(Code::Protocol, message)
        })
    }

    /// Asks, as often as the settings allow.
    pub async fn ask(&self, query: Query) -> Outcome<Answer> {
        let answer = self.transport.ask(&query).await;
        if let (Query::Removal(id), Ok(_)) = (&query, &answer) {
            // At the provider it may run on, and counts within the limits there.
            self.account.unseen(id);
            self.dropped(id);
        }
        answer
    }

    /// Uploads a file, and gives how a request names it then.
    pub async fn upload(&self, file: File, content: &H::File) -> Outcome<Json> {
        self.transport.upload(file, content).await
    }

    fn drops(&self) -> bool {
        self.settings.unsupported == Unsupported::Drop
    }

    /// What a request costs.
    pub fn estimate(&self, request: &Json) -> Outcome<Estimate> {
        Ok(self.provider.estimate(&self.prepare(request)?))
    }

    fn prepare(&self, request: &Json) -> Outcome<Request> {
        if self.settings.validate {
            Request::read(&*self.provider, request, self.drops()).map(|(request, _)| request).map_err(Error::invalid)
        } else {
            Request::unchecked(request).map_err(Error::invalid)
        }
    }

    /// How long such a job is thought to take.
    fn estimate_duration(&self, request: &Request) -> DurationEstimate {
        self.durations.estimate(&*self.provider, request)
    }

    fn pay(&self, request: &Request, price: Option<f64>) -> Outcome<Reservation> {
        self.wallet.reserve(price, || self.provider.estimate(request).usd)
    }

    fn charge(&self, usd: f64) -> Reservation {
        self.wallet.charge(usd)
    }
}
