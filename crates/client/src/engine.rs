//! The engine: any number of servers at once. Commands in, events out, plain data both ways.
//!
//! Owns the list of servers and their tasks. Must never wait for the interface: when it does not take its events, it is
//! told to load a snapshot.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use shepot_group::{Profile, SafetyCode};
use shepot_sanitise::Sanitised;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};

use crate::clock::{Clock, SystemClock};
use crate::entry::{Entry, EntryError};
use crate::limits::{COMMAND_QUEUE, EVENT_QUEUE, SERVERS};
use crate::model::{
    CommandError, ConnectionError, ConnectionState, Message, MessageId, Person, PersonKey, Room, RoomId,
    ServerId, ServerRecord, SystemEvent, TimelineItem, unprinted,
};
use crate::server::{Server, ServerCommand};
use crate::session::checked_profile;

/// What an interface asks for. Not printable: it holds invitations and what people write.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    /// Adds a server by an invitation or an address; answered by [`Event::Added`] or [`Event::NotAdded`].
    Add {
        /// An invitation link, or `IP:PORT`, `[IPv6]:PORT`, `host:port`, `Name:…`.
        entry: String,
        /// The name to give it, before the one in the address.
        #[serde(default)]
        name: Option<String>,
        /// Connects at once.
        #[serde(default)]
        connect: bool,
    },
    /// Takes a server off the list, leaving it first. [`Event::Removed`] comes when it is left: events about others,
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
    /// Goes to another address from now on, for the same server: its identity has to be the same.
    SetAddress {
        /// `host:port`.
        address: String,
    },
    /// Says something.
    Send {
        /// Where.
        #[serde(default = "main_room")]
        room: RoomId,
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
        #[serde(default = "main_room")]
        room: RoomId,
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
        #[serde(default = "main_room")]
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
    /// Asks the server what its operator can see of us; answered by [`Event::Record`].
    ShowRecord,
    /// Asks how much of what was said on the server is in memory; answered by [`Event::Memory`].
    ShowMemory,
    /// Takes everything off this screen.
    Clear,
    /// Asks for everything; answered by [`Event::Snapshot`], or by [`Event::Removed`] when it is not on the list any more.
    Snapshot,
}

const fn main_room() -> RoomId {
    RoomId::MAIN
}

/// What an interface is told.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A server is on the list.
    Added {
        /// Its number.
        server: ServerId,
        /// Its name.
        name: Sanitised,
        /// Its address, as people write it.
        address: String,
        /// Its identity is not known before the first connection.
        is_open: bool,
    },
    /// A server was not added.
    NotAdded {
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
        message: Message,
    },
    /// A message changed where it is.
    Changed {
        /// Which server.
        server: ServerId,
        /// The message.
        message: Message,
    },
    /// Messages are gone from the screen.
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
    /// Somebody is writing.
    Typing {
        /// Which server.
        server: ServerId,
        /// Where.
        room: RoomId,
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
    /// A command was not done.
    Refused {
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
    /// The owner removed somebody: every invitation from before opens nothing any more, the one by which we came neither.
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

/// Events for the interface. Never waits.
#[derive(Clone)]
pub(crate) struct EventSender {
    queue: mpsc::Sender<Event>,
}

impl EventSender {
    #[cfg(test)]
    pub(crate) const fn to(queue: mpsc::Sender<Event>) -> Self {
        Self { queue }
    }

    /// Gives the event, or sees to it that [`Event::Reload`] stands at the end of the queue: the last place is kept
    /// for that.
    pub(crate) fn send(&self, event: Event) {
        let event = if self.queue.capacity() <= 1 { Event::Reload } else { event };
        // Full: a `Reload` is in the queue already. Closed: nobody is there to be told.
        let _ = self.queue.try_send(event);
    }
}

/// The handle by which an interface gives commands.
#[derive(Clone)]
pub struct Engine {
    commands: mpsc::Sender<Command>,
}

/// The engine does not run any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the engine has ended")]
pub struct EngineEnded;

impl Engine {
    /// Starts an engine for a person with this nick and mood, inside a tokio runtime.
    ///
    /// # Errors
    ///
    /// [`CommandError::Nick`] when the nick is not one.
    pub fn start(nick: &str, mood: Option<u8>) -> Result<(Self, mpsc::Receiver<Event>), CommandError> {
        Self::start_by(SystemClock::start(), nick, mood)
    }

    /// The same by another clock.
    ///
    /// # Errors
    ///
    /// [`CommandError::Nick`] when the nick is not one.
    pub fn start_by(
        clock: impl Clock,
        nick: &str,
        mood: Option<u8>,
    ) -> Result<(Self, mpsc::Receiver<Event>), CommandError> {
        let profile = checked_profile(nick, mood)?;
        let (commands, from_interface) = mpsc::channel(COMMAND_QUEUE);
        let (queue, events) = mpsc::channel(EVENT_QUEUE);
        let running = Running {
            profile,
            clock: Arc::new(clock),
            servers: BTreeMap::new(),
            leaving: JoinSet::new(),
            next_id: 1,
            events: EventSender { queue },
        };
        tokio::spawn(running.run(from_interface));
        Ok((Self { commands }, events))
    }

    /// Gives a command; waits while the engine is busy with others.
    ///
    /// # Errors
    ///
    /// [`EngineEnded`] after [`Command::Quit`].
    pub async fn command(&self, command: Command) -> Result<(), EngineEnded> {
        self.commands.send(command).await.map_err(|_| EngineEnded)
    }

    /// Waits until the engine has ended: every circle is left, as far as its server could be told.
    pub async fn ended(&self) {
        self.commands.closed().await;
    }

    /// Gives a command about one server.
    ///
    /// # Errors
    ///
    /// [`EngineEnded`] after [`Command::Quit`].
    pub async fn on(&self, server: ServerId, action: Action) -> Result<(), EngineEnded> {
        self.command(Command::On(OnServer { server, action })).await
    }
}

struct Running {
    profile: Profile,
    clock: Arc<dyn Clock>,
    servers: BTreeMap<ServerId, Listed>,
    /// Servers that were removed and take their leave.
    leaving: JoinSet<()>,
    next_id: u32,
    events: EventSender,
}

struct Listed {
    commands: mpsc::Sender<ServerCommand>,
    task: JoinHandle<()>,
}

impl Running {
    async fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        while let Some(command) = commands.recv().await {
            match command {
                Command::Add { entry, name, connect } => self.add(entry, name, connect).await,
                Command::Remove { server } => self.remove(server),
                Command::SetProfile { nick, mood } => self.set_profile(&nick, mood).await,
                Command::On(OnServer { server, action }) => self.on(server, action).await,
                Command::Quit => break,
            }
        }
        // All at once: a server that hangs keeps nobody from hearing that we leave the others.
        let (queues, tasks): (Vec<_>, Vec<_>) = std::mem::take(&mut self.servers)
            .into_values()
            .map(|server| (server.commands, server.task))
            .unzip();
        drop(queues);
        for task in tasks {
            // A panic in one server costs one server.
            let _ = task.await;
        }
        while self.leaving.join_next().await.is_some() {}
        self.events.send(Event::Ended);
    }

    async fn add(&mut self, entry: String, name: Option<String>, connect: bool) {
        let entry = zeroize::Zeroizing::new(entry);
        while self.leaving.try_join_next().is_some() {}
        let parsed = Entry::parse(&entry, name, self.clock.now().unix);
        let entry = match parsed {
            Ok(entry) if self.servers.len() + self.leaving.len() < SERVERS => entry,
            Ok(_) => return self.events.send(Event::NotAdded { error: EntryError::TooManyServers }),
            Err(error) => return self.events.send(Event::NotAdded { error }),
        };
        let id = ServerId(self.next_id);
        self.next_id += 1;
        self.events.send(Event::Added {
            server: id,
            name: entry.name.clone(),
            address: entry.target.address.to_string(),
            is_open: entry.target.pin.is_none(),
        });
        let (commands, from_engine) = mpsc::channel(COMMAND_QUEUE);
        let server =
            Server::new(id, entry, self.profile.clone(), Arc::clone(&self.clock), self.events.clone());
        let task = tokio::spawn(server.run(from_engine));
        let listed = Listed { commands, task };
        if connect {
            give(&listed, ServerCommand::Do(Action::Connect)).await;
        }
        self.servers.insert(id, listed);
    }

    fn remove(&mut self, id: ServerId) {
        match self.servers.remove(&id) {
            Some(Listed { commands, task }) => {
                // It may hang: the others do not wait for it.
                drop(commands);
                let events = self.events.clone();
                self.leaving.spawn(async move {
                    // A panic in one server costs one server.
                    let _ = task.await;
                    events.send(Event::Removed { server: id });
                });
            }
            None => self.refuse(Some(id), CommandError::NoSuchServer),
        }
    }

    async fn set_profile(&mut self, nick: &str, mood: Option<u8>) {
        match checked_profile(nick, mood) {
            Ok(profile) => {
                self.profile = profile.clone();
                for server in self.servers.values() {
                    give(server, ServerCommand::SetProfile(profile.clone())).await;
                }
            }
            Err(error) => self.refuse(None, error),
        }
    }

    async fn on(&mut self, id: ServerId, action: Action) {
        match self.servers.get(&id) {
            Some(server) => give(server, ServerCommand::Do(action)).await,
            // Whoever asks how it stands after events were lost may have missed that it is gone.
            None if matches!(action, Action::Snapshot) && (1..self.next_id).contains(&id.0) => {
                self.events.send(Event::Removed { server: id });
            }
            None => self.refuse(Some(id), CommandError::NoSuchServer),
        }
    }

    fn refuse(&self, server: Option<ServerId>, error: CommandError) {
        self.events.send(Event::Refused { server, error });
    }
}

async fn give(server: &Listed, command: ServerCommand) {
    // A server's task ends only when its queue is dropped or after it panicked; then there is nothing to command.
    let _ = server.commands.send(command).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;
    use crate::clock::tests::PATIENCE;

    /// An engine with two servers. The first hangs: it ends only when the second has left.
    fn with_one_that_hangs() -> (Running, mpsc::Receiver<Event>) {
        let (queue, events) = mpsc::channel(EVENT_QUEUE);
        let mut running = Running {
            profile: checked_profile("anna", None).unwrap(),
            clock: Arc::new(SystemClock::start()),
            servers: BTreeMap::new(),
            leaving: JoinSet::new(),
            next_id: 3,
            events: EventSender { queue },
        };
        let (left, has_left) = tokio::sync::oneshot::channel();
        let (commands, mut from_engine) = mpsc::channel(COMMAND_QUEUE);
        let hangs = async move {
            assert!(from_engine.recv().await.is_none());
            has_left.await.unwrap();
        };
        running.servers.insert(ServerId(1), Listed { commands, task: tokio::spawn(hangs) });
        let (commands, mut from_engine) = mpsc::channel(COMMAND_QUEUE);
        let leaves = async move {
            assert!(from_engine.recv().await.is_none());
            left.send(()).unwrap();
        };
        running.servers.insert(ServerId(2), Listed { commands, task: tokio::spawn(leaves) });
        (running, events)
    }

    /// Carries out these commands to the end.
    #[allow(clippy::disallowed_methods, reason = "a guard against waiting for ever")]
    async fn carry_out(running: Running, wanted: Vec<Command>) {
        let (command, commands) = mpsc::channel(COMMAND_QUEUE);
        for one in wanted {
            command.send(one).await.unwrap();
        }
        let ended = tokio::time::timeout(PATIENCE, running.run(commands)).await;
        assert_eq!(ended, Ok(()), "it waits for the one that hangs");
    }

    #[tokio::test]
    async fn a_server_that_hangs_keeps_nobody_from_taking_leave() {
        let (running, mut events) = with_one_that_hangs();
        carry_out(running, vec![Command::Quit]).await;
        assert!(matches!(events.recv().await, Some(Event::Ended)));
    }

    #[tokio::test]
    async fn who_missed_that_a_server_was_removed_is_told_again() {
        let (running, mut events) = with_one_that_hangs();
        let ask = |server| Command::On(OnServer { server: ServerId(server), action: Action::Snapshot });
        let wanted = vec![Command::Remove { server: ServerId(2) }, ask(2), ask(9), Command::Quit];
        carry_out(running, wanted).await;
        let mut told = Vec::new();
        while let Some(event) = events.recv().await {
            told.push(event);
        }
        let removed = |event: &&Event| matches!(event, Event::Removed { server: ServerId(2) });
        assert_eq!(told.iter().filter(removed).count(), 2);
        let nine = Event::Refused { server: Some(ServerId(9)), error: CommandError::NoSuchServer };
        assert!(told.contains(&nine), "one that never was is refused");
    }

    #[tokio::test]
    async fn a_server_that_hangs_while_it_is_removed_keeps_nobody_from_taking_leave() {
        let (running, mut events) = with_one_that_hangs();
        carry_out(running, vec![Command::Remove { server: ServerId(1) }, Command::Quit]).await;
        assert!(matches!(events.recv().await, Some(Event::Removed { server: ServerId(1) })));
        assert!(matches!(events.recv().await, Some(Event::Ended)));
    }
}
