//! What keys and the wheel do: what the key map says, and the ways between servers, rooms and parts of the screen.

use ratatui::crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEventKind};
use shepot_client::Action;
use shepot_client::model::CommandError;
use shepot_console::input::{latin, pressed};
use shepot_view::command::Command;
use shepot_view::desk::{Place, Server};
use shepot_view::sentence;

use super::draw;
use super::hits;
use super::keys::chord;
use super::over::{Ask, Comparing, Confirm, For, MOST_TYPED, Over, Picker, RoomLine};
use super::program::{Effect, Focus, Program};

/// Lines of a turn of the mouse wheel.
const WHEEL_LINES: isize = 3;

impl Program {
    /// The person does something.
    pub(super) fn input(&mut self, event: &Event) {
        let before = self.over.as_ref().map(std::mem::discriminant);
        self.take(event);
        // Whoever has no nick yet is asked until there is one.
        if self.nick.is_empty() && self.over.is_none() && self.locked.is_none() {
            self.over = Some(Over::ask(Ask::Nick));
        }
        if self.over.as_ref().map(std::mem::discriminant) != before {
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
        if self.over.is_some() { self.move_choice(-lines) } else { self.scroll(lines) }
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
        if let Some(over) = &mut self.over {
            if let Some((field, most)) = over.field_mut() {
                field.insert(text, most, false);
            }
            return;
        }
        self.focus = Focus::Composer;
        if self.composer.paste(text) {
            return self.typed();
        }
        let text = sentence::too_long_to_paste(&self.words);
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
            if matches!(self.over, Some(Over::Confirm(Confirm::Quit))) {
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
        let is_question = matches!(self.over, Some(Over::Ask(..) | Over::Confirm(_)));
        if let Some(digit) = digit.filter(|_| !is_question) {
            self.over = None;
            let at = usize::try_from(digit).unwrap_or(0).saturating_sub(1);
            if let Some(server) = self.desk.servers().get(at).map(|server| server.id) {
                self.go_to_server(server);
            }
            return;
        }
        if self.over.is_some() {
            return self.key_over(key, command);
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
            Command::Switcher => self.over = Some(Over::Switcher(Picker::default())),
            Command::NextServer => self.next_server(true),
            Command::PreviousServer => self.next_server(false),
            Command::NextRoom => self.next_room(true, false),
            Command::PreviousRoom => self.next_room(false, false),
            Command::NextUnread => self.next_room(true, true),
            Command::PreviousUnread => self.next_room(false, true),
            Command::AddServer => self.over = Some(Over::ask(Ask::Server)),
            Command::Invite => self.invite(false),
            Command::NewRoom => self.with_session(|program| {
                program.over = program.server.map(|server| Over::ask(Ask::Room(server)));
            }),
            Command::Search if self.shown().is_some_and(Server::shows_conversation) => {
                self.over = Some(Over::Search(Picker::default()));
            }
            Command::Search => self.with_session(|_| {}),
            Command::Emoji => self.with_session(|program| {
                program.over = Some(Over::Emoji(For::Text, Picker::default()));
            }),
            Command::Moods => self.over = Some(Over::Moods(usize::from(self.mood.unwrap_or_default()))),
            Command::SafetyCode => self.with_session(|program| {
                program.act(Action::SafetyCode);
                program.over = Some(Over::Code(Comparing { shown: program.code(), ..Comparing::default() }));
            }),
            Command::Members => {
                self.with_session(|program| program.over = Some(Over::Members(0)));
            }
            Command::Rooms => {
                let lines = self.room_lines();
                let here = self.place.map(RoomLine::Room);
                let at = lines.iter().position(|line| Some(*line) == here).unwrap_or_default();
                self.over = Some(Over::Rooms(at));
            }
            Command::ServerRecord => self.with_session(|program| program.act(Action::ShowRecord)),
            Command::Clear => {
                if let Some(server) = self.server {
                    self.over = Some(Over::Confirm(Confirm::Clear(server)));
                }
            }
            Command::Lock => self.lock(),
            Command::Panic => self.panic_key(),
            Command::NextRegion | Command::PreviousRegion => self.next_region(),
            Command::Keys => self.over = Some(Over::Help(0)),
            Command::Connect => self.connect(),
            Command::Disconnect => {
                if let Some(server) = self.server {
                    self.over = Some(Over::Confirm(Confirm::Leave(server)));
                }
            }
            Command::Host => self.host(),
            Command::Quit => self.over = Some(Over::Confirm(Confirm::Quit)),
            Command::Back => self.back(),
            Command::Connections => self.show_connections(None),
            // A page of the window: what it says is in commands here.
            Command::Settings => self.over = Some(Over::Help(0)),
        }
    }

    /// Connects; asks where that destroys what was said in a session that is over.
    pub(super) fn connect(&mut self) {
        let over = self.shown().filter(|server| server.has_remains());
        match over.map(|server| server.id) {
            Some(server) => self.over = Some(Over::Confirm(Confirm::Connect(server))),
            None => self.act(Action::Connect),
        }
    }

    pub(super) fn with_session(&mut self, step: impl FnOnce(&mut Self)) {
        if self.shown().is_some_and(Server::is_entered) {
            return step(self);
        }
        let error =
            if self.server.is_some() { CommandError::NotConnected } else { CommandError::NoSuchServer };
        let text = sentence::command_error(&self.words, &error);
        self.complain(text);
    }

    fn next_server(&mut self, forward: bool) {
        let ids: Vec<_> = self.desk.servers().iter().map(|server| server.id).collect();
        if ids.is_empty() {
            return;
        }
        let at = self.server.and_then(|id| ids.iter().position(|other| *other == id)).unwrap_or_default();
        let to = (at + if forward { 1 } else { ids.len() - 1 }) % ids.len();
        if let Some(id) = ids.get(to) {
            self.go_to_server(*id);
        }
    }

    fn next_room(&mut self, forward: bool, is_unread: bool) {
        let places: Vec<Place> = self
            .desk
            .servers()
            .iter()
            .filter(|server| is_unread || self.server == Some(server.id))
            .flat_map(|server| server.rooms.iter().map(|room| Place { server: server.id, room: room.id }))
            .collect();
        if places.is_empty() {
            return;
        }
        let at =
            self.place.and_then(|place| places.iter().position(|other| *other == place)).unwrap_or_default();
        for step in 1..=places.len() {
            let to = (at + if forward { step } else { places.len() - step }) % places.len();
            let Some(place) = places.get(to).copied() else { return };
            let unread = self
                .desk
                .server(place.server)
                .and_then(|server| server.conversation(place.room))
                .map_or(0, |known| known.unread);
            if !is_unread || unread > 0 {
                return self.go(place);
            }
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
        if matches!(self.over, Some(Over::Ask(Ask::Nick, ..))) && self.nick.is_empty() {
            return;
        }
        if let Some(over) = self.over.take() {
            if let Over::Confirm(Confirm::Disconnect(visitor) | Confirm::Ban(visitor)) = over {
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
