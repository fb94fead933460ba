//! What a provider tells beside jobs.

use crate::generation::{Generation, State};
use crate::json::Json;
use serde::Serialize;

/// How many jobs a page of the list holds at most.
pub(crate) const PAGE_SIZE: f64 = 100.0;

/// The state that a provider's word stands for. One that is not in its table counts as running.
pub fn state_of(word: &str, words: &[(&str, State)]) -> State {
    words.iter().find(|(known, _)| *known == word).map_or(State::Dreaming, |(_, state)| *state)
}

/// Luma's own words.
pub const WORDS: &[(&str, State)] =
    &[("queued", State::Queued), ("completed", State::Completed), ("failed", State::Failed)];

/// The jobs in a list, by what reads one.
pub fn jobs(list: &Json, read: &dyn Fn(&Json) -> Option<Generation>) -> Vec<Generation> {
    let mut jobs = Vec::new();
    for item in list.items() {
        jobs.extend(read(&item));
    }
    jobs
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS), ts(bound = "", concrete(Json = ()), optional_fields))]
pub struct Page {
    /// The jobs, newest first.
    #[cfg_attr(feature = "types", ts(type = "Generation[]"))]
    pub generations: Vec<Generation>,
    /// Whether another page follows. Where the provider does not say, one may follow a page that is as long as it could be.
    pub has_more: bool,
    /// Whether the provider says so.
    #[serde(skip)]
    #[cfg_attr(feature = "types", ts(skip))]
    pub says_more: bool,
    /// How many entries the page has, also those that are no jobs.
    #[serde(skip)]
    #[cfg_attr(feature = "types", ts(skip))]
    pub entries: usize,
    /// How many the page was allowed to hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<f64>,
    /// How many were skipped before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<f64>,
    /// The number that the provider gives as `count`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<f64>,
    /// The provider's own answer, untouched, where it tells more: of useapi and piapi.
    #[cfg_attr(feature = "types", ts(optional, type = "Record<string, unknown>"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw: Option<Json>,
}

impl Page {
    /// The same page to a client that asked for so many.
    pub fn asked_for(mut self, limit: Option<f64>) -> Page {
        // The provider may give fewer than it was asked for, and say so.
        let most = self.limit.or(limit);
        if !self.says_more && most.is_some_and(|most| (self.entries as f64) < most) {
            self.has_more = false;
        }
        self
    }
}

/// What is left to spend.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS), ts(bound = "", concrete(Json = ())))]
pub struct Credits {
    /// How much.
    pub amount: f64,
    /// Of what.
    pub unit: CreditUnit,
    /// The provider's own answer, untouched.
    #[cfg_attr(feature = "types", ts(type = "Record<string, unknown>"))]
    pub raw: Json,
}

/// What waits or runs at the moment.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS), ts(bound = "", concrete(Json = ())))]
pub struct ActiveTasks {
    /// How many jobs of Luma's, from any user of the key.
    pub count: f64,
    /// The provider's own answer, untouched.
    #[cfg_attr(feature = "types", ts(type = "Record<string, unknown>"))]
    pub raw: Json,
}

/// What a balance counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub enum CreditUnit {
    /// Cents of US dollars.
    UsdCents,
    /// US dollars.
    Usd,
    /// Credits of the Luma subscription behind the account.
    Credits,
}
