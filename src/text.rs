//! What the standard library does for texts in more bytes of the module, its search and its `join` above all. Where
//! `format!` says the same it is no larger: `core::fmt` is there anyway, for panics.

/// What stands at the end of a text that was cut short.
pub const CUT: &str = "…";

/// The parts, one behind the other.
pub fn concat(parts: &[&str]) -> String {
    join(parts, "")
}

/// The parts with something between them.
pub fn join(parts: &[&str], between: &str) -> String {
    let mut whole = String::new();
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            whole.push_str(between);
        }
        whole.push_str(part);
    }
    whole
}

/// The path of a field within what lies at another path.
pub fn within(path: &str, field: &str) -> String {
    concat(&[path, ".", field])
}

/// The path of an item in the list at a path.
pub fn item(path: &str, index: usize) -> String {
    concat(&[path, "[", &integer(index as u64), "]"])
}

/// `text` with every `old` replaced; `old` must not be empty.
pub fn replace(text: &str, old: &str, new: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = split_at_first(rest, old) {
        out.push_str(before);
        out.push_str(new);
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Whether `part` occurs in `text`.
pub fn contains(text: &str, part: &str) -> bool {
    split_at_first(text, part).is_some()
}

/// Whether `text` begins with one of these.
pub fn begins(text: &str, beginnings: &[&str]) -> bool {
    beginnings.iter().any(|beginning| text.starts_with(beginning))
}

/// What stands before and after the first `part`.
pub fn split_at_first<'a>(text: &'a str, part: &str) -> Option<(&'a str, &'a str)> {
    let at = text.as_bytes().windows(part.len().max(1)).position(|window| window == part.as_bytes())?;
    Some((text.get(..at)?, text.get(at + part.len()..)?))
}

/// What stands before the first of these bytes, which are ASCII.
pub fn before<'a>(text: &'a str, marks: &[u8]) -> &'a str {
    let end = text.bytes().position(|byte| is_any(byte, marks));
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

/// Whether a byte is one of these. `contains` is a search made for long lists: 0.2 kB.
#[allow(clippy::manual_contains)]
pub fn is_any(byte: u8, marks: &[u8]) -> bool {
    marks.iter().any(|&mark| mark == byte)
}

/// What stands after the last such byte, which is ASCII.
pub fn after_last(text: &str, mark: u8) -> &str {
    let start = text.bytes().rposition(|byte| byte == mark);
    start.and_then(|start| text.get(start + 1..)).unwrap_or(text)
}

/// `text` without that at its end, however often; it must not be empty.
pub fn without_end<'a>(mut text: &'a str, end: &str) -> &'a str {
    while let Some(rest) = text.strip_suffix(end) {
        text = rest;
    }
    text
}

/// A whole number in decimal.
pub fn integer(value: u64) -> String {
    let mut digits = if value < 10 { String::new() } else { integer(value / 10) };
    digits.push(char::from(b'0' + (value % 10) as u8));
    digits
}

/// The whole number that decimal digits, and nothing else, write.
pub fn whole(digits: &str) -> Option<f64> {
    let digit = |byte: u8| byte.is_ascii_digit().then(|| f64::from(byte - b'0'));
    let value = digits.bytes().try_fold(0.0, |value, byte| Some(value * 10.0 + digit(byte)?));
    value.filter(|_| !digits.is_empty())
}

/// Dollars with four places at most and at least two, such as `1.75` or `0.0404`.
pub fn dollars(usd: f64) -> String {
    let cents100 = (usd * 10_000.0 + 0.5) as u64;
    let whole = integer(cents100 / 10_000);
    let places = integer(10_000 + cents100 % 10_000);
    concat(&[&whole, ".", places.get(1..3).unwrap_or_default(), without_end(places.get(3..).unwrap_or_default(), "0")])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_and_replaces() {
        assert_eq!(replace("a key, the key: käy", "key", "[key]"), "a [key], the [key]: käy");
        assert_eq!(replace("käy", "ä", ""), "ky");
        assert_eq!(split_at_first("400: no: way", ": "), Some(("400", "no: way")));
        assert!(!contains("", "a") && contains("bca", "a"));
    }

    #[test]
    fn writes_numbers_as_people_do() {
        for (number, text) in [(0, "0"), (7, "7"), (1080, "1080"), (u64::MAX, "18446744073709551615")] {
            assert_eq!(integer(number), text);
        }
        for (usd, text) in [(1.75, "1.75"), (0.0404, "0.0404"), (3.6, "3.60"), (0.0, "0.00"), (12.3456, "12.3456")] {
            assert_eq!(dollars(usd), text);
        }
    }
}
