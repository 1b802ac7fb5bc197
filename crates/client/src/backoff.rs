//! When to connect again: soon at first, later after each failure, and never at the same moment as everybody else.

use std::time::Duration;

use crate::clock::system_entropy;
use crate::limits::{RECONNECT_FIRST, RECONNECT_LONGEST};

/// Waits that double, with random jitter on the upper half of each.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    attempt: u32,
}

impl Backoff {
    /// The next wait: half of the current span at least, [`RECONNECT_LONGEST`] at most.
    pub(crate) fn next(&mut self) -> Duration {
        self.wait(system_entropy().bytes().map_or(u16::MAX / 2, u16::from_be_bytes))
    }

    /// `random` chooses where in the upper half of the span the wait ends.
    fn wait(&mut self, random: u16) -> Duration {
        let factor = 2_u32.saturating_pow(self.attempt.min(16));
        self.attempt = self.attempt.saturating_add(1);
        let longest = RECONNECT_FIRST.saturating_mul(factor).min(RECONNECT_LONGEST);
        let half = longest / 2;
        half + half.mul_f64(f64::from(random) / f64::from(u16::MAX))
    }

    /// How many waits there were since the last reset.
    pub(crate) const fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Starts again with the shortest wait, because what we waited for has come.
    pub(crate) fn reset(&mut self) {
        self.attempt = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let mut backoff = Backoff::default();
        let waits: Vec<Duration> = (0..12).map(|_| backoff.wait(u16::MAX)).collect();
        assert_eq!(waits[0], RECONNECT_FIRST);
        assert_eq!(waits[1], RECONNECT_FIRST * 2);
        assert_eq!(*waits.last().unwrap(), RECONNECT_LONGEST);
        backoff.reset();
        assert_eq!(backoff.wait(0), RECONNECT_FIRST / 2);
    }
}
