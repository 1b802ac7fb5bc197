//! Takes in the engine's events.

use shepot_client::model::{CommandError, ConnectionError, ConnectionState, ServerId, SystemEvent};
use shepot_client::{Action, Event, RequestId};
use shepot_view::desk::{Item, Server, Update};
use shepot_view::sentence;
use zeroize::Zeroizing;

use crate::confirmation::Confirmation;
use crate::effect::{Effect, RelayEffect};
use crate::log_lines;
use crate::overlay::{Invited, Offered, Overlay};
use crate::page::Layout;
use crate::state::State;
use crate::toast::{Sign, Toast};

impl State {
    pub(crate) fn event(&mut self, event: Event) {
        log_lines::note(&event);
        let now = self.now_ms();
        for update in self.desk.apply(event, now) {
            self.happened(update);
        }
    }

    fn happened(&mut self, update: Update) {
        let shown = self.server;
        match update {
            Update::Servers => {
                self.changes.servers = true;
                self.keep_offered();
                self.renewed.retain(|id, _| self.desk.server(*id).is_some());
                self.removed.retain(|id| self.desk.server(*id).is_some());
                self.hosted_may_be_gone();
                self.server_may_be_gone();
            }
            Update::State(server) => self.state_changed(server),
            Update::Address(server) => {
                self.changes.servers = true;
                self.changes.shown |= shown == Some(server);
            }
            Update::Typing(place) => self.changes.typing |= self.place == Some(place),
            Update::Memory => self.changes.memory = true,
            Update::Avatar(server, _) => self.people_changed(server),
            Update::People(server) => {
                self.know_oneself(server);
                self.people_changed(server);
            }
            Update::News { place, is_mention } => self.news(place, is_mention),
            Update::Rooms(server) => self.rooms_changed(server),
            Update::Circle(server) => self.circle_told(server),
            Update::Appended { server, serial } => self.appended(server, serial),
            Update::Timeline(server) => self.timeline_changed(server),
            Update::KeysChanged(server) => self.ask_for_code(server),
            Update::CodeKnown(_) => self.code_known(),
            Update::PairCode(server, person, symbols) => self.pair_code_known(server, person, symbols),
            Update::Record(server) => {
                // Nothing that is being typed into is put away for it.
                let is_free = matches!(self.overlay, None | Some(Overlay::Record)) && !self.lock.is_locked();
                if shown == Some(server) && is_free {
                    self.lay(Overlay::Record);
                }
            }
            Update::Invitation(server) => self.invitation_came(server),
            Update::Renewed(server, link) => self.renewed(server, link),
            Update::Added(request, server) => self.added(request, server),
            Update::NotAdded(request, error) => self.not_added(request, error),
            Update::ConnectionError(server, error) => self.connection_error(server, &error),
            Update::Done(request, outcome) => {
                self.composer.done(request);
                self.room_done(request, outcome);
            }
            Update::Refused { request, error, .. } => self.refused(request, &error),
            Update::Reload => {
                self.composer.answers_are_lost();
                self.invites.clear();
                let servers: Vec<ServerId> = self.desk.servers().iter().map(|server| server.id).collect();
                for server in servers {
                    self.on(server, Action::Snapshot);
                }
            }
            Update::Ended => self.effect(Effect::Quit),
        }
    }

    /// Members came, went or look different: names in the timeline may need marks.
    fn people_changed(&mut self, server: ServerId) {
        let is_shown = self.server == Some(server);
        self.changes.timeline |= is_shown;
        self.changes.shown |= is_shown;
    }

    fn appended(&mut self, server: ServerId, serial: u64) {
        let item = self.desk.server(server).and_then(|server| server.timeline().item(serial));
        if let Some(Item::SystemEvent { event, .. }) = item {
            if let SystemEvent::Entered { people, .. } = event {
                if *people == 1 {
                    self.founded(server);
                }
                self.tell_of_own_circle(server);
            } else if matches!(event, SystemEvent::Joined { .. } | SystemEvent::Returned { .. }) {
                self.show_avatar_again(server);
            }
        }
        if self.server == Some(server) {
            self.changes.appended.push(serial);
        }
        // The oldest may be gone for it.
        self.keep_offered();
        self.ask_for_memory_of(server);
    }

    fn timeline_changed(&mut self, server: ServerId) {
        self.keep_offered();
        // What was found there may say something else by now.
        self.changes.search |= !self.search.hits().is_empty();
        if self.composer.changed(&mut self.desk, server, self.place) {
            self.refuse(&CommandError::NoSuchMessage);
        }
        if self.server == Some(server) {
            self.changes.timeline = true;
            self.keep_selection();
        }
    }

    /// The engine refused a request: what was given to it comes back.
    fn refused(&mut self, request: Option<RequestId>, error: &CommandError) {
        if let Some(request) = request {
            self.invites.remove(&request);
            self.composer.refused(&mut self.desk, request, error, self.place);
            if self.room_refused(request, &sentence::command_error(&self.l10n, error)) {
                return;
            }
        }
        self.refuse(error);
    }

    /// The engine is too busy for a request: what was given to it comes back.
    pub(crate) fn not_taken(&mut self, request: Option<RequestId>) {
        let busy = self.tr("ui-busy", &[]);
        let Some(request) = request else { return self.complain(busy) };
        self.invites.remove(&request);
        self.composer.refused(&mut self.desk, request, &CommandError::NotConnected, self.place);
        if self.adding.waiting.contains_key(&request) {
            self.was_not_added(Some(request), busy);
        } else if !self.room_refused(request, &busy) {
            self.complain(busy);
        }
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
            let is_copied = self.copied.is_some_and(|(_, from)| from == Some(id));
            if is_copied && self.preferences.clears_clipboard {
                self.effect(Effect::ForgetCopied);
            }
            self.effect(Effect::ForgetSelected);
        }
        // What was left of it goes when it begins again.
        self.changes.session_over |= is_left || (begins && self.server == Some(id));
        if is_left || is_over {
            let is_its = |toast: &mut Toast| toast.undo.as_ref().is_some_and(|undo| undo.place.server == id);
            self.changes.toast |= self.toast.take_if(is_its).is_some();
            // Whom the person trusted with a link is another matter in another session.
            self.sites.clear();
            self.uncover_if(|over| matches!(over.offered(), Some(Offered::Switcher(_))));
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
        self.changes.shown |= self.server == Some(id);
        self.changes.servers = true;
        self.ask_for_code(id);
        if self.desk.server(id).is_some_and(Server::is_connected) {
            self.attempt_succeeded(id);
            self.show_avatar(id);
            self.invite_to_hosted(id);
        }
    }

    fn connection_error(&mut self, server: ServerId, error: &ConnectionError) {
        self.changes.servers = true;
        if self.removed.contains(&server) {
            return;
        }
        let is_shown = self.server == Some(server);
        self.changes.shown |= is_shown;
        self.try_once(server, error);
        // In a terminal the first letter of what somebody is about to write would answer: the banner and /remove are
        // there.
        let is_free = self.layout == Layout::Pages && self.overlay.is_none() && !self.lock.is_locked();
        if *error == ConnectionError::WrongIdentity && is_free {
            self.lay(Overlay::Confirm(Confirmation::WrongIdentity(server)));
        }
        let text = sentence::connection_error(&self.l10n, error);
        let about = self.desk.server(server);
        if is_shown && about.is_some_and(Server::is_connected) {
            // Otherwise it stands above the messages, for as long as it holds.
            self.complain(text);
        } else if !is_shown && self.layout == Layout::Over {
            self.complain(self.about(server, text));
        }
    }

    /// Tries an address that never worked only once, since it may be mistyped.
    fn try_once(&mut self, server: ServerId, error: &ConnectionError) {
        let leads_nowhere = matches!(error, ConnectionError::Unreachable | ConnectionError::UnknownHost);
        let is_typed = self.desk.server(server).is_some_and(|known| known.is_open && known.has_session());
        if leads_nowhere && is_typed && self.adding.attempts.contains(&server) {
            self.on(server, Action::Disconnect);
        }
    }

    /// A sentence about a server, with its name if another one is open.
    fn about(&self, server: ServerId, text: String) -> String {
        let known = self.desk.server(server).filter(|_| self.server != Some(server));
        known.map_or_else(|| text.clone(), |known| format!("{}: {text}", known.title()))
    }

    fn invitation_came(&mut self, server: ServerId) {
        let Some(link) = self.desk.take_invitation() else { return };
        let asked = self.invites.iter().find(|(_, of)| **of == server).map(|(request, _)| *request);
        if asked.and_then(|request| self.invites.remove(&request)).is_none() {
            return;
        }
        // Nothing that is asked, read or typed into is put away for it.
        if self.lock.is_locked() || !matches!(self.overlay, None | Some(Overlay::Invitation(_))) {
            return self.tell(self.tr("full-invitation-waits", &[]));
        }
        let invited = self.invited(server, link);
        self.lay(Overlay::Invitation(invited));
    }

    /// The old invitations no longer work: gives the person the new one, once.
    fn renewed(&mut self, server: ServerId, link: Zeroizing<String>) {
        // The relay here knows its own circle, whether it runs or not, and whoever brings it.
        self.effect(Effect::Relay(RelayEffect::Renew(link.clone())));
        if self.desk.server(server).is_none() {
            return;
        }
        let is_ours = self.hosting.is_of(server);
        if !is_ours {
            self.renew_kept(server, &link);
        }
        if self.renewing.take_if(|renewing| *renewing == server).is_some() {
            // The person's own makes an owner: another is for others.
            self.ask_for_invitation(server, false);
        }
        if self.may_keep() || self.renewed.get(&server) == Some(&link) {
            return;
        }
        self.renewed.insert(server, link.clone());
        if is_ours {
            if self.layout == Layout::Over {
                self.tell(self.about(server, self.tr("terminal-renewed-hosted", &[])));
            }
            return;
        }
        if self.layout == Layout::Pages {
            let name = self.desk.server(server).map(|server| server.name.to_string()).unwrap_or_default();
            return self.say(self.tr("ui-renewed", &[("server", &name)]), Sign::Link);
        }
        let note = self.tr("full-renewed", &[]);
        if self.overlay.is_none() && self.composer.field.is_empty() && !self.lock.is_locked() {
            self.lay(Overlay::Invitation(Invited { note, is_own: true, ..Invited::plain(server, link) }));
        } else {
            // Nothing that is being typed is put away for it.
            self.tell(format!("{note} {}", self.tr("full-renewed-how", &[])));
        }
    }
}
