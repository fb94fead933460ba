//! Calls that make nothing. What may be asked is data, so that all questions take the same way there and back: an
//! `async fn` for each would be six state machines that differ in nothing but what they read at the end.

use super::{Client, Host, Outcome, json, known};
use crate::error::{Code, Error};
use crate::generation::Generation;
#[cfg(feature = "media")]
use crate::provider::ActiveTasks;
use crate::provider::{AccountQuery, Call, Credits, Lookup, Page};
#[cfg(feature = "media")]
use crate::provider::{FilePage, FileQuery, UploadedFile};
use crate::text::{concat, replace};
use crate::value::{Kind, Value};
use serde::Serialize;

/// A question.
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
    /// About the files that were handed over.
    #[cfg(feature = "media")]
    File(FileQuery),
}

/// The answer to a [`Query`]; as JSON it is what it holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged, bound(serialize = "V: Serialize"))]
pub enum Answer<V> {
    /// To `Generation`.
    Generation(Generation<V>),
    /// To `Page`.
    Page(Page<V>),
    /// To `Removal`, and to `File` about one.
    Removed,
    /// To `CameraMotions` and `Concepts`.
    Words(Vec<String>),
    /// To `Credits`.
    Credits(Credits<V>),
    /// To `ActiveTasks`.
    #[cfg(feature = "media")]
    ActiveTasks(ActiveTasks<V>),
    /// To `Ping`.
    Message(Option<String>),
    /// To `Account`: the service's own answer.
    Account(V),
    /// To `File` about one of them.
    #[cfg(feature = "media")]
    File(UploadedFile<V>),
    /// To `File` about a page of them.
    #[cfg(feature = "media")]
    Files(FilePage<V>),
}

impl<H: Host> Client<H> {
    /// Asks, as often as the settings allow.
    pub async fn ask(&self, query: Query) -> Outcome<Answer<H::Value>, H> {
        let (result, retried) = self.read(&self.question(&query)?).await;
        #[cfg(feature = "media")]
        let result = match (&query, result) {
            (Query::Generation(id), Ok(response)) => self.with_rest(id, response).await,
            (Query::Credits, Ok(response)) => Ok(self.with_accounts(response).await),
            (_, result) => result,
        };
        if let (Query::Removal(id), Ok(_)) = (&query, &result) {
            // At the provider it may run on, and takes a place there.
            self.account.unseen(id);
            self.dropped(id);
        }
        match result {
            Ok(response) => {
                let (answer, wanted) = self.answer(&query, json(&response));
                answer.ok_or_else(|| self.unreadable(&response, wanted))
            }
            #[cfg(feature = "media")]
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
                Ok(Answer::Account(H::Value::object(Vec::new())))
            }
            Err(mut error) => {
                if let Query::Account(AccountQuery::Add(session)) = &query {
                    error.message = replace(&error.message, session, "[session]");
                }
                Err(error)
            }
        }
    }

    fn question(&self, query: &Query) -> Outcome<Call<H::Value>, H> {
        let provider = &self.provider;
        let (call, what) = match query {
            Query::Generation(id) => (Some(provider.get(known(id)?)), ""),
            Query::Page { limit, offset } => (provider.list(*limit, *offset), "list of jobs"),
            Query::Removal(id) => (provider.delete(known(id)?), "delete"),
            Query::CameraMotions => (provider.lookup(Lookup::CameraMotions), "list of camera motions"),
            Query::Concepts => (provider.lookup(Lookup::Concepts), "list of concepts"),
            Query::Credits => (provider.lookup(Lookup::Credits), "balance"),
            Query::ActiveTasks => (provider.lookup(Lookup::ActiveTasks), "count of active tasks"),
            Query::Ping => (provider.lookup(Lookup::Ping), "ping"),
            Query::Account(query) => {
                if let AccountQuery::One(text) | AccountQuery::Add(text) | AccountQuery::Remove(text) = query {
                    known::<H::Value>(text)?;
                }
                (provider.accounts(query), "accounts of its own")
            }
            #[cfg(feature = "media")]
            Query::File(query) => {
                if let FileQuery::One(id) | FileQuery::Removal(id) = query {
                    known::<H::Value>(id)?;
                }
                (provider.files(query), "list of files")
            }
        };
        call.ok_or_else(|| self.absent(what))
    }

    /// The provider has no such thing.
    pub(super) fn absent(&self, what: &str) -> Error<H::Value> {
        let message = concat(&[self.provider.id().as_str(), " has no ", what, "; nothing was sent"]);
        Error::new(Code::Unsupported, message).from(self.provider.id())
    }

    /// What a body answers to the query, if it does, and what it should have been.
    fn answer(&self, query: &Query, body: Option<&H::Value>) -> (Option<Answer<H::Value>>, &'static str) {
        let provider = &self.provider;
        match query {
            Query::Generation(_) => {
                (body.and_then(|body| provider.generation(body)).map(Answer::Generation), "a generation")
            }
            Query::Page { .. } => {
                (body.and_then(|body| provider.page(body)).map(Answer::Page), "a list of generations")
            }
            Query::CameraMotions | Query::Concepts => {
                let list = body.filter(|body| body.kind() == Kind::List);
                (list.map(|list| Answer::Words(list.texts())), "a list of words")
            }
            Query::Credits => (body.and_then(|body| provider.credits(body)).map(Answer::Credits), "a balance"),
            #[cfg(feature = "media")]
            Query::ActiveTasks => {
                (body.and_then(|body| provider.active(body)).map(Answer::ActiveTasks), "a count of active tasks")
            }
            // Which is asked nobody.
            #[cfg(not(feature = "media"))]
            Query::ActiveTasks => (None, ""),
            Query::Ping => (Some(Answer::Message(body.and_then(|body| body.text("message")))), ""),
            Query::Removal(_) => (Some(Answer::Removed), ""),
            Query::Account(_) => (body.cloned().map(Answer::Account), "an account"),
            #[cfg(feature = "media")]
            Query::File(FileQuery::Page(_)) => {
                (body.and_then(|body| provider.file_page(body)).map(Answer::Files), "a list of files")
            }
            #[cfg(feature = "media")]
            Query::File(FileQuery::One(_)) => (body.and_then(|body| provider.file(body)).map(Answer::File), "a file"),
            #[cfg(feature = "media")]
            Query::File(FileQuery::Removal(_)) => (Some(Answer::Removed), ""),
        }
    }
}
