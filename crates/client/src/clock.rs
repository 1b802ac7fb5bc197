//! The only place of the engine that reads clocks and asks the system for randomness.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use shepot_group::{Entropy, EntropyFailed, RandomSource};

use crate::session::Now;

/// Counts from when it was made.
#[derive(Clone, Copy)]
pub(crate) struct Clock {
    start: Instant,
}

impl Clock {
    #[allow(clippy::disallowed_methods, reason = "the one reader of the engine")]
    pub(crate) fn start() -> Self {
        Self { start: Instant::now() }
    }

    #[allow(clippy::disallowed_methods, reason = "the one reader of the engine")]
    pub(crate) fn now(&self) -> Now {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        Now { mono: self.start.elapsed(), unix }
    }
}

struct SystemRandom;

impl RandomSource for SystemRandom {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyFailed> {
        getrandom::fill(bytes).map_err(|_| EntropyFailed)
    }
}

/// The system's random source.
pub(crate) fn system_entropy() -> Entropy {
    Entropy::new(SystemRandom)
}
