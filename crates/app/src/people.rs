//! Members of the circle, and the person's own nick and mood.

use shepot_client::model::{CommandError, PersonKey};
use shepot_client::{Action, Command, check_nick};
use shepot_view::{mood, people};

use crate::confirmation::Confirmation;
use crate::overlay::{List, Offered, Overlay};
use crate::state::State;

impl State {
    /// The member whom a typed nick means. Says so, and returns `None`, if it is nobody or several.
    pub(crate) fn person(&mut self, nick: &str) -> Option<PersonKey> {
        let people = self.shown().map(|server| server.people.as_slice()).unwrap_or_default();
        let meant: Vec<PersonKey> = people::meant(nick, people).iter().map(|person| person.key).collect();
        match meant.as_slice() {
            [person] => return Some(*person),
            [] => self.refuse(&CommandError::NoSuchPerson),
            _ => self.complain(self.tr("terminal-several-of-this-nick", &[])),
        }
        None
    }

    /// Writes a mention into the composer.
    pub(crate) fn mention(&mut self, person: &PersonKey) {
        let text = self.shown().and_then(|server| {
            let person = server.person(person).filter(|person| !person.is_self)?;
            Some(format!("{} ", people::mention(person, &server.people)))
        });
        if let Some(text) = text {
            self.selected = None;
            self.composer.write(&text);
        }
    }

    /// Asks before removing a member from the circle.
    pub(crate) fn ask_to_evict(&mut self, person: PersonKey) {
        if !self.shown().is_some_and(|server| server.is_owner) {
            return self.refuse(&CommandError::NotTheOwner);
        }
        let asked = self.server.and_then(|server| Confirmation::evict(&self.desk, server, person));
        if let Some(confirmation) = asked {
            self.lay(Overlay::Confirm(confirmation));
        }
    }

    pub(crate) fn ask_for_pair_code(&mut self, person: PersonKey) {
        self.act(Action::PairCode { person });
    }

    /// The chosen member, unless it is the person.
    pub(crate) fn chosen_person(&self) -> Option<PersonKey> {
        let Some(Overlay::List(List { offered: Offered::Members, chosen, .. })) = self.overlay else {
            return None;
        };
        let person = self.shown()?.people.get(chosen)?;
        (!person.is_self).then_some(person.key)
    }

    /// The choices for the mood: none, then every mood.
    #[must_use]
    pub fn moods(&self) -> Vec<Option<u8>> {
        std::iter::once(None).chain(mood::all().map(Some)).collect()
    }

    /// Changes the nick.
    pub(crate) fn set_nick(&mut self, nick: &str) -> Result<(), CommandError> {
        check_nick(nick)?;
        self.call_oneself(nick.trim());
        self.changes.looks_otherwise();
        self.tell_profile();
        Ok(())
    }

    pub(crate) fn set_mood(&mut self, mood: Option<u8>) {
        self.mood = mood;
        self.changes.shown = true;
        self.changes.composer = true;
        self.tell_profile();
    }

    fn tell_profile(&mut self) {
        self.command(Command::SetProfile { nick: self.nick.clone(), mood: self.mood });
    }
}
