//! Dice and ids from a seed: the same seed gives the same days.

use fastrand::Rng;
use uuid::Builder;

/// The streams are apart, so that one more poll changes neither how long the next job takes nor its id.
pub(crate) struct Dice {
    durations: Rng,
    faults: Rng,
    ids: Rng,
    answers: Rng,
}

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        let mut source = Rng::with_seed(seed);
        Dice { durations: source.fork(), faults: source.fork(), ids: source.fork(), answers: source.fork() }
    }

    /// A factor around 1 for a job's duration, spread as waiting times are: log-normal.
    pub(crate) fn spread(&mut self, sigma: f64) -> f64 {
        let (u, v) = (1.0 - self.durations.f64(), self.durations.f64());
        let normal = (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos();
        (sigma * normal).exp()
    }

    /// Whether something with this probability (0 to 1) happens now.
    pub(crate) fn happens(&mut self, probability: f64) -> bool {
        self.faults.f64() < probability
    }

    /// A job's id, a version 4 UUID, and the seed of its picture.
    pub(crate) fn id(&mut self) -> (String, u64) {
        (uuid(&mut self.ids), self.ids.u64(..))
    }

    /// What an answer is called in `x-request-id`.
    pub(crate) fn request_id(&mut self) -> String {
        uuid(&mut self.answers)
    }
}

fn uuid(rng: &mut Rng) -> String {
    Builder::from_random_bytes(rng.u128(..).to_be_bytes()).into_uuid().to_string()
}
