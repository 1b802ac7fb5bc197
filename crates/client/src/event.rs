//! What the engine tells an interface: plain data, and JSON lines for programs. And the way to it, which never waits.

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

/// What an interface is told.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A server is on the list.
    Added {
        /// What was asked for.
        #[serde(rename = "id", skip_serializing_if = "Option::is_none")]
        request: Option<RequestId>,
        /// Its number.
        server: ServerId,
        /// Its name.
        name: Sanitised,
        /// Its address, as people write it.
        address: String,
        /// Its identity is not known before the first connection.
        is_open: bool,
        /// The invitation makes the person the owner of its circle.
        is_owner: bool,
        /// It shares the link of that one.
        #[serde(skip_serializing_if = "Option::is_none")]
        link_of: Option<ServerId>,
    },
    /// A server was not added.
    NotAdded {
        /// What was asked for.
        #[serde(rename = "id", skip_serializing_if = "Option::is_none")]
        request: Option<RequestId>,
        /// Why.
        #[serde(flatten)]
        error: EntryError,
    },
    /// A server is off the list.
    Removed {
        /// Which.
        server: ServerId,
    },
    /// A server is gone to by another address.
    Address {
        /// Which.
        server: ServerId,
        /// The address, as people write it.
        address: String,
    },
    /// A connection's state.
    State {
        /// Which.
        server: ServerId,
        /// The state.
        #[serde(flatten)]
        state: ConnectionState,
    },
    /// A message, new or moved to its place at the end.
    Message {
        /// Which server.
        server: ServerId,
        /// The message.
        message: Arc<Message>,
    },
    /// A message changed where it is.
    Changed {
        /// Which server.
        server: ServerId,
        /// The message.
        message: Arc<Message>,
    },
    /// A message that waited is not sent: the person wanted it so.
    Discarded {
        /// Which server.
        server: ServerId,
        /// The message.
        message: MessageId,
    },
    /// The time of messages is over: they are gone from the screen.
    Gone {
        /// Which server.
        server: ServerId,
        /// The messages.
        messages: Vec<MessageId>,
    },
    /// Something happened.
    SystemEvent {
        /// Which server.
        server: ServerId,
        /// When: seconds since 1970.
        at: u64,
        /// What.
        #[serde(flatten)]
        system_event: SystemEvent,
    },
    /// The circle has new keys (RFC 9420: another epoch).
    Epoch {
        /// Which server.
        server: ServerId,
        /// The epoch that began.
        epoch: u64,
        /// The safety code is another one, too: it changed who is in, or could be.
        has_new_code: bool,
    },
    /// Who is in the circle now.
    People {
        /// Which server.
        server: ServerId,
        /// Everybody.
        people: Vec<Person>,
    },
    /// The rooms now.
    Rooms {
        /// Which server.
        server: ServerId,
        /// All.
        rooms: Vec<Room>,
    },
    /// What the circle is called, as its owner says.
    Circle {
        /// Which server.
        server: ServerId,
        /// Its name, and whose it is.
        #[serde(flatten)]
        circle: CircleName,
    },
    /// The circle's picture, as its owner shows it: decode it under limits.
    CirclePicture {
        /// Which server.
        server: ServerId,
        /// PNG or WebP; empty: none any more.
        image: Vec<u8>,
    },
    /// Somebody is writing.
    Typing {
        /// Which server.
        server: ServerId,
        /// Where.
        #[serde(flatten)]
        conversation: ConversationId,
        /// Who.
        person: PersonKey,
    },
    /// Somebody's picture: decode it under limits.
    Avatar {
        /// Which server.
        server: ServerId,
        /// Whose.
        person: PersonKey,
        /// PNG or WebP; empty: none any more.
        image: Vec<u8>,
    },
    /// Something does not work.
    ConnectionError {
        /// Which server.
        server: ServerId,
        /// What.
        #[serde(flatten)]
        error: ConnectionError,
    },
    /// A command was done, as far as the engine alone can: what is said waits until the server has it.
    Done {
        /// What was asked for.
        #[serde(rename = "id")]
        request: RequestId,
        /// What came of it.
        #[serde(flatten)]
        outcome: Outcome,
    },
    /// A command was not done.
    Refused {
        /// What was asked for.
        #[serde(rename = "id", skip_serializing_if = "Option::is_none")]
        request: Option<RequestId>,
        /// Which server, if one was named.
        server: Option<ServerId>,
        /// Why.
        #[serde(flatten)]
        error: CommandError,
    },
    /// An invitation.
    Invitation {
        /// Which server.
        server: ServerId,
        /// The link: show it, never store or log it.
        link: String,
    },
    /// The owner removed somebody or replaced the invitations: none from before opens anything, the one by which we came
    /// neither.
    Renewed {
        /// Which server.
        server: ServerId,
        /// The one by which we come back: keep it in the place of the earlier. It makes its holder an owner where the
        /// earlier did; never log it.
        link: String,
    },
    /// The safety code.
    SafetyCode {
        /// Which server.
        server: ServerId,
        /// Its symbols, each below 64.
        symbols: [u8; SafetyCode::SYMBOLS],
        /// The epoch that it is of: in which it changed last who is in, or could be.
        epoch: u64,
    },
    /// The code of us and another person: the same for both, and it stays while both do, whoever comes and goes.
    PairCode {
        /// Which server.
        server: ServerId,
        /// Who.
        person: PersonKey,
        /// Its symbols, each below 64.
        symbols: [u8; SafetyCode::SYMBOLS],
    },
    /// What the server's operator can see of us, as the server says.
    Record {
        /// Which server.
        server: ServerId,
        /// What.
        #[serde(flatten)]
        record: ServerRecord,
    },
    /// How much of what was said on a server, and of what waits to be, the engine keeps in memory.
    Memory {
        /// Which server.
        server: ServerId,
        /// Bytes, about, and never less than what people put into it.
        bytes: usize,
    },
    /// Everything about a server.
    Snapshot {
        /// Which server.
        server: ServerId,
        /// How it stands with the connection.
        #[serde(flatten)]
        state: ConnectionState,
        /// Who is in the circle.
        people: Vec<Person>,
        /// The rooms.
        rooms: Vec<Room>,
        /// The timeline.
        items: Vec<TimelineItem>,
    },
    /// Events were lost because they were not taken: ask for a snapshot of every server.
    Reload,
    /// The engine has ended.
    Ended,
}

unprinted!(Event);

/// What came of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing that has a name.
    Nothing,
    /// A message, by whose name it can be changed, discarded or released.
    Said {
        /// Its name.
        message: MessageId,
    },
    /// A room. It can be used when it is among the rooms.
    RoomMade {
        /// Its name.
        room: RoomId,
    },
}

/// Events for the interface. Never waits.
#[derive(Clone)]
pub(crate) struct EventSender {
    queue: mpsc::Sender<Event>,
}

impl EventSender {
    pub(crate) const fn to(queue: mpsc::Sender<Event>) -> Self {
        Self { queue }
    }

    /// A command was done; said where somebody waits for it.
    pub(crate) fn done(&self, request: Option<RequestId>, outcome: Outcome) {
        if let Some(request) = request {
            self.send(Event::Done { request, outcome });
        }
    }

    /// A command was not done.
    pub(crate) fn refuse(&self, request: Option<RequestId>, server: Option<ServerId>, error: CommandError) {
        self.send(Event::Refused { request, server, error });
    }

    /// Gives the event, or sees to it that [`Event::Reload`] stands at the end of the queue: the last place is kept
    /// for that.
    pub(crate) fn send(&self, event: Event) {
        let event = if self.queue.capacity() <= 1 { Event::Reload } else { event };
        // Full: a `Reload` is in the queue already. Closed: nobody is there to be told.
        let _ = self.queue.try_send(event);
    }
}
