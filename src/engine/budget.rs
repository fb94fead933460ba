//! What may be spent: a creation is paid for before it is sent, and paid back when it was not made or is refunded.

use super::{Client, Host, Outcome};
use crate::error::{Code, Error};
use crate::json::{Json, Kind};
use crate::request::Request;
use crate::rules::{self, Field, Shape};
use crate::text::{concat, dollars};
use std::cell::Cell;
use std::rc::Rc;

/// What sums in dollars may be off by.
const ROUNDING: f64 = 1e-6;

/// Dollars to be spent, by a client or by one of its batches.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "types", derive(ts_rs::TS), ts(optional_fields))]
pub struct Budget {
    /// The most that jobs may cost together, in dollars. Those under way count; those that failed and are refunded do not.
    pub usd: f64,
    /// What a job is taken to cost, in dollars, when no price for it is published. Without this such a job is refused.
    pub price: Option<f64>,
}

/// The fields of a budget.
pub(super) const FIELDS: &[Field] =
    &[Field::required("usd", DOLLARS, "must be the dollars that may be spent", ""), Field::new("price", DOLLARS, "")];
const DOLLARS: Shape = Shape::Number { min: 0.0, max: 1e9 };

impl Budget {
    /// Reads a caller's, if there is one.
    pub fn read(value: &Json) -> Result<Option<Budget>, Error> {
        if value.kind() == Kind::Null {
            return Ok(None);
        }
        let mut problems = Vec::new();
        rules::check(
            &[Field::new("budget", Shape::Object(FIELDS), "")],
            &Json::object(vec![("budget", value.clone())]),
            true,
            &mut problems,
        );
        if problems.is_empty() { Ok(Budget::of(value)) } else { Err(Error::invalid(problems)) }
    }

    /// One that was checked.
    pub(super) fn of(value: &Json) -> Option<Budget> {
        Some(Budget { usd: value.num("usd")?, price: value.num("price") })
    }
}

/// A budget and what is gone of it. A batch's stands on its client's: both must allow what is bought.
pub(super) struct Wallet {
    budget: Option<Budget>,
    spent: Cell<f64>,
    parent: Option<Rc<Wallet>>,
}

impl Wallet {
    pub fn new(budget: Option<Budget>, parent: Option<Rc<Wallet>>) -> Rc<Self> {
        Rc::new(Wallet { budget, spent: Cell::new(0.0), parent })
    }

    fn chain(&self) -> impl Iterator<Item = &Wallet> {
        std::iter::successors(Some(self), |wallet| wallet.parent.as_deref())
    }

    fn add(&self, usd: f64) {
        for wallet in self.chain() {
            wallet.spent.set(wallet.spent.get() + usd);
        }
    }
}

/// What one job costs, taken out of the wallet; given back when dropped before it was kept.
pub(super) struct Payment {
    wallet: Rc<Wallet>,
    usd: f64,
    kept: Cell<bool>,
}

impl Payment {
    /// How much, where that is known.
    pub fn usd(&self) -> Option<f64> {
        (self.usd > 0.0).then_some(self.usd)
    }

    /// The job may have been made: the money is gone, unless it is refunded.
    pub fn keep(&self, kept: bool) {
        self.kept.set(kept);
    }
}

impl Drop for Payment {
    fn drop(&mut self) {
        if !self.kept.get() {
            self.wallet.add(-self.usd);
        }
    }
}

impl<H: Host> Client<H> {
    /// Takes what a request costs out of the budget. `price` is the caller's, for want of a published one.
    pub(super) fn pay(&self, request: &Request, price: Option<f64>) -> Outcome<Payment> {
        let budgets = || self.wallet.chain().filter_map(|wallet| Some((wallet, wallet.budget?)));
        let published = || self.provider.estimate(request).usd;
        let usd = price.or_else(published).or_else(|| budgets().find_map(|(_, budget)| budget.price));
        for (wallet, budget) in budgets() {
            let Some(usd) = usd else {
                let message = "No price is published for this request, and there is a budget: give the call a price";
                return Err(Error::new(Code::BudgetExceeded, message));
            };
            let left = (budget.usd - wallet.spent.get()).max(0.0);
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
    pub(super) fn charge(&self, usd: f64) -> Payment {
        self.wallet.add(usd);
        Payment { wallet: self.wallet.clone(), usd, kept: Cell::new(false) }
    }
}
