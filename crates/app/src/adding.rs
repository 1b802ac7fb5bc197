//! Servers that are being added, and what is kept of those that are there.
//!
//! Must never: lose a server that was kept.

use std::collections::VecDeque;

use shepot_client::model::ServerId;
use shepot_client::{Action, Command, EntryError, RequestId};
use shepot_preferences::{SavedServer, SecretText};
use shepot_view::sentence;
use zeroize::Zeroizing;

use crate::confirmation::Confirmation;
use crate::kept::{EntryErrors, Origin};
use crate::overlay::Overlay;
use crate::page::{Layout, Page};
use crate::state::State;

/// Kept servers that the engine is given at once.
const AT_ONCE: usize = 256;

impl State {
    /// Adds a server by what was typed.
    pub(crate) fn add(&mut self, entry: &str, origin: Origin) {
        // What is wrong with it the engine says.
        let normal = shepot_client::normal(entry).ok();
        let entry = normal.as_ref().map_or(entry, |link| link.as_str()).trim();
        // Not connected at start before it has let us in once.
        let server = SavedServer { entry: SecretText::new(entry), ..SavedServer::default() };
        if let Err(error @ EntryError::Expired { .. }) = shepot_client::preview(entry, self.now.unix) {
            // One that is on the list is told there.
            self.is_wrong(origin, error.clone());
            return self.entry_refused(origin, server, sentence::entry_error(&self.l10n, &error));
        }
        // Who has it already goes there: a second connection would be a second person.
        match self.server_of(entry) {
            Some(known) => self.come_to(known, entry),
            None => self.give(server, origin, true),
        }
    }

    pub(crate) fn give(&mut self, server: SavedServer, origin: Origin, connect: bool) {
        let name = Some(server.name.clone()).filter(|name| !name.is_empty());
        let entry = server.entry.expose().to_owned();
        let request = self.request(Command::Add { entry, name, connect, link_of: None });
        self.adding.waiting.insert(request, (origin, server));
    }

    /// Adds the servers that are kept.
    pub(crate) fn add_kept(&mut self) {
        self.adding.pending = VecDeque::from(self.preferences.servers.clone());
        for _ in 0..AT_ONCE {
            self.add_next_kept();
        }
    }

    fn add_next_kept(&mut self) {
        if let Some(server) = self.adding.pending.pop_front() {
            let connect = server.connects_at_start;
            self.give(server, Origin::Kept, connect);
        }
    }

    /// The engine has added a server.
    pub(crate) fn added(&mut self, request: Option<RequestId>, id: ServerId) {
        let waiting = request.and_then(|request| self.adding.waiting.remove(&request));
        let Some((origin, mut server)) = waiting else { return self.go_to_server(id) };
        self.not_added.clear();
        self.forget_problem();
        if origin == Origin::Host {
            // Whatever is being typed to add another goes on.
            if !self.hosted_is_added(id) {
                return;
            }
        } else {
            if let Some(known) = self.desk.server(id) {
                server.name = known.name.to_string();
            }
            self.adding.kept.insert(id, server);
            if origin != Origin::Kept {
                self.attempted(id, origin);
            }
        }
        match origin {
            Origin::Kept => {
                self.add_next_kept();
                if self.server.is_none() {
                    self.go_to_server(id);
                }
                return;
            }
            Origin::Host => {}
            Origin::InPlaceOf(_)
            | Origin::Composer
            | Origin::Asked
            | Origin::Invitation
            | Origin::Address
            | Origin::List => {
                self.uncover_if(|over| over.is_adding());
            }
        }
        self.came_in();
        self.go_to_server(id);
        self.keep_servers();
    }

    /// The person wants to get in there. Addresses that were tried before and led nowhere do not pile up.
    fn attempted(&mut self, id: ServerId, origin: Origin) {
        if let Origin::InPlaceOf(other) = origin {
            return self.takes_place(id, other);
        }
        let leads_nowhere = |id: &ServerId| {
            let server = self.desk.server(*id);
            server.is_none_or(|server| server.is_open && server.error.is_some() && !server.is_connected())
        };
        let failed: Vec<ServerId> = self.adding.attempts.iter().copied().filter(leads_nowhere).collect();
        for failed in failed {
            self.adding.attempts.remove(&failed);
            self.adding.kept.remove(&failed);
            self.take_off(failed);
        }
        self.adding.attempts.insert(id);
    }

    /// A server has let us in: it is connected at start, from now on.
    pub(crate) fn attempt_succeeded(&mut self, id: ServerId) {
        if self.adding.attempts.remove(&id) {
            self.connect_at_start(id, true);
        }
    }

    /// A way in was found: what was typed is not kept here.
    pub(crate) fn came_in(&mut self) {
        self.errors = EntryErrors::default();
        self.open_page(Page::Room);
        self.changes.came_in = true;
    }

    /// The engine has not added a server, and why.
    pub(crate) fn not_added(&mut self, request: Option<RequestId>, error: EntryError) {
        let text = sentence::entry_error(&self.l10n, &error);
        let waiting = request.and_then(|request| self.adding.waiting.get(&request));
        if let Some((origin, _)) = waiting {
            self.is_wrong(*origin, error);
        }
        self.was_not_added(request, text);
    }

    /// The engine has not added a server.
    pub(crate) fn was_not_added(&mut self, request: Option<RequestId>, text: String) {
        let waiting = request.and_then(|request| self.adding.waiting.remove(&request));
        let Some((origin, server)) = waiting else { return self.complain(text) };
        self.entry_refused(origin, server, text);
    }

    /// Remembers what is wrong with what was typed there.
    pub(crate) fn is_wrong(&mut self, origin: Origin, error: EntryError) {
        self.adding.wrong.retain(|(other, _)| *other != origin);
        self.adding.wrong.push((origin, error));
    }

    /// What is wrong with what was typed is said in the language of now, where it still stands.
    pub(crate) fn say_again_what_is_wrong(&mut self) {
        for (origin, error) in self.adding.wrong.clone() {
            let text = sentence::entry_error(&self.l10n, &error);
            self.errors.beside(origin).into_iter().filter(|said| !said.is_empty()).for_each(|said| {
                said.clone_from(&text);
            });
        }
        // Why no relay was started is known to nobody any more.
        self.errors.hosting.clear();
        self.forget_problem();
        self.changes.page = true;
    }

    /// What was typed, or kept, is no way in.
    fn entry_refused(&mut self, origin: Origin, server: SavedServer, text: String) {
        self.changes.page = true;
        match origin {
            Origin::Host => {
                // Nobody would be in its circle.
                self.give_up_hosting();
                self.complain(text);
            }
            Origin::Kept => {
                self.adding.refused.push(server);
                self.add_next_kept();
                self.complain(text);
            }
            Origin::Invitation | Origin::Address | Origin::List => {
                self.errors.beside(origin).into_iter().for_each(|error| error.clone_from(&text));
            }
            Origin::Composer | Origin::Asked | Origin::InPlaceOf(_) => {
                if origin == Origin::Composer && self.composer.field.is_empty() {
                    self.composer.write(server.entry.expose());
                }
                match &mut self.overlay {
                    Some(over) if over.is_adding() => {
                        over.set_error(text);
                        self.changes.overlay = true;
                    }
                    // It stands there until there is a server.
                    Some(_) | None if self.desk.servers().is_empty() => self.not_added = text,
                    Some(_) | None => self.complain(text),
                }
            }
        }
    }

    /// Has it written down which servers there are, in the person's order.
    pub(crate) fn keep_servers(&mut self) {
        let adding = &self.adding;
        let known = self.desk.servers().iter().filter_map(|server| {
            let kept = adding.kept.get(&server.id)?;
            Some(SavedServer { name: server.name.to_string(), ..kept.clone() })
        });
        let waiting = adding.waiting.values().filter(|(origin, _)| *origin == Origin::Kept);
        let servers = known
            .chain(waiting.map(|(_, server)| server.clone()))
            .chain(adding.pending.iter().cloned())
            .chain(adding.refused.iter().cloned())
            .collect();
        self.keep(|preferences| preferences.servers = servers);
    }

    /// Changes what is kept of a server.
    pub(crate) fn change_kept(&mut self, id: ServerId, change: impl FnOnce(&mut SavedServer)) {
        if let Some(server) = self.adding.kept.get_mut(&id) {
            change(server);
        }
        self.keep_servers();
    }

    /// Takes a server off the list.
    pub(crate) fn remove(&mut self, id: ServerId) {
        self.adding.kept.remove(&id);
        self.adding.attempts.remove(&id);
        self.take_off(id);
        self.keep_servers();
    }

    /// Takes a server off the list. What it says until it is gone is of no interest.
    pub(crate) fn take_off(&mut self, id: ServerId) {
        self.removed.insert(id);
        self.command(Command::Remove { server: id });
    }

    /// The invitation by which the person comes back, and whether it makes an owner. None for a bare address, and for a server
    /// that is hosted here.
    #[must_use]
    pub fn own_link(&self, id: ServerId) -> Option<(SecretText, bool)> {
        let entry = &self.adding.kept(id).filter(|_| !self.hosting.is_of(id))?.entry;
        let preview = shepot_client::preview(entry.expose(), self.now.unix).ok()?;
        entry.expose().starts_with("shepot:").then(|| (entry.clone(), preview.is_owner))
    }

    /// The owner removed somebody: the invitation that is kept opens nothing any more, and this one takes its place.
    pub(crate) fn renew_kept(&mut self, id: ServerId, link: &Zeroizing<String>) {
        if self.adding.kept(id).is_some_and(|kept| kept.entry.expose() != link.as_str()) {
            self.change_kept(id, |server| server.entry = SecretText::new(link));
        }
    }

    /// Goes to a server by another address from now on.
    ///
    /// # Errors
    ///
    /// A sentence when it is none.
    pub(crate) fn set_address(&mut self, id: ServerId, address: &str) -> Result<(), String> {
        let address = address.trim();
        let Some(known) = self.desk.server(id) else { return Ok(()) };
        if known.address == address {
            return Ok(());
        }
        let kept = self.adding.kept(id).map(|kept| kept.entry.clone()).unwrap_or_default();
        let entry = shepot_client::with_address(kept.expose(), address)
            .map_err(|error| sentence::entry_error(&self.l10n, &error))?;
        self.on(id, Action::SetAddress { address: address.to_owned() });
        self.change_kept(id, |server| server.entry = SecretText::new(&entry));
        Ok(())
    }

    /// Connects; asks where that destroys what was said in a session that is over.
    pub(crate) fn connect_to(&mut self, id: ServerId) {
        match Confirmation::connect(&self.desk, id) {
            Some(confirmation) => self.lay(Overlay::Confirm(confirmation)),
            None => self.on(id, Action::Connect),
        }
    }

    /// Where there is no server left, a window begins again.
    pub(crate) fn begin_again_without_servers(&mut self) {
        if self.layout == Layout::Pages && self.desk.servers().is_empty() {
            self.open_page(Page::FirstRun);
        }
    }
}
