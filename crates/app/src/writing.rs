//! Editing and sending texts.

use shepot_client::Action;
use shepot_view::desk::Server;
use shepot_view::{completion, sentence, slash};
use zeroize::Zeroizing;

use crate::composer::{Bar, MOST_WRITTEN};
use crate::field::Edit;
use crate::kept::Origin;
use crate::lock::Unlocking;
use crate::log_lines;
use crate::overlay::MOST_TYPED;
use crate::page::Layout;
use crate::state::State;

impl State {
    /// Edits the text wherever the person writes: at the lock, in an overlay, in the composer.
    pub(crate) fn write(&mut self, edit: &Edit) {
        if self.lock.is_locked() {
            return self.lock.field.edit(edit, MOST_TYPED, false);
        }
        if let Some(over) = &mut self.overlay {
            let Some((field, most)) = over.field_mut() else { return };
            field.edit(edit, most, false);
            over.set_error(String::new());
            self.narrowed();
            return;
        }
        // Whoever types wants to write.
        self.selected = None;
        self.composer.field.edit(edit, MOST_WRITTEN, true);
        self.typed();
    }

    /// Inserts a whole text. It is never taken as a command.
    pub(crate) fn paste(&mut self, text: String) {
        if self.takes_invitation(&text) {
            return;
        }
        if self.lock.is_locked() || self.overlay.is_some() {
            return self.write(&Edit::Insert(text));
        }
        self.selected = None;
        if self.composer.paste(&text) {
            return self.typed();
        }
        self.complain(sentence::too_long_to_paste(&self.l10n, MOST_WRITTEN));
    }

    /// Takes over the text of the toolkit's field.
    pub(crate) fn written(&mut self, text: &str, cursor: usize) {
        let field = &mut self.composer.field;
        if field.text() == text && field.cursor() == cursor {
            // Told once more before it is sent.
            return;
        }
        field.set(text);
        field.edit(&Edit::MoveTo(cursor), MOST_WRITTEN, true);
        self.typed();
    }

    /// The text changed: offers completions, and tells others that the person is typing.
    pub(crate) fn typed(&mut self) {
        let people = self.shown().map(|server| server.people.as_slice()).unwrap_or_default();
        let field = &self.composer.field;
        let is_command = self.is_command();
        let completions = if is_command && !field.text().contains(' ') {
            slash::completions(&self.l10n, field.text())
        } else {
            completion::offer(&self.l10n, people, field.text(), field.cursor())
        };
        let is_writing = !field.text().trim().is_empty() && !is_command;
        self.composer.completions = completions;
        self.composer.chosen = 0;
        self.composer.is_chosen = false;
        let is_heard =
            is_writing && self.preferences.shows_typing && self.shown().is_some_and(Server::is_connected);
        if let Some(place) = self.place.filter(|_| is_heard) {
            self.on(place.server, Action::Typing { conversation: place.conversation });
        }
    }

    pub(crate) fn complete(&mut self) {
        self.composer.complete();
        self.typed();
    }

    /// Whether the text is a command rather than something to say. An edited message never is.
    fn is_command(&self) -> bool {
        // A window has menus, and what is written there is said.
        let is_line = self.layout == Layout::Over && !matches!(self.composer.bar(), Bar::Edit(_));
        is_line && self.composer.field.text().starts_with('/')
    }

    pub(crate) fn enter(&mut self) {
        if self.lock.is_locked() {
            return self.unlock();
        }
        if self.overlay.is_some() {
            return self.take_chosen();
        }
        let is_command = self.is_command();
        let completes = is_command && self.composer.completions.word_at == 0 || self.composer.is_chosen;
        if completes && self.composer.complete() {
            return self.typed();
        }
        let text = Zeroizing::new(self.composer.field.text().to_owned());
        if is_command && !text.contains('\n') {
            return self.obey_line(&text);
        }
        if let Bar::Edit(message) = self.composer.bar()
            && text.trim().is_empty()
        {
            // Nothing left of it: that is what deleting is.
            return self.delete(message);
        }
        if self.place.is_some() && !self.is_entry(&text) {
            return self.send();
        }
        // Nothing to talk to yet: what is typed is the next try at an address.
        if !text.trim().is_empty() {
            self.composer.field.clear();
            self.add(&text, Origin::Composer);
        }
    }

    /// Whether the text is an entry for a server. Possible only while there is no conversation.
    fn is_entry(&self, text: &str) -> bool {
        let is_conversation = self.shown().is_some_and(Server::shows_conversation);
        let is_line = self.layout == Layout::Over && !text.trim().is_empty();
        is_line && !is_conversation && shepot_client::preview(text, self.now.unix).is_ok()
    }

    /// Sends the text. Asks first if there is an invitation in it.
    pub(crate) fn send(&mut self) {
        let text = Zeroizing::new(self.composer.field.text().to_owned());
        if !self.asks_about_invitation(&text, true) {
            self.say_written();
        }
    }

    pub(crate) fn say_written(&mut self) {
        let Some(place) = self.place else { return };
        match self.composer.action(&self.desk, place) {
            Ok(None) => {}
            Ok(Some(action)) => {
                let request = self.request_on(place.server, action);
                self.composer.sent(request, place);
                // Whoever answers has read what was new.
                if let Some(conversation) = self.desk.conversation_mut(place) {
                    conversation.first_unread = None;
                }
                self.selected = None;
                self.changes.to_newest = true;
            }
            Err(error) => self.refuse(&error),
        }
    }

    pub(crate) fn unlock(&mut self) {
        match self.lock.unlock() {
            Unlocking::Opened => {
                log_lines::note_unlocked();
                self.active_at = self.now;
                if let Some((text, sign)) = self.untold.take() {
                    self.say(text, sign);
                }
                self.ask_about_handed();
                self.changes.looks_otherwise();
            }
            Unlocking::Exhausted if self.preferences.wipe_after_wrong => self.panic(),
            Unlocking::Wrong { left } if self.preferences.wipe_after_wrong => {
                self.lock.error = self.l10n.tr_count("ui-lk-wrong", u64::from(left));
            }
            Unlocking::Wrong { .. } | Unlocking::Exhausted => {
                self.lock.error = self.tr("ui-lk-wrong-only", &[]);
            }
        }
        self.changes.overlay = true;
    }
}
