//! How fast messages are given to the relay: a little slower than it allows, so that it never refuses one. A refused
//! message would be overtaken by those behind it.

use std::time::Duration;

/// What one message costs, in billionths of a message.
const MESSAGE: u64 = 1_000_000_000;

/// Nine tenths of the relay's rate, with bursts of up to one second's worth.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    per_second: u32,
    saved: u64,
    last: Duration,
}

impl Budget {
    /// A full budget at the rate that the relay announced, in messages per second.
    pub(crate) fn new(per_second: u32, now: Duration) -> Self {
        let per_second = per_second.max(1);
        Self { per_second, saved: u64::from(per_second) * MESSAGE, last: now }
    }

    /// Changes the rate. What was saved beyond the new burst is lost.
    pub(crate) fn set_rate(&mut self, per_second: u32) {
        self.per_second = per_second.max(1);
        self.saved = self.saved.min(u64::from(self.per_second) * MESSAGE);
    }

    /// How many messages may be in flight: one second's worth.
    pub(crate) fn window(&self) -> usize {
        usize::try_from(self.per_second).unwrap_or(usize::MAX)
    }

    /// Whether one more message may go now. If so, it is paid for.
    pub(crate) fn take(&mut self, now: Duration) -> bool {
        let elapsed = u64::try_from(now.saturating_sub(self.last).as_nanos()).unwrap_or(u64::MAX);
        let earned = elapsed.saturating_mul(u64::from(self.per_second)) / 10 * 9;
        self.saved = self.saved.saturating_add(earned).min(u64::from(self.per_second) * MESSAGE);
        self.last = now;
        let enough = self.saved >= MESSAGE;
        if enough {
            self.saved -= MESSAGE;
        }
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_and_then_nine_tenths_of_the_rate() {
        let mut budget = Budget::new(100, Duration::ZERO);
        let burst = (0..1000).filter(|_| budget.take(Duration::ZERO)).count();
        assert_eq!(burst, 100);
        let steady = (1..=1000).filter(|ms| budget.take(Duration::from_millis(*ms))).count();
        assert!((89..=90).contains(&steady), "{steady}");
        let after_a_pause = (0..1000).filter(|_| budget.take(Duration::from_secs(60))).count();
        assert_eq!(after_a_pause, 100);
    }
}
