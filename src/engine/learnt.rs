//! How long jobs have taken, by what makes a difference: a running mean and deviation for each, as TCP keeps for its
//! round trips. They steer the first look and what a progress bar shows; they are kept in the store between visits.

use crate::provider::Provider;
use crate::request::Request;
use crate::text::join;
use crate::value::Value;
use std::cell::RefCell;

/// The newest observation counts that much at least, so that a provider that gets slower is followed.
const NEWEST: f64 = 0.15;
/// So many observations make a guess half sure.
const HALF_SURE: f64 = 2.0;
/// A first look comes so many deviations before the mean.
const EARLY: f64 = 2.0;
/// Before anything was learnt: the share of the usual time after which the first look is taken.
const UNTAUGHT: f64 = 0.6;
/// What a store keeps is bounded.
const MOST: usize = 100;

/// How long such a job is thought to take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Guess {
    /// In ms.
    pub expected: f64,
    /// From 0, a guess, to 1, as good as certain.
    pub confidence: f64,
    /// When the first look pays, in ms since the beginning.
    pub first_look: f64,
}

struct Entry {
    key: String,
    count: f64,
    mean: f64,
    deviation: f64,
}

#[derive(Default)]
pub(super) struct Learnt(RefCell<Vec<Entry>>);

impl Learnt {
    pub fn guess<V: Value>(&self, provider: &dyn Provider<V>, request: &Request<V>) -> Guess {
        let key = key(request);
        match self.0.borrow().iter().find(|entry| entry.key == key) {
            Some(&Entry { count, mean, deviation, .. }) => Guess {
                expected: mean,
                confidence: count / (count + HALF_SURE) * (1.0 - deviation / mean.max(1.0)).max(0.0),
                first_look: (mean - EARLY * deviation).clamp(mean * 0.3, mean * 0.95),
            },
            None => {
                let expected = provider.expected(request.kind, &request.body);
                Guess { expected, confidence: 0.0, first_look: expected * UNTAUGHT }
            }
        }
    }

    /// One took that long, in ms.
    pub fn note<V: Value>(&self, request: &Request<V>, took: f64) {
        let key = key(request);
        let mut entries = self.0.borrow_mut();
        let Some(entry) = entries.iter_mut().find(|entry| entry.key == key) else {
            if entries.len() >= MOST {
                entries.remove(0);
            }
            entries.push(Entry { key, count: 1.0, mean: took, deviation: took / 4.0 });
            return;
        };
        entry.count += 1.0;
        let weight = (1.0 / entry.count).max(NEWEST);
        let off = took - entry.mean;
        entry.mean += weight * off;
        entry.deviation += weight * (off.abs() - entry.deviation);
    }

    /// What an earlier visit learnt; what this one knows better stays.
    pub fn read<V: Value>(&self, stored: &V) {
        let mut entries = self.0.borrow_mut();
        for key in stored.keys() {
            let Some(value) = stored.get(&key) else { continue };
            let numbers = (value.num("count"), value.num("mean"), value.num("deviation"));
            if let (Some(count), Some(mean), Some(deviation)) = numbers
                && count >= 1.0
                && mean > 0.0
                && deviation >= 0.0
                && entries.len() < MOST
                && entries.iter().all(|entry| entry.key != key)
            {
                entries.push(Entry { key, count, mean, deviation });
            }
        }
    }

    pub fn write<V: Value>(&self) -> V {
        let entries = self.0.borrow();
        let mut fields = Vec::new();
        for entry in entries.iter() {
            let numbers = vec![
                ("count", V::number(entry.count)),
                ("mean", V::number(entry.mean)),
                ("deviation", V::number(entry.deviation)),
            ];
            fields.push((entry.key.as_str(), V::object(numbers)));
        }
        V::object(fields)
    }
}

/// What makes a difference.
fn key<V: Value>(request: &Request<V>) -> String {
    let text = |name| request.body.text(name).unwrap_or_default();
    join(&[request.kind.as_str(), &text("model"), &text("resolution"), &text("duration"), &text("mode")], " ")
}
