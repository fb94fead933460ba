//! The Luma accounts that the service works on (pages on accounts, 2026-04-06). One is added by the `session` cookie that
//! Luma sets when its user signs in with e-mail and password; the service keeps it fresh.

use crate::json::{Json, Kind};
use crate::provider::call::path_to;
use crate::provider::{ApiCall, CreditUnit, Credits};

/// All of them: an object by e-mail. Without one the answer is a 404.
pub fn list() -> ApiCall {
    ApiCall::get("accounts")
}

/// One of them.
pub fn one(email: &str) -> ApiCall {
    ApiCall::get(path(email))
}

/// Adds one, or gives one a new session. The session is as good as a password: it is in the call's body and nowhere else.
pub fn add(session: &str) -> ApiCall {
    ApiCall::post("accounts", Json::object(vec![("session", Json::string(session))]))
}

/// Removes one from the service; at Luma it stays.
pub fn remove(email: &str) -> ApiCall {
    ApiCall::delete(path(email))
}

fn path(email: &str) -> String {
    path_to("accounts/", email)
}

/// The first of a list that has no error. When all have one, the first is as good as another: what the service answers about it
/// says what to do.
pub fn usable(listed: &Json) -> Option<String> {
    let mut first = None;
    for email in &listed.keys() {
        let Some(account) = listed.get(email).filter(|account| account.kind() == Kind::Object) else { continue };
        if account.get("error").is_none() {
            return Some(email.clone());
        }
        first = first.or_else(|| Some(email.clone()));
    }
    first
}

/// What is left of Luma's credits: of one account, or of all that tell it. The answer to an account's adding does, and what one has
/// in "live details", which are not published; the list does not.
pub fn credits(answer: &Json) -> Option<Credits> {
    let mut left = left(answer);
    for email in &answer.keys() {
        if let Some(more) = answer.get(email).and_then(|account| self::left(&account)) {
            left = Some(left.unwrap_or(0.0) + more);
        }
    }
    Some(Credits { amount: left?, unit: CreditUnit::Credits, raw: answer.clone() })
}

fn left(account: &Json) -> Option<f64> {
    let part = |path| account.at(path)?.as_f64();
    Some(part("credits.limit")? - part("credits.usage")?)
}
