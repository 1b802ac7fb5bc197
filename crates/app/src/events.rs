//! What the engine tells, and what it changes.

use shepot_client::model::{CommandError, ConnectionError, ConnectionState, RoomId, ServerId};
use shepot_client::{Action, EntryError, Event, RequestId};
use shepot_view::desk::{Place, Server, Update};
use shepot_view::sentence;
use zeroize::Zeroizing;

use crate::effect::Effect;
use crate::overlay::{Invited, Overlay};
use crate::state::State;

impl State {
    pub(crate) fn event(&mut self, event: Event) {
        let now = self.now_ms();
        for update in self.desk.apply(event, now) {
            self.happened(update);
        }
    }

    fn happened(&mut self, update: Update) {
        let shown = self.server;
        match update {
            Update::Servers => {
                self.hosted_may_be_gone();
                self.server_may_be_gone();
            }
            Update::State(server) => self.state_changed(server),
            Update::Address(_) | Update::Typing(_) | Update::Avatar(..) | Update::Memory => {}
            // Nicks that collide now have their marks.
            Update::People(server) => self.changes.timeline |= shown == Some(server),
            Update::News { is_mention, .. } => {
                if is_mention {
                    self.effect(Effect::Ring);
                }
            }
            Update::Rooms(server) => self.rooms_changed(server),
            Update::Appended { server, serial } => {
                if shown == Some(server) {
                    self.changes.appended.push(serial);
                }
            }
            Update::Timeline(server) => self.timeline_changed(server),
            Update::KeysChanged(server) => self.ask_for_code(server),
            Update::CodeKnown(_) => self.code_known(),
            Update::PairCode(server, person, symbols) => self.pair_code_known(server, person, symbols),
            Update::Record(server) => {
                // Nothing that is being typed into is put away for it.
                if shown == Some(server) && matches!(self.overlay, None | Some(Overlay::Record)) {
                    self.lay(Overlay::Record);
                }
            }
            Update::Invitation(server) => self.invitation_came(server),
            Update::Renewed(server, link) => self.renewed(server, link),
            Update::Added(request, server) => self.added(request, server),
            Update::NotAdded(request, error) => self.not_added(request, &error),
            Update::ConnectionError(server, error) => self.connection_error(server, &error),
            Update::Done(request, outcome) => {
                self.composer.done(request);
                self.room_done(request, outcome);
            }
            Update::Refused { request, error, .. } => self.refused(request, &error),
            Update::Reload => {
                self.composer.answers_are_lost();
                let servers: Vec<ServerId> = self.desk.servers().iter().map(|server| server.id).collect();
                for server in servers {
                    self.on(server, Action::Snapshot);
                }
            }
            Update::Ended => self.effect(Effect::Quit),
        }
    }

    fn timeline_changed(&mut self, server: ServerId) {
        if self.composer.changed(&mut self.desk, server, self.place) {
            self.refuse(&CommandError::NoSuchMessage);
        }
        if self.server == Some(server) {
            self.changes.timeline = true;
            self.keep_selection();
        }
    }

    /// The engine did not do something: what was given to it is there again.
    fn refused(&mut self, request: Option<RequestId>, error: &CommandError) {
        if let Some(request) = request {
            self.composer.refused(&mut self.desk, request, error, self.place);
            if self.room_refused(request, error) {
                return;
            }
        }
        self.refuse(error);
    }

    fn state_changed(&mut self, id: ServerId) {
        let Some(server) = self.desk.server(id) else { return };
        let is_left = server.state == ConnectionState::Disconnected;
        // What was said stays when a session ends without the person, until another one begins.
        let (is_over, begins) = (server.is_over(), server.state == ConnectionState::Connecting);
        if let ConnectionState::Reconnecting { retry_in, .. } = server.state {
            self.retries.insert(id, self.now.steady + retry_in);
        } else {
            self.retries.remove(&id);
        }
        if is_left {
            self.composer.forget(id, self.place);
        }
        if is_left || is_over {
            // A link or what somebody said may be in it.
            self.effect(Effect::ForgetCopied);
        }
        if is_left || is_over || begins {
            self.room_asked.take_if(|asked| asked.server == id);
            if self.server == Some(id) {
                // Nothing of a session outlives it, not what lies over it either.
                self.uncover_if(|over| over.belongs_to_a_session());
            }
        }
        if is_left || begins {
            self.show_main_room(id, begins);
        }
        self.changes.timeline |= self.server == Some(id);
        self.ask_for_code(id);
        if self.desk.server(id).is_some_and(Server::is_connected) {
            self.invite_to_hosted(id);
        }
    }

    fn added(&mut self, request: Option<RequestId>, server: ServerId) {
        self.not_added.clear();
        self.toast.take_if(|toast| toast.is_problem);
        if request.is_some() && request == self.hosted_request {
            // Whatever is being typed to add another goes on.
            if !self.hosted_is_added(server) {
                return;
            }
        } else {
            self.typed_entry = None;
            self.uncover_if(|over| over.is_adding());
        }
        self.go(Place { server, room: RoomId::MAIN });
    }

    fn not_added(&mut self, request: Option<RequestId>, error: &EntryError) {
        let text = sentence::entry_error(&self.l10n, error);
        if request.is_some() && request == self.hosted_request {
            // Nobody would be in its circle.
            self.give_up_hosting();
            return self.complain(text);
        }
        let typed = self.typed_entry.take_if(|(typed, _)| Some(*typed) == request);
        if let Some((_, typed)) = typed
            && self.composer.field.is_empty()
        {
            self.composer.write(&typed);
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

    fn connection_error(&mut self, server: ServerId, error: &ConnectionError) {
        let text = sentence::connection_error(&self.l10n, error);
        let about = self.desk.server(server);
        if self.server != Some(server) {
            let title = about.map(|server| server.title().to_owned()).unwrap_or_default();
            self.complain(format!("{title}: {text}"));
        } else if about.is_some_and(Server::is_connected) {
            // Otherwise it stands above the messages, for as long as it holds.
            self.complain(text);
        }
    }

    fn invitation_came(&mut self, server: ServerId) {
        let Some(link) = self.desk.take_invitation() else { return };
        if !std::mem::take(&mut self.wants_invitation) {
            return;
        }
        // Nothing that is being typed into is put away for it.
        if self.overlay.as_ref().and_then(Overlay::field).is_some() {
            return self.tell(self.tr("full-hosting-already", &[]));
        }
        let invited = self.invited(server, link);
        self.lay(Overlay::Invitation(invited));
    }

    /// Every invitation from before opens nothing any more: the person is given the one that does, once.
    fn renewed(&mut self, server: ServerId, link: Zeroizing<String>) {
        if self.hosting.is_of(server) {
            return self.effect(Effect::HostRenewed(link));
        }
        if self.renewed.get(&server) == Some(&link) {
            return;
        }
        self.renewed.insert(server, link.clone());
        let note = self.tr("full-renewed", &[]);
        if self.overlay.is_none() && self.composer.field.is_empty() {
            self.lay(Overlay::Invitation(Invited { note, is_own: true, ..Invited::plain(link) }));
        } else {
            // Nothing that is being typed is put away for it.
            self.tell(format!("{note} {}", self.tr("full-renewed-how", &[])));
        }
    }
}
