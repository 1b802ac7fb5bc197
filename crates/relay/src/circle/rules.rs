//! Bounds and deadlines of a circle.

use std::time::Duration;

use shepot_protocol::limits;

use crate::log::{ENTRY_OVERHEAD_BYTES, LogLimits};

/// The bounds and deadlines of one circle. The defaults are those of docs/PROTOCOL.md, section 18.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Most connections that hold a seat in the circle.
    pub members: usize,
    /// Most connections in the circle without a seat, while others hold seats.
    pub newcomers: usize,
    /// Most bytes of a blob.
    pub blob_bytes: usize,
    /// Most bytes of sealed group information.
    pub group_information_bytes: usize,
    /// The bounds of the log.
    pub log: LogLimits,
    /// The length of a newcomer's turn, without the time that its group information takes to travel.
    pub lease_ttl: Duration,
    /// How long one member may take to answer.
    pub answer_deadline: Duration,
    /// How many members are asked for an endorsement.
    pub endorsers_asked: usize,
    /// The time from the first claim on an empty circle to its re-seating.
    pub reseat_window: Duration,
    /// How long a founder has to create the group.
    pub founding_deadline: Duration,
    /// How long a circle is kept after all its members were lost.
    pub abandoned_ttl: Duration,
    /// The answers that may wait for one connection. With one more it is closed as too slow.
    pub waiting_answers: usize,
}

impl Rules {
    /// The largest blob of a commit, in bytes: with its other fields it has to fit into the log.
    pub(super) fn commit_bytes(&self) -> usize {
        self.group_information_bytes.min(self.log.entry_bytes().saturating_sub(ENTRY_FIELDS_BYTES))
    }
}

/// The most bytes that the frame of an entry takes besides its blob.
pub(crate) const ENTRY_FIELDS_BYTES: usize = 64;

/// The slowest line for which a newcomer's turn is extended, in bytes per second. Without that a circle of a thousand
/// could not be joined over such a line.
pub(super) const SLOW_LINE_BYTES_PER_SECOND: u32 = 64 * 1024;

/// How often a newcomer may be served group information within one turn: once, and again if it cannot use what it got.
pub(super) const SERVED_PER_LEASE: u8 = 3;

/// For how many epochs verification keys are remembered, for members that return.
pub(super) const REMEMBERED_EPOCHS: usize = 32;

/// The highest epoch. No group reaches it, and counting on from it cannot overflow.
pub(super) const MOST_EPOCHS: u64 = 1 << 62;

/// How many seats are remembered that were lost or left.
pub(super) const ABSENT_SEATS: usize = 1024;

/// After how long a request may be repeated for which there was no memory.
pub(crate) const MEMORY_FULL_RETRY: Duration = Duration::from_secs(5);

/// How many connections of one address may be in a circle without a seat. More may be while as many places are free.
pub(super) const NEWCOMERS_OF_AN_ADDRESS: usize = 16;

/// The size of a group without its log, in bytes: its fields, the keys of [`REMEMBERED_EPOCHS`], its queues.
pub(super) const GROUP_BYTES: usize = 4 * 1024;

/// The size of a connection's place in a circle, in bytes: its fields, its positions in queues and lists, and
/// [`SMALL_ANSWERS`] that wait for it.
pub(super) const PLACE_BYTES: usize = 768 + SMALL_ANSWERS * (SMALL_ANSWER_BYTES + ANSWER_OVERHEAD_BYTES);

/// How many answers of up to [`SMALL_ANSWER_BYTES`] may wait for any connection, however little memory there is.
pub(super) const SMALL_ANSWERS: usize = 4;

/// The most bytes of such an answer ([`SMALL_ANSWERS`]).
pub(super) const SMALL_ANSWER_BYTES: usize = 256;

/// The bytes of a place that are kept for a member whose connection was lost.
pub(super) const ABSENT_SEAT_BYTES: usize = 64;

/// The size of a presence entry, as it is counted, in bytes.
pub(super) const PRESENCE_BYTES: usize = ENTRY_FIELDS_BYTES + ENTRY_OVERHEAD_BYTES;

/// The size of a waiting answer without its frame, in bytes.
pub(super) const ANSWER_OVERHEAD_BYTES: usize = 192;

/// How many signals are kept for readers that are about to take them.
pub(super) const SIGNALS_KEPT: usize = 64;
/// For how long these signals are kept ([`SIGNALS_KEPT`]).
pub(super) const SIGNAL_AGE: Duration = Duration::from_secs(3);

/// How much longer than their age entries may be kept, so that a busy log is not swept for each of them.
pub(super) const EXPIRY_SLACK: Duration = Duration::from_secs(1);

impl Default for Rules {
    fn default() -> Self {
        Self {
            members: limits::CIRCLE_MEMBERS,
            newcomers: 256,
            blob_bytes: limits::BLOB_BYTES,
            group_information_bytes: limits::GROUP_INFORMATION_BYTES,
            log: LogLimits { entries: 4096, bytes: 16 * 1024 * 1024, age: Duration::from_secs(600) },
            lease_ttl: limits::LEASE_TTL,
            answer_deadline: limits::MEMBER_ANSWER_DEADLINE,
            endorsers_asked: limits::ENDORSERS_ASKED,
            reseat_window: limits::RESEAT_WINDOW,
            founding_deadline: limits::FOUNDING_DEADLINE,
            abandoned_ttl: limits::ABANDONED_CIRCLE_TTL,
            waiting_answers: 64,
        }
    }
}
