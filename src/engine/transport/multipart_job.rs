//! A job that is several at the service: no one exchange gives it whole.

use super::{Transport, json};
use crate::engine::model::{Host, Outcome};
use crate::http::{Body, Response};

impl<H: Host> Transport<H> {
    /// Adds the other parts to the answer about a job: a job that is several at the service is read part by part.
    pub async fn add_parts(&self, id: &str, response: &mut Response<Body>) -> Outcome<()> {
        let calls = self.provider.part_calls(id);
        let Some(first) = json(response).filter(|_| !calls.is_empty()) else { return Ok(()) };
        let mut answers = vec![first.clone()];
        for call in calls {
            answers.extend(json(&self.read(&call).await.0?).cloned());
        }
        response.body = Body::Json(self.provider.merge_parts(answers));
        Ok(())
    }
}
