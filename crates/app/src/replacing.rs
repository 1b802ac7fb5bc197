//! Invitations to a circle that is already on the list, and invitations that replace another.
//!
//! Must never: make a second member of the person in one circle, or destroy what was said without asking.

use shepot_client::EntryError;
use shepot_client::model::ServerId;
use shepot_preferences::{SavedServer, SecretText};
use shepot_view::desk::Server;
use shepot_view::sentence;
use zeroize::Zeroizing;

use crate::circle;
use crate::confirmation::Confirmation;
use crate::hosting::Hosting;
use crate::kept::Origin;
use crate::overlay::{Ask, Overlay};
use crate::state::State;
use crate::toast::Sign;

impl State {
    /// The server on the list to which an entry leads.
    pub(crate) fn server_of(&self, entry: &str) -> Option<ServerId> {
        let kept = || self.adding.kept.iter().map(|(id, kept)| (*id, &kept.entry));
        let hosted = match (&self.hosting, &self.preferences.hosting) {
            (Hosting::On(id, _), Some(hosting)) => Some((*id, &hosting.entry)),
            _ => None,
        };
        let same = kept().find(|(_, kept)| kept.expose() == entry);
        let leads_there =
            |(_, kept): &(ServerId, &SecretText)| shepot_client::is_same_circle(kept.expose(), entry);
        let found = same.or_else(|| kept().chain(hosted).find(leads_there)).map(|(id, _)| id);
        found.filter(|id| self.desk.server(*id).is_some() && !self.removed.contains(id))
    }

    /// Goes to a server on the list, with an entry that leads there.
    pub(crate) fn come_to(&mut self, id: ServerId, entry: &str) {
        let is_connected = self.desk.server(id).is_some_and(Server::is_connected);
        let kept = self.adding.kept(id).map(|kept| kept.entry.clone());
        let gives_place = kept.as_ref().is_some_and(|kept| {
            kept.expose() != entry && shepot_client::may_give_place(kept.expose(), entry)
        });
        let makes_owner =
            kept.is_some_and(|kept| self.makes_owner(entry) && !self.makes_owner(kept.expose()));
        if gives_place && (!is_connected || makes_owner) {
            return self.enter_by(id, entry);
        }
        self.came_in();
        self.go_to_server(id);
        if !is_connected {
            self.connect_to(id);
        }
        self.say(self.tr("ui-known-server", &[]), Sign::Information);
    }

    pub(crate) fn makes_owner(&self, entry: &str) -> bool {
        shepot_client::preview(entry, self.now.unix).is_ok_and(|preview| preview.is_owner)
    }

    /// Takes a new invitation to a server.
    pub(crate) fn new_invitation(&mut self, id: ServerId, typed: &str) {
        // It stays until it is taken.
        self.lay(Overlay::asks_again(Ask::Invitation(id), typed));
        let entry = shepot_client::normal(typed);
        let read = entry.and_then(|entry| Ok((shepot_client::preview(&entry, self.now.unix)?, entry)));
        let entry = match read {
            // Whoever answers at an address has not shown who it is.
            Ok((preview, _)) if preview.is_open => Err(EntryError::NotAnInvitation),
            Ok((_, entry)) => Ok(entry),
            Err(error) => Err(error),
        };
        match entry {
            Ok(entry) => match self.server_of(&entry).filter(|known| *known != id) {
                Some(other) => {
                    self.uncover_if(|over| over.is_adding());
                    self.come_to(other, &entry);
                }
                None => self.enter_by(id, &entry),
            },
            Err(error) => {
                let error = sentence::entry_error(&self.l10n, &error);
                self.lay(Overlay::mended(Ask::Invitation(id), typed, error));
            }
        }
    }

    /// Replaces the entry of a server. Asks first if that would destroy messages, or lead elsewhere under a name that
    /// the person knows.
    fn enter_by(&mut self, id: ServerId, entry: &str) {
        let kept = self.adding.kept(id).map(|kept| kept.entry.clone());
        if kept.is_some_and(|kept| shepot_client::lead_apart(kept.expose(), entry)) {
            self.adding.replacement = Some((id, Zeroizing::new(entry.to_owned())));
            return self.lay(Overlay::Confirm(Confirmation::ReplaceElsewhere(id)));
        }
        if self.desk.server(id).is_some_and(|server| server.timeline().messages() > 0) {
            self.adding.replacement = Some((id, Zeroizing::new(entry.to_owned())));
            return self.lay(Overlay::Confirm(Confirmation::Replace(id)));
        }
        self.replace(id, entry);
    }

    /// Replaces the entry, as the person agreed.
    pub(crate) fn replacement_agreed(&mut self, id: ServerId) {
        if let Some((_, entry)) = self.adding.replacement.take_if(|(of, _)| *of == id) {
            self.replace(id, &entry);
        }
    }

    fn replace(&mut self, id: ServerId, entry: &str) {
        let Some(known) = self.desk.server(id) else { return };
        // Named by nobody, it is called as the new address is.
        let is_named = circle::is_named(known);
        let kept = self.adding.kept(id).cloned().unwrap_or_default();
        let name = if is_named { kept.name.clone() } else { String::new() };
        let server = SavedServer { name, entry: SecretText::new(entry), ..kept };
        self.give(server, Origin::InPlaceOf(id), true);
    }

    /// Gives a server the position of another, and takes that one off the list.
    pub(crate) fn takes_place(&mut self, id: ServerId, of: ServerId) {
        if let Some(at) = self.desk.servers().iter().position(|server| server.id == of) {
            self.desk.move_server(id, at);
        }
        if self.adding.attempts.remove(&of) {
            self.adding.attempts.insert(id);
        }
        self.adding.kept.remove(&of);
        self.take_off(of);
    }
}
