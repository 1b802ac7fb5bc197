//! The address at which others may reach this machine, as far as the machine itself can tell.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// The first address of this machine that is not loopback or link-local, with IPv4 before IPv6 and public before
/// private. It asks only the system for its interfaces, so behind a router the address is the inner one.
#[must_use]
pub fn own_address() -> Option<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    let mut found: Vec<IpAddr> = interfaces
        .into_iter()
        .filter(|interface| !interface.is_loopback() && !interface.is_link_local())
        .map(|interface| interface.ip())
        .collect();
    found.sort_by_key(|ip| (ip.is_ipv6(), is_private(ip), *ip));
    found.first().copied()
}

/// Where an address can be reached from, judging by the address alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// Reachable from anywhere.
    Everywhere,
    /// Reachable from its own network only.
    Network,
    /// Reachable from this machine only.
    Machine,
}

impl Reach {
    /// Classifies an address.
    #[must_use]
    pub fn of(ip: &IpAddr) -> Self {
        if ip.is_loopback() {
            Self::Machine
        } else if is_private(ip) {
            Self::Network
        } else {
            Self::Everywhere
        }
    }
}

/// Whether an address can be reached from its own network only.
fn is_private(ip: &IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private() || ip.is_loopback() || ip.is_link_local() || is_shared(ip.octets()),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

/// Whether an IPv4 address is in the space between a provider and its customers (RFC 6598).
const fn is_shared([first, second, ..]: [u8; 4]) -> bool {
    first == 100 && second & 0b1100_0000 == 64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_networks_are_known() {
        for ip in
            ["10.1.2.3", "192.168.0.5", "172.20.0.1", "100.64.0.1", "127.0.0.1", "fd00::1", "fe80::1", "::1"]
        {
            assert!(is_private(&ip.parse().unwrap()), "{ip}");
        }
        for ip in ["203.0.113.5", "100.128.0.1", "2001:db8::1"] {
            assert!(!is_private(&ip.parse().unwrap()), "{ip}");
            assert_eq!(Reach::of(&ip.parse().unwrap()), Reach::Everywhere);
        }
        for (ip, reach) in
            [("127.0.0.2", Reach::Machine), ("::1", Reach::Machine), ("10.0.0.1", Reach::Network)]
        {
            assert_eq!(Reach::of(&ip.parse().unwrap()), reach, "{ip}");
        }
    }
}
