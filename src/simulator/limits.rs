//! How much an account may have made at once and in a minute.

use std::collections::VecDeque;

use serde::Serialize;

use super::options::{Limit, Limits};

/// What a limit counts separately.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Whatever gives a video: generate, reframe, modify, upscale, audio.
    Video,
    /// Whatever gives an image.
    Image,
}

/// A number for each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ByKind<T> {
    /// For videos.
    pub video: T,
    /// For images.
    pub image: T,
}

impl<T> ByKind<T> {
    /// The one of that kind.
    pub fn of(&self, kind: Kind) -> &T {
        match kind {
            Kind::Video => &self.video,
            Kind::Image => &self.image,
        }
    }

    pub(crate) fn of_mut(&mut self, kind: Kind) -> &mut T {
        match kind {
            Kind::Video => &mut self.video,
            Kind::Image => &mut self.image,
        }
    }
}

/// Why one more is refused.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Excess {
    /// As many run as may run.
    Concurrent,
    /// As many were created in the last minute as may be; there is room again in so many ms.
    PerMinute { room_in: f64 },
}

/// What is left of a minute's creations.
pub(crate) struct Allowance {
    pub(crate) limit: usize,
    pub(crate) remaining: usize,
    /// When the oldest that counts leaves the window, in ms.
    pub(crate) reset: f64,
}

const MINUTE: f64 = 60_000.0;

/// Creations of the last minute, a sliding window.
pub(crate) struct Limiter {
    limits: Limits,
    recent: ByKind<VecDeque<f64>>,
}

impl Limiter {
    pub(crate) fn new(limits: Limits) -> Self {
        Limiter { limits, recent: ByKind::default() }
    }

    /// Whether one more of that kind fits beside those that run.
    pub(crate) fn check(&mut self, now: f64, kind: Kind, running: usize) -> Result<(), Excess> {
        let Some(Limit { concurrent, per_minute }) = *self.limits.of(kind) else {
            return Ok(());
        };
        let recent = self.recent.of_mut(kind);
        while recent.front().is_some_and(|at| at + MINUTE <= now) {
            recent.pop_front();
        }
        if concurrent.is_some_and(|most| running >= most) {
            return Err(Excess::Concurrent);
        }
        match per_minute {
            Some(most) if recent.len() >= most => {
                let oldest = recent.front().copied().unwrap_or(now);
                Err(Excess::PerMinute { room_in: oldest + MINUTE - now })
            }
            _ => Ok(()),
        }
    }

    /// What is left for that kind, if it has a limit in a minute.
    pub(crate) fn allowance(&self, now: f64, kind: Kind) -> Option<Allowance> {
        let limit = (*self.limits.of(kind))?.per_minute?;
        let recent = self.recent.of(kind).iter().filter(|at| **at + MINUTE > now);
        let reset = recent.clone().next().map_or(now, |oldest| oldest + MINUTE);
        Some(Allowance { limit, remaining: limit.saturating_sub(recent.count()), reset })
    }

    /// One was created.
    pub(crate) fn count(&mut self, now: f64, kind: Kind) {
        self.recent.of_mut(kind).push_back(now);
    }
}
