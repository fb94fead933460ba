//! Knowing a job by its echo: the list shows of each job what was asked for, all of it or only little.

use super::Tickets;
use crate::engine::model::Host;
use crate::generation::Generation;
use crate::json::{Json, Kind};
use crate::provider::RecoverySupport;
use crate::request::{Request, RequestKind};

impl<H: Host> Tickets<H> {
    /// Whether little is told of a job, so that one that fits need not be the one.
    pub fn has_partial_echo(&self) -> bool {
        self.transport.provider.recovery_support() == RecoverySupport::RunningJobs
    }

    /// Whether what is not found may have been made all the same.
    pub fn stays_in_doubt(&self) -> bool {
        self.transport.provider.recovery_support() != RecoverySupport::FullListing
    }

    /// Whether the job of one of two requests would fit the other one as well.
    pub fn alike(&self, one: &Request, other: &Request) -> bool {
        one.kind == other.kind
            && if self.has_partial_echo() {
                let (one, other) = (self.transport.provider.echo(one), self.transport.provider.echo(other));
                told_by(&one, &other) || told_by(&other, &one)
            } else {
                same(&one.body, &other.body) || same(&other.body, &one.body)
            }
    }

    /// Whether a job was asked for by that request: every field that was sent, and that the documents have, is in the echo.
    pub fn is_of(&self, request: &Request, generation: &Generation) -> bool {
        let Some(echo) = &generation.request else { return false };
        if RequestKind::of(echo).is_ok_and(|kind| kind != request.kind) {
            return false;
        }
        let sent = self.transport.provider.echo(request);
        if self.has_partial_echo() {
            return told_by(&sent, echo);
        }
        let form = self.transport.provider.form(request.kind);
        let in_form = |key: &str| form.is_none_or(|form| form.fields.iter().any(|field| field.name == key));
        sent.keys().iter().all(|key| match (sent.get(key), echo.get(key)) {
            (None, _) => true,
            (Some(sent), Some(echo)) => same(&sent, &echo),
            // An earlier version of the API may not echo its kind.
            (Some(_), None) => !in_form(key) || key == "generation_type",
        })
    }
}

/// Whether a job with that echo may be the one that was sent so, where no more than that is told of it: all that was sent is there, and
/// no picture that was not.
fn told_by(sent: &Json, echo: &Json) -> bool {
    same(sent, echo)
        && echo.keys().iter().all(|key| sent.get(key).is_some() || !echo.get(key).is_some_and(|extra| shows(&extra)))
}

/// Whether a field is a picture, or holds one: an address, or an earlier job.
fn shows(field: &Json) -> bool {
    let named = |field: &Json| field.as_str().is_some_and(|text| text.starts_with("http"));
    named(field)
        || field.items().iter().any(shows)
        || field.keys().iter().any(|key| {
            field
                .get(key)
                .is_some_and(|part| (key == "id" && part.as_str().is_some_and(|id| !id.is_empty())) || shows(&part))
        })
}

/// Whether all that was sent is in the echo, which may hold more.
fn same(sent: &Json, echo: &Json) -> bool {
    let kind = sent.kind();
    kind == echo.kind()
        && match kind {
            Kind::Null => true,
            Kind::Bool => sent.as_bool() == echo.as_bool(),
            Kind::Number => sent.as_f64() == echo.as_f64(),
            Kind::String => sent.as_str() == echo.as_str(),
            Kind::List => {
                let (sent, echo) = (sent.items(), echo.items());
                sent.len() == echo.len() && sent.iter().zip(&echo).all(|(sent, echo)| same(sent, echo))
            }
            Kind::Object => sent.keys().iter().all(|key| match (sent.get(key), echo.get(key)) {
                (None, _) => true,
                (Some(sent), Some(echo)) => same(&sent, &echo),
                (Some(_), None) => false,
            }),
        }
}
