//! What may be spent, as the caller says it.

/// Dollars to be spent, by a client or by one of its batches.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "types", derive(ts_rs::TS), ts(optional_fields))]
pub struct Budget {
    /// The most that jobs may cost together, in dollars. Those under way count; those that failed and are refunded do not. A job
    /// waits while refunds may still pay for it.
    pub usd: f64,
    /// What a job is taken to cost, in dollars, when no price for it is known. Without this such a job is refused.
    pub price: Option<f64>,
}
