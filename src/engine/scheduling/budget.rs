//! Budget arithmetic. A creation is paid for before it is sent, and paid back when it was not made or is refunded.

use crate::engine::model::{Budget, Outcome};
use crate::error::{Code, Error};
use crate::text::{concat, dollars};
use std::cell::Cell;
use std::rc::Rc;

/// What sums in dollars may be off by.
const ROUNDING: f64 = 1e-6;

/// A budget and what is spent of it. A batch's ledger stands on its client's: both must allow what is bought.
pub struct BudgetLedger {
    budget: Option<Budget>,
    spent: Cell<f64>,
    parent: Option<Rc<BudgetLedger>>,
}

impl BudgetLedger {
    pub fn new(budget: Option<Budget>, parent: Option<Rc<BudgetLedger>>) -> Rc<Self> {
        Rc::new(BudgetLedger { budget, spent: Cell::new(0.0), parent })
    }

    /// Takes what a job costs out of the budget. The caller's price comes first, then the published one, then the price
    /// that the budget assumes.
    pub fn reserve(
        self: &Rc<Self>,
        price: Option<f64>,
        published: impl FnOnce() -> Option<f64>,
    ) -> Outcome<Reservation> {
        let budgets = || self.chain().filter_map(|ledger| Some((ledger, ledger.budget?)));
        let usd = price.or_else(published).or_else(|| budgets().find_map(|(_, budget)| budget.price));
        for (ledger, budget) in budgets() {
            let Some(usd) = usd else {
                let message = "No price is published for this request, and there is a budget: give the call a price";
                return Err(Error::new(Code::BudgetExceeded, message));
            };
            let left = (budget.usd - ledger.spent.get()).max(0.0);
            if usd > left + ROUNDING {
                let message = concat(&[
                    "The request costs $",
                    &dollars(usd),
                    " and $",
                    &dollars(left),
                    " of the budget of $",
                    &dollars(budget.usd),
                    " is left; nothing was sent",
                ]);
                return Err(Error::new(Code::BudgetExceeded, message));
            }
        }
        Ok(self.charge(usd.unwrap_or(0.0)))
    }

    /// Takes out what was already bought, whether there is enough or not.
    pub fn charge(self: &Rc<Self>, usd: f64) -> Reservation {
        self.add(usd);
        Reservation { ledger: self.clone(), usd, spent: Cell::new(false) }
    }

    fn chain(&self) -> impl Iterator<Item = &BudgetLedger> {
        std::iter::successors(Some(self), |ledger| ledger.parent.as_deref())
    }

    fn add(&self, usd: f64) {
        for ledger in self.chain() {
            ledger.spent.set(ledger.spent.get() + usd);
        }
    }
}

/// What one job costs, taken out of the budget. Dropped before it counts as spent, it goes back.
pub struct Reservation {
    ledger: Rc<BudgetLedger>,
    usd: f64,
    spent: Cell<bool>,
}

impl Reservation {
    /// How much, where that is known.
    pub fn usd(&self) -> Option<f64> {
        (self.usd > 0.0).then_some(self.usd)
    }

    /// Whether the money is gone: the job may have been made, and is not refunded.
    pub fn set_spent(&self, spent: bool) {
        self.spent.set(spent);
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if !self.spent.get() {
            self.ledger.add(-self.usd);
        }
    }
}
