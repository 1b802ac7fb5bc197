//! The plain data that interfaces see. Nothing here knows the wire or the encryption.

mod errors;
mod names;

use std::sync::Arc;
use std::time::Duration;

use serde::{Serialize, Serializer};
use shepot_sanitise::Sanitised;

pub use errors::{CommandError, ConnectionError};
pub use names::{ConversationId, Fingerprint, MessageId, NoSuchName, PersonKey, RoomId, ServerId};

/// Implements `Debug` without contents: what people say and what they are called is never printed, only its kind.
macro_rules! unprinted {
    ($($name:ident),* $(,)?) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )*};
}
pub(crate) use unprinted;

unprinted!(Person, Room, CircleName, Reaction, Message, SystemEvent, TimelineItem);

/// A person in the circle.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Person {
    /// The public key that identifies the person.
    pub key: PersonKey,
    /// The short form of the key.
    pub fingerprint: Fingerprint,
    /// The nick that the person chose. It proves nothing.
    pub nick: Sanitised,
    /// The mood, numbered from 1. `None`: no mood.
    pub mood: Option<u8>,
    /// Whether it is this person.
    pub is_self: bool,
    /// Whether the person is connected.
    pub is_present: bool,
    /// Whether the person is connected but was not heard for several heartbeats.
    pub is_silent: bool,
}

/// A named conversation.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Room {
    /// The number by which the circle knows the room.
    pub id: RoomId,
    /// The name. Empty for the main room, which the interface names.
    pub name: Sanitised,
    /// After how many seconds new messages of the room disappear. 0: never.
    pub disappears_after_s: u32,
    /// Whether this person may delete it, as its maker or as the owner of the circle.
    pub may_delete: bool,
}

/// The names of a circle and its owner, as the owner gives them.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct CircleName {
    /// The name of the circle.
    pub name: Sanitised,
    /// The nick of the owner.
    pub owner: Sanitised,
}

/// The progress of our own message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// The relay has not confirmed it yet.
    Pending,
    /// It has a place in the log.
    Sent,
    /// Others joined while it waited. The person is asked whether they may read it.
    Held,
    /// It will not be sent.
    Failed,
    /// It is somebody else's.
    Received,
}

/// A reaction to a message and the people who gave it.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Reaction {
    /// The emoji.
    pub emoji: Sanitised,
    /// The people who reacted with it.
    pub people: Vec<PersonKey>,
}

/// A message in a room.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    /// The id that its author chose.
    pub id: MessageId,
    /// The conversation that it belongs to.
    #[serde(flatten)]
    pub conversation: ConversationId,
    /// The author's key.
    pub author: PersonKey,
    /// The author's nick when it was said.
    pub nick: Sanitised,
    /// The author's mood when it was said.
    pub mood: Option<u8>,
    /// The text. Empty if the message was deleted.
    pub body: Sanitised,
    /// The message that it replies to.
    pub reply_to: Option<MessageId>,
    /// The people that it mentions.
    pub mentions: Vec<PersonKey>,
    /// Whether it mentions us.
    pub mentions_self: bool,
    /// When we received or wrote it, in seconds since 1970.
    pub at: u64,
    /// Whether its author has edited it.
    pub is_edited: bool,
    /// Whether its author has deleted it.
    pub is_deleted: bool,
    /// The reactions, in the order of their first appearance.
    pub reactions: Vec<Reaction>,
    /// How far our own message has come, or that it is not ours.
    pub delivery: Delivery,
    /// When it is expected to disappear, in seconds since 1970. The steady clock decides.
    pub disappears_at: Option<u64>,
}

/// The size of a message without what people put into it, in bytes.
const MESSAGE_BYTES: usize = 512;

/// The size of a reaction without its emoji and its people, in bytes.
const REACTION_BYTES: usize = 64;

/// The size of a system event with its nicks and names, in bytes.
pub const SYSTEM_EVENT_BYTES: usize = 512;

impl Message {
    /// Approximate size in memory, in bytes. Never less than what people put into it.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        let person = size_of::<PersonKey>();
        let reaction = |one: &Reaction| REACTION_BYTES + one.emoji.len() + one.people.len() * person;
        let reactions: usize = self.reactions.iter().map(reaction).sum();
        MESSAGE_BYTES + self.body.len() + self.nick.len() + self.mentions.len() * person + reactions
    }
}

/// A system event: something that happened and that nobody said.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum SystemEvent {
    /// We entered the circle.
    Entered {
        /// How many people are in the circle, including us.
        people: usize,
        /// The names of the circle and its owner, if the owner gave them.
        #[serde(skip_serializing_if = "Option::is_none")]
        circle: Option<CircleName>,
    },
    /// The circle has another name or another owner's nick.
    CircleNamed {
        /// The new names.
        circle: CircleName,
    },
    /// Somebody joined. Everybody has new keys and a new safety code.
    Joined {
        /// The nick of the person who joined.
        nick: Sanitised,
        /// The person's key.
        key: PersonKey,
    },
    /// Somebody lost track and joined again with the same key.
    Returned {
        /// The nick of the person who came back.
        nick: Sanitised,
        /// The person's key.
        key: PersonKey,
    },
    /// Somebody left, or was away for too long.
    Left {
        /// The nick of the person who left.
        nick: Sanitised,
        /// The person's key.
        key: PersonKey,
    },
    /// The owner removed somebody. The circle has another secret, and earlier invitations open nothing any more.
    Evicted {
        /// The nick of the person who was removed.
        nick: Sanitised,
        /// The person's key.
        key: PersonKey,
    },
    /// The owner replaced the secret, and all earlier invitations open nothing any more.
    InvitationsRenewed,
    /// Somebody's connection is lost. It may come back.
    Away {
        /// The nick of the person who is away.
        nick: Sanitised,
        /// The person's key.
        key: PersonKey,
    },
    /// Somebody's connection is back.
    Back {
        /// The nick of the person who is back.
        nick: Sanitised,
        /// The person's key.
        key: PersonKey,
    },
    /// Somebody has another nick.
    Renamed {
        /// The earlier nick.
        from: Sanitised,
        /// The new nick.
        nick: Sanitised,
        /// The person's key.
        key: PersonKey,
    },
    /// A room was made.
    RoomMade {
        /// The new room.
        room: RoomId,
        /// The name of the room.
        name: Sanitised,
        /// The nick of the person who made it.
        nick: Sanitised,
        /// The key of that person.
        key: PersonKey,
    },
    /// A room was renamed.
    RoomRenamed {
        /// The room.
        room: RoomId,
        /// The new name.
        name: Sanitised,
        /// The nick of the person who renamed it.
        nick: Sanitised,
        /// The key of that person.
        key: PersonKey,
    },
    /// A room was deleted with everything said in it.
    RoomDeleted {
        /// The last name of the room.
        name: Sanitised,
        /// The nick of the person who deleted it.
        nick: Sanitised,
        /// The key of that person.
        key: PersonKey,
    },
    /// We came back, and the member who let us in no longer knows a room that we knew.
    RoomLost {
        /// The last name of the room.
        name: Sanitised,
    },
    /// The disappearance time of a room changed.
    TimerSet {
        /// The room.
        room: RoomId,
        /// After how many seconds its new messages disappear. 0: never.
        seconds: u32,
        /// The nick of the person who set it.
        nick: Sanitised,
        /// The key of that person.
        key: PersonKey,
    },
    /// Entries of the log are missing, because the relay no longer has them or left them out.
    Gap {
        /// How many entries are missing, messages and others.
        entries: u64,
    },
    /// Messages of one person are missing.
    Missing {
        /// The nick of that person.
        nick: Sanitised,
        /// The key of that person.
        key: PersonKey,
        /// How many messages are missing.
        messages: u64,
    },
    /// A fork: the relay shows people different logs, or one person tells different things to different people.
    Fork {
        /// The nick of the person whose message showed it.
        nick: Sanitised,
        /// The key of that person.
        key: PersonKey,
    },
    /// An entry of the log could not be read. The relay or a member did not follow the rules.
    Unreadable,
    /// Somebody with an invitation asked to join, made members work for it, and did not join.
    Knocks {
        /// How often that happened since it was last told.
        times: u32,
    },
    /// Connections hold seats in the circle that belong to no member, perhaps to a former one. They cannot read
    /// anything, but they see who is connected and when something is said.
    LeaflessSeats {
        /// How many of them are new since this was last told.
        connections: u32,
    },
    /// Somebody's program is newer and said something that this one does not know.
    NeedsNewerVersion {
        /// The nick of that person.
        nick: Sanitised,
        /// The key of that person.
        key: PersonKey,
    },
    /// The relay was restarted. The circle was restored from what its members remember.
    RelayRestarted,
    /// We lost track of the group and joined it again.
    Rejoined,
}

/// The state of a server's connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ConnectionState {
    /// Not connected, and not trying to connect.
    Disconnected,
    /// Connecting for the first time.
    Connecting,
    /// Admitted, but not in the circle yet: waiting for others or for our turn.
    Waiting,
    /// In the circle.
    Connected,
    /// The connection broke, and we try again.
    Reconnecting {
        /// The time until the next attempt.
        #[serde(rename = "retry_ms", serialize_with = "milliseconds")]
        retry_in: Duration,
        /// How many attempts there were.
        attempt: u32,
    },
    /// The session ended and is not continued. A [`ConnectionError`] tells why.
    Ended,
}

fn milliseconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}

/// What the operator of a server can see of us, according to the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ServerRecord {
    /// The number of the connection.
    pub connection: u64,
    /// The IP address and port that the server sees.
    pub address: Sanitised,
    /// For how long we have been connected.
    #[serde(rename = "connected_ms", serialize_with = "milliseconds")]
    pub connected: Duration,
    /// For how long we had sent nothing before we asked.
    #[serde(rename = "silent_ms", serialize_with = "milliseconds")]
    pub silent: Duration,
    /// The number of circles that we have entered.
    pub circles: u32,
    /// The number of circles in which we have a member's seat.
    pub seats: u32,
    /// Bytes that we sent, with the encryption.
    pub bytes_in: u64,
    /// Bytes that we received, with the encryption.
    pub bytes_out: u64,
    /// The operator's name for the access key by which we came. Empty: it has none.
    pub access_label: Sanitised,
    /// The number of refused attempts from our address that the server remembers.
    pub refused_attempts: u64,
}

/// One item of a server's timeline, in the order of the log.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "item", rename_all = "snake_case")]
pub enum TimelineItem {
    /// A message.
    Message(Arc<Message>),
    /// A system event.
    SystemEvent {
        /// When it happened, in seconds since 1970.
        at: u64,
        /// What happened.
        event: SystemEvent,
    },
}
