//! An account's money, in US cents.

/// What is left, and what it went on.
pub(crate) struct Credits {
    pub(crate) balance: f64,
    pub(crate) charged: f64,
    pub(crate) refunded: f64,
}

impl Credits {
    pub(crate) fn new(balance: f64) -> Self {
        Credits { balance, charged: 0.0, refunded: 0.0 }
    }

    pub(crate) fn affords(&self, cents: f64) -> bool {
        cents <= self.balance
    }

    pub(crate) fn charge(&mut self, cents: f64) {
        self.balance -= cents;
        self.charged += cents;
    }

    pub(crate) fn refund(&mut self, cents: f64) {
        self.balance += cents;
        self.refunded += cents;
    }
}
