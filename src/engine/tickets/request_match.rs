//! Whether a job was made by a request. The list echoes what was asked for: all of it, or only a few fields.

use super::Tickets;
use crate::address;
use crate::engine::model::Host;
use crate::generation::Generation;
use crate::json::{Json, Kind};
use crate::provider::RecoverySupport;
use crate::request::{Request, RequestKind};

/// An earlier version of the API may not echo its kind, and no document says that an address for callbacks is echoed.
const NOT_ECHOED: [&str; 2] = ["generation_type", "callback_url"];

impl<H: Host> Tickets<H> {
    /// Whether the list echoes only a few fields, so that a job that fits need not be the one.
    pub fn has_partial_echo(&self) -> bool {
        self.transport.provider.recovery_support() == RecoverySupport::RunningJobs
    }

    /// Whether a job that the list does not show may have been made all the same.
    pub fn absence_proves_nothing(&self) -> bool {
        self.transport.provider.recovery_support() != RecoverySupport::FullListing
    }

    /// Whether the job of one of two requests would fit the other one as well.
    pub fn indistinguishable(&self, one: &Request, other: &Request) -> bool {
        one.kind == other.kind
            && if self.has_partial_echo() {
                let (one, other) = (self.transport.provider.echo(one), self.transport.provider.echo(other));
                fits_partial_echo(&one, &other) || fits_partial_echo(&other, &one)
            } else {
                contains(&one.body, &other.body) || contains(&other.body, &one.body)
            }
    }

    /// Whether the list shows what a job was asked for.
    pub fn has_echo(&self, generation: &Generation) -> bool {
        generation.request.as_ref().is_some_and(|echo| !echo.keys().is_empty())
    }

    /// Whether that request made a job: every field that was sent, and that the documents know, is in the echo.
    pub fn is_job_of(&self, request: &Request, generation: &Generation) -> bool {
        let Some(echo) = &generation.request else { return false };
        if RequestKind::of(echo).is_ok_and(|kind| kind != request.kind) {
            return false;
        }
        let sent = self.transport.provider.echo(request);
        if self.has_partial_echo() {
            return fits_partial_echo(&sent, echo);
        }
        let form = self.transport.provider.form(request.kind);
        let in_form = |key: &str| form.is_none_or(|form| form.fields.iter().any(|field| field.name == key));
        sent.keys().iter().all(|key| match (sent.get(key), echo.get(key)) {
            (None, _) => true,
            (Some(sent), Some(echo)) => contains(&sent, &echo),
            (Some(sent), None) => !in_form(key) || NOT_ECHOED.contains(&key.as_str()) || says_nothing(&sent),
        })
    }
}

/// Whether a job with that echo, of which no more is known, may be the one that was asked for so: all that was sent is in the
/// echo, and no media that were not sent.
fn fits_partial_echo(sent: &Json, echo: &Json) -> bool {
    contains(sent, echo)
        && echo.keys().iter().all(|key| sent.get(key).is_some() || !echo.get(key).is_some_and(|extra| is_media(&extra)))
}

/// Whether a field is or holds a picture or a video: an address, or an earlier job.
fn is_media(field: &Json) -> bool {
    let named = |field: &Json| field.as_str().is_some_and(|text| text.starts_with("http"));
    named(field)
        || field.items().iter().any(is_media)
        || field.keys().iter().any(|key| {
            field
                .get(key)
                .is_some_and(|part| (key == "id" && part.as_str().is_some_and(|id| !id.is_empty())) || is_media(&part))
        })
}

/// Whether all that was sent is in the echo, which may hold more.
fn contains(sent: &Json, echo: &Json) -> bool {
    let kind = sent.kind();
    kind == echo.kind()
        && match kind {
            Kind::Null => true,
            Kind::Bool => sent.as_bool() == echo.as_bool(),
            Kind::Number => sent.as_f64() == echo.as_f64(),
            Kind::String => same_text(sent, echo),
            Kind::List => {
                let (sent, echo) = (sent.items(), echo.items());
                sent.len() == echo.len() && sent.iter().zip(&echo).all(|(sent, echo)| contains(sent, echo))
            }
            Kind::Object => sent.keys().iter().all(|key| match (sent.get(key), echo.get(key)) {
                (None, _) => true,
                (Some(sent), Some(echo)) => contains(&sent, &echo),
                (Some(sent), None) => says_nothing(&sent),
            }),
        }
}

/// Whether a field is as good as absent, so that a server may leave it out of its echo.
fn says_nothing(sent: &Json) -> bool {
    match sent.kind() {
        Kind::Bool => sent.as_bool() == Some(false),
        Kind::String => sent.as_str().is_some_and(|text| text.is_empty()),
        Kind::List => sent.items().is_empty(),
        Kind::Object => sent.keys().is_empty(),
        _ => false,
    }
}

/// Whether two texts are one. A server may keep it trimmed, with other line ends, in another Unicode normal form, and an address as
/// URL parsers write it. One that is taken for another's by that would make the same job.
fn same_text(sent: &Json, echo: &Json) -> bool {
    sent.as_str() == echo.as_str()
        || sent
            .normalized()
            .zip(echo.normalized())
            .is_some_and(|(sent, echo)| address::written(&sent) == address::written(&echo))
}
