//! The relay in this process, as the interface knows it.

use shepot_client::model::ServerId;
use shepot_relay::Reach;

/// Where others reach the relay in this process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostedAt {
    /// Where others do, as far as is known.
    pub address: String,
    /// Its port.
    pub port: u16,
    /// From where that address is reached.
    pub reach: Reach,
}

/// How it stands with the relay in this process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Hosting {
    /// There is none.
    #[default]
    Off,
    /// It is being started.
    Starting,
    /// It is being started, and not wanted any more.
    Unwanted,
    /// Its circle's server is not on the list yet.
    Started(HostedAt),
    /// Its circle's server is this one.
    On(ServerId, HostedAt),
}

impl Hosting {
    /// The server on the list is that of the relay here.
    #[must_use]
    pub fn is_of(&self, server: ServerId) -> bool {
        matches!(self, Self::On(hosted, _) if *hosted == server)
    }

    /// Its server is on the list.
    pub(crate) fn added(&mut self, server: ServerId) {
        if let Self::Started(at) = std::mem::take(self) {
            *self = Self::On(server, at);
        }
    }
}
