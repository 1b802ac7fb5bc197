//! The plain data of the control socket, as programs read it. Times are seconds since 1970.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};
use shepot_l10n::clock::seconds;
use shepot_relay::operator::{JournalEntry, Presence, Sample, Visitor};
use shepot_relay::{ConnectionStatistics, KeyStatistics, Reach, RefusedAddress, RefusedAttempts, Statistics};

use crate::invitations;
use crate::limits::wide;
use crate::lockdown::Confinement;

/// What an invitation is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Wish {
    /// What the operator calls it.
    #[serde(default)]
    pub(crate) label: Option<String>,
    /// How long somebody new gets in by it.
    #[serde(default)]
    pub(crate) seconds: Option<u64>,
    /// How many may come by it.
    #[serde(default)]
    pub(crate) uses: Option<u32>,
}

impl Wish {
    /// Nothing was said of it: it may share the standing access key.
    pub(crate) const fn is_plain(&self) -> bool {
        self.label.is_none() && self.seconds.is_none() && self.uses.is_none()
    }
}

/// How the server is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Status {
    pub(crate) version: String,
    pub(crate) process: u32,
    pub(crate) started: u64,
    pub(crate) uptime_s: u64,
    pub(crate) listening: Vec<SocketAddr>,
    /// As it stands in invitations.
    pub(crate) public_address: String,
    /// The identity's pin, in hexadecimal.
    pub(crate) pin: String,
    /// Whoever knows the address gets in.
    pub(crate) open: bool,
    pub(crate) connections: u64,
    pub(crate) connections_limit: u64,
    /// Sockets that are not admitted yet.
    pub(crate) unauthenticated: u64,
    pub(crate) circles: u64,
    pub(crate) log_entries: u64,
    pub(crate) circle_bytes: u64,
    pub(crate) circle_bytes_limit: u64,
    /// Of logs, group information, large frames that arrive, and who is at the door.
    pub(crate) held_bytes: u64,
    /// Since the start, as what follows.
    pub(crate) accepted: u64,
    pub(crate) admitted: u64,
    pub(crate) published: u64,
    pub(crate) bytes_in: u64,
    pub(crate) bytes_out: u64,
    pub(crate) refused: RefusedAttempts,
    /// Resident memory of the process; 0 where the system does not tell.
    pub(crate) memory_bytes: u64,
    pub(crate) bans: u64,
    pub(crate) pauses: u64,
    pub(crate) invitations: u64,
    /// Whether the system keeps the process from writing elsewhere.
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
    /// The name of the invitation by which it came; empty where it has none.
    pub(crate) invitation: String,
    /// Attempts from its address that were refused and are remembered.
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
    /// Nothing from there is looked at until then.
    pub(crate) until: Option<u64>,
}

/// What an invitation takes from the server. The secrets of its circle are made by whoever asks: no server sees them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ServerInvitation {
    /// An invitation that opens no circle: address, identity, access key.
    pub(crate) link: String,
    /// Its access key; none on an open server.
    pub(crate) key: Option<Key>,
    /// From where its address works.
    pub(crate) reach: Reach,
}

/// Printed nowhere by accident: it holds a secret.
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

/// An invitation that was made.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Invitation {
    pub(crate) link: String,
    pub(crate) owner_link: Option<String>,
    /// Its access key; none on an open server.
    pub(crate) key: Option<Key>,
    /// From where its address works.
    pub(crate) reach: Reach,
}

/// Printed nowhere by accident: it holds secrets.
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

/// An access key, without the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) issued: u64,
    pub(crate) expires: Option<u64>,
    pub(crate) most_uses: Option<u32>,
    pub(crate) uses: u32,
    /// Connections that came by it and are here.
    pub(crate) connections: u64,
    /// Somebody new gets in by it.
    pub(crate) good: bool,
}

/// An access key that was taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Revoked {
    pub(crate) id: String,
    pub(crate) label: String,
    /// Connections that ended with it.
    pub(crate) connections: u64,
}

/// A setting that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Change {
    pub(crate) setting: String,
    pub(crate) before: String,
    pub(crate) now: String,
}

/// What reading the settings again led to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reloaded {
    /// They hold from now on.
    pub(crate) changed: Vec<Change>,
    /// They were changed too, and hold after the next start only.
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
    /// The last hour, the oldest first, at equal distances; the last is of now.
    pub(crate) history: Vec<Sample>,
}

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "error", rename_all = "snake_case")]
pub(crate) enum Refusal {
    /// Not a request.
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
    /// Many people share it: a ban would mean nobody.
    SharedAddress {
        address: IpAddr,
    },
    NoSuchInvitation {
        invitation: String,
    },
    /// Several have that name: the id is needed.
    SeveralInvitations {
        invitation: String,
    },
    /// A name that is too long, or has something in it that does not print.
    WrongName {
        name: String,
    },
    /// Everybody gets in: there are no access keys.
    Open,
    TooManyInvitations,
    /// The access keys cannot be written: there is no room on the disk.
    DiskFull,
    /// The access keys cannot be written; what was asked for does not outlive the server.
    NotStored {
        reason: String,
    },
    /// The settings cannot be read: the sentence.
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
    /// Of this visitor; `invitation`: the name of the invitation by which a connection came.
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
