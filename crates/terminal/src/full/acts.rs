//! What keys and the wheel do: what the key map says, and the ways between servers, rooms and parts of the screen.

use ratatui::crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEventKind};
use shepot_app::confirmation::{Confirmation, Hosted};
use shepot_app::navigation::{self, Way};
use shepot_client::Action;
use shepot_client::model::CommandError;
use shepot_console::input::{latin, pressed};
use shepot_view::command::Command;
use shepot_view::desk::{Place, Server};
use shepot_view::sentence;

use super::draw;
use super::hits;
use super::hosted::Hosting;
use super::keys::chord;
use super::overlay::{Ask, Comparing, For, MOST_TYPED, Overlay, Picker, RoomLine};
use super::program::{Effect, Focus, Program};

/// Lines of a turn of the mouse wheel.
const WHEEL_LINES: isize = 3;

impl Program {
    /// The person does something.
    pub(super) fn input(&mut self, event: &Event) {
        let before = self.overlay.as_ref().map(std::mem::discriminant);
        self.take(event);
        // Whoever has no nick yet is asked until there is one.
        if self.nick.is_empty() && self.overlay.is_none() && self.locked.is_none() {
            self.overlay = Some(Overlay::ask(Ask::Nick));
        }
        if self.overlay.as_ref().map(std::mem::discriminant) != before {
            self.read_from = 0;
        }
        self.looked();
    }

    fn take(&mut self, event: &Event) {
        match event {
            Event::Paste(text) => self.paste(text),
            Event::Mouse(mouse) => {
                let down = matches!(mouse.kind, MouseEventKind::Down(MouseButton::Left));
                if down && self.locked.is_none() {
                    if let Some(target) = hits::at(&self.hits, mouse.column, mouse.row) {
                        self.click(target);
                    }
                } else if matches!(mouse.kind, MouseEventKind::ScrollUp) {
                    self.wheel(WHEEL_LINES);
                } else if matches!(mouse.kind, MouseEventKind::ScrollDown) {
                    self.wheel(-WHEEL_LINES);
                }
            }
            Event::Key(_) | Event::Resize(..) | Event::FocusGained | Event::FocusLost => {
                if let Some(key) = pressed(event) {
                    self.key(key);
                }
            }
        }
    }

    fn wheel(&mut self, lines: isize) {
        if self.locked.is_some() {
            return;
        }
        if self.overlay.is_some() { self.move_choice(-lines) } else { self.scroll(lines) }
    }

    pub(super) fn scroll(&mut self, by: isize) {
        let mut list = self.list;
        list.scroll(&self.rows, by, |row| draw::row_lines(self, row));
        self.list = list;
    }

    /// A whole text at once, as the terminal brackets it: it is written, never obeyed.
    fn paste(&mut self, text: &str) {
        if let Some(locked) = &mut self.locked {
            return locked.field.insert(text, MOST_TYPED, false);
        }
        if let Some(over) = &mut self.overlay {
            if let Some((field, most)) = over.field_mut() {
                field.insert(text, most, false);
            }
            return;
        }
        self.focus = Focus::Composer;
        if self.composer.paste(text) {
            return self.typed();
        }
        let text = sentence::too_long_to_paste(&self.l10n);
        self.complain(text);
    }

    fn key(&mut self, key: KeyEvent) {
        if key.code == KeyCode::Enter {
            // What went wrong before is not about what is done now.
            self.toast.take_if(|toast| toast.is_problem);
        }
        let chord = chord(&key);
        let command = chord.and_then(Command::by_terminal);
        if command == Some(Command::Panic) {
            return self.panic_key();
        }
        if self.locked.is_some() {
            return self.key_locked(key);
        }
        let is_ctrl_c = key.modifiers.contains(KeyModifiers::CONTROL)
            && matches!(key.code, KeyCode::Char(c) if latin(c) == 'c');
        if is_ctrl_c {
            // What every terminal understands as "enough": the question is one step away from the end.
            if matches!(self.overlay, Some(Overlay::Confirm(Confirmation::Quit(_)))) {
                return self.effects.push(Effect::Quit);
            }
            return self.run(Command::Quit);
        }
        if command == Some(Command::Back) {
            return self.back();
        }
        let digit = if let KeyCode::Char(c @ '1'..='9') = key.code
            && key.modifiers.contains(KeyModifiers::ALT)
        {
            c.to_digit(10)
        } else {
            None
        };
        let is_question = matches!(self.overlay, Some(Overlay::Ask(..) | Overlay::Confirm(_)));
        if let Some(digit) = digit.filter(|_| !is_question) {
            self.overlay = None;
            let at = usize::try_from(digit).unwrap_or(0).saturating_sub(1);
            if let Some(server) = self.desk.servers().get(at).map(|server| server.id) {
                self.go_to_server(server);
            }
            return;
        }
        if self.overlay.is_some() {
            return self.key_overlay(key, command);
        }
        if let Some(command) = command {
            return self.run(command);
        }
        match self.focus {
            Focus::Composer => self.key_composer(key),
            Focus::List => self.key_list(key),
        }
    }

    /// Does what the key map, the switcher or a click says.
    pub(super) fn run(&mut self, command: Command) {
        match command {
            Command::Switcher => self.overlay = Some(Overlay::Switcher(Picker::default())),
            Command::NextServer => self.next_server(Way::Forward),
            Command::PreviousServer => self.next_server(Way::Backward),
            Command::NextRoom => self.next_room(navigation::next_room(&self.desk, self.place, Way::Forward)),
            Command::PreviousRoom => {
                self.next_room(navigation::next_room(&self.desk, self.place, Way::Backward))
            }
            Command::NextUnread => {
                self.next_room(navigation::next_unread(&self.desk, self.place, Way::Forward))
            }
            Command::PreviousUnread => {
                self.next_room(navigation::next_unread(&self.desk, self.place, Way::Backward))
            }
            Command::AddServer => self.overlay = Some(Overlay::ask(Ask::Server)),
            Command::Invite => self.invite(false),
            Command::NewRoom => self.with_session(|program| {
                program.overlay = program.server.map(|server| Overlay::ask(Ask::Room(server)));
            }),
            Command::Search if self.shown().is_some_and(Server::shows_conversation) => {
                self.overlay = Some(Overlay::Search(Picker::default()));
            }
            Command::Search => self.with_session(|_| {}),
            Command::Emoji => self.with_session(|program| {
                program.overlay = Some(Overlay::Emoji(For::Text, Picker::default()));
            }),
            Command::Moods => self.overlay = Some(Overlay::Moods(usize::from(self.mood.unwrap_or_default()))),
            Command::SafetyCode => self.with_session(|program| {
                program.act(Action::SafetyCode);
                program.overlay =
                    Some(Overlay::Code(Comparing { shown: program.code(), ..Comparing::default() }));
            }),
            Command::Members => {
                self.with_session(|program| program.overlay = Some(Overlay::Members(0)));
            }
            Command::Rooms => {
                let lines = self.room_lines();
                let here = self.place.map(RoomLine::Room);
                let at = lines.iter().position(|line| Some(*line) == here).unwrap_or_default();
                self.overlay = Some(Overlay::Rooms(at));
            }
            Command::ServerRecord => self.with_session(|program| program.act(Action::ShowRecord)),
            Command::Clear => {
                if let Some(server) = self.server {
                    self.overlay = Some(Overlay::Confirm(Confirmation::Clear(server)));
                }
            }
            Command::Lock => self.lock(),
            Command::Panic => self.panic_key(),
            Command::NextRegion | Command::PreviousRegion => self.next_region(),
            Command::Keys => self.overlay = Some(Overlay::Help(0)),
            Command::Connect => self.connect(),
            Command::Disconnect => {
                if let Some(server) = self.server {
                    self.overlay = Some(Overlay::Confirm(Confirmation::Leave(server)));
                }
            }
            Command::Host => self.host(),
            Command::Quit => {
                let is_hosting = self.hosting != Hosting::Off;
                // Nothing is kept here.
                let hosted = if is_hosting { Hosted::Forgotten } else { Hosted::Nothing };
                self.overlay = Some(Overlay::Confirm(Confirmation::Quit(hosted)));
            }
            Command::Back => self.back(),
            Command::Connections => self.show_connections(None),
            // A page of the window: what it says is in commands here.
            Command::Settings => self.overlay = Some(Overlay::Help(0)),
        }
    }

    /// Connects; asks where that destroys what was said in a session that is over.
    pub(super) fn connect(&mut self) {
        match self.server.and_then(|server| Confirmation::connect(&self.desk, server)) {
            Some(confirmation) => self.overlay = Some(Overlay::Confirm(confirmation)),
            None => self.act(Action::Connect),
        }
    }

    pub(super) fn with_session(&mut self, step: impl FnOnce(&mut Self)) {
        if self.shown().is_some_and(Server::is_entered) {
            return step(self);
        }
        let error =
            if self.server.is_some() { CommandError::NotConnected } else { CommandError::NoSuchServer };
        let text = sentence::command_error(&self.l10n, &error);
        self.complain(text);
    }

    fn next_server(&mut self, way: Way) {
        if let Some(server) = navigation::next_server(&self.desk, self.server, way) {
            self.go_to_server(server);
        }
    }

    fn next_room(&mut self, place: Option<Place>) {
        if let Some(place) = place {
            self.go(place);
        }
    }

    pub(super) fn next_region(&mut self) {
        self.focus = match self.focus {
            Focus::Composer => {
                let mut list = self.list;
                if list.select(&self.rows, true) {
                    self.list = list;
                    Focus::List
                } else {
                    Focus::Composer
                }
            }
            Focus::List => {
                self.list.selected = None;
                Focus::Composer
            }
        };
    }

    /// Exactly one step back.
    pub(super) fn back(&mut self) {
        if matches!(self.overlay, Some(Overlay::Ask(Ask::Nick, ..))) && self.nick.is_empty() {
            return;
        }
        if let Some(over) = self.overlay.take() {
            if let Overlay::Confirm(Confirmation::Disconnect(visitor) | Confirmation::Ban(visitor, _)) = over
            {
                self.show_connections(Some(&visitor));
            }
            return;
        }
        if self.composer.step_back() {
            return;
        }
        if let Some(server) = self.server.and_then(|id| self.desk.server_mut(id)).filter(|one| one.is_back) {
            server.is_back = false;
            return;
        }
        if self.list.selected.take().is_some() {
            self.focus = Focus::Composer;
            return;
        }
        self.list.anchor = None;
    }

    pub(super) fn invite(&mut self, owner: bool) {
        self.with_session(|program| {
            program.wants_invitation = true;
            program.act(Action::Invite { owner });
        });
    }
}
