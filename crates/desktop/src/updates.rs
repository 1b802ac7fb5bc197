//! What happens when the engine tells something: which parts are drawn anew, and in which order.

use std::rc::Rc;

use shepot_client::model::{ConnectionState, Delivery, ServerId, SystemEvent};
use shepot_client::{Action, Event};
use shepot_view::desk::{Item, Update};
use shepot_window as ui;
use slint::ComponentHandle as _;

use crate::program::Program;
use crate::shown::Shown as _;
use crate::{
    adding, banner, composer, hosting, invitation, members, notify, profile, rail, room, safety_code, search,
    server_record, servers_page, settings, sidebar, timeline, typing,
};

/// What has to be drawn anew.
#[derive(Default)]
struct Dirty {
    rail: bool,
    sidebar: bool,
    head: bool,
    members: bool,
    list: bool,
    typing: bool,
    memory: bool,
    /// Something came in.
    news: bool,
}

impl Program {
    /// Takes the engine's events in and draws what they changed.
    pub(crate) fn events(self: &Rc<Self>, events: Vec<Event>) {
        let mut dirty = Dirty::default();
        for event in events {
            let updates = self.desk.borrow_mut().apply(event, self.now().milliseconds());
            for update in updates {
                self.update(update, &mut dirty);
            }
        }
        self.draw(&dirty);
        if dirty.news {
            timeline::announce(self);
        }
        timeline::keep_time(self);
    }

    fn update(self: &Rc<Self>, update: Update, dirty: &mut Dirty) {
        let shown = self.server.get();
        match update {
            Update::Servers => {
                dirty.rail = true;
                self.forget_removed();
            }
            Update::State(server) => {
                dirty.rail = true;
                dirty.head |= shown == Some(server);
                dirty.sidebar |= shown == Some(server);
                self.state_changed(server);
            }
            Update::Address(server) => {
                dirty.rail = true;
                dirty.head |= shown == Some(server);
                dirty.sidebar |= shown == Some(server);
            }
            Update::People(server) => {
                profile::is_known(self, server);
                let is_shown = shown == Some(server);
                dirty.members |= is_shown;
                dirty.head |= is_shown;
                dirty.list |= is_shown;
                dirty.sidebar |= is_shown;
            }
            Update::Rooms(server) => {
                dirty.rail = true;
                dirty.sidebar |= shown == Some(server);
                dirty.head |= shown == Some(server);
                room::find_room(self, server);
                composer::rooms_changed(self, server);
            }
            Update::Appended { server, serial } => {
                self.appended(server, serial, dirty);
            }
            Update::Timeline(server) => {
                dirty.list |= shown == Some(server);
                composer::changed(self, server);
            }
            Update::Typing(place) => dirty.typing |= self.place.get() == Some(place),
            Update::Avatar(server, _) => {
                dirty.list |= shown == Some(server);
                dirty.members |= shown == Some(server);
            }
            Update::News { place, is_mention } => notify::news(self, place, is_mention),
            Update::KeysChanged(server) => {
                dirty.head |= shown == Some(server);
                safety_code::ask(self, server);
            }
            Update::CodeKnown(server) => {
                dirty.head |= shown == Some(server);
                safety_code::known(self, server);
            }
            Update::PairCode(server, person, symbols) => safety_code::of_pair(self, server, person, &symbols),
            Update::Record(server) => server_record::arrived(self, server),
            Update::Memory => dirty.memory = true,
            Update::Invitation(server) => invitation::arrived(self, server),
            Update::Renewed(server, link) => adding::renewed(self, server, &link),
            Update::Added(request, server) => {
                adding::added(self, request, server);
                dirty.rail = true;
            }
            Update::NotAdded(request, error) => adding::not_added(self, request, &error),
            Update::ConnectionError(server, error) => {
                dirty.rail = true;
                room::connection_error(self, server, &error);
            }
            Update::Done(request, _) => composer::done(self, request),
            Update::Refused { request, server, error } => {
                self.dialogs.borrow_mut().made.take_if(|(made, _)| Some(*made) == server);
                composer::refused(self, request, &error);
            }
            Update::Reload => {
                let servers: Vec<ServerId> =
                    self.desk.borrow().servers().iter().map(|server| server.id).collect();
                for server in servers {
                    self.on(server, Action::Snapshot);
                }
            }
            Update::Ended => {}
        }
    }

    fn appended(self: &Rc<Self>, server: ServerId, serial: u64, dirty: &mut Dirty) {
        let place = self.place.get();
        let is_founded = {
            let desk = self.desk.borrow();
            let item = desk.server(server).and_then(|server| server.timeline().item(serial));
            matches!(item, Some(Item::SystemEvent { event: SystemEvent::Entered { people: 1 }, .. }))
        };
        if is_founded {
            hosting::is_founded(self, server);
        }
        let (is_own, is_here, joined) = {
            let desk = self.desk.borrow();
            match desk.server(server).and_then(|server| server.timeline().item(serial)) {
                Some(Item::Message(message)) => (
                    message.delivery != Delivery::Received,
                    place.is_some_and(|place| place.room == message.room),
                    false,
                ),
                Some(Item::SystemEvent {
                    event: SystemEvent::Joined { .. } | SystemEvent::Returned { .. },
                    ..
                }) => (false, true, true),
                Some(Item::SystemEvent { .. }) | None => (false, true, false),
            }
        };
        if joined {
            profile::show_again(self, server);
        }
        let is_shown = place.is_some_and(|place| place.server == server);
        dirty.news |= is_shown && is_here && !is_own;
        if is_shown && !dirty.list {
            let standing = self.with_list(|list, tools| list.append(serial, is_own, tools));
            self.stand(standing);
            room::looked(self);
        }
    }

    fn state_changed(self: &Rc<Self>, id: ServerId) {
        let (state, is_online) = {
            let desk = self.desk.borrow();
            let Some(server) = desk.server(id) else { return };
            (server.state.clone(), server.is_connected())
        };
        let number = u64::from(id.0);
        match state {
            ConnectionState::Connected => {
                tracing::info!(server = number, "connected");
                profile::show(self, id);
                // Keys that changed while nobody could be asked.
                safety_code::ask(self, id);
            }
            ConnectionState::Reconnecting { .. } => tracing::info!(server = number, "connection lost"),
            ConnectionState::Disconnected => {
                tracing::info!(server = number, "disconnected");
                room::session_over(self, id);
            }
            // What was said stays until the person lets it go.
            ConnectionState::Ended => {
                tracing::info!(server = number, "ended");
                room::session_ended(self, id);
            }
            // What was left of the session before is gone.
            ConnectionState::Connecting => room::session_begins(self, id),
            ConnectionState::Waiting => {}
        }
        if self.server.get() == Some(id) {
            let standing =
                self.with_list(|list, tools| list.restyle(|measures| measures.online = is_online, tools));
            self.stand(standing);
        }
        banner::state_changed(self, id);
    }

    fn forget_removed(self: &Rc<Self>) {
        let is_gone = self.server.get().is_some_and(|id| self.desk.borrow().server(id).is_none());
        if is_gone {
            self.server.set(None);
            self.place.set(None);
            let first = self.desk.borrow().servers().first().map(|server| server.id);
            match first {
                Some(first) => room::show_server(self, first),
                None => room::show_nothing(self),
            }
        } else if self.server.get().is_none() && self.desk.borrow().servers().is_empty() {
            room::show_nothing(self);
        }
    }

    fn draw(self: &Rc<Self>, dirty: &Dirty) {
        if dirty.memory {
            settings::refresh_posture(self);
        }
        if dirty.list {
            // What was read aloud may be gone by now, or another.
            self.app.global::<ui::Timeline>().set_news("".shown());
            let standing = self.with_list(|list, tools| list.renew(tools));
            self.stand(standing);
            search::refresh(self);
            composer::refresh(self);
        }
        if dirty.rail {
            rail::refresh(self);
            servers_page::refresh(self);
        }
        if dirty.sidebar {
            sidebar::refresh(self);
        }
        if dirty.head {
            room::refresh_head(self);
            composer::refresh(self);
        }
        if dirty.members {
            members::refresh(self);
        }
        if dirty.typing {
            typing::refresh(self);
        }
        if dirty.rail || dirty.sidebar {
            notify::refresh_badge(self);
        }
    }

    /// Draws everything anew.
    pub(crate) fn refresh_all(self: &Rc<Self>) {
        let everything = Dirty {
            rail: true,
            sidebar: true,
            head: true,
            members: true,
            list: true,
            memory: false,
            typing: true,
            news: false,
        };
        self.draw(&everything);
        hosting::refresh(self);
    }
}
