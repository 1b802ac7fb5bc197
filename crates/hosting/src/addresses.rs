//! The addresses in invitations: the host's own, and the one for everybody else.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use shepot_protocol::Invitation;
use shepot_relay::{Reach, own_address};
use zeroize::Zeroizing;

use crate::{HostingError, Options};

/// The same invitation with another address, because the host connects over loopback and others do not.
///
/// # Errors
///
/// [`HostingError::PublicAddress`] if the address is not valid, or the link is not an invitation.
pub fn with_address(link: &str, address: &str) -> Result<Zeroizing<String>, HostingError> {
    let wrong = || HostingError::PublicAddress { typed: address.to_owned() };
    let mut invitation: Invitation = link.parse().map_err(|_| wrong())?;
    invitation.address = address.parse().map_err(|_| wrong())?;
    Ok(invitation.to_link())
}

/// The address with a port: the given one, or the relay's own.
#[must_use]
pub fn with_port(address: &str, port: u16) -> String {
    let has_port = address.rsplit_once(':').is_some_and(|(before, after)| {
        !after.is_empty()
            && after.chars().all(|c| c.is_ascii_digit())
            && (!before.contains(':') || before.ends_with(']'))
    });
    if has_port { address.to_owned() } else { format!("{address}:{port}") }
}

/// The address for invitations, and from where it can be reached.
pub(crate) fn public_address(options: &Options, listening: &[SocketAddr]) -> (String, Reach) {
    let port = listening.first().map_or(0, SocketAddr::port);
    if let Some(given) = &options.public_address {
        let address = with_port(given, port);
        let reach = reach_of(&address);
        return (address, reach);
    }
    let fixed = listening.iter().find(|address| !address.ip().is_unspecified());
    let ip = fixed.map(SocketAddr::ip).or_else(own_address).unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let port = fixed.map_or(port, SocketAddr::port);
    (SocketAddr::new(ip, port).to_string(), Reach::of(&ip))
}

/// From where an address with a port can be reached. Who owns a name knows more than we do.
#[must_use]
pub fn reach_of(address: &str) -> Reach {
    let ip = address.parse::<SocketAddr>().map(|known| known.ip());
    let is_own = address.rsplit_once(':').is_some_and(|(host, _)| host.eq_ignore_ascii_case("localhost"));
    match ip {
        Ok(ip) => Reach::of(&ip),
        Err(_) if is_own => Reach::Machine,
        Err(_) => Reach::Everywhere,
    }
}

/// An address of the relay that this machine can reach.
pub(crate) fn loopback_of(listening: &[SocketAddr]) -> SocketAddr {
    let any_v4 = listening.iter().find(|address| address.is_ipv4() && address.ip().is_unspecified());
    match any_v4.or_else(|| listening.first()) {
        Some(address) if address.ip().is_unspecified() => {
            let ip = if address.is_ipv4() {
                IpAddr::V4(Ipv4Addr::LOCALHOST)
            } else {
                IpAddr::V6(Ipv6Addr::LOCALHOST)
            };
            SocketAddr::new(ip, address.port())
        }
        Some(address) => *address,
        None => SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
    }
}
