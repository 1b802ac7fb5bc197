//! How long entries wait in the logs until a member's socket takes them.
//!
//! Owns: one histogram for the whole relay. A batch counts once, with the age of its first entry, which is the longest.
//! A member that was away reads old entries on its return, which appear in the last buckets.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The upper ends of the buckets, in milliseconds. One more bucket has no end.
pub const BUCKETS_MS: [u64; 11] = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 5_000];

/// Snapshot of the histogram.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeliveryLatency {
    /// Batches per bucket of [`BUCKETS_MS`], with one more bucket beyond the last end. Each batch is in one bucket.
    pub counts: [u64; BUCKETS_MS.len() + 1],
    /// Sum of the latencies of all batches.
    pub sum: Duration,
}

impl DeliveryLatency {
    /// Number of batches.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }
}

#[derive(Debug, Default)]
pub(crate) struct Histogram {
    counts: [AtomicU64; BUCKETS_MS.len() + 1],
    microseconds: AtomicU64,
}

impl Histogram {
    pub(crate) fn observe(&self, waited: Duration) {
        let milliseconds = waited.as_nanos().div_ceil(1_000_000);
        let bucket = BUCKETS_MS.iter().position(|end| milliseconds <= u128::from(*end));
        if let Some(count) = self.counts.get(bucket.unwrap_or(BUCKETS_MS.len())) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        let microseconds = u64::try_from(waited.as_micros()).unwrap_or(u64::MAX);
        self.microseconds.fetch_add(microseconds, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> DeliveryLatency {
        let mut counts = [0; BUCKETS_MS.len() + 1];
        for (count, from) in counts.iter_mut().zip(&self.counts) {
            *count = from.load(Ordering::Relaxed);
        }
        DeliveryLatency { counts, sum: Duration::from_micros(self.microseconds.load(Ordering::Relaxed)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wait_has_its_bucket() {
        let histogram = Histogram::default();
        for micros in [0, 1_000, 1_001, 5_000_000, 5_000_001] {
            histogram.observe(Duration::from_micros(micros));
        }
        let read = histogram.read();
        assert_eq!(read.counts, [2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
        assert_eq!((read.count(), read.sum), (5, Duration::from_micros(10_002_002)));
    }
}
