//! The engine: any number of servers at once. Commands in, events out, plain data both ways.
//!
//! Owns the list of servers and their tasks. Must never wait for the interface: when it does not take its events, it is
//! told to load a snapshot.

use std::collections::BTreeMap;
use std::sync::Arc;

use shepot_group::Profile;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};

use crate::clock::{Clock, SystemClock};
use crate::command::{Action, Command, OnServer, Request, RequestId};
use crate::entry::{Entry, EntryError};
use crate::event::{Event, EventSender, Outcome};
use crate::limits::{COMMAND_QUEUE, EVENT_QUEUE, SERVERS};
use crate::model::{CommandError, ServerId};
use crate::server::{Server, ServerCommand};
use crate::session::checked_profile;

/// The handle by which an interface gives commands.
#[derive(Clone)]
pub struct Engine {
    requests: mpsc::Sender<Request>,
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
        let (requests, from_interface) = mpsc::channel(COMMAND_QUEUE);
        let (queue, events) = mpsc::channel(EVENT_QUEUE);
        let running = Running {
            profile,
            clock: Arc::new(clock),
            servers: BTreeMap::new(),
            leaving: JoinSet::new(),
            next_id: 1,
            events: EventSender::to(queue),
        };
        tokio::spawn(running.run(from_interface));
        Ok((Self { requests }, events))
    }

    /// Gives a command; waits while the engine is busy with others.
    ///
    /// # Errors
    ///
    /// [`EngineEnded`] after [`Command::Quit`].
    pub async fn command(&self, command: Command) -> Result<(), EngineEnded> {
        self.request(command.into()).await
    }

    /// The same with a name under which it is answered.
    ///
    /// # Errors
    ///
    /// [`EngineEnded`] after [`Command::Quit`].
    pub async fn request(&self, request: Request) -> Result<(), EngineEnded> {
        self.requests.send(request).await.map_err(|_| EngineEnded)
    }

    /// Waits until the engine has ended: every circle is left, as far as its server could be told.
    pub async fn ended(&self) {
        self.requests.closed().await;
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
    async fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        while let Some(Request { id, command }) = requests.recv().await {
            match command {
                Command::Add { entry, name, connect } => self.add(id, entry, name, connect).await,
                Command::Remove { server } => self.remove(id, server),
                Command::SetProfile { nick, mood } => self.set_profile(id, &nick, mood).await,
                Command::On(OnServer { server, action }) => self.on(id, server, action).await,
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

    async fn add(&mut self, request: Option<RequestId>, entry: String, name: Option<String>, connect: bool) {
        let entry = zeroize::Zeroizing::new(entry);
        while self.leaving.try_join_next().is_some() {}
        let parsed = Entry::parse(&entry, name, self.clock.now().unix);
        let entry = match parsed {
            Ok(entry) if self.servers.len() + self.leaving.len() < SERVERS => entry,
            Ok(_) => {
                let error = EntryError::TooManyServers;
                return self.events.send(Event::NotAdded { request, error });
            }
            Err(error) => return self.events.send(Event::NotAdded { request, error }),
        };
        let id = ServerId(self.next_id);
        self.next_id += 1;
        self.events.send(Event::Added {
            request,
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
            give(&listed, ServerCommand::Do(None, Action::Connect)).await;
        }
        self.servers.insert(id, listed);
    }

    fn remove(&mut self, request: Option<RequestId>, id: ServerId) {
        match self.servers.remove(&id) {
            Some(Listed { commands, task }) => {
                // It may hang: the others do not wait for it.
                drop(commands);
                self.events.done(request, Outcome::Nothing);
                let events = self.events.clone();
                self.leaving.spawn(async move {
                    // A panic in one server costs one server.
                    let _ = task.await;
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
                    give(server, ServerCommand::SetProfile(profile.clone())).await;
                }
                self.events.done(request, Outcome::Nothing);
            }
            Err(error) => self.events.refuse(request, None, error),
        }
    }

    async fn on(&mut self, request: Option<RequestId>, id: ServerId, action: Action) {
        match self.servers.get(&id) {
            Some(server) => give(server, ServerCommand::Do(request, action)).await,
            // Whoever asks how it stands after events were lost may have missed that it is gone.
            None if matches!(action, Action::Snapshot) && (1..self.next_id).contains(&id.0) => {
                self.events.send(Event::Removed { server: id });
            }
            None => self.events.refuse(request, Some(id), CommandError::NoSuchServer),
        }
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
            events: EventSender::to(queue),
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
