//! Addresses that are banned, and those that were refused lately.
//!
//! Owns: bans by address (IPv6: a /64), a bounded memory of refused attempts by address, and the pause that follows too
//! many of them. Must never: outlive the relay, or let strangers make it grow. The oldest refusal is forgotten for a
//! new one.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use crate::clock::Moment;
use crate::origin::Origin;

/// The most bans that are kept. One more replaces the oldest.
const MOST_BANS: usize = 4_096;

/// The most addresses whose refused attempts are remembered.
const MOST_REFUSED: usize = 1_024;

/// An address that the operator has banned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ban {
    /// The banned address. An IPv6 address stands for its /64.
    pub address: IpAddr,
    /// When the ban began.
    pub since: SystemTime,
    /// When the ban ends. `None`: it lasts until it is lifted or the relay stops.
    pub until: Option<SystemTime>,
    /// Attempts from this address since the ban began.
    pub attempts: u64,
}

/// Refused attempts from one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefusedAddress {
    /// The address of the last attempt.
    pub address: IpAddr,
    /// The time of the last attempt.
    pub last: SystemTime,
    /// Number of refused attempts.
    pub attempts: u64,
    /// When the pause ends. `None`: the address is not paused.
    pub paused_until: Option<SystemTime>,
}

/// When an address that is refused repeatedly is paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Patience {
    /// How many refusals cause a pause. 0: never.
    pub refusals: u32,
    /// The time within which these refusals have to happen, and the length of the pause.
    pub pause: Duration,
}

#[derive(Clone, Copy, Debug)]
struct KnownBan {
    ban: Ban,
    ends: Option<Instant>,
}

#[derive(Clone, Copy, Debug)]
struct KnownRefusals {
    shown: RefusedAddress,
    /// The refusals since the window began.
    recent: u32,
    window_began: Instant,
    pause_ends: Option<Instant>,
}

#[derive(Debug, Default)]
struct Known {
    bans: HashMap<Origin, KnownBan>,
    refused: HashMap<Origin, KnownRefusals>,
}

#[derive(Debug, Default)]
pub(crate) struct BanList {
    known: Mutex<Known>,
}

/// What a refusal led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Noted {
    /// Refused attempts from this origin, including this one.
    pub attempts: u64,
    /// When the pause ends that this attempt caused. `None`: it caused none.
    pub paused_until: Option<SystemTime>,
}

impl BanList {
    /// The size of what is remembered about addresses, in bytes.
    pub(crate) fn held_bytes(&self) -> usize {
        let known = self.known();
        known.bans.len() * size_of::<(Origin, KnownBan)>()
            + known.refused.len() * size_of::<(Origin, KnownRefusals)>()
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bans an address, or changes the end of its ban.
    pub(crate) fn ban(&self, address: IpAddr, lasting: Option<Duration>, now: Moment) -> Ban {
        let mut known = self.known();
        known.forget_ended(now.counted);
        let origin = Origin::of(address);
        if known.bans.len() >= MOST_BANS
            && !known.bans.contains_key(&origin)
            && let Some(oldest) =
                known.bans.iter().min_by_key(|(_, known)| known.ban.since).map(|(origin, _)| *origin)
        {
            known.bans.remove(&oldest);
        }
        let ban = Ban { address, since: now.shown, until: None, attempts: 0 };
        let known = known.bans.entry(origin).or_insert(KnownBan { ban, ends: None });
        known.ban.until = lasting.and_then(|lasting| now.shown.checked_add(lasting));
        known.ends = lasting.and_then(|lasting| now.counted.checked_add(lasting));
        known.ban
    }

    /// Lifts the ban and the pause of an address. False: it had neither.
    pub(crate) fn lift(&self, address: IpAddr, now: Instant) -> bool {
        let mut known = self.known();
        known.forget_ended(now);
        let origin = Origin::of(address);
        let was_paused = known.refused.get_mut(&origin).is_some_and(|refused| {
            refused.recent = 0;
            refused.shown.paused_until = None;
            refused.pause_ends.take().is_some_and(|end| end > now)
        });
        known.bans.remove(&origin).is_some() || was_paused
    }

    /// Whether the origin is banned. Counts the attempt if so.
    pub(crate) fn turns_away(&self, origin: Origin, now: Instant) -> bool {
        let mut known = self.known();
        known.forget_ended(now);
        let known = known.bans.get_mut(&origin);
        known.map(|known| known.ban.attempts = known.ban.attempts.saturating_add(1)).is_some()
    }

    /// Whether the origin is banned.
    pub(crate) fn is_banned(&self, origin: Origin, now: Instant) -> bool {
        let known = self.known();
        known.bans.get(&origin).is_some_and(|known| known.ends.is_none_or(|end| end > now))
    }

    /// Whether the origin is paused, so that its sockets are closed unread. Counts the attempt if so.
    pub(crate) fn passes_over(&self, origin: Origin, now: Moment) -> bool {
        let mut known = self.known();
        let Some(refused) = known.refused.get_mut(&origin) else { return false };
        let is_paused = refused.pause_ends.is_some_and(|end| end > now.counted);
        if is_paused {
            refused.shown.attempts = refused.shown.attempts.saturating_add(1);
            refused.shown.last = now.shown;
        } else if refused.pause_ends.take().is_some() {
            refused.shown.paused_until = None;
            refused.recent = 0;
        }
        is_paused
    }

    pub(crate) fn refused(&self, address: IpAddr, patience: Patience, now: Moment) -> Noted {
        let origin = Origin::of(address);
        let mut known = self.known();
        if known.refused.len() >= MOST_REFUSED
            && !known.refused.contains_key(&origin)
            && let Some(oldest) =
                known.refused.iter().min_by_key(|(_, one)| one.shown.last).map(|(origin, _)| *origin)
        {
            known.refused.remove(&oldest);
        }
        let shown = RefusedAddress { address, last: now.shown, attempts: 0, paused_until: None };
        let fresh = KnownRefusals { shown, recent: 0, window_began: now.counted, pause_ends: None };
        let one = known.refused.entry(origin).or_insert(fresh);
        one.shown.address = address;
        one.shown.last = now.shown;
        one.shown.attempts = one.shown.attempts.saturating_add(1);
        if now.counted.saturating_duration_since(one.window_began) > patience.pause {
            one.window_began = now.counted;
            one.recent = 0;
        }
        // What is held against nobody brings no pause nearer either.
        one.recent = one.recent.saturating_add(u32::from(patience.refusals > 0));
        let was_paused = one.pause_ends.is_some_and(|end| end > now.counted);
        let is_too_much = patience.refusals > 0 && one.recent >= patience.refusals && !was_paused;
        if is_too_much {
            one.pause_ends = now.counted.checked_add(patience.pause);
            one.shown.paused_until = now.shown.checked_add(patience.pause);
        }
        Noted { attempts: one.shown.attempts, paused_until: one.shown.paused_until.filter(|_| is_too_much) }
    }

    /// How many refused attempts from this origin are remembered.
    pub(crate) fn attempts(&self, origin: Origin) -> u64 {
        self.known().refused.get(&origin).map_or(0, |refused| refused.shown.attempts)
    }

    /// All bans, the oldest first.
    pub(crate) fn bans(&self, now: Instant) -> Vec<Ban> {
        let mut known = self.known();
        known.forget_ended(now);
        let mut bans: Vec<Ban> = known.bans.values().map(|known| known.ban).collect();
        bans.sort_by_key(|ban| (ban.since, ban.address));
        bans
    }

    /// All remembered refusals, the oldest first.
    pub(crate) fn refusals(&self, now: Instant) -> Vec<RefusedAddress> {
        let mut refused: Vec<RefusedAddress> =
            self.known().refused.values().map(|one| one.shown(now)).collect();
        refused.sort_by_key(|one| (one.last, one.address));
        refused
    }
}

impl Known {
    fn forget_ended(&mut self, now: Instant) {
        self.bans.retain(|_, known| known.ends.is_none_or(|end| end > now));
    }
}

impl KnownRefusals {
    /// The refusals as they are shown: without a pause that is over.
    fn shown(&self, now: Instant) -> RefusedAddress {
        let is_paused = self.pause_ends.is_some_and(|end| end > now);
        RefusedAddress { paused_until: self.shown.paused_until.filter(|_| is_paused), ..self.shown }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience = Patience { refusals: 3, pause: Duration::from_secs(60) };

    struct Clock(Moment);

    impl Clock {
        fn at(&self, seconds: u64) -> Moment {
            let since = Duration::from_secs(seconds);
            Moment { shown: self.0.shown + since, counted: self.0.counted + since }
        }
    }

    fn clock() -> Clock {
        Clock(Moment { shown: SystemTime::UNIX_EPOCH, counted: crate::clock::origin() })
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_ban_holds_for_the_whole_network_until_it_is_lifted() {
        let (list, clock) = (BanList::default(), clock());
        list.ban(ip("2001:db8::1"), None, clock.at(5));
        assert!(list.turns_away(Origin::of(ip("2001:db8::ffff:2")), clock.at(6).counted));
        assert!(!list.turns_away(Origin::of(ip("2001:db8:0:1::1")), clock.at(6).counted));
        list.ban(ip("2001:db8::9"), None, clock.at(9));
        let ban = Ban { address: ip("2001:db8::1"), since: clock.at(5).shown, until: None, attempts: 1 };
        assert_eq!(list.bans(clock.at(1_000_000).counted), [ban]);
        let now = clock.at(1_000_001).counted;
        assert!(list.lift(ip("2001:db8::7"), now) && !list.lift(ip("2001:db8::7"), now));
        assert!(!list.turns_away(Origin::of(ip("2001:db8::1")), clock.at(10).counted));
    }

    #[test]
    fn a_ban_ends_by_itself_and_can_get_another_end() {
        let (list, clock) = (BanList::default(), clock());
        let address = ip("192.0.2.1");
        let ban = list.ban(address, Some(Duration::from_secs(10)), clock.at(0));
        assert_eq!(ban.until, Some(clock.at(10).shown));
        assert!(list.turns_away(Origin::of(address), clock.at(9).counted));
        list.ban(address, Some(Duration::from_secs(100)), clock.at(9));
        assert!(list.turns_away(Origin::of(address), clock.at(108).counted));
        assert!(!list.lift(address, clock.at(109).counted), "there is nothing to lift any more");
        assert!(!list.turns_away(Origin::of(address), clock.at(109).counted));
        assert_eq!(list.bans(clock.at(109).counted), []);
    }

    #[test]
    fn who_is_refused_too_often_is_not_looked_at_for_a_while() {
        let (list, clock) = (BanList::default(), clock());
        let (address, neighbour) = (ip("2001:db8::1"), ip("2001:db8::2"));
        for second in 0..2 {
            assert_eq!(list.refused(address, PATIENCE, clock.at(second)).paused_until, None);
        }
        assert!(!list.passes_over(Origin::of(address), clock.at(2)));
        let noted = list.refused(neighbour, PATIENCE, clock.at(2));
        assert_eq!(noted, Noted { attempts: 3, paused_until: Some(clock.at(62).shown) });
        assert!(
            list.passes_over(Origin::of(address), clock.at(3))
                && list.passes_over(Origin::of(address), clock.at(61))
        );
        assert_eq!(list.refusals(clock.at(61).counted)[0].attempts, 5);
        assert!(!list.passes_over(Origin::of(address), clock.at(62)));
        assert_eq!(list.refusals(clock.at(62).counted)[0].paused_until, None);
        // Those from before do not count again, and what is lifted is lifted.
        assert_eq!(list.refused(address, PATIENCE, clock.at(63)).paused_until, None);
        list.refused(address, PATIENCE, clock.at(64));
        assert!(list.refused(address, PATIENCE, clock.at(65)).paused_until.is_some());
        assert!(list.lift(address, clock.at(66).counted));
        assert!(!list.passes_over(Origin::of(address), clock.at(66)));
        let patient = Patience { refusals: 0, ..PATIENCE };
        for _ in 0..100 {
            assert_eq!(list.refused(address, patient, clock.at(67)).paused_until, None);
        }
        // Few at a time never add up.
        for minute in 10..100 {
            assert_eq!(list.refused(ip("192.0.2.9"), PATIENCE, clock.at(minute * 61)).paused_until, None);
        }
    }

    #[test]
    fn strangers_do_not_make_it_grow() {
        let (list, clock) = (BanList::default(), clock());
        for n in 0..4_000_u32 {
            list.refused(IpAddr::from(n.to_be_bytes()), PATIENCE, clock.at(u64::from(n)));
        }
        list.refused(IpAddr::from(3_999_u32.to_be_bytes()), PATIENCE, clock.at(5_000));
        let refusals = list.refusals(clock.at(5_000).counted);
        assert_eq!(refusals.len(), MOST_REFUSED);
        assert_eq!(refusals.last().map(|one| one.attempts), Some(2));
    }
}
