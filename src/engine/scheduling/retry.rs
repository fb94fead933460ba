//! When to send a request again. A read may be sent again as often as one likes. A creation costs money: it is sent again
//! only when the answer proves that nothing was made.

use crate::engine::model::timing::{FIRST_BACKOFF, MAX_BACKOFF, MAX_RETRY_AFTER, SECOND};
use crate::error::{Code, Error};
use crate::http::Headers;
use crate::text;

/// After so many failed reads in a row (some seven minutes) the caller gets the error. Its job is not touched.
pub const MAX_FAILED_READS: u32 = 24;

/// Whether a read that failed so may be sent again.
pub fn is_retryable_read(error: &Error) -> bool {
    match error.code {
        Code::Network => error.retryable,
        code => matches!(code, Code::Timeout | Code::RateLimited | Code::Server),
    }
}

/// Whether another read may succeed. An answer that cannot be read is not the provider's own.
pub fn may_pass(error: &Error) -> bool {
    is_retryable_read(error) || error.code == Code::Protocol
}

/// Whether a creation answered so was certainly not made. A 5xx or a 408 proves nothing, whatever else it says: the work may be
/// done and the answer lost behind a gateway.
pub fn proves_not_made(error: &Error) -> bool {
    error.status == Some(429)
}

/// Whether a creation answered so was refused, so that nothing was made and nothing will be.
pub fn proves_refusal(error: &Error) -> bool {
    error.code == Code::Authentication || error.status.is_some_and(is_refusal)
}

/// Whether a status is decided before the work, so that nothing was made and nothing will be: those of IANA's registry, which are of RFC
/// 9110 where no other document is named.
pub fn is_refusal(status: u16) -> bool {
    match status {
        // It is to be sent elsewhere. A 302 or 303 may also be the way to what was made.
        301 | 307 | 308 => true,
        // Not 406, since what was made may have no form that is accepted; nor 408; nor 424, where a part of the work was done (RFC 4918).
        // 421 and 425 (RFC 8470) are refusals to begin.
        400..=405 | 407 | 409..=417 | 421..=423 | 425 | 426 | 428 | 429 | 431 | 451 => true,
        // What is not registered tells of connections, mostly: nginx's 499 and a load balancer's 460 that the client is gone.
        _ => false,
    }
}

/// How long to wait before the next try, in ms: what the server asked for, up to a bound, else an exponential backoff with
/// full jitter, so that many clients that failed together do not come back together. `random` is from 0 to 1.
pub fn backoff_delay(attempt: u32, retry_after: Option<f64>, random: f64) -> f64 {
    match retry_after {
        // A little more than asked, spread: a server's window opens for everybody at once.
        Some(ms) => ms.min(MAX_RETRY_AFTER) + random * FIRST_BACKOFF,
        None => random * (FIRST_BACKOFF * f64::from(1 << attempt.min(16))).min(MAX_BACKOFF),
    }
}

/// The same before a read that is tried up to [`MAX_FAILED_READS`] times. Never shorter than the backoff: a server that asks for short
/// waits would use up the tries within seconds.
pub fn read_delay(attempt: u32, retry_after: Option<f64>, random: f64) -> f64 {
    backoff_delay(attempt, retry_after, random).max(backoff_delay(attempt, None, random))
}

/// What the server asked for, in ms: `retry-after-ms`, else `retry-after` in seconds or as a date. `now` is the time by the server's
/// clock.
pub fn parse_retry_after(headers: &Headers, now: f64, parse_date: impl Fn(&str) -> Option<f64>) -> Option<f64> {
    if let Some(ms) = headers.get("retry-after-ms").and_then(rounded_up) {
        return Some(ms);
    }
    let text = headers.get("retry-after")?.trim_ascii();
    if let Some(seconds) = rounded_up(text) {
        return Some(seconds * SECOND);
    }
    // Each form of a date begins with the day of the week; what else there is, JavaScript may take for a year.
    let named = text.bytes().next().is_some_and(|first| first.is_ascii_alphabetic());
    parse_date(text).filter(|_| named).map(|date| (date - now).max(0.0))
}

/// A number without a sign, as the whole one that is not below it.
fn rounded_up(text: &str) -> Option<f64> {
    let text = text.trim_ascii();
    match text::split_at_first(text, ".") {
        Some((whole, places)) => Some(text::whole(whole)? + f64::from(text::whole(places)? > 0.0)),
        None => text::whole(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_within_their_bounds_and_obey_the_server() {
        for (attempt, most) in [(0, 500.0), (1, 1000.0), (2, 2000.0), (6, 30_000.0), (4_000_000_000, 30_000.0)] {
            assert_eq!(backoff_delay(attempt, None, 0.0), 0.0);
            assert!(backoff_delay(attempt, None, 0.999) < most && backoff_delay(attempt, None, 0.999) > most * 0.99);
        }
        assert_eq!([0.0, 0.5].map(|random| backoff_delay(0, Some(3000.0), random)), [3000.0, 3250.0]);
        assert_eq!(backoff_delay(9, Some(1e9), 0.0), MAX_RETRY_AFTER);
    }

    #[test]
    fn reads_what_the_server_asks_for_in_each_form() {
        // As lenient as JavaScript, for which a number is a year.
        let date = |text: &str| match text {
            "Fri, 20 Nov 2026 12:00:10 GMT" => Some(10_000.0),
            "-5" | "1.5.1" => Some(0.0),
            _ => None,
        };
        for (name, value, expected) in [
            ("retry-after-ms", "250", Some(250.0)),
            ("retry-after-ms", "250.5", Some(251.0)),
            ("retry-after", "7", Some(7000.0)),
            ("retry-after", "1.5", Some(2000.0)),
            ("retry-after", "0.0", Some(0.0)),
            ("retry-after", "Fri, 20 Nov 2026 12:00:10 GMT", Some(9000.0)),
            ("retry-after", "soon", None),
            ("retry-after", "-5", None),
            ("retry-after", "1.5.1", None),
            ("other", "7", None),
        ] {
            assert_eq!(parse_retry_after(&Headers::new().with(name, value), 1000.0, date), expected, "{name}: {value}");
        }
    }

    #[test]
    fn a_creation_is_sent_again_only_on_proof() {
        for (status, proof) in [(429, true), (503, false), (500, false), (502, false), (408, false)] {
            let mut error = Error::new(Code::Server, "");
            (error.status, error.retry_after) = (Some(status), Some(1000.0));
            assert_eq!(proves_not_made(&error), proof, "{status}");
        }
    }

    #[test]
    fn a_creation_is_refused_only_by_what_is_decided_before_the_work() {
        let refused = |status: &u16| {
            let mut error = Error::new(Code::Protocol, "");
            error.status = Some(*status);
            proves_refusal(&error)
        };
        for status in [301, 307, 308, 400, 401, 402, 403, 404, 405, 409, 410, 413, 415, 421, 422, 425, 428, 431, 451] {
            assert!(refused(&status), "{status}");
        }
        for status in [200, 302, 303, 304, 406, 408, 419, 424, 444, 460, 463, 494, 499, 500, 502, 503, 504, 520] {
            assert!(!refused(&status), "{status}");
        }
    }
}
