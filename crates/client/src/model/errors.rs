//! What goes wrong with a connection, and why commands are refused: plain data, for which interfaces have sentences.

use serde::Serialize;

/// What the person is told when a connection does not work. Interfaces have a sentence for each case that says what to
/// do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "error", rename_all = "snake_case")]
pub enum ConnectionError {
    /// Nothing answers at the address.
    Unreachable,
    /// The host's name cannot be resolved.
    UnknownHost,
    /// The server's identity is not the one in the invitation.
    WrongIdentity,
    /// What answers there is not a Shepot server, or does not speak our TLS.
    NotShepot,
    /// The server closed without a word: the invitation is missing, or not valid there (any more).
    NotAdmitted,
    /// The server is too old for this program.
    ServerTooOld,
    /// The server is too new for this program.
    ServerTooNew,
    /// The server has no room.
    ServerFull,
    /// There are too many connections from this address.
    AddressFull,
    /// The server or the circle has no room for another circle or member.
    CircleFull,
    /// The operator ended this connection.
    DisconnectedByOperator,
    /// The operator banned this address.
    Banned,
    /// The same member connected by another connection.
    Replaced,
    /// The circle's owner removed us.
    Evicted,
    /// The invitation has expired.
    InvitationExpired,
    /// The invitation was used as often as it may be.
    InvitationUsedUp,
    /// The operator revoked the invitation.
    InvitationRevoked,
    /// The owner removed somebody or replaced the invitations, so this one opens nothing any more.
    InvitationOutdated,
    /// The group under this invitation has another owner than the invitation says: somebody took the circle's place.
    WrongOwner,
    /// The group cannot be opened with this invitation, because the secret was changed. Ask for a new invitation.
    SecretChanged,
    /// The members who are connected do not let us in.
    JoinRefused,
    /// The server is shutting down.
    ShuttingDown,
    /// The server does not follow the protocol.
    ServerMisbehaves,
    /// The message is larger than this server accepts and was not sent.
    TooLargeForServer,
    /// We send faster than the server allows. The message is sent again later.
    TooFast,
    /// The system provides no randomness, so nothing can be encrypted.
    NoRandomness,
}

/// Why a command was refused. A refused command changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "error", rename_all = "snake_case")]
pub enum CommandError {
    /// There is no such server on the list.
    NoSuchServer,
    /// We are not in the circle yet, or not any more.
    NotConnected,
    /// Somebody came into the circle before the change of a message was sent, so it was not sent.
    CircleChanged,
    /// There is no such room, or it is the main room, which cannot be renamed or deleted.
    NoSuchRoom,
    /// Another room has this name.
    RoomExists,
    /// The circle has as many rooms as it may have.
    TooManyRooms,
    /// The name of the room is empty or too long.
    RoomName {
        /// The most characters that it may have.
        most: usize,
    },
    /// There is no such message, or it fell off the timeline.
    NoSuchMessage,
    /// The message was given to the server and may have reached the others already.
    OnItsWay,
    /// Only the author may do this.
    NotTheAuthor,
    /// Nothing is left of the message after cleaning.
    EmptyMessage,
    /// The message is too long.
    LongMessage {
        /// The most characters that it may have.
        most: usize,
    },
    /// Too many messages wait to be sent.
    OutboxFull,
    /// The nick is too short, too long or not permitted.
    Nick {
        /// The fewest characters that it may have.
        fewest: usize,
        /// The most characters that it may have.
        most: usize,
    },
    /// There is no such person, or it is us.
    NoSuchPerson,
    /// Only the owner of the circle may do this.
    NotTheOwner,
    /// This is not a reaction.
    Reaction,
    /// This is not an address.
    Address {
        /// What was typed. An invitation is abridged, because it is a secret.
        typed: String,
    },
    /// The name of the circle is empty or too long.
    CircleName {
        /// The most characters that it may have.
        most: usize,
    },
    /// Only the maker of the room and the owner of the circle may do this.
    NotTheMaker,
    /// The server accepts nothing so large.
    TooLargeForServer,
    /// The picture is too large.
    Avatar {
        /// The most bytes that it may have.
        most: usize,
    },
}
