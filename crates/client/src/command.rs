//! What an interface asks the engine for: plain data, and JSON lines for programs.

use serde::{Deserialize, Serialize};

use crate::model::{ConversationId, MessageId, PersonKey, RoomId, ServerId};

/// Names something that was asked for: the answer repeats it ([`Event::Done`](crate::Event::Done),
/// [`Event::Refused`](crate::Event::Refused)). Whoever asks chooses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RequestId(pub u64);

/// A command, and the name under which it is answered.
#[derive(Clone)]
pub struct Request {
    /// None: only refused commands are answered.
    pub id: Option<RequestId>,
    /// What is asked for.
    pub command: Command,
}

impl From<Command> for Request {
    fn from(command: Command) -> Self {
        Self { id: None, command }
    }
}

/// What an interface asks for. Not printable: it holds invitations and what people write.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    /// Adds a server by an invitation or an address; answered by [`Event::Added`](crate::Event::Added) or [`Event::NotAdded`](crate::Event::NotAdded), whether it has a name or not; refused where `link_of` is not on the list.
    Add {
        /// An invitation link, or `IP:PORT`, `[IPv6]:PORT`, `host:port`, `Name:…`.
        entry: String,
        /// The name to give it, before the one in the address.
        #[serde(default)]
        name: Option<String>,
        /// Connects at once.
        #[serde(default)]
        connect: bool,
        /// Shares the link of this server: the entry has to be an invitation to another circle on the same relay. Only the
        /// access key of the server that the link was made for is shown there. The operator sees that both are one person's,
        /// and so do members of both circles, by what they see come and go together. None: a link of its own.
        #[serde(default)]
        link_of: Option<ServerId>,
    },
    /// Takes a server off the list, leaving it first. [`Event::Removed`](crate::Event::Removed) comes when it is left: events about others,
    /// and about the same server added again, may come before.
    Remove {
        /// Which.
        server: ServerId,
    },
    /// Another nick or mood, on every server.
    SetProfile {
        /// 3 to 20 characters.
        nick: String,
        /// From 1 on; none takes it off.
        #[serde(default)]
        mood: Option<u8>,
    },
    /// Leaves everything and ends the engine.
    Quit,
    /// Something on one server; written as an [`OnServer`] of its own.
    #[serde(skip)]
    On(OnServer),
}

/// Something on one server.
#[derive(Clone, Serialize, Deserialize)]
pub struct OnServer {
    /// Which.
    pub server: ServerId,
    /// What.
    #[serde(flatten)]
    pub action: Action,
}

/// What can be done on a server.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Action {
    /// Connects, and keeps trying.
    Connect,
    /// Leaves the circle; everything of the session is gone.
    Disconnect,
    /// Goes to another address from now on, for the same server: its identity has to be the same. So do all that share its link.
    SetAddress {
        /// `host:port`.
        address: String,
    },
    /// Says something.
    Send {
        /// Where.
        #[serde(flatten)]
        conversation: ConversationId,
        /// What.
        body: String,
        /// The message that it answers.
        #[serde(default)]
        reply_to: Option<MessageId>,
        /// Who is mentioned.
        #[serde(default)]
        mentions: Vec<PersonKey>,
    },
    /// Changes an own message.
    Edit {
        /// Which.
        message: MessageId,
        /// To what.
        body: String,
        /// Who is meant by it.
        #[serde(default)]
        mentions: Vec<PersonKey>,
    },
    /// Deletes an own message.
    Delete {
        /// Which.
        message: MessageId,
    },
    /// Reacts to a message.
    React {
        /// Which.
        message: MessageId,
        /// With what.
        emoji: String,
        /// Not any more.
        #[serde(default)]
        taken_back: bool,
    },
    /// Tells the others that we are writing.
    Typing {
        /// Where.
        #[serde(flatten)]
        conversation: ConversationId,
    },
    /// Makes a room.
    MakeRoom {
        /// Its name.
        name: String,
    },
    /// Gives a room another name.
    RenameRoom {
        /// Which.
        room: RoomId,
        /// Its name.
        name: String,
    },
    /// Lets a room's new messages disappear.
    SetTimer {
        /// Which.
        #[serde(default)]
        room: RoomId,
        /// After how many seconds; 0: never.
        seconds: u32,
    },
    /// Shows the others our picture.
    SetAvatar {
        /// A small PNG or WebP; empty takes it off.
        image: Vec<u8>,
    },
    /// As the owner: removes somebody and changes the circle's secret.
    Evict {
        /// Who.
        person: PersonKey,
    },
    /// A held message may be read by those who came in.
    Release {
        /// Which.
        message: MessageId,
    },
    /// A waiting message is not to be sent.
    Discard {
        /// Which.
        message: MessageId,
    },
    /// Makes an invitation to this circle.
    Invite {
        /// One that makes its holder an owner too: only an owner can.
        #[serde(default)]
        owner: bool,
    },
    /// Asks for the safety code.
    SafetyCode,
    /// Asks for the code of us and another person.
    PairCode {
        /// Who.
        person: PersonKey,
    },
    /// Asks the server what its operator can see of us; answered by [`Event::Record`](crate::Event::Record).
    ShowRecord,
    /// Asks how much of what was said on the server is in memory; answered by [`Event::Memory`](crate::Event::Memory).
    ShowMemory,
    /// Takes everything off this screen.
    Clear,
    /// Asks for everything; answered by [`Event::Snapshot`](crate::Event::Snapshot), or by [`Event::Removed`](crate::Event::Removed) when it is not on the list any more.
    Snapshot,
}
