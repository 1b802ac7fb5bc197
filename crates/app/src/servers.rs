//! The list of servers.

use shepot_client::model::ServerId;
use shepot_view::banner::{self, Remedy};
use shepot_view::desk::Server;

use crate::confirmation::Confirmation;
use crate::overlay::{Ask, Overlay};
use crate::page::Page;
use crate::state::State;

impl State {
    /// Moves a server to another position in the list.
    pub(crate) fn move_server(&mut self, id: ServerId, to: usize) {
        self.desk.move_server(id, to);
        self.changes.servers = true;
        self.keep_servers();
    }

    /// Connects a server, or disconnects from it. For the one hosted here, shows its connections.
    pub(crate) fn turn_server(&mut self, id: ServerId) {
        if self.hosting.is_of(id) {
            self.open_page(Page::Connections);
        } else if self.desk.server(id).is_some_and(Server::has_session) {
            self.lay(Overlay::Confirm(Confirmation::Leave(id)));
        } else {
            self.connect_to(id);
        }
    }

    /// Opens a server from the list. Connects it if nothing would be lost.
    pub(crate) fn open_server(&mut self, id: ServerId) {
        if !self.desk.server(id).is_some_and(Server::has_something_to_lose) {
            self.connect_to(id);
        }
        self.go_to_server(id);
    }

    /// What the banner of the open server offers.
    #[must_use]
    pub fn remedy(&self) -> Remedy {
        let banner =
            self.shown().and_then(|server| banner::of(&self.l10n, server, self.seconds_left(server.id)));
        // An empty page without a banner offers to connect.
        banner.map_or(Remedy::Connect, |banner| banner.remedy)
    }

    /// Does what the banner offers.
    pub(crate) fn take_remedy(&mut self) {
        let Some(id) = self.server else { return };
        match self.remedy() {
            Remedy::Nothing => {}
            Remedy::Connect => self.connect_to(id),
            Remedy::Cancel => {
                if self.desk.server(id).is_some_and(|server| server.timeline().messages() > 0) {
                    self.lay(Overlay::Confirm(Confirmation::Leave(id)));
                } else {
                    self.on(id, shepot_client::Action::Disconnect);
                }
            }
            Remedy::CheckCode => self.compare(),
            Remedy::ShowHeld => self.show_held(),
            Remedy::NewInvitation => self.lay(Overlay::ask(Ask::Invitation(id))),
        }
    }

    /// Closes the banner that says that the connection is back. Returns false if there was none.
    pub(crate) fn close_banner(&mut self) -> bool {
        let server = self.server.and_then(|id| self.desk.server_mut(id)).filter(|one| one.is_back);
        let was_there = server.map(|server| server.is_back = false).is_some();
        self.changes.shown |= was_there;
        was_there
    }
}
