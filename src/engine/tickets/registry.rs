//! The accounts that an isolate knows.

use super::account::Account;
use crate::limits::Limits;
use crate::text::concat;
use std::cell::RefCell;
use std::rc::Rc;

/// The accounts that this isolate knows. Clones share them.
#[derive(Clone, Default)]
pub struct AccountRegistry(Rc<RefCell<Vec<Rc<Account>>>>);

impl AccountRegistry {
    pub(crate) fn account(
        &self,
        name: &[&str],
        timeline: f64,
        limits: Limits,
        chosen: bool,
        one_limit: bool,
        now: f64,
    ) -> Rc<Account> {
        let name = concat(name);
        // One that was not used for long goes, and its key with it.
        self.0.borrow_mut().retain(|account| !account.has_timeline(timeline) || !account.is_idle(now));
        let found = self.0.borrow().iter().find(|account| account.is(&name, timeline)).cloned();
        let account = found.unwrap_or_else(|| {
            let account = Rc::new(Account::new(name, timeline, one_limit, now));
            self.0.borrow_mut().push(account.clone());
            account
        });
        account.join(limits, chosen, now);
        account
    }
}
