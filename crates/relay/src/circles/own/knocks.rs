//! Who has the members of circles work for joins that come to nothing.
//!
//! Whoever holds an invitation may ask to join, and members give group information, examine commits and wait for it.
//! One that never joins by that is made to wait. Counted by access key and address together: a friend with the same
//! invitation is not kept out by it, nor a neighbour with another.
//!
//! Must never: outlive the relay, or let strangers make it grow.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use shepot_protocol::id::AccessKeyId;

use crate::origin::Origin;

/// So many turns that came to nothing, within [`KNOCK_WINDOW`], before one has to wait.
pub(crate) const KNOCKS: u32 = 12;

/// How long they are counted from the first on, and how long one waits at most.
pub(crate) const KNOCK_WINDOW: Duration = Duration::from_secs(240);

/// How many of access key and address are remembered; the oldest is forgotten for a new one.
const MOST_KNOCKERS: usize = 1_024;

#[derive(Clone, Copy, Debug)]
struct Counted {
    since: Instant,
    times: u32,
}

/// By which access key and from where somebody comes.
pub(crate) type Knocker = (Option<AccessKeyId>, Origin);

#[derive(Debug, Default)]
pub(crate) struct Knocks {
    counted: Mutex<HashMap<Knocker, Counted>>,
}

impl Knocks {
    /// A turn came to nothing. Gives how many did within the window.
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

    /// How long somebody has to wait before it may ask to join; none: it may now.
    pub(crate) fn wait(&self, now: Instant, knocker: Knocker) -> Option<Duration> {
        let counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let one = counted.get(&knocker).filter(|one| one.times >= KNOCKS)?;
        let wait = (one.since + KNOCK_WINDOW).saturating_duration_since(now);
        (!wait.is_zero()).then_some(wait)
    }

    /// Bytes that it takes.
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
