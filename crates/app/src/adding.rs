//! Adds servers, and keeps what is stored about them up to date.
//!
//! Must never: lose a server that was stored.

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

/// The most stored servers that the engine is given at once.
const AT_ONCE: usize = 256;

impl State {
    /// Adds a server by an invitation or an address.
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

    /// Adds the stored servers.
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

    /// The person wants to enter this server. Removes earlier attempts that led nowhere, so that they do not pile up.
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

    /// The server has let us in: from now on it is connected at start.
    pub(crate) fn attempt_succeeded(&mut self, id: ServerId) {
        if self.adding.attempts.remove(&id) {
            self.connect_at_start(id, true);
        }
    }

    /// A way in was found: forgets the errors of the forms, and shows the room.
    pub(crate) fn came_in(&mut self) {
        self.errors = EntryErrors::default();
        self.open_page(Page::Room);
        self.changes.came_in = true;
    }

    /// The engine refused to add a server, for this reason.
    pub(crate) fn not_added(&mut self, request: Option<RequestId>, error: EntryError) {
        let text = sentence::entry_error(&self.l10n, &error);
        let waiting = request.and_then(|request| self.adding.waiting.get(&request));
        if let Some((origin, _)) = waiting {
            self.is_wrong(*origin, error);
        }
        self.was_not_added(request, text);
    }

    /// A server was not added. `text`: why, in words.
    pub(crate) fn was_not_added(&mut self, request: Option<RequestId>, text: String) {
        let waiting = request.and_then(|request| self.adding.waiting.remove(&request));
        let Some((origin, server)) = waiting else { return self.complain(text) };
        self.entry_refused(origin, server, text);
    }

    /// Remembers the error of an entry from this origin.
    pub(crate) fn is_wrong(&mut self, origin: Origin, error: EntryError) {
        self.adding.wrong.retain(|(other, _)| *other != origin);
        self.adding.wrong.push((origin, error));
    }

    /// Says the errors beside the fields again, in the current language.
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

    /// An entry, typed or stored, was refused: says so where it came from.
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

    /// Stores the list of servers, in the person's order.
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
        let place = self.desk.servers().iter().position(|server| self.hosting.is_of(server.id));
        self.keep(|preferences| {
            preferences.servers = servers;
            if let Some(hosting) = preferences.hosting.as_mut().filter(|_| place.is_some()) {
                hosting.place = place;
            }
        });
    }

    /// Changes what is stored about a server.
    pub(crate) fn change_kept(&mut self, id: ServerId, change: impl FnOnce(&mut SavedServer)) {
        if let Some(server) = self.adding.kept.get_mut(&id) {
            change(server);
        }
        self.keep_servers();
    }

    /// Takes a server off the list, and forgets what is stored about it.
    pub(crate) fn remove(&mut self, id: ServerId) {
        self.adding.kept.remove(&id);
        self.adding.attempts.remove(&id);
        self.take_off(id);
        self.keep_servers();
    }

    /// Takes a server off the list. What the engine still says about it is ignored.
    pub(crate) fn take_off(&mut self, id: ServerId) {
        self.removed.insert(id);
        self.command(Command::Remove { server: id });
    }

    /// The invitation with which the person comes back, and whether it makes an owner. `None` for a bare address, and
    /// for the server that is hosted here.
    #[must_use]
    pub fn own_link(&self, id: ServerId) -> Option<(SecretText, bool)> {
        let entry = &self.adding.kept(id).filter(|_| !self.hosting.is_of(id))?.entry;
        let preview = shepot_client::preview(entry.expose(), self.now.unix).ok()?;
        entry.expose().starts_with("shepot:").then(|| (entry.clone(), preview.is_owner))
    }

    /// The owner renewed the invitations: stores this one instead of the old one, which no longer works.
    pub(crate) fn renew_kept(&mut self, id: ServerId, link: &Zeroizing<String>) {
        if self.adding.kept(id).is_some_and(|kept| kept.entry.expose() != link.as_str()) {
            self.change_kept(id, |server| server.entry = SecretText::new(link));
        }
    }

    /// Changes the address of a server, now and in what is stored.
    ///
    /// # Errors
    ///
    /// The sentence that says what is wrong with the address.
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

    /// Connects. Asks first if that would destroy the messages of a session that is over.
    pub(crate) fn connect_to(&mut self, id: ServerId) {
        match Confirmation::connect(&self.desk, id) {
            Some(confirmation) => self.lay(Overlay::Confirm(confirmation)),
            None => self.on(id, Action::Connect),
        }
    }

    /// Shows the first page if no server is left and the interface has pages.
    pub(crate) fn begin_again_without_servers(&mut self) {
        if self.layout == Layout::Pages && self.desk.servers().is_empty() {
            self.open_page(Page::FirstRun);
        }
    }
}
