//! The relay in this process from its operator's view: starting, connections, stopping.

use std::rc::Rc;
use std::time::Duration;

use shepot_client::model::{RoomId, ServerId};
use shepot_client::{Action, EntryError, EntryPreview};
use shepot_hosting::{reach_of, with_address, with_port};
use shepot_preferences::{SavedHosting, SecretText};
use shepot_relay::Reach;
use shepot_relay::operator::{Presence, Visitor, Visitors};
use shepot_sanitise::Sanitised;
use shepot_view::size;
use zeroize::Zeroizing;

use crate::actions::ConnectionAction;
use crate::confirmation::Confirmation;
use crate::effect::{Effect, RelayEffect};
use crate::hosting::{HostedAt, Hosting};
use crate::kept::Origin;
use crate::overlay::{Invited, List, Offered, Overlay};
use crate::page::{Layout, Page};
use crate::state::State;

impl State {
    pub(crate) fn host(&mut self) {
        if self.hosting == Hosting::Off {
            self.hosting = Hosting::Starting;
            self.errors.hosting.clear();
            self.changes.page = true;
            self.effect(Effect::Host);
        } else if matches!(self.hosting, Hosting::Starting | Hosting::Unwanted) {
            self.tell(self.tr("full-hosting-starts", &[]));
        } else if self.layout == Layout::Over {
            self.tell(self.tr("full-hosting-already", &[]));
        }
    }

    /// The relay here listens. Stops it if it is no longer wanted.
    pub(crate) fn hosted(&mut self, at: HostedAt, invitation: &str, moved_from: Option<u16>) {
        if self.hosting != Hosting::Starting {
            self.hosting = Hosting::Off;
            return self.effect(Effect::StopHosting);
        }
        self.hosting = Hosting::Started(at);
        if let Some(port) = moved_from {
            self.complain(self.tr("ui-host-moved", &[("port", &port.to_string())]));
        }
        // Shown when its circle is entered, where that is all that is seen of it.
        self.shows_invitation = self.layout == Layout::Over;
        self.changes.page = true;
        self.add(invitation, Origin::Host);
    }

    pub(crate) fn not_hosted(&mut self, why: String) {
        if std::mem::take(&mut self.hosting) == Hosting::Starting {
            self.errors.hosting.clone_from(&why);
            self.changes.page = true;
            if self.layout == Layout::Over || self.page == Page::Room {
                self.complain(why);
            }
        }
    }

    /// Shows an invitation once the hosted circle is entered, if that is due.
    pub(crate) fn invite_to_hosted(&mut self, server: ServerId) {
        if self.hosting.is_of(server) && std::mem::take(&mut self.shows_invitation) {
            self.ask_for_invitation(server, false);
        }
    }

    /// The server of the relay here is on the list. Returns false if the relay was stopped in the meantime.
    pub(crate) fn hosted_is_added(&mut self, server: ServerId) -> bool {
        if !matches!(self.hosting, Hosting::Started(_)) {
            self.take_off(server);
            return false;
        }
        self.hosting.added(server);
        let kept = self.preferences.hosting.as_ref().map(|hosting| hosting.name.clone());
        let name = kept.filter(|name| !name.is_empty()).unwrap_or_else(|| self.tr("ui-host-name", &[]));
        if let Some(known) = self.desk.server_mut(server) {
            known.name = Sanitised::in_one_line(&name);
        }
        if let Some(place) = self.preferences.hosting.as_ref().and_then(|hosting| hosting.place) {
            self.desk.move_server(server, place);
        }
        true
    }

    /// Shows the connections to the relay here. `chosen`: the one that a question was about.
    pub(crate) fn show_connections(&mut self, chosen: Option<&Visitor>) {
        if self.layout == Layout::Pages {
            self.open_page(Page::Connections);
            return self.effect(Effect::Relay(RelayEffect::Look));
        }
        match self.hosting {
            Hosting::Started(_) | Hosting::On(..) => {
                self.visitors.take_if(|_| chosen.is_none());
                let list = self.visitors.as_ref().map(|visitors| visitors.list.as_slice());
                let at = chosen.and_then(|meant| list?.iter().position(|one| meant.is_same_as(one)));
                self.lay(Overlay::list(Offered::Connections, at.unwrap_or_default()));
                self.effect(Effect::Relay(RelayEffect::Look));
            }
            Hosting::Starting => self.tell(self.tr("full-hosting-starts", &[])),
            Hosting::Off | Hosting::Unwanted => self.complain(self.tr("ui-op-none", &[])),
        }
    }

    /// How an invitation is shown. One to the circle hosted here gets the address for others.
    pub(crate) fn invited(&self, server: ServerId, link: Zeroizing<String>) -> Invited {
        let can_renew = self.desk.server(server).is_some_and(|known| known.is_owner);
        let makes_owner = self.makes_owner(&link);
        let note = self.limits_of(&link);
        let plain = Invited { can_renew, makes_owner, note, ..Invited::plain(server, link.clone()) };
        let Hosting::On(hosted, at) = &self.hosting else { return plain };
        if *hosted != server {
            return plain;
        }
        // What it gives away, and for how long, weighs more than from where it works.
        let note = if !plain.note.is_empty() { plain.note.clone() } else { self.note_of(at.reach) };
        let link = with_address(&link, &at.address).unwrap_or(link);
        Invited { note, is_ours: true, link, ..plain }
    }

    /// The invitation to the hosted circle with another address, which applies from now on. `None` if it is not an
    /// address.
    pub(crate) fn at_address(&mut self, link: &str, typed: &str) -> Option<Invited> {
        let Hosting::On(server, at) = &mut self.hosting else { return None };
        let server = *server;
        let address = with_port(typed, at.port);
        let link = with_address(link, &address).ok()?;
        at.reach = reach_of(&address);
        at.address = address;
        Some(self.invited(server, link))
    }

    /// What somebody has to know before giving an invitation away.
    fn limits_of(&self, link: &str) -> String {
        match shepot_client::preview(link, self.now.unix) {
            Err(EntryError::Expired { .. }) => self.tr("invitation-has-ended", &[]),
            Ok(preview) if preview.is_owner => self.tr("invitation-makes-owner", &[]),
            Ok(EntryPreview { expires_at: Some(at), .. }) => {
                let left = Duration::from_secs(at.saturating_sub(self.now.unix));
                self.tr("invitation-ends", &[("t", &size::duration(&self.l10n, left))])
            }
            // What is wrong with it is said where it is used.
            Ok(_) | Err(_) => String::new(),
        }
    }

    /// From where an address can be reached, in words.
    fn note_of(&self, reach: Reach) -> String {
        match reach {
            Reach::Everywhere => self.tr("ui-inv-everywhere", &[]),
            Reach::Network => self.tr("ui-inv-network", &[]),
            Reach::Machine => self.tr("ui-inv-machine", &[]),
        }
    }

    /// Asks before stopping the relay here. Says so if there is none.
    pub(crate) fn ask_to_stop_hosting(&mut self) {
        if self.hosting == Hosting::Off {
            return self.complain(self.tr("ui-op-none", &[]));
        }
        self.lay(Overlay::Confirm(Confirmation::StopHosting));
    }

    /// Stops the relay here, and takes its server off the list.
    pub(crate) fn stop_hosting(&mut self) {
        if let Hosting::On(server, _) = self.hosting {
            self.take_off(server);
        }
        self.give_up_hosting();
    }

    /// Stores another name for the relay here.
    pub(crate) fn rename_hosted(&mut self, name: &str) {
        let name = name.to_owned();
        self.keep(|preferences| {
            if let Some(hosting) = &mut preferences.hosting {
                hosting.name = name;
            }
        });
    }

    /// Stores what lets the relay here start again as the same one: its key and its owner's invitation. `None`: forget
    /// it.
    pub(crate) fn keep_hosting(&mut self, kept: Option<(SecretText, SecretText)>) {
        if self.layout == Layout::Over {
            // Nothing is kept there: neither is it in memory twice.
            return;
        }
        let SavedHosting { name: known, look, about, place, .. } =
            self.preferences.hosting.take().unwrap_or_default();
        let name = match &self.hosting {
            Hosting::On(server, _) => self.desk.server(*server).map(|known| known.name.to_string()),
            Hosting::Off | Hosting::Starting | Hosting::Unwanted | Hosting::Started(_) => None,
        };
        let starts_with_program = self.is_hosting();
        let hosting = kept.map(|(identity, entry)| {
            let name = name.unwrap_or(known);
            SavedHosting { name, identity, entry, starts_with_program, place, about, look }
        });
        self.keep(|preferences| preferences.hosting = hosting);
        self.changes.page = true;
    }

    /// Whether a relay runs here.
    #[must_use]
    pub const fn is_hosting(&self) -> bool {
        matches!(self.hosting, Hosting::Started(_) | Hosting::On(..))
    }

    /// We founded the circle of a server: sets the timer for its messages, if it is hosted here.
    pub(crate) fn founded(&mut self, server: ServerId) {
        let seconds = self.preferences.disappears_after_s;
        if self.hosting.is_of(server) && seconds > 0 {
            self.on(server, Action::SetTimer { room: RoomId::MAIN, seconds });
        }
    }

    /// Stops the relay here, and closes what shows it.
    fn hosting_ended(&mut self) {
        self.visitors = None;
        self.changes.page = true;
        self.uncover_if(|over| over.belongs_to_hosting());
        self.effect(Effect::StopHosting);
    }

    /// Gives up the relay here if its server left the list, since nobody would be in its circle.
    pub(crate) fn hosted_may_be_gone(&mut self) {
        if let Hosting::On(id, _) = self.hosting
            && self.desk.server(id).is_none()
        {
            self.give_up_hosting();
        }
    }

    pub(crate) fn give_up_hosting(&mut self) {
        // What is being started is there in a moment, and only then can be stopped.
        let is_starting = matches!(self.hosting, Hosting::Starting | Hosting::Unwanted);
        self.hosting = if is_starting { Hosting::Unwanted } else { Hosting::Off };
        self.hosting_ended();
    }

    /// Takes in the list of connections. The chosen one stays chosen. If it is gone, the first is chosen.
    pub(crate) fn looked_at(&mut self, visitors: Visitors) {
        if self.page == Page::Connections {
            self.visitors = Some(Rc::new(visitors));
            self.changes.visitors = true;
        } else if let Some(Overlay::List(List { offered: Offered::Connections, chosen, .. })) =
            &mut self.overlay
        {
            let meant = self.visitors.as_ref().and_then(|before| before.list.get(*chosen));
            let at = meant.and_then(|meant| visitors.list.iter().position(|now| meant.is_same_as(now)));
            *chosen = at.unwrap_or_default();
            self.visitors = Some(Rc::new(visitors));
            self.changes.overlay = true;
        }
    }

    /// Asks for the connections while they are on the screen.
    pub(crate) fn watch_visitors(&mut self) {
        match &self.overlay {
            _ if self.page == Page::Connections => self.effect(Effect::Relay(RelayEffect::Look)),
            Some(Overlay::List(List { offered: Offered::Connections, .. })) => {
                self.effect(Effect::Relay(RelayEffect::Look))
            }
            Some(over) if over.belongs_to_hosting() => {}
            // Nobody looks at them any more.
            Some(_) | None => self.visitors = None,
        }
    }

    /// Does something with the chosen connection.
    pub(crate) fn act_on_connection(&mut self, action: ConnectionAction) {
        let chosen = self.overlay.as_ref().and_then(Overlay::chosen).unwrap_or(usize::MAX);
        if action == ConnectionAction::Invite {
            if let Hosting::On(server, _) = self.hosting {
                self.uncover_if(|_| true);
                if self.layout == Layout::Over {
                    self.go_to_server(server);
                }
                self.ask_for_invitation(server, false);
            }
            return;
        }
        let visitor = self.visitors.as_ref().and_then(|visitors| visitors.list.get(chosen)).copied();
        if let Some(visitor) = visitor {
            self.act_on_visitor(&visitor, action);
        }
    }

    /// Does something with this connection.
    pub(crate) fn act_on_visitor(&mut self, visitor: &Visitor, action: ConnectionAction) {
        let visitor = *visitor;
        match (action, visitor.presence) {
            (ConnectionAction::Disconnect, Presence::Connected(_)) if !visitor.is_own => {
                self.lay(Overlay::Confirm(Confirmation::Disconnect(visitor)));
            }
            (ConnectionAction::Ban, Presence::Connected(_) | Presence::Refused) if visitor.can_be_banned => {
                let visitors = self.visitors.as_ref();
                let concerned = visitors.map_or(0, |visitors| visitors.concerned_by_ban(visitor.address));
                self.lay(Overlay::Confirm(Confirmation::Ban(visitor, concerned)));
            }
            (ConnectionAction::Disconnect, Presence::Connected(_))
            | (ConnectionAction::Ban, Presence::Connected(_) | Presence::Refused) => self.say_own_address(),
            (ConnectionAction::LiftBan, _) if visitor.can_be_let_in() => {
                self.effect(Effect::Relay(RelayEffect::LiftBan(visitor.address)))
            }
            (ConnectionAction::Disconnect | ConnectionAction::Ban | ConnectionAction::LiftBan, _)
            | (ConnectionAction::Invite, _) => {}
        }
    }

    /// Says that this is the program's own address, which nobody can ban.
    pub(crate) fn say_own_address(&mut self) {
        self.complain(self.tr("ui-op-own", &[]));
    }
}
