//! What an address is counted as.
//!
//! Must never: be taken for who somebody is. Many people can share one, and one can have many.

use std::net::IpAddr;

/// What an address is counted as: an IPv6 address by its /64, since one machine commands all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Origin(u128);

impl Origin {
    pub(crate) fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            // Out of the way of any /64: those end in 64 ones.
            IpAddr::V4(address) => Self(u128::from(u32::from(address))),
            IpAddr::V6(address) => Self((u128::from(address) >> 64 << 64) | u128::from(u64::MAX)),
        }
    }

    /// The address, of IPv6 the first of its /64.
    pub(crate) fn address(self) -> IpAddr {
        match u32::try_from(self.0) {
            Ok(address) => IpAddr::V4(address.into()),
            Err(_) => IpAddr::V6((self.0 >> 64 << 64).into()),
        }
    }
}

/// Whether two addresses count as one: an IPv6 address stands for its /64, as in bans and bounds.
#[must_use]
pub fn same_origin(one: IpAddr, other: IpAddr) -> bool {
    Origin::of(one) == Origin::of(other)
}
