//! Answers that one exchange does not give whole. No provider of the first module has any.

use super::{Client, Host, Outcome, json};
use crate::http::{Body, Response};
use crate::provider::AccountQuery;

impl<H: Host> Client<H> {
    /// The answer about a job, with what there is of it beside: one that is several at a service is read part by part.
    pub(super) async fn with_rest(&self, id: &str, mut response: Response<Body>) -> Outcome<Response<Body>> {
        let calls = self.provider.rest(id);
        let Some(first) = json(&response).filter(|_| !calls.is_empty()) else { return Ok(response) };
        let mut answers = vec![first.clone()];
        for call in calls {
            answers.extend(json(&self.read(&call).await.0?).cloned());
        }
        response.body = Body::Json(self.provider.together(answers));
        Ok(response)
    }

    /// The list of the accounts that a service works on, with each account as it tells itself where the list does not tell what
    /// it has left. One that does not answer stays as it is: its session may have ended.
    pub(super) async fn with_accounts(&self, mut response: Response<Body>) -> Response<Body> {
        let Some(listed) = json(&response) else { return response };
        let mut all = listed.clone();
        for email in listed.keys() {
            let told = listed.get(&email).and_then(|account| self.provider.credits(&account));
            let call = self.provider.accounts(&AccountQuery::One(email.clone())).filter(|_| told.is_none());
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
