//! How a relay reports that it refused something.

use std::time::Duration;

use super::client_to_relay::ClientToRelay;
use crate::id::CircleId;

/// Why the relay refused.
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
    /// The request is larger than the relay allows.
    TooLarge,
    /// Requests come faster than the relay allows.
    TooFast,
    /// The relay, or this connection, has as many circles as it may have.
    CirclesFull,
    /// The circle has as many members as it may have.
    CircleFull,
    /// Only a member's connection may do this. Also the cause for a circle that does not exist.
    NotSeated,
    /// No such step was due at this moment.
    Unexpected,
    /// The client did not read what it asked for.
    TooSlow,
    /// The operator closed the relay to the client's address.
    Banned,
    /// The access key has expired.
    InvitationExpired,
    /// The access key has no uses left.
    InvitationUsedUp,
    /// The operator revoked the access key.
    InvitationRevoked,
    /// The relay has no memory for it, or the client's access key or address has used its share. A retry may succeed.
    MemoryFull,
    /// The owner has removed somebody since: the circle has a later generation, and only its invitations are valid. Or
    /// the access key was replaced and the client holds no seat.
    InvitationOutdated,
}

impl RefusalCause {
    /// All causes.
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

/// Kind of client message that a refusal is about.
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

/// The relay refused something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Cause of the refusal.
    pub cause: RefusalCause,
    /// Kind of the refused message; none if the connection itself is refused.
    pub request: Option<RequestKind>,
    /// The circle that the refusal is about, if any.
    pub circle: Option<CircleId>,
    /// The publish id or commit id that the refusal is about, if any.
    pub subject: Option<[u8; 16]>,
    /// How long to wait before a retry.
    pub retry_after: Duration,
    /// The relay closes the connection after this message.
    pub closing: bool,
}
