//! Rates: how often a connection may do something.
//!
//! The generic cell rate algorithm (ITU-T I.371) needs one number per rate: the time at which the next request is due.
//! A request is refused if that is further ahead than the burst allows.

use std::time::Duration;

use crate::configuration::{Limits, Rate};

/// When the next request of a kind is due, in nanoseconds since the relay started.
#[derive(Clone, Copy, Debug, Default)]
struct Due(u64);

impl Due {
    /// Takes `cost` requests at once, or returns after how long to try again.
    fn take(&mut self, now: u64, rate: Rate, cost: u64) -> Result<(), Duration> {
        const SECOND: u64 = 1_000_000_000;
        let time = |requests: u64| requests.saturating_mul(SECOND) / u64::from(rate.per_second.max(1));
        let due = self.0.max(now).saturating_add(time(cost));
        let ahead = (due - now).saturating_sub(time(rate.burst.into()));
        if ahead > 0 {
            return Err(Duration::from_nanos(ahead));
        }
        self.0 = due;
        Ok(())
    }
}

/// The rates of one connection.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rates {
    requests: Due,
    publishes: Due,
    commits: Due,
    signals: Due,
    bytes: Due,
    excess: Due,
}

/// The kinds of requests that have a rate of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Publish,
    Commit,
    Signal,
    Other,
}

/// A refusal as too fast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooFast {
    pub retry_after: Duration,
    /// The excess goes on, so the connection ends.
    pub closing: bool,
}

impl Rates {
    /// Takes one request with a blob of this many bytes. `now` is in nanoseconds since the relay started.
    pub(super) fn take(
        &mut self,
        now: u64,
        limits: &Limits,
        kind: Kind,
        bytes: usize,
    ) -> Result<(), TooFast> {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let mut taken = *self;
        let by_kind = match kind {
            Kind::Publish => taken.publishes.take(now, limits.publishes, 1),
            Kind::Commit => taken.commits.take(now, limits.commits, 1),
            Kind::Signal => taken.signals.take(now, limits.signals, 1),
            Kind::Other => Ok(()),
        };
        let outcome = by_kind
            .and_then(|()| taken.requests.take(now, limits.requests, 1))
            .and_then(|()| taken.bytes.take(now, limits.bytes, bytes));
        match outcome {
            Ok(()) => {
                *self = taken;
                Ok(())
            }
            Err(retry_after) => {
                let closing = self.excess.take(now, limits.tolerated_excess, 1).is_err();
                Err(TooFast { retry_after, closing })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn a_burst_and_then_the_average() {
        let limits = Limits { publishes: Rate { per_second: 10, burst: 5 }, ..Limits::default() };
        let mut rates = Rates::default();
        let mut take =
            |now| rates.take(now, &limits, Kind::Publish, 1).map_err(|e| e.retry_after.as_millis());
        for _ in 0..5 {
            assert_eq!(take(SECOND), Ok(()));
        }
        assert_eq!(take(SECOND), Err(100));
        assert_eq!(take(SECOND + SECOND / 20), Err(50));
        assert_eq!(take(SECOND + SECOND / 10), Ok(()));
        // After a long silence there is one burst, not more.
        for _ in 0..5 {
            assert_eq!(take(100 * SECOND), Ok(()));
        }
        assert_eq!(take(100 * SECOND), Err(100));
    }

    #[test]
    fn what_was_refused_costs_nothing_but_patience() {
        let limits = Limits {
            signals: Rate { per_second: 1, burst: 1 },
            bytes: Rate { per_second: 1000, burst: 1000 },
            tolerated_excess: Rate { per_second: 1, burst: 3 },
            ..Limits::default()
        };
        let mut rates = Rates::default();
        rates.take(SECOND, &limits, Kind::Signal, 1000).unwrap();
        for _ in 0..3 {
            assert!(!rates.take(SECOND, &limits, Kind::Signal, 1).unwrap_err().closing);
        }
        assert!(rates.take(SECOND, &limits, Kind::Signal, 1).unwrap_err().closing);
        let refused = rates.take(2 * SECOND, &limits, Kind::Publish, 1001).unwrap_err();
        assert_eq!((refused.retry_after.as_millis(), refused.closing), (1, false));
        rates.take(2 * SECOND, &limits, Kind::Publish, 1000).unwrap();
    }
}
