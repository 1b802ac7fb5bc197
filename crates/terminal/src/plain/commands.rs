//! What a line that the person typed does.

use std::io::IsTerminal as _;

use shepot_client::model::{CommandError, ConversationId, MessageId, PersonKey, Room, RoomId, ServerId};
use shepot_client::{Action, Command};
use shepot_view::command::Command as KeyCommand;
use shepot_view::desk::Server;
use shepot_view::slash::{self, Meaning, Prompt, Slash, SlashLine};
use shepot_view::{emoji, people, posture, sentence};

use super::Plain;
use crate::input::TERMINAL_LINE_BYTES;

impl Plain {
    pub(super) async fn line(&mut self, line: &str) -> Result<(), String> {
        if line.len() >= TERMINAL_LINE_BYTES && std::io::stdin().is_terminal() {
            return self.print_tr("terminal-line-cut", &[("most", &TERMINAL_LINE_BYTES.to_string())]);
        }
        match slash::parse(Prompt::Lines, line) {
            Ok(Meaning::Said(body)) if body.is_empty() => Ok(()),
            Ok(Meaning::Said(body)) if self.current.is_none() => {
                // Nothing to talk to yet: what is typed is the next try at an address.
                self.add(&body).await;
                Ok(())
            }
            Ok(Meaning::Said(body)) => self.send(body).await,
            Ok(Meaning::Command(command)) => self.obey(command).await,
            Err(error) => self.print(&slash::error(&self.l10n, &error)),
        }
    }

    #[allow(clippy::too_many_lines, clippy::cognitive_complexity, reason = "an arm for each kind")]
    async fn obey(&mut self, SlashLine { slash, number, text }: SlashLine) -> Result<(), String> {
        let text = text.unwrap_or_default();
        match slash {
            Slash::Reply => {
                let (conversation, mentions) = (self.conversation(), self.mentioned(&text));
                let reply =
                    |message| Action::Send { conversation, body: text, reply_to: Some(message), mentions };
                self.on_message(number, reply).await
            }
            Slash::Edit => {
                let mentions = self.mentioned(&text);
                self.on_message(number, |message| Action::Edit { message, body: text, mentions }).await
            }
            Slash::Delete => self.on_message(number, |message| Action::Delete { message }).await,
            Slash::React => {
                let emoji = emoji::with_short_names(&text);
                let react = |message| Action::React { message, emoji, taken_back: false };
                self.on_message(number, react).await
            }
            Slash::Resend => self.on_message(number, |message| Action::Release { message }).await,
            Slash::Discard => self.on_message(number, |message| Action::Discard { message }).await,
            Slash::Do(KeyCommand::Keys) => self.help(),
            Slash::Do(KeyCommand::Members) => self.who(),
            Slash::Do(KeyCommand::Rooms) => self.rooms(),
            Slash::Room => self.enter_room(&text),
            Slash::New => self.on(Action::MakeRoom { name: text }).await,
            Slash::Rename => self.on(Action::RenameRoom { room: self.room(), name: text }).await,
            Slash::Timer => {
                let seconds = number.and_then(|seconds| u32::try_from(seconds).ok()).unwrap_or(u32::MAX);
                self.on(Action::SetTimer { room: self.room(), seconds }).await
            }
            Slash::Nick => {
                self.nick = text;
                self.show_oneself().await
            }
            Slash::Mood => {
                self.mood = number.and_then(|mood| u8::try_from(mood).ok()).filter(|mood| *mood != 0);
                self.show_oneself().await
            }
            Slash::Do(KeyCommand::Invite) => self.on(Action::Invite { owner: false }).await,
            Slash::InviteOwner => self.on(Action::Invite { owner: true }).await,
            Slash::Do(KeyCommand::SafetyCode) => self.on(Action::SafetyCode).await,
            Slash::PairCode => self.on_person(&text, |person| Action::PairCode { person }).await,
            Slash::Evict => self.on_person(&text, |person| Action::Evict { person }).await,
            Slash::Servers => self.list_servers(),
            Slash::Server => {
                let number = number.and_then(|number| u32::try_from(number).ok()).unwrap_or(u32::MAX);
                self.switch(ServerId(number)).await
            }
            Slash::Join => {
                self.add(&text).await;
                Ok(())
            }
            Slash::Remove => match self.current {
                Some(server) => {
                    self.command(Command::Remove { server }).await;
                    Ok(())
                }
                None => self.print(&sentence::command_error(&self.l10n, &CommandError::NoSuchServer)),
            },
            Slash::Do(KeyCommand::Connect) => self.on(Action::Connect).await,
            Slash::Do(KeyCommand::Disconnect) => self.on(Action::Disconnect).await,
            Slash::Posture => {
                self.print(&posture::report(&self.l10n).join("\n"))?;
                if self.current.is_some() { self.on(Action::ShowMemory).await } else { Ok(()) }
            }
            Slash::Do(KeyCommand::ServerRecord) => self.on(Action::ShowRecord).await,
            Slash::Do(KeyCommand::Clear) => self.clear().await,
            Slash::Do(KeyCommand::Quit) => {
                self.leave().await;
                Ok(())
            }
            // These are there on a full screen only.
            Slash::Do(_) | Slash::Stop | Slash::Name | Slash::Address | Slash::Mention | Slash::Mute => {
                Ok(())
            }
        }
    }

    /// Does something with the message of a number.
    async fn on_message(
        &self,
        number: Option<u64>,
        action: impl FnOnce(MessageId) -> Action,
    ) -> Result<(), String> {
        match number.and_then(|number| self.numbered(number)) {
            Some(message) => self.on(action(message)).await,
            None => self.print(&sentence::command_error(&self.l10n, &CommandError::NoSuchMessage)),
        }
    }

    /// What others see of the person.
    async fn show_oneself(&self) -> Result<(), String> {
        self.command(Command::SetProfile { nick: self.nick.clone(), mood: self.mood }).await;
        Ok(())
    }

    async fn send(&self, body: String) -> Result<(), String> {
        let mentions = self.mentioned(&body);
        self.on(Action::Send { conversation: self.conversation(), body, reply_to: None, mentions }).await
    }

    /// Who is meant by a text, of those who are here.
    fn mentioned(&self, body: &str) -> Vec<PersonKey> {
        self.shown().map(|shown| people::mentioned(body, &shown.people)).unwrap_or_default()
    }

    fn conversation(&self) -> ConversationId {
        ConversationId::Room(self.room())
    }

    fn room(&self) -> RoomId {
        self.printed().map_or(RoomId::MAIN, |printed| printed.room)
    }

    fn numbered(&self, number: u64) -> Option<MessageId> {
        self.printed().and_then(|printed| printed.transcript.message(number))
    }

    fn enter_room(&mut self, name: &str) -> Result<(), String> {
        let name = name.trim_start_matches('#');
        let found = self.shown().and_then(|shown| {
            let called = |room: &&Room| sentence::room_name(&self.l10n, room.id, &shown.rooms) == name;
            shown.rooms.iter().find(called).map(|room| room.id)
        });
        let printed = self.current.and_then(|server| self.printed.get_mut(&server));
        match found.zip(printed) {
            Some((room, printed)) => {
                printed.room = room;
                self.print_tr("terminal-in-room", &[("room", name)])
            }
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
        let Some(printed) = self.printed.get_mut(&id) else {
            return self.print(&sentence::command_error(&self.l10n, &CommandError::NoSuchServer));
        };
        printed.unread = 0;
        printed.awaits_snapshot = true;
        self.current = Some(id);
        self.list_servers()?;
        self.on(Action::Snapshot).await
    }

    async fn clear(&mut self) -> Result<(), String> {
        if let Some(server) = self.current {
            self.printed.get_mut(&server).into_iter().for_each(|printed| printed.transcript.clear());
            self.desk.server_mut(server).into_iter().for_each(Server::clear);
        }
        self.on(Action::Clear).await?;
        // Screen and scrollback, where the terminal knows the sequence.
        super::print_whole("\u{1b}[2J\u{1b}[3J\u{1b}[H")
    }
}
