//! The plain data that interfaces see. Nothing here knows the wire or the encryption.

mod errors;
mod names;

use std::sync::Arc;
use std::time::Duration;

use serde::{Serialize, Serializer};
use shepot_sanitise::Sanitised;

pub use errors::{CommandError, ConnectionError};
pub use names::{ConversationId, Fingerprint, MessageId, NoSuchName, PersonKey, RoomId, ServerId};

/// What people say, and what they are called, is printed by no `{:?}`: these tell their kind only.
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

/// Somebody in the circle.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Person {
    /// Who it is.
    pub key: PersonKey,
    /// The short form of the key.
    pub fingerprint: Fingerprint,
    /// What it calls itself.
    pub nick: Sanitised,
    /// The mood that is on, from 1 on.
    pub mood: Option<u8>,
    /// This is us.
    pub is_self: bool,
    /// Its connection is here.
    pub is_present: bool,
    /// Its connection is here, but nothing was heard from it for long.
    pub is_silent: bool,
}

/// A named conversation.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Room {
    /// Which.
    pub id: RoomId,
    /// Its name; empty for the main room, which the interface names.
    pub name: Sanitised,
    /// New messages disappear so many seconds after they were received; 0: never.
    pub disappears_after_s: u32,
    /// We made it, or own the circle.
    pub may_delete: bool,
}

/// What a circle is called, as its owner says.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct CircleName {
    /// The name.
    pub name: Sanitised,
    /// What the owner is called.
    pub owner: Sanitised,
}

/// How far our own message has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// The relay has not confirmed it yet.
    Pending,
    /// It has its place in the log.
    Sent,
    /// Others came in while it waited: the person is asked whether they may read it.
    Held,
    /// It will not be sent.
    Failed,
    /// Somebody else's.
    Received,
}

/// A reaction and who gave it.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Reaction {
    /// The emoji.
    pub emoji: Sanitised,
    /// Who.
    pub people: Vec<PersonKey>,
}

/// A message in a room.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    /// Which.
    pub id: MessageId,
    /// Where.
    #[serde(flatten)]
    pub conversation: ConversationId,
    /// Who said it.
    pub author: PersonKey,
    /// The author's nick when it was said.
    pub nick: Sanitised,
    /// The author's mood when it was said.
    pub mood: Option<u8>,
    /// What was said; empty when it was deleted.
    pub body: Sanitised,
    /// The message that it answers.
    pub reply_to: Option<MessageId>,
    /// Who is mentioned.
    pub mentions: Vec<PersonKey>,
    /// We are among them.
    pub mentions_self: bool,
    /// When it was received, or sent by us: seconds since 1970.
    pub at: u64,
    /// It was changed.
    pub is_edited: bool,
    /// It was deleted.
    pub is_deleted: bool,
    /// Reactions in the order in which each came first.
    pub reactions: Vec<Reaction>,
    /// How far it has come.
    pub delivery: Delivery,
    /// When it disappears, as far as nobody sets the clock: seconds since 1970. What takes it away is the steady clock.
    pub disappears_at: Option<u64>,
}

/// Bytes of a message besides what people put into it.
const MESSAGE_BYTES: usize = 512;

/// Bytes of a reaction besides its emoji and its people.
const REACTION_BYTES: usize = 64;

/// Bytes of a system event, its nicks and names included.
pub const SYSTEM_EVENT_BYTES: usize = 512;

impl Message {
    /// Bytes that it takes in memory, about, and never less than what people put into it.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        let person = size_of::<PersonKey>();
        let reaction = |one: &Reaction| REACTION_BYTES + one.emoji.len() + one.people.len() * person;
        let reactions: usize = self.reactions.iter().map(reaction).sum();
        MESSAGE_BYTES + self.body.len() + self.nick.len() + self.mentions.len() * person + reactions
    }
}

/// Something that happened in the circle, besides messages.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum SystemEvent {
    /// We are in.
    Entered {
        /// How many people are here, us included.
        people: usize,
        /// What the circle is called and whose it is, where its owner has said so.
        #[serde(skip_serializing_if = "Option::is_none")]
        circle: Option<CircleName>,
    },
    /// The circle has another name.
    CircleNamed {
        /// Which, and who said so.
        circle: CircleName,
    },
    /// Somebody joined: everybody has new keys and a new safety code.
    Joined {
        /// Who.
        nick: Sanitised,
        /// Its key.
        key: PersonKey,
    },
    /// Somebody lost track and joined again with the key that it had.
    Returned {
        /// Who.
        nick: Sanitised,
        /// Its key.
        key: PersonKey,
    },
    /// Somebody left, or its connection did not come back.
    Left {
        /// Who.
        nick: Sanitised,
        /// Its key.
        key: PersonKey,
    },
    /// The owner removed somebody; the circle's secret is another, earlier invitations do not open it any more.
    Evicted {
        /// Who.
        nick: Sanitised,
        /// Its key.
        key: PersonKey,
    },
    /// The owner made all invitations from before open nothing any more.
    InvitationsRenewed,
    /// Somebody's connection is gone; it may come back.
    Away {
        /// Who.
        nick: Sanitised,
        /// Its key.
        key: PersonKey,
    },
    /// Somebody's connection is back.
    Back {
        /// Who.
        nick: Sanitised,
        /// Its key.
        key: PersonKey,
    },
    /// Somebody calls itself otherwise.
    Renamed {
        /// Before.
        from: Sanitised,
        /// Now.
        nick: Sanitised,
        /// Its key.
        key: PersonKey,
    },
    /// A room was made.
    RoomMade {
        /// Which.
        room: RoomId,
        /// Its name.
        name: Sanitised,
        /// By whom.
        nick: Sanitised,
        /// The key of whoever is called so.
        key: PersonKey,
    },
    /// A room has another name.
    RoomRenamed {
        /// Which.
        room: RoomId,
        /// Its name.
        name: Sanitised,
        /// By whom.
        nick: Sanitised,
        /// The key of whoever is called so.
        key: PersonKey,
    },
    /// A room is gone, with what was said in it.
    RoomDeleted {
        /// What it was called.
        name: Sanitised,
        /// By whom.
        nick: Sanitised,
        /// The key of whoever is called so.
        key: PersonKey,
    },
    /// A room's messages disappear, or do not any more.
    TimerSet {
        /// Which.
        room: RoomId,
        /// After how many seconds; 0: never.
        seconds: u32,
        /// By whom.
        nick: Sanitised,
        /// The key of whoever is called so.
        key: PersonKey,
    },
    /// Entries were lost: the relay does not have them any more.
    Gap {
        /// How many entries of the log, messages or not.
        entries: u64,
    },
    /// Messages of one person are missing.
    Missing {
        /// Whose.
        nick: Sanitised,
        /// The key of whoever is called so.
        key: PersonKey,
        /// How many.
        messages: u64,
    },
    /// The relay shows people different logs, or somebody tells different people different things.
    Fork {
        /// Whose message showed it.
        nick: Sanitised,
        /// The key of whoever is called so.
        key: PersonKey,
    },
    /// Something in the log could not be read. The relay or a member did not follow the rules.
    Unreadable,
    /// Somebody with an invitation asked to join, had members work for it, and did not join, so many times.
    Knocks {
        /// How many times.
        times: u32,
    },
    /// Connections that hold a seat in the circle and are no member's: somebody who was one, perhaps. They cannot read what
    /// is said, but see who is here and when something is.
    LeaflessSeats {
        /// How many, since this was told last.
        connections: u32,
    },
    /// Somebody's program is newer and said something that this one does not know.
    NeedsNewerVersion {
        /// Who.
        nick: Sanitised,
        /// The key of whoever is called so.
        key: PersonKey,
    },
    /// The relay was restarted; the circle was put together again from its members' memory.
    RelayRestarted,
    /// We lost track of the group and joined it again.
    Rejoined,
}

/// Where a server's connection stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ConnectionState {
    /// Not connected and not trying.
    Disconnected,
    /// On the way.
    Connecting,
    /// In the circle's ante-room: others are being waited for, or it is our turn soon.
    Waiting,
    /// In.
    Connected,
    /// The connection broke; it is tried again.
    Reconnecting {
        /// After this.
        #[serde(rename = "retry_ms", serialize_with = "milliseconds")]
        retry_in: Duration,
        /// How many times it was tried.
        attempt: u32,
    },
    /// It ended and is not tried again: see the [`ConnectionError`].
    Ended,
}

fn milliseconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}

/// What the operator of a server can see of us, as the server says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ServerRecord {
    /// The connection's number.
    pub connection: u64,
    /// IP address and port.
    pub address: Sanitised,
    /// How long we are connected.
    #[serde(rename = "connected_ms", serialize_with = "milliseconds")]
    pub connected: Duration,
    /// How long nothing came from us, before the question.
    #[serde(rename = "silent_ms", serialize_with = "milliseconds")]
    pub silent: Duration,
    /// Circles that we are in.
    pub circles: u32,
    /// Those in which we are a member.
    pub seats: u32,
    /// Bytes that came from us, encrypted.
    pub bytes_in: u64,
    /// Bytes that went to us, encrypted.
    pub bytes_out: u64,
    /// What the operator calls the invitation by which we came; empty where it has no name.
    pub access_label: Sanitised,
    /// Attempts from our address that were refused and are remembered.
    pub refused_attempts: u64,
}

/// One item of a server's timeline, in the order of the log.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "item", rename_all = "snake_case")]
pub enum TimelineItem {
    /// A message.
    Message(Arc<Message>),
    /// Something else.
    SystemEvent {
        /// When: seconds since 1970.
        at: u64,
        /// What.
        event: SystemEvent,
    },
}
