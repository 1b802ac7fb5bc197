//! Clients that make the members of circles work for joins that come to nothing.
//!
//! Anybody who has an invitation may ask to join. Members then provide group information, examine commits and wait. A
//! client that never joins is made to wait. Turns are counted by access key and address together, so neither a friend
//! with the same invitation nor a neighbour with another one is kept out.
//!
//! Must never: outlive the relay, or let strangers make it grow.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use shepot_protocol::id::AccessKeyId;

use crate::origin::Origin;

/// How many turns may come to nothing within [`KNOCK_WINDOW`] before a client has to wait.
pub(crate) const KNOCKS: u32 = 12;

/// How long these turns are counted from the first one on, and the longest time that a client has to wait.
pub(crate) const KNOCK_WINDOW: Duration = Duration::from_secs(240);

/// How many pairs of access key and address are remembered. The oldest is forgotten for a new one.
const MOST_KNOCKERS: usize = 1_024;

#[derive(Clone, Copy, Debug)]
struct Counted {
    since: Instant,
    times: u32,
}

/// The access key and origin of a client.
pub(crate) type Knocker = (Option<AccessKeyId>, Origin);

#[derive(Debug, Default)]
pub(crate) struct Knocks {
    counted: Mutex<HashMap<Knocker, Counted>>,
}

impl Knocks {
    /// Counts a turn that came to nothing. Returns how many there were within the window.
    pub(crate) fn knocked(&self, now: Instant, knocker: Knocker) -> u32 {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.len() >= MOST_KNOCKERS && !counted.contains_key(&knocker) {
            let oldest = counted.iter().min_by_key(|(_, one)| one.since).map(|(oldest, _)| *oldest);
            oldest.and_then(|oldest| counted.remove(&oldest));
        }
        let one = counted.entry(knocker).or_insert(Counted { since: now, times: 0 });
        if now.saturating_duration_since(one.since) >= KNOCK_WINDOW {
            *one = Counted { since: now, times: 0 };
        }
        one.times = one.times.saturating_add(1);
        one.times
    }

    /// How long a client has to wait before it may ask to join. `None`: it may now.
    pub(crate) fn wait(&self, now: Instant, knocker: Knocker) -> Option<Duration> {
        let counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let one = counted.get(&knocker).filter(|one| one.times >= KNOCKS)?;
        let wait = (one.since + KNOCK_WINDOW).saturating_duration_since(now);
        (!wait.is_zero()).then_some(wait)
    }

    /// The size of the memory of knocks, in bytes.
    pub(crate) fn held_bytes(&self) -> usize {
        let counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        counted.capacity() * size_of::<(Knocker, Counted)>()
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn knocker(key: u8, address: u8) -> Knocker {
        (Some(AccessKeyId([key; 8])), Origin::of(IpAddr::from([192, 0, 2, address])))
    }

    #[test]
    fn who_knocks_too_often_waits_and_nobody_else() {
        let (knocks, start) = (Knocks::default(), crate::clock::origin());
        for times in 1..=KNOCKS {
            assert_eq!(knocks.wait(start, knocker(1, 1)), None);
            assert_eq!(knocks.knocked(start, knocker(1, 1)), times);
        }
        assert_eq!(knocks.wait(start, knocker(1, 1)), Some(KNOCK_WINDOW));
        assert_eq!(knocks.wait(start, knocker(1, 2)), None, "the same invitation from elsewhere");
        assert_eq!(knocks.wait(start, knocker(2, 1)), None, "another invitation from there");
        assert_eq!(knocks.wait(start + KNOCK_WINDOW, knocker(1, 1)), None);
        assert_eq!(knocks.knocked(start + KNOCK_WINDOW, knocker(1, 1)), 1);
    }

    #[test]
    fn so_many_are_remembered() {
        let (knocks, start) = (Knocks::default(), crate::clock::origin());
        for key in 0..=255 {
            for address in 0..8 {
                knocks.knocked(start + Duration::from_millis(u64::from(key)), knocker(key, address));
            }
        }
        assert_eq!(knocks.counted.lock().unwrap().len(), MOST_KNOCKERS);
        assert_eq!(knocks.knocked(start, knocker(255, 7)), 2, "the last are kept");
    }
}
