//! Names that were surely meant otherwise: `aspectRatio`, `aspect-ratio`, `aspect_ratoi`.

use crate::error::{Problem, ProblemCode};

/// The known name that another one was meant for, if there is one: both read the same without case, `_` and other marks, or
/// they differ by one letter. A digit makes another name: `ray-3` is no `ray-2` mistyped. Of two that are as close the first.
pub fn meant<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let bare = letters(name);
    let (mut same, mut close) = (None, None);
    for &one in known {
        if one == name {
            return None;
        }
        let other = letters(one);
        if bare == other {
            same = Some(one);
        } else if bare.len() > 3 && other.len() > 3 && one_letter_apart(&bare, &other) {
            close = close.or(Some(one));
        }
    }
    same.or(close)
}

/// What is told of such a name.
pub fn mistyped(path: &str, meant: &str) -> Problem {
    Problem::of(path, ProblemCode::Suspicious, &["is not known: is ", meant, " meant?"])
}

fn letters(name: &str) -> Vec<u8> {
    let mut letters = Vec::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() {
            letters.push(byte.to_ascii_lowercase());
        }
    }
    letters
}

/// Whether one letter more, one less, another one, or two in the wrong order are all the difference.
fn one_letter_apart(one: &[u8], other: &[u8]) -> bool {
    let start = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let (one, other) = (one.get(start..).unwrap_or_default(), other.get(start..).unwrap_or_default());
    let letter = |of: &[u8]| of.first().is_some_and(|byte| !byte.is_ascii_digit());
    (letter(one) && one.get(1..) == Some(other))
        || (letter(other) && other.get(1..) == Some(one))
        || (letter(one) && letter(other) && one.get(1..) == other.get(1..))
        || (one.len() > 1
            && one.first() == other.get(1)
            && one.get(1) == other.first()
            && one.get(2..) == other.get(2..))
}

#[cfg(test)]
mod tests {
    use super::meant;

    #[test]
    fn what_was_surely_meant_otherwise() {
        let known = ["aspect_ratio", "ray-2", "ray-3.2", "loop", "style_ref", "model", "mode"];
        for (name, expected) in [
            ("aspectRatio", Some("aspect_ratio")),
            ("aspect-ratio", Some("aspect_ratio")),
            ("AspectRatio", Some("aspect_ratio")),
            ("aspect_ratoi", Some("aspect_ratio")),
            ("aspect_rati", Some("aspect_ratio")),
            ("aspect_ratioo", Some("aspect_ratio")),
            ("ray2", Some("ray-2")),
            ("ray-2 ", Some("ray-2")),
            ("Ray-3.2", Some("ray-3.2")),
            ("styleRef", Some("style_ref")),
            ("loops", Some("loop")),
            ("modl", Some("model")),
            // Known, newer, or something else.
            ("mode", None),
            ("model", None),
            ("ray-4", None),
            ("ray-3.3", None),
            ("ray-32-pro", None),
            ("seed", None),
            ("hoop_la", None),
            ("", None),
            ("🐅", None),
        ] {
            assert_eq!(meant(name, &known), expected, "{name}");
        }
    }
}
