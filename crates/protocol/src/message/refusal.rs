//! What a relay says of what it did not do.

use std::time::Duration;

use super::client_to_relay::ClientToRelay;
use crate::id::CircleId;

/// Why something was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalCause {
    /// Every version that the client speaks is older than the relay's.
    ClientTooOld,
    /// Every version that the client speaks is newer than the relay's.
    ClientTooNew,
    /// The relay has as many connections as it may have.
    RelayFull,
    /// The client's address has as many connections as it may have.
    AddressFull,
    /// The client does not follow the grammar.
    Malformed,
    /// Larger than the relay allows.
    TooLarge,
    /// More often than the relay allows.
    TooFast,
    /// The relay, or this connection, has as many circles as it may have.
    CirclesFull,
    /// The circle has as many members as it may have.
    CircleFull,
    /// Only a member's connection may do this; also said of a circle that does not exist.
    NotSeated,
    /// Not now: no such step was due.
    Unexpected,
    /// The client did not read what it asked for.
    TooSlow,
    /// The operator closed the relay to the client's address.
    Banned,
    /// The time of the access key is over.
    InvitationExpired,
    /// As many as the access key was for have come.
    InvitationUsedUp,
    /// The operator took the access key back.
    InvitationRevoked,
    /// The relay has no memory for it, or the client's access key or address has used its share: later perhaps.
    MemoryFull,
    /// The owner has removed somebody since: there is a later generation of the circle, and only its invitations count. Or
    /// the access key was replaced, and no seat is held.
    InvitationOutdated,
}

impl RefusalCause {
    /// Every cause there is.
    pub const ALL: [Self; 18] = [
        Self::ClientTooOld,
        Self::ClientTooNew,
        Self::RelayFull,
        Self::AddressFull,
        Self::Malformed,
        Self::TooLarge,
        Self::TooFast,
        Self::CirclesFull,
        Self::CircleFull,
        Self::NotSeated,
        Self::Unexpected,
        Self::TooSlow,
        Self::Banned,
        Self::InvitationExpired,
        Self::InvitationUsedUp,
        Self::InvitationRevoked,
        Self::MemoryFull,
        Self::InvitationOutdated,
    ];
}

/// A kind of message of a client: what a refusal is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is explained at its own type")]
pub enum RequestKind {
    Hello,
    Enter,
    CreateGroup,
    JoinLease,
    GroupInfoResponse,
    Commit,
    Endorse,
    Publish,
    Signal,
    Leave,
    Ping,
    ShowRecord,
}

impl From<&ClientToRelay> for RequestKind {
    fn from(request: &ClientToRelay) -> Self {
        match request {
            ClientToRelay::Hello(_) => Self::Hello,
            ClientToRelay::Enter(_) => Self::Enter,
            ClientToRelay::CreateGroup(_) => Self::CreateGroup,
            ClientToRelay::JoinLease { .. } => Self::JoinLease,
            ClientToRelay::GroupInfoResponse(_) => Self::GroupInfoResponse,
            ClientToRelay::Commit(_) => Self::Commit,
            ClientToRelay::Endorse(_) => Self::Endorse,
            ClientToRelay::Publish(_) => Self::Publish,
            ClientToRelay::Signal(_) => Self::Signal,
            ClientToRelay::Leave { .. } => Self::Leave,
            ClientToRelay::Ping { .. } => Self::Ping,
            ClientToRelay::ShowRecord => Self::ShowRecord,
        }
    }
}

/// Something was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub cause: RefusalCause,
    /// What was refused; none: the connection itself.
    pub request: Option<RequestKind>,
    /// The circle that it is about, if one.
    pub circle: Option<CircleId>,
    /// The publish id or commit id that it is about, if one.
    pub subject: Option<[u8; 16]>,
    /// When to try again.
    pub retry_after: Duration,
    /// The connection ends with this.
    pub closing: bool,
}
