//! Calls that make nothing. A query is data, so that all queries take the same way there and back. An `async fn` for each
//! would be a dozen state machines that differ in nothing but what they read at the end.

use super::{Transport, checked_id, json};
use crate::engine::model::{Host, Outcome, redact_secret};
use crate::error::Code;
use crate::generation::Generation;
use crate::json::{Json, Kind};
use crate::provider::ActiveTasks;
use crate::provider::{AccountQuery, ApiCall, Credits, Lookup, Page};
use crate::provider::{FilePage, FileQuery, UploadedFile};
use serde::Serialize;

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub enum Query {
    /// One job, by its id.
    Generation(String),
    /// One page of jobs, newest first.
    Page {
        /// How many at most.
        limit: Option<f64>,
        /// How many are skipped before it.
        offset: Option<f64>,
    },
    /// Whether a job, by its id, is removed.
    Removal(String),
    /// The camera motions that a prompt may name.
    CameraMotions,
    /// The keys that `concepts` takes.
    Concepts,
    /// What is left to spend.
    Credits,
    /// How many jobs wait or run.
    ActiveTasks,
    /// Whether the service answers: its own message.
    Ping,
    /// About the accounts that the service works on.
    Account(AccountQuery),
    /// About the files that were uploaded.
    File(FileQuery),
}

/// The answer to a [`Query`]; as JSON it is what it holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// The answer to `Generation`.
    Generation(Generation),
    /// The answer to `Page`.
    Page(Page),
    /// The answer to `Removal`, and to `File` about one.
    Removed,
    /// The answer to `CameraMotions` and `Concepts`.
    Words(Vec<String>),
    /// The answer to `Credits`.
    Credits(Credits),
    /// The answer to `ActiveTasks`.
    ActiveTasks(ActiveTasks),
    /// The answer to `Ping`.
    Message(Option<String>),
    /// The answer to `Account`: the service's own answer.
    Account(Json),
    /// The answer to `File` about one of them.
    File(UploadedFile),
    /// The answer to `File` about a page of them.
    Files(FilePage),
}

impl<H: Host> Transport<H> {
    /// Asks, as often as the settings allow.
    pub async fn ask(&self, query: &Query) -> Outcome<Answer> {
        let (mut result, retried) = self.read(&self.question(query)?).await;
        let completed = match (query, &mut result) {
            (Query::Generation(id), Ok(response)) => self.add_parts(id, response).await,
            (Query::Credits, Ok(response)) => {
                self.add_balances(response).await;
                Ok(())
            }
            _ => Ok(()),
        };
        match completed.and(result) {
            Ok(response) => {
                let answer = self.answer(query, json(&response));
                answer.ok_or_else(|| self.unreadable(&response, wanted(query)))
            }
            Err(error)
                if error.code == Code::NotFound && retried && matches!(query, Query::File(FileQuery::Removal(_))) =>
            {
                Ok(Answer::Removed)
            }
            Err(error) if matches!(query, Query::Removal(_)) => {
                self.provider.not_removed(error, retried).map(|()| Answer::Removed)
            }
            // Without any account there is no list of them.
            Err(error) if error.code == Code::NotFound && matches!(query, Query::Account(AccountQuery::All)) => {
                Ok(Answer::Account(Json::object(Vec::new())))
            }
            Err(mut error) => {
                if let Query::Account(AccountQuery::Add(session)) = query {
                    error.message = redact_secret(&error.message, session, "[session]");
                    for problem in &mut error.problems {
                        problem.message = redact_secret(&problem.message, session, "[session]");
                    }
                }
                Err(error)
            }
        }
    }

    fn question(&self, query: &Query) -> Outcome<ApiCall> {
        let provider = &self.provider;
        let (call, what) = match query {
            Query::Generation(id) => (Some(provider.get(checked_id(id)?)), ""),
            Query::Page { limit, offset } => (provider.list(*limit, *offset), "list of jobs"),
            Query::Removal(id) => (provider.delete(checked_id(id)?), "delete"),
            Query::CameraMotions => (provider.lookup(Lookup::CameraMotions), "list of camera motions"),
            Query::Concepts => (provider.lookup(Lookup::Concepts), "list of concepts"),
            Query::Credits => (provider.lookup(Lookup::Credits), "balance"),
            Query::ActiveTasks => (provider.lookup(Lookup::ActiveTasks), "count of active tasks"),
            Query::Ping => (provider.lookup(Lookup::Ping), "ping"),
            Query::Account(query) => {
                if let AccountQuery::One(text) | AccountQuery::Add(text) | AccountQuery::Remove(text) = query {
                    checked_id(text)?;
                }
                (provider.accounts(query), "accounts of its own")
            }
            Query::File(query) => {
                if let FileQuery::One(id) | FileQuery::Removal(id) = query {
                    checked_id(id)?;
                }
                (provider.files(query), "list of files")
            }
        };
        call.ok_or_else(|| self.unsupported(what))
    }

    /// What a body answers to the query, if it does.
    fn answer(&self, query: &Query, body: Option<&Json>) -> Option<Answer> {
        let provider = &self.provider;
        match query {
            // The status says it all.
            Query::Removal(_) | Query::File(FileQuery::Removal(_)) => return Some(Answer::Removed),
            Query::Ping => return Some(Answer::Message(body.and_then(|body| body.text("message")))),
            _ => {}
        }
        let body = body?;
        match query {
            Query::Generation(id) => {
                let own = |job: &Generation| job.id.eq_ignore_ascii_case(id);
                provider.generation(body).filter(own).map(Answer::Generation)
            }
            Query::Page { limit, .. } => provider.page(body).map(|page| Answer::Page(page.asked_for(*limit))),
            Query::Credits => provider.credits(body).map(Answer::Credits),
            Query::ActiveTasks => provider.active(body).map(Answer::ActiveTasks),
            Query::Account(_) => Some(Answer::Account(body.clone())),
            Query::File(FileQuery::Page(_)) => provider.file_page(body).map(Answer::Files),
            Query::File(_) => provider.file(body).map(Answer::File),
            _ => (body.kind() == Kind::List).then(|| Answer::Words(body.texts())),
        }
    }
}

/// What the body of a query's answer should be.
fn wanted(query: &Query) -> &'static str {
    match query {
        Query::Generation(_) => "the generation",
        Query::Page { .. } => "a list of generations",
        Query::CameraMotions | Query::Concepts => "a list of words",
        Query::Credits => "a balance",
        Query::ActiveTasks => "a count of active tasks",
        Query::Account(_) => "an account",
        Query::File(FileQuery::Page(_)) => "a list of files",
        Query::File(_) => "a file",
        Query::Removal(_) | Query::Ping => "",
    }
}
