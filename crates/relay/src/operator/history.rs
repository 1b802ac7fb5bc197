//! The totals of the last hour, at equal distances.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::statistics::Statistics;

/// Number of samples that are kept: one hour.
pub const HISTORY_SAMPLES: usize = 20;

/// Interval between two samples.
pub const HISTORY_INTERVAL: Duration = Duration::from_secs(180);

/// The totals at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// Number of connections.
    pub connections: u64,
    /// Size of everything that others can make grow, in bytes.
    pub held_bytes: u64,
    /// Messages since the start. The following fields also count from the start.
    pub published: u64,
    /// Bytes received.
    pub bytes_in: u64,
    /// Bytes sent.
    pub bytes_out: u64,
    /// Number of sockets that were turned away.
    pub refused: u64,
}

impl From<&Statistics> for Sample {
    fn from(statistics: &Statistics) -> Self {
        let wide = |number| u64::try_from(number).unwrap_or(u64::MAX);
        Self {
            connections: wide(statistics.connections.len()),
            held_bytes: wide(statistics.held_bytes),
            published: statistics.published,
            bytes_in: statistics.bytes_in,
            bytes_out: statistics.bytes_out,
            refused: statistics.refused.turned_away(),
        }
    }
}

#[derive(Debug, Default)]
struct Kept {
    samples: VecDeque<Sample>,
    last: Option<Instant>,
}

#[derive(Debug, Default)]
pub(crate) struct History {
    kept: Mutex<Kept>,
}

impl History {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the next sample is due.
    pub(crate) fn is_due(&self, now: Instant) -> bool {
        self.kept().last.is_none_or(|last| now.saturating_duration_since(last) >= HISTORY_INTERVAL)
    }

    pub(crate) fn keep(&self, now: Instant, sample: Sample) {
        let mut kept = self.kept();
        kept.last = Some(now);
        kept.samples.push_back(sample);
        if kept.samples.len() > HISTORY_SAMPLES {
            kept.samples.pop_front();
        }
    }

    /// The samples, the oldest first.
    pub(crate) fn samples(&self) -> Vec<Sample> {
        self.kept().samples.iter().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::disallowed_methods, reason = "somewhere it has to begin")]
    fn an_hour_is_kept_at_equal_distances() {
        let (history, began) = (History::default(), Instant::now());
        for second in 0..2 * 3_600 {
            let now = began + Duration::from_secs(second);
            if history.is_due(now) {
                history.keep(now, Sample { published: second, ..Sample::default() });
            }
        }
        let kept: Vec<u64> = history.samples().iter().map(|sample| sample.published).collect();
        assert_eq!((kept.len(), kept[0], kept[19]), (20, 3_600, 7_020));
        assert!(kept.windows(2).all(|pair| pair[1] - pair[0] == 180));
    }
}
