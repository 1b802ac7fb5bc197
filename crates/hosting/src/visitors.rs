//! Who is connected to a hosted relay, and who was turned away: what its operator can see of them, and do.
//!
//! Owns: which of them is the one who hosts, and whom a ban would shut out. Must never: know more than the relay does.

use std::net::IpAddr;
use std::time::SystemTime;

use shepot_relay::{ConnectionId, ConnectionStatistics, IDLE, Statistics, same_origin};

use crate::Hosted;

/// Refused addresses that are told of.
const MOST_REFUSED: usize = 20;

/// How it stands with a visitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Admitted, and here.
    Connected(ConnectionStatistics),
    /// Refused lately, and not here.
    Refused,
    /// Shut out by the operator.
    Banned,
}

/// One connection, or one address from which nobody is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visitor {
    /// Where it comes from.
    pub address: IpAddr,
    /// When it was admitted, refused last, or banned.
    pub since: SystemTime,
    /// Attempts from there that were refused.
    pub refused: u64,
    /// Whether it is here.
    pub standing: Standing,
    /// It is taken for the program that hosts: the first connection from this machine.
    pub is_own: bool,
    /// It is not banned yet, and a ban would not shut out the one who hosts.
    pub can_be_banned: bool,
}

impl Visitor {
    /// The connection, where there is one.
    #[must_use]
    pub const fn connection(&self) -> Option<&ConnectionStatistics> {
        match &self.standing {
            Standing::Connected(connection) => Some(connection),
            Standing::Refused | Standing::Banned => None,
        }
    }

    /// It is here, and says nothing.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.connection().is_some_and(|connection| connection.idle >= IDLE)
    }

    /// Whether a later look at the relay means the same connection, or the same address (IPv6: its /64) turned away.
    #[must_use]
    pub fn is_same_as(&self, later: &Self) -> bool {
        match (&self.standing, &later.standing) {
            (Standing::Connected(one), Standing::Connected(other)) => one.id == other.id,
            (Standing::Refused | Standing::Banned, Standing::Refused | Standing::Banned) => {
                same_origin(self.address, later.address)
            }
            (Standing::Connected(_), _) | (_, Standing::Connected(_)) => false,
        }
    }
}

/// A look at a hosted relay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitors {
    /// The relay in numbers.
    pub statistics: Statistics,
    /// Connections first, then bans, then who was refused lately.
    pub list: Vec<Visitor>,
}

impl Visitors {
    /// How many connections a ban of this address would end.
    #[must_use]
    pub fn concerned_by_ban(&self, address: IpAddr) -> usize {
        let connections = self.list.iter().filter_map(Visitor::connection);
        connections.filter(|connection| same_origin(connection.address.ip(), address)).count()
    }
}

impl Hosted {
    /// Who is here, and who was turned away, at this moment.
    #[must_use]
    pub fn visitors(&self) -> Visitors {
        let statistics = self.relay.statistics();
        let own = self.own_connection(&statistics);
        let can_be_banned = |address| !same_origin(self.own_address, address);
        let connected = statistics.connections.iter().map(|connection| Visitor {
            address: connection.address.ip().to_canonical(),
            since: statistics.since(connection.age),
            refused: connection.refused_attempts,
            standing: Standing::Connected(*connection),
            is_own: own.is_some_and(|own| own.id == connection.id),
            can_be_banned: can_be_banned(connection.address.ip()),
        });
        let bans = self.relay.bans();
        let banned = bans.iter().map(|ban| Visitor {
            address: ban.address,
            since: ban.since,
            refused: ban.attempts,
            standing: Standing::Banned,
            is_own: false,
            can_be_banned: false,
        });
        let is_known = |address| {
            statistics.connections.iter().any(|one| same_origin(one.address.ip(), address))
                || bans.iter().any(|ban| same_origin(ban.address, address))
        };
        let refusals = self.relay.refusals();
        let refused = refusals.iter().rev().filter(|one| !is_known(one.address)).take(MOST_REFUSED);
        let refused = refused.map(|refused| Visitor {
            address: refused.address,
            since: refused.last,
            refused: refused.attempts,
            standing: Standing::Refused,
            is_own: false,
            can_be_banned: can_be_banned(refused.address),
        });
        let list = connected.chain(banned).chain(refused).collect();
        Visitors { statistics, list }
    }

    /// Ends a connection. False where it has ended already.
    pub fn disconnect(&self, connection: ConnectionId) -> bool {
        self.relay.disconnect(connection)
    }

    /// Shuts an address out until the ban is lifted. False for the one from which the host itself comes.
    pub fn ban(&self, address: IpAddr) -> bool {
        if same_origin(self.own_address, address) {
            return false;
        }
        self.relay.ban(address, None);
        true
    }

    /// Lets an address in again. False where it was not shut out.
    pub fn lift_ban(&self, address: IpAddr) -> bool {
        self.relay.lift_ban(address)
    }

    /// Our own client comes from this computer, and first.
    fn own_connection<'a>(&self, statistics: &'a Statistics) -> Option<&'a ConnectionStatistics> {
        statistics.connections.iter().find(|one| one.address.ip().to_canonical() == self.own_address)
    }
}

// A second address to come from without asking anybody: macOS has 127.0.0.1 alone.
#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::net::SocketAddr;
    use std::time::Duration;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpSocket;

    use super::*;
    use crate::{Host, Options};

    /// Somebody comes from there, says nothing that a relay understands, and is turned away.
    async fn knock(from: &str, relay: SocketAddr) {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::new(from.parse().unwrap(), 0)).unwrap();
        let mut stream = socket.connect(relay).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        // Closed or reset, it is the end.
        let _ = stream.read_to_end(&mut Vec::new()).await;
    }

    /// The visitors, as soon as there are any.
    #[allow(clippy::disallowed_methods, reason = "a guard against waiting for ever")]
    async fn somebody(hosted: &Hosted) -> Vec<Visitor> {
        for _ in 0..2_000 {
            let list = hosted.visitors().list;
            if !list.is_empty() {
                return list;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("nobody came")
    }

    #[tokio::test]
    async fn who_was_turned_away_is_seen_shut_out_and_let_in_again() {
        let options = Options { listen: vec!["127.0.0.1:0".parse().unwrap()], public_address: None };
        let hosted = Host::default().start(&options).await.unwrap();
        let relay = hosted.addresses[0];
        assert_eq!(hosted.visitors().list, []);
        knock("127.0.0.2", relay).await;
        let list = somebody(&hosted).await;
        let [refused] = list.as_slice() else { panic!("{list:?}") };
        let address: IpAddr = "127.0.0.2".parse().unwrap();
        assert_eq!((refused.address, refused.standing, refused.refused), (address, Standing::Refused, 1));
        assert!(refused.can_be_banned && !refused.is_own && !refused.is_idle());
        assert_eq!(hosted.visitors().concerned_by_ban(address), 0);

        assert!(hosted.ban(address));
        let list = hosted.visitors().list;
        let [banned] = list.as_slice() else { panic!("{list:?}") };
        assert_eq!((banned.address, banned.standing), (address, Standing::Banned));
        assert!(!banned.can_be_banned && refused.is_same_as(banned));
        // Whoever hosts is never shut out, not even while away.
        assert!(!hosted.ban("127.0.0.1".parse().unwrap()));
        assert_eq!(hosted.visitors().list, list);

        assert!(hosted.lift_ban(address) && !hosted.lift_ban(address));
        assert!(hosted.visitors().list.iter().all(|one| one.standing != Standing::Banned));
        hosted.stop().await;
    }
}
