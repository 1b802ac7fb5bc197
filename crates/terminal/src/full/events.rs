//! What the engine tells, and what it changes on the screen.

use shepot_client::model::{CommandError, ConnectionState, RoomId, ServerId};
use shepot_client::{Action, Command, EntryError, Event};
use shepot_sanitise::Sanitised;
use shepot_view::desk::{Place, Server, Update, Writing};
use shepot_view::{people, sentence};
use zeroize::Zeroizing;

use super::hosted::Hosting;
use super::list::List;
use super::overlay::{Ask, Invited, Overlay, Paired};
use super::program::{Effect, Focus, Program};

impl Program {
    pub(super) fn event(&mut self, event: Event) {
        let now = self.now_ms();
        let before = self.overlay.as_ref().map(std::mem::discriminant);
        for update in self.desk.apply(event, now) {
            self.update(update);
        }
        if self.overlay.as_ref().map(std::mem::discriminant) != before {
            self.read_from = 0;
        }
        self.looked();
    }

    fn update(&mut self, update: Update) {
        let shown = self.server;
        match update {
            Update::Servers => self.server_may_be_gone(),
            Update::State(server) => self.state_changed(server),
            Update::Address(_) | Update::People(_) | Update::Typing(_) | Update::Avatar(..) => {
                if let Update::People(server) = update
                    && shown == Some(server)
                {
                    // Nicks that collide now have their marks.
                    self.rebuild();
                }
            }
            Update::News { is_mention, .. } => {
                if is_mention {
                    self.effects.push(Effect::Ring);
                }
            }
            Update::Rooms(server) => {
                self.room_came(server);
                if self.place.is_some_and(|place| place.server == server && self.desk.is_gone(place)) {
                    self.go(Place { server, room: RoomId::MAIN });
                }
                if self.composer.rooms_changed(&mut self.desk, server, self.place) {
                    self.tell(self.tr("ui-room-is-gone", &[]));
                }
            }
            Update::Appended { server, serial } if shown == Some(server) => self.appended(server, serial),
            Update::Appended { .. } => {}
            Update::Timeline(server) => {
                if self.composer.changed(&mut self.desk, server, self.place) {
                    let text = sentence::command_error(&self.l10n, &CommandError::NoSuchMessage);
                    self.complain(text);
                }
                if shown == Some(server) {
                    self.rebuild();
                }
            }
            Update::KeysChanged(server) => {
                if shown == Some(server) && self.desk.server(server).is_some_and(Server::is_connected) {
                    self.on(server, Action::SafetyCode);
                }
            }
            Update::CodeKnown(_) => {
                let current = self.code();
                if let Some(Overlay::Code(comparing)) = &mut self.overlay {
                    comparing.shown = comparing.shown.or(current);
                }
            }
            Update::PairCode(server, person, symbols) => {
                let nick = self.desk.server(server).and_then(|server| {
                    let known = server.person(&person)?;
                    Some(people::in_a_sentence(&self.l10n, &known.nick, &person, &server.people))
                });
                // Nothing that is being typed into is put away for it.
                if let Some(nick) = nick.filter(|_| shown == Some(server))
                    && matches!(self.overlay, None | Some(Overlay::Members(_) | Overlay::PairCode(_)))
                {
                    self.overlay = Some(Overlay::PairCode(Paired { nick, symbols, as_numbers: false }));
                }
            }
            Update::Record(server) => {
                // Nothing that is being typed into is put away for it.
                if shown == Some(server) && matches!(self.overlay, None | Some(Overlay::Record)) {
                    self.overlay = Some(Overlay::Record);
                }
            }
            Update::Invitation(server) => {
                if let Some(link) = self.desk.take_invitation()
                    && std::mem::take(&mut self.wants_invitation)
                {
                    // Nothing that is being typed into is put away for it.
                    let is_typed_into = self.overlay.as_mut().and_then(Overlay::field_mut).is_some();
                    if is_typed_into {
                        let text = self.tr("full-hosting-already", &[]);
                        self.tell(text);
                    } else {
                        self.overlay = Some(Overlay::Invitation(self.invited(server, link)));
                    }
                }
            }
            Update::Renewed(server, link) => self.renewed(server, link),
            // Nothing here shows it.
            Update::Memory => {}
            Update::Added(server) => {
                self.not_added.clear();
                self.toast.take_if(|toast| toast.is_problem);
                let address = self.desk.server(server).map(|known| known.address.clone());
                if self.unwanted.take_if(|local| Some(&*local) == address.as_ref()).is_some() {
                    return self.command(Command::Remove { server });
                }
                if let Hosting::Started(at) = &self.hosting
                    && address.as_ref() == Some(&at.local)
                {
                    // Whatever is being typed to add another goes on.
                    self.hosting = Hosting::On(server, at.clone());
                    let name = self.tr("ui-host-name", &[]);
                    if let Some(known) = self.desk.server_mut(server) {
                        known.name = Sanitised::in_one_line(&name);
                    }
                } else {
                    self.typed_entry = None;
                    self.overlay.take_if(|over| over.is_adding());
                }
                self.go(Place { server, room: RoomId::MAIN });
            }
            Update::NotAdded(error) => {
                let text = sentence::entry_error(&self.l10n, &error);
                if error == EntryError::TooManyServers && matches!(self.hosting, Hosting::Started(_)) {
                    // Nobody would be in its circle.
                    self.hosting = Hosting::Off;
                    self.hosting_ended();
                }
                if let Some(typed) = self.typed_entry.take()
                    && self.composer.field.is_empty()
                {
                    self.composer.write(&typed);
                }
                match &mut self.overlay {
                    Some(over) if over.is_adding() => over.set_error(text),
                    // It stands there until there is a server.
                    Some(_) | None if self.desk.servers().is_empty() => self.not_added = text,
                    Some(_) | None => self.complain(text),
                }
            }
            Update::ConnectionError(server, error) => {
                let text = sentence::connection_error(&self.l10n, &error);
                let about = self.desk.server(server);
                if shown != Some(server) {
                    let title = about.map(|server| server.title().to_owned()).unwrap_or_default();
                    self.complain(format!("{title}: {text}"));
                } else if about.is_some_and(Server::is_connected) {
                    // Otherwise it stands above the messages, for as long as it holds.
                    self.complain(text);
                }
            }
            Update::Refused(server, error) => {
                self.give_back(server, &error);
                let text = sentence::command_error(&self.l10n, &error);
                let is_about_a_name = matches!(
                    error,
                    CommandError::RoomExists
                        | CommandError::RoomName { .. }
                        | CommandError::TooManyRooms
                        | CommandError::NoSuchRoom
                );
                let asked = self.room_asked.take_if(|asked| server.is_none_or(|id| id == asked.server));
                match asked.filter(|_| is_about_a_name) {
                    Some(asked) if self.overlay.is_none() => {
                        let mut over = Overlay::asks_again(asked.ask, &asked.name);
                        over.set_error(text);
                        self.overlay = Some(over);
                    }
                    Some(_) | None => self.complain(text),
                }
            }
            Update::Reload => {
                let servers: Vec<ServerId> = self.desk.servers().iter().map(|server| server.id).collect();
                for server in servers {
                    self.on(server, Action::Snapshot);
                }
            }
            Update::Ended => self.effects.push(Effect::Quit),
        }
    }

    fn appended(&mut self, server: ServerId, serial: u64) {
        let Some(place) = self.place else { return };
        self.composer.taken(server);
        let Some(known) = self.desk.server(server) else { return };
        let writing = Writing { l10n: &self.l10n, clock: &self.clock };
        self.rows.append(known, place.room, serial, writing);
    }

    /// Whoever made a room wants to be in it.
    fn room_came(&mut self, server: ServerId) {
        if self.server != Some(server) {
            return;
        }
        let Some(asked) = self.room_asked.as_ref().filter(|asked| asked.server == server) else { return };
        let rooms = self.desk.server(server).map(|known| known.rooms.as_slice()).unwrap_or_default();
        // Its name may have been cleaned on the way.
        let mut new = rooms.iter().filter(|room| !asked.known.contains(&room.id));
        let alone = new.next().filter(|_| new.next().is_none());
        let named = rooms.iter().find(|room| room.name == asked.name);
        let Some(room) = named.or(alone).map(|room| room.id) else { return };
        let is_new = matches!(asked.ask, Ask::Room(_));
        self.room_asked = None;
        if is_new {
            self.go(Place { server, room });
        }
    }

    /// What was given to the engine and not taken is there again.
    fn give_back(&mut self, server: Option<ServerId>, error: &CommandError) {
        self.composer.refused(&mut self.desk, server, error, self.place);
    }

    fn server_may_be_gone(&mut self) {
        if let Hosting::On(id, _) = self.hosting
            && self.desk.server(id).is_none()
        {
            self.hosting = Hosting::Off;
            self.hosting_ended();
        }
        let gone = self.server.filter(|id| self.desk.server(*id).is_none());
        if let Some(gone) = gone {
            self.composer.forget(gone, self.place);
            self.overlay.take_if(|over| over.belongs_to_a_session());
            self.server = None;
            self.place = None;
            self.rebuild();
            self.effects.push(Effect::ForgetCopied);
            if let Some(first) = self.desk.servers().first().map(|server| server.id) {
                self.go_to_server(first);
            }
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
        if is_left || is_over {
            // A link or what somebody said may be in it.
            self.effects.push(Effect::ForgetCopied);
        }
        if is_left {
            self.composer.forget(id, self.place);
        }
        if is_over {
            self.give_back(Some(id), &CommandError::NotConnected);
        }
        if is_left || is_over || begins {
            self.room_asked.take_if(|asked| asked.server == id);
            if self.server == Some(id) {
                // Nothing of a session outlives it, not what lies over it either.
                self.overlay.take_if(|over| over.belongs_to_a_session());
            }
        }
        if is_left || begins {
            self.last_rooms.remove(&id);
            if self.server == Some(id) {
                self.list = List::default();
                self.focus = Focus::Composer;
                let main = Place { server: id, room: RoomId::MAIN };
                if begins && self.place != Some(main) {
                    // What the person is writing stays where it was written.
                    self.go(main);
                }
                self.place = Some(main);
            }
        }
        if self.server == Some(id) {
            self.rebuild();
            if self.desk.server(id).is_some_and(Server::is_connected) {
                self.on(id, Action::SafetyCode);
            }
        }
        let is_hosted = matches!(&self.hosting, Hosting::On(hosted, _) if *hosted == id);
        if is_hosted && self.wants_invitation && self.desk.server(id).is_some_and(Server::is_connected) {
            self.on(id, Action::Invite { owner: false });
        }
    }

    /// Every invitation from before opens nothing any more: the person is given the one that does, once.
    fn renewed(&mut self, server: ServerId, link: Zeroizing<String>) {
        let is_hosted = matches!(&self.hosting, Hosting::On(hosted, _) if *hosted == server);
        if is_hosted {
            return self.effects.push(Effect::HostRenewed(link));
        }
        if self.renewed.get(&server) == Some(&link) {
            return;
        }
        self.renewed.insert(server, link.clone());
        let note = self.tr("full-renewed", &[]);
        if self.overlay.is_none() && self.composer.field.is_empty() {
            self.overlay = Some(Overlay::Invitation(Invited { note, is_own: true, ..Invited::plain(link) }));
        } else {
            // Nothing that is being typed is put away for it.
            self.tell(format!("{note} {}", self.tr("full-renewed-how", &[])));
        }
    }
}
