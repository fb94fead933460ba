//! How long jobs take. For each form of job there is a running mean and deviation, as TCP keeps for its round trips. They
//! steer what a progress bar shows and, where all took about the same, the polls. The store keeps them between visits.

use crate::engine::model::Progress;
use crate::engine::model::timing::DURATION_MEMORY;
use crate::json::Json;
use crate::request::GenerationRequest;
use crate::text::join;
use std::cell::RefCell;

/// So many observations make an estimate half sure.
const HALF_SURE: f64 = 2.0;
/// How far durations lie apart is taken for this share of the first one, until others are observed.
const FIRST_DEVIATION: f64 = 0.2;
/// Durations that lie apart by this share of their mean have a usual length. One observation alone never has.
const FIRM: f64 = 0.15;
/// What a store keeps is bounded.
const MAX_ENTRIES: usize = 100;

/// How long such a job is thought to take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DurationEstimate {
    /// How long such a job takes, in ms.
    pub expected: f64,
    /// How sure that is, from 0 (a guess) to 1 (as good as certain).
    pub confidence: f64,
    /// Whether several such jobs were seen to end, all after about that time.
    pub firm: bool,
}

impl DurationEstimate {
    pub fn progress(self, elapsed: f64) -> Progress {
        Progress { elapsed, expected: self.expected, confidence: self.confidence }
    }
}

struct Entry {
    key: String,
    count: f64,
    mean: f64,
    deviation: f64,
    /// When the newest observation was made. Absent if an earlier process made it.
    at: Option<f64>,
}

/// What this client has learnt of durations.
#[derive(Default)]
pub struct DurationEstimator(RefCell<Vec<Entry>>);

impl DurationEstimator {
    /// How long such a job takes by what was observed; before that, by what is `usual`, in ms.
    pub fn estimate(&self, request: &GenerationRequest, usual: impl FnOnce() -> f64) -> DurationEstimate {
        let key = key(request);
        match self.0.borrow().iter().find(|entry| entry.key == key) {
            Some(&Entry { count, mean, deviation, .. }) => DurationEstimate {
                expected: mean,
                confidence: count / (count + HALF_SURE) * (1.0 - deviation / mean.max(1.0)).max(0.0),
                firm: deviation <= mean * FIRM,
            },
            None => DurationEstimate { expected: usual(), confidence: 0.0, firm: false },
        }
    }

    /// A job took that long, in ms. It is seen finished now.
    pub fn record(&self, request: &GenerationRequest, took: f64, now: f64) {
        let key = key(request);
        let mut entries = self.0.borrow_mut();
        let Some(entry) = entries.iter_mut().find(|entry| entry.key == key) else {
            if entries.len() >= MAX_ENTRIES {
                entries.remove(0);
            }
            entries.push(Entry { key, count: 1.0, mean: took, deviation: took * FIRST_DEVIATION, at: Some(now) });
            return;
        };
        entry.count += 1.0;
        let since = now - entry.at.replace(now).unwrap_or(now);
        // By time, not by number: the jobs of a batch end in the order of their length, and the last are the longest.
        let weight = (1.0 / entry.count).max((since / DURATION_MEMORY).min(0.5));
        let off = took - entry.mean;
        entry.mean += weight * off;
        entry.deviation += weight * (off.abs() - entry.deviation);
    }

    /// Takes over what an earlier visit learnt. What this one has observed itself stays.
    pub fn read(&self, stored: &Json) {
        let mut entries = self.0.borrow_mut();
        for key in &stored.keys() {
            let Some(value) = stored.get(key) else { continue };
            let numbers = (value.num("count"), value.num("mean"), value.num("deviation"));
            if let (Some(count), Some(mean), Some(deviation)) = numbers
                && count >= 1.0
                && mean > 0.0
                && deviation >= 0.0
                && entries.len() < MAX_ENTRIES
                && entries.iter().all(|entry| entry.key != *key)
            {
                entries.push(Entry { key: key.clone(), count, mean, deviation, at: None });
            }
        }
    }

    /// What the store keeps.
    pub fn write(&self) -> Json {
        let entries = self.0.borrow();
        let mut fields = Vec::new();
        for entry in entries.iter() {
            let numbers = vec![
                ("count", Json::number(entry.count)),
                ("mean", Json::number(entry.mean)),
                ("deviation", Json::number(entry.deviation)),
            ];
            fields.push((entry.key.as_str(), Json::object(numbers)));
        }
        Json::object(fields)
    }
}

/// The fields that make a difference.
fn key(request: &GenerationRequest) -> String {
    let text = |name| request.body.text(name).unwrap_or_default();
    join(&[request.kind.as_str(), &text("model"), &text("resolution"), &text("duration"), &text("mode")], " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;
    use crate::request::RequestKind;

    #[test]
    fn the_jobs_of_a_batch_end_in_the_order_of_their_length_and_all_count_alike() {
        let durations = DurationEstimator::default();
        let request = GenerationRequest { kind: RequestKind::Video, body: json!({ "model": "ray-2" }) };
        for took in (50..=100).map(|seconds| f64::from(seconds) * 1000.0) {
            durations.record(&request, took, took);
        }
        let DurationEstimate { expected, firm, .. } = durations.estimate(&request, || 75_000.0);
        assert!((72_000.0..82_000.0).contains(&expected), "{expected}");
        assert!(!firm, "a third of the time lies between the shortest and the longest");
        // The provider gets slower: that is followed within some minutes.
        for minute in 2..20 {
            durations.record(&request, 150_000.0, f64::from(minute) * 60_000.0);
        }
        assert!(durations.estimate(&request, || 75_000.0).expected > 130_000.0);
    }
}
