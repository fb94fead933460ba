//! The Luma accounts that it works on, each known by its e-mail and reached by the cookie of a session.
//!
//! The provider asks Luma whose session it is. Here the session tells: `anything:you@example.com` is `you@example.com`'s, one
//! without an address is `me@example.com`'s. One that begins with `expired` is dead, one that begins with `free` is of a
//! free plan.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Answered, documents, error, object, with};
use crate::http::{Request, Response};
use crate::simulator::answer;
use crate::simulator::random::Dice;

/// The account that is there from the start.
const FIRST: &str = "me@example.com";

const DAY: f64 = 86_400_000.0;
/// How long a session lasts, by the documents' samples.
const SESSION: f64 = 60.0 * DAY;
/// How long an uploaded file is kept.
pub(super) const KEPT: f64 = 30.0 * DAY;

/// How many jobs may run at once, by plan: free and Unlimited.
const SLOTS: [usize; 2] = [1, 4];
/// The credits of an account. Unlimited: what goes beyond is not refused.
const CREDITS: u32 = 10_000;

/// One of them.
pub(super) struct Account {
    user_id: String,
    updated: f64,
    pub(super) dead: bool,
    pub(super) free: bool,
    usage: u32,
    /// When its unfinished jobs end.
    ends: Vec<f64>,
    /// When each of its files was uploaded.
    files: BTreeMap<String, f64>,
}

impl Account {
    fn slots(&self) -> usize {
        if self.free { SLOTS[0] } else { SLOTS[1] }
    }

    fn executing(&self, now: f64) -> usize {
        self.ends.iter().filter(|end| **end > now).count()
    }

    pub(super) fn has_room(&self, now: f64) -> bool {
        self.executing(now) < self.slots()
    }

    /// A job was made that ends at a time and uses so many credits.
    pub(super) fn take(&mut self, now: f64, ends: f64, usage: u32) {
        self.ends.retain(|end| *end > now);
        self.ends.push(ends);
        self.usage += usage;
    }

    /// A file was uploaded.
    pub(super) fn keep(&mut self, now: f64, reference: String) {
        self.files.insert(reference, now);
    }

    pub(super) fn has(&self, reference: &str, now: f64) -> bool {
        self.files.get(reference).is_some_and(|at| now < at + KEPT)
    }

    fn credits(&self) -> Value {
        json!({ "usage": self.usage, "limit": CREDITS })
    }

    fn expires(&self) -> String {
        documents::day_and_time(self.updated + SESSION)
    }

    fn entry(&self, email: &str, now: f64) -> Value {
        let entry = json!({
            "account": email,
            "email": email,
            "user_id": self.user_id,
            "concurrency": self.slots(),
            "luma_session_expires": self.expires(),
            "updated": documents::day(self.updated),
            "executing": self.executing(now),
        });
        if self.dead { with(entry, "error", "Luma session has expired") } else { entry }
    }
}

/// All of them, by e-mail.
#[derive(Default)]
pub(crate) struct Accounts {
    all: BTreeMap<String, Account>,
    begun: bool,
}

impl Accounts {
    /// Adds the first one, before anything is asked.
    pub(super) fn begin(&mut self, now: f64, dice: &mut Dice) {
        if !std::mem::replace(&mut self.begun, true) {
            self.put(now, "", dice);
        }
    }

    /// Takes in a session; gives whose it is, and whether its account is new.
    fn put(&mut self, now: f64, session: &str, dice: &mut Dice) -> (String, bool) {
        let email = session.split_once(':').map_or(FIRST, |(_, email)| email).to_owned();
        let (dead, free) = (session.starts_with("expired"), session.starts_with("free"));
        match self.all.get_mut(&email) {
            Some(account) => {
                (account.updated, account.dead, account.free) = (now, dead, free);
                (email, false)
            }
            None => {
                let (user_id, _) = dice.id();
                let (ends, files) = (Vec::new(), BTreeMap::new());
                let account = Account { user_id, updated: now, dead, free, usage: 0, ends, files };
                self.all.insert(email.clone(), account);
                (email, true)
            }
        }
    }

    pub(super) fn add(&mut self, now: f64, request: &Request<Vec<u8>>, dice: &mut Dice) -> Answered {
        let body = object(request)?;
        let session = body.get("session").and_then(Value::as_str).filter(|session| !session.is_empty());
        let session = session.ok_or_else(|| error(400, "Parameter session is required"))?;
        let (email, created) = self.put(now, session, dice);
        let account = self.get(&email)?;
        let record = json!({
            "account": email,
            "user_id": account.user_id,
            "concurrency": account.slots(),
            "luma_session_expires": account.expires(),
            "credits": account.credits(),
            "created": created,
        });
        Ok(answer::json(200, &record))
    }

    pub(super) fn list(&self, now: f64) -> Response<Vec<u8>> {
        if self.all.is_empty() {
            return answer::no_content(404);
        }
        answer::json(200, &self.all.iter().map(|(email, account)| (email.clone(), account.entry(email, now))).collect())
    }

    /// One of them with its credits: that it has "live details" is all that is documented.
    pub(super) fn one(&self, now: f64, email: &str) -> Answered {
        let account = self.all.get(email).ok_or_else(|| answer::no_content(404))?;
        Ok(answer::json(200, &with(account.entry(email, now), "credits", account.credits())))
    }

    /// Forgets one. What runs on it runs on.
    pub(super) fn remove(&mut self, email: &str) -> Answered {
        self.all.remove(email).ok_or_else(|| answer::no_content(404))?;
        Ok(answer::json(200, &json!({ "account": email, "deleted": true, "remaining": self.all.len() })))
    }

    /// The account of that e-mail, with the refusal for one that is not there.
    pub(super) fn get(&mut self, email: &str) -> Result<&mut Account, Response<Vec<u8>>> {
        let unknown = || error(404, &format!("Unable to find configuration for email {email}"));
        self.all.get_mut(email).ok_or_else(unknown)
    }

    /// Whose file it is, if it is one.
    pub(super) fn owner(&self, reference: &str, now: f64) -> Option<&str> {
        self.all.iter().find(|(_, account)| account.has(reference, now)).map(|(email, _)| email.as_str())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Account)> {
        self.all.iter().map(|(email, account)| (email.as_str(), account))
    }
}

/// What every use of a dead session is answered: the status is the provider's own.
pub(super) fn dead(email: &str) -> Response<Vec<u8>> {
    let message = format!("Luma session of {email} has expired, please add the account again");
    answer::json(596, &json!({ "error": message, "code": 596 }))
}
