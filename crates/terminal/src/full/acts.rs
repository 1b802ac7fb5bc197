//! What keys, clicks and typed commands do.

use ratatui::crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEventKind};
use shepot_client::limits::MESSAGE_CHARACTERS;
use shepot_client::model::{Delivery, MessageId, Mistake, RoomId};
use shepot_client::{Action, Command as EngineCommand, check_nick};
use shepot_console::input::{latin, pressed};
use shepot_view::command::Command;
use shepot_view::desk::{Deed, Place, Server};
use shepot_view::palette::Target as Found;
use shepot_view::passphrase::{ATTEMPTS, Passphrase};
use shepot_view::{completion, people, sentence};
use zeroize::Zeroizing;

use super::draw;
use super::hits::{self, Target};
use super::keys::chord;
use super::over::{Ask, Confirm, For, Over, Picker, RoomLine, TIMERS};
use super::program::{Effect, Focus, Hosting, Locked, Program};
use super::slash::{Slash, SlashMistake};

/// Lines of a turn of the mouse wheel.
const WHEEL_LINES: isize = 3;

/// Lines of Page up in a list.
const PAGE: isize = 10;

impl Program {
    /// The person does something.
    pub(super) fn input(&mut self, event: &Event) {
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
            return locked.field.insert(text, MESSAGE_CHARACTERS, false);
        }
        if let Some(over) = &mut self.over {
            if let Some((field, most)) = over.field_mut() {
                field.insert(text, most, false);
            }
            return;
        }
        self.focus = Focus::Composer;
        self.composer.write(text);
        self.typed();
    }

    fn key(&mut self, key: KeyEvent) {
        let chord = chord(&key);
        let command = chord.and_then(Command::by_terminal);
        if command == Some(Command::Panic) {
            return self.panic_key();
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
        if self.locked.is_some() {
            return self.key_locked(key);
        }
        if command == Some(Command::Back) {
            return self.back();
        }
        if self.over.is_some() {
            return self.key_over(key, command);
        }
        let digit = if let KeyCode::Char(c @ '1'..='9') = key.code
            && key.modifiers.contains(KeyModifiers::ALT)
        {
            c.to_digit(10)
        } else {
            None
        };
        if let Some(digit) = digit {
            let at = usize::try_from(digit).unwrap_or(0).saturating_sub(1);
            if let Some(server) = self.desk.servers().get(at).map(|server| server.id) {
                self.go_to_server(server);
            }
            return;
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
            Command::NewRoom => self.with_session(|program| program.over = Some(Over::ask(Ask::Room))),
            Command::Search => self.with_session(|program| {
                program.over = Some(Over::Search(Picker::default()));
            }),
            Command::Emoji => self.with_session(|program| {
                program.over = Some(Over::Emoji(For::Text, Picker::default()));
            }),
            Command::Moods => self.over = Some(Over::Moods(usize::from(self.mood.unwrap_or_default()))),
            Command::SafetyCode => self.with_session(|program| {
                program.act(Action::SafetyCode);
                program.over = Some(Over::Code(false));
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
            // Pages of the window: what they say is in commands here.
            Command::Connections | Command::Settings => self.over = Some(Over::Help(0)),
        }
    }

    fn with_session(&mut self, step: impl FnOnce(&mut Self)) {
        if self.shown().is_some_and(Server::has_session) {
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
    fn back(&mut self) {
        // Whoever has no nick yet is asked until there is one.
        if matches!(self.over, Some(Over::Ask(Ask::Nick, ..))) && self.nick.is_empty() {
            return;
        }
        if self.over.take().is_some() {
            return;
        }
        if self.composer.step_back() {
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

    fn host(&mut self) {
        if self.hosting == Hosting::Off {
            self.hosting = Hosting::Starting;
            self.effects.push(Effect::Host);
        } else {
            let text = self.say("full-hosting-already", &[]);
            self.tell(text);
        }
    }

    // Locking.

    fn lock(&mut self) {
        if self.passphrase.is_none() {
            self.over = Some(Over::ask(Ask::Passphrase));
            return;
        }
        self.over = None;
        self.toast = None;
        self.locked = Some(Locked::default());
        self.looked();
    }

    fn key_locked(&mut self, key: KeyEvent) {
        let Some(locked) = &mut self.locked else { return };
        if key.code != KeyCode::Enter {
            edit(&mut locked.field, key, MESSAGE_CHARACTERS, false);
            return;
        }
        let typed = Zeroizing::new(locked.field.take());
        let is_right = self.passphrase.as_ref().is_some_and(|kept| kept.is_right(&typed));
        if is_right {
            self.wrong = 0;
            self.locked = None;
            self.looked();
            return;
        }
        self.wrong += 1;
        if self.wrong >= ATTEMPTS {
            self.wipe();
            return self.effects.push(Effect::Panic);
        }
        let text = self.words.count("ui-lk-wrong", u64::from(ATTEMPTS - self.wrong));
        if let Some(locked) = &mut self.locked {
            locked.error = text;
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
                if !edit(&mut self.composer.field, key, MESSAGE_CHARACTERS, true) {
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
    fn typed(&mut self) {
        let people = self.shown().map(|server| server.people.clone()).unwrap_or_default();
        let field = &self.composer.field;
        self.composer.completions = if field.text().starts_with('/') && !field.text().contains(' ') {
            super::slash::completions(&self.words, field.text())
        } else {
            completion::offer(&self.words, &people, field.text(), field.cursor())
        };
        self.composer.chosen = 0;
        let is_writing = !field.text().trim().is_empty() && !field.text().starts_with('/');
        if let Some(place) =
            self.place.filter(|_| is_writing && self.shown().is_some_and(Server::is_connected))
        {
            self.on(place.server, Action::Typing { room: place.room });
        }
    }

    fn enter(&mut self) {
        let is_command = self.composer.field.text().starts_with('/');
        if is_command && self.composer.completions.word_at == 0 && self.composer.complete() {
            return self.typed();
        }
        let text = Zeroizing::new(self.composer.field.text().to_owned());
        if text.trim_start().starts_with('/') && !text.contains('\n') {
            return self.slash(&text);
        }
        if self.place.is_none() {
            // Nothing to talk to yet: what is typed is the next try at an address.
            if !text.trim().is_empty() {
                self.composer.field.clear();
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

    fn edit_own(&mut self) {
        let last = self.place.and_then(|place| self.desk.server(place.server)?.last_own(place.room));
        if let Some(message) = last {
            self.edit(message);
        }
    }

    fn edit(&mut self, id: MessageId) {
        let Some(server) = self.shown() else { return };
        let Some(message) = server.timeline().get(&id).filter(|message| server.is_own(message)) else {
            let text = sentence::mistake(&self.words, &Mistake::NotTheAuthor);
            return self.complain(text);
        };
        let body = message.body.clone();
        self.composer.edit(id, &body);
        self.list.selected = None;
        self.focus = Focus::Composer;
    }

    fn reply(&mut self, id: MessageId) {
        self.composer.reply_to(id);
        self.list.selected = None;
        self.focus = Focus::Composer;
    }

    /// Reacts, or takes the same reaction back.
    pub(super) fn react(&mut self, message: MessageId, emoji: &str) {
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
            KeyCode::PageUp => self.scroll(self.page()),
            KeyCode::PageDown => self.scroll(-self.page()),
            KeyCode::End => {
                self.next_region();
                self.list.anchor = None;
            }
            KeyCode::Delete => self.delete(id),
            KeyCode::Enter => self.open(id),
            KeyCode::Char(c) if !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) => {
                match latin(c) {
                    'r' => self.reply(id),
                    'e' => self.over = Some(Over::Emoji(For::Reaction(id), Picker::default())),
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

    fn delete(&mut self, id: MessageId) {
        let is_own = self
            .shown()
            .is_some_and(|server| server.timeline().get(&id).is_some_and(|message| server.is_own(message)));
        if is_own {
            self.over = Some(Over::Confirm(Confirm::Delete(id)));
        } else {
            let text = sentence::mistake(&self.words, &Mistake::NotTheAuthor);
            self.complain(text);
        }
    }

    fn copy(&mut self, id: MessageId) {
        let body = self.shown().and_then(|server| Some(server.timeline().get(&id)?.body.clone()));
        if let Some(body) = body {
            self.effects.push(Effect::Copy(Zeroizing::new(body)));
            let text = self.say("ui-copied", &[]);
            self.tell(text);
        }
    }

    /// A message that was held back or not sent.
    fn send_again(&mut self, id: MessageId) {
        let Some(server) = self.shown() else { return };
        let Some(message) = server.timeline().get(&id) else { return };
        match message.delivery {
            Delivery::Held => self.act(Action::Release { message: id }),
            Delivery::Failed => {
                let again = Action::Send {
                    room: message.room,
                    body: message.body.clone(),
                    reply_to: message.reply_to,
                    mentions: message.mentions.clone(),
                };
                self.act(again);
                self.act(Action::Discard { message: id });
            }
            Delivery::Pending | Delivery::Sent | Delivery::Received => {}
        }
    }

    // What lies over the room.

    fn move_choice(&mut self, by: isize) {
        let count = self.over_count();
        if let Some(chosen) = self.over.as_mut().and_then(Over::chosen_mut) {
            *chosen = chosen.saturating_add_signed(by).min(count.saturating_sub(1));
        }
    }

    #[allow(clippy::wildcard_enum_match_arm, reason = "of all keys that there are, these mean something")]
    fn key_over(&mut self, key: KeyEvent, command: Option<Command>) {
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
            KeyCode::Enter => self.confirm(),
            _ => {
                if let Some((field, most)) = self.over.as_mut().and_then(Over::field_mut) {
                    if edit(field, key, most, false) {
                        if let Some(chosen) = self.over.as_mut().and_then(Over::chosen_mut) {
                            *chosen = 0;
                        }
                        if let Some(over) = &mut self.over {
                            over.set_error(String::new());
                        }
                    }
                    return;
                }
                if let KeyCode::Char(c) = key.code {
                    self.letter_over(latin(c));
                } else if key.code == KeyCode::Tab
                    && let Some(Over::Code(as_numbers)) = &mut self.over
                {
                    *as_numbers = !*as_numbers;
                }
            }
        }
    }

    fn letter_over(&mut self, letter: char) {
        match (&self.over, letter) {
            (Some(Over::Code(_)), 'y') => self.code_is_the_same(),
            (Some(Over::Code(_)), 'n') => {
                if let Some(server) = self.server {
                    let text = self.say("ui-sc-bad", &[]);
                    self.complain(text);
                    self.over = Some(Over::Confirm(Confirm::Leave(server)));
                }
            }
            (Some(Over::Confirm(_)), 'y') => self.confirm(),
            (Some(Over::Confirm(_)), 'n') => self.over = None,
            (Some(Over::Members(chosen)), 'x') => {
                let person =
                    self.shown().and_then(|server| server.people.get(*chosen)).map(|person| person.key);
                if let Some(person) = person {
                    self.over = Some(Over::Confirm(Confirm::Evict(person)));
                }
            }
            (Some(Over::Invitation(link)), 'c') => {
                let link = link.clone();
                self.effects.push(Effect::Copy(link));
                let text = self.say("ui-copied", &[]);
                self.tell(text);
            }
            _ => {}
        }
    }

    fn code_is_the_same(&mut self) {
        let now = now();
        let Some(code) = self.code() else { return };
        let is_taken = self
            .server
            .and_then(|id| self.desk.server_mut(id))
            .is_some_and(|server| server.code_is_the_same(code, now));
        if is_taken {
            self.over = None;
            let text = self.say("ui-sc-same", &[]);
            self.tell(text);
        }
    }

    /// Enter in what lies over the room.
    fn confirm(&mut self) {
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
            Over::Timer(chosen) => {
                if let (Some(seconds), Some(place)) = (TIMERS.get(chosen).copied(), self.place) {
                    self.act(Action::SetTimer { room: place.room, seconds });
                }
            }
            Over::Ask(ask, mut field, _) => {
                let typed = Zeroizing::new(field.take());
                self.answered(ask, &typed);
            }
            Over::Confirm(confirm) => self.confirmed(&confirm),
            Over::Help(_) | Over::Code(_) | Over::Invitation(_) | Over::Record => {}
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
                Err(mistake) => {
                    let error = sentence::mistake(&self.words, &mistake);
                    let mut over = Over::ask(Ask::Nick);
                    if let Some((field, most)) = over.field_mut() {
                        field.insert(typed, most, false);
                    }
                    over.set_error(error);
                    self.over = Some(over);
                }
            },
            Ask::Server => {
                // It stays until the engine has taken it.
                let mut over = Over::ask(Ask::Server);
                if let Some((field, most)) = over.field_mut() {
                    field.insert(typed, most, false);
                }
                self.over = Some(over);
                self.add(typed.trim());
            }
            Ask::Room => self.act(Action::MakeRoom { name: typed.trim().to_owned() }),
            Ask::RoomName(room) => self.act(Action::RenameRoom { room, name: typed.trim().to_owned() }),
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
            Confirm::Remove(server) => self.command(EngineCommand::Remove { server: *server }),
            Confirm::Delete(message) => {
                self.list.selected = None;
                self.focus = Focus::Composer;
                self.act(Action::Delete { message: *message });
            }
            Confirm::Evict(person) => self.act(Action::Evict { person: *person }),
            Confirm::StopHosting => self.effects.push(Effect::StopHosting),
            Confirm::Quit => self.effects.push(Effect::Quit),
        }
    }

    fn set_profile(&mut self, nick: Option<&str>, mood: Option<Option<u8>>) {
        if let Some(nick) = nick {
            self.is_called(nick);
        }
        if let Some(mood) = mood {
            self.mood = mood;
        }
        self.command(EngineCommand::SetProfile { nick: self.nick.clone(), mood: self.mood });
    }

    // Clicks.

    fn click(&mut self, target: Target) {
        match target {
            Target::Server(server) => self.go_to_server(server),
            Target::Room(place) => self.go(place),
            Target::Person(person) => self.mention(&person),
            Target::Message(message) => {
                let is_chosen = self.list.selected == Some(message);
                self.list.selected = Some(message).filter(|_| !is_chosen);
                self.focus = if is_chosen { Focus::Composer } else { Focus::List };
            }
            Target::Reaction(message, emoji) => self.react(message, &emoji),
            Target::Deed(Deed::CheckCode) => self.run(Command::SafetyCode),
            Target::Deed(Deed::Invite) => self.run(Command::Invite),
            Target::Deed(Deed::None) => {}
            Target::Command(command) => {
                self.over = None;
                self.run(command);
            }
            Target::Line(line) => {
                if let Some(chosen) = self.over.as_mut().and_then(Over::chosen_mut) {
                    *chosen = line;
                    self.confirm();
                }
            }
            Target::Completion(at) => {
                self.composer.chosen = at;
                self.composer.complete();
                self.typed();
            }
            Target::Composer => {
                self.focus = Focus::Composer;
                self.list.selected = None;
            }
            Target::Newest => self.list.anchor = None,
        }
    }

    // What is typed behind a slash.

    fn slash(&mut self, line: &str) {
        let slash = match Slash::parse(line) {
            Ok(slash) => slash,
            Err(SlashMistake::Unknown(name)) => {
                let text = self.say("terminal-unknown-command", &[("name", &name)]);
                return self.complain(text);
            }
            Err(SlashMistake::Usage(usage)) => {
                let text = self.say("terminal-usage", &[("usage", usage)]);
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
                let text = self.say("ui-op-none", &[]);
                self.complain(text);
            }
            Slash::StopHosting => self.over = Some(Over::Confirm(Confirm::StopHosting)),
            Slash::Connect => self.act(Action::Connect),
            Slash::Leave => self.run(Command::Disconnect),
            Slash::Remove => {
                if let Some(server) = self.server {
                    self.over = Some(Over::Confirm(Confirm::Remove(server)));
                }
            }
            Slash::Room(name) => self.enter_room(&name),
            Slash::New(Some(name)) => self.act(Action::MakeRoom { name }),
            Slash::New(None) => self.run(Command::NewRoom),
            Slash::Rename(name) => {
                let room = place.map_or(RoomId::MAIN, |place| place.room);
                match name {
                    Some(name) => self.act(Action::RenameRoom { room, name }),
                    None => self.with_session(|program| program.over = Some(Over::ask(Ask::RoomName(room)))),
                }
            }
            Slash::Timer => self.with_session(|program| program.over = Some(Over::Timer(0))),
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
                        None => {
                            self.over = Some(Over::Emoji(For::Reaction(message), Picker::default()));
                        }
                    }
                }
            }
            Slash::Mention(nick) => {
                if let Some(person) = self.person(&nick) {
                    self.mention(&person);
                }
            }
            Slash::Evict(nick) => {
                if let Some(person) = self.person(&nick) {
                    self.over = Some(Over::Confirm(Confirm::Evict(person)));
                }
            }
            Slash::Nick(nick) => match check_nick(&nick) {
                Ok(()) => self.set_profile(Some(&nick), None),
                Err(mistake) => {
                    let text = sentence::mistake(&self.words, &mistake);
                    self.complain(text);
                }
            },
            Slash::Mood(None) => self.run(Command::Moods),
            Slash::Mood(Some(number)) => match number.parse::<u8>() {
                Ok(mood) if usize::from(mood) < self.moods().len() => {
                    self.set_profile(None, Some(Some(mood).filter(|mood| *mood > 0)));
                }
                Ok(_) | Err(_) => {
                    let text = self.say("terminal-usage", &[("usage", "/mood 0-15")]);
                    self.complain(text);
                }
            },
            Slash::Code => self.run(Command::SafetyCode),
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
            let text = self.say(if is_muted { "full-muted" } else { "full-unmuted" }, &[]);
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
            [] => sentence::mistake(&self.words, &Mistake::NoSuchPerson),
            _ => self.say("terminal-several-of-this-nick", &[]),
        };
        self.complain(text);
        None
    }

    fn enter_room(&mut self, name: &str) {
        let name = shepot_view::desk::normal(name.trim_start_matches('#'));
        let found = self.shown().and_then(|server| {
            let rooms = &server.rooms;
            let is_it = |room: &&shepot_client::model::Room| {
                shepot_view::desk::normal(&sentence::room_name(&self.words, room.id, rooms)) == name
            };
            Some(Place { server: server.id, room: rooms.iter().find(is_it)?.id })
        });
        match found {
            Some(place) => self.go(place),
            None => {
                let text = sentence::mistake(&self.words, &Mistake::NoSuchRoom);
                self.complain(text);
            }
        }
    }
}

/// Seconds since 1970.
pub(super) fn now() -> u64 {
    std::time::SystemTime::now()
        .duration_since(std::time::SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// The keys by which a text is edited; false when it is none of them.
#[allow(clippy::wildcard_enum_match_arm, reason = "of all keys that there are, these edit")]
fn edit(field: &mut super::field::Field, key: KeyEvent, most: usize, has_lines: bool) -> bool {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    let alt = key.modifiers.contains(KeyModifiers::ALT);
    match key.code {
        KeyCode::Backspace if control || alt => field.delete_word(),
        KeyCode::Backspace => field.backspace(),
        KeyCode::Delete => field.delete(),
        KeyCode::Left if control || alt => field.word_left(),
        KeyCode::Right if control || alt => field.word_right(),
        KeyCode::Left => field.left(),
        KeyCode::Right => field.right(),
        KeyCode::Home => field.home(),
        KeyCode::End => field.end(),
        KeyCode::Char(c) if control => match latin(c) {
            'a' => field.home(),
            'e' => field.end(),
            'w' => field.delete_word(),
            'u' => field.delete_line(),
            'h' => field.backspace(),
            _ => return false,
        },
        KeyCode::Char(c) if !alt => field.insert(c.encode_utf8(&mut [0; 4]), most, has_lines),
        _ => return false,
    }
    true
}
