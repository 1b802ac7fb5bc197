//! What a session wants done and told.

use std::sync::Arc;

use shepot_protocol::{ClientToRelay, PublishId};

use crate::model::{
    CircleName, ConnectionError, ConversationId, Message, MessageId, Person, PersonKey, Room, SystemEvent,
    unprinted,
};

/// What the session wants done and told.
#[derive(Default)]
pub(crate) struct Effects {
    pub(crate) frames: Vec<ClientToRelay>,
    pub(crate) events: Vec<SessionEvent>,
}

/// What the session tells.
#[derive(PartialEq, Eq)]
pub(crate) enum SessionEvent {
    /// In the ante-room.
    Waiting,
    /// In the circle.
    Connected,
    /// A new message, or one that moved to its place.
    Message(Arc<Message>),
    /// A message that changed where it is.
    Changed(Arc<Message>),
    /// Messages that are gone.
    Gone(Vec<MessageId>),
    Discarded(MessageId),
    SystemEvent {
        at: u64,
        event: SystemEvent,
    },
    /// The circle has new keys.
    Epoch {
        epoch: u64,
        has_new_code: bool,
    },
    /// It has another secret: invitations from before open nothing any more.
    Renewed,
    People(Vec<Person>),
    Rooms(Vec<Room>),
    /// What the circle is called.
    Circle(CircleName),
    /// How it looks; empty: in no way of its own.
    CirclePicture(Vec<u8>),
    Typing {
        conversation: ConversationId,
        person: PersonKey,
    },
    Avatar {
        person: PersonKey,
        image: Vec<u8>,
    },
    /// What was asked for has its place in the log, or will never have one.
    Settled {
        asked: PublishId,
        is_done: bool,
    },
    /// The person is told; the connection goes on.
    ConnectionError(ConnectionError),
    /// The connection is to end and not to be tried again.
    Over(ConnectionError),
    /// The connection is to end and to be tried again.
    Reconnect,
    /// The relay has no place for us now: it is to be entered again later.
    EnterLater,
}

unprinted!(SessionEvent);
