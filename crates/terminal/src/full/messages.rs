//! The list of messages: how it is moved in, and what is done with one of them.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use shepot_app::confirmation::Confirmation;
use shepot_client::Action;
use shepot_client::model::{CommandError, Delivery, MessageId};
use shepot_console::input::latin;
use shepot_sanitise::Sanitised;
use shepot_view::desk::{Place, RowKey};
use shepot_view::sentence;

use super::draw;
use super::overlay::{For, Overlay, Picker};
use super::program::{Effect, Focus, Program};

impl Program {
    pub(super) fn edit_own(&mut self) {
        let last = self.place.and_then(|place| self.desk.server(place.server)?.last_own(place.room));
        if let Some(message) = last {
            self.edit(message);
        }
    }

    /// A message that is still there; told where it was deleted meanwhile.
    fn living(&mut self, id: MessageId) -> Option<(bool, Sanitised)> {
        let found = self.shown().and_then(|server| {
            let message = server.timeline().get(&id).filter(|message| !message.is_deleted)?;
            Some((server.is_own(message), message.body.clone()))
        });
        if found.is_none() {
            let text = sentence::command_error(&self.l10n, &CommandError::NoSuchMessage);
            self.complain(text);
        }
        found
    }

    pub(super) fn edit(&mut self, id: MessageId) {
        let Some((is_own, body)) = self.living(id) else { return };
        if !is_own {
            let text = sentence::command_error(&self.l10n, &CommandError::NotTheAuthor);
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

    #[allow(clippy::wildcard_enum_match_arm, reason = "of all keys that there are, these mean something")]
    pub(super) fn key_list(&mut self, key: KeyEvent) {
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
            self.overlay = Some(Overlay::Emoji(For::Reaction(id), Picker::default()));
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
            self.overlay = Some(Overlay::Confirm(Confirmation::Delete(server, id)));
        } else {
            let text = sentence::command_error(&self.l10n, &CommandError::NotTheAuthor);
            self.complain(text);
        }
    }

    fn copy(&mut self, id: MessageId) {
        let body = self.shown().and_then(|server| Some(server.timeline().get(&id)?.body.clone()));
        if let Some(body) = body {
            self.effects.push(Effect::Copy(body));
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
                let (body, reply_to) = (message.body.to_string(), message.reply_to);
                let mentions = message.mentions.clone();
                self.composer.is_sent_again(place, reply_to, body.clone());
                self.act(Action::Send { room: place.room, body, reply_to, mentions });
                self.act(Action::Discard { message: id });
            }
            Delivery::Pending | Delivery::Sent | Delivery::Received => {}
        }
    }
}
