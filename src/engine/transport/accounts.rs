//! The accounts that a service works on, with what each has left.

use super::{Transport, json};
use crate::engine::model::Host;
use crate::http::{Body, Response};
use crate::provider::AccountQuery;

impl<H: Host> Transport<H> {
    /// Adds to the list of the accounts that a service works on what each has left. Where the list does not show that, the account
    /// itself is read. One that does not answer stays as it is: its session may have ended.
    pub async fn add_balances(&self, response: &mut Response<Body>) {
        let Some(listed) = json(response) else { return };
        let mut all = listed.clone();
        for email in &listed.keys() {
            if listed.get(email).is_some_and(|account| self.provider.credits(&account).is_some()) {
                continue;
            }
            let Some(call) = self.provider.accounts(&AccountQuery::One(email.clone())) else { continue };
            if let Ok(answer) = self.read(&call).await.0
                && let Some(account) = json(&answer)
            {
                all = all.with(email, account.clone());
            }
        }
        response.body = Body::Json(all);
    }
}
