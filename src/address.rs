//! Which addresses a provider's server could fetch: it sits on the open internet and sees neither the caller's page nor
//! the caller's network.

use crate::text::{after_last, before, begins, concat, split_at_first};

const NO_ADDRESS: &str = "must be an http(s) address that a server can fetch";

/// Whether a server elsewhere could reach `url`; if not, why, and what to do.
pub fn fetchable(url: &str) -> Result<(), &'static str> {
    let lower = url.to_ascii_lowercase();
    if begins(&lower, &["data:", "blob:"]) {
        return Err(
            "is no address that a server can fetch: give the file itself (a File, a Blob, bytes), or put it where a server can fetch it",
        );
    }
    let rest = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://")).ok_or(NO_ADDRESS)?;
    if rest.bytes().any(|byte| byte <= b' ') {
        return Err("must not contain spaces");
    }
    let host = after_last(before(rest, b"/?#\\"), b'@');
    let host = match host.strip_prefix('[') {
        Some(v6) => before(v6, b"]"),
        None => before(host, b":"),
    };
    if host.is_empty() {
        return Err(NO_ADDRESS);
    }
    if is_local(host.strip_suffix('.').unwrap_or(host)) {
        return Err("is an address of this machine or network, which the provider's server cannot reach");
    }
    Ok(())
}

/// The media type of a video, by the ending of its address.
pub fn video_type(url: &str) -> Option<&'static str> {
    Some(match ending(url).as_str() {
        "mp4" => "video/mp4",
        "mov" => "video/quicktime",
        "webm" => "video/webm",
        _ => return None,
    })
}

/// Whether an address is that of a video, by its ending; none where that does not tell.
pub fn is_video(url: &str) -> Option<bool> {
    let picture = || ["jpg", "jpeg", "png", "webp", "gif", "heic", "avif"].contains(&ending(url).as_str());
    video_type(url).map(|_| true).or_else(|| picture().then_some(false))
}

fn ending(url: &str) -> String {
    after_last(before(url, b"?#"), b'.').to_ascii_lowercase()
}

/// An address as URL parsers write it: scheme and host in lower case, no lone slash behind them. Another text stays what it is.
pub fn written(text: &str) -> String {
    let Some((scheme, rest)) = split_at_first(text, "://") else { return text.to_owned() };
    let host = before(rest, b"/?#");
    let path = rest.get(host.len()..).filter(|path| *path != "/").unwrap_or_default();
    concat(&[&scheme.to_ascii_lowercase(), "://", &host.to_ascii_lowercase(), path])
}

/// The same without what a signature adds to its query, which expires and is written anew.
pub fn unsigned(text: &str) -> String {
    let whole = written(text);
    let Some((mut out, mut query)) = split_query(&whole) else { return whole };
    let mut mark = "?";
    while !query.is_empty() {
        let part = before(query, b"&");
        query = query.get(part.len() + 1..).unwrap_or_default();
        let name = before(part, b"=").to_ascii_lowercase();
        if !SIGNATURE.contains(&name.as_str()) && !begins(&name, &["x-amz-", "x-goog-"]) {
            out = concat(&[&out, mark, part]);
            mark = "&";
        }
    }
    out
}

/// The same without its query.
pub fn unqueried(text: &str) -> String {
    let whole = written(text);
    split_query(&whole).map(|(address, _)| address).unwrap_or(whole)
}

/// What stands before and after the `?` of an address.
fn split_query(text: &str) -> Option<(String, &str)> {
    let (address, query) =
        split_at_first(text, "?").filter(|(address, _)| begins(address, &["https://", "http://"]))?;
    Some((address.to_owned(), query))
}

/// What CloudFront, older S3, older Google Cloud Storage and Azure add to the query of an address that they sign.
const SIGNATURE: &[&str] = &[
    "awsaccesskeyid",
    "expires",
    "googleaccessid",
    "key-pair-id",
    "policy",
    "se",
    "sig",
    "signature",
    "ske",
    "skoid",
    "sks",
    "skt",
    "sktid",
    "skv",
    "sp",
    "spr",
    "sr",
    "st",
    "sv",
];

fn is_local(host: &str) -> bool {
    if host.bytes().any(|byte| byte == b':') {
        return begins(host, &["::", "0:", "fe80:", "fc", "fd"]);
    }
    if let Some(address) = v4(host) {
        let [first, second, ..] = address.to_be_bytes();
        return matches!((first, second), (0 | 10 | 127, _) | (192, 168) | (169, 254) | (172, 16..=31));
    }
    matches!(after_last(host, b'.'), "localhost" | "local" | "internal")
}

/// The IPv4 address that `host` is, in each notation that URL parsers read: `127.0.0.1`, `127.1`, `0x7f000001`, `2130706433`.
fn v4(host: &str) -> Option<u32> {
    let (mut address, mut shift, mut rest) = (0, 24_u32, host);
    loop {
        let part = before(rest, b".");
        let number = number(part)?;
        // The last part fills all the places that are left.
        let Some(next) = rest.get(part.len() + 1..) else { return Some(address | number) };
        address |= number.checked_shl(shift)?;
        (shift, rest) = (shift.wrapping_sub(8), next);
    }
}

/// A whole number in decimal, in octal behind a `0`, or in hexadecimal behind `0x`.
fn number(text: &str) -> Option<u32> {
    let (digits, radix) = match text.strip_prefix("0x") {
        Some(digits) => (digits, 16),
        None => (text, if text.len() > 1 && begins(text, &["0"]) { 8 } else { 10 }),
    };
    u32::from_str_radix(digits, radix).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_no_part_of_an_address() {
        let file = "https://bucket.s3.amazonaws.com/a.jpg";
        for query in [
            "?X-Amz-Date=20261127&X-Amz-Signature=abc",
            "?AWSAccessKeyId=a&Expires=1&Signature=b",
            "?Policy=a&Signature=b&Key-Pair-Id=c",
            "?sv=2025&se=2026-11-27&sr=b&sp=r&sig=abc%3D",
            "?X-Goog-Expires=60&",
            "?",
            "",
        ] {
            assert_eq!(unsigned(&concat(&[file, query])), file, "{query}");
        }
        assert_eq!(unsigned("HTTPS://A.example/b?id=1&Expires=2&v=3"), "https://a.example/b?id=1&v=3");
        assert_eq!(unsigned("Why?sig=1"), "Why?sig=1");
        assert_eq!(unqueried("https://a.example/b?id=1"), "https://a.example/b");
        assert_eq!(unqueried("Why? Who?"), "Why? Who?");
    }
}
