//! Times as they are written and compared: seconds since 1970.

use std::time::SystemTime;

/// 0 before 1970.
pub(crate) fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

pub(crate) fn now() -> u64 {
    seconds(SystemTime::now())
}
