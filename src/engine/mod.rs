//! What a client does over time, as plain async over [`Host`]. Cancelling is dropping: every future here may be dropped at
//! any await, and what it had under way is stopped by the host.

mod account;
mod budget;
mod create;
mod echo;
mod event;
mod exchange;
mod find;
mod host;
mod lane;
mod learnt;
mod limits;
mod poll;
mod query;
mod race;
mod resume;
mod retry;
mod rivals;
mod run;
mod schedule;
mod settings;
mod skew;
mod store;
mod ticket;
mod upload;
mod watch;
mod whole;
mod work;

pub use account::Isolate;
pub use budget::Budget;
pub use create::Order;
pub use event::Event;
pub use host::{Attention, FetchError, Host};
pub use lane::Queue;
pub use limits::{Limit, Limits};
pub use poll::{Progress, Target};
pub use query::{Answer, Query};
pub use race::{First, Race, race};
pub use run::{Observer, Task, Terms};
pub use settings::{Key, Settings, Unsupported, WhenLost};
pub use store::TicketInfo;

use crate::error::{Code, Error, Problem, ProblemCode};
use crate::generation::Generation;
use crate::http::{Body, Response};
use crate::json::Json;
use crate::pricing::Estimate;
use crate::provider::{Page, Provider, ProviderId, provider};
use crate::request::Request;
use crate::text::concat;
use account::Account;
use budget::Wallet;
use learnt::{Guess, Learnt};
use run::Caller;
use std::cell::{Cell, RefCell};
use std::ops::Deref;
use std::rc::Rc;
use watch::Watches;

/// A client of one provider, or a batch of one with a budget of its own: what they do is the same.
pub struct Client<H: Host> {
    core: Rc<Core<H>>,
    /// Callers take turns in the queue by this number.
    number: u32,
    wallet: Rc<Wallet>,
}

/// What a client and its batches share.
pub struct Core<H: Host> {
    host: H,
    settings: Settings,
    provider: Box<dyn Provider>,
    account: Rc<Account>,
    /// By which the tickets of this client are known.
    owner: u32,
    watches: Watches,
    learnt: Learnt,
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

/// How many jobs a page of the list holds at most (API).
const PAGE: f64 = 100.0;
/// No job is believed to run longer than this, in ms (the providers prune theirs after an hour).
const FORGOTTEN: f64 = 3_600_000.0;

type Outcome<T> = Result<T, Error>;

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
        let wallet = Wallet::new(settings.budget, None);
        let core = Core {
            host,
            settings,
            account,
            owner,
            watches: Watches::new(provider.lists_states()),
            provider,
            learnt: Learnt::default(),
            opened: Cell::new(store::Opened::No),
            done: RefCell::default(),
        };
        Client { core: Rc::new(core), number: owner, wallet }
    }

    /// The same client for a batch: it takes turns with its other callers, and may have a budget within the client's.
    pub fn batch(&self, budget: Option<Budget>) -> Self {
        let wallet = Wallet::new(budget, Some(self.wallet.clone()));
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

    /// When the server made a job, by its own clock.
    fn created(&self, generation: &Generation) -> Option<f64> {
        self.host.parse_date(generation.created_at.as_deref()?)
    }

    /// How long such a job is thought to take.
    fn guess(&self, request: &Request) -> Guess {
        self.learnt.guess(&*self.provider, request)
    }

    fn generation(&self, response: &Response<Body>) -> Outcome<Generation> {
        let generation = json(response).and_then(|body| self.provider.generation(body));
        generation.ok_or_else(|| self.unreadable(response, "a generation"))
    }

    fn page(&self, response: &Response<Body>) -> Outcome<Page> {
        let page = json(response).and_then(|body| self.provider.page(body));
        page.ok_or_else(|| self.unreadable(response, "a list of generations"))
    }
}

fn json(response: &Response<Body>) -> Option<&Json> {
    match &response.body {
        Body::Json(value) => Some(value),
        _ => None,
    }
}

/// An empty id would ask for the list.
fn known(id: &str) -> Result<&str, Error> {
    if id.is_empty() {
        return Err(Error::invalid(vec![Problem::new("id", ProblemCode::Required, "must not be empty")]));
    }
    Ok(id)
}
