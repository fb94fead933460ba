//! Whether a job was made by a request. The list echoes what was asked for: all of it, or only a few fields.

use super::Tickets;
use crate::address;
use crate::engine::model::Host;
use crate::generation::Generation;
use crate::json::{Json, Kind};
use crate::provider::RecoverySupport;
use crate::request::{GenerationRequest, RequestKind};
use crate::text::integer;

/// How an address is written to be compared.
type Written = fn(&str) -> String;

/// An earlier version of the API may not echo its kind, and no document says that an address for callbacks is echoed.
const NOT_ECHOED: [&str; 2] = ["generation_type", CALLBACK];
const CALLBACK: &str = "callback_url";
/// It may be left out beside media.
const PROMPT: &str = "prompt";
/// Fields that hold two media, of which one may be left out.
const KEYFRAMES: [&str; 2] = ["keyframes", "key_frames"];

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
    pub fn indistinguishable(&self, one: &GenerationRequest, other: &GenerationRequest) -> bool {
        one.kind == other.kind && {
            let (one, other) = (self.transport.provider.echo(one), self.transport.provider.echo(other));
            covers(&one, &other) || covers(&other, &one)
        }
    }

    /// Whether the list shows what a job was asked for.
    pub fn has_echo(&self, generation: &Generation) -> bool {
        generation.request.as_ref().is_some_and(|echo| !echo.keys().is_empty())
    }

    /// Whether that request made a job: every field that was sent, and that the documents know, is in the echo, and no media that were
    /// not sent. A request that starts from an earlier job sends none, and its echo may have that job's.
    pub fn is_job_of(&self, request: &GenerationRequest, generation: &Generation) -> bool {
        let has_others = |echo| request.needs_parent().is_none() && says_more(&request.body, echo);
        self.fits(request, generation, address::unsigned)
            && (self.has_partial_echo() || !generation.request.as_ref().is_some_and(has_others))
    }

    /// Whether that request may have made a job: an address in its echo differs by the query, so that it may be another file, or there
    /// are media that were not sent.
    pub fn may_be_job_of(&self, request: &GenerationRequest, generation: &Generation) -> bool {
        self.fits(request, generation, address::unqueried)
    }

    fn fits(&self, request: &GenerationRequest, generation: &Generation, address: Written) -> bool {
        let Some(echo) = &generation.request else { return false };
        if RequestKind::of(echo).is_ok_and(|kind| kind != request.kind) {
            return false;
        }
        let sent = self.transport.provider.echo(request);
        let form = self.transport.provider.form(request.kind);
        let field = |key: &str| form.and_then(|form| form.fields.iter().find(|field| field.name == key));
        let unit = |key: &str| field(key).and_then(|field| field.shape.unit());
        let partial = self.has_partial_echo();
        sent.keys().iter().all(|key| match (sent.get(key), echo.get(key)) {
            (None, _) => true,
            (Some(sent), Some(echo)) => same_field(key, &sent, &echo, address) || same_measure(&sent, &echo, unit(key)),
            (Some(sent), None) => {
                let untold = form.is_some() && field(key).is_none() || NOT_ECHOED.contains(&key.as_str());
                untold && !partial || says_nothing(&sent)
            }
        }) && !(partial && says_more(&sent, echo))
    }
}

/// Whether a job known only by that echo may be the one of this request: all that was sent is in the
/// echo, and no media that were not sent.
fn covers(sent: &Json, echo: &Json) -> bool {
    contains(sent, echo, address::unsigned) && !says_more(sent, echo)
}

/// Whether the echo has media, or a prompt, that were not sent.
fn says_more(sent: &Json, echo: &Json) -> bool {
    echo.keys().iter().filter(|key| *key != CALLBACK).any(|key| match (sent.get(key), echo.get(key)) {
        (Some(sent), Some(echo)) => KEYFRAMES.contains(&key.as_str()) && says_more(&sent, &echo),
        (None, Some(extra)) => is_media(&extra) || key == PROMPT && extra.as_str().is_some_and(|text| !text.is_empty()),
        _ => false,
    })
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
fn contains(sent: &Json, echo: &Json, address: Written) -> bool {
    let kind = sent.kind();
    if kind != echo.kind() {
        return reads_as(sent, echo) || reads_as(echo, sent);
    }
    match kind {
        Kind::Null => true,
        Kind::Bool => sent.as_bool() == echo.as_bool(),
        Kind::Number => sent.as_f64() == echo.as_f64(),
        Kind::String => same_text(sent, echo, address),
        Kind::List => {
            let (sent, echo) = (sent.items(), echo.items());
            sent.len() == echo.len() && sent.iter().zip(&echo).all(|(sent, echo)| contains(sent, echo, address))
        }
        Kind::Object => sent.keys().iter().all(|key| match (sent.get(key), echo.get(key)) {
            (None, _) => true,
            (Some(sent), Some(echo)) => same_field(key, &sent, &echo, address),
            (Some(sent), None) => says_nothing(&sent),
        }),
    }
}

/// The same of one field. An address for callbacks is for one job alone.
fn same_field(key: &str, sent: &Json, echo: &Json, address: Written) -> bool {
    contains(sent, echo, if key == CALLBACK { address::written } else { address })
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
fn same_text(sent: &Json, echo: &Json, address: Written) -> bool {
    sent.as_str() == echo.as_str()
        || sent.normalized().zip(echo.normalized()).is_some_and(|(sent, echo)| address(&sent) == address(&echo))
}

/// Whether a text is a number, or `true` or `false`, as a server may write it.
fn reads_as(text: &Json, value: &Json) -> bool {
    let Some(read) = text.parsed() else { return false };
    read.kind() == value.kind()
        && match read.kind() {
            Kind::Number => read.as_f64() == value.as_f64(),
            Kind::Bool => read.as_bool() == value.as_bool(),
            _ => false,
        }
}

/// Whether two are one measure: 5, `"5"` and `"5s"`; 720, `"720p"` and `"720P"`.
fn same_measure(sent: &Json, echo: &Json, unit: Option<&str>) -> bool {
    let Some(unit) = unit else { return false };
    let written = |value: &Json| {
        let number = value.as_f64().filter(|number| *number >= 0.0 && number.fract() == 0.0);
        let text = number.map(|number| integer(number as u64)).or_else(|| value.as_str())?;
        let text = text.trim_ascii().to_ascii_lowercase();
        Some(text.strip_suffix(unit).unwrap_or(&text).trim_ascii().to_owned())
    };
    written(sent).is_some_and(|sent| written(echo) == Some(sent))
}
