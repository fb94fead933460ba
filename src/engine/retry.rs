//! When to send again, and when to leave it. Pure functions; the reasons are those of money: a read may be sent again as
//! often as one likes, a creation only when the answer proves that nothing was made.

use crate::error::{Code, Error};
use crate::http::Headers;
use crate::text;

const FIRST_WAIT: f64 = 500.0;
const LONGEST_WAIT: f64 = 30_000.0;
/// A server may ask for more patience than any caller has; what it asks for beyond this is not waited for.
const LONGEST_OBEYED: f64 = 120_000.0;

/// After so many failed reads in a row (some ten minutes) who waits is told; what is waited for is not touched.
pub const MOST_MISSES: u32 = 24;

/// Whether a read that failed so may be sent again.
pub fn read_again<V>(error: &Error<V>) -> bool {
    matches!(error.code, Code::Network | Code::Timeout | Code::RateLimited | Code::Server)
}

/// Whether a creation answered so was certainly not made. A plain 5xx or a 408 proves nothing: the work may be done and
/// the answer lost behind a gateway. A 503 with `Retry-After` is a server that says it did not take the request.
pub fn surely_not_made<V>(error: &Error<V>) -> bool {
    match error.status {
        Some(429) => true,
        Some(503) => error.retry_after.is_some(),
        _ => false,
    }
}

/// How long to wait before the next try, in ms: what the server asked for, up to a bound, else an exponential backoff with
/// full jitter, so that many clients that failed together do not come back together. `random` is from 0 to 1.
pub fn wait(attempt: u32, asked: Option<f64>, random: f64) -> f64 {
    match asked {
        // A little more than asked, spread: a server's window opens for everybody at once.
        Some(ms) => ms.min(LONGEST_OBEYED) + random * FIRST_WAIT,
        None => random * (FIRST_WAIT * f64::from(1 << attempt.min(16))).min(LONGEST_WAIT),
    }
}

/// What the server asked for, in ms: `retry-after-ms`, else `retry-after` in seconds or as a date.
pub fn asked(headers: &Headers, now: f64, parse_date: impl Fn(&str) -> Option<f64>) -> Option<f64> {
    let number = |text: &str| text::whole(text.trim_ascii());
    if let Some(ms) = headers.get("retry-after-ms").and_then(number) {
        return Some(ms);
    }
    let text = headers.get("retry-after")?;
    if let Some(seconds) = number(text) {
        return Some(seconds * 1000.0);
    }
    parse_date(text).map(|date| (date - now).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_within_their_bounds_and_obey_the_server() {
        for (attempt, most) in [(0, 500.0), (1, 1000.0), (2, 2000.0), (6, 30_000.0), (4_000_000_000, 30_000.0)] {
            assert_eq!(wait(attempt, None, 0.0), 0.0);
            assert!(wait(attempt, None, 0.999) < most && wait(attempt, None, 0.999) > most * 0.99);
        }
        assert_eq!(wait(0, Some(3000.0), 0.0), 3000.0);
        assert_eq!(wait(9, Some(1e9), 0.0), LONGEST_OBEYED);
    }

    #[test]
    fn reads_what_the_server_asks_for_in_each_form() {
        let date = |text: &str| (text == "Fri, 20 Nov 2026 12:00:10 GMT").then_some(10_000.0);
        for (name, value, expected) in [
            ("retry-after-ms", "250", Some(250.0)),
            ("retry-after", "7", Some(7000.0)),
            ("retry-after", "Fri, 20 Nov 2026 12:00:10 GMT", Some(9000.0)),
            ("retry-after", "soon", None),
            ("retry-after", "-5", None),
            ("other", "7", None),
        ] {
            assert_eq!(asked(&Headers::new().with(name, value), 1000.0, date), expected, "{name}: {value}");
        }
    }

    #[test]
    fn a_creation_is_sent_again_only_on_proof() {
        let answered = |status, retry_after| {
            let mut error = Error::<()>::new(Code::Server, "");
            (error.status, error.retry_after) = (Some(status), retry_after);
            error
        };
        for (status, asked, proof) in [
            (429, None, true),
            (503, Some(1000.0), true),
            (503, None, false),
            (500, Some(1000.0), false),
            (502, None, false),
            (408, None, false),
        ] {
            assert_eq!(surely_not_made(&answered(status, asked)), proof, "{status}");
        }
    }
}
