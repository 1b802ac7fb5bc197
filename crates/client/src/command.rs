//! What an interface asks the engine for, as plain data and as JSON lines for programs.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::{ConversationId, MessageId, PersonKey, RoomId, ServerId};

/// Identifies a request. The caller chooses it, and the answer repeats it ([`Event::Done`](crate::Event::Done),
/// [`Event::Refused`](crate::Event::Refused)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RequestId(pub u64);

/// A command, and the id that its answer repeats.
#[derive(Clone)]
pub struct Request {
    /// `None`: the command is answered only if it is refused.
    pub id: Option<RequestId>,
    /// What is asked for.
    pub command: Command,
}

impl From<Command> for Request {
    fn from(command: Command) -> Self {
        Self { id: None, command }
    }
}

/// A line that is not a request.
#[derive(Debug)]
pub struct NotARequest {
    /// The id that the answer repeats, if the line has a readable one.
    pub id: Option<RequestId>,
    /// What is wrong, for the author of the program. It quotes no text of the line, which may hold invitations.
    pub reason: String,
}

/// Commands about the engine rather than about one server.
const ENGINE_COMMANDS: [&str; 4] = ["add", "remove", "set_profile", "quit"];

impl Request {
    /// Reads a JSON object. Looks at the kind of command first, so that a mistake gets the right message.
    ///
    /// # Errors
    ///
    /// [`NotARequest`], which says what is wrong.
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

/// A reason without what it quotes of the line.
fn without_texts(reason: &str) -> String {
    match (reason.find('"'), reason.rfind('"')) {
        (Some(from), Some(to)) if from < to => {
            let (before, after) = (reason.get(..from), reason.get(to + 1..));
            format!("{}\"…\"{}", before.unwrap_or_default(), after.unwrap_or_default())
        }
        _ => reason.to_owned(),
    }
}

/// What an interface asks for. It has no `Debug`, because it holds invitations and what people write.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    /// Adds a server by an invitation or an address. Always answered, with or without an id, by
    /// [`Event::Added`](crate::Event::Added) or [`Event::NotAdded`](crate::Event::NotAdded). Refused if `link_of` is
    /// not on the list.
    Add {
        /// An invitation link, or `IP:PORT`, `[IPv6]:PORT` or `host:port`, each also as `Name:…`.
        entry: String,
        /// The name for the server. It takes precedence over the one in the address.
        #[serde(default)]
        name: Option<String>,
        /// Whether to connect at once.
        #[serde(default)]
        connect: bool,
        /// Shares the link of this server. The entry has to be an invitation to another circle on the same relay. The
        /// relay is shown only the access key of the server that the link was made for. The operator sees that both
        /// circles are used by one person, and members of both can see it, because they see the person come and go in
        /// both at once. `None`: a link of its own.
        #[serde(default)]
        link_of: Option<ServerId>,
    },
    /// Takes a server off the list, leaving it first. [`Event::Removed`](crate::Event::Removed) comes when it is left.
    /// Events about other servers, and about the same one added again, may come before.
    Remove {
        /// The server to take off the list.
        server: ServerId,
    },
    /// Changes the nick and the mood on every server.
    SetProfile {
        /// The nick, 1 to 20 characters.
        nick: String,
        /// The mood, numbered from 1. `None` removes it.
        #[serde(default)]
        mood: Option<u8>,
    },
    /// Leaves everything and ends the engine.
    Quit,
    /// A request about one server. In JSON it is written as an [`OnServer`] of its own.
    #[serde(skip)]
    On(OnServer),
}

/// A request about one server.
#[derive(Clone, Serialize, Deserialize)]
pub struct OnServer {
    /// The server that the request is about.
    pub server: ServerId,
    /// What to do there.
    #[serde(flatten)]
    pub action: Action,
}

/// What can be done on a server.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Action {
    /// Connects, and keeps trying.
    Connect,
    /// Leaves the circle and discards everything of the session.
    Disconnect,
    /// Uses another address for the same server from now on. The relay's identity has to be the same. The change
    /// applies to all servers that share the link.
    SetAddress {
        /// The new address, as `host:port`.
        address: String,
    },
    /// Sends a message.
    Send {
        /// The conversation to send it to.
        #[serde(flatten)]
        conversation: ConversationId,
        /// The text of the message.
        body: String,
        /// The message that it replies to.
        #[serde(default)]
        reply_to: Option<MessageId>,
        /// The people that it mentions.
        #[serde(default)]
        mentions: Vec<PersonKey>,
    },
    /// Changes one of the person's own messages.
    Edit {
        /// The message to change.
        message: MessageId,
        /// The new text.
        body: String,
        /// The people that the new text mentions.
        #[serde(default)]
        mentions: Vec<PersonKey>,
    },
    /// Deletes one of the person's own messages.
    Delete {
        /// The message to delete.
        message: MessageId,
    },
    /// Adds a reaction to a message, or takes it back.
    React {
        /// The message to react to.
        message: MessageId,
        /// The emoji, 1 to 16 characters.
        emoji: String,
        /// Whether to take the reaction back.
        #[serde(default)]
        taken_back: bool,
    },
    /// Tells the others that the person is writing.
    Typing {
        /// The conversation that the person is writing in.
        #[serde(flatten)]
        conversation: ConversationId,
    },
    /// Makes a room.
    MakeRoom {
        /// The name, 1 to 40 characters, which no other room may have.
        name: String,
    },
    /// Renames a room.
    RenameRoom {
        /// The room, which cannot be the main one.
        room: RoomId,
        /// The new name, 1 to 40 characters, which no other room may have.
        name: String,
    },
    /// Deletes a room with everything said in it, for all. Only its maker and the owner can.
    DeleteRoom {
        /// The room, which cannot be the main one.
        room: RoomId,
    },
    /// As the owner: tells everybody the name and the picture of the circle.
    DescribeCircle {
        /// The name, 1 to 64 characters.
        name: String,
        /// A small PNG or WebP. Empty: no picture.
        #[serde(default)]
        image: Vec<u8>,
    },
    /// Makes a room's new messages disappear after a time.
    SetTimer {
        /// The room. The main one if it is missing.
        #[serde(default)]
        room: RoomId,
        /// The time in seconds. 0: never.
        seconds: u32,
    },
    /// Shows our picture to the others.
    SetAvatar {
        /// A small PNG or WebP. Empty removes the picture.
        image: Vec<u8>,
    },
    /// As the owner: removes somebody and changes the circle's secret.
    Evict {
        /// The person to remove.
        person: PersonKey,
    },
    /// As the owner: makes all earlier invitations useless. Nobody is removed from the circle.
    RenewInvitations,
    /// Sends a held message, so that those who joined since can read it.
    Release {
        /// The message to release.
        message: MessageId,
    },
    /// Discards a message that waits to be sent.
    Discard {
        /// The message to discard.
        message: MessageId,
    },
    /// Makes an invitation to this circle.
    Invite {
        /// Whether the invitation makes its holder an owner, too. Only an owner can make such a one.
        #[serde(default)]
        owner: bool,
    },
    /// Asks for the safety code of the circle.
    SafetyCode,
    /// Asks for the safety code that we share with another person.
    PairCode {
        /// The other person.
        person: PersonKey,
    },
    /// Asks the server what its operator can see of us. Answered by [`Event::Record`](crate::Event::Record).
    ShowRecord,
    /// Asks how much memory is used by what was said on the server. Answered by
    /// [`Event::Memory`](crate::Event::Memory).
    ShowMemory,
    /// Clears everything from this person's screen.
    Clear,
    /// Clears a conversation from this person's screen.
    ClearConversation {
        /// The conversation to clear.
        #[serde(flatten)]
        conversation: ConversationId,
    },
    /// Asks for the whole state of the server. Answered by [`Event::Snapshot`](crate::Event::Snapshot), or by
    /// [`Event::Removed`](crate::Event::Removed) if it is no longer on the list.
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
