//! Base64 by RFC 4648, section 4: only what an API must know of it before it takes it.

/// How many bytes a text stands for; none when it is not base64.
pub(super) fn size(text: &str) -> Option<usize> {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    let good = digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/');
    (good && !digits.is_empty() && padding <= 2 && text.len().is_multiple_of(4)).then(|| digits.len() * 3 / 4)
}
