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

    /// The cost of a job: the caller's price comes first, then the known one, then the price that the budget assumes. `None` only
    /// without a budget.
    pub fn price(&self, price: Option<f64>, known: impl FnOnce() -> Option<f64>) -> Outcome<Option<f64>> {
        let assumed = || self.budgets().find_map(|(_, budget)| budget.price);
        let usd = price.or_else(known).or_else(assumed);
        if usd.is_none() && self.budgets().next().is_some() {
            let message = "No price is known for this request, and there is a budget: give the call a price";
            return Err(Error::new(Code::BudgetExceeded, message));
        }
        Ok(usd)
    }

    /// Takes what a job costs out of the budget. `refundable` gives how much of what a ledger spent may come back. `None` when that
    /// may still pay for it: ask again later.
    pub fn reserve(
        self: &Rc<Self>,
        usd: f64,
        refundable: &dyn Fn(&BudgetLedger) -> f64,
    ) -> Outcome<Option<Reservation>> {
        let mut enough = true;
        for (ledger, budget) in self.budgets() {
            let left = budget.usd - ledger.spent.get();
            if usd <= left + ROUNDING {
                continue;
            }
            enough = false;
            let refundable = refundable(ledger);
            if usd > left + refundable + ROUNDING {
                let whose = if ledger.parent.is_some() { "batch" } else { "client" };
                let refunds = if refundable > ROUNDING { ", even if all jobs under way were refunded" } else { "" };
                let most = dollars((left + refundable).max(0.0));
                let message = concat(&[
                    "The request costs $",
                    &dollars(usd),
                    " and $",
                    &most,
                    " of the ",
                    whose,
                    "'s budget of $",
                    &dollars(budget.usd),
                    " is left",
                    refunds,
                    "; nothing was sent",
                ]);
                return Err(Error::new(Code::BudgetExceeded, message));
            }
        }
        Ok(enough.then(|| self.charge(usd)))
    }

    /// Takes out what was already bought, whether there is enough or not.
    pub fn charge(self: &Rc<Self>, usd: f64) -> Reservation {
        self.add(usd);
        Reservation { ledger: self.clone(), usd, spent: Cell::new(false) }
    }

    fn chain(&self) -> impl Iterator<Item = &BudgetLedger> {
        std::iter::successors(Some(self), |ledger| ledger.parent.as_deref())
    }

    fn budgets(&self) -> impl Iterator<Item = (&BudgetLedger, Budget)> {
        self.chain().filter_map(|ledger| Some((ledger, ledger.budget?)))
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

    /// How much of it was taken out of that ledger.
    pub fn taken_from(&self, ledger: &BudgetLedger) -> f64 {
        if self.ledger.chain().any(|other| std::ptr::eq(other, ledger)) { self.usd } else { 0.0 }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if !self.spent.get() {
            self.ledger.add(-self.usd);
        }
    }
}
