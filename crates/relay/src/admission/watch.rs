//! Whom the operator has closed the door to, and who was refused lately.
//!
//! Owns: bans by address (an IPv6 address stands for its /64), and a bounded memory of refused attempts by address.
//! Must never: outlive the relay, or let strangers make it grow: the oldest refusal is forgotten for a new one.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use super::doors::Origin;

/// Bans that are kept; one more replaces the oldest.
const MOST_BANS: usize = 4_096;

/// Addresses whose refused attempts are remembered.
const MOST_REFUSED: usize = 256;

/// An address that the operator has closed the relay to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ban {
    /// The address that was named; for IPv6 all of its /64 is meant.
    pub address: IpAddr,
    /// Since when.
    pub since: SystemTime,
    /// How often somebody came from there since.
    pub attempts: u64,
}

/// Attempts from one address that were refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefusedAddress {
    /// The address of the last of them.
    pub address: IpAddr,
    /// When the last of them was.
    pub last: SystemTime,
    /// How many.
    pub attempts: u64,
}

#[derive(Debug, Default)]
struct Known {
    bans: HashMap<Origin, Ban>,
    refused: HashMap<Origin, RefusedAddress>,
}

#[derive(Debug, Default)]
pub(crate) struct Watch {
    known: Mutex<Known>,
}

impl Watch {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn ban(&self, address: IpAddr, since: SystemTime) {
        let mut known = self.known();
        if known.bans.len() >= MOST_BANS
            && let Some(oldest) =
                known.bans.iter().min_by_key(|(_, ban)| ban.since).map(|(origin, _)| *origin)
        {
            known.bans.remove(&oldest);
        }
        known.bans.entry(Origin::of(address)).or_insert(Ban { address, since, attempts: 0 });
    }

    /// False when there was no ban.
    pub(crate) fn lift(&self, address: IpAddr) -> bool {
        self.known().bans.remove(&Origin::of(address)).is_some()
    }

    /// Whether it is banned; counts the attempt.
    pub(crate) fn turns_away(&self, address: IpAddr) -> bool {
        let mut known = self.known();
        let ban = known.bans.get_mut(&Origin::of(address));
        ban.map(|ban| ban.attempts = ban.attempts.saturating_add(1)).is_some()
    }

    pub(crate) fn refused(&self, address: IpAddr, now: SystemTime) {
        let origin = Origin::of(address);
        let mut known = self.known();
        if known.refused.len() >= MOST_REFUSED
            && !known.refused.contains_key(&origin)
            && let Some(oldest) =
                known.refused.iter().min_by_key(|(_, one)| one.last).map(|(origin, _)| *origin)
        {
            known.refused.remove(&oldest);
        }
        let one = known.refused.entry(origin).or_insert(RefusedAddress { address, last: now, attempts: 0 });
        one.address = address;
        one.last = now;
        one.attempts = one.attempts.saturating_add(1);
    }

    /// The oldest first.
    pub(crate) fn bans(&self) -> Vec<Ban> {
        let mut bans: Vec<Ban> = self.known().bans.values().copied().collect();
        bans.sort_by_key(|ban| (ban.since, ban.address));
        bans
    }

    /// The oldest first.
    pub(crate) fn refusals(&self) -> Vec<RefusedAddress> {
        let mut refused: Vec<RefusedAddress> = self.known().refused.values().copied().collect();
        refused.sort_by_key(|one| (one.last, one.address));
        refused
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn a_ban_holds_for_the_whole_network_until_it_is_lifted() {
        let watch = Watch::default();
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        watch.ban(ip("2001:db8::1"), at(5));
        assert!(watch.turns_away(ip("2001:db8::ffff:2")));
        assert!(!watch.turns_away(ip("2001:db8:0:1::1")));
        watch.ban(ip("2001:db8::9"), at(9));
        assert_eq!(watch.bans(), [Ban { address: ip("2001:db8::1"), since: at(5), attempts: 1 }]);
        assert!(watch.lift(ip("2001:db8::7")) && !watch.lift(ip("2001:db8::7")));
        assert!(!watch.turns_away(ip("2001:db8::1")));
    }

    #[test]
    fn strangers_do_not_make_it_grow() {
        let watch = Watch::default();
        for n in 0..2_000_u32 {
            watch.refused(IpAddr::from(n.to_be_bytes()), at(u64::from(n)));
        }
        watch.refused(IpAddr::from(1_999_u32.to_be_bytes()), at(5_000));
        let refusals = watch.refusals();
        assert_eq!(refusals.len(), MOST_REFUSED);
        assert_eq!(refusals.last().map(|one| one.attempts), Some(2));
    }
}
