//! What the engine tells an interface, as plain data and as JSON lines for programs. Also the queue to it, which never
//! waits.

use std::sync::Arc;

use serde::Serialize;
use tokio::sync::mpsc;

use shepot_group::SafetyCode;
use shepot_sanitise::Sanitised;

use crate::command::RequestId;
use crate::entry::EntryError;
use crate::model::{
    CircleName, CommandError, ConnectionError, ConnectionState, ConversationId, Message, MessageId, Person,
    PersonKey, Room, RoomId, ServerId, ServerRecord, SystemEvent, TimelineItem, unprinted,
};

/// What the engine tells an interface.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A server was added to the list.
    Added {
        /// The request that is answered.
        #[serde(rename = "id", skip_serializing_if = "Option::is_none")]
        request: Option<RequestId>,
        /// The server's number on the list.
        server: ServerId,
        /// The server's name.
        name: Sanitised,
        /// Its address, as people write it.
        address: String,
        /// Its identity is unknown before the first connection.
        is_open: bool,
        /// The invitation makes the person the owner of its circle.
        is_owner: bool,
        /// The server whose link it shares.
        #[serde(skip_serializing_if = "Option::is_none")]
        link_of: Option<ServerId>,
    },
    /// A server was not added.
    NotAdded {
        /// The request that is answered.
        #[serde(rename = "id", skip_serializing_if = "Option::is_none")]
        request: Option<RequestId>,
        /// The reason.
        #[serde(flatten)]
        error: EntryError,
    },
    /// A server was taken off the list.
    Removed {
        /// The server that was removed.
        server: ServerId,
    },
    /// A server has another address.
    Address {
        /// The server that the event is about.
        server: ServerId,
        /// The new address, as people write it.
        address: String,
    },
    /// The state of a connection changed.
    State {
        /// The server that the event is about.
        server: ServerId,
        /// The new state.
        #[serde(flatten)]
        state: ConnectionState,
    },
    /// A message that is new, or that moved to the end.
    Message {
        /// The server that the event is about.
        server: ServerId,
        /// The message.
        message: Arc<Message>,
    },
    /// A message changed in its place.
    Changed {
        /// The server that the event is about.
        server: ServerId,
        /// The message as it is now.
        message: Arc<Message>,
    },
    /// A waiting message was discarded, as the person wanted.
    Discarded {
        /// The server that the event is about.
        server: ServerId,
        /// The discarded message.
        message: MessageId,
    },
    /// Messages disappeared: their time is over, or their room was deleted.
    Gone {
        /// The server that the event is about.
        server: ServerId,
        /// The messages to take off the screen.
        messages: Vec<MessageId>,
    },
    /// A system event.
    SystemEvent {
        /// The server that the event is about.
        server: ServerId,
        /// When it happened, in seconds since 1970.
        at: u64,
        /// What happened.
        #[serde(flatten)]
        system_event: SystemEvent,
    },
    /// The circle has new keys: an epoch began (RFC 9420).
    Epoch {
        /// The server that the event is about.
        server: ServerId,
        /// The epoch that began.
        epoch: u64,
        /// The safety code changed, too, because the epoch changed who is in the circle or who could be.
        has_new_code: bool,
    },
    /// The people in the circle changed.
    People {
        /// The server that the event is about.
        server: ServerId,
        /// Everybody who is in the circle now.
        people: Vec<Person>,
    },
    /// The rooms changed.
    Rooms {
        /// The server that the event is about.
        server: ServerId,
        /// All rooms that exist now.
        rooms: Vec<Room>,
    },
    /// The name of the circle, according to its owner.
    Circle {
        /// The server that the event is about.
        server: ServerId,
        /// The name of the circle and of its owner.
        #[serde(flatten)]
        circle: CircleName,
    },
    /// The picture of the circle, according to its owner. Decode it under limits.
    CirclePicture {
        /// The server that the event is about.
        server: ServerId,
        /// PNG or WebP. Empty: no picture any more.
        image: Vec<u8>,
    },
    /// Somebody is writing.
    Typing {
        /// The server that the event is about.
        server: ServerId,
        /// The conversation in which the person is writing.
        #[serde(flatten)]
        conversation: ConversationId,
        /// The person who is writing.
        person: PersonKey,
    },
    /// A person's picture. Decode it under limits.
    Avatar {
        /// The server that the event is about.
        server: ServerId,
        /// The person in the picture's name.
        person: PersonKey,
        /// PNG or WebP. Empty: no picture any more.
        image: Vec<u8>,
    },
    /// Something about a connection does not work.
    ConnectionError {
        /// The server that the event is about.
        server: ServerId,
        /// What does not work.
        #[serde(flatten)]
        error: ConnectionError,
    },
    /// A command was carried out, as far as the engine can do that alone: a message may still wait for the server.
    Done {
        /// The request that is answered.
        #[serde(rename = "id")]
        request: RequestId,
        /// What came of it.
        #[serde(flatten)]
        outcome: Outcome,
    },
    /// A command was refused, and nothing changed.
    Refused {
        /// The request that is answered.
        #[serde(rename = "id", skip_serializing_if = "Option::is_none")]
        request: Option<RequestId>,
        /// The server that the command named, if it named one.
        server: Option<ServerId>,
        /// The reason.
        #[serde(flatten)]
        error: CommandError,
    },
    /// The invitation that was asked for.
    Invitation {
        /// The server that the event is about.
        server: ServerId,
        /// The link. Show it, but never store or log it.
        link: String,
    },
    /// The owner removed somebody or replaced the invitations. All earlier invitations open nothing any more, including
    /// the one by which we came.
    Renewed {
        /// The server that the event is about.
        server: ServerId,
        /// The invitation by which we come back. Keep it in the place of the earlier one, and never log it. It makes
        /// its holder an owner if the earlier one did.
        link: String,
    },
    /// The safety code of the circle.
    SafetyCode {
        /// The server that the event is about.
        server: ServerId,
        /// Its symbols, each below 64.
        symbols: [u8; SafetyCode::SYMBOLS],
        /// The epoch of the code: the last one that changed who is in the circle or who could be.
        epoch: u64,
    },
    /// The safety code of us and another person. It is the same for both, and constant while both stay.
    PairCode {
        /// The server that the event is about.
        server: ServerId,
        /// The other person.
        person: PersonKey,
        /// Its symbols, each below 64.
        symbols: [u8; SafetyCode::SYMBOLS],
    },
    /// What the server's operator can see of us, according to the server.
    Record {
        /// The server that the event is about.
        server: ServerId,
        /// What the operator sees.
        #[serde(flatten)]
        record: ServerRecord,
    },
    /// How much memory is used by what was said on a server and by what waits to be sent.
    Memory {
        /// The server that the event is about.
        server: ServerId,
        /// Approximate size in bytes, never less than what people wrote.
        bytes: usize,
    },
    /// The whole state of a server.
    Snapshot {
        /// The server that the event is about.
        server: ServerId,
        /// The state of the connection.
        #[serde(flatten)]
        state: ConnectionState,
        /// Everybody who is in the circle.
        people: Vec<Person>,
        /// All rooms.
        rooms: Vec<Room>,
        /// The timeline, in the order of the log.
        items: Vec<TimelineItem>,
    },
    /// Events were lost because the interface did not take them. Ask for a snapshot of every server.
    Reload,
    /// The engine has ended. No other event follows.
    Ended,
}

unprinted!(Event);

/// What came of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing that the caller could refer to.
    Nothing,
    /// A message was said. The caller can change, discard or release it by its id.
    Said {
        /// The id of the message.
        message: MessageId,
    },
    /// A room was made. It can be used once it is among the rooms.
    RoomMade {
        /// The id of the room.
        room: RoomId,
    },
}

/// The engine's end of the event queue. It never waits.
#[derive(Clone)]
pub(crate) struct EventSender {
    queue: mpsc::Sender<Event>,
}

impl EventSender {
    pub(crate) const fn to(queue: mpsc::Sender<Event>) -> Self {
        Self { queue }
    }

    /// Tells that a command was carried out, if it has an id.
    pub(crate) fn done(&self, request: Option<RequestId>, outcome: Outcome) {
        if let Some(request) = request {
            self.send(Event::Done { request, outcome });
        }
    }

    /// Tells that a command was refused.
    pub(crate) fn refuse(&self, request: Option<RequestId>, server: Option<ServerId>, error: CommandError) {
        self.send(Event::Refused { request, server, error });
    }

    /// Queues the event. If there is no room, makes sure that [`Event::Reload`] stands at the end of the queue, whose
    /// last place is reserved for it.
    pub(crate) fn send(&self, event: Event) {
        let event = if self.queue.capacity() <= 1 { Event::Reload } else { event };
        // Full: a `Reload` is in the queue already. Closed: nobody is there to be told.
        let _ = self.queue.try_send(event);
    }
}
