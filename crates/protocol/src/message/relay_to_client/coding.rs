//! Encoding and decoding of each kind of message from a relay.

use std::time::Duration;

use bytes::Bytes;

use super::super::field::{DecodeError, blob, circle, exact, numbers_of, optional, out, present, seats};
use super::super::refusal::{Refusal, RefusalCause, RequestKind};
use super::{
    Conflict, ConflictCause, Delivery, Entered, Entry, Final, GroupInfoRequest, Leased, Limits, NoticeKind,
    PresenceChange, Published, Record, Standing, Tentative, Welcome,
};
use crate::id::{CircleId, CommitId, LogId, PublishId, ReturnTicket, Seat};
use crate::version::Version;
use crate::wire;

/// Converts an enum to and from its numbers on the wire. An unknown number is an error.
macro_rules! numbers {
    ($ours:ty, $wire:ty, $name:literal, $($variant:ident = $number:ident),+ $(,)?) => {
        impl $ours {
            pub(super) fn from_number(number: i32) -> Result<Self, DecodeError> {
                match <$wire>::try_from(number) {
                    $(Ok(<$wire>::$number) => Ok(Self::$variant),)+
                    Ok(<$wire>::Unspecified) | Err(_) => Err(DecodeError::Unknown($name)),
                }
            }

            pub(super) fn number(self) -> i32 {
                match self { $(Self::$variant => <$wire>::$number as i32,)+ }
            }
        }
    };
}

numbers!(
    Standing,
    wire::Standing,
    "standing",
    CreateGroup = CreateGroup,
    Wait = Wait,
    Join = Join,
    Seated = Seated
);
numbers!(
    ConflictCause,
    wire::ConflictCause,
    "conflict cause",
    Stale = Stale,
    Busy = Busy,
    Rejected = Rejected,
    Unanswered = Unanswered,
);
numbers!(
    PresenceChange,
    wire::PresenceChange,
    "presence change",
    Entered = Entered,
    Left = Left,
    Lost = Lost,
);
numbers!(
    NoticeKind,
    wire::NoticeKind,
    "notice",
    ShuttingDown = ShuttingDown,
    DisconnectedByOperator = DisconnectedByOperator,
    Replaced = Replaced,
);
numbers!(
    RequestKind,
    wire::RequestKind,
    "request",
    Hello = Hello,
    Enter = Enter,
    CreateGroup = CreateGroup,
    JoinLease = JoinLease,
    GroupInfoResponse = GroupInfoResponse,
    Commit = Commit,
    Endorse = Endorse,
    Publish = Publish,
    Signal = Signal,
    Leave = Leave,
    Ping = Ping,
    ShowRecord = ShowRecord,
);
numbers!(
    RefusalCause,
    wire::RefusalCause,
    "refusal cause",
    ClientTooOld = ClientTooOld,
    ClientTooNew = ClientTooNew,
    RelayFull = RelayFull,
    AddressFull = AddressFull,
    Malformed = Malformed,
    TooLarge = TooLarge,
    TooFast = TooFast,
    CirclesFull = CirclesFull,
    CircleFull = CircleFull,
    NotSeated = NotSeated,
    Unexpected = Unexpected,
    TooSlow = TooSlow,
    Banned = Banned,
    InvitationExpired = InvitationExpired,
    InvitationUsedUp = InvitationUsedUp,
    InvitationRevoked = InvitationRevoked,
    MemoryFull = MemoryFull,
    InvitationOutdated = InvitationOutdated,
);

impl Welcome {
    pub(super) fn from_wire(welcome: wire::Welcome) -> Result<Self, DecodeError> {
        Ok(Self {
            version: Version(welcome.version),
            limits: Limits::from_wire(&present(welcome.limits, "limits")?),
            seen_address: welcome.seen_address,
            return_ticket: optional(&welcome.return_ticket, "return_ticket")?.map(ReturnTicket),
            renews_access_key: welcome.renews_access_key,
        })
    }

    pub(super) fn to_wire(&self) -> wire::Welcome {
        wire::Welcome {
            version: self.version.0,
            limits: Some(self.limits.to_wire()),
            seen_address: self.seen_address.clone(),
            return_ticket: self.return_ticket.map_or_else(Bytes::new, |ticket| out(&ticket.0)),
            renews_access_key: self.renews_access_key,
        }
    }
}

impl Entered {
    pub(super) fn from_wire(entered: wire::Entered) -> Result<Self, DecodeError> {
        Ok(Self {
            circle: circle(&entered.circle)?,
            standing: Standing::from_number(entered.standing)?,
            epoch: entered.epoch,
            log_id: LogId(exact(&entered.log_id, "log_id")?),
            next_sequence: entered.next_sequence,
            present: seats(entered.present, "present")?,
            head: entered.head,
        })
    }

    pub(super) fn to_wire(&self) -> wire::Entered {
        wire::Entered {
            circle: out(&self.circle.0),
            standing: self.standing.number(),
            epoch: self.epoch,
            log_id: out(&self.log_id.0),
            next_sequence: self.next_sequence,
            present: numbers_of(&self.present),
            head: self.head,
        }
    }
}

impl Leased {
    pub(super) fn from_wire(leased: wire::Leased) -> Result<Self, DecodeError> {
        Ok(Self {
            circle: circle(&leased.circle)?,
            epoch: leased.epoch,
            ttl: Duration::from_millis(u64::from(leased.ttl_ms)),
            group_information: blob(leased.group_information)?,
        })
    }

    pub(super) fn to_wire(&self) -> wire::Leased {
        wire::Leased {
            circle: out(&self.circle.0),
            epoch: self.epoch,
            ttl_ms: milliseconds(self.ttl),
            group_information: self.group_information.clone(),
        }
    }
}

impl GroupInfoRequest {
    pub(super) fn from_wire(asked: wire::GroupInfoRequest) -> Result<Self, DecodeError> {
        Ok(Self { circle: circle(&asked.circle)?, ask_id: asked.ask_id, epoch: asked.epoch })
    }

    pub(super) fn to_wire(&self) -> wire::GroupInfoRequest {
        wire::GroupInfoRequest { circle: out(&self.circle.0), ask_id: self.ask_id, epoch: self.epoch }
    }
}

impl Tentative {
    pub(super) fn from_wire(tentative: wire::Tentative) -> Result<Self, DecodeError> {
        Ok(Self {
            circle: circle(&tentative.circle)?,
            commit: CommitId(exact(&tentative.commit_id, "commit_id")?),
            base_epoch: tentative.base_epoch,
            blob: blob(tentative.blob)?,
        })
    }

    pub(super) fn to_wire(&self) -> wire::Tentative {
        wire::Tentative {
            circle: out(&self.circle.0),
            commit_id: out(&self.commit.0),
            base_epoch: self.base_epoch,
            blob: self.blob.clone(),
        }
    }
}

impl Final {
    pub(super) fn from_wire(last: wire::Final) -> Result<Self, DecodeError> {
        Ok(Self {
            circle: circle(&last.circle)?,
            commit: CommitId(exact(&last.commit_id, "commit_id")?),
            sequence: last.sequence,
            epoch: last.epoch,
            log_id: LogId(exact(&last.log_id, "log_id")?),
            present: seats(last.present, "present")?,
        })
    }

    pub(super) fn to_wire(&self) -> wire::Final {
        wire::Final {
            circle: out(&self.circle.0),
            commit_id: out(&self.commit.0),
            sequence: self.sequence,
            epoch: self.epoch,
            log_id: out(&self.log_id.0),
            present: numbers_of(&self.present),
        }
    }
}

impl Conflict {
    pub(super) fn from_wire(conflict: wire::Conflict) -> Result<Self, DecodeError> {
        Ok(Self {
            circle: circle(&conflict.circle)?,
            commit: CommitId(exact(&conflict.commit_id, "commit_id")?),
            cause: ConflictCause::from_number(conflict.cause)?,
            epoch: conflict.epoch,
        })
    }

    pub(super) fn to_wire(&self) -> wire::Conflict {
        wire::Conflict {
            circle: out(&self.circle.0),
            commit_id: out(&self.commit.0),
            cause: self.cause.number(),
            epoch: self.epoch,
        }
    }
}

impl Published {
    pub(super) fn from_wire(published: wire::Published) -> Result<Self, DecodeError> {
        Ok(Self {
            circle: circle(&published.circle)?,
            publish_id: PublishId(exact(&published.publish_id, "publish_id")?),
            sequence: published.sequence,
        })
    }

    pub(super) fn to_wire(&self) -> wire::Published {
        wire::Published {
            circle: out(&self.circle.0),
            publish_id: out(&self.publish_id.0),
            sequence: self.sequence,
        }
    }
}

impl Delivery {
    pub(super) fn from_wire(delivery: wire::Delivery) -> Result<Self, DecodeError> {
        Ok(Self {
            circle: circle(&delivery.circle)?,
            sequence: delivery.sequence,
            entry: Entry::from_wire(present(delivery.entry, "entry")?)?,
        })
    }

    pub(super) fn to_wire(&self) -> wire::Delivery {
        wire::Delivery {
            circle: out(&self.circle.0),
            sequence: self.sequence,
            entry: Some(self.entry.to_wire()),
        }
    }
}

impl Limits {
    pub(super) fn from_wire(limits: &wire::Limits) -> Self {
        let duration = |ms: u32| Duration::from_millis(u64::from(ms));
        Self {
            blob_bytes: limits.blob_bytes,
            group_information_bytes: limits.group_information_bytes,
            circles_per_connection: limits.circles_per_connection,
            ping_interval: duration(limits.ping_interval_ms),
            dead_after: duration(limits.dead_after_ms),
            log_entries: limits.log_entries,
            log_bytes: limits.log_bytes,
            log_age: duration(limits.log_age_ms),
            publishes_per_second: limits.publishes_per_second,
        }
    }

    pub(super) fn to_wire(self) -> wire::Limits {
        wire::Limits {
            blob_bytes: self.blob_bytes,
            group_information_bytes: self.group_information_bytes,
            circles_per_connection: self.circles_per_connection,
            ping_interval_ms: milliseconds(self.ping_interval),
            dead_after_ms: milliseconds(self.dead_after),
            log_entries: self.log_entries,
            log_bytes: self.log_bytes,
            log_age_ms: milliseconds(self.log_age),
            publishes_per_second: self.publishes_per_second,
        }
    }
}

impl Entry {
    pub(super) fn from_wire(entry: wire::delivery::Entry) -> Result<Self, DecodeError> {
        Ok(match entry {
            wire::delivery::Entry::Message(message) => {
                Self::Message { epoch: message.epoch, blob: blob(message.blob)? }
            }
            wire::delivery::Entry::Commit(commit) => {
                Self::Commit { base_epoch: commit.base_epoch, blob: blob(commit.blob)? }
            }
            wire::delivery::Entry::Presence(presence) => Self::Presence {
                seat: Seat(presence.seat),
                change: PresenceChange::from_number(presence.change)?,
            },
        })
    }

    pub(super) fn to_wire(&self) -> wire::delivery::Entry {
        match self {
            Self::Message { epoch, blob } => {
                wire::delivery::Entry::Message(wire::MessageEntry { epoch: *epoch, blob: blob.clone() })
            }
            Self::Commit { base_epoch, blob } => wire::delivery::Entry::Commit(wire::CommitEntry {
                base_epoch: *base_epoch,
                blob: blob.clone(),
            }),
            Self::Presence { seat, change } => {
                wire::delivery::Entry::Presence(wire::PresenceEntry { seat: seat.0, change: change.number() })
            }
        }
    }
}

impl Refusal {
    pub(super) fn from_wire(refused: &wire::Refused) -> Result<Self, DecodeError> {
        Ok(Self {
            cause: RefusalCause::from_number(refused.cause)?,
            request: match refused.request {
                0 => None,
                number => Some(RequestKind::from_number(number)?),
            },
            circle: optional(&refused.circle, "circle")?.map(CircleId),
            subject: optional(&refused.subject, "subject")?,
            retry_after: Duration::from_millis(u64::from(refused.retry_after_ms)),
            closing: refused.closing,
        })
    }

    pub(super) fn to_wire(&self) -> wire::Refused {
        wire::Refused {
            cause: self.cause.number(),
            request: self.request.map_or(0, RequestKind::number),
            circle: self.circle.map_or_else(Bytes::new, |circle| out(&circle.0)),
            subject: self.subject.map_or_else(Bytes::new, |subject| out(&subject)),
            retry_after_ms: milliseconds(self.retry_after),
            closing: self.closing,
        }
    }
}

impl Record {
    pub(super) fn from_wire(record: wire::Record) -> Self {
        Self {
            connection: record.connection,
            address: record.address,
            connected: Duration::from_millis(record.connected_ms),
            silent: Duration::from_millis(record.silent_ms),
            circles: record.circles,
            seats: record.seats,
            bytes_in: record.bytes_in,
            bytes_out: record.bytes_out,
            access_label: record.access_label,
            refused_attempts: record.refused_attempts,
        }
    }

    pub(super) fn to_wire(&self) -> wire::Record {
        let whole = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        wire::Record {
            connection: self.connection,
            address: self.address.clone(),
            connected_ms: whole(self.connected),
            silent_ms: whole(self.silent),
            circles: self.circles,
            seats: self.seats,
            bytes_in: self.bytes_in,
            bytes_out: self.bytes_out,
            access_label: self.access_label.clone(),
            refused_attempts: self.refused_attempts,
        }
    }
}

/// A duration in whole milliseconds, at most 49 days. Longer ones are truncated to that.
fn milliseconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}
