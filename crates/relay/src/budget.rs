//! What all circles together may use, and how much each account uses.
//!
//! Owns: one hard bound, and the shares of the connections of one access key or one address. A reservation is given
//! back when it is dropped. A frame counts until its last copy is gone, wherever that waits.
//!
//! No share is a fixed number. One address may use as much as then stays free, and one access key four times as much.
//! So a single user gets half (or four fifths), and something is left for the next one. A sixteenth of all is reserved
//! for light users: every address gets its least share of that, whatever others with its access key use.
//!
//! Must never: be exceeded, or know what it is spent on.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use bytes::Bytes;
use shepot_protocol::id::AccessKeyId;

use crate::origin::Origin;

/// One address may use this many times what is free.
const ADDRESS_SHARE: usize = 1;

/// One access key may use this many times what is free, because many people share it.
const ACCESS_KEY_SHARE: usize = 4;

/// This fraction of the total is reserved for those who stay within their least share.
const LITTLE_PART: usize = 16;

/// Unused accounts are removed when there are this many accounts, or twice as many as were left last time.
const SWEPT_FROM: usize = 64;

/// A bounded amount, in bytes or circles, that accounts share.
#[derive(Debug)]
pub struct Budget {
    limit: AtomicUsize,
    used: AtomicUsize,
    /// What every address may use as long as there is some left, whatever others use.
    least_share: usize,
    keys: Mutex<Uses<AccessKeyId>>,
    addresses: Mutex<Uses<Origin>>,
}

/// How much each of many keys or addresses uses.
#[derive(Debug)]
struct Uses<K> {
    known: HashMap<K, Weak<AtomicUsize>>,
    sweep_at: usize,
}

impl<K: Eq + Hash> Uses<K> {
    fn new() -> Mutex<Self> {
        Mutex::new(Self { known: HashMap::new(), sweep_at: SWEPT_FROM })
    }

    fn of(&mut self, who: K) -> Arc<AtomicUsize> {
        if let Some(known) = self.known.get(&who).and_then(Weak::upgrade) {
            return known;
        }
        if self.known.len() >= self.sweep_at {
            self.known.retain(|_, uses| uses.strong_count() > 0);
            self.sweep_at = SWEPT_FROM.max(2 * self.known.len());
        }
        let fresh = Arc::new(AtomicUsize::new(0));
        self.known.insert(who, Arc::downgrade(&fresh));
        fresh
    }
}

impl Budget {
    /// A budget of `limit`, of which every address may have `least_share` while it lasts.
    #[must_use]
    pub fn new(limit: usize, least_share: usize) -> Arc<Self> {
        Arc::new(Self {
            limit: AtomicUsize::new(limit),
            used: AtomicUsize::new(0),
            least_share,
            keys: Uses::new(),
            addresses: Uses::new(),
        })
    }

    /// Sets another bound. Reservations above it stay until they are dropped.
    pub(crate) fn set_limit(&self, limit: usize) {
        self.limit.store(limit, Ordering::Relaxed);
    }

    /// Amount currently in use.
    #[must_use]
    pub fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// The account that pays for what a connection brings. Connections with the same access key share a part of it, and
    /// so do those from the same address.
    pub(crate) fn account(self: &Arc<Self>, key: Option<AccessKeyId>, address: Origin) -> Account {
        let by_key = key.map(|key| self.keys.lock().unwrap_or_else(PoisonError::into_inner).of(key));
        let by_address = self.addresses.lock().unwrap_or_else(PoisonError::into_inner).of(address);
        Account(Arc::new(Payer { budget: Arc::clone(self), key, address, by_key, by_address }))
    }

    /// The size of the accounting itself, in bytes.
    pub(crate) fn held_bytes(&self) -> usize {
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner).known.capacity();
        let addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner).known.capacity();
        let one = size_of::<Weak<AtomicUsize>>() + 3 * size_of::<usize>();
        keys * (size_of::<AccessKeyId>() + one) + addresses * (size_of::<Origin>() + one)
    }
}

/// Why a reservation failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lack {
    /// The whole budget is used up.
    Total,
    /// This address's share is used up.
    Address,
    /// This access key's share is used up.
    AccessKey,
}

#[derive(Debug)]
struct Payer {
    budget: Arc<Budget>,
    key: Option<AccessKeyId>,
    address: Origin,
    by_key: Option<Arc<AtomicUsize>>,
    by_address: Arc<AtomicUsize>,
}

impl Payer {
    fn take(&self, amount: usize) -> Result<(), Lack> {
        let limit = self.budget.limit.load(Ordering::Relaxed);
        if add_within(&self.by_address, amount, self.budget.least_share).is_some() {
            if add_within(&self.budget.used, amount, limit).is_none() {
                self.by_address.fetch_sub(amount, Ordering::Relaxed);
                return Err(Lack::Total);
            }
            if let Some(used) = &self.by_key {
                used.fetch_add(amount, Ordering::Relaxed);
            }
            return Ok(());
        }
        let limit = limit - limit / LITTLE_PART;
        let before = add_within(&self.budget.used, amount, limit).ok_or(Lack::Total)?;
        let free = limit.saturating_sub(before).saturating_sub(amount);
        if add_within(&self.by_address, amount, free.saturating_mul(ADDRESS_SHARE)).is_none() {
            self.budget.used.fetch_sub(amount, Ordering::Relaxed);
            return Err(Lack::Address);
        }
        let most = free.saturating_mul(ACCESS_KEY_SHARE);
        if self.by_key.as_deref().is_some_and(|used| add_within(used, amount, most).is_none()) {
            self.by_address.fetch_sub(amount, Ordering::Relaxed);
            self.budget.used.fetch_sub(amount, Ordering::Relaxed);
            return Err(Lack::AccessKey);
        }
        Ok(())
    }

    fn give_back(&self, amount: usize) {
        if let Some(used) = &self.by_key {
            used.fetch_sub(amount, Ordering::Relaxed);
        }
        self.by_address.fetch_sub(amount, Ordering::Relaxed);
        self.budget.used.fetch_sub(amount, Ordering::Relaxed);
    }
}

/// Adds `amount`, unless the sum would exceed `most`. Returns the earlier value.
fn add_within(used: &AtomicUsize, amount: usize, most: usize) -> Option<usize> {
    let add = |used: usize| used.checked_add(amount).filter(|sum| *sum <= most);
    used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add).ok()
}

/// Pays for what a connection brings.
#[derive(Clone, Debug)]
pub struct Account(Arc<Payer>);

impl Account {
    /// Reserves an amount until the reservation is dropped. `None`: the budget, or the share of this account, has no
    /// more.
    pub(crate) fn reserve(&self, amount: usize) -> Option<Reservation> {
        self.try_reserve(amount).ok()
    }

    /// Reserves an amount, or says what is used up.
    pub(crate) fn try_reserve(&self, amount: usize) -> Result<Reservation, Lack> {
        self.0.take(amount).map(|()| Reservation { account: self.clone(), amount })
    }

    /// The access key and the origin that this account stands for.
    pub(crate) fn came_by(&self) -> (Option<AccessKeyId>, Origin) {
        (self.0.key, self.0.address)
    }

    /// Whether what the other account gives back would relieve this one's lack.
    pub(crate) fn is_helped_by(&self, other: &Self, lack: Lack) -> bool {
        let same_key = match (&self.0.by_key, &other.0.by_key) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (Some(_) | None, _) => false,
        };
        match lack {
            Lack::Total => true,
            Lack::Address => self.is_of_the_same_address(other),
            Lack::AccessKey => same_key,
        }
    }

    /// Identifies the address while this or another account of the same one exists.
    pub(crate) fn address_tag(&self) -> *const AtomicUsize {
        Arc::as_ptr(&self.0.by_address)
    }

    /// Whether both accounts count as one address.
    pub(crate) fn is_of_the_same_address(&self, other: &Self) -> bool {
        self.address_tag() == other.address_tag()
    }

    /// A frame that is paid for, with `besides` more bytes, until its last copy is gone. `None`: there is no memory for
    /// it.
    pub(crate) fn frame(&self, frame: Bytes, besides: usize) -> Option<Bytes> {
        Some(self.reserve(frame.len().saturating_add(besides))?.keep_with(frame))
    }
}

/// A part of a budget. It is given back when dropped.
#[derive(Debug)]
pub(crate) struct Reservation {
    account: Account,
    amount: usize,
}

impl Reservation {
    /// The account that pays for the reservation.
    pub(crate) const fn account(&self) -> &Account {
        &self.account
    }

    /// Gives everything above `amount` back.
    pub(crate) fn shrink_to(&mut self, amount: usize) {
        self.account.0.give_back(self.amount.saturating_sub(amount));
        self.amount = self.amount.min(amount);
    }

    /// A frame that keeps this reservation until its last copy is gone. The caller has reserved enough.
    pub(crate) fn keep_with(self, frame: Bytes) -> Bytes {
        debug_assert!(self.amount >= frame.len(), "a frame of {} for {}", frame.len(), self.amount);
        Bytes::from_owner(PaidFrame { frame, _for: self })
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.account.0.give_back(self.amount);
    }
}

struct PaidFrame {
    frame: Bytes,
    _for: Reservation,
}

impl AsRef<[u8]> for PaidFrame {
    fn as_ref(&self) -> &[u8] {
        &self.frame
    }
}

/// The accounts of one connection.
#[derive(Clone, Debug)]
pub struct Means {
    /// Pays for bytes of circles.
    pub memory: Account,
    /// Pays for circles that have a group.
    pub circles: Account,
}

impl Means {
    /// Accounts without bounds, in which everybody has the same address. For a circle by itself.
    #[must_use]
    pub fn unbounded() -> Self {
        let account = || Budget::new(usize::MAX, 0).account(None, Origin::of(Ipv4Addr::LOCALHOST.into()));
        Self { memory: account(), circles: account() }
    }
}

#[cfg(test)]
mod tests;
