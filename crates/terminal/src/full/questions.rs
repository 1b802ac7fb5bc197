//! What lies over the room: how it is moved in, chosen from, answered.

use std::time::Duration;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use shepot_client::model::ServerId;
use shepot_client::{Action, Command as EngineCommand, check_nick};
use shepot_console::input::{answer, latin};
use shepot_sanitise::Sanitised;
use shepot_view::command::Command;
use shepot_view::desk::Place;
use shepot_view::palette::Target as Found;
use shepot_view::passphrase::Passphrase;
use shepot_view::sentence;
use zeroize::Zeroizing;

use super::over::{Ask, Confirm, For, Over, RoomLine};
use super::program::{Effect, Focus, Program, RoomAsked};

/// Lines of Page up in a list.
const PAGE: isize = 10;

/// How long a code that took the place of another has to stand there before anything is said about it.
pub(super) const LOOK_AT_LEAST: Duration = Duration::from_secs(2);

impl Program {
    pub(super) fn move_choice(&mut self, by: isize) {
        let count = self.over_count();
        match self.over.as_mut().and_then(Over::chosen_mut) {
            Some(chosen) => *chosen = chosen.saturating_add_signed(by).min(count.saturating_sub(1)),
            // What is only read is moved; the drawing knows how far.
            None => self.read_from = self.read_from.saturating_add_signed(by),
        }
    }

    #[allow(clippy::wildcard_enum_match_arm, reason = "of all keys that there are, these mean something")]
    pub(super) fn key_over(&mut self, key: KeyEvent, command: Option<Command>) {
        // The key that opened it takes it away again.
        let is_same = matches!(
            (&self.over, command),
            (Some(Over::Help(_)), Some(Command::Keys))
                | (Some(Over::Rooms(_)), Some(Command::Rooms))
                | (Some(Over::Members(_)), Some(Command::Members))
                | (Some(Over::Code(_)), Some(Command::SafetyCode))
                | (Some(Over::Emoji(..)), Some(Command::Emoji))
                | (Some(Over::Moods(_)), Some(Command::Moods))
                | (Some(Over::Switcher(_)), Some(Command::Switcher))
                | (Some(Over::Search(_)), Some(Command::Search))
                | (Some(Over::Record), Some(Command::ServerRecord))
                | (Some(Over::Connections(_)), Some(Command::Connections))
        );
        if is_same {
            return self.back();
        }
        let is_question = matches!(self.over, Some(Over::Ask(..) | Over::Confirm(_)));
        if let Some(command) = command
            && (!is_question || command == Command::Lock)
            && !self.nick.is_empty()
        {
            self.over = None;
            return self.run(command);
        }
        match key.code {
            KeyCode::Up => self.move_choice(-1),
            KeyCode::Down => self.move_choice(1),
            KeyCode::PageUp => self.move_choice(-PAGE),
            KeyCode::PageDown => self.move_choice(PAGE),
            // What takes something away needs its letter.
            KeyCode::Enter if matches!(self.over, Some(Over::Confirm(_))) => {}
            KeyCode::Enter => self.confirm(),
            _ => {
                if let Some((field, most)) = self.over.as_mut().and_then(Over::field_mut) {
                    if field.key(key, most, false) {
                        if let Some(chosen) = self.over.as_mut().and_then(Over::chosen_mut) {
                            *chosen = 0;
                        }
                        if let Some(over) = &mut self.over {
                            over.set_error(String::new());
                        }
                    }
                    return;
                }
                let is_plain = !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
                if let KeyCode::Char(c) = key.code {
                    if is_plain {
                        self.letter_over(c);
                    }
                } else if key.code == KeyCode::Tab {
                    match &mut self.over {
                        Some(Over::Code(comparing)) => comparing.as_numbers = !comparing.as_numbers,
                        Some(Over::PairCode(paired)) => paired.as_numbers = !paired.as_numbers,
                        Some(Over::Invitation(invited)) => {
                            invited.shows_code = !invited.shows_code;
                            self.read_from = 0;
                        }
                        _ => {}
                    }
                }
            }
        }
    }

    fn letter_over(&mut self, typed: char) {
        match (&self.over, answer(typed), latin(typed)) {
            (Some(Over::Code(_)), Some(true), _) => self.code_is_the_same(),
            (Some(Over::Code(_)), Some(false), _) => {
                if let Some(server) = self.server {
                    self.code_differs();
                    let text = self.say("ui-sc-bad", &[]);
                    self.complain(text);
                    self.over = Some(Over::Confirm(Confirm::Leave(server)));
                }
            }
            (Some(Over::Confirm(_)), Some(true), _) => self.confirm(),
            (Some(Over::Confirm(_)), Some(false), _) => self.back(),
            (Some(Over::Members(chosen)), _, letter @ ('x' | 'c')) => {
                let person = self.shown().and_then(|server| server.people.get(*chosen));
                let person = person.filter(|person| !person.is_self).map(|person| person.key);
                if let (Some(server), Some(person)) = (self.server, person) {
                    if letter == 'c' {
                        return self.on(server, Action::PairCode { person });
                    }
                    self.over = Some(Over::Confirm(Confirm::Evict(server, person)));
                }
            }
            (Some(Over::Connections(chosen)), _, letter) => {
                let chosen = *chosen;
                self.letter_connections(chosen, letter);
            }
            (Some(Over::Invitation(invited)), _, 'c') => {
                let link = Sanitised::of(&invited.link);
                self.effects.push(Effect::Copy(link));
            }
            (Some(Over::Invitation(invited)), _, 'a') if invited.is_ours => {
                let link = invited.link.clone();
                self.over = Some(Over::ask(Ask::HostAddress(link)));
            }
            _ => {}
        }
    }

    /// The person says that the code that stands there is the same as the others see.
    fn code_is_the_same(&mut self) {
        let Some(Over::Code(comparing)) = &self.over else { return };
        let Some(code) = comparing.shown else { return };
        // A key that is held, or pressed twice, says nothing about a code that has just come.
        if comparing.not_before.is_some_and(|at| at > self.now.steady) {
            return;
        }
        let now = self.now.unix;
        let is_taken = self
            .server
            .and_then(|id| self.desk.server_mut(id))
            .is_some_and(|server| server.code_is_the_same(code, now));
        if is_taken {
            self.over = None;
            let text = self.say("ui-sc-same", &[]);
            return self.tell(text);
        }
        // It is the code of before: the one of now has to be looked at first.
        let (current, now) = (self.code(), self.now.steady);
        if let Some(Over::Code(comparing)) = &mut self.over {
            comparing.shown = current;
            comparing.not_before = Some(now + LOOK_AT_LEAST);
        }
        let text = self.say("ui-sc-meanwhile", &[]);
        self.complain(text);
    }

    fn code_differs(&mut self) {
        let Some(Over::Code(comparing)) = &self.over else { return };
        let (is_shown, now) = (comparing.shown.is_some(), self.now.unix);
        if let Some(server) = self.server.filter(|_| is_shown).and_then(|id| self.desk.server_mut(id)) {
            server.code_differs(now);
        }
    }

    /// Enter in what lies over the room.
    pub(super) fn confirm(&mut self) {
        // Nothing that fits: what was typed can be mended.
        let has_choice = self.over.as_mut().and_then(Over::chosen_mut).is_some();
        if has_choice && self.over_count() == 0 {
            return;
        }
        let Some(over) = self.over.take() else { return };
        match over {
            Over::Rooms(chosen) => match self.room_lines().get(chosen) {
                Some(RoomLine::Server(server)) => self.go_to_server(*server),
                Some(RoomLine::Room(place)) => self.go(*place),
                None => {}
            },
            Over::Members(chosen) => {
                let person =
                    self.shown().and_then(|server| server.people.get(chosen)).map(|person| person.key);
                if let Some(person) = person {
                    self.mention(&person);
                }
            }
            Over::Emoji(wanted, picker) => {
                let Some(emoji) = self.emoji_for(picker.field.text()).get(picker.chosen).copied() else {
                    return;
                };
                match wanted {
                    For::Text => {
                        self.focus = Focus::Composer;
                        self.composer.write(emoji.text);
                    }
                    For::Reaction(message) => self.react(message, emoji.text),
                }
            }
            Over::Moods(chosen) => {
                let mood = self.moods().get(chosen).copied().flatten();
                self.set_profile(None, Some(mood));
            }
            Over::Switcher(picker) => {
                let entry = self.switcher_entries(picker.field.text()).into_iter().nth(picker.chosen);
                if let Some(entry) = entry {
                    self.open_found(entry.target);
                }
            }
            Over::Search(picker) => {
                let hit = self.found(picker.field.text()).into_iter().nth(picker.chosen);
                if let Some((target, ..)) = hit {
                    self.open_found(target);
                }
            }
            Over::Timer(place, chosen) => {
                let seconds = self.timers().get(chosen).map(|(seconds, _)| *seconds);
                if let Some(seconds) = seconds.filter(|seconds| *seconds != self.timer()) {
                    self.on(place.server, Action::SetTimer { room: place.room, seconds });
                }
            }
            Over::Ask(ask, mut field, _) => {
                let typed = Zeroizing::new(field.take());
                self.answered(ask, &typed);
            }
            Over::Confirm(confirm) => self.confirmed(&confirm),
            // What was read stays where nothing was chosen by it.
            Over::Connections(chosen) => self.over = Some(Over::Connections(chosen)),
            Over::Help(_) | Over::Code(_) | Over::PairCode(_) | Over::Invitation(_) | Over::Record => {}
        }
    }

    fn open_found(&mut self, target: Found) {
        match target {
            Found::Room(place) => self.go(place),
            Found::Server(server) => self.go_to_server(server),
            Found::Person(server, person) => {
                if self.server != Some(server) {
                    self.go_to_server(server);
                }
                self.mention(&person);
            }
            Found::Message(place, message) => {
                self.go(place);
                self.list.selected = Some(message);
                self.list.reveal = true;
                self.focus = Focus::List;
            }
            Found::Command(command) => self.run(command),
        }
    }

    fn answered(&mut self, ask: Ask, typed: &Zeroizing<String>) {
        match ask {
            Ask::Nick => match check_nick(typed) {
                Ok(()) if self.nick.is_empty() => {
                    self.is_called(typed.trim());
                    self.effects.push(Effect::Start(self.nick.clone()));
                }
                Ok(()) => self.set_profile(Some(typed.trim()), None),
                Err(error) => {
                    let error = sentence::command_error(&self.words, &error);
                    let mut over = Over::asks_again(Ask::Nick, typed);
                    over.set_error(error);
                    self.over = Some(over);
                }
            },
            Ask::Server => {
                // It stays until the engine has taken it.
                self.over = Some(Over::asks_again(Ask::Server, typed));
                self.add(typed.trim());
            }
            Ask::Room(server) => self.make_room(server, typed.trim()),
            Ask::RoomName(place) => self.rename_room(place, typed.trim()),
            Ask::HostAddress(link) => match self.at_address(&link, typed.trim()) {
                Some(invited) => self.over = Some(Over::Invitation(invited)),
                None => {
                    let mut over = Over::asks_again(Ask::HostAddress(link), typed);
                    over.set_error(self.say("ui-er-addr", &[]));
                    self.over = Some(over);
                }
            },
            Ask::Passphrase if typed.is_empty() => {
                let mut over = Over::ask(Ask::Passphrase);
                over.set_error(self.say("ui-lk-empty", &[]));
                self.over = Some(over);
            }
            Ask::Passphrase => self.over = Some(Over::ask(Ask::PassphraseAgain(typed.clone()))),
            Ask::PassphraseAgain(first) if first == *typed => {
                self.passphrase = Passphrase::new(typed);
                if self.passphrase.is_some() {
                    self.lock()
                }
            }
            Ask::PassphraseAgain(_) => {
                let mut over = Over::ask(Ask::Passphrase);
                over.set_error(self.say("ui-lk-differ", &[]));
                self.over = Some(over);
            }
        }
    }

    fn confirmed(&mut self, confirm: &Confirm) {
        match confirm {
            Confirm::Clear(server) => {
                if let Some(known) = self.desk.server_mut(*server) {
                    known.clear();
                }
                self.on(*server, Action::Clear);
                self.list = super::list::List::default();
                self.rebuild();
            }
            Confirm::Leave(server) => self.on(*server, Action::Disconnect),
            Confirm::Connect(server) => self.on(*server, Action::Connect),
            Confirm::Remove(server) => self.command(EngineCommand::Remove { server: *server }),
            Confirm::Delete(server, message) => {
                self.list.selected = None;
                self.focus = Focus::Composer;
                self.on(*server, Action::Delete { message: *message });
            }
            Confirm::Evict(server, person) => self.on(*server, Action::Evict { person: *person }),
            Confirm::StopHosting => self.stop_hosting(),
            Confirm::Disconnect(visitor) => {
                if let Some(connection) = visitor.connection() {
                    self.effects.push(Effect::Disconnect(connection.id));
                }
                self.show_connections(Some(visitor));
            }
            Confirm::Ban(visitor) => {
                self.effects.push(Effect::Ban(visitor.address));
                self.show_connections(Some(visitor));
            }
            Confirm::Quit => self.effects.push(Effect::Quit),
        }
    }

    fn asked_for(&self, server: ServerId, ask: Ask, name: &str) -> RoomAsked {
        let rooms = self.desk.server(server).map(|known| known.rooms.as_slice()).unwrap_or_default();
        let known = rooms.iter().map(|room| room.id).collect();
        RoomAsked { server, ask, name: name.to_owned(), known }
    }

    /// Makes a room, and goes there when it is there.
    pub(super) fn make_room(&mut self, server: ServerId, name: &str) {
        self.room_asked = Some(self.asked_for(server, Ask::Room(server), name));
        self.on(server, Action::MakeRoom { name: name.to_owned() });
    }

    pub(super) fn rename_room(&mut self, place: Place, name: &str) {
        self.room_asked = Some(self.asked_for(place.server, Ask::RoomName(place), name));
        self.on(place.server, Action::RenameRoom { room: place.room, name: name.to_owned() });
    }

    pub(super) fn set_profile(&mut self, nick: Option<&str>, mood: Option<Option<u8>>) {
        if let Some(nick) = nick {
            self.is_called(nick);
        }
        if let Some(mood) = mood {
            self.mood = mood;
        }
        self.command(EngineCommand::SetProfile { nick: self.nick.clone(), mood: self.mood });
    }
}
