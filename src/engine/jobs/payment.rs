//! Paying for a job out of the budgets of its caller, before it is created.

use super::{Caller, Jobs};
use crate::engine::model::timing::REFUND_CHECK;
use crate::engine::model::{Host, Outcome};
use crate::engine::scheduling::{BudgetLedger, Reservation};
use crate::engine::tickets::{CreationGuard, TicketEntry};
use crate::request::GenerationRequest;
use std::rc::Rc;

impl<H: Host> Jobs<H> {
    /// Takes what a job costs out of the budget. Where too little is left, waits for as long as refunds may still pay for it.
    pub(super) async fn reserve(
        &self,
        price: Option<f64>,
        request: &GenerationRequest,
        caller: &Caller,
    ) -> Outcome<Reservation> {
        let price = caller.ledger.price(price, || self.transport.provider.estimate(request).usd)?;
        let mut waited = false;
        loop {
            match caller.ledger.reserve(price.unwrap_or(0.0), &|ledger| self.refundable(ledger)) {
                Ok(Some(reservation)) => return Ok(reservation),
                Ok(None) => waited = true,
                // When a machine wakes up, calls that have not run since then seem to be gone: check once more.
                Err(_) if waited => waited = false,
                Err(error) => return Err(error),
            }
            self.transport.host.sleep(REFUND_CHECK).await;
        }
    }

    /// How much of what a ledger spent may come back: the price of the jobs that a living call works on or waits for.
    fn refundable(&self, ledger: &BudgetLedger) -> f64 {
        let now = self.transport.host.now();
        let awaited = |entry: &Rc<TicketEntry>| {
            let held = entry.is_held() && entry.lease_expired(now) != Some(true);
            let job = || self.poller.get(entry.ticket.borrow().job.as_deref()?);
            held || job().is_some_and(|job| job.has_live_waiter(now))
        };
        self.tickets.account.tickets_that(&awaited).iter().map(|entry| entry.taken_from(ledger)).sum()
    }

    /// Pays for a resumed creation that turns out not to have been bought. Until now it counted, whatever was left.
    pub(super) async fn pay_for_resumed(&self, guard: &CreationGuard<'_, H>, caller: &Caller) -> Outcome<()> {
        drop(guard.entry.reservation.take());
        let (usd, request) = {
            let ticket = guard.entry.ticket.borrow();
            (ticket.usd, ticket.request.clone())
        };
        let reservation = self.reserve(usd, &request, caller).await?;
        guard.entry.reservation.replace(Some(reservation));
        Ok(())
    }
}
