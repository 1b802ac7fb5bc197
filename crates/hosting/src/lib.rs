//! A relay inside a program of people: started with one call, stopped with another.
//!
//! Owns: the identity, which lives as long as the program, and the first circle of each relay, the addresses by which it
//! can be reached, and who its visitors are to the one who hosts. Must never: speak to people, keep anything on disk, or
//! know what the circle's members know.

mod visitors;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, OnceLock};

use shepot_protocol::{Address, Invitation};
use shepot_relay::{
    Access, AccessKeys, Configuration, Identity, NewCircle, Reach, Relay, RelayHandle, StartError,
    own_address,
};
use thiserror::Error;
use zeroize::Zeroizing;

pub use visitors::{Standing, Visitor, Visitors};

/// How to host.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Where to listen; nothing: on every address at the usual port.
    pub listen: Vec<SocketAddr>,
    /// The address that others use: `host` or `host:port`. None: the one that this machine knows of itself.
    pub public_address: Option<String>,
}

/// Hosting is not possible.
#[derive(Debug, Error)]
pub enum HostingError {
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    NoRandomness,
    /// Not an address that others could use. The person's mistake.
    #[error("{typed} is not an address")]
    PublicAddress {
        /// What was given.
        typed: String,
    },
    /// The relay does not start.
    #[error(transparent)]
    Start(#[from] StartError),
}

impl HostingError {
    /// Somebody else listens there already.
    #[must_use]
    pub fn is_port_in_use(&self) -> bool {
        matches!(self, Self::Start(StartError::Listen { error, .. }) if error.kind() == std::io::ErrorKind::AddrInUse)
    }
}

/// Starts relays in this program, one after another, all with one identity.
///
/// The identity lives as long as this. A guest whose program still calls on the relay before is told by the next one
/// that the invitation is not valid any more; another identity at the same address would be taken for somebody in
/// between.
#[derive(Clone, Default)]
pub struct Host {
    identity: Arc<OnceLock<Identity>>,
}

impl Host {
    /// Starts a relay with a circle and an access key of its own, on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// [`HostingError`].
    pub async fn start(&self, options: &Options) -> Result<Hosted, HostingError> {
        Hosted::start(options, self.identity()?).await
    }

    /// The same, at any other port where somebody has the usual one: the invitation says which.
    ///
    /// # Errors
    ///
    /// [`HostingError`].
    pub async fn start_anywhere(&self, options: &Options) -> Result<Hosted, HostingError> {
        let started = self.start(options).await;
        // Who names an address has let its port through.
        let is_free = options.listen.is_empty() && options.public_address.is_none();
        if is_free && started.as_ref().is_err_and(HostingError::is_port_in_use) {
            let any = vec![(Ipv4Addr::UNSPECIFIED, 0).into()];
            return self.start(&Options { listen: any, ..options.clone() }).await;
        }
        started
    }

    fn identity(&self) -> Result<&Identity, HostingError> {
        if let Some(identity) = self.identity.get() {
            return Ok(identity);
        }
        let identity = Identity::generate().map_err(|_| HostingError::NoRandomness)?;
        Ok(self.identity.get_or_init(|| identity))
    }
}

/// A relay that runs here, with the invitations to its first circle.
pub struct Hosted {
    relay: RelayHandle,
    /// From where the one who hosts comes: over loopback, or from the only address on which it listens.
    own_address: IpAddr,
    /// Where it listens.
    pub addresses: Vec<SocketAddr>,
    /// For others.
    pub invitation: Zeroizing<String>,
    /// For the one who hosts: over loopback, and as the circle's owner.
    pub local_invitation: Zeroizing<String>,
    /// The address in the local invitation.
    pub local_address: String,
    /// The address in the invitation.
    pub public_address: String,
    /// From where others reach it.
    pub reach: Reach,
}

impl Hosted {
    async fn start(options: &Options, identity: &Identity) -> Result<Self, HostingError> {
        let keys = AccessKeys::generate(0).map_err(|_| HostingError::NoRandomness)?;
        let access_key = keys.standing().map(|issued| issued.key.clone());
        let mut configuration = Configuration::default();
        if !options.listen.is_empty() {
            configuration.listen.clone_from(&options.listen);
        }
        let relay = Relay::start(configuration, identity, Access::Keys(keys)).await?;
        let (public_address, reach) = public_address(options, relay.local_addresses());
        let wrong = || HostingError::PublicAddress { typed: public_address.clone() };
        let address: Address = public_address.parse().map_err(|_| wrong())?;
        let circle = NewCircle::generate(address, identity.pin(), access_key)
            .map_err(|_| HostingError::NoRandomness)?;
        let mut local = circle.owner_invitation.clone();
        let own = loopback_of(relay.local_addresses());
        local.address = own.to_string().parse().map_err(|_| wrong())?;
        Ok(Self {
            own_address: own.ip().to_canonical(),
            addresses: relay.local_addresses().to_vec(),
            invitation: circle.invitation.to_link(),
            local_invitation: local.to_link(),
            local_address: local.address.to_string(),
            public_address,
            reach,
            relay,
        })
    }

    /// The port that it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.addresses.first().map_or(0, SocketAddr::port)
    }

    /// Tells everybody and stops.
    pub async fn stop(self) {
        self.relay.shutdown().await;
    }
}

/// The same invitation with another address: the one who hosts comes over loopback, the others do not.
///
/// # Errors
///
/// [`HostingError::PublicAddress`] when it is none. A link that is none of ours cannot be given another address either.
pub fn with_address(link: &str, address: &str) -> Result<Zeroizing<String>, HostingError> {
    let wrong = || HostingError::PublicAddress { typed: address.to_owned() };
    let mut invitation: Invitation = link.parse().map_err(|_| wrong())?;
    invitation.address = address.parse().map_err(|_| wrong())?;
    Ok(invitation.to_link())
}

/// An address with a port: the relay's own where none was given.
#[must_use]
pub fn with_port(address: &str, port: u16) -> String {
    let has_port = address.rsplit_once(':').is_some_and(|(before, after)| {
        !after.is_empty()
            && after.chars().all(|c| c.is_ascii_digit())
            && (!before.contains(':') || before.ends_with(']'))
    });
    if has_port { address.to_owned() } else { format!("{address}:{port}") }
}

/// The address for the invitation, and from where it can be reached.
fn public_address(options: &Options, listening: &[SocketAddr]) -> (String, Reach) {
    let port = listening.first().map_or(0, SocketAddr::port);
    if let Some(given) = &options.public_address {
        return (with_port(given, port), Reach::Everywhere);
    }
    let fixed = listening.iter().find(|address| !address.ip().is_unspecified());
    let ip = fixed.map(SocketAddr::ip).or_else(own_address).unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let port = fixed.map_or(port, SocketAddr::port);
    (SocketAddr::new(ip, port).to_string(), Reach::of(&ip))
}

/// An address of the relay that this very machine reaches.
fn loopback_of(listening: &[SocketAddr]) -> SocketAddr {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn on_loopback() -> Options {
        Options { listen: vec!["127.0.0.1:0".parse().unwrap()], public_address: None }
    }

    #[tokio::test]
    async fn a_relay_starts_with_invitations_to_one_circle() {
        let hosted = Host::default().start(&on_loopback()).await.unwrap();
        assert_eq!((hosted.addresses.len(), hosted.reach), (1, Reach::Machine));
        let for_others: Invitation = hosted.invitation.parse().unwrap();
        let own: Invitation = hosted.local_invitation.parse().unwrap();
        assert_eq!(for_others.circle_secret, own.circle_secret);
        assert!(for_others.owner_seed.is_none() && own.owner_seed.is_some());
        let elsewhere = with_address(&hosted.invitation, "203.0.113.5:7443").unwrap();
        let elsewhere: Invitation = elsewhere.parse().unwrap();
        assert_eq!(elsewhere.address.to_string(), "203.0.113.5:7443");
        assert_eq!(elsewhere.pin, for_others.pin);
        assert!(with_address(&hosted.invitation, "no address").is_err());
        let taken = Options { listen: hosted.addresses.clone(), public_address: None };
        assert!(Host::default().start(&taken).await.err().unwrap().is_port_in_use());
        hosted.stop().await;
    }

    #[tokio::test]
    async fn the_next_relay_is_the_same_one_with_another_circle_and_another_key() {
        let host = Host::default();
        let first = host.start(&on_loopback()).await.unwrap();
        let before: Invitation = first.invitation.parse().unwrap();
        first.stop().await;
        let second = host.start(&on_loopback()).await.unwrap();
        let after: Invitation = second.invitation.parse().unwrap();
        assert_eq!(before.pin, after.pin);
        assert_ne!(before.access_key, after.access_key);
        assert_ne!(before.circle_secret, after.circle_secret);
        second.stop().await;
        let elsewhere = Host::default().start(&on_loopback()).await.unwrap();
        assert_ne!(elsewhere.invitation.parse::<Invitation>().unwrap().pin, after.pin);
        elsewhere.stop().await;
    }

    #[test]
    fn addresses_get_a_port_where_they_have_none() {
        assert_eq!(with_port("203.0.113.5", 1), "203.0.113.5:1");
        assert_eq!(with_port("203.0.113.5:2", 1), "203.0.113.5:2");
        assert_eq!(with_port("[2001:db8::1]", 1), "[2001:db8::1]:1");
        assert_eq!(with_port("[2001:db8::1]:2", 1), "[2001:db8::1]:2");
    }
}
