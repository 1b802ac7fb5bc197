//! What an operator can see: addresses, times, counts. Never a circle's id or name, or anything that was said.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use shepot_protocol::id::AccessKeyId;

use crate::access::IssuedKey;
use crate::id::ConnectionId;
use crate::latency::{DeliveryLatency, Histogram};

/// Why a socket was not admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attempt {
    /// It does not speak our kind of TLS, or not our frames inside it.
    NotOurProtocol,
    /// It showed no access proof, or a wrong one.
    WrongProof,
    /// It was not admitted by the deadline.
    TooLate,
    /// The peer closed the socket before it was admitted.
    Gone,
    /// It showed the right proof, but there is no common version.
    Version,
    /// It showed the right proof, but there is no room.
    NoRoom,
    /// It was the oldest of too many sockets that were not admitted yet.
    CrowdedOut,
    /// It showed the right proof, but its address is banned.
    Banned,
    /// It showed the right proof, but the key has expired.
    Expired,
    /// It showed the right proof, but the key has no uses left.
    UsedUp,
    /// Its address is paused after too many refusals.
    Paused,
}

impl Attempt {
    /// Whether the attempt is held against its address. Failures that members run into, with an old program or when the
    /// relay is full, are not.
    pub(crate) const fn is_held_against(self) -> bool {
        match self {
            Self::NotOurProtocol | Self::WrongProof | Self::TooLate | Self::Banned => true,
            Self::Gone
            | Self::Version
            | Self::NoRoom
            | Self::CrowdedOut
            | Self::Expired
            | Self::UsedUp
            | Self::Paused => false,
        }
    }

    /// Name of the cause in logs and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotOurProtocol => "not_our_protocol",
            Self::WrongProof => "wrong_proof",
            Self::TooLate => "too_late",
            Self::Gone => "gone",
            Self::Version => "version",
            Self::NoRoom => "no_room",
            Self::CrowdedOut => "crowded_out",
            Self::Banned => "banned",
            Self::Expired => "expired",
            Self::UsedUp => "used_up",
            Self::Paused => "paused",
        }
    }
}

/// Sockets that were not admitted since the relay started, by cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "each is explained at the variant of Attempt of the same name")]
pub struct RefusedAttempts {
    pub not_our_protocol: u64,
    pub wrong_proof: u64,
    pub too_late: u64,
    pub gone: u64,
    pub version: u64,
    pub no_room: u64,
    pub crowded_out: u64,
    pub banned: u64,
    pub expired: u64,
    pub used_up: u64,
    pub paused: u64,
}

impl RefusedAttempts {
    /// Each cause with its count.
    #[must_use]
    pub const fn by_cause(&self) -> [(Attempt, u64); 11] {
        [
            (Attempt::NotOurProtocol, self.not_our_protocol),
            (Attempt::WrongProof, self.wrong_proof),
            (Attempt::TooLate, self.too_late),
            (Attempt::Gone, self.gone),
            (Attempt::Version, self.version),
            (Attempt::NoRoom, self.no_room),
            (Attempt::CrowdedOut, self.crowded_out),
            (Attempt::Banned, self.banned),
            (Attempt::Expired, self.expired),
            (Attempt::UsedUp, self.used_up),
            (Attempt::Paused, self.paused),
        ]
    }

    /// All attempts that were turned away, without those that closed by themselves before admission.
    #[must_use]
    pub fn turned_away(&self) -> u64 {
        self.total().saturating_sub(self.gone)
    }

    /// Sum over all causes.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.by_cause().iter().map(|(_, count)| count).sum()
    }
}

/// Silence after which a connection counts as idle.
pub const IDLE: Duration = Duration::from_secs(60);

/// One admitted connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionStatistics {
    /// Number of the connection.
    pub id: ConnectionId,
    /// Address and port that it comes from.
    pub address: SocketAddr,
    /// Time since it was admitted.
    pub age: Duration,
    /// Time since something last arrived from it.
    pub idle: Duration,
    /// Number of circles that it is in.
    pub circles: usize,
    /// Number of circles in which it holds a seat.
    pub seats: usize,
    /// Bytes received from it since it was admitted, including TLS.
    pub bytes_in: u64,
    /// Bytes sent to it since it was admitted, including TLS.
    pub bytes_out: u64,
    /// The access key by which it came. `None`: the relay is open.
    pub access_key: Option<AccessKeyId>,
    /// Many people share its address, so it is counted by its access key.
    pub shares_address: bool,
    /// Remembered refused attempts from its address (IPv6: its /64).
    pub refused_attempts: u64,
}

/// An access key, and how many connections came by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyStatistics {
    /// The access key.
    pub issued: IssuedKey,
    /// Current connections that came by it.
    pub connections: usize,
}

/// A snapshot of a running relay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statistics {
    /// When the relay started, by the wall clock.
    pub started: SystemTime,
    /// How long the relay has been running, by the monotonic clock.
    pub uptime: Duration,
    /// When this snapshot was taken, by the wall clock.
    pub taken: SystemTime,
    /// The admitted connections, in order of their numbers.
    pub connections: Vec<ConnectionStatistics>,
    /// Number of sockets that are not admitted yet.
    pub unauthenticated: usize,
    /// Number of circles that have a group.
    pub circles: usize,
    /// Number of entries in all logs.
    pub log_entries: usize,
    /// Bytes of all circles, as they are counted against the limit.
    pub circle_bytes: usize,
    /// Size of most of what others can make grow, in bytes: circles, arriving large frames, sockets at the door,
    /// remembered addresses, the journal. Without sockets and their encryption state.
    pub held_bytes: usize,
    /// How long entries waited until a socket took them.
    pub delivery: DeliveryLatency,
    /// Sockets accepted since the start.
    pub accepted: u64,
    /// Connections admitted since the start.
    pub admitted: u64,
    /// Messages put into logs since the start.
    pub published: u64,
    /// Bytes that came in since the start, of admitted connections.
    pub bytes_in: u64,
    /// Bytes that went out since the start, to admitted connections.
    pub bytes_out: u64,
    /// Sockets that were not admitted, by cause.
    pub refused: RefusedAttempts,
}

impl Statistics {
    /// The wall-clock time of something that was this old when the snapshot was taken.
    #[must_use]
    pub fn since(&self, age: Duration) -> SystemTime {
        self.taken.checked_sub(age).unwrap_or(self.started)
    }
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub accepted: AtomicU64,
    pub admitted: AtomicU64,
    pub delivery: Histogram,
    not_our_protocol: AtomicU64,
    wrong_proof: AtomicU64,
    too_late: AtomicU64,
    gone: AtomicU64,
    version: AtomicU64,
    no_room: AtomicU64,
    crowded_out: AtomicU64,
    banned: AtomicU64,
    expired: AtomicU64,
    used_up: AtomicU64,
    paused: AtomicU64,
}

impl Counters {
    pub(crate) fn refuse(&self, attempt: Attempt) {
        let counter = match attempt {
            Attempt::NotOurProtocol => &self.not_our_protocol,
            Attempt::WrongProof => &self.wrong_proof,
            Attempt::TooLate => &self.too_late,
            Attempt::Gone => &self.gone,
            Attempt::Version => &self.version,
            Attempt::NoRoom => &self.no_room,
            Attempt::CrowdedOut => &self.crowded_out,
            Attempt::Banned => &self.banned,
            Attempt::Expired => &self.expired,
            Attempt::UsedUp => &self.used_up,
            Attempt::Paused => &self.paused,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn refused(&self) -> RefusedAttempts {
        RefusedAttempts {
            not_our_protocol: read(&self.not_our_protocol),
            wrong_proof: read(&self.wrong_proof),
            too_late: read(&self.too_late),
            gone: read(&self.gone),
            version: read(&self.version),
            no_room: read(&self.no_room),
            crowded_out: read(&self.crowded_out),
            banned: read(&self.banned),
            expired: read(&self.expired),
            used_up: read(&self.used_up),
            paused: read(&self.paused),
        }
    }
}

pub(crate) fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}
