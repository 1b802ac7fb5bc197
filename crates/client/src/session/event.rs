//! What a session wants to be done and told.

use std::sync::Arc;

use shepot_protocol::{ClientToRelay, PublishId};

use crate::model::{
    CircleName, CommandError, ConnectionError, ConversationId, Message, MessageId, Person, PersonKey, Room,
    SystemEvent, unprinted,
};

/// What a session wants to be done and told.
#[derive(Default)]
pub(crate) struct Effects {
    pub(crate) frames: Vec<ClientToRelay>,
    pub(crate) events: Vec<SessionEvent>,
}

/// What a session tells.
#[derive(PartialEq, Eq)]
pub(crate) enum SessionEvent {
    /// The relay admitted us, but we are not in the circle yet.
    Waiting,
    /// We are in the circle.
    Connected,
    /// A message that is new, or that moved to the end.
    Message(Arc<Message>),
    /// A message that changed in its place.
    Changed(Arc<Message>),
    /// Messages that disappeared or were deleted with their room.
    Gone(Vec<MessageId>),
    Discarded(MessageId),
    SystemEvent {
        at: u64,
        event: SystemEvent,
    },
    /// An epoch began, so the circle has new keys.
    Epoch {
        epoch: u64,
        has_new_code: bool,
    },
    /// The circle has another secret. Earlier invitations open nothing any more.
    Renewed,
    People(Vec<Person>),
    Rooms(Vec<Room>),
    /// The names of the circle and its owner.
    Circle(CircleName),
    /// The picture of the circle. Empty: it has none.
    CirclePicture(Vec<u8>),
    Typing {
        conversation: ConversationId,
        person: PersonKey,
    },
    Avatar {
        person: PersonKey,
        image: Vec<u8>,
    },
    /// A requested publication has its place in the log, or never will have one.
    Settled {
        asked: PublishId,
        result: Result<(), CommandError>,
    },
    /// Trouble that the person is told about. The connection continues.
    ConnectionError(ConnectionError),
    /// The session ends for good.
    Over(ConnectionError),
    /// The connection has to be replaced by another one.
    Reconnect,
    /// The circle has to be entered again later, since the relay has no place for us now.
    EnterLater,
}

unprinted!(SessionEvent);
