//! Recent events at admission and after it, for the relay's operator: addresses, times, counts.
//!
//! Must never: outlive the relay, grow without bound, or reveal which circle somebody is in.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::id::ConnectionId;
use crate::origin::same_origin;
use crate::statistics::Attempt;

/// How many entries back a repeated refusal replaces the earlier one.
const REPEATED_WITHIN: usize = 128;

/// The most entries that are kept. One more replaces the oldest.
const MOST_ENTRIES: usize = 512;

/// Why a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndCause {
    /// The other side closed the connection, or the network did.
    Gone,
    /// Its TLS is broken.
    Broken,
    /// It sent a request larger than allowed.
    TooLarge,
    /// It sent requests faster than allowed.
    TooFast,
    /// It does not read what the relay sends.
    TooSlow,
    /// There was no memory for it.
    MemoryFull,
    /// It does not follow the grammar.
    Malformed,
    /// It waited at a circle and had to make way for others.
    Crowded,
    /// The relay shut down.
    ShuttingDown,
    /// The operator disconnected it.
    DisconnectedByOperator,
    /// The operator banned its address.
    Banned,
    /// The same member connected by another connection.
    Replaced,
    /// It was silent for too long.
    Silent,
    /// The access key by which it came was revoked.
    Revoked,
}

impl EndCause {
    /// Name of the cause in logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Broken => "broken",
            Self::TooLarge => "too_large",
            Self::TooFast => "too_fast",
            Self::TooSlow => "too_slow",
            Self::MemoryFull => "memory_full",
            Self::Malformed => "malformed",
            Self::Crowded => "crowded",
            Self::ShuttingDown => "shutting_down",
            Self::DisconnectedByOperator => "disconnected_by_operator",
            Self::Banned => "banned",
            Self::Replaced => "replaced",
            Self::Silent => "silent",
            Self::Revoked => "revoked",
        }
    }
}

/// Something that happened. Times are seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Incident {
    /// The relay started.
    Started,
    /// A connection was admitted.
    Admitted {
        /// Number of the connection.
        connection: ConnectionId,
        /// Address and port that it comes from.
        address: SocketAddr,
    },
    /// A connection ended.
    Ended {
        /// Number of the connection.
        connection: ConnectionId,
        /// Address and port that it came from.
        address: SocketAddr,
        /// How long it was connected, in seconds.
        after_s: u64,
        /// Bytes in both directions.
        bytes: u64,
        /// Why it ended.
        cause: EndCause,
    },
    /// An attempt was refused.
    Refused {
        /// Address of the attempt.
        address: IpAddr,
        /// Why it was refused.
        cause: Attempt,
        /// Remembered attempts from this address, including this one.
        attempts: u64,
        /// End of the pause that this attempt caused, if it did, in seconds since 1970.
        paused_until: Option<u64>,
    },
    /// Too many turns to join a circle, by one access key and from one address, came to nothing within four minutes.
    Knocked {
        /// The last connection that had such a turn.
        connection: ConnectionId,
        /// Address and port that it comes from.
        address: SocketAddr,
        /// Name of the access key, or its id; empty on an open relay.
        label: String,
        /// How many turns there were.
        times: u64,
    },
    /// A circle's owner removed somebody.
    Removed {
        /// Address that it came from; for IPv6 the first address of its /64. None if many share the address.
        address: Option<IpAddr>,
        /// Name of the access key by which it came, or its id; empty on an open relay.
        label: String,
    },
    /// A removal also took the seats of absent members: those whom the owner removed, or whom the members had already
    /// removed as departed.
    SeatsTaken {
        /// Name of the access key by which they came, or its id; empty on an open relay.
        label: String,
        /// How many seats they were.
        seats: u64,
    },
    /// The operator banned an address.
    Banned {
        /// The banned address.
        address: IpAddr,
        /// End of the ban, in seconds since 1970. `None`: it lasts until it is lifted.
        until: Option<u64>,
    },
    /// The operator lifted the ban or the pause of an address.
    BanLifted {
        /// The address.
        address: IpAddr,
    },
    /// An access key was made.
    Issued {
        /// Name of the access key, or its id.
        label: String,
    },
    /// An access key was revoked.
    Revoked {
        /// Name of the access key, or its id.
        label: String,
        /// How many connections ended with it.
        connections: usize,
    },
    /// The operator changed the limits, or who may connect.
    Reconfigured,
}

/// An incident with its number and time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalEntry {
    /// Number of the entry, counted from 1. An entry that changes gets a new number.
    pub number: u64,
    /// Time of the incident, in seconds since 1970.
    pub at: u64,
    /// What happened.
    #[serde(flatten)]
    pub incident: Incident,
}

#[derive(Debug, Default)]
struct Pages {
    entries: VecDeque<JournalEntry>,
    last: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Journal {
    pages: Mutex<Pages>,
}

impl Journal {
    /// Size of the entries without the names in them, in bytes.
    pub(crate) fn held_bytes(&self) -> usize {
        self.pages().entries.len() * size_of::<JournalEntry>()
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn note(&self, at: u64, incident: Incident) {
        let mut pages = self.pages();
        pages.last += 1;
        let entry = JournalEntry { number: pages.last, at, incident };
        append(&mut pages.entries, entry);
        if pages.entries.len() > MOST_ENTRIES {
            pages.entries.pop_front();
        }
    }

    /// The entries after this number, the oldest first.
    pub(crate) fn after(&self, number: u64) -> Vec<JournalEntry> {
        let pages = self.pages();
        pages.entries.iter().filter(|entry| entry.number > number).cloned().collect()
    }
}

/// Adds an entry. A refusal that repeats one of the last entries replaces it, so that a persistent stranger cannot push
/// out earlier events.
pub fn append(entries: &mut VecDeque<JournalEntry>, entry: JournalEntry) {
    let newest = entries.len().saturating_sub(REPEATED_WITHIN);
    let repeats = |before: &JournalEntry| before.incident.is_repeated_by(&entry.incident);
    if let Some(at) = entries.range(newest..).position(repeats) {
        entries.remove(newest + at);
    }
    entries.push_back(entry);
}

impl Incident {
    /// Whether `next` is a refusal of the same address (IPv6: its /64) for the same cause.
    fn is_repeated_by(&self, next: &Self) -> bool {
        match (self, next) {
            (
                Self::Refused { address: before, cause: why, paused_until: None, .. },
                Self::Refused { address: now, cause: and_now, .. },
            ) => same_origin(*before, *now) && why == and_now,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(last: u8, attempts: u64) -> Incident {
        let address = IpAddr::from([192, 0, 2, last]);
        Incident::Refused { address, cause: Attempt::WrongProof, attempts, paused_until: None }
    }

    #[test]
    fn repetitions_share_an_entry_and_old_entries_go() {
        let journal = Journal::default();
        journal.note(0, Incident::Started);
        for attempts in 1..=1_000 {
            journal.note(0, refused(1, attempts));
        }
        let entries = journal.after(0);
        assert_eq!(entries.len(), 2);
        assert_eq!((entries[1].number, &entries[1].incident), (1_001, &refused(1, 1_000)));
        assert_eq!(journal.after(1_001), []);
        for attempts in 1..=1_000 {
            journal.note(0, refused(1, attempts));
            journal.note(0, refused(2, attempts));
        }
        assert_eq!(journal.after(0).len(), 3, "by turns, too");
        for n in 0..2_000_u32 {
            journal.note(0, refused(u8::try_from(n % 200).unwrap(), 1));
        }
        let entries = journal.after(0);
        assert_eq!((entries.len(), entries.last().map(|entry| entry.number)), (MOST_ENTRIES, Some(5_001)));
    }
}
