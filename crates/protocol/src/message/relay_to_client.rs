//! Messages from a relay to a client.

mod coding;

use std::time::Duration;

use bytes::Bytes;
use prost::Message as _;

use super::client_to_relay::Signal;
use super::field::{DecodeError, circle, out, present};
use super::refusal::Refusal;
use super::succession;
use crate::frame::{FrameError, encode_frame};
use crate::id::{CircleId, CommitId, LogId, PublishId, ReturnTicket, Seat};
use crate::succession::Succession;
use crate::version::Version;
use crate::wire;
use crate::wire::relay_to_client::Message as Wire;

/// A message from a relay to a client.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each variant is explained at its own type or in proto/shepot.proto")]
pub enum RelayToClient {
    Welcome(Welcome),
    Entered(Entered),
    Leased(Leased),
    GroupInfoRequest(GroupInfoRequest),
    Tentative(Tentative),
    Final(Final),
    Conflict(Conflict),
    Published(Published),
    Delivery(Delivery),
    Gap(Gap),
    Signal(Signal),
    Notice(NoticeKind),
    Refused(Refusal),
    Pong {
        nonce: u64,
    },
    Record(Record),
    /// Reports that a later generation of this circle has begun. The client has to verify the owner's signature in
    /// `succession`.
    Superseded {
        circle: CircleId,
        succession: Succession,
    },
    /// Reports how many joins came to nothing, although members worked for them, since the last message of this kind.
    Knocks {
        circle: CircleId,
        times: u32,
    },
}

/// Admits the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Welcome {
    /// The protocol version that both sides use from now on.
    pub version: Version,
    /// The limits of this relay.
    pub limits: Limits,
    /// The address and port that the relay sees this connection come from.
    pub seen_address: String,
    /// The ticket that the client shows when it returns. `None` on an open relay.
    pub return_ticket: Option<ReturnTicket>,
    /// Whether the relay is the owner's own, so that its access key changes with the secret of the circle.
    pub renews_access_key: bool,
}

/// The limits of a relay, as it tells its clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest blob, in bytes.
    pub blob_bytes: u32,
    /// Largest sealed group information, in bytes.
    pub group_information_bytes: u32,
    /// How many circles one connection may be in.
    pub circles_per_connection: u32,
    /// Interval at which an idle client pings.
    pub ping_interval: Duration,
    /// Silence after which a peer counts as dead.
    pub dead_after: Duration,
    /// How many entries a circle's log keeps.
    pub log_entries: u32,
    /// How many bytes a circle's log keeps.
    pub log_bytes: u32,
    /// How long a circle's log keeps an entry.
    pub log_age: Duration,
    /// Messages per second and connection, on average.
    pub publishes_per_second: u32,
}

/// What a connection may do in a circle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The client has to found the circle.
    CreateGroup,
    /// The client has to wait. Another [`Entered`] follows.
    Wait,
    /// The client may join.
    Join,
    /// The connection holds a member's seat.
    Seated,
}

/// Tells a connection its standing in a circle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entered {
    /// The circle that the message concerns.
    pub circle: CircleId,
    /// Standing of this connection in the circle.
    pub standing: Standing,
    /// The epoch of the group. 0 with CREATE_GROUP and WAIT.
    pub epoch: u64,
    /// The id of the log. Zeros with CREATE_GROUP and WAIT.
    pub log_id: LogId,
    /// The number of the first entry that follows, only for [`Standing::Seated`].
    pub next_sequence: u64,
    /// The seats that are present as of `next_sequence`, only for [`Standing::Seated`].
    pub present: Vec<Seat>,
    /// The number of the last entry of the log, only for [`Standing::Seated`]. 0: the log is empty.
    pub head: u64,
}

/// Begins a newcomer's turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leased {
    /// The circle that the message concerns.
    pub circle: CircleId,
    /// The epoch of the group information.
    pub epoch: u64,
    /// How long the turn lasts.
    pub ttl: Duration,
    /// The sealed blob, opaque to the relay.
    pub group_information: Bytes,
}

/// Asks a member for group information.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupInfoRequest {
    /// The circle that the message concerns.
    pub circle: CircleId,
    /// The number of the request, which the response repeats.
    pub ask_id: u64,
    /// The epoch whose group information is wanted.
    pub epoch: u64,
}

/// Asks a member for its endorsement of a newcomer's commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tentative {
    /// The circle that the message concerns.
    pub circle: CircleId,
    /// Id of the commit.
    pub commit: CommitId,
    /// The epoch that the commit ends.
    pub base_epoch: u64,
    /// The sealed blob, opaque to the relay.
    pub blob: Bytes,
}

/// Tells the author that its commit is in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Final {
    /// The circle that the message concerns.
    pub circle: CircleId,
    /// Id of the commit.
    pub commit: CommitId,
    /// Sequence number of the entry in the log.
    pub sequence: u64,
    /// The epoch that the commit begins.
    pub epoch: u64,
    /// The id of the log.
    pub log_id: LogId,
    /// The seats that are present, as of that entry.
    pub present: Vec<Seat>,
}

/// Why a commit was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConflictCause {
    /// The circle is at another epoch.
    Stale,
    /// Another commit is tentative.
    Busy,
    /// A member found the commit invalid, its endorsement does not verify, or its seat is not available.
    Rejected,
    /// No member answered in time.
    Unanswered,
}

/// Tells the author that its commit was not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The circle that the message concerns.
    pub circle: CircleId,
    /// Id of the commit.
    pub commit: CommitId,
    /// Why the commit was not accepted.
    pub cause: ConflictCause,
    /// The circle's current epoch.
    pub epoch: u64,
}

/// Tells the author that its message is in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The circle that the message concerns.
    pub circle: CircleId,
    /// Id that the author gave the message.
    pub publish_id: PublishId,
    /// Sequence number of the entry in the log.
    pub sequence: u64,
}

/// One entry of a circle's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The circle that the message concerns.
    pub circle: CircleId,
    /// Sequence number of the entry in the log.
    pub sequence: u64,
    /// The entry itself.
    pub entry: Entry,
}

/// The content of a log entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A message of a member.
    Message {
        /// The epoch whose keys encrypt it.
        epoch: u64,
        /// The sealed blob, opaque to the relay.
        blob: Bytes,
    },
    /// A final commit.
    Commit {
        /// The epoch that the commit ends.
        base_epoch: u64,
        /// The sealed blob, opaque to the relay.
        blob: Bytes,
    },
    /// A connection came or went.
    Presence {
        /// Seat of the connection.
        seat: Seat,
        /// Whether it entered, left or was lost.
        change: PresenceChange,
    },
}

/// How the presence of a seat changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PresenceChange {
    /// Its connection is here.
    Entered,
    /// The client announced with `Leave` that it leaves.
    Left,
    /// The connection was lost without a `Leave`.
    Lost,
}

/// Tells a reader that entries fell off the log before it read them. Both ends are included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The circle that the message concerns.
    pub circle: CircleId,
    /// Sequence number of the first missing entry.
    pub from: u64,
    /// Sequence number of the last missing entry.
    pub to: u64,
}

/// Announces why the connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// The relay is shutting down.
    ShuttingDown,
    /// The operator disconnects it.
    DisconnectedByOperator,
    /// The same member connected by another connection.
    Replaced,
}

/// Everything that the operator can see of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The connection's number.
    pub connection: u64,
    /// IP address and port that the relay sees.
    pub address: String,
    /// Time since the connection was admitted, in whole milliseconds.
    pub connected: Duration,
    /// Silence of the connection before the question, in whole milliseconds.
    pub silent: Duration,
    /// Number of circles that it is in.
    pub circles: u32,
    /// Number of circles in which it holds a member's seat.
    pub seats: u32,
    /// Bytes received from it, including TLS.
    pub bytes_in: u64,
    /// Bytes sent to it, including TLS.
    pub bytes_out: u64,
    /// The operator's name for the access key by which it came. Empty: the key has none.
    pub access_label: String,
    /// Remembered refused attempts from its address.
    pub refused_attempts: u64,
}

impl RelayToClient {
    /// Decodes the message of one frame.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the peer does not follow the grammar.
    pub fn decode(frame: Bytes) -> Result<Self, DecodeError> {
        let message = wire::RelayToClient::decode(frame)?.message.ok_or(DecodeError::Unknown("message"))?;
        Ok(match message {
            Wire::Welcome(welcome) => Self::Welcome(Welcome::from_wire(welcome)?),
            Wire::Entered(entered) => Self::Entered(Entered::from_wire(entered)?),
            Wire::Leased(leased) => Self::Leased(Leased::from_wire(leased)?),
            Wire::GroupInfoRequest(asked) => Self::GroupInfoRequest(GroupInfoRequest::from_wire(asked)?),
            Wire::Tentative(tentative) => Self::Tentative(Tentative::from_wire(tentative)?),
            Wire::Final(last) => Self::Final(Final::from_wire(last)?),
            Wire::Conflict(conflict) => Self::Conflict(Conflict::from_wire(conflict)?),
            Wire::Published(published) => Self::Published(Published::from_wire(published)?),
            Wire::Delivery(delivery) => Self::Delivery(Delivery::from_wire(delivery)?),
            Wire::Gap(gap) => {
                if gap.from > gap.to {
                    return Err(DecodeError::Field("to"));
                }
                Self::Gap(Gap { circle: circle(&gap.circle)?, from: gap.from, to: gap.to })
            }
            Wire::Signal(signal) => Self::Signal(Signal::from_wire(signal)?),
            Wire::Notice(notice) => Self::Notice(NoticeKind::from_number(notice.kind)?),
            Wire::Refused(refused) => Self::Refused(Refusal::from_wire(&refused)?),
            Wire::Pong(pong) => Self::Pong { nonce: pong.nonce },
            Wire::Record(record) => Self::Record(Record::from_wire(record)),
            Wire::Superseded(superseded) => Self::Superseded {
                circle: circle(&superseded.circle)?,
                succession: succession::from_wire(&present(superseded.succession, "succession")?)?,
            },
            Wire::Knocks(knocks) => Self::Knocks { circle: circle(&knocks.circle)?, times: knocks.times },
        })
    }

    /// The circle that the message is about. `None`: it is about the connection.
    #[must_use]
    pub const fn circle(&self) -> Option<CircleId> {
        match self {
            Self::Entered(Entered { circle, .. })
            | Self::Leased(Leased { circle, .. })
            | Self::GroupInfoRequest(GroupInfoRequest { circle, .. })
            | Self::Tentative(Tentative { circle, .. })
            | Self::Final(Final { circle, .. })
            | Self::Conflict(Conflict { circle, .. })
            | Self::Published(Published { circle, .. })
            | Self::Delivery(Delivery { circle, .. })
            | Self::Gap(Gap { circle, .. })
            | Self::Signal(Signal { circle, .. })
            | Self::Superseded { circle, .. }
            | Self::Knocks { circle, .. } => Some(*circle),
            Self::Refused(refusal) => refusal.circle,
            Self::Welcome(_) | Self::Notice(_) | Self::Pong { .. } | Self::Record(_) => None,
        }
    }

    /// Encodes this message as one frame.
    ///
    /// # Errors
    ///
    /// [`FrameError`] if a blob is larger than a frame.
    pub fn to_frame(&self) -> Result<Bytes, FrameError> {
        encode_frame(&wire::RelayToClient { message: Some(self.to_wire()) }.encode_to_vec())
    }

    fn to_wire(&self) -> Wire {
        match self {
            Self::Welcome(welcome) => Wire::Welcome(welcome.to_wire()),
            Self::Entered(entered) => Wire::Entered(entered.to_wire()),
            Self::Leased(leased) => Wire::Leased(leased.to_wire()),
            Self::GroupInfoRequest(asked) => Wire::GroupInfoRequest(asked.to_wire()),
            Self::Tentative(tentative) => Wire::Tentative(tentative.to_wire()),
            Self::Final(last) => Wire::Final(last.to_wire()),
            Self::Conflict(conflict) => Wire::Conflict(conflict.to_wire()),
            Self::Published(published) => Wire::Published(published.to_wire()),
            Self::Delivery(delivery) => Wire::Delivery(delivery.to_wire()),
            Self::Gap(gap) => Wire::Gap(wire::Gap { circle: out(&gap.circle.0), from: gap.from, to: gap.to }),
            Self::Signal(signal) => Wire::Signal(signal.to_wire()),
            Self::Notice(kind) => Wire::Notice(wire::Notice { kind: kind.number() }),
            Self::Refused(refusal) => Wire::Refused(refusal.to_wire()),
            Self::Pong { nonce } => Wire::Pong(wire::Pong { nonce: *nonce }),
            Self::Record(record) => Wire::Record(record.to_wire()),
            Self::Superseded { circle, succession } => Wire::Superseded(wire::Superseded {
                circle: out(&circle.0),
                succession: Some(succession::to_wire(succession)),
            }),
            Self::Knocks { circle, times } => {
                Wire::Knocks(wire::Knocks { circle: out(&circle.0), times: *times })
            }
        }
    }
}
