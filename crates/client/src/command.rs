//! What an interface asks the engine for: plain data, and JSON lines for programs.

use serde::{Deserialize, Serialize};
use serde_json::Value;

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

/// A line that is no request.
#[derive(Debug)]
pub struct NotARequest {
    /// What its answer is named by, where that could be read.
    pub id: Option<RequestId>,
    /// What is wrong with it, for whoever writes the program. No texts of the line are in it: it may hold invitations.
    pub reason: String,
}

/// What is about the engine, not about one server.
const ENGINE_COMMANDS: [&str; 4] = ["add", "remove", "set_profile", "quit"];

impl Request {
    /// Reads a JSON object. Told apart before it is taken apart, so that a mistake is named as what it is.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn from_json(line: &str) -> Result<Self, NotARequest> {
        let mut id = None;
        Self::read(line, &mut id)
            .map_err(|error| NotARequest { id, reason: without_texts(&error.to_string()) })
    }

    fn read(line: &str, id: &mut Option<RequestId>) -> serde_json::Result<Self> {
        let mut value: Value = serde_json::from_str(line)?;
        let named = value.as_object_mut().and_then(|fields| fields.remove("id"));
        *id = named.map(serde_json::from_value).transpose()?;
        let name = value.get("do").and_then(Value::as_str).unwrap_or_default();
        let command = if ENGINE_COMMANDS.contains(&name) {
            serde_json::from_value(value)?
        } else {
            // What is not known at all has no server missing.
            serde_json::from_value::<Action>(value.clone())?;
            Command::On(serde_json::from_value(value)?)
        };
        Ok(Self { id: *id, command })
    }
}

/// A reason without what was quoted of the line.
fn without_texts(reason: &str) -> String {
    match (reason.find('"'), reason.rfind('"')) {
        (Some(from), Some(to)) if from < to => {
            let (before, after) = (reason.get(..from), reason.get(to + 1..));
            format!("{}\"…\"{}", before.unwrap_or_default(), after.unwrap_or_default())
        }
        _ => reason.to_owned(),
    }
}

/// What an interface asks for. Not printable: it holds invitations and what people write.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    /// Adds a server by an invitation or an address; answered by [`Event::Added`](crate::Event::Added) or [`Event::NotAdded`](crate::Event::NotAdded), whether it has an id or not; refused where `link_of` is not on the list.
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
        /// 1 to 20 characters.
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
    /// Takes a room away, with what was said in it: as who made it, or as the owner.
    DeleteRoom {
        /// Which.
        room: RoomId,
    },
    /// As the owner: tells everybody what the circle is called, and how it looks.
    DescribeCircle {
        /// Its name.
        name: String,
        /// A small PNG or WebP; empty: none.
        #[serde(default)]
        image: Vec<u8>,
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
    /// As the owner: makes all invitations from before open nothing any more. Who is in the circle stays.
    RenewInvitations,
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
    /// Takes a conversation off this screen.
    ClearConversation {
        /// Which.
        #[serde(flatten)]
        conversation: ConversationId,
    },
    /// Asks for everything; answered by [`Event::Snapshot`](crate::Event::Snapshot), or by [`Event::Removed`](crate::Event::Removed) when it is not on the list any more.
    Snapshot,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(line: &str) -> String {
        Request::from_json(line).err().map(|error| error.reason).unwrap_or_default()
    }

    #[test]
    fn mistakes_in_commands_are_named() {
        assert!(told(r#"{"do":"add","link":"x"}"#).contains("missing field `entry`"));
        assert!(told(r#"{"do":"send","body":"x"}"#).contains("missing field `server`"));
        let elsewhere = r#"{"do":"send","server":1,"body":"x","room":"kitchen"}"#;
        assert!(told(elsewhere).contains("16 hexadecimal digits"), "never said in another room instead");
        for unknown in [r#"{"do":"nope","server":1}"#, r#"{"do":"nope"}"#] {
            assert!(told(unknown).contains("unknown variant `nope`"), "{unknown}");
        }
        assert!(told(r#"{"do":"quit","id":"seven"}"#).contains("expected u64"));
        let read = |line: &str| Request::from_json(line).map(|request| (request.id, request.command));
        assert!(matches!(read(r#"{"do":"remove","server":1}"#), Ok((None, Command::Remove { .. }))));
        let seven = Some(RequestId(7));
        let sent = read(r#"{"do":"send","server":1,"body":"x","id":7}"#);
        assert!(matches!(sent, Ok((id, Command::On(_))) if id == seven));
        // Whoever waits for the answer gets it.
        let refused = Request::from_json(r#"{"do":"connect","id":7}"#).err();
        assert_eq!(refused.and_then(|refused| refused.id), seven);
    }

    #[test]
    fn no_mistake_repeats_what_was_said_or_opens_a_circle() {
        for line in [
            r#"{"do":"add","entry":"x","link_of":"shepot://203.0.113.5:1/#secret"}"#,
            r#"{"do":"send","server":"shepot://203.0.113.5:1/#secret","body":"x"}"#,
            r#""shepot://203.0.113.5:1/#secret""#,
            r#"{"do":"send","server":1,"room":"a \"secret\" room","body":"x"}"#,
        ] {
            let told = told(line);
            assert!(!told.is_empty() && !told.contains("secret"), "{told}");
        }
    }
}
