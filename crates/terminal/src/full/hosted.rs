//! The relay in this process, as the interface knows it.

use shepot_client::model::ServerId;
use shepot_relay::Reach;

/// Where others reach the relay in this process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HostedAt {
    /// Where this program reaches it: by this its server on the list is known.
    pub(super) local: String,
    pub(super) address: String,
    pub(super) port: u16,
    pub(super) reach: Reach,
}

/// The relay in this process, as the interface knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Hosting {
    #[default]
    Off,
    Starting,
    /// Its circle's server is not on the list yet.
    Started(HostedAt),
    On(ServerId, HostedAt),
}
