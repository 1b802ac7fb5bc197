//! What lies over the room: how it is moved in, chosen from, answered.

use std::time::Duration;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use shepot_app::confirmation::Confirmation;
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

use super::overlay::{Ask, For, Overlay, RoomLine};
use super::program::{Effect, Focus, Program, RoomAsked};

/// Lines of Page up in a list.
const PAGE: isize = 10;

/// How long a code that took the place of another has to stand there before anything is said about it.
pub(super) const LOOK_AT_LEAST: Duration = Duration::from_secs(2);

impl Program {
    pub(super) fn move_choice(&mut self, by: isize) {
        let count = self.overlay_count();
        match self.overlay.as_mut().and_then(Overlay::chosen_mut) {
            Some(chosen) => *chosen = chosen.saturating_add_signed(by).min(count.saturating_sub(1)),
            // What is only read is moved; the drawing knows how far.
            None => self.read_from = self.read_from.saturating_add_signed(by),
        }
    }

    #[allow(clippy::wildcard_enum_match_arm, reason = "of all keys that there are, these mean something")]
    pub(super) fn key_overlay(&mut self, key: KeyEvent, command: Option<Command>) {
        // The key that opened it takes it away again.
        let is_same = matches!(
            (&self.overlay, command),
            (Some(Overlay::Help(_)), Some(Command::Keys))
                | (Some(Overlay::Rooms(_)), Some(Command::Rooms))
                | (Some(Overlay::Members(_)), Some(Command::Members))
                | (Some(Overlay::Code(_)), Some(Command::SafetyCode))
                | (Some(Overlay::Emoji(..)), Some(Command::Emoji))
                | (Some(Overlay::Moods(_)), Some(Command::Moods))
                | (Some(Overlay::Switcher(_)), Some(Command::Switcher))
                | (Some(Overlay::Search(_)), Some(Command::Search))
                | (Some(Overlay::Record), Some(Command::ServerRecord))
                | (Some(Overlay::Connections(_)), Some(Command::Connections))
        );
        if is_same {
            return self.back();
        }
        let is_question = matches!(self.overlay, Some(Overlay::Ask(..) | Overlay::Confirm(_)));
        if let Some(command) = command
            && (!is_question || command == Command::Lock)
            && !self.nick.is_empty()
        {
            self.overlay = None;
            return self.run(command);
        }
        match key.code {
            KeyCode::Up => self.move_choice(-1),
            KeyCode::Down => self.move_choice(1),
            KeyCode::PageUp => self.move_choice(-PAGE),
            KeyCode::PageDown => self.move_choice(PAGE),
            // What takes something away needs its letter.
            KeyCode::Enter if matches!(self.overlay, Some(Overlay::Confirm(_))) => {}
            KeyCode::Enter => self.confirm(),
            _ => {
                if let Some((field, most)) = self.overlay.as_mut().and_then(Overlay::field_mut) {
                    if field.key(key, most, false) {
                        if let Some(chosen) = self.overlay.as_mut().and_then(Overlay::chosen_mut) {
                            *chosen = 0;
                        }
                        if let Some(over) = &mut self.overlay {
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
                    match &mut self.overlay {
                        Some(Overlay::Code(comparing)) => comparing.as_numbers = !comparing.as_numbers,
                        Some(Overlay::PairCode(paired)) => paired.as_numbers = !paired.as_numbers,
                        Some(Overlay::Invitation(invited)) => {
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
        match (&self.overlay, answer(typed), latin(typed)) {
            (Some(Overlay::Code(_)), Some(true), _) => self.code_is_the_same(),
            (Some(Overlay::Code(_)), Some(false), _) => {
                if let Some(server) = self.server {
                    self.code_differs();
                    let text = self.tr("ui-sc-bad", &[]);
                    self.complain(text);
                    self.overlay = Some(Overlay::Confirm(Confirmation::Leave(server)));
                }
            }
            (Some(Overlay::Confirm(_)), Some(true), _) => self.confirm(),
            (Some(Overlay::Confirm(_)), Some(false), _) => self.back(),
            (Some(Overlay::Members(chosen)), _, letter @ ('x' | 'c')) => {
                let person = self.shown().and_then(|server| server.people.get(*chosen));
                let person = person.filter(|person| !person.is_self).map(|person| person.key);
                if let (Some(server), Some(person)) = (self.server, person) {
                    if letter == 'c' {
                        return self.on(server, Action::PairCode { person });
                    }
                    self.overlay = Some(Overlay::Confirm(Confirmation::Evict(server, person)));
                }
            }
            (Some(Overlay::Connections(chosen)), _, letter) => {
                let chosen = *chosen;
                self.letter_connections(chosen, letter);
            }
            (Some(Overlay::Invitation(invited)), _, 'c') => {
                let link = Sanitised::of(&invited.link);
                self.effects.push(Effect::Copy(link));
            }
            (Some(Overlay::Invitation(invited)), _, 'a') if invited.is_ours => {
                let link = invited.link.clone();
                self.overlay = Some(Overlay::ask(Ask::HostAddress(link)));
            }
            _ => {}
        }
    }

    /// The person says that the code that stands there is the same as the others see.
    fn code_is_the_same(&mut self) {
        let Some(Overlay::Code(comparing)) = &self.overlay else { return };
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
            self.overlay = None;
            let text = self.tr("ui-sc-same", &[]);
            return self.tell(text);
        }
        // It is the code of before: the one of now has to be looked at first.
        let (current, now) = (self.code(), self.now.steady);
        if let Some(Overlay::Code(comparing)) = &mut self.overlay {
            comparing.shown = current;
            comparing.not_before = Some(now + LOOK_AT_LEAST);
        }
        let text = self.tr("ui-sc-meanwhile", &[]);
        self.complain(text);
    }

    fn code_differs(&mut self) {
        let Some(Overlay::Code(comparing)) = &self.overlay else { return };
        let (is_shown, now) = (comparing.shown.is_some(), self.now.unix);
        if let Some(server) = self.server.filter(|_| is_shown).and_then(|id| self.desk.server_mut(id)) {
            server.code_differs(now);
        }
    }

    /// Enter in what lies over the room.
    pub(super) fn confirm(&mut self) {
        // Nothing that fits: what was typed can be mended.
        let has_choice = self.overlay.as_mut().and_then(Overlay::chosen_mut).is_some();
        if has_choice && self.overlay_count() == 0 {
            return;
        }
        let Some(over) = self.overlay.take() else { return };
        match over {
            Overlay::Rooms(chosen) => match self.room_lines().get(chosen) {
                Some(RoomLine::Server(server)) => self.go_to_server(*server),
                Some(RoomLine::Room(place)) => self.go(*place),
                None => {}
            },
            Overlay::Members(chosen) => {
                let person =
                    self.shown().and_then(|server| server.people.get(chosen)).map(|person| person.key);
                if let Some(person) = person {
                    self.mention(&person);
                }
            }
            Overlay::Emoji(wanted, picker) => {
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
            Overlay::Moods(chosen) => {
                let mood = self.moods().get(chosen).copied().flatten();
                self.set_profile(None, Some(mood));
            }
            Overlay::Switcher(picker) => {
                let entry = self.switcher_entries(picker.field.text()).into_iter().nth(picker.chosen);
                if let Some(entry) = entry {
                    self.open_found(entry.target);
                }
            }
            Overlay::Search(picker) => {
                let hit = self.found(picker.field.text()).into_iter().nth(picker.chosen);
                if let Some((target, ..)) = hit {
                    self.open_found(target);
                }
            }
            Overlay::Timer(place, chosen) => {
                let seconds = self.timers().get(chosen).map(|(seconds, _)| *seconds);
                if let Some(seconds) = seconds.filter(|seconds| *seconds != self.timer()) {
                    self.on(place.server, Action::SetTimer { room: place.room, seconds });
                }
            }
            Overlay::Ask(ask, mut field, _) => {
                let typed = Zeroizing::new(field.take());
                self.answered(ask, &typed);
            }
            Overlay::Confirm(confirm) => self.confirmed(&confirm),
            // What was read stays where nothing was chosen by it.
            Overlay::Connections(chosen) => self.overlay = Some(Overlay::Connections(chosen)),
            Overlay::Help(_)
            | Overlay::Code(_)
            | Overlay::PairCode(_)
            | Overlay::Invitation(_)
            | Overlay::Record => {}
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
                    let error = sentence::command_error(&self.l10n, &error);
                    let mut over = Overlay::asks_again(Ask::Nick, typed);
                    over.set_error(error);
                    self.overlay = Some(over);
                }
            },
            Ask::Server => {
                // It stays until the engine has taken it.
                self.overlay = Some(Overlay::asks_again(Ask::Server, typed));
                self.add(typed.trim());
            }
            Ask::Room(server) => self.make_room(server, typed.trim()),
            Ask::RoomName(place) => self.rename_room(place, typed.trim()),
            Ask::HostAddress(link) => match self.at_address(&link, typed.trim()) {
                Some(invited) => self.overlay = Some(Overlay::Invitation(invited)),
                None => {
                    let mut over = Overlay::asks_again(Ask::HostAddress(link), typed);
                    over.set_error(self.tr("ui-er-addr", &[]));
                    self.overlay = Some(over);
                }
            },
            Ask::Passphrase if typed.is_empty() => {
                let mut over = Overlay::ask(Ask::Passphrase);
                over.set_error(self.tr("ui-lk-empty", &[]));
                self.overlay = Some(over);
            }
            Ask::Passphrase => self.overlay = Some(Overlay::ask(Ask::PassphraseAgain(typed.clone()))),
            Ask::PassphraseAgain(first) if first == *typed => {
                self.passphrase = Passphrase::new(typed);
                if self.passphrase.is_some() {
                    self.lock()
                }
            }
            Ask::PassphraseAgain(_) => {
                let mut over = Overlay::ask(Ask::Passphrase);
                over.set_error(self.tr("ui-lk-differ", &[]));
                self.overlay = Some(over);
            }
        }
    }

    fn confirmed(&mut self, confirmation: &Confirmation) {
        if let Some((server, action)) = confirmation.action() {
            self.on(server, action);
        }
        match confirmation {
            Confirmation::Clear(server) => self.clear(*server),
            Confirmation::ClearAll => {
                let servers: Vec<ServerId> = self.desk.servers().iter().map(|server| server.id).collect();
                servers.into_iter().for_each(|server| self.clear(server));
            }
            Confirmation::Remove(server) | Confirmation::WrongIdentity(server) => {
                self.command(EngineCommand::Remove { server: *server });
            }
            Confirmation::Delete(..) => {
                self.list.selected = None;
                self.focus = Focus::Composer;
            }
            // Nothing is kept here: a relay that stops is forgotten.
            Confirmation::StopHosting | Confirmation::ForgetHosting => self.stop_hosting(),
            Confirmation::Disconnect(visitor) => {
                if let Some(connection) = visitor.connection() {
                    self.effects.push(Effect::Disconnect(connection.id));
                }
                self.show_connections(Some(visitor));
            }
            Confirmation::Ban(visitor, _) => {
                self.effects.push(Effect::Ban(visitor.address));
                self.show_connections(Some(visitor));
            }
            Confirmation::Quit(_) => self.effects.push(Effect::Quit),
            Confirmation::Leave(_) | Confirmation::Connect(_) | Confirmation::Evict(..) => {}
        }
    }

    /// Takes everything that was said on a server off this screen.
    fn clear(&mut self, server: ServerId) {
        if let Some(known) = self.desk.server_mut(server) {
            known.clear();
        }
        self.on(server, Action::Clear);
        self.list = super::list::List::default();
        self.rebuild();
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
