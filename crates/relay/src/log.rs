//! One circle's bounded log: sealed entries in memory with increasing sequence numbers.
//!
//! Owns: the numbering, the bounds (entries, bytes, age), and the publish ids that make publishing idempotent. Plain
//! data: no input or output, no clock. The client that brings an entry pays for it.
//!
//! Must never: look into an entry, or keep one for a reader. A reader is a cursor, and what it did not read in time is
//! gone.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use shepot_protocol::{CommitId, PublishId, Seat};

use crate::budget::Account;

/// Bytes that an entry costs in addition to its frame: its own fields, its place in the table of publish ids, and its
/// account.
pub const ENTRY_OVERHEAD_BYTES: usize = 256;

/// The largest entry is this fraction of its log, so that one entry cannot push out all others.
pub const PARTS_OF_A_LOG: usize = 4;

/// The bounds of one log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogLimits {
    /// Most entries, at least 1.
    pub entries: usize,
    /// Most bytes of all entries, including [`ENTRY_OVERHEAD_BYTES`] for each.
    pub bytes: usize,
    /// Most age of an entry.
    pub age: Duration,
}

impl LogLimits {
    /// Most bytes of the frame of one entry.
    #[must_use]
    pub const fn entry_bytes(&self) -> usize {
        (self.bytes / PARTS_OF_A_LOG).saturating_sub(ENTRY_OVERHEAD_BYTES)
    }
}

/// Who wrote an entry, and how its author is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authorship {
    /// A message: the author reads `Published` in its place.
    Message {
        /// Seat of the author.
        author: Seat,
        /// Id that the author gave the message.
        publish_id: PublishId,
    },
    /// A commit: the author reads `Final` in its place.
    Commit {
        /// Seat of the author.
        author: Seat,
        /// Id of the commit.
        commit: CommitId,
        /// The epoch that the commit begins.
        epoch: u64,
    },
    /// An entry of the relay itself; everybody reads it.
    Presence,
}

/// One entry of the log.
#[derive(Clone, Debug)]
pub struct LogEntry {
    /// The `Delivery` frame, encoded once for all readers.
    pub frame: Bytes,
    /// Who wrote the entry.
    pub authorship: Authorship,
    at: Instant,
    paid_by: Account,
}

impl LogEntry {
    /// The author's seat. `None`: the relay itself wrote the entry.
    #[must_use]
    pub const fn author(&self) -> Option<Seat> {
        match self.authorship {
            Authorship::Message { author, .. } | Authorship::Commit { author, .. } => Some(author),
            Authorship::Presence => None,
        }
    }

    /// When the entry was appended.
    #[must_use]
    pub const fn at(&self) -> Instant {
        self.at
    }

    fn cost(&self) -> usize {
        self.frame.len() + ENTRY_OVERHEAD_BYTES
    }
}

/// What is at a cursor.
#[derive(Debug)]
pub enum Read<'a> {
    /// The entry under the cursor.
    Entry(&'a LogEntry),
    /// The entries from the cursor up to but not including `first` are gone.
    Gone {
        /// The sequence number of the first remaining entry, or of the next one if none remains.
        first: u64,
    },
    /// The cursor is at the end of the log.
    End,
}

/// A bounded log.
#[derive(Debug)]
pub struct Log {
    limits: LogLimits,
    /// The number of entries in all logs of the relay.
    entries_in_total: Arc<AtomicUsize>,
    entries: VecDeque<LogEntry>,
    /// The sequence number of the first remaining entry.
    first: u64,
    bytes: usize,
    published: HashMap<PublishId, u64>,
}

impl Log {
    /// An empty log: its first entry gets sequence number 1.
    #[must_use]
    pub fn new(limits: LogLimits, entries_in_total: Arc<AtomicUsize>) -> Self {
        let (entries, published) = (VecDeque::new(), HashMap::new());
        Self { limits, entries_in_total, entries, first: 1, bytes: 0, published }
    }

    /// The sequence number that the next entry gets.
    #[must_use]
    pub fn next(&self) -> u64 {
        self.first.saturating_add(self.entries.len().try_into().unwrap_or(u64::MAX))
    }

    /// The sequence number of the first remaining entry.
    #[must_use]
    pub const fn first(&self) -> u64 {
        self.first
    }

    /// The size of all entries, in bytes.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Sets new bounds, which apply from the next entry on.
    pub fn set_limits(&mut self, limits: LogLimits) {
        self.limits = limits;
    }

    /// The sequence number of the message with this id. `None`: it is not in the log.
    #[must_use]
    pub fn published(&self, id: &PublishId) -> Option<u64> {
        self.published.get(id).copied()
    }

    /// A member's frame, paid for as an entry. If there is no memory for it, older entries are dropped, as far as that
    /// helps: any if all memory is used, those of the same address or access key if their share is. `None`: it does not
    /// help.
    pub(crate) fn pay(&mut self, now: Instant, account: &Account, frame: Bytes) -> Option<Bytes> {
        self.expire(now);
        let bytes = frame.len() + ENTRY_OVERHEAD_BYTES;
        let (mut given_up, mut first_lack) = (0, None);
        loop {
            let lack = match account.try_reserve(bytes) {
                Ok(reservation) => return Some(reservation.keep_with(frame)),
                Err(lack) => lack,
            };
            if first_lack.get_or_insert(lack) != &lack {
                // One lack is over and there is another: no more is given up for that.
                return None;
            }
            let helps = |entry: &LogEntry| account.is_helped_by(&entry.paid_by, lack);
            // Never more than what it takes itself, and nothing for nothing.
            let all: usize = self.entries.iter().take_while(|entry| helps(entry)).map(LogEntry::cost).sum();
            if given_up >= bytes || given_up + all < bytes {
                return None;
            }
            given_up += self.entries.front().map_or(0, LogEntry::cost);
            self.drop_oldest();
        }
    }

    /// Appends an entry whose frame is paid for, with the number [`Self::next`]. Drops older entries if a bound is
    /// reached.
    pub(crate) fn append(
        &mut self,
        now: Instant,
        frame: Bytes,
        authorship: Authorship,
        paid_by: Account,
    ) -> u64 {
        self.expire(now);
        let sequence = self.next();
        let entry = LogEntry { frame, authorship, at: now, paid_by };
        let cost = entry.cost();
        while !self.entries.is_empty()
            && (self.entries.len() >= self.limits.entries || self.bytes + cost > self.limits.bytes)
        {
            self.drop_oldest();
        }
        self.bytes += cost;
        if let Authorship::Message { publish_id, .. } = authorship {
            self.published.insert(publish_id, sequence);
        }
        self.entries.push_back(entry);
        self.entries_in_total.fetch_add(1, Ordering::Relaxed);
        sequence
    }

    /// Reads the log at a cursor.
    #[must_use]
    pub fn read(&self, cursor: u64) -> Read<'_> {
        if cursor < self.first {
            return Read::Gone { first: self.first };
        }
        let index = usize::try_from(cursor - self.first).ok();
        index.and_then(|index| self.entries.get(index)).map_or(Read::End, Read::Entry)
    }

    /// Drops entries that are too old.
    pub fn expire(&mut self, now: Instant) {
        while self.entries.front().is_some_and(|e| now.saturating_duration_since(e.at) >= self.limits.age) {
            self.drop_oldest();
        }
        self.shrink();
    }

    /// When the oldest entry becomes too old.
    #[must_use]
    pub fn next_expiry(&self) -> Option<Instant> {
        self.entries.front().map(|entry| entry.at + self.limits.age)
    }

    /// Shrinks the tables, because what has grown for many entries is not counted when there are few.
    fn shrink(&mut self) {
        let most = 4 * self.entries.len();
        if self.entries.capacity() > most {
            self.entries.shrink_to(2 * self.entries.len());
        }
        if self.published.capacity() > most {
            self.published.shrink_to(2 * self.published.len());
        }
    }

    fn drop_oldest(&mut self) {
        if let Some(entry) = self.entries.pop_front() {
            let cost = entry.cost();
            self.bytes -= cost;
            self.entries_in_total.fetch_sub(1, Ordering::Relaxed);
            if let Authorship::Message { publish_id, .. } = entry.authorship {
                self.published.remove(&publish_id);
            }
            self.first += 1;
        }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.entries_in_total.fetch_sub(self.entries.len(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
