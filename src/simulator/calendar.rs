//! Times in ms since the Unix epoch, written as HTTP and the providers write them.

use time::OffsetDateTime;

/// A time as in a `date` header: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
pub(crate) fn http_date(ms: f64) -> String {
    let t = date(ms);
    format!(
        "{:.3}, {:02} {:.3} {:04} {:02}:{:02}:{:02} GMT",
        t.weekday().to_string(),
        t.day(),
        t.month().to_string(),
        t.year(),
        t.hour(),
        t.minute(),
        t.second()
    )
}

/// A time as in `created_at`: `2024-12-02T15:34:40.388000Z`.
pub(crate) fn timestamp(ms: f64) -> String {
    let t = date(ms);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z",
        t.year(),
        u8::from(t.month()),
        t.day(),
        t.hour(),
        t.minute(),
        t.second(),
        t.microsecond()
    )
}

/// A time beyond what a calendar holds is the epoch.
fn date(ms: f64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(((ms * 1000.0).round() as i128).saturating_mul(1000))
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_the_two_forms() {
        let ms = 1_733_153_680_388.25;
        assert_eq!(http_date(ms), "Mon, 02 Dec 2024 15:34:40 GMT");
        assert_eq!(timestamp(ms), "2024-12-02T15:34:40.388250Z");
    }

    #[test]
    fn survives_a_time_that_no_calendar_has() {
        assert_eq!(timestamp(f64::MAX), "1970-01-01T00:00:00.000000Z");
    }
}
