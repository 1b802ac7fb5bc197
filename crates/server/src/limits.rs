//! The limits that an operator can change, by name.

use std::time::Duration;

use shepot_relay::{Limits, Rate};

/// A limit that an operator can change.
pub(crate) struct Limit {
    /// Its name in files and flags. In the environment it is in capitals.
    pub(crate) name: &'static str,
    /// Reads its present value.
    pub(crate) read: fn(&Limits) -> u64,
    write: fn(&mut Limits, u64),
}

fn size(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// A count as a number of 64 bits.
pub(crate) fn wide(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// A rate per second, with twice as many at once.
fn rate(per_second: u64) -> Rate {
    let per_second = u32::try_from(per_second).unwrap_or(u32::MAX);
    Rate { per_second, burst: per_second.saturating_mul(2) }
}

macro_rules! limit {
    ($name:literal, size $($field:tt)+) => {
        Limit { name: $name, read: |l| wide(l.$($field)+), write: |l, number| l.$($field)+ = size(number) }
    };
    ($name:literal, count $($field:tt)+) => {
        Limit {
            name: $name,
            read: |l| l.$($field)+.into(),
            write: |l, number| l.$($field)+ = u32::try_from(number).unwrap_or(u32::MAX),
        }
    };
    ($name:literal, seconds $($field:tt)+) => {
        Limit {
            name: $name,
            read: |l| l.$($field)+.as_secs(),
            write: |l, number| l.$($field)+ = Duration::from_secs(number),
        }
    };
    ($name:literal, rate $($field:tt)+) => {
        Limit {
            name: $name,
            read: |l| l.$($field)+.per_second.into(),
            write: |l, number| l.$($field)+ = rate(number),
        }
    };
}

/// All limits that an operator can change.
pub(crate) const LIMITS: &[Limit] = &[
    limit!("connections", size connections),
    limit!("connections_per_address", size connections_per_address),
    limit!("unauthenticated", size unauthenticated),
    limit!("unauthenticated_per_address", size unauthenticated_per_address),
    limit!("circles", size circles),
    limit!("circles_per_connection", size circles_per_connection),
    limit!("members", size circle.members),
    limit!("newcomers", size circle.newcomers),
    limit!("log_entries", size circle.log.entries),
    limit!("log_bytes", size circle.log.bytes),
    limit!("log_seconds", seconds circle.log.age),
    limit!("circle_bytes_in_total", size circle_bytes_in_total),
    limit!("large_frame_bytes_in_total", size large_frame_bytes_in_total),
    limit!("requests_per_second", rate requests),
    limit!("publishes_per_second", rate publishes),
    limit!("commits_per_second", rate commits),
    limit!("signals_per_second", rate signals),
    limit!("bytes_per_second", rate bytes),
    limit!("ping_seconds", seconds ping_interval),
    limit!("dead_after_seconds", seconds dead_after),
    limit!("abandoned_seconds", seconds circle.abandoned_ttl),
    limit!("refusals_before_pause", count refusals_before_pause),
    limit!("pause_seconds", seconds pause),
];

/// The operator's name for a limit of the relay, and the number by which its values are divided for the operator's
/// unit.
pub(crate) fn written(field: &'static str) -> (&'static str, u64) {
    match field {
        "ping_interval" => ("ping_seconds", 1_000),
        "dead_after" => ("dead_after_seconds", 1_000),
        "log_age" => ("log_seconds", 1_000),
        "abandoned_ttl" => ("abandoned_seconds", 1_000),
        "pause" => ("pause_seconds", 1_000),
        // Twice as many at once as on average.
        "requests" => ("requests_per_second", 2),
        "publishes" => ("publishes_per_second", 2),
        "commits" => ("commits_per_second", 2),
        "signals" => ("signals_per_second", 2),
        "bytes" => ("bytes_per_second", 2),
        field => (field, 1),
    }
}

/// Sets a limit. `None`: there is no limit with this name.
pub(crate) fn set(limits: &mut Limits, name: &str, number: u64) -> Option<()> {
    let limit = LIMITS.iter().find(|limit| limit.name == name)?;
    (limit.write)(limits, number);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_is_read_as_it_was_written() {
        let mut limits = Limits::default();
        for (n, limit) in LIMITS.iter().enumerate() {
            let number = 1_000 + n as u64;
            assert_eq!(set(&mut limits, limit.name, number), Some(()));
            assert_eq!((limit.read)(&limits), number, "{}", limit.name);
        }
        // And none was overwritten by another.
        for (n, limit) in LIMITS.iter().enumerate() {
            assert_eq!((limit.read)(&limits), 1_000 + n as u64, "{}", limit.name);
        }
        assert_eq!(set(&mut limits, "no_such_limit", 1), None);
    }
}
