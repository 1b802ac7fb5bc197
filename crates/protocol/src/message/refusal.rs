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
    /// The client's address, or its access key if many share the address, has as many connections as it may have.
    AddressFull,
    /// The client does not follow the grammar.
    Malformed,
    /// The request is larger than the relay allows.
    TooLarge,
    /// Requests come faster than the relay allows.
    TooFast,
    /// The relay, this connection, or this client's share has as many circles as it may have.
    CirclesFull,
    /// The circle has as many members, or connections without a seat, as it may have.
    CircleFull,
    /// Only a connection with a seat may do this. Also the cause if the circle does not exist.
    NotSeated,
    /// No such step is due now.
    Unexpected,
    /// The client does not read its answers, or takes too long for a large frame.
    TooSlow,
    /// The operator banned the client's address.
    Banned,
    /// The access key has expired.
    InvitationExpired,
    /// The access key has no uses left.
    InvitationUsedUp,
    /// The operator revoked the access key.
    InvitationRevoked,
    /// The relay has no memory for it, or the share of the client's access key or address is used up. A retry may
    /// succeed.
    MemoryFull,
    /// The circle has a later generation, and only invitations to that are valid. Or the access key was replaced, and
    /// the client holds no seat.
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

/// The kind of client message that a refusal is about.
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

/// Reports that the relay refused something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Cause of the refusal.
    pub cause: RefusalCause,
    /// The kind of the refused message. `None`: the connection itself is refused.
    pub request: Option<RequestKind>,
    /// The circle that the refusal is about. `None`: it is about none.
    pub circle: Option<CircleId>,
    /// The publish id or commit id that the refusal is about. `None`: it is about neither.
    pub subject: Option<[u8; 16]>,
    /// How long to wait before a retry. Zero: the relay says nothing about that.
    pub retry_after: Duration,
    /// Whether the relay closes the connection after this message.
    pub closing: bool,
}
