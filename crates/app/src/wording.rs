//! Texts that all interfaces show.

use shepot_relay::operator::{Presence, Visitor};
use shepot_view::desk::{Comparison, Server};
use shepot_view::{sentence, size};

use crate::page::Layout;
use crate::state::State;

/// Who is typing, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typing {
    /// The nicks of up to two of them, and how many more there are.
    pub names: String,
    /// The colour of the first.
    pub colour: u8,
    /// The words that say that they are typing.
    pub rest: String,
}

impl State {
    /// Who is typing in the open room at `now`, in milliseconds of the steady clock.
    #[must_use]
    pub fn typing(&self, now: u64) -> Option<Typing> {
        let server = self.shown()?;
        let typing = server.typing(self.place?.conversation, now);
        let colour = server.colour_of(&typing.first()?.key);
        let (names, rest) = match typing.as_slice() {
            [] => return None,
            [one] => (one.nick.to_string(), self.tr("ui-typing-one", &[])),
            [one, other, more @ ..] => {
                let more = if more.is_empty() { String::new() } else { format!(" +{}", more.len()) };
                (format!("{}, {}{more}", one.nick, other.nick), self.tr("ui-typing-many", &[]))
            }
        };
        Some(Typing { names, colour, rest })
    }

    /// The hint in the empty composer.
    #[must_use]
    pub fn placeholder(&self) -> String {
        let Some(server) = self.shown() else { return self.tr("full-ph-entry", &[]) };
        if let Some(place) = self.place.filter(|_| server.is_connected()) {
            let room = sentence::room_name(&self.l10n, place.room(), &server.rooms);
            return self.tr("ui-placeholder", &[("room", &room)]);
        }
        if server.has_remains() {
            self.tr("ui-ph-over", &[])
        } else if server.has_session() && !Server::is_entered(server) {
            self.tr("ui-st-conn", &[])
        } else if !server.has_session() {
            self.tr(if self.layout == Layout::Over { "full-ph-connect" } else { "ui-ph-connect" }, &[])
        } else {
            self.tr("ui-ph-off", &[])
        }
    }

    /// The result of comparing the safety code, in words.
    #[must_use]
    pub fn compared(&self, comparison: Comparison) -> String {
        let at = |name, at| self.tr(name, &[("t", &self.clock.time(at))]);
        match comparison {
            Comparison::NotYet => self.tr("ui-sc-unverified", &[]),
            Comparison::Same { at: time } => at("ui-sc-verified", time),
            Comparison::Outdated => self.tr("ui-sc-outdated", &[]),
            Comparison::Differs { at: time } => at("ui-sc-differed", time),
        }
    }

    /// The state of a connection to the relay here, in words.
    #[must_use]
    pub fn standing(&self, visitor: &Visitor) -> String {
        match &visitor.presence {
            Presence::Connected(connection) if visitor.is_idle() => {
                let idle = size::duration(&self.l10n, connection.idle);
                format!("{} {idle}", self.tr("ui-op-s-idle", &[]))
            }
            Presence::Connected(_) => self.tr("ui-op-s-active", &[]),
            Presence::Refused if visitor.until.is_some() => self.tr("ui-op-s-paused", &[]),
            Presence::Refused => self.tr("ui-op-s-refused", &[]),
            Presence::Banned => self.tr("ui-op-s-banned", &[]),
        }
    }
}
