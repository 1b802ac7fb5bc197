//! What others can know about a connection and do to it: numbers, a bell, a reason to close.
//!
//! Must never: be locked for longer than it takes to wake a task.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Waker;
use std::time::Instant;

use shepot_protocol::id::AccessKeyId;

use crate::budget::Means;
use crate::circle::Expulsion;
use crate::circles::Peer;
use crate::id::ConnectionId;
use crate::origin::Origin;

/// Why a connection is closed from outside. The first reason counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CloseReason {
    /// The relay shuts down.
    ShutDown,
    /// The operator disconnects it.
    Disconnect,
    /// The operator bans its address.
    Ban,
    /// The same member connected by another connection.
    Replaced,
    /// It does not read its answers.
    TooSlow,
    /// There is no memory for what it would have to be told.
    MemoryFull,
    /// Too many connections from its address wait at a circle.
    Crowded,
    /// It was silent for too long.
    Silent,
    /// The operator revoked the access key by which it came.
    Revoke,
}

impl CloseReason {
    const fn number(self) -> u8 {
        match self {
            Self::ShutDown => 1,
            Self::Disconnect => 2,
            Self::Replaced => 3,
            Self::TooSlow => 4,
            Self::Silent => 5,
            Self::Ban => 6,
            Self::Revoke => 7,
            Self::MemoryFull => 8,
            Self::Crowded => 9,
        }
    }

    const fn of(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::ShutDown),
            2 => Some(Self::Disconnect),
            3 => Some(Self::Replaced),
            4 => Some(Self::TooSlow),
            5 => Some(Self::Silent),
            6 => Some(Self::Ban),
            7 => Some(Self::Revoke),
            8 => Some(Self::MemoryFull),
            9 => Some(Self::Crowded),
            _ => None,
        }
    }
}

impl From<Expulsion> for CloseReason {
    fn from(why: Expulsion) -> Self {
        match why {
            Expulsion::Replaced => Self::Replaced,
            Expulsion::TooSlow => Self::TooSlow,
            Expulsion::MemoryFull => Self::MemoryFull,
            Expulsion::Crowded => Self::Crowded,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Record {
    pub id: ConnectionId,
    pub address: SocketAddr,
    /// The origin that it is counted under.
    pub origin: Origin,
    pub since: Instant,
    /// The access key by which it came.
    pub access_key: Option<AccessKeyId>,
    /// The accounts that pay for what it brings into circles.
    pub means: Means,
    /// After how many milliseconds of silence it is dead, as it was told on arrival.
    pub dead_after: u64,
    /// When something last arrived from it, in milliseconds since the relay started.
    pub heard_at: AtomicU64,
    pub bytes_in: AtomicU64,
    pub bytes_out: AtomicU64,
    pub circles: AtomicU32,
    /// The circles in which there may be something to read, a bit for each.
    news: AtomicU64,
    close_reason: AtomicU8,
    waker: Mutex<Option<Waker>>,
}

impl Record {
    /// `heard_at` is in milliseconds since the relay started, `dead_after` in milliseconds.
    pub(crate) fn new(
        (id, address, origin): (ConnectionId, SocketAddr, Origin),
        access_key: Option<AccessKeyId>,
        means: Means,
        since: Instant,
        heard_at: u64,
        dead_after: u64,
    ) -> Arc<Self> {
        Arc::new(Self {
            id,
            address,
            origin,
            since,
            access_key,
            means,
            dead_after,
            heard_at: AtomicU64::new(heard_at),
            bytes_in: AtomicU64::new(0),
            bytes_out: AtomicU64::new(0),
            circles: AtomicU32::new(0),
            news: AtomicU64::new(0),
            close_reason: AtomicU8::new(0),
            waker: Mutex::new(None),
        })
    }

    /// Registers the connection's own task to be woken. Call it before looking for news, so that none is missed.
    pub(crate) fn listen(&self, waker: &Waker) {
        let mut slot = self.waker.lock().unwrap_or_else(PoisonError::into_inner);
        if !slot.as_ref().is_some_and(|known| known.will_wake(waker)) {
            *slot = Some(waker.clone());
        }
    }

    fn wake(&self) {
        let slot = self.waker.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(waker) = &*slot {
            waker.wake_by_ref();
        }
    }

    pub(crate) fn take_news(&self) -> u64 {
        // A plain read first: most of the time there is none, and a read does not take the cache line away.
        if self.news.load(Ordering::Acquire) == 0 { 0 } else { self.news.swap(0, Ordering::AcqRel) }
    }

    pub(crate) fn close_reason(&self) -> Option<CloseReason> {
        CloseReason::of(self.close_reason.load(Ordering::Acquire))
    }

    /// Closes the connection for this reason. False: it is being closed already.
    pub(crate) fn close(&self, reason: CloseReason) -> bool {
        let first =
            self.close_reason.compare_exchange(0, reason.number(), Ordering::AcqRel, Ordering::Acquire);
        if first.is_ok() {
            self.wake();
        }
        first.is_ok()
    }
}

impl Peer for Record {
    fn id(&self) -> ConnectionId {
        self.id
    }

    fn address(&self) -> SocketAddr {
        self.address
    }

    fn means(&self) -> &Means {
        &self.means
    }

    fn ring(&self, slot: u8) {
        if self.news.fetch_or(1 << slot, Ordering::AcqRel) == 0 {
            self.wake();
        }
    }

    fn expel(&self, why: Expulsion) {
        self.close(why.into());
    }
}
