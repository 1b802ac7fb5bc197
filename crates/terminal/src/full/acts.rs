//! What keys do.

use ratatui::crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEventKind};
use shepot_client::limits::MESSAGE_CHARACTERS;
use shepot_client::model::{Delivery, MessageId, Mistake};
use shepot_client::{Action, Command as EngineCommand};
use shepot_console::input::{latin, pressed};
use shepot_hosting::Visitor;
use shepot_view::command::Command;
use shepot_view::desk::{Place, RowKey, Server};
use shepot_view::writing::Bar;
use shepot_view::{completion, sentence};
use zeroize::Zeroizing;

use super::composer::MOST_WRITTEN;
use super::draw;
use super::hits;
use super::keys::chord;
use super::over::{Ask, Comparing, Confirm, For, MOST_TYPED, Over, Picker, RoomLine};
use super::program::{Effect, Focus, Hosting, Program};

/// Lines of a turn of the mouse wheel.
const WHEEL_LINES: isize = 3;

/// Lines of Page up in a list.
const PAGE: isize = 10;

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
        let text = sentence::mistake(&self.words, &Mistake::LongMessage { most: MESSAGE_CHARACTERS });
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
            Command::Search => self.with_session(|program| {
                program.over = Some(Over::Search(Picker::default()));
            }),
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
            Command::Connect => self.act(Action::Connect),
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

    pub(super) fn with_session(&mut self, step: impl FnOnce(&mut Self)) {
        if self.shown().is_some_and(Server::is_entered) {
            return step(self);
        }
        let mistake = if self.server.is_some() { Mistake::NotConnected } else { Mistake::NoSuchServer };
        let text = sentence::mistake(&self.words, &mistake);
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

    fn next_region(&mut self) {
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

    pub(super) fn host(&mut self) {
        if self.hosting == Hosting::Off {
            self.hosting = Hosting::Starting;
            self.effects.push(Effect::Host);
        } else {
            let text = self.say("full-hosting-already", &[]);
            self.tell(text);
        }
    }

    /// Who is connected to the relay here. `chosen`: who was asked about, where the page was left for a question.
    pub(super) fn show_connections(&mut self, chosen: Option<&Visitor>) {
        match self.hosting {
            Hosting::Started(_) | Hosting::On(..) => {
                self.visitors.take_if(|_| chosen.is_none());
                let list = self.visitors.as_ref().map(|visitors| visitors.list.as_slice());
                let at = chosen.and_then(|meant| list?.iter().position(|one| meant.is_same_as(one)));
                self.over = Some(Over::Connections(at.unwrap_or_default()));
                self.effects.push(Effect::LookAtVisitors);
            }
            Hosting::Starting => {
                let text = self.say("full-hosting-starts", &[]);
                self.tell(text);
            }
            Hosting::Off => {
                let text = self.say("ui-op-none", &[]);
                self.complain(text);
            }
        }
    }

    // The composer.

    #[allow(clippy::wildcard_enum_match_arm, reason = "of all keys that there are, these mean something")]
    fn key_composer(&mut self, key: KeyEvent) {
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            // Shift+Enter is the same as Enter to most terminals.
            KeyCode::Enter if alt || key.modifiers.contains(KeyModifiers::SHIFT) => self.composer.write("\n"),
            KeyCode::Char('j') if control => self.composer.write("\n"),
            KeyCode::Enter => return self.enter(),
            KeyCode::Tab => {
                self.composer.complete();
            }
            KeyCode::Up if self.composer.choose(false) => return,
            KeyCode::Down if self.composer.choose(true) => return,
            KeyCode::Up if self.composer.field.is_empty() => return self.edit_own(),
            KeyCode::Up => {
                self.composer.field.vertical(self.composer_cells(), false);
            }
            KeyCode::Down => {
                self.composer.field.vertical(self.composer_cells(), true);
            }
            KeyCode::PageUp => return self.scroll(self.page()),
            KeyCode::PageDown => return self.scroll(-self.page()),
            KeyCode::End if control => return self.list.anchor = None,
            _ => {
                if !self.composer.field.key(key, MOST_WRITTEN, true) {
                    return;
                }
            }
        }
        self.typed();
    }

    fn composer_cells(&self) -> usize {
        draw::composer_cells(self)
    }

    fn page(&self) -> isize {
        isize::try_from(self.list.height.saturating_sub(2).max(1)).unwrap_or(PAGE)
    }

    /// What is written changed.
    pub(super) fn typed(&mut self) {
        let people = self.shown().map(|server| server.people.clone()).unwrap_or_default();
        let field = &self.composer.field;
        let is_command = self.is_command();
        self.composer.completions = if is_command && !field.text().contains(' ') {
            super::slash::completions(&self.words, field.text())
        } else {
            completion::offer(&self.words, &people, field.text(), field.cursor())
        };
        self.composer.chosen = 0;
        let is_writing = !field.text().trim().is_empty() && !is_command;
        if let Some(place) =
            self.place.filter(|_| is_writing && self.shown().is_some_and(Server::is_connected))
        {
            self.on(place.server, Action::Typing { room: place.room });
        }
    }

    /// What is written is a command rather than something to say: what changes a message never is.
    fn is_command(&self) -> bool {
        self.composer.field.text().starts_with('/') && !matches!(self.composer.bar(), Bar::Edit(_))
    }

    fn enter(&mut self) {
        let is_command = self.is_command();
        if is_command && self.composer.completions.word_at == 0 && self.composer.complete() {
            return self.typed();
        }
        let text = Zeroizing::new(self.composer.field.text().to_owned());
        if is_command && !text.contains('\n') {
            return self.slash(&text);
        }
        if let Bar::Edit(message) = self.composer.bar()
            && text.trim().is_empty()
        {
            // Nothing left of it: that is what deleting is.
            return self.delete(message);
        }
        if self.place.is_none() {
            // Nothing to talk to yet: what is typed is the next try at an address.
            if !text.trim().is_empty() {
                self.composer.field.clear();
                self.typed_entry = Some(text.clone());
                self.add(&text);
            }
            return;
        }
        self.send();
    }

    pub(super) fn send(&mut self) {
        let Some(place) = self.place else { return };
        match self.composer.send(&self.desk, place) {
            Ok(None) => {}
            Ok(Some(action)) => {
                self.on(place.server, action);
                // Whoever answers has read what was new.
                if let Some(conversation) = self.desk.conversation_mut(place) {
                    conversation.first_unread = None;
                }
                self.list.anchor = None;
                self.list.selected = None;
            }
            Err(mistake) => {
                let text = sentence::mistake(&self.words, &mistake);
                self.complain(text);
            }
        }
    }

    pub(super) fn add(&mut self, entry: &str) {
        self.command(EngineCommand::Add { entry: entry.to_owned(), name: None, connect: true });
    }

    pub(super) fn edit_own(&mut self) {
        let last = self.place.and_then(|place| self.desk.server(place.server)?.last_own(place.room));
        if let Some(message) = last {
            self.edit(message);
        }
    }

    /// A message that is still there; told where it was deleted meanwhile.
    fn living(&mut self, id: MessageId) -> Option<(bool, String)> {
        let found = self.shown().and_then(|server| {
            let message = server.timeline().get(&id).filter(|message| !message.is_deleted)?;
            Some((server.is_own(message), message.body.clone()))
        });
        if found.is_none() {
            let text = sentence::mistake(&self.words, &Mistake::NoSuchMessage);
            self.complain(text);
        }
        found
    }

    pub(super) fn edit(&mut self, id: MessageId) {
        let Some((is_own, body)) = self.living(id) else { return };
        if !is_own {
            let text = sentence::mistake(&self.words, &Mistake::NotTheAuthor);
            return self.complain(text);
        }
        self.composer.edit(id, &body);
        self.list.selected = None;
        self.focus = Focus::Composer;
    }

    pub(super) fn reply(&mut self, id: MessageId) {
        if self.living(id).is_none() {
            return;
        }
        self.composer.reply_to(id);
        self.list.selected = None;
        self.focus = Focus::Composer;
    }

    /// Reacts, or takes the same reaction back.
    pub(super) fn react(&mut self, message: MessageId, emoji: &str) {
        if self.living(message).is_none() {
            return;
        }
        let taken_back = self.shown().is_some_and(|server| server.has_reacted(&message, emoji));
        self.act(Action::React { message, emoji: emoji.to_owned(), taken_back });
    }

    // The list of messages.

    #[allow(clippy::wildcard_enum_match_arm, reason = "of all keys that there are, these mean something")]
    fn key_list(&mut self, key: KeyEvent) {
        let Some(id) = self.list.selected else {
            self.focus = Focus::Composer;
            return self.key_composer(key);
        };
        let mut list = self.list;
        match key.code {
            KeyCode::Up => {
                list.select(&self.rows, true);
                self.list = list;
            }
            KeyCode::Down => {
                if list.select(&self.rows, false) {
                    self.list = list;
                } else {
                    self.next_region();
                }
            }
            KeyCode::PageUp => self.page_choice(true),
            KeyCode::PageDown => self.page_choice(false),
            KeyCode::End => {
                self.next_region();
                self.list.anchor = None;
            }
            KeyCode::Delete => self.delete(id),
            KeyCode::Enter => self.open(id),
            KeyCode::Char(c) if !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) => {
                match latin(c) {
                    'r' => self.reply(id),
                    'e' => self.pick_reaction(id),
                    'c' => self.copy(id),
                    'd' => self.delete(id),
                    's' => self.send_again(id),
                    'x' => self.act(Action::Discard { message: id }),
                    _ => {
                        // Whoever types wants to write.
                        self.next_region();
                        self.key_composer(key);
                    }
                }
            }
            _ => {}
        }
    }

    /// Moves the choice by a screen.
    fn page_choice(&mut self, back: bool) {
        let mut list = self.list;
        let mut seen = 0;
        while seen < list.height.saturating_sub(1).max(1) && list.select(&self.rows, back) {
            let rows = self.rows.list();
            let at = rows.iter().position(|row| list.selected.map(RowKey::Message) == Some(row.key));
            seen += at.map_or(1, |at| draw::row_lines(self, at));
        }
        self.list = list;
    }

    pub(super) fn pick_reaction(&mut self, id: MessageId) {
        if self.living(id).is_some() {
            self.over = Some(Over::Emoji(For::Reaction(id), Picker::default()));
        }
    }

    /// What Enter means for a message: change an own one, go to what is answered, or answer.
    fn open(&mut self, id: MessageId) {
        let Some(server) = self.shown() else { return };
        let Some(message) = server.timeline().get(&id) else { return };
        let answered = message.reply_to.filter(|answered| server.timeline().get(answered).is_some());
        match answered {
            Some(answered) => {
                self.list.selected = Some(answered);
                self.list.reveal = true;
            }
            None if server.is_own(message) => self.edit(id),
            None => self.reply(id),
        }
    }

    pub(super) fn delete(&mut self, id: MessageId) {
        let Some((is_own, _)) = self.living(id) else { return };
        if is_own && let Some(server) = self.server {
            self.over = Some(Over::Confirm(Confirm::Delete(server, id)));
        } else {
            let text = sentence::mistake(&self.words, &Mistake::NotTheAuthor);
            self.complain(text);
        }
    }

    fn copy(&mut self, id: MessageId) {
        let body = self.shown().and_then(|server| Some(server.timeline().get(&id)?.body.clone()));
        if let Some(body) = body {
            self.effects.push(Effect::Copy(Zeroizing::new(body)));
        }
    }

    /// A message that was held back or not sent.
    fn send_again(&mut self, id: MessageId) {
        let Some(server) = self.shown() else { return };
        let Some(message) = server.timeline().get(&id) else { return };
        match message.delivery {
            Delivery::Held => self.act(Action::Release { message: id }),
            Delivery::Failed => {
                let place = Place { server: server.id, room: message.room };
                let (body, reply_to) = (message.body.clone(), message.reply_to);
                let mentions = message.mentions.clone();
                self.composer.is_sent_again(place, reply_to, body.clone());
                self.act(Action::Send { room: place.room, body, reply_to, mentions });
                self.act(Action::Discard { message: id });
            }
            Delivery::Pending | Delivery::Sent | Delivery::Received => {}
        }
    }
}
