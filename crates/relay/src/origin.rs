//! Origins: what connections are counted by.
//!
//! Owns: the origin of an address, and which addresses many people share. Connections from a shared one (a proxy, an
//! onion service, the gateway of a network) are counted by access key instead, and no ban or pause applies to them. On
//! an open relay all of them have the same origin.
//!
//! Must never: be taken for an identity. Many people can share an address, and one can have many.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use arc_swap::ArcSwap;
use shepot_protocol::id::AccessKeyId;

/// What a connection is counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Origin {
    /// An IPv4 address.
    V4(Ipv4Addr),
    /// The upper half of an IPv6 address, because one machine commands a whole /64.
    V6(u64),
    /// A shared address, with the access key once it is known.
    Shared(Option<AccessKeyId>),
}

impl Origin {
    /// The origin of an address that nobody shares.
    pub(crate) fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address),
            IpAddr::V6(address) => {
                let [a, b, c, d, e, f, g, h, ..] = address.octets();
                Self::V6(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
            }
        }
    }

    /// The origin with the access key, if the address is shared. `None`: the address counts by itself.
    pub(crate) fn of_key(self, key: Option<AccessKeyId>) -> Option<Self> {
        key.filter(|_| self.is_shared()).map(|key| Self::Shared(Some(key)))
    }

    pub(crate) const fn is_shared(self) -> bool {
        matches!(self, Self::Shared(_))
    }

    /// The address, or the first one of an IPv6 /64. `None`: it is shared.
    pub(crate) fn address(self) -> Option<IpAddr> {
        match self {
            Self::V4(address) => Some(IpAddr::V4(address)),
            Self::V6(upper) => Some(IpAddr::V6((u128::from(upper) << 64).into())),
            Self::Shared(_) => None,
        }
    }
}

/// Whether two addresses count as one. An IPv6 address stands for its /64, as in bans and bounds.
#[must_use]
pub fn same_origin(one: IpAddr, other: IpAddr) -> bool {
    Origin::of(one) == Origin::of(other)
}

/// The shared addresses, as the operator named them. An IPv6 address stands for its /64.
#[derive(Debug, Default)]
pub(crate) struct SharedAddresses {
    known: ArcSwap<HashSet<Origin>>,
}

impl SharedAddresses {
    pub(crate) fn of(addresses: &[IpAddr]) -> Self {
        let shared = Self::default();
        shared.set(addresses);
        shared
    }

    /// Replaces the shared addresses, for new connections.
    pub(crate) fn set(&self, addresses: &[IpAddr]) {
        self.known.store(Arc::new(addresses.iter().map(|address| Origin::of(*address)).collect()));
    }

    pub(crate) fn origin_of(&self, address: IpAddr) -> Origin {
        let origin = Origin::of(address);
        if self.known.load().contains(&origin) { Origin::Shared(None) } else { origin }
    }
}
