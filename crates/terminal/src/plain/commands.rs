//! What a line that the person typed does.

use std::io::IsTerminal as _;

use shepot_client::model::{CommandError, MessageId, PersonKey, RoomId, ServerId};
use shepot_client::{Action, Command};
use shepot_view::{people, posture, sentence};

use super::Plain;
use crate::input::TERMINAL_LINE_BYTES;
use crate::line_command::{LineCommand, LineCommandError};

/// The highest number of a mood.
const MOODS: u8 = 15;

impl Plain {
    pub(super) async fn line(&mut self, line: &str) -> Result<(), String> {
        if line.len() >= TERMINAL_LINE_BYTES && std::io::stdin().is_terminal() {
            return self.print_tr("terminal-line-cut", &[("most", &TERMINAL_LINE_BYTES.to_string())]);
        }
        let command = match LineCommand::parse(line) {
            Ok(command) => command,
            Err(LineCommandError::Unknown(name)) => {
                return self.print_tr("terminal-unknown-command", &[("name", &name)]);
            }
            Err(LineCommandError::Usage(usage)) => {
                return self.print_tr("terminal-usage", &[("usage", usage)]);
            }
        };
        self.carry_out(command).await
    }

    async fn carry_out(&mut self, command: LineCommand) -> Result<(), String> {
        match command {
            LineCommand::Nothing => Ok(()),
            LineCommand::Say(body) if self.current.is_none() => {
                // Nothing to talk to yet: what is typed is the next try at an address.
                self.add(&body).await;
                Ok(())
            }
            LineCommand::Say(body) => self.send(body, None).await,
            LineCommand::Reply(number, body) => match self.numbered(number) {
                Some(message) => self.send(body, Some(message)).await,
                None => self.no_such_message(),
            },
            LineCommand::Edit(number, body) => match self.numbered(number) {
                Some(message) => {
                    let mentions = self.mentioned(&body);
                    self.on(Action::Edit { message, body, mentions }).await
                }
                None => self.no_such_message(),
            },
            LineCommand::Delete(number) => match self.numbered(number) {
                Some(message) => self.on(Action::Delete { message }).await,
                None => self.no_such_message(),
            },
            LineCommand::React(number, emoji) => match self.numbered(number) {
                Some(message) => self.on(Action::React { message, emoji, taken_back: false }).await,
                None => self.no_such_message(),
            },
            LineCommand::Resend(number) => match self.numbered(number) {
                Some(message) => self.on(Action::Release { message }).await,
                None => self.no_such_message(),
            },
            LineCommand::Discard(number) => match self.numbered(number) {
                Some(message) => {
                    self.discarded = Some(message);
                    self.on(Action::Discard { message }).await
                }
                None => self.no_such_message(),
            },
            LineCommand::Help => self.help(),
            LineCommand::Who => self.who(),
            LineCommand::Rooms => self.rooms(),
            LineCommand::Room(name) => self.enter_room(&name),
            LineCommand::NewRoom(name) => self.on(Action::MakeRoom { name }).await,
            LineCommand::RenameRoom(name) => {
                let room = self.room();
                self.on(Action::RenameRoom { room, name }).await
            }
            LineCommand::Timer(seconds) => {
                let room = self.room();
                self.on(Action::SetTimer { room, seconds }).await
            }
            LineCommand::Nick(nick) => {
                self.command(Command::SetProfile { nick: nick.clone(), mood: self.mood }).await;
                self.nick = nick;
                Ok(())
            }
            LineCommand::Mood(mood) if mood <= MOODS => {
                self.mood = Some(mood).filter(|mood| *mood != 0);
                self.command(Command::SetProfile { nick: self.nick.clone(), mood: self.mood }).await;
                Ok(())
            }
            LineCommand::Mood(_) => self.print_tr("terminal-usage", &[("usage", "/mood 0-15")]),
            LineCommand::Invite { owner } => self.on(Action::Invite { owner }).await,
            LineCommand::Code(None) => self.on(Action::SafetyCode).await,
            LineCommand::Code(Some(nick)) => {
                self.on_person(&nick, |person| Action::PairCode { person }).await
            }
            LineCommand::Evict(nick) => self.on_person(&nick, |person| Action::Evict { person }).await,
            LineCommand::Servers => self.list_servers(),
            LineCommand::Add(entry) => {
                self.add(&entry).await;
                Ok(())
            }
            LineCommand::Remove(number) => {
                self.command(Command::Remove { server: ServerId(number) }).await;
                Ok(())
            }
            LineCommand::Server(number) => self.switch(ServerId(number)).await,
            LineCommand::Connect => self.on(Action::Connect).await,
            LineCommand::Disconnect => self.on(Action::Disconnect).await,
            LineCommand::Posture => {
                self.print(&posture::report(&self.l10n).join("\n"))?;
                if self.current.is_some() { self.on(Action::ShowMemory).await } else { Ok(()) }
            }
            LineCommand::Seen => self.on(Action::ShowRecord).await,
            LineCommand::Clear => self.clear().await,
            LineCommand::Leave => {
                self.leave().await;
                Ok(())
            }
        }
    }

    async fn send(&self, body: String, reply_to: Option<MessageId>) -> Result<(), String> {
        let mentions = self.mentioned(&body);
        self.on(Action::Send { room: self.room(), body, reply_to, mentions }).await
    }

    /// Who is meant by a text, of those who are here.
    fn mentioned(&self, body: &str) -> Vec<PersonKey> {
        self.shown().map(|shown| people::mentioned(body, &shown.people)).unwrap_or_default()
    }

    fn room(&self) -> RoomId {
        self.shown().map_or(RoomId::MAIN, |shown| shown.room)
    }

    fn numbered(&self, number: u64) -> Option<MessageId> {
        self.shown().and_then(|shown| shown.transcript.message(number))
    }

    fn no_such_message(&self) -> Result<(), String> {
        self.print(&sentence::command_error(&self.l10n, &CommandError::NoSuchMessage))
    }

    fn enter_room(&mut self, name: &str) -> Result<(), String> {
        let name = name.trim_start_matches('#');
        let l10n = &self.l10n;
        let shown = self.current.and_then(|server| self.servers.get_mut(&server));
        let found = shown.and_then(|shown| {
            let rooms = &shown.rooms;
            let room = rooms.iter().find(|room| sentence::room_name(l10n, room.id, rooms) == name)?.id;
            shown.room = room;
            Some(room)
        });
        match found {
            Some(_) => self.print_tr("terminal-in-room", &[("room", name)]),
            None => self.print(&sentence::command_error(&self.l10n, &CommandError::NoSuchRoom)),
        }
    }

    /// Does something with whom a typed nick means; told where it is nobody or several.
    async fn on_person(&self, nick: &str, action: impl FnOnce(PersonKey) -> Action) -> Result<(), String> {
        let meant: Vec<PersonKey> = self
            .shown()
            .map(|shown| people::meant(nick, &shown.people).iter().map(|person| person.key).collect())
            .unwrap_or_default();
        match meant.as_slice() {
            [person] => self.on(action(*person)).await,
            [] => self.print(&sentence::command_error(&self.l10n, &CommandError::NoSuchPerson)),
            _ => self.print_tr("terminal-several-of-this-nick", &[]),
        }
    }

    /// What was said there meanwhile is printed when the snapshot comes.
    async fn switch(&mut self, id: ServerId) -> Result<(), String> {
        let Some(shown) = self.servers.get_mut(&id) else {
            return self.print(&sentence::command_error(&self.l10n, &CommandError::NoSuchServer));
        };
        shown.unread = 0;
        shown.awaits_snapshot = true;
        self.current = Some(id);
        self.list_servers()?;
        self.on(Action::Snapshot).await
    }

    async fn clear(&mut self) -> Result<(), String> {
        if let Some(shown) = self.current.and_then(|server| self.servers.get_mut(&server)) {
            shown.transcript.clear();
        }
        self.on(Action::Clear).await?;
        // Screen and scrollback, where the terminal knows the sequence.
        super::print_whole("\u{1b}[2J\u{1b}[3J\u{1b}[H")
    }
}
