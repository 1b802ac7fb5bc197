//! Turns keys, the mouse and pasted text into messages to the program, and into changes of what only a terminal has.

use ratatui::crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEventKind};
use shepot_app::confirmation::Confirmation;
use shepot_app::{ConnectionAction, Edit, MessageAction, Msg, Offered, OutsideMsg, OverMsg, Overlay};
use shepot_console::input::{answer, latin, pressed};
use shepot_view::command::Command;
use shepot_view::desk::{RowAction, RowKey};

use super::draw;
use super::field;
use super::hits::{self, Target};
use super::keys::{chord, edit};
use super::program::Program;

/// The lines for one step of the mouse wheel.
const WHEEL_LINES: isize = 3;

/// The lines for Page Up in a list.
const PAGE: isize = 10;

impl Program {
    /// Handles an event of the terminal.
    pub(super) fn input(&mut self, event: &Event) {
        // A mouse that is only moved may have been pushed by a door.
        let is_moved = matches!(event, Event::Mouse(mouse) if mouse.kind == MouseEventKind::Moved);
        if matches!(event, Event::Key(_) | Event::Mouse(_) | Event::Paste(_)) && !is_moved {
            self.send(Msg::Activity);
        }
        match event {
            // What was no UTF-8 has become this: nothing of it is said by halves.
            Event::Paste(text) if text.contains(char::REPLACEMENT_CHARACTER) => {
                self.send(OutsideMsg::Problem(self.tr("terminal-not-utf8", &[])));
            }
            Event::Paste(text) => self.send(Msg::Paste(text.clone())),
            Event::Mouse(_) if self.lock.is_locked() => {}
            Event::Mouse(mouse) => {
                if matches!(mouse.kind, MouseEventKind::Down(MouseButton::Left)) {
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
        // Whoever has no nick yet is asked until there is one.
        if self.nick.is_empty() && self.overlay.is_none() && !self.lock.is_locked() {
            self.send(OverMsg::AskNick);
        }
        self.tell_where_it_stands();
    }

    fn wheel(&mut self, lines: isize) {
        if self.overlay.is_some() { self.move_choice(-lines) } else { self.scroll(lines) }
    }

    pub(super) fn scroll(&mut self, by: isize) {
        let mut list = self.list;
        list.scroll(&self.rows, by, |row| draw::row_lines(self, row));
        self.list = list;
    }

    /// Moves the choice in the overlay.
    fn move_choice(&mut self, by: isize) {
        if self.overlay.as_ref().is_some_and(|over| over.chosen().is_some()) {
            self.send(OverMsg::Move(by));
        } else {
            // What is only read is moved; the drawing knows how far.
            self.read_from = self.read_from.saturating_add_signed(by);
        }
    }

    fn key(&mut self, key: KeyEvent) {
        let command = chord(&key).and_then(Command::by_terminal);
        let is_ctrl_c = key.modifiers.contains(KeyModifiers::CONTROL)
            && matches!(key.code, KeyCode::Char(c) if latin(c) == 'c');
        if is_ctrl_c {
            // What every terminal understands as "enough": the question is one step away from the end.
            let is_asked = matches!(self.overlay, Some(Overlay::Confirm(Confirmation::Quit(_))));
            return self.send(if is_asked { OverMsg::Answer(true).into() } else { Msg::Run(Command::Quit) });
        }
        if key.modifiers.contains(KeyModifiers::CONTROL)
            && matches!(key.code, KeyCode::Char(c) if latin(c) == 'r')
        {
            // It shows nothing that was not shown.
            self.redraws = true;
            return;
        }
        if self.lock.is_locked() && command != Some(Command::Panic) {
            return self.key_field(key);
        }
        if let KeyCode::Char(c @ '1'..='9') = key.code
            && key.modifiers.contains(KeyModifiers::ALT)
        {
            let at = c.to_digit(10).and_then(|digit| usize::try_from(digit).ok());
            return self.send(Msg::GoToServerAt(at.unwrap_or_default().saturating_sub(1)));
        }
        match command {
            Some(Command::NextRegion | Command::PreviousRegion) if self.overlay.is_none() => {
                self.next_region()
            }
            Some(command) if self.is_for(command) => self.send(Msg::Run(command)),
            Some(_) | None if self.overlay.is_some() => self.key_overlay(key),
            Some(_) | None if self.selected.is_some() => self.key_list(key),
            Some(_) | None => self.key_composer(key),
        }
    }

    /// Whether a command may run now. While a question is open most keys are for its answer.
    fn is_for(&self, command: Command) -> bool {
        let always = matches!(command, Command::Panic | Command::Back | Command::Lock | Command::Quit);
        always || !self.overlay.as_ref().is_some_and(Overlay::is_question)
    }

    /// Handles a key in a field of one line.
    fn key_field(&mut self, key: KeyEvent) {
        if key.code == KeyCode::Enter {
            self.send(Msg::Enter);
        } else if let Some(edit) = edit(&key) {
            self.send(Msg::Edit(edit));
        }
    }

    #[allow(clippy::wildcard_enum_match_arm, reason = "of all keys that there are, these mean something")]
    fn key_overlay(&mut self, key: KeyEvent) {
        let is_typed_into = self.overlay.as_ref().is_some_and(|over| over.field().is_some());
        match key.code {
            KeyCode::Up => self.move_choice(-1),
            KeyCode::Down => self.move_choice(1),
            KeyCode::PageUp => self.move_choice(-PAGE),
            KeyCode::PageDown => self.move_choice(PAGE),
            KeyCode::Enter => self.send(Msg::Enter),
            _ if is_typed_into => self.key_field(key),
            KeyCode::Home => self.move_choice(isize::MIN / 2),
            KeyCode::End => self.move_choice(isize::MAX / 2),
            KeyCode::Tab => {
                self.read_from = 0;
                self.send(OverMsg::Toggle);
            }
            KeyCode::Char(c) if !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) => {
                if let Some(msg) = self.letter(c) {
                    self.send(msg);
                }
            }
            _ => {}
        }
    }

    /// The message for a letter while an overlay is open. `None` if it means nothing there.
    fn letter(&self, typed: char) -> Option<OverMsg> {
        let over = self.overlay.as_ref()?;
        Some(match (over, over.offered(), latin(typed)) {
            // As it is written in either language, or on the same key.
            (Overlay::Join(_), _, 's') => OverMsg::AnswerAlso,
            (Overlay::Join(_), ..) if matches!(typed, 'с' | 'С') => OverMsg::AnswerAlso,
            (Overlay::Code(_) | Overlay::Confirm(_) | Overlay::Join(_), ..) => {
                OverMsg::Answer(answer(typed)?)
            }
            (_, Some(Offered::Members), 'x') => OverMsg::EvictChosen,
            (_, Some(Offered::Members), 'c') => OverMsg::PairCodeOfChosen,
            (_, Some(Offered::Connections), 'd') => OverMsg::Connection(ConnectionAction::Disconnect),
            (_, Some(Offered::Connections), 'b') => OverMsg::Connection(ConnectionAction::Ban),
            (_, Some(Offered::Connections), 'u') => OverMsg::Connection(ConnectionAction::LiftBan),
            (_, Some(Offered::Connections), 'i') => OverMsg::Connection(ConnectionAction::Invite),
            (Overlay::Invitation(_), _, 'c') => OverMsg::CopyInvitation,
            (Overlay::Invitation(_), _, 'a') => OverMsg::ChangeAddress,
            (Overlay::Invitation(_), _, 'n') => OverMsg::RenewInvitations,
            _ => return None,
        })
    }

    #[allow(clippy::wildcard_enum_match_arm, reason = "of all keys that there are, these mean something")]
    fn key_composer(&mut self, key: KeyEvent) {
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let offers = !self.composer.completions.offered.is_empty();
        match key.code {
            // Shift+Enter is the same as Enter to most terminals.
            KeyCode::Enter if alt || key.modifiers.contains(KeyModifiers::SHIFT) => self.break_line(),
            KeyCode::Char('j') if control => self.break_line(),
            KeyCode::Enter => self.send(Msg::Enter),
            KeyCode::Tab => self.send(Msg::Complete),
            KeyCode::Up if offers => self.send(Msg::NextCompletion { back: true }),
            KeyCode::Down if offers => self.send(Msg::NextCompletion { back: false }),
            KeyCode::Up if self.composer.field.is_empty() => self.send(Msg::EditLast),
            KeyCode::Up => self.move_line(false),
            KeyCode::Down => self.move_line(true),
            KeyCode::PageUp => self.scroll(self.page()),
            KeyCode::PageDown => self.scroll(-self.page()),
            KeyCode::End if control => self.list.anchor = None,
            _ => self.key_field(key),
        }
    }

    fn break_line(&mut self) {
        self.send(Msg::Edit(Edit::Insert("\n".into())));
    }

    fn move_line(&mut self, down: bool) {
        let at = field::vertical(&self.composer.field, draw::composer_cells(self), down);
        self.send(Msg::Edit(Edit::MoveTo(at)));
    }

    fn page(&self) -> isize {
        isize::try_from(self.list.height.saturating_sub(2).max(1)).unwrap_or(PAGE)
    }

    #[allow(clippy::wildcard_enum_match_arm, reason = "of all keys that there are, these mean something")]
    fn key_list(&mut self, key: KeyEvent) {
        let Some(id) = self.selected else { return };
        match key.code {
            KeyCode::Up => {
                self.select_next(true);
            }
            KeyCode::Down if self.select_next(false) => {}
            KeyCode::Down => self.next_region(),
            KeyCode::PageUp => self.page_choice(true),
            KeyCode::PageDown => self.page_choice(false),
            KeyCode::End => {
                self.next_region();
                self.list.anchor = None;
            }
            KeyCode::Delete => self.send(Msg::Message(id, MessageAction::Delete)),
            KeyCode::Enter => self.send(Msg::Message(id, MessageAction::Open)),
            KeyCode::Char(c) if !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) => {
                let action = match latin(c) {
                    'r' => MessageAction::Reply,
                    'e' => MessageAction::React,
                    'c' => MessageAction::Copy,
                    'd' => MessageAction::Delete,
                    's' => MessageAction::SendAgain,
                    'x' => MessageAction::Discard,
                    // Whoever types wants to write.
                    _ => return self.key_field(key),
                };
                self.send(Msg::Message(id, action));
            }
            _ => {}
        }
    }

    /// Selects the message before or after the selected one. Returns false if there is none.
    fn select_next(&mut self, back: bool) -> bool {
        let next = self.list.next(&self.rows, self.selected, back);
        next.inspect(|message| self.select(*message)).is_some()
    }

    /// Moves the choice by one screen.
    fn page_choice(&mut self, back: bool) {
        let mut seen = 0;
        while seen < self.list.height.saturating_sub(1).max(1) && self.select_next(back) {
            let selected = self.selected.map(RowKey::Message);
            let at = self.rows.list().iter().position(|row| selected == Some(row.key));
            seen += at.map_or(1, |at| draw::row_lines(self, at));
        }
    }

    fn next_region(&mut self) {
        if self.selected.is_some() {
            self.send(Msg::Select(None));
        } else {
            self.select_next(true);
        }
    }

    fn click(&mut self, target: Target) {
        // What lies over the room hides what is below, also from the mouse; the bar of keys stays.
        let is_hidden = !matches!(target, Target::Line(_) | Target::Command(_));
        let is_question = self.overlay.as_ref().is_some_and(Overlay::is_question);
        if self.overlay.is_some() && (is_hidden || is_question) {
            return;
        }
        let msg = match target {
            Target::Server(server) => Msg::GoToServer(server),
            Target::Room(place) => Msg::Go(place),
            Target::Person(person) => Msg::Mention(person),
            Target::Message(message) => {
                Msg::Select(Some(message).filter(|message| self.selected != Some(*message)))
            }
            Target::Reaction(message, emoji) => Msg::React(message, emoji),
            Target::RowAction(RowAction::CheckCode) => Msg::Run(Command::SafetyCode),
            Target::RowAction(RowAction::Invite) => Msg::Run(Command::Invite),
            Target::Command(command) => Msg::Run(command),
            Target::Remedy => Msg::Remedy,
            Target::Line(line) => OverMsg::Pick(line).into(),
            Target::Completion(at) => Msg::TakeCompletion(at),
            Target::Composer => Msg::Select(None),
            Target::Newest => return self.list.anchor = None,
            Target::RowAction(RowAction::None) => return,
        };
        self.send(msg);
    }
}
