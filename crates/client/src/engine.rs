//! The engine: any number of servers at once. Commands in, events out, plain data both ways.
//!
//! Owns the list of servers and their tasks. Must never wait for the interface. If the interface does not take its
//! events, it is told to load a snapshot.

use std::collections::BTreeMap;
use std::sync::Arc;

use shepot_group::Profile;
use shepot_protocol::{CircleId, Pin};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use crate::clock::{Clock, SystemClock};
use crate::command::{Action, Command, OnServer, Request, RequestId};
use crate::entry::{Entry, EntryError};
use crate::event::{Event, EventSender, Outcome};
use crate::limits::{CIRCLES_ON_A_LINK, COMMAND_QUEUE, EVENT_QUEUE, SERVERS};
use crate::link_task::{LinkCommand, LinkTask};
use crate::model::{CommandError, ServerId};
use crate::session::checked_profile;

/// The handle through which an interface gives commands.
#[derive(Clone)]
pub struct Engine {
    requests: mpsc::Sender<Request>,
}

/// The engine is no longer running.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the engine has ended")]
pub struct EngineEnded;

impl Engine {
    /// Starts an engine for a person with this nick and mood, inside a tokio runtime.
    ///
    /// # Errors
    ///
    /// [`CommandError::Nick`] if the nick is not valid.
    pub fn start(nick: &str, mood: Option<u8>) -> Result<(Self, mpsc::Receiver<Event>), CommandError> {
        Self::start_by(SystemClock::start(), nick, mood)
    }

    /// Like [`Engine::start`], with another clock.
    ///
    /// # Errors
    ///
    /// [`CommandError::Nick`] if the nick is not valid.
    pub fn start_by(
        clock: impl Clock,
        nick: &str,
        mood: Option<u8>,
    ) -> Result<(Self, mpsc::Receiver<Event>), CommandError> {
        let profile = checked_profile(nick, mood)?;
        let (requests, from_interface) = mpsc::channel(COMMAND_QUEUE);
        let (queue, events) = mpsc::channel(EVENT_QUEUE);
        let running = Running {
            profile,
            clock: Arc::new(clock),
            servers: BTreeMap::new(),
            tasks: JoinSet::new(),
            leaving: JoinSet::new(),
            next_id: 1,
            events: EventSender::to(queue),
        };
        tokio::spawn(running.run(from_interface));
        Ok((Self { requests }, events))
    }

    /// Gives a command. Waits while the engine's queue is full.
    ///
    /// # Errors
    ///
    /// [`EngineEnded`] after [`Command::Quit`].
    pub async fn command(&self, command: Command) -> Result<(), EngineEnded> {
        self.request(command.into()).await
    }

    /// Gives a command with an id that its answer repeats. Waits while the engine's queue is full.
    ///
    /// # Errors
    ///
    /// [`EngineEnded`] after [`Command::Quit`].
    pub async fn request(&self, request: Request) -> Result<(), EngineEnded> {
        self.requests.send(request).await.map_err(|_| EngineEnded)
    }

    /// Waits until the engine has ended. By then every circle is left, and its server told if it could be reached.
    pub async fn ended(&self) {
        self.requests.closed().await;
    }

    /// Gives a command about one server. Waits while the engine's queue is full.
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
    /// The tasks of the links, one for each.
    tasks: JoinSet<()>,
    /// Servers that were removed and are still saying goodbye to their relays.
    leaving: JoinSet<()>,
    next_id: u32,
    events: EventSender,
}

struct Listed {
    /// The queue of the link's task. Servers on one link share it, and the task ends when the last one drops it.
    commands: mpsc::Sender<Box<LinkCommand>>,
    /// The relay's identity and the circle's id, as far as the entry says them.
    pin: Option<Pin>,
    circle: Option<CircleId>,
}

impl Running {
    async fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        let mut quit = None;
        while let Some(Request { id, command }) = requests.recv().await {
            match command {
                Command::Add { entry, name, connect, link_of } => {
                    self.add(id, entry, name, connect, link_of).await
                }
                Command::Remove { server } => self.remove(id, server).await,
                Command::SetProfile { nick, mood } => self.set_profile(id, &nick, mood).await,
                Command::On(OnServer { server, action }) => self.on(id, server, action).await,
                Command::Quit => {
                    quit = id;
                    break;
                }
            }
        }
        // All at once: a server that hangs keeps nobody from hearing that we leave the others.
        self.servers.clear();
        // A panic in one server costs one server.
        while self.tasks.join_next().await.is_some() {}
        while self.leaving.join_next().await.is_some() {}
        self.events.done(quit, Outcome::Nothing);
        self.events.send(Event::Ended);
    }

    async fn add(
        &mut self,
        request: Option<RequestId>,
        entry: String,
        name: Option<String>,
        connect: bool,
        link_of: Option<ServerId>,
    ) {
        let entry = zeroize::Zeroizing::new(entry);
        while self.leaving.try_join_next().is_some() || self.tasks.try_join_next().is_some() {}
        let link = match link_of.map(|id| self.servers.get(&id).ok_or(id)).transpose() {
            Ok(link) => link,
            Err(id) => return self.events.refuse(request, Some(id), CommandError::NoSuchServer),
        };
        let entry = match self.entry(&entry, name, link) {
            Ok(entry) => entry,
            Err(error) => return self.events.send(Event::NotAdded { request, error }),
        };
        let link = link.map(|link| link.commands.clone());
        let id = ServerId(self.next_id);
        self.next_id += 1;
        self.events.send(Event::Added {
            request,
            server: id,
            name: entry.name.clone(),
            address: entry.target.address.to_string(),
            is_open: entry.target.pin.is_none(),
            is_owner: entry.circle.owner_seed.is_some(),
            link_of,
        });
        let (pin, circle) = (entry.target.pin, entry.circle_id());
        let commands = match link {
            Some(commands) => {
                give(&commands, LinkCommand::AddCircle(id, Box::new(entry))).await;
                commands
            }
            None => self.start_link(id, entry),
        };
        if connect {
            give(&commands, LinkCommand::Do(id, None, Action::Connect)).await;
        }
        self.servers.insert(id, Listed { commands, pin, circle });
    }

    /// Parses what was typed, if it can be added: to a link of its own, or to `link`.
    fn entry(&self, typed: &str, name: Option<String>, link: Option<&Listed>) -> Result<Entry, EntryError> {
        let entry = Entry::parse(typed, name)?;
        if self.servers.len() + self.leaving.len() >= SERVERS {
            return Err(EntryError::TooManyServers);
        }
        let Some(link) = link else { return Ok(entry) };
        if entry.target.pin.is_none() || entry.target.pin != link.pin {
            return Err(EntryError::NotOnThisLink);
        }
        let on_link = |listed: &&Listed| listed.commands.same_channel(&link.commands);
        let circle = entry.circle_id();
        if self.servers.values().filter(on_link).any(|listed| listed.circle == circle) {
            return Err(EntryError::SameCircle);
        }
        // Where its task panicked it takes none at all.
        let is_over = link.commands.is_closed();
        if is_over || self.servers.values().filter(on_link).count() >= CIRCLES_ON_A_LINK {
            return Err(EntryError::TooManyCircles);
        }
        Ok(entry)
    }

    fn start_link(&mut self, id: ServerId, entry: Entry) -> mpsc::Sender<Box<LinkCommand>> {
        let (commands, from_engine) = mpsc::channel(COMMAND_QUEUE);
        let (profile, clock) = (self.profile.clone(), Arc::clone(&self.clock));
        let server = LinkTask::new(id, entry, profile, clock, self.events.clone());
        self.tasks.spawn(server.run(from_engine));
        commands
    }

    async fn remove(&mut self, request: Option<RequestId>, id: ServerId) {
        match self.servers.remove(&id) {
            Some(Listed { commands, .. }) => {
                self.events.done(request, Outcome::Nothing);
                let (removing, removed) = oneshot::channel();
                // Before whatever comes next for its link.
                give(&commands, LinkCommand::RemoveCircle(id, removing)).await;
                let events = self.events.clone();
                // It may hang: the others do not wait for it.
                self.leaving.spawn(async move {
                    // Never sent: it is dropped when the circle is left, and with a task that panicked.
                    let _ = removed.await;
                    events.send(Event::Removed { server: id });
                });
            }
            None => self.events.refuse(request, Some(id), CommandError::NoSuchServer),
        }
    }

    async fn set_profile(&mut self, request: Option<RequestId>, nick: &str, mood: Option<u8>) {
        match checked_profile(nick, mood) {
            Ok(profile) => {
                self.profile = profile.clone();
                for server in self.servers.values() {
                    give(&server.commands, LinkCommand::SetProfile(profile.clone())).await;
                }
                self.events.done(request, Outcome::Nothing);
            }
            Err(error) => self.events.refuse(request, None, error),
        }
    }

    async fn on(&mut self, request: Option<RequestId>, id: ServerId, action: Action) {
        match self.servers.get(&id) {
            Some(server) => give(&server.commands, LinkCommand::Do(id, request, action)).await,
            // An interface that asks for the state after it lost events may have missed that the server was removed.
            None if matches!(action, Action::Snapshot) && (1..self.next_id).contains(&id.0) => {
                self.events.send(Event::Removed { server: id });
            }
            None => self.events.refuse(request, Some(id), CommandError::NoSuchServer),
        }
    }
}

async fn give(commands: &mpsc::Sender<Box<LinkCommand>>, command: LinkCommand) {
    // A link's task ends only when its queue is dropped or after it panicked; then there is nothing to command.
    let _ = commands.send(Box::new(command)).await;
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
            tasks: JoinSet::new(),
            leaving: JoinSet::new(),
            next_id: 3,
            events: EventSender::to(queue),
        };
        let (left, has_left) = oneshot::channel();
        let (commands, mut from_engine) = mpsc::channel(COMMAND_QUEUE);
        let hangs = async move {
            let mut held = Vec::new();
            while let Some(command) = from_engine.recv().await {
                held.push(command);
            }
            has_left.await.unwrap();
        };
        running.tasks.spawn(hangs);
        running.servers.insert(ServerId(1), Listed { commands, pin: None, circle: None });
        let (commands, mut from_engine) = mpsc::channel::<Box<LinkCommand>>(COMMAND_QUEUE);
        let leaves = async move {
            while let Some(command) = from_engine.recv().await {
                assert!(matches!(*command, LinkCommand::RemoveCircle(ServerId(2), _)));
            }
            left.send(()).unwrap();
        };
        running.tasks.spawn(leaves);
        running.servers.insert(ServerId(2), Listed { commands, pin: None, circle: None });
        (running, events)
    }

    /// Carries out these commands to the end.
    #[allow(clippy::disallowed_methods, reason = "a guard against waiting for ever")]
    async fn carry_out(running: Running, wanted: Vec<Command>) {
        let (command, commands) = mpsc::channel(COMMAND_QUEUE);
        for one in wanted {
            command.send(one.into()).await.unwrap();
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
        let nine =
            Event::Refused { request: None, server: Some(ServerId(9)), error: CommandError::NoSuchServer };
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
