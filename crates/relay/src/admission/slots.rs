//! The slots of a relay: sockets that are not admitted yet, and connections that are.
//!
//! Owns: the bounds on both, in total and by origin. If there are too many unadmitted sockets, the *oldest* is closed.
//! An honest client is admitted within a few round trips, while one that only occupies a place is soon the oldest. So a
//! flood of half-open sockets costs members nothing, whereas refusing the newest would lock them out.
//!
//! Must never: judge a proof, or admit by address alone.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use shepot_protocol::id::AccessKeyId;
use shepot_protocol::message::RefusalCause;
use tokio::sync::Notify;
use tokio::task::{AbortHandle, JoinHandle};

use crate::configuration::Limits;
use crate::id::ConnectionId;
use crate::origin::Origin;

#[derive(Debug)]
struct Guest {
    origin: Origin,
    /// The access key by which it was admitted.
    key: Option<AccessKeyId>,
    admitted: bool,
    abort: AbortHandle,
}

#[derive(Debug, Default)]
struct Count {
    waiting: BTreeSet<ConnectionId>,
    admitted: usize,
}

#[derive(Debug, Default)]
struct House {
    guests: HashMap<ConnectionId, Guest>,
    waiting: BTreeSet<ConnectionId>,
    admitted: usize,
    origins: HashMap<Origin, Count>,
    closed: bool,
}

#[derive(Debug)]
pub(crate) struct AdmissionSlots {
    house: Mutex<House>,
    emptied: Notify,
    bounds: Mutex<Bounds>,
}

#[derive(Clone, Copy, Debug)]
struct Bounds {
    connections: usize,
    per_address: usize,
    unauthenticated: usize,
    unauthenticated_per_address: usize,
}

impl Bounds {
    const fn of(limits: &Limits) -> Self {
        Self {
            connections: limits.connections,
            per_address: limits.connections_per_address,
            unauthenticated: limits.unauthenticated,
            unauthenticated_per_address: limits.unauthenticated_per_address,
        }
    }

    /// How many unadmitted sockets of one origin there may be.
    const fn waiting_of(&self, origin: Origin) -> usize {
        let half = self.unauthenticated.div_ceil(2);
        let one = self.unauthenticated_per_address;
        if origin.is_shared() && half > one { half } else { one }
    }

    /// How many connections of one origin there may be. All who share addresses leave half to the others, and those of
    /// one access key among them may be as many as those of one address.
    fn admitted_of(&self, origin: Origin) -> usize {
        match origin {
            Origin::V4(_) | Origin::V6(_) | Origin::Shared(Some(_)) => self.per_address,
            Origin::Shared(None) => self.per_address.max(self.connections.div_ceil(2)),
        }
    }
}

/// The numbers of sockets and connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Census {
    pub admitted: usize,
    pub waiting: usize,
}

impl AdmissionSlots {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { house: Mutex::default(), emptied: Notify::new(), bounds: Mutex::new(Bounds::of(limits)) }
    }

    /// The size of what is kept about sockets and connections, without the sockets themselves, in bytes.
    pub(crate) fn held_bytes(&self) -> usize {
        let house = self.house();
        let guests = house.guests.len() * size_of::<(ConnectionId, Guest)>();
        guests + house.origins.len() * size_of::<(Origin, Count)>()
    }

    /// Sets other bounds. Existing connections stay.
    pub(crate) fn set_limits(&self, limits: &Limits) {
        *self.bounds.lock().unwrap_or_else(PoisonError::into_inner) = Bounds::of(limits);
    }

    fn bounds(&self) -> Bounds {
        *self.bounds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn house(&self) -> MutexGuard<'_, House> {
        self.house.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Registers a new socket. `begin` starts the task that serves it. Returns how many older sockets were closed for
    /// it.
    pub(crate) fn arrive(
        &self,
        id: ConnectionId,
        origin: Origin,
        begin: impl FnOnce() -> JoinHandle<()>,
    ) -> usize {
        let bounds = self.bounds();
        let mut house = self.house();
        if house.closed {
            return 0;
        }
        let mut gone = 0;
        let same = house.origins.get(&origin).filter(|c| c.waiting.len() >= bounds.waiting_of(origin));
        if let Some(oldest) = same.and_then(|count| count.waiting.first().copied()) {
            house.turn_out(oldest);
            gone += 1;
        }
        if house.waiting.len() >= bounds.unauthenticated
            && let Some(oldest) = house.waiting.first().copied()
        {
            house.turn_out(oldest);
            gone += 1;
        }
        // The task cannot ask for anything here before it is known: the house is locked.
        let abort = begin().abort_handle();
        house.guests.insert(id, Guest { origin, key: None, admitted: false, abort });
        house.waiting.insert(id);
        house.origins.entry(origin).or_default().waiting.insert(id);
        gone
    }

    /// Admits a socket that has shown this access key, if there is room.
    pub(crate) fn admit(&self, id: ConnectionId, key: Option<AccessKeyId>) -> Result<(), RefusalCause> {
        let bounds = self.bounds();
        let mut house = self.house();
        let house = &mut *house;
        let Some(guest) = house.guests.get_mut(&id) else { return Err(RefusalCause::RelayFull) };
        if house.admitted >= bounds.connections {
            return Err(RefusalCause::RelayFull);
        }
        let counted = [Some(guest.origin), guest.origin.of_key(key)];
        let is_full = |origin: &Origin| {
            let admitted = house.origins.get(origin).map_or(0, |count| count.admitted);
            admitted >= bounds.admitted_of(*origin)
        };
        if counted.iter().flatten().any(is_full) {
            return Err(RefusalCause::AddressFull);
        }
        guest.admitted = true;
        guest.key = key;
        house.admitted += 1;
        house.waiting.remove(&id);
        for origin in counted.into_iter().flatten() {
            let count = house.origins.entry(origin).or_default();
            count.admitted += 1;
            count.waiting.remove(&id);
        }
        Ok(())
    }

    /// Removes a socket that is closed.
    pub(crate) fn leave(&self, id: ConnectionId) {
        let empty = {
            let mut house = self.house();
            house.forget(id);
            house.guests.is_empty()
        };
        if empty {
            self.emptied.notify_waiters();
        }
    }

    pub(crate) fn census(&self) -> Census {
        let house = self.house();
        Census { admitted: house.admitted, waiting: house.waiting.len() }
    }

    /// Accepts nobody new from now on, and closes the unadmitted sockets.
    pub(crate) fn close(&self) {
        let mut house = self.house();
        house.closed = true;
        for id in house.waiting.clone() {
            house.turn_out(id);
        }
    }

    /// Ends every task at once.
    pub(crate) fn turn_out_all(&self) {
        let mut house = self.house();
        house.closed = true;
        for guest in house.guests.values() {
            guest.abort.abort();
        }
    }

    /// Waits until the last socket is closed.
    pub(crate) async fn emptied(self: Arc<Self>) {
        loop {
            let notified = self.emptied.notified();
            tokio::pin!(notified);
            notified.as_mut().enable();
            if self.house().guests.is_empty() {
                return;
            }
            notified.await;
        }
    }
}

impl House {
    fn turn_out(&mut self, id: ConnectionId) {
        if let Some(guest) = self.guests.get(&id) {
            guest.abort.abort();
        }
        self.forget(id);
    }

    fn forget(&mut self, id: ConnectionId) {
        let Some(guest) = self.guests.remove(&id) else { return };
        self.waiting.remove(&id);
        for origin in [Some(guest.origin), guest.origin.of_key(guest.key)].into_iter().flatten() {
            let Some(count) = self.origins.get_mut(&origin) else { continue };
            count.waiting.remove(&id);
            count.admitted -= usize::from(guest.admitted);
            if count.waiting.is_empty() && count.admitted == 0 {
                self.origins.remove(&origin);
            }
        }
        self.admitted -= usize::from(guest.admitted);
    }
}

/// The slot of a socket. It is given back when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    pub slots: Arc<AdmissionSlots>,
    pub id: ConnectionId,
    /// What the socket is counted as before it has shown an access key.
    pub origin: Origin,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.slots.leave(self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(limits: Limits) -> AdmissionSlots {
        AdmissionSlots::new(&limits)
    }

    fn arrive(slots: &AdmissionSlots, id: u64, address: &str) -> usize {
        let begin = || tokio::spawn(std::future::pending());
        slots.arrive(ConnectionId(id), Origin::of(address.parse().unwrap()), begin)
    }

    #[test]
    fn an_ipv6_address_is_counted_by_its_64() {
        let origin = |text: &str| Origin::of(text.parse().unwrap());
        assert_eq!(origin("2001:db8::1"), origin("2001:db8::ffff:1"));
        assert_ne!(origin("2001:db8::1"), origin("2001:db8:0:1::1"));
        assert_eq!(origin("::ffff:192.0.2.1"), origin("192.0.2.1"));
        assert_ne!(origin("192.0.2.1"), origin("192.0.2.2"));
        assert_ne!(origin("::1"), origin("0.0.0.1"));
    }

    #[tokio::test]
    async fn the_oldest_goes_first() {
        let slots = slots(Limits { unauthenticated: 3, unauthenticated_per_address: 2, ..Limits::default() });
        assert_eq!(arrive(&slots, 1, "192.0.2.1"), 0);
        assert_eq!(arrive(&slots, 2, "192.0.2.2"), 0);
        assert_eq!(arrive(&slots, 3, "192.0.2.1"), 0);
        assert_eq!(arrive(&slots, 4, "192.0.2.1"), 1, "the third of its address: 1 goes");
        assert_eq!(arrive(&slots, 5, "192.0.2.3"), 1, "the fourth in all: 2 goes");
        assert_eq!(slots.admit(ConnectionId(1), None), Err(RefusalCause::RelayFull));
        assert_eq!(slots.admit(ConnectionId(2), None), Err(RefusalCause::RelayFull));
        for id in [3, 4, 5] {
            assert_eq!(slots.admit(ConnectionId(id), None), Ok(()));
        }
        assert_eq!(slots.census(), Census { admitted: 3, waiting: 0 });
    }

    #[tokio::test]
    async fn those_who_share_addresses_leave_half_to_others() {
        let slots = slots(Limits { unauthenticated: 4, unauthenticated_per_address: 1, ..Limits::default() });
        let begin = || tokio::spawn(std::future::pending());
        let gone = [1, 2, 3].map(|id| slots.arrive(ConnectionId(id), Origin::Shared(None), begin));
        assert_eq!(gone, [0, 0, 1], "the oldest of theirs goes");
        assert_eq!(arrive(&slots, 4, "192.0.2.1") + arrive(&slots, 5, "192.0.2.2"), 0);
    }

    #[tokio::test]
    async fn places_are_counted_and_given_back() {
        let limits = Limits { connections: 2, connections_per_address: 1, ..Limits::default() };
        let slots = Arc::new(slots(limits));
        for (id, address) in [(1, "2001:db8::1"), (2, "2001:db8::2"), (3, "192.0.2.1"), (4, "192.0.2.2")] {
            arrive(&slots, id, address);
        }
        assert_eq!(slots.admit(ConnectionId(1), None), Ok(()));
        assert_eq!(slots.admit(ConnectionId(2), None), Err(RefusalCause::AddressFull));
        assert_eq!(slots.admit(ConnectionId(3), None), Ok(()));
        assert_eq!(slots.admit(ConnectionId(4), None), Err(RefusalCause::RelayFull));
        let origin = Origin::of("2001:db8::1".parse().unwrap());
        drop(Place { slots: Arc::clone(&slots), id: ConnectionId(1), origin });
        assert_eq!(slots.admit(ConnectionId(2), None), Ok(()));
        for id in 2..=4 {
            slots.leave(ConnectionId(id));
        }
        Arc::clone(&slots).emptied().await;
        assert!(slots.house().origins.is_empty());
    }
}
