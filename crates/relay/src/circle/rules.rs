//! Bounds and deadlines of a circle.

use std::time::Duration;

use shepot_protocol::limits;

use crate::log::{ENTRY_OVERHEAD_BYTES, LogLimits};

/// The bounds and deadlines of one circle. The defaults are those of the protocol.
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
    /// The turn of one newcomer, without the time that its group information takes to travel.
    pub lease_ttl: Duration,
    /// How long one member may take to answer.
    pub answer_deadline: Duration,
    /// How many members are asked for an endorsement.
    pub endorsers_asked: usize,
    /// From the first claim on an empty circle to its re-seating.
    pub reseat_window: Duration,
    /// How long a founder has to create the group.
    pub founding_deadline: Duration,
    /// How long a circle is kept after all its members were lost.
    pub abandoned_ttl: Duration,
    /// Direct answers that wait for one connection; one more and it is closed as too slow.
    pub waiting_answers: usize,
}

impl Rules {
    /// Bytes of the blob of a commit: it has to fit the log, and what it takes besides is little.
    pub(super) fn commit_bytes(&self) -> usize {
        self.group_information_bytes.min(self.log.entry_bytes().saturating_sub(ENTRY_FIELDS_BYTES))
    }
}

/// What the frame of an entry takes besides its blob, at most.
pub(crate) const ENTRY_FIELDS_BYTES: usize = 64;

/// How fast group information is assumed to travel to a newcomer at least, in bytes per second: its turn is longer by
/// that, or a circle of a thousand could not be joined over a slow line.
pub(super) const SLOW_LINE_BYTES_PER_SECOND: u32 = 64 * 1024;

/// How often a newcomer may ask for other group information within one turn, because it cannot use what it got.
pub(super) const SERVED_PER_LEASE: u8 = 3;

/// How many epochs' verification keys are remembered for members that return.
pub(super) const REMEMBERED_EPOCHS: usize = 32;

/// The highest number of an epoch: no group gets there, and counting on from it cannot overflow.
pub(super) const MOST_EPOCHS: u64 = 1 << 62;

/// Seats that are kept for members whose connections were lost.
pub(super) const ABSENT_SEATS: usize = 1024;

/// After so long it is worth asking again for what there was no memory for.
pub(crate) const MEMORY_FULL_RETRY: Duration = Duration::from_secs(5);

/// Without a seat so many of one address may be in a circle, and otherwise as many as there is still room for.
pub(super) const NEWCOMERS_OF_AN_ADDRESS: usize = 16;

/// Bytes that a group takes without what is said in it: its fields, the keys of [`REMEMBERED_EPOCHS`], its queues.
pub(super) const GROUP_BYTES: usize = 4 * 1024;

/// Bytes that somebody's place in a circle takes: its fields, where it stands in queues and lists, and
/// [`SMALL_ANSWERS`] that wait for it.
pub(super) const PLACE_BYTES: usize = 768 + SMALL_ANSWERS * (SMALL_ANSWER_BYTES + ANSWER_OVERHEAD_BYTES);

/// So many answers of up to [`SMALL_ANSWER_BYTES`] may wait for anybody, however little memory there is.
pub(super) const SMALL_ANSWERS: usize = 4;

/// See [`SMALL_ANSWERS`].
pub(super) const SMALL_ANSWER_BYTES: usize = 256;

/// Bytes of that which are kept for a member whose connection was lost.
pub(super) const ABSENT_SEAT_BYTES: usize = 64;

/// Bytes of the entry that tells who came or went, as it is counted.
pub(super) const PRESENCE_BYTES: usize = ENTRY_FIELDS_BYTES + ENTRY_OVERHEAD_BYTES;

/// Bytes that a waiting answer takes besides its frame.
pub(super) const ANSWER_OVERHEAD_BYTES: usize = 192;

/// Signals kept for readers that are about to take them, and for how long.
pub(super) const SIGNALS_KEPT: usize = 64;
/// See [`SIGNALS_KEPT`].
pub(super) const SIGNAL_AGE: Duration = Duration::from_secs(3);

/// Entries may outlive their age by this much, so that a busy log is not swept for every single one.
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
