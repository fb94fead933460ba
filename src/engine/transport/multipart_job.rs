//! Answers that one exchange does not give whole: a job that is several at the service, and a list without its balances.

use super::{Transport, json};
use crate::engine::model::{Host, Outcome};
use crate::http::{Body, Response};
use crate::provider::AccountQuery;

impl<H: Host> Transport<H> {
    /// The answer about a job, with its other parts: a job that is several at the service is read part by part.
    pub async fn with_parts(&self, id: &str, mut response: Response<Body>) -> Outcome<Response<Body>> {
        let calls = self.provider.rest(id);
        let Some(first) = json(&response).filter(|_| !calls.is_empty()) else { return Ok(response) };
        let mut answers = vec![first.clone()];
        for call in calls {
            answers.extend(json(&self.read(&call).await.0?).cloned());
        }
        response.body = Body::Json(self.provider.together(answers));
        Ok(response)
    }

    /// The list of the accounts that a service works on. Where the list does not tell what an account has left, the account
    /// itself is read. One that does not answer stays as it is: its session may have ended.
    pub async fn with_accounts(&self, mut response: Response<Body>) -> Response<Body> {
        let Some(listed) = json(&response) else { return response };
        let mut all = listed.clone();
        for email in listed.keys() {
            let balance = listed.get(&email).and_then(|account| self.provider.credits(&account));
            let call = self.provider.accounts(&AccountQuery::One(email.clone())).filter(|_| balance.is_none());
            let Some(call) = call else { continue };
            if let Ok(answer) = self.read(&call).await.0
                && let Some(account) = json(&answer)
            {
                all = all.with(&email, account.clone());
            }
        }
        response.body = Body::Json(all);
        response
    }
}
