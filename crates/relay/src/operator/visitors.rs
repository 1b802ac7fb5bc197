//! Who is connected to a relay, and who was turned away: what its operator can see of them, and do.
//!
//! Owns: who gets a row, which of them is the one who hosts, and whom a ban would shut out.

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
    /// End of its pause or ban; none if there is no fixed end.
    pub until: Option<SystemTime>,
    /// Whether it is connected, refused or banned.
    pub presence: Presence,
    /// It is taken for the program that hosts: the first connection from this machine.
    pub is_own: bool,
    /// It is not banned yet, and a ban would not shut out the one who hosts.
    pub can_be_banned: bool,
}

impl Visitor {
    /// The connection, where there is one.
    #[must_use]
    pub const fn connection(&self) -> Option<&ConnectionStatistics> {
        match &self.presence {
            Presence::Connected(connection) => Some(connection),
            Presence::Refused | Presence::Banned => None,
        }
    }

    /// Its ban, or its pause, can be lifted.
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

    /// Whether a later look at the relay means the same connection, or the same address (IPv6: its /64) turned away.
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
    /// Connections in their order; then who was refused lately and who is banned, the last first.
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
    /// Who is here, and who was turned away, at this moment: of those at most so many who are not paused, the last
    /// first. `own`: the address from which whoever hosts the relay comes to it, who is the first from there and is
    /// never shut out.
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

    /// Whether a ban would leave the door open for whoever hosts; without such an address everybody may be banned.
    #[must_use]
    pub fn may_be_banned(&self, own: IpAddr, address: IpAddr) -> bool {
        may_be_banned(Some(own), address)
    }

    /// Ends all connections from an address, which are told `DISCONNECTED_BY_OPERATOR`. Those that ended.
    pub fn disconnect_all_from(&self, address: IpAddr) -> Vec<ConnectionId> {
        let connections = self.statistics().connections.into_iter();
        let meant = connections.filter(|one| one.address.ip().to_canonical() == address.to_canonical());
        meant.map(|one| one.id).filter(|id| self.disconnect(*id)).collect()
    }
}

fn may_be_banned(own: Option<IpAddr>, address: IpAddr) -> bool {
    own.is_none_or(|own| !same_origin(own, address))
}
