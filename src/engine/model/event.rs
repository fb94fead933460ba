//! What happens inside the client, for logs, metrics and tests. No event holds a key, a prompt or a body, nor the e-mail
//! addresses that useapi.net has in its ids.

use crate::error::{Code, ProblemCode};
use crate::generation::State;
use serde::Serialize;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "types", derive(ts_rs::TS), ts(rename = "ClientEvent"))]
pub enum Event<'a> {
    /// An HTTP request goes out.
    Request {
        /// `GET`, `POST` or `DELETE`.
        method: &'static str,
        /// Where to.
        url: &'a str,
        /// 0 for the first try of a call, 1 for its first retry, and so on.
        attempt: u32,
    },
    /// An HTTP answer came, whole.
    Response {
        /// `GET`, `POST` or `DELETE`.
        method: &'static str,
        /// Where from.
        url: &'a str,
        /// The HTTP status.
        status: u16,
        /// How long it took, in ms.
        elapsed: f64,
    },
    /// No answer came.
    RequestFailed {
        /// `GET`, `POST` or `DELETE`.
        method: &'static str,
        /// Where to.
        url: &'a str,
        /// `network` or `timeout`.
        code: Code,
        /// How long was waited, in ms.
        elapsed: f64,
    },
    /// A call will be sent again.
    Retry {
        /// Where to.
        url: &'a str,
        /// What went wrong.
        code: Code,
        /// The wait before that, in ms.
        after: f64,
    },
    /// A request is sent although `validate` warns of it.
    Warning {
        /// The field.
        path: &'a str,
        /// `disputed` or `suspicious`.
        code: ProblemCode,
        /// What about it.
        message: &'a str,
    },
    /// A creation waits in the queue.
    Queued {
        /// Its ticket.
        ticket: &'a str,
        /// How many go before it.
        position: usize,
        /// When it may be sent, as far as is known, in ms from now.
        wait: f64,
    },
    /// The answer to a creation was lost: it may have been made.
    OutcomeUnknown {
        /// Its ticket.
        ticket: &'a str,
        /// What went wrong.
        code: Code,
    },
    /// The job of a creation whose answer was lost was found.
    Recovered {
        /// Its ticket.
        ticket: &'a str,
        /// The job.
        id: &'a str,
    },
    /// A ticket could not be read, and was set aside in the store.
    TicketQuarantined {
        /// Its name.
        ticket: &'a str,
    },
    /// A job's next poll is due after a wait.
    Wait {
        /// The job.
        id: &'a str,
        /// How long, in ms.
        ms: f64,
    },
    /// A job was polled.
    Update {
        /// The job.
        id: &'a str,
        /// Where it stands.
        state: State,
    },
}
