//! The accounts that an isolate knows.

use super::account::Account;
use super::ticket::MAX_REMEMBERED;
use crate::engine::model::timing::MAX_JOB;
use crate::limits::Limits;
use crate::text::concat;
use std::cell::RefCell;
use std::rc::Rc;

/// The accounts that this isolate knows, in their order. Clones share them.
#[derive(Clone, Default)]
pub struct AccountRegistry(Rc<RefCell<Vec<Rc<Account>>>>);

/// What an account is known by. None of the texts has a blank.
pub struct AccountName<'a> {
    pub provider: &'a str,
    /// The base URL.
    pub base: &'a str,
    pub key: &'a str,
    /// The clock by which its limits are reckoned.
    pub timeline: f64,
}

impl AccountRegistry {
    pub(crate) fn account(
        &self,
        AccountName { provider, base, key, timeline }: AccountName<'_>,
        limits: Limits,
        chosen: bool,
        one_limit: bool,
        now: f64,
    ) -> Rc<Account> {
        let server = concat(&[provider, " ", base, " "]);
        let name = concat(&[&server, key]);
        let mut accounts = self.0.borrow_mut();
        // One that was not used for long goes, and its key with it.
        accounts.retain(|account| !account.has_timeline(timeline) || !account.is_idle(now, MAX_JOB));
        // A Worker may see a new key with each request: of very many, those go that were used longest ago.
        if accounts.len() >= MAX_REMEMBERED {
            let average = accounts.iter().map(|account| account.used()).sum::<f64>() / accounts.len() as f64;
            accounts.retain(|account| !account.is_idle(average, 0.0));
        }
        let at = accounts.binary_search_by(|account| account.order(&name, timeline));
        let account = match at {
            Ok(at) => accounts.get(at).cloned(),
            Err(_) => None,
        };
        let account = account.unwrap_or_else(|| {
            let neighbour = accounts.iter().find(|account| account.is_at(&server, timeline));
            let server = neighbour.map(|account| account.server.clone()).unwrap_or_default();
            let account = Rc::new(Account::new(name, timeline, one_limit, now, server));
            accounts.insert(at.unwrap_or_else(|at| at), account.clone());
            account
        });
        account.join(limits, chosen, now);
        account
    }
}
