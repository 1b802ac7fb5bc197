//! What somebody is counted as who comes to the door.
//!
//! Owns: how addresses become that, and which of them many people share. Whoever comes from one of those (a proxy, an
//! onion service, the gateway of a network) has no address of their own: no ban and no pause can mean them, and what
//! others have by their address they have by their access key. Where none is needed all of them are one.
//!
//! Must never: be taken for who somebody is. Many people can share an address, and one can have many.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use arc_swap::ArcSwap;
use shepot_protocol::id::AccessKeyId;

/// What somebody is counted as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Origin {
    /// An IPv4 address.
    V4(Ipv4Addr),
    /// An IPv6 address by its /64, since one machine commands all of it: the upper half.
    V6(u64),
    /// An address that many share: by access key, once that is known.
    Shared(Option<AccessKeyId>),
}

impl Origin {
    /// Of an address that nobody shares.
    pub(crate) fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address),
            IpAddr::V6(address) => {
                let [a, b, c, d, e, f, g, h, ..] = address.octets();
                Self::V6(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
            }
        }
    }

    /// What it is counted as besides, by the access key by which it comes; nothing where it has an address of its own.
    pub(crate) fn of_key(self, key: Option<AccessKeyId>) -> Option<Self> {
        key.filter(|_| self.is_shared()).map(|key| Self::Shared(Some(key)))
    }

    pub(crate) const fn is_shared(self) -> bool {
        matches!(self, Self::Shared(_))
    }

    /// The address, of IPv6 the first of its /64; none where it is shared.
    pub(crate) fn address(self) -> Option<IpAddr> {
        match self {
            Self::V4(address) => Some(IpAddr::V4(address)),
            Self::V6(upper) => Some(IpAddr::V6((u128::from(upper) << 64).into())),
            Self::Shared(_) => None,
        }
    }
}

/// Whether two addresses count as one: an IPv6 address stands for its /64, as in bans and bounds.
#[must_use]
pub fn same_origin(one: IpAddr, other: IpAddr) -> bool {
    Origin::of(one) == Origin::of(other)
}

/// The addresses that many share, as the operator said; of IPv6 their /64.
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

    /// Others from now on, for who comes from now on.
    pub(crate) fn set(&self, addresses: &[IpAddr]) {
        self.known.store(Arc::new(addresses.iter().map(|address| Origin::of(*address)).collect()));
    }

    pub(crate) fn origin_of(&self, address: IpAddr) -> Origin {
        let origin = Origin::of(address);
        if self.known.load().contains(&origin) { Origin::Shared(None) } else { origin }
    }
}
