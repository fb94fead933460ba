//! Which keys are good.

use crate::http::Headers;

/// Whether the request carries a good bearer key. Without a list any key is good, but there must be one.
pub(crate) fn bearer_is_good(headers: &Headers, good: &[String]) -> bool {
    bearer(headers).is_some_and(|key| is_good(key, good))
}

/// The same of a key that a header field holds alone.
pub(crate) fn field_is_good(headers: &Headers, name: &str, good: &[String]) -> bool {
    is_good(headers.get(name).unwrap_or_default().trim(), good)
}

fn is_good(key: &str, good: &[String]) -> bool {
    !key.is_empty() && (good.is_empty() || good.iter().any(|one| one == key))
}

/// The bearer key that the request carries.
pub(crate) fn bearer(headers: &Headers) -> Option<&str> {
    let (scheme, key) = headers.get("authorization")?.split_once(' ')?;
    Some(key.trim()).filter(|key| scheme.eq_ignore_ascii_case("bearer") && !key.is_empty())
}
