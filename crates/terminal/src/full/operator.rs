//! The relay in this process, as its operator has it: where others reach it, who is connected to it, and its end.

use shepot_app::confirmation::Confirmation;
use shepot_client::Command;
use shepot_client::model::ServerId;
use shepot_hosting::{Standing, Visitor, Visitors, with_address, with_port};
use shepot_relay::Reach;
use zeroize::Zeroizing;

use super::hosted::Hosting;
use super::overlay::{Invited, Overlay};
use super::program::{Effect, Program};

impl Program {
    pub(super) fn host(&mut self) {
        if self.hosting == Hosting::Off {
            self.hosting = Hosting::Starting;
            self.unwanted = None;
            self.effects.push(Effect::Host);
        } else {
            let text = self.tr("full-hosting-already", &[]);
            self.tell(text);
        }
    }

    /// Who is connected to the relay here. `chosen`: who was asked about, where the page was left for a question.
    pub(super) fn show_connections(&mut self, chosen: Option<&Visitor>) {
        match self.hosting {
            Hosting::Started(_) | Hosting::On(..) => {
                self.visitors.take_if(|_| chosen.is_none());
                let list = self.visitors.as_ref().map(|visitors| visitors.list.as_slice());
                let at = chosen.and_then(|meant| list?.iter().position(|one| meant.is_same_as(one)));
                self.overlay = Some(Overlay::Connections(at.unwrap_or_default()));
                self.effects.push(Effect::LookAtVisitors);
            }
            Hosting::Starting => {
                let text = self.tr("full-hosting-starts", &[]);
                self.tell(text);
            }
            Hosting::Off => {
                let text = self.tr("ui-op-none", &[]);
                self.complain(text);
            }
        }
    }

    /// How an invitation is shown: to the circle that is hosted here with the address that others use.
    pub(super) fn invited(&self, server: ServerId, link: Zeroizing<String>) -> Invited {
        let Hosting::On(hosted, at) = &self.hosting else { return Invited::plain(link) };
        if *hosted != server {
            return Invited::plain(link);
        }
        let note = match at.reach {
            Reach::Everywhere => "ui-inv-everywhere",
            Reach::Network => "ui-inv-network",
            Reach::Machine => "ui-inv-machine",
        };
        Invited {
            link: with_address(&link, &at.address).unwrap_or(link),
            note: self.tr(note, &[]),
            shows_code: false,
            is_ours: true,
            is_own: false,
        }
    }

    /// The hosted circle's invitation with another address, which is taken from now on. None: it is no address.
    pub(super) fn at_address(&mut self, link: &str, typed: &str) -> Option<Invited> {
        let Hosting::On(_, at) = &mut self.hosting else { return None };
        let address = with_port(typed, at.port);
        let link = with_address(link, &address).ok()?;
        at.address = address;
        at.reach = Reach::Everywhere;
        let note = self.tr("ui-inv-everywhere", &[]);
        Some(Invited { link, note, shows_code: false, is_ours: true, is_own: false })
    }

    /// Stops the relay here: its server leaves the list with it.
    pub(super) fn stop_hosting(&mut self) {
        match std::mem::take(&mut self.hosting) {
            Hosting::On(server, _) => self.command(Command::Remove { server }),
            Hosting::Started(at) => self.unwanted = Some(at.local),
            Hosting::Off | Hosting::Starting => {}
        }
        self.hosting_ended();
    }

    /// The relay here is not wanted any more: nothing of it stays.
    pub(super) fn hosting_ended(&mut self) {
        self.visitors = None;
        self.overlay.take_if(|over| over.belongs_to_hosting());
        self.effects.push(Effect::StopHosting);
    }

    /// The relay here was looked at: whoever was chosen stays chosen, and nobody else is instead of who is gone.
    pub(super) fn looked_at(&mut self, visitors: Visitors) {
        if let Some(Overlay::Connections(chosen)) = &mut self.overlay {
            let meant = self.visitors.as_ref().and_then(|before| before.list.get(*chosen));
            let at = meant.and_then(|meant| visitors.list.iter().position(|now| meant.is_same_as(now)));
            *chosen = at.unwrap_or_default();
            self.visitors = Some(Box::new(visitors));
        }
    }

    /// A key of the operator.
    pub(super) fn letter_connections(&mut self, chosen: usize, letter: char) {
        if let ('i', Hosting::On(server, _)) = (letter, &self.hosting) {
            let server = *server;
            self.overlay = None;
            self.go_to_server(server);
            return self.invite(false);
        }
        let visitor = self.visitors.as_ref().and_then(|visitors| visitors.list.get(chosen)).copied();
        let Some(visitor) = visitor else { return };
        match (letter, visitor.standing) {
            ('d', Standing::Connected(_)) if !visitor.is_own => {
                self.overlay = Some(Overlay::Confirm(Confirmation::Disconnect(visitor)));
            }
            ('b', Standing::Connected(_) | Standing::Refused) if visitor.can_be_banned => {
                let visitors = self.visitors.as_ref();
                let concerned = visitors.map_or(0, |visitors| visitors.concerned_by_ban(visitor.address));
                self.overlay = Some(Overlay::Confirm(Confirmation::Ban(visitor, concerned)));
            }
            ('d', Standing::Connected(_)) | ('b', Standing::Connected(_) | Standing::Refused) => {
                let text = self.tr("ui-op-own", &[]);
                self.complain(text);
            }
            ('u', Standing::Banned) => self.effects.push(Effect::LiftBan(visitor.address)),
            _ => {}
        }
    }
}
