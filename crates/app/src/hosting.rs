//! The state of the relay in this process.

use shepot_client::model::ServerId;
use shepot_relay::Reach;

/// Where others reach the relay in this process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostedAt {
    /// The address for others, as far as it is known.
    pub address: String,
    /// The port that it listens on.
    pub port: u16,
    /// From where the address can be reached.
    pub reach: Reach,
}

/// The state of the relay in this process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Hosting {
    /// No relay runs here.
    #[default]
    Off,
    /// The relay is starting.
    Starting,
    /// The relay is starting, and is to be stopped again.
    Unwanted,
    /// The relay runs. Its server is not on the list yet.
    Started(HostedAt),
    /// The relay runs, and this is its server on the list.
    On(ServerId, HostedAt),
}

impl Hosting {
    /// Whether this is the server of the relay here.
    #[must_use]
    pub fn is_of(&self, server: ServerId) -> bool {
        matches!(self, Self::On(hosted, _) if *hosted == server)
    }

    /// Its server is on the list now.
    pub(crate) fn added(&mut self, server: ServerId) {
        if let Self::Started(at) = std::mem::take(self) {
            *self = Self::On(server, at);
        }
    }
}
