//! What a relay says.

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
    /// A later generation of this circle has begun, if the client finds it to be the owner's word.
    Superseded {
        circle: CircleId,
        succession: Succession,
    },
    /// Newcomers had members work for so many joins that came to nothing, since this was told last.
    Knocks {
        circle: CircleId,
        times: u32,
    },
}

/// The connection is admitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Welcome {
    /// What both speak from now on.
    pub version: Version,
    /// What this relay allows.
    pub limits: Limits,
    /// Address and port that the relay sees this connection come from.
    pub seen_address: String,
    /// To be shown at the next return. None on an open relay.
    pub return_ticket: Option<ReturnTicket>,
    /// The relay is its circle's owner's own: with the circle's secret its access key changes, too.
    pub renews_access_key: bool,
}

/// What a relay allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a blob.
    pub blob_bytes: u32,
    /// Bytes of sealed group information.
    pub group_information_bytes: u32,
    /// Circles that one connection may be in.
    pub circles_per_connection: u32,
    /// How often an idle client pings.
    pub ping_interval: Duration,
    /// After how much silence a peer is dead.
    pub dead_after: Duration,
    /// Entries that a circle's log keeps.
    pub log_entries: u32,
    /// Bytes that a circle's log keeps.
    pub log_bytes: u32,
    /// Age of an entry that a circle's log keeps.
    pub log_age: Duration,
    /// Messages per second and connection, on average.
    pub publishes_per_second: u32,
}

/// What a connection is in a circle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is to found the circle.
    CreateGroup,
    /// It has to wait: another [`Entered`] follows.
    Wait,
    /// It is to join.
    Join,
    /// It is a member's.
    Seated,
}

/// A connection's standing in a circle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entered {
    /// The circle.
    pub circle: CircleId,
    /// The standing.
    pub standing: Standing,
    /// The circle's epoch; 0 while it has none.
    pub epoch: u64,
    /// The incarnation of the log.
    pub log_id: LogId,
    /// The sequence number of the first entry that follows.
    pub next_sequence: u64,
    /// Who is here, told to the seated.
    pub present: Vec<Seat>,
    /// The last entry of the log, told to the seated; 0 while it is empty.
    pub head: u64,
}

/// A newcomer's turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leased {
    /// The circle.
    pub circle: CircleId,
    /// The epoch of the group information.
    pub epoch: u64,
    /// How long the turn lasts.
    pub ttl: Duration,
    /// The sealed blob.
    pub group_information: Bytes,
}

/// A member is asked for group information.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupInfoRequest {
    /// The circle.
    pub circle: CircleId,
    /// The number of the question.
    pub ask_id: u64,
    /// The epoch that it is wanted of.
    pub epoch: u64,
}

/// A member is asked for its endorsement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tentative {
    /// The circle.
    pub circle: CircleId,
    /// The commit.
    pub commit: CommitId,
    /// The epoch that it ends.
    pub base_epoch: u64,
    /// The sealed blob.
    pub blob: Bytes,
}

/// The author's commit is in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Final {
    /// The circle.
    pub circle: CircleId,
    /// The commit.
    pub commit: CommitId,
    /// Its place in the log.
    pub sequence: u64,
    /// The epoch that it begins.
    pub epoch: u64,
    /// The incarnation of the log.
    pub log_id: LogId,
    /// Who is here as of that place.
    pub present: Vec<Seat>,
}

/// Why a commit was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConflictCause {
    /// The circle is at another epoch.
    Stale,
    /// Another commit is tentative.
    Busy,
    /// It is not valid.
    Rejected,
    /// No member answered in time.
    Unanswered,
}

/// The author's commit was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The circle.
    pub circle: CircleId,
    /// The commit.
    pub commit: CommitId,
    /// Why.
    pub cause: ConflictCause,
    /// The circle's epoch.
    pub epoch: u64,
}

/// The author's message is in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The circle.
    pub circle: CircleId,
    /// The message.
    pub publish_id: PublishId,
    /// Its place in the log.
    pub sequence: u64,
}

/// One entry of a circle's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The circle.
    pub circle: CircleId,
    /// Its place.
    pub sequence: u64,
    /// The entry.
    pub entry: Entry,
}

/// What a circle's log holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Somebody's message.
    Message {
        /// The epoch that it is encrypted in.
        epoch: u64,
        /// The sealed blob.
        blob: Bytes,
    },
    /// A commit, final.
    Commit {
        /// The epoch that it ends.
        base_epoch: u64,
        /// The sealed blob.
        blob: Bytes,
    },
    /// A connection came or went.
    Presence {
        /// Whose.
        seat: Seat,
        /// How.
        change: PresenceChange,
    },
}

/// How a connection came or went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PresenceChange {
    /// It is here.
    Entered,
    /// It said that it leaves.
    Left,
    /// It is gone without a word.
    Lost,
}

/// Entries that fell off the log unread, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The circle.
    pub circle: CircleId,
    /// The first.
    pub from: u64,
    /// The last.
    pub to: u64,
}

/// Something that concerns the whole connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// The relay stops.
    ShuttingDown,
    /// The operator ends this connection.
    DisconnectedByOperator,
    /// The same member came by another connection.
    Replaced,
}

/// What the operator can see of a connection, and nothing besides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The connection's number.
    pub connection: u64,
    /// IP address and port.
    pub address: String,
    /// Since it was admitted, in whole milliseconds.
    pub connected: Duration,
    /// How long nothing came from it before the question, in whole milliseconds.
    pub silent: Duration,
    /// Circles that it is in.
    pub circles: u32,
    /// Those in which it is a member's connection.
    pub seats: u32,
    /// Bytes that came from it, TLS included.
    pub bytes_in: u64,
    /// Bytes that went to it, TLS included.
    pub bytes_out: u64,
    /// What the operator called the access key by which it came; empty where it has no name.
    pub access_label: String,
    /// Attempts from its address that were refused and are remembered.
    pub refused_attempts: u64,
}

impl RelayToClient {
    /// Reads one frame's message.
    ///
    /// # Errors
    ///
    /// [`DecodeError`]: the peer does not follow the grammar.
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

    /// The circle that it is about; none: it is about the connection.
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

    /// One frame of this message.
    ///
    /// # Errors
    ///
    /// [`FrameError`]: a blob is larger than a frame.
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
