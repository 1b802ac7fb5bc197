//! Where the person is, and how they get elsewhere.

use shepot_client::Action;
use shepot_client::model::ServerId;
use shepot_view::desk::{Place, Server};

use crate::confirmation::Confirmation;
use crate::navigation::{self, Way};
use crate::overlay::Overlay;
use crate::page::{Layout, Page};
use crate::state::State;

impl State {
    /// Opens a room.
    pub(crate) fn go(&mut self, place: Place) {
        if self.page != Page::Room {
            self.open_page(Page::Room);
        }
        if self.place == Some(place) {
            return;
        }
        self.leave_room();
        // It was about where the person was; what carries its own place stays.
        self.uncover_if(|over| over.is_about_what_is_shown());
        self.server = Some(place.server);
        self.last_places.insert(place.server, place);
        self.shows(Some(place));
        let draft = self.desk.conversation_mut(place).map(|known| known.draft.clone()).unwrap_or_default();
        self.composer.enter(place, &draft);
        // What was said of the code holds for the code of now, which may not be known here.
        if self.shown().is_some_and(|server| server.is_connected() && server.code.is_none()) {
            self.act(Action::SafetyCode);
        }
    }

    /// Opens another room, or none, with no message selected.
    pub(crate) fn shows(&mut self, place: Option<Place>) {
        self.place = place;
        self.selected = None;
        let known = place.and_then(|place| self.desk.conversation(place));
        // A window opens a room where the new begins; only it knows whether the end is seen then.
        self.is_looking = self.layout == Layout::Over || known.is_none_or(|known| known.unread == 0);
        self.changes.place = true;
    }

    /// Opens a server in the room where the person was last.
    pub(crate) fn go_to_server(&mut self, id: ServerId) {
        if self.desk.server(id).is_none() {
            return;
        }
        let place = navigation::place_of(&self.desk, id, self.last_places.get(&id).copied());
        self.go(place.unwrap_or(Place::main(id)));
    }

    pub(crate) fn go_to_server_at(&mut self, at: usize) {
        // A question has to be answered first.
        if self.lock.is_locked() || self.overlay.as_ref().is_some_and(Overlay::is_question) {
            return;
        }
        self.uncover_if(|_| true);
        if let Some(server) = self.desk.servers().get(at).map(|server| server.id) {
            self.go_to_server(server);
        }
    }

    pub(crate) fn next_server(&mut self, way: Way) {
        if let Some(server) = navigation::next_server(&self.desk, self.server, way) {
            self.go_to_server(server);
        }
    }

    pub(crate) fn go_where_there_is(&mut self, place: Option<Place>) {
        if let Some(place) = place {
            self.go(place);
        }
    }

    fn leave_room(&mut self) {
        let Some(place) = self.place else { return };
        let draft = self.composer.leave(place);
        if let Some(conversation) = self.desk.conversation_mut(place) {
            conversation.draft = draft;
            if conversation.unread == 0 {
                conversation.first_unread = None;
            }
        }
    }

    /// Marks the open room as read, unless the person is elsewhere or reads further up.
    pub(crate) fn looked(&mut self) {
        let is_used = self.layout == Layout::Over || (self.is_active && self.page == Page::Room);
        let place = self.place.filter(|_| is_used && !self.lock.is_locked() && self.is_looking);
        let unread = place.and_then(|place| self.desk.conversation(place));
        if unread.is_some_and(|known| known.unread > 0) {
            self.changes.servers = true;
            self.changes.shown = true;
        }
        self.desk.look_at(place);
    }

    /// Goes exactly one step back.
    pub(crate) fn back(&mut self) {
        if self.overlay.as_ref().is_some_and(Overlay::asks_for_nick) && self.nick.is_empty() {
            return;
        }
        if let Some(over) = self.overlay.take() {
            self.changes.overlay = true;
            if let Overlay::Confirm(Confirmation::RenewInvitations(server)) = over {
                // It was asked over the invitation.
                return self.ask_for_invitation(server, false);
            }
            if over.asks_for_passphrase() {
                return self.passphrase_put_off();
            }
            if let Some(visitor) = over.visitor() {
                self.show_connections(Some(&visitor));
            }
            return;
        }
        if self.layout == Layout::Pages && !matches!(self.page, Page::Room | Page::FirstRun) {
            return self.close_page();
        }
        if self.composer.step_back() {
            self.changes.composer = true;
            return;
        }
        if self.layout == Layout::Over && self.close_banner() {
            return;
        }
        if self.selected.take().is_none() {
            self.changes.to_newest = true;
        }
    }

    /// Opens another server if the open one is off the list.
    pub(crate) fn server_may_be_gone(&mut self) {
        let Some(gone) = self.server.filter(|id| self.desk.server(*id).is_none()) else { return };
        self.composer.forget(gone, self.place);
        self.changes.session_over = true;
        self.uncover_if(|over| over.belongs_to_a_session());
        self.server = None;
        self.shows(None);
        self.begin_again_without_servers();
        if let Some(first) = self.desk.servers().first().map(|server| server.id) {
            self.go_to_server(first);
        }
    }

    /// Opens the main room of a server whose session is over or begins again.
    pub(crate) fn show_main_room(&mut self, id: ServerId, begins: bool) {
        self.last_places.remove(&id);
        if self.server != Some(id) {
            return;
        }
        let main = Place::main(id);
        if begins && self.place != Some(main) {
            // What the person is writing stays where it was written.
            return self.go(main);
        }
        self.shows(Some(main));
    }

    /// Gives up the selection if that message is gone.
    pub(crate) fn keep_selection(&mut self) {
        let is_there = |server: &Server, id| server.timeline().get(&id).is_some();
        self.selected = self.selected.filter(|id| self.shown().is_some_and(|server| is_there(server, *id)));
    }
}
