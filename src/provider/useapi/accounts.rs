//! The Luma accounts that the service works on (pages on accounts, 2026-04-06). One is added by the `session` cookie that
//! Luma sets when its user signs in with e-mail and password; the service keeps it fresh.

use crate::http::segment;
use crate::provider::{Call, CreditUnit, Credits};
use crate::text::concat;
use crate::value::Value;

/// All of them: an object by e-mail. Without one the answer is a 404.
pub fn list<V: Value>() -> Call<V> {
    Call::get("accounts")
}

/// One of them.
pub fn one<V: Value>(email: &str) -> Call<V> {
    Call::get(path(email))
}

/// Adds one, or gives one a new session. The session is as good as a password: it is in the call's body and nowhere else.
pub fn add<V: Value>(session: &str) -> Call<V> {
    Call::post("accounts", V::object(vec![("session", V::string(session))]))
}

/// Removes one from the service; at Luma it stays.
pub fn remove<V: Value>(email: &str) -> Call<V> {
    Call::delete(path(email))
}

fn path(email: &str) -> String {
    concat(&["accounts/", &segment(email)])
}

/// The first of a list that has no error.
pub fn usable<V: Value>(listed: &V) -> Option<String> {
    listed.keys().into_iter().find(|email| listed.get(email).is_some_and(|account| account.get("error").is_none()))
}

/// What an account has left of Luma's credits, where the answer tells: that to its adding does.
pub fn credits<V: Value>(account: &V) -> Option<Credits<V>> {
    let credits = account.get("credits")?;
    let amount = credits.num("limit")? - credits.num("usage")?;
    Some(Credits { amount, unit: CreditUnit::Credits, raw: account.clone() })
}
