//! The service names jobs, files and accounts by their owner's e-mail address. Logs and screens go further than an owner wants.

use crate::text::{after_last, before, is_any};

/// What stands in the place of an address.
const HIDDEN: &str = "[email]";
/// What cannot be a part of an address, in a text or in an id. In a path such marks are percent-encoded, as is the `@`.
const MARKS: &[u8] = b" \t\r\n\"'`:/?#&=<>()[]{},;";
const ENCODED_COLON: &str = "%3A";

/// A text without e-mail addresses.
pub fn hidden(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((name, at, after)) = split_at_first(rest) {
        let left = without_name(name);
        let domain = domain(after);
        out.push_str(left);
        // A lone `@` is none.
        if left.len() == name.len() || domain.is_empty() {
            out.push_str(name.get(left.len()..).unwrap_or_default());
            out.push_str(at);
            rest = after;
        } else {
            out.push_str(HIDDEN);
            rest = after.get(domain.len()..).unwrap_or_default();
        }
    }
    out.push_str(rest);
    out
}

/// What stands before the first `@`, it, and what follows.
fn split_at_first(text: &str) -> Option<(&str, &str, &str)> {
    let split = |mark| crate::text::split_at_first(text, mark).map(|(name, after)| (name, mark, after));
    match (split("@"), split("%40")) {
        (Some(plain), Some(encoded)) => Some(if plain.0.len() < encoded.0.len() { plain } else { encoded }),
        (plain, encoded) => plain.or(encoded),
    }
}

/// What stands before an address, of what stands before its `@`.
fn without_name(text: &str) -> &str {
    let start = text.bytes().rposition(|byte| is_any(byte, MARKS)).map_or(0, |mark| mark + 1);
    let mut name = text.get(start..).unwrap_or_default();
    while let Some((_, after)) = crate::text::split_at_first(name, ENCODED_COLON) {
        name = after;
    }
    text.get(..text.len() - name.len()).unwrap_or(text)
}

/// The domain at a text's beginning. In an id a word follows behind a hyphen (`me@example.com-video:...`), which no last part of a
/// domain has.
fn domain(text: &str) -> &str {
    let part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-') || !byte.is_ascii();
    let end = text.bytes().position(|byte| !part(byte)).unwrap_or(text.len());
    let mut whole = text.get(..end).unwrap_or_default();
    while let Some(rest) = whole.strip_suffix('.').or_else(|| whole.strip_suffix('-')) {
        whole = rest;
    }
    let top = before(after_last(whole, b'.'), b"-");
    let above = whole.len() - after_last(whole, b'.').len();
    whole.get(..above + top.len()).unwrap_or(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_go_and_the_rest_stays() {
        let id = "j0326140530123456789v-u12345-email:me.too+1@my-host.example.com-video:123e4567-bot:luma";
        for (text, expected) in [
            (id, "j0326140530123456789v-u12345-email:[email]-video:123e4567-bot:luma"),
            (
                &format!("https://api.example/v1/luma/jobs/{}", crate::http::segment(id)),
                "https://api.example/v1/luma/jobs/j0326140530123456789v-u12345-email%3A[email]-video%3A123e4567-bot%3Aluma",
            ),
            (
                "https://api.example/v1/luma/accounts/me%2B1%40example.com",
                "https://api.example/v1/luma/accounts/[email]",
            ),
            (
                "Unable to find configuration for email me@example.com.",
                "Unable to find configuration for email [email].",
            ),
            ("me@a.example and \"you@b.example\", email=us@c.example", "[email] and \"[email]\", email=[email]"),
            ("u1-email:me@localhost-image:1", "u1-email:[email]-image:1"),
            ("jörg@bücher.example ist da", "[email] ist da"),
            ("ends with me@", "ends with me@"),
            ("@ alone, 40 %40", "@ alone, 40 %40"),
            ("nothing", "nothing"),
            ("", ""),
        ] {
            assert_eq!(hidden(text), expected);
        }
    }
}
