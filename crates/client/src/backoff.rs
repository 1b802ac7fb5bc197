//! When to connect again: soon at first, then ever later, never at the same moment as everybody else.

use std::time::Duration;

use crate::clock::system_entropy;
use crate::limits::{RECONNECT_FIRST, RECONNECT_LONGEST};

/// Doubling waits with full jitter on their upper half.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    attempt: u32,
}

impl Backoff {
    /// The next wait.
    pub(crate) fn next(&mut self) -> Duration {
        self.wait(system_entropy().bytes().map_or(u16::MAX / 2, u16::from_be_bytes))
    }

    /// `random` decides where in its range.
    fn wait(&mut self, random: u16) -> Duration {
        let factor = 2_u32.saturating_pow(self.attempt.min(16));
        self.attempt = self.attempt.saturating_add(1);
        let longest = RECONNECT_FIRST.saturating_mul(factor).min(RECONNECT_LONGEST);
        let half = longest / 2;
        half + half.mul_f64(f64::from(random) / f64::from(u16::MAX))
    }

    /// How many waits there were.
    pub(crate) const fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Whatever was waited for is there.
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
