//! Leafless seats: somebody holds them, but no member's leaf names them. The holder may be a former member, who reads
//! nothing but sees who speaks and when.
//!
//! Owns: when people are told. A member that was taken for departed and is just returning holds such a seat for a
//! moment. People are told about those who hold one for long, or one after another.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::limits::LEAFLESS_SEATS_KEPT;

/// How long leafless seats may be present, one or several in succession, before people are told.
const GRACE: Duration = Duration::from_secs(30);

/// A returning member joins within this time, so a seat does not count before. A holder that leaves without joining was
/// none.
const JOINING: Duration = Duration::from_secs(5);

/// At most this much time counts between two checks, because nobody checked while the connection was lost.
const MOST_BETWEEN_LOOKS: Duration = Duration::from_secs(1);

/// While there are no such seats, the counted time shrinks by this fraction of the time that passes. So people are not
/// told about a member that now and then tries to return.
const FORGOTTEN: u32 = 10;

#[derive(Default)]
pub(super) struct LeaflessSeats {
    /// Since when each seat is present. `None`: people were told about it.
    seats: BTreeMap<u64, Option<Duration>>,
    /// For how long at least one seat was present since people were last told.
    present_for: Duration,
    /// The moment up to which `present_for` was counted.
    counted_to: Duration,
    looked: Duration,
    /// Whether a seat was present at the last check.
    were_there: bool,
}

impl LeaflessSeats {
    /// Somebody takes a seat that no leaf names.
    pub(super) fn comes(&mut self, now: Duration, seat: u64) {
        if self.seats.len() >= LEAFLESS_SEATS_KEPT {
            // People know of that one.
            let told = self.seats.iter().find(|(_, since)| since.is_none()).map(|(seat, _)| *seat);
            told.and_then(|told| self.seats.remove(&told));
        }
        if self.seats.len() < LEAFLESS_SEATS_KEPT {
            self.seats.entry(seat).or_insert(Some(now));
        }
    }

    /// Somebody gives such a seat up without having joined.
    pub(super) fn goes(&mut self, now: Duration, seat: u64) {
        if let Some(Some(since)) = self.seats.remove(&seat) {
            self.was_there(since, now);
        }
    }

    /// The connection is back. Nothing shows that the seats were held in the meantime.
    pub(super) fn returned(&mut self, now: Duration) {
        self.seats.values_mut().flatten().for_each(|since| *since = now);
        self.were_there = false;
    }

    /// There is another log, so every present seat was taken anew.
    pub(super) fn clear(&mut self) {
        self.seats.clear();
        self.present_for = Duration::ZERO;
    }

    /// Checks which of the `present` seats has no leaf. Returns how many people have to be told about now.
    pub(super) fn look(
        &mut self,
        now: Duration,
        leaves: &BTreeSet<u64>,
        present: impl Iterator<Item = u64>,
    ) -> u32 {
        self.seats.retain(|seat, _| !leaves.contains(seat));
        for seat in present.filter(|seat| !leaves.contains(seat)).take(LEAFLESS_SEATS_KEPT) {
            self.comes(now, seat);
        }
        self.count_time(now);
        let is_long = self.present_for >= GRACE;
        let mut found = 0;
        for since in self.seats.values_mut() {
            if since.take_if(|since| is_long || now >= *since + GRACE).is_some() {
                found += 1;
            }
        }
        if found > 0 {
            self.present_for = Duration::ZERO;
        }
        found
    }

    fn count_time(&mut self, now: Duration) {
        let passed = now.saturating_sub(self.looked).min(MOST_BETWEEN_LOOKS);
        // Of those whom people know of there is nothing more to tell.
        let are_there = self.seats.values().flatten().any(|since| now >= *since + JOINING);
        if are_there && self.were_there {
            self.was_there(now.saturating_sub(passed), now);
        } else if self.seats.values().flatten().next().is_none() {
            self.present_for = self.present_for.saturating_sub(passed / FORGOTTEN);
        }
        (self.looked, self.were_there) = (now, are_there);
    }

    /// Counts a span in which a seat was present. Overlapping spans count once.
    fn was_there(&mut self, from: Duration, to: Duration) {
        self.present_for += to.saturating_sub(from.max(self.counted_to));
        self.counted_to = self.counted_to.max(to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOK: Duration = Duration::from_millis(500);

    struct Watch {
        leafless_seats: LeaflessSeats,
        leaves: BTreeSet<u64>,
        now: Duration,
    }

    impl Watch {
        fn new() -> Self {
            Self {
                leafless_seats: LeaflessSeats::default(),
                leaves: BTreeSet::from([1, 2]),
                now: Duration::from_secs(1_000),
            }
        }

        /// How many are told of within this time, while these are present.
        fn pass(&mut self, time: Duration, present: &[u64]) -> u32 {
            let (end, mut told) = (self.now + time, 0);
            while self.now < end {
                self.now += LOOK;
                told += self.leafless_seats.look(self.now, &self.leaves, present.iter().copied());
            }
            told
        }

        fn goes(&mut self, seat: u64) {
            self.leafless_seats.goes(self.now, seat);
        }
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn one_that_stays_is_told_of_once() {
        let mut watch = Watch::new();
        assert_eq!(watch.pass(seconds(29), &[1, 2, 9]), 0);
        assert_eq!(watch.pass(seconds(2), &[1, 2, 9]), 1);
        assert_eq!(watch.pass(seconds(600), &[1, 2, 9]), 0);
        assert_eq!(watch.pass(seconds(31), &[9, 10]), 1, "another one");
    }

    #[test]
    fn whoever_changes_seats_is_told_of_too() {
        let mut watch = Watch::new();
        let mut told = 0;
        for seat in 10..20 {
            told += watch.pass(seconds(20), &[1, 2, seat]);
            watch.goes(seat);
            watch.pass(seconds(30), &[1, 2]);
        }
        assert!(told >= 3, "{told} of ten who were there for 200 s");
        // However short each is there.
        for stay in [4, 1] {
            let mut watch = Watch::new();
            let mut told = 0;
            for seat in 10..=10 + 90 / stay {
                told += watch.pass(seconds(stay), &[1, 2, seat]);
                watch.goes(seat);
            }
            assert!(told >= 1, "a minute and a half of {stay} s each");
        }
    }

    #[test]
    fn nobody_is_told_of_for_what_happened_while_nobody_looked() {
        let mut watch = Watch::new();
        assert_eq!(watch.pass(seconds(2), &[1, 2, 9]), 0);
        watch.now += seconds(600);
        watch.leafless_seats.returned(watch.now);
        assert_eq!(watch.pass(seconds(20), &[1, 2, 9]), 0);
        assert_eq!(watch.pass(seconds(12), &[1, 2, 9]), 1, "it stays");
    }

    #[test]
    fn those_who_join_within_a_moment_are_not() {
        let mut watch = Watch::new();
        for seat in 10..110 {
            assert_eq!(watch.pass(seconds(4), &[1, 2, seat]), 0);
            watch.leaves.insert(seat);
        }
    }

    #[test]
    fn who_fails_to_join_now_and_then_is_not_told_of() {
        let mut watch = Watch::new();
        for seat in 10..110 {
            assert_eq!(watch.pass(seconds(2), &[1, 2, seat]), 0);
            watch.goes(seat);
            watch.pass(seconds(30), &[1, 2]);
        }
    }

    #[test]
    fn many_at_once_are_there_no_longer_than_one() {
        let mut watch = Watch::new();
        let many: Vec<u64> = (10..60).collect();
        assert_eq!(watch.pass(seconds(4), &many), 0);
        many.iter().for_each(|seat| watch.goes(*seat));
        assert_eq!(watch.pass(seconds(20), &[1, 2, 90]), 0);
    }
}
