//! The plain data of the control socket, as programs read it. Times are seconds since 1970.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};
use shepot_l10n::clock::seconds;
use shepot_relay::operator::{JournalEntry, Presence, Sample, Visitor};
use shepot_relay::{ConnectionStatistics, KeyStatistics, Reach, RefusedAddress, RefusedAttempts, Statistics};

use crate::invitations;
use crate::limits::wide;
use crate::lockdown::Confinement;

/// How an invitation is to be made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Wish {
    /// The operator's name for it. `None`: it has none.
    #[serde(default)]
    pub(crate) label: Option<String>,
    /// For how many seconds it admits new clients. `None`: for ever.
    #[serde(default)]
    pub(crate) seconds: Option<u64>,
    /// How many clients it may admit. `None`: any number.
    #[serde(default)]
    pub(crate) uses: Option<u32>,
}

impl Wish {
    /// Whether the operator asked for nothing special, so that the standing access key will do.
    pub(crate) const fn is_plain(&self) -> bool {
        self.label.is_none() && self.seconds.is_none() && self.uses.is_none()
    }
}

/// The state of the server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Status {
    pub(crate) version: String,
    pub(crate) process: u32,
    pub(crate) started: u64,
    pub(crate) uptime_s: u64,
    pub(crate) listening: Vec<SocketAddr>,
    /// The address in invitations.
    pub(crate) public_address: String,
    /// The pin of the identity, in hexadecimal.
    pub(crate) pin: String,
    /// Whether the relay is open, so that anybody who knows the address gets in.
    pub(crate) open: bool,
    pub(crate) connections: u64,
    pub(crate) connections_limit: u64,
    /// Sockets that are not admitted yet.
    pub(crate) unauthenticated: u64,
    pub(crate) circles: u64,
    pub(crate) log_entries: u64,
    pub(crate) circle_bytes: u64,
    pub(crate) circle_bytes_limit: u64,
    /// Bytes of logs, group information, arriving large frames, and sockets at the door.
    pub(crate) held_bytes: u64,
    /// Sockets accepted since the start. So are the counts below, by their kinds.
    pub(crate) accepted: u64,
    pub(crate) admitted: u64,
    pub(crate) published: u64,
    pub(crate) bytes_in: u64,
    pub(crate) bytes_out: u64,
    pub(crate) refused: RefusedAttempts,
    /// Resident memory of the process in bytes. 0: the system does not say.
    pub(crate) memory_bytes: u64,
    pub(crate) bans: u64,
    pub(crate) pauses: u64,
    pub(crate) invitations: u64,
    /// How far the system keeps the process from writing elsewhere.
    pub(crate) confinement: Confinement,
    pub(crate) metrics: Option<SocketAddr>,
}

/// A connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Connection {
    pub(crate) connection: u64,
    pub(crate) since: u64,
    pub(crate) address: SocketAddr,
    pub(crate) circles: u64,
    pub(crate) seats: u64,
    pub(crate) bytes_in: u64,
    pub(crate) bytes_out: u64,
    pub(crate) idle_s: u64,
    /// The name of the invitation by which it came. Empty: it has none.
    pub(crate) invitation: String,
    /// Remembered refused attempts from its address.
    pub(crate) refused: u64,
}

/// A ban.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ban {
    pub(crate) address: IpAddr,
    pub(crate) since: u64,
    pub(crate) until: Option<u64>,
    pub(crate) attempts: u64,
}

/// An address from which attempts were refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pause {
    pub(crate) address: IpAddr,
    pub(crate) last: u64,
    pub(crate) attempts: u64,
    /// The end of the pause. `None`: the address is not paused.
    pub(crate) until: Option<u64>,
}

/// What an invitation needs from the server. The asking program makes the secrets of the circle, so no server sees
/// them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ServerInvitation {
    /// An invitation without a circle: address, identity and access key.
    pub(crate) link: String,
    /// Its access key. `None`: the server is open.
    pub(crate) key: Option<Key>,
    /// From where its address can be reached.
    pub(crate) reach: Reach,
}

/// Prints no fields, because they contain a secret.
impl std::fmt::Debug for ServerInvitation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ServerInvitation(…)")
    }
}

impl Drop for ServerInvitation {
    fn drop(&mut self) {
        use zeroize::Zeroize as _;
        self.link.zeroize();
    }
}

/// A complete invitation to a new circle.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Invitation {
    pub(crate) link: String,
    pub(crate) owner_link: Option<String>,
    /// Its access key. `None`: the server is open.
    pub(crate) key: Option<Key>,
    /// From where its address can be reached.
    pub(crate) reach: Reach,
}

/// Prints no fields, because they contain secrets.
impl std::fmt::Debug for Invitation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Invitation(…)")
    }
}

impl Drop for Invitation {
    fn drop(&mut self) {
        use zeroize::Zeroize as _;
        self.link.zeroize();
        self.owner_link.zeroize();
    }
}

/// What is known about an access key, without the key itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) issued: u64,
    pub(crate) expires: Option<u64>,
    pub(crate) most_uses: Option<u32>,
    pub(crate) uses: u32,
    /// Present connections that came by it.
    pub(crate) connections: u64,
    /// Whether it admits new clients.
    pub(crate) good: bool,
}

/// An access key that was revoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Revoked {
    pub(crate) id: String,
    pub(crate) label: String,
    /// How many connections ended with it.
    pub(crate) connections: u64,
}

/// A setting that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Change {
    pub(crate) setting: String,
    pub(crate) before: String,
    pub(crate) now: String,
}

/// What reading the settings again changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reloaded {
    /// Settings that apply from now on.
    pub(crate) changed: Vec<Change>,
    /// Settings that apply only after a restart.
    pub(crate) need_restart: Vec<Change>,
}

/// A row of the dashboard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Row {
    Connected(Connection),
    Refused(Pause),
    Banned(Ban),
}

/// Everything that the dashboard shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Watched {
    pub(crate) status: Status,
    pub(crate) rows: Vec<Row>,
    pub(crate) entries: Vec<JournalEntry>,
    /// The totals of the last hour, the oldest first, at equal intervals. The last one is the present moment.
    pub(crate) history: Vec<Sample>,
}

/// Why a request was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "error", rename_all = "snake_case")]
pub(crate) enum Refusal {
    /// The line is not a request.
    BadRequest {
        reason: String,
    },
    NoSuchConnection {
        who: String,
    },
    NotAnAddress {
        typed: String,
    },
    NotBanned {
        address: IpAddr,
    },
    /// Many people share the address, so it cannot be banned.
    SharedAddress {
        address: IpAddr,
    },
    NoSuchInvitation {
        invitation: String,
    },
    /// Several invitations have that name. The id is needed.
    SeveralInvitations {
        invitation: String,
    },
    /// The name is too long, or contains characters that cannot be printed.
    WrongName {
        name: String,
    },
    /// The server is open, so there are no access keys.
    Open,
    TooManyInvitations,
    /// The access keys cannot be stored, because the disk is full.
    DiskFull,
    /// The access keys cannot be stored. The change is lost when the server ends.
    NotStored {
        reason: String,
    },
    /// The settings cannot be read. The sentence says why.
    Settings {
        sentence: String,
    },
    NoRandom,
}

impl From<&shepot_relay::Ban> for Ban {
    fn from(ban: &shepot_relay::Ban) -> Self {
        Self {
            address: ban.address,
            since: seconds(ban.since),
            until: ban.until.map(seconds),
            attempts: ban.attempts,
        }
    }
}

impl From<&RefusedAddress> for Pause {
    fn from(refused: &RefusedAddress) -> Self {
        Self {
            address: refused.address,
            last: seconds(refused.last),
            attempts: refused.attempts,
            until: refused.paused_until.map(seconds),
        }
    }
}

impl Key {
    pub(crate) fn of(key: &KeyStatistics, now: u64) -> Self {
        let issued = &key.issued;
        Self {
            id: invitations::written(issued.id()),
            label: issued.label.clone(),
            issued: issued.issued_at,
            expires: issued.expires_at,
            most_uses: issued.most_uses,
            uses: issued.uses,
            connections: wide(key.connections),
            good: issued.is_good(now),
        }
    }
}

impl Connection {
    pub(crate) fn of(connection: &ConnectionStatistics, statistics: &Statistics, invitation: String) -> Self {
        Self {
            connection: connection.id.0,
            since: seconds(statistics.since(connection.age)),
            address: connection.address,
            circles: wide(connection.circles),
            seats: wide(connection.seats),
            bytes_in: connection.bytes_in,
            bytes_out: connection.bytes_out,
            idle_s: connection.idle.as_secs(),
            invitation,
            refused: connection.refused_attempts,
        }
    }
}

impl Row {
    /// The row of a visitor. `invitation`: the name of the invitation by which its connection came.
    pub(crate) fn of(visitor: &Visitor, statistics: &Statistics, invitation: String) -> Self {
        let Visitor { address, since, refused, until, .. } = *visitor;
        let (since, until) = (seconds(since), until.map(seconds));
        match &visitor.presence {
            Presence::Connected(connection) => {
                Self::Connected(Connection::of(connection, statistics, invitation))
            }
            Presence::Refused => Self::Refused(Pause { address, last: since, attempts: refused, until }),
            Presence::Banned => Self::Banned(Ban { address, since, until, attempts: refused }),
        }
    }
}
