//! What goes wrong with a connection, and why a command is not done: plain data, for which interfaces have sentences.

use serde::Serialize;

/// What a person is told when something does not work. Interfaces have a sentence for each that says what to do next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "error", rename_all = "snake_case")]
pub enum ConnectionError {
    /// The address is not that of a machine that answers.
    Unreachable,
    /// The host's name cannot be found.
    UnknownHost,
    /// The server has another identity than the invitation says.
    WrongIdentity,
    /// What answers there is no Shepot server, or one that does not speak our TLS.
    NotShepot,
    /// The server closed without a word: the invitation is not valid there (any more), or needed.
    NotAdmitted,
    /// The server is too old for this program.
    ServerTooOld,
    /// The server is too new for this program.
    ServerTooNew,
    /// The server has no room.
    ServerFull,
    /// Too many connections from this address.
    AddressFull,
    /// The server or the circle has no room for another circle or member.
    CircleFull,
    /// The operator ended this connection.
    DisconnectedByOperator,
    /// The operator closed the server to this address.
    Banned,
    /// The same member came by another connection.
    Replaced,
    /// The circle's owner removed us.
    Evicted,
    /// The invitation's time is over.
    InvitationExpired,
    /// As many people as the invitation was for have come.
    InvitationUsedUp,
    /// The operator took the invitation back.
    InvitationRevoked,
    /// The owner removed somebody, and every invitation from before opens nothing any more.
    InvitationOutdated,
    /// The group under this invitation has another owner than it says: somebody took the circle's place.
    WrongOwner,
    /// The group's key does not open with this invitation: the secret was changed, ask for a new one.
    SecretChanged,
    /// The members that are here do not let us in.
    JoinRefused,
    /// The server stops.
    ShuttingDown,
    /// The server does not follow the protocol.
    ServerMisbehaves,
    /// The message is larger than this server takes; it was not sent.
    TooLargeForServer,
    /// We send faster than the server allows; the message is tried again.
    TooFast,
    /// The system gives no randomness: nothing can be encrypted.
    NoRandomness,
}

/// Why a command was not done. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "error", rename_all = "snake_case")]
pub enum CommandError {
    /// No such server.
    NoSuchServer,
    /// Not in the circle yet, or not any more.
    NotConnected,
    /// No such room.
    NoSuchRoom,
    /// The room exists.
    RoomExists,
    /// The circle has as many rooms as it may have.
    TooManyRooms,
    /// A room's name has 1 to so many characters.
    RoomName {
        /// The most.
        most: usize,
    },
    /// No such message, or it fell off the timeline.
    NoSuchMessage,
    /// It was given to the server and may be with the others already.
    OnItsWay,
    /// Only the author may do this.
    NotTheAuthor,
    /// Nothing is left of the message after cleaning.
    EmptyMessage,
    /// The message has more characters than allowed.
    LongMessage {
        /// The most.
        most: usize,
    },
    /// Too many messages wait to be sent.
    OutboxFull,
    /// A nick has so many characters.
    Nick {
        /// The fewest.
        fewest: usize,
        /// The most.
        most: usize,
    },
    /// No such person.
    NoSuchPerson,
    /// Only the owner of the circle may do this.
    NotTheOwner,
    /// Not a reaction.
    Reaction,
    /// Not an address.
    Address {
        /// What was typed.
        typed: String,
    },
    /// A circle's name has 1 to so many characters.
    CircleName {
        /// The most.
        most: usize,
    },
    /// Only who made the room may do this, and the owner of the circle.
    NotTheMaker,
    /// The server takes nothing so large.
    TooLargeForServer,
    /// The picture is too large.
    Avatar {
        /// The most, in bytes.
        most: usize,
    },
}
