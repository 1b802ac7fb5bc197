//! What is typed into the composer, and what becomes of it.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use shepot_client::{Action, Command as EngineCommand};
use shepot_view::desk::Server;
use shepot_view::writing::{Bar, MOST_WRITTEN};
use shepot_view::{completion, sentence};
use zeroize::Zeroizing;

use super::draw;
use super::program::Program;

/// Lines of Page up in a list.
const PAGE: isize = 10;

impl Program {
    #[allow(clippy::wildcard_enum_match_arm, reason = "of all keys that there are, these mean something")]
    pub(super) fn key_composer(&mut self, key: KeyEvent) {
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
            super::slash::completions(&self.l10n, field.text())
        } else {
            completion::offer(&self.l10n, &people, field.text(), field.cursor())
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
            Err(error) => {
                let text = sentence::command_error(&self.l10n, &error);
                self.complain(text);
            }
        }
    }

    pub(super) fn add(&mut self, entry: &str) {
        self.command(EngineCommand::Add { entry: entry.to_owned(), name: None, connect: true });
    }
}
