//! Who is connected to a relay and who was turned away, as its operator sees it.
//!
//! Owns: who gets a row, which row is the host's own, and whom a ban would affect.

use std::collections::HashSet;
use std::net::IpAddr;
use std::time::SystemTime;

use crate::admission::RefusedAddress;
use crate::handle::RelayHandle;
use crate::id::ConnectionId;
use crate::origin::{Origin, same_origin};
use crate::statistics::{ConnectionStatistics, IDLE, Statistics};

/// State of a visitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Admitted and connected.
    Connected(ConnectionStatistics),
    /// Refused recently and not connected, or paused.
    Refused,
    /// Banned by the operator.
    Banned,
}

/// One connection, or one address from which nobody is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visitor {
    /// Address that it comes from.
    pub address: IpAddr,
    /// When it was admitted, last refused, or banned.
    pub since: SystemTime,
    /// Refused attempts from this address.
    pub refused: u64,
    /// When its pause or ban ends. `None`: it has no fixed end.
    pub until: Option<SystemTime>,
    /// Whether it is connected, refused or banned.
    pub presence: Presence,
    /// It is taken for the hosting program: the first connection from the host's address.
    pub is_own: bool,
    /// It can be banned: it is not banned yet, and neither the host nor others who share the address would be affected.
    pub can_be_banned: bool,
}

impl Visitor {
    /// The connection. `None`: nobody is connected.
    #[must_use]
    pub const fn connection(&self) -> Option<&ConnectionStatistics> {
        match &self.presence {
            Presence::Connected(connection) => Some(connection),
            Presence::Refused | Presence::Banned => None,
        }
    }

    /// Whether it has a ban or a pause that can be lifted.
    #[must_use]
    pub const fn can_be_let_in(&self) -> bool {
        match self.presence {
            Presence::Connected(_) => false,
            Presence::Refused => self.until.is_some(),
            Presence::Banned => true,
        }
    }

    /// Whether it is connected and idle.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.connection().is_some_and(|connection| connection.idle >= IDLE)
    }

    /// Whether a row at a later time is about the same connection, or the same address (IPv6: its /64) turned away.
    #[must_use]
    pub fn is_same_as(&self, later: &Self) -> bool {
        match (&self.presence, &later.presence) {
            (Presence::Connected(one), Presence::Connected(other)) => one.id == other.id,
            (Presence::Refused | Presence::Banned, Presence::Refused | Presence::Banned) => {
                same_origin(self.address, later.address)
            }
            (Presence::Connected(_), _) | (_, Presence::Connected(_)) => false,
        }
    }
}

/// What an operator sees of a relay at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitors {
    /// Statistics of the relay.
    pub statistics: Statistics,
    /// Connections in their order, then recent refusals, then bans. Of these two the last come first.
    pub list: Vec<Visitor>,
}

impl Visitors {
    /// How many connections a ban of this address would end.
    #[must_use]
    pub fn concerned_by_ban(&self, address: IpAddr) -> usize {
        let connections = self.list.iter().filter_map(Visitor::connection);
        let is_meant =
            |one: &&ConnectionStatistics| !one.shares_address && same_origin(one.address.ip(), address);
        connections.filter(is_meant).count()
    }
}

impl RelayHandle {
    /// Who is connected and who was turned away at this moment. Of the refused addresses without a pause, at most
    /// `most_refused` are listed, the last first. `own`: the address of the host, whose first connection is the host's
    /// own, and which cannot be banned.
    #[must_use]
    pub fn visitors(&self, own: Option<IpAddr>, most_refused: usize) -> Visitors {
        let statistics = self.statistics();
        let is_first_of_own = |one: &&ConnectionStatistics| Some(one.address.ip().to_canonical()) == own;
        let own_connection = statistics.connections.iter().find(is_first_of_own).map(|one| one.id);
        let can_be_banned = |address| may_be_banned(own, address);
        let connected = statistics.connections.iter().map(|connection| Visitor {
            address: connection.address.ip().to_canonical(),
            since: statistics.since(connection.age),
            refused: connection.refused_attempts,
            until: None,
            presence: Presence::Connected(*connection),
            is_own: own_connection == Some(connection.id),
            can_be_banned: !connection.shares_address && can_be_banned(connection.address.ip()),
        });
        let bans = self.bans();
        let banned: HashSet<Origin> = bans.iter().map(|ban| Origin::of(ban.address)).collect();
        let here: HashSet<Origin> =
            statistics.connections.iter().map(|one| Origin::of(one.address.ip())).collect();
        let mut room = most_refused;
        // A pause is shown in any case: who is not in yet is kept out by it.
        let is_shown = |one: &&RefusedAddress| {
            let origin = Origin::of(one.address);
            let is_paused = one.paused_until.is_some();
            let is_news = !banned.contains(&origin)
                && (one.paused_until.is_some() || !here.contains(&origin))
                && (is_paused || room > 0);
            room -= usize::from(is_news && !is_paused);
            is_news
        };
        let refusals = self.refusals();
        let refused = refusals.iter().rev().filter(is_shown).map(|refused| Visitor {
            address: refused.address,
            since: refused.last,
            refused: refused.attempts,
            until: refused.paused_until,
            presence: Presence::Refused,
            is_own: false,
            can_be_banned: !self.is_shared(refused.address) && can_be_banned(refused.address),
        });
        let banned = bans.iter().rev().map(|ban| Visitor {
            address: ban.address,
            since: ban.since,
            refused: ban.attempts,
            until: ban.until,
            presence: Presence::Banned,
            is_own: false,
            can_be_banned: false,
        });
        let list = connected.chain(refused).chain(banned).collect();
        Visitors { statistics, list }
    }

    /// Whether the host would still get in after a ban of this address. `own`: the host's address.
    #[must_use]
    pub fn may_be_banned(&self, own: IpAddr, address: IpAddr) -> bool {
        may_be_banned(Some(own), address)
    }

    /// Ends all connections from an address, which are told `DISCONNECTED_BY_OPERATOR`. Returns those that ended.
    pub fn disconnect_all_from(&self, address: IpAddr) -> Vec<ConnectionId> {
        let connections = self.statistics().connections.into_iter();
        let meant = connections.filter(|one| one.address.ip().to_canonical() == address.to_canonical());
        meant.map(|one| one.id).filter(|id| self.disconnect(*id)).collect()
    }
}

fn may_be_banned(own: Option<IpAddr>, address: IpAddr) -> bool {
    own.is_none_or(|own| !same_origin(own, address))
}
