//! What is typed behind a slash is done.

use shepot_app::confirmation::Confirmation;
use shepot_client::model::{CommandError, RoomId};
use shepot_client::{Action, check_nick};
use shepot_sanitise::Sanitised;
use shepot_view::command::Command;
use shepot_view::desk::Place;
use shepot_view::{people, sentence};

use super::hosted::Hosting;
use super::overlay::{Ask, Overlay};
use super::program::Program;
use super::slash::{Slash, SlashError};

impl Program {
    pub(super) fn slash(&mut self, line: &str) {
        let slash = match Slash::parse(line) {
            Ok(slash) => slash,
            Err(SlashError::Unknown(name)) => {
                let text = self.tr("terminal-unknown-command", &[("name", &name)]);
                return self.complain(text);
            }
            Err(SlashError::Usage(usage)) => {
                let text = self.tr("terminal-usage", &[("usage", usage)]);
                return self.complain(text);
            }
        };
        // A reply that is being written stays what it is.
        if let Slash::Text(text) = slash {
            self.composer.field.set(&text);
            return self.send();
        }
        self.composer.field.clear();
        self.obey(slash);
    }

    fn obey(&mut self, slash: Slash) {
        let message = self.meant_message();
        let place = self.place;
        match slash {
            Slash::Help => self.run(Command::Keys),
            Slash::Invite { owner } => self.invite(owner),
            Slash::Join(Some(entry)) => self.add(&entry),
            Slash::Join(None) => self.run(Command::AddServer),
            Slash::Host => self.host(),
            Slash::StopHosting if self.hosting == Hosting::Off => {
                let text = self.tr("ui-op-none", &[]);
                self.complain(text);
            }
            Slash::StopHosting => self.overlay = Some(Overlay::Confirm(Confirmation::StopHosting)),
            Slash::Connections => self.run(Command::Connections),
            Slash::Connect => self.connect(),
            Slash::Leave => self.run(Command::Disconnect),
            Slash::Remove => {
                if let Some(server) = self.server {
                    self.overlay = Some(Overlay::Confirm(Confirmation::Remove(server)));
                }
            }
            Slash::Room(name) => self.enter_room(&name),
            Slash::New(Some(name)) => match self.server {
                Some(server) => self.make_room(server, &name),
                None => self.run(Command::NewRoom),
            },
            Slash::New(None) => self.run(Command::NewRoom),
            Slash::Rename(name) => {
                let Some(place) = place.filter(|place| place.room != RoomId::MAIN) else {
                    let text = self.tr("full-main-room-name", &[]);
                    return self.complain(text);
                };
                match name {
                    Some(name) => self.rename_room(place, &name),
                    None => self.with_session(|program| {
                        let room = program.shown().and_then(|server| server.room(place.room));
                        let name = room.map(|room| room.name.clone()).unwrap_or_default();
                        program.overlay = Some(Overlay::asks_again(Ask::RoomName(place), &name));
                    }),
                }
            }
            Slash::Timer(Some(seconds)) => match place {
                Some(place) => self.on(place.server, Action::SetTimer { room: place.room, seconds }),
                None => self.with_session(|_| {}),
            },
            Slash::Timer(None) => self.with_session(|program| {
                let set = program.timer();
                let at = program.timers().iter().position(|(seconds, _)| *seconds == set);
                program.overlay = program.place.map(|place| Overlay::Timer(place, at.unwrap_or_default()));
            }),
            Slash::Reply(text) => {
                if let Some(message) = message {
                    self.reply(message);
                    if let Some(text) = text {
                        self.composer.field.set(&text);
                        self.send();
                    }
                }
            }
            Slash::Edit => match self.list.selected {
                Some(message) => self.edit(message),
                None => self.edit_own(),
            },
            Slash::Delete => {
                let own = place.and_then(|place| self.desk.server(place.server)?.last_own(place.room));
                if let Some(message) = self.list.selected.or(own) {
                    self.delete(message);
                }
            }
            Slash::React(emoji) => {
                if let Some(message) = message {
                    match emoji {
                        Some(emoji) => {
                            let emoji = shepot_view::emoji::with_short_names(&emoji);
                            self.react(message, &emoji);
                        }
                        None => self.pick_reaction(message),
                    }
                }
            }
            Slash::Mention(nick) => {
                if let Some(person) = self.person(&nick) {
                    self.mention(&person);
                }
            }
            Slash::Evict(nick) => {
                if let (Some(server), Some(person)) = (self.server, self.person(&nick)) {
                    self.overlay = Some(Overlay::Confirm(Confirmation::Evict(server, person)));
                }
            }
            Slash::Nick(nick) => match check_nick(&nick) {
                Ok(()) => self.set_profile(Some(&nick), None),
                Err(error) => {
                    let text = sentence::command_error(&self.l10n, &error);
                    self.complain(text);
                }
            },
            Slash::Mood(None) => self.run(Command::Moods),
            Slash::Mood(Some(number)) => match number.parse::<u8>() {
                Ok(mood) if usize::from(mood) < self.moods().len() => {
                    self.set_profile(None, Some(Some(mood).filter(|mood| *mood > 0)));
                }
                Ok(_) | Err(_) => {
                    let text = self.tr("terminal-usage", &[("usage", "/mood 0-15")]);
                    self.complain(text);
                }
            },
            Slash::Rooms => self.run(Command::Rooms),
            Slash::Who => self.run(Command::Members),
            Slash::Name(name) => {
                if let Some(server) = self.server.and_then(|id| self.desk.server_mut(id)) {
                    server.name = Sanitised::in_one_line(&name);
                }
            }
            Slash::Address(address) => self.act(Action::SetAddress { address }),
            Slash::Code(None) => self.run(Command::SafetyCode),
            Slash::Code(Some(nick)) => {
                if let Some(person) = self.person(&nick) {
                    self.act(Action::PairCode { person });
                }
            }
            Slash::Seen => self.run(Command::ServerRecord),
            Slash::Search => self.run(Command::Search),
            Slash::Mute => self.mute(),
            Slash::Clear => self.run(Command::Clear),
            Slash::Lock => self.run(Command::Lock),
            Slash::Quit => self.run(Command::Quit),
            Slash::Text(_) => {}
        }
    }

    fn mute(&mut self) {
        let muted = self.place.and_then(|place| self.desk.conversation_mut(place)).map(|known| {
            known.is_muted = !known.is_muted;
            known.is_muted
        });
        if let Some(is_muted) = muted {
            let text = self.tr(if is_muted { "full-muted" } else { "full-unmuted" }, &[]);
            self.tell(text);
        }
    }

    /// Whom a typed nick means; told where it is nobody or several.
    fn person(&mut self, nick: &str) -> Option<shepot_client::model::PersonKey> {
        let meant: Vec<_> = self
            .shown()
            .map(|server| people::meant(nick, &server.people).iter().map(|person| person.key).collect())
            .unwrap_or_default();
        let text = match meant.as_slice() {
            [person] => return Some(*person),
            [] => sentence::command_error(&self.l10n, &CommandError::NoSuchPerson),
            _ => self.tr("terminal-several-of-this-nick", &[]),
        };
        self.complain(text);
        None
    }

    fn enter_room(&mut self, name: &str) {
        let name = shepot_view::desk::normal(name.trim_start_matches('#'));
        let found = self.shown().and_then(|server| {
            let rooms = &server.rooms;
            let is_it = |room: &&shepot_client::model::Room| {
                shepot_view::desk::normal(&sentence::room_name(&self.l10n, room.id, rooms)) == name
            };
            Some(Place { server: server.id, room: rooms.iter().find(is_it)?.id })
        });
        match found {
            Some(place) => self.go(place),
            None => {
                let text = sentence::command_error(&self.l10n, &CommandError::NoSuchRoom);
                self.complain(text);
            }
        }
    }
}
