//! The first page: a nick, and one of three ways in.

use shepot_client::{Command, check_nick};
use shepot_view::sentence;

use crate::kept::Origin;
use crate::state::State;

/// A way in from the first page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WayIn {
    /// With an invitation.
    Invitation(String),
    /// With an address.
    Address(String),
    /// With a relay of the person's own.
    Host,
}

impl State {
    /// What is wrong with a nick, in words. `None` if it is valid.
    #[must_use]
    pub fn nick_error(&self, nick: &str) -> Option<String> {
        if nick.trim().is_empty() {
            return Some(self.tr("ui-nick-empty", &[]));
        }
        check_nick(nick.trim()).err().map(|error| sentence::command_error(&self.l10n, &error))
    }

    /// Enters with this nick.
    pub(crate) fn go_in(&mut self, nick: &str, way: WayIn) {
        self.changes.page = true;
        if let Some(error) = self.nick_error(nick) {
            self.errors.nick = error;
            return;
        }
        self.errors.nick.clear();
        self.call_oneself(nick.trim());
        self.command(Command::SetProfile { nick: self.nick.clone(), mood: self.mood });
        match way {
            WayIn::Invitation(entry) => self.go_in_by(&entry, Origin::Invitation),
            WayIn::Address(entry) => self.go_in_by(&entry, Origin::Address),
            WayIn::Host => self.host(),
        }
    }

    /// Enters with an entry. Errors of the other form stay until they are mended.
    fn go_in_by(&mut self, entry: &str, origin: Origin) {
        self.forget_entry_error(origin);
        self.add(entry, origin);
    }

    pub(crate) fn forget_entry_error(&mut self, origin: Origin) {
        let before = self.errors.clone();
        self.errors.beside(origin).into_iter().for_each(String::clear);
        if origin == Origin::List {
            self.errors.hosting.clear();
        }
        self.changes.page |= self.errors != before;
    }

    /// Sets the nick, and stores it.
    pub(crate) fn call_oneself(&mut self, nick: &str) {
        nick.clone_into(&mut self.nick);
        if self.preferences.profile.nick != nick {
            let nick = nick.to_owned();
            self.keep(|preferences| preferences.profile.nick = nick);
        }
    }
}
