//! What a request costs, as far as that is known.

use crate::json::Json;
use crate::text::{concat, dollars};
use serde::Serialize;

/// A price before anything is sent.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "types", derive(ts_rs::TS), ts(optional_fields))]
pub struct Estimate {
    /// US dollars; absent when no price is known for this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usd: Option<f64>,
    /// How sure that is.
    pub certainty: Certainty,
    /// What the price is for, in words: the size and length that it stands on.
    pub basis: String,
    /// Where the provider published the price; absent when it did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<&'static str>,
    /// The day of the price table, `YYYY-MM-DD`.
    pub as_of: &'static str,
}

impl Estimate {
    /// A price in whole millionths of a dollar: what rates and sizes come to has more places than money.
    pub fn new(
        usd: Option<f64>,
        certainty: Certainty,
        basis: String,
        source: Option<&'static str>,
        as_of: &'static str,
    ) -> Estimate {
        let usd = usd.map(|usd| (usd * 1e6 + 0.5).floor() / 1e6);
        Estimate { usd, certainty, basis, source, as_of }
    }

    /// A price for something, in the provider's words or by its rates.
    pub fn priced(usd: f64, certainty: Certainty, what: &str, source: &'static str, as_of: &'static str) -> Estimate {
        let basis = concat(&["$", &dollars(usd), " for ", what]);
        Estimate::new(Some(usd), certainty, basis, Some(source), as_of)
    }

    /// No published price, or none at all: `usd` is what third parties report.
    pub fn unpublished(usd: Option<f64>, basis: String, as_of: &'static str) -> Estimate {
        Estimate::new(usd, Certainty::Unknown, basis, None, as_of)
    }
}

/// How sure a price is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub enum Certainty {
    /// A published price for just this.
    Published,
    /// A published rate, times a size or length that had to be assumed, or a price list that was since replaced.
    Approximate,
    /// The provider has published no price. `usd`, where it is there, is what third parties report.
    Unknown,
}

/// The text in a field; where there is none, what the server takes.
pub fn text_or(body: &Json, field: &str, default: &str) -> String {
    body.text(field).unwrap_or_else(|| default.to_owned())
}

/// What belongs to the word in a field; 1 where nothing does.
pub fn factor(body: &Json, field: &str, factors: &[(&str, f64)]) -> f64 {
    body.text(field).and_then(|word| listed(factors, &word)).unwrap_or(1.0)
}

/// The number beside a word.
pub fn listed(table: &[(&str, f64)], word: &str) -> Option<f64> {
    table.iter().find(|(known, _)| *known == word).map(|(_, number)| *number)
}
