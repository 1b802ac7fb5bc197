//! A relay inside a client program: one call starts it, another stops it.
//!
//! Owns: what makes a relay the same one at every start (its identity, its access key, its circle), and the addresses
//! by which it can be reached. Must never: talk to people, store anything on disk, or know what the members of the
//! circle know.

mod addresses;
mod local;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use shepot_invitations::NewCircle;
use shepot_protocol::{Address, Invitation, address};
use shepot_relay::operator::{Sample, Visitors};
use shepot_relay::{
    Access, AccessKeys, Configuration, ConnectionId, Identity, IssuedKey, Reach, Relay, RelayHandle,
    StartError,
};
use thiserror::Error;
use zeroize::Zeroizing;

use addresses::{loopback_of, public_address};
pub use addresses::{reach_of, with_address, with_port};
pub use local::LocalRelay;

/// How to host a relay.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The addresses to listen on. Empty: every address, at the default port.
    pub listen: Vec<SocketAddr>,
    /// The address that others use, as `host` or `host:port`. `None`: the one that this machine knows of itself.
    pub public_address: Option<String>,
}

/// Why hosting is impossible.
#[derive(Debug, Error)]
pub enum HostingError {
    /// The system provides no random bytes.
    #[error("the system gives no random bytes")]
    NoRandomness,
    /// The person gave an address that others cannot use.
    #[error("{typed} is not an address")]
    PublicAddress {
        /// The address as given.
        typed: String,
    },
    /// What was stored about the relay is damaged.
    #[error("what was kept of the server is damaged")]
    Kept,
    /// The relay cannot start.
    #[error(transparent)]
    Start(#[from] StartError),
}

impl HostingError {
    /// Whether another program listens on the port.
    #[must_use]
    pub fn is_port_in_use(&self) -> bool {
        matches!(self, Self::Start(StartError::Listen { error, .. }) if error.kind() == std::io::ErrorKind::AddrInUse)
    }
}

/// What makes a relay the same one at the next start. It is secret: anybody who has it can pass for the relay and for
/// the owner of its circle.
pub struct Kept {
    /// The relay's private key, in PKCS#8.
    pub identity: Zeroizing<Vec<u8>>,
    /// The host's own invitation: over loopback, as the owner of the circle, with the access key.
    pub invitation: Zeroizing<String>,
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Kept(..)")
    }
}

/// What is known of the relay between its starts.
#[derive(Clone)]
struct Known {
    identity: Arc<Identity>,
    /// The owner's invitation. Its port is the one in invitations, or 0 before the first start.
    invitation: Invitation,
}

/// Starts relays in this program, one after another. Until [`Host::forget`] they are the same relay, with one identity,
/// one circle and its access key. So people can come back, whatever happened to the relay in the meantime.
#[derive(Clone, Default)]
pub struct Host {
    known: Arc<Mutex<Option<Known>>>,
}

impl Host {
    /// A host that starts the relay that was stored.
    ///
    /// # Errors
    ///
    /// [`HostingError::Kept`] if it is damaged.
    pub fn of(kept: &Kept) -> Result<Self, HostingError> {
        let identity = Identity::from_pkcs8(kept.identity.clone()).map_err(|_| HostingError::Kept)?;
        let invitation: Invitation = kept.invitation.parse().map_err(|_| HostingError::Kept)?;
        let opens = invitation.access_key.is_some() && invitation.circle_secret.is_some();
        if !opens || invitation.owner_seed.is_none() || invitation.pin != identity.pin() {
            return Err(HostingError::Kept);
        }
        let known = Known { identity: Arc::new(identity), invitation };
        Ok(Self { known: Arc::new(Mutex::new(Some(known))) })
    }

    /// What has to be stored so that the relay can be started again. `None` before the first start.
    #[must_use]
    pub fn kept(&self) -> Option<Kept> {
        let known = self.lock().clone().filter(|known| known.invitation.address.port != 0)?;
        let identity = Zeroizing::new(known.identity.key().to_vec());
        Some(Kept { identity, invitation: known.invitation.to_link() })
    }

    /// Replaces the owner's invitation, because the circle has another secret, whether the relay runs or not. False:
    /// this is not the invitation of this relay's owner, or one of an earlier generation, and nothing changes.
    pub fn renewed(&self, link: &str) -> bool {
        let Ok(invitation) = link.parse::<Invitation>() else { return false };
        let mut known = self.lock();
        let is_its_owners = |known: &&mut Known| {
            invitation.pin == known.invitation.pin && invitation.owner_seed == known.invitation.owner_seed
        };
        let generation = |one: &Invitation| one.succession.map_or(0, |succession| succession.generation);
        // By another connection the owner may be told of a removal later than by this one.
        let is_not_earlier = |known: &&mut Known| {
            generation(&invitation) > generation(&known.invitation)
                || (invitation.circle_secret == known.invitation.circle_secret
                    && invitation.access_key == known.invitation.access_key)
        };
        let Some(known) = known.as_mut().filter(is_its_owners).filter(is_not_earlier) else { return false };
        // Where it listens now may be no place to come back to.
        let address = known.invitation.address.clone();
        known.invitation = Invitation { address, ..invitation };
        true
    }

    /// Gives the relay the access key of the owner's present invitation, which may have changed since it was started.
    fn give_key(&self, relay: &RelayHandle) -> Option<Invitation> {
        let known = self.lock().clone().filter(|known| known.invitation.pin == relay.pin())?;
        if let Some(key) = known.invitation.access_key.clone() {
            relay.replace_key(IssuedKey::unbounded(key, 0));
        }
        Some(known.invitation)
    }

    /// Makes the next relay another one. Invitations to the present one become useless.
    pub fn forget(&self) {
        *self.lock() = None;
    }

    /// Starts the relay on the current tokio runtime, where the options say or at the port in its invitations.
    ///
    /// # Errors
    ///
    /// [`HostingError`] if that is impossible.
    pub async fn start(&self, options: &Options) -> Result<Hosted, HostingError> {
        self.start_known(options, &self.known()?).await
    }

    async fn start_known(&self, options: &Options, known: &Known) -> Result<Hosted, HostingError> {
        let mut listen = options.listen.clone();
        if listen.is_empty() {
            listen = Configuration::default().listen;
            let port = known.invitation.address.port;
            listen.iter_mut().filter(|_| port != 0).for_each(|address| address.set_port(port));
        }
        let hosted = Hosted::start(self, options, listen, known).await?;
        self.is_at(known, hosted.port());
        Ok(hosted)
    }

    /// Like [`Host::start`], but at any free port if another program has that one and the options name no address. Then
    /// [`Hosted::moved_from`] is set, and the next start tries the old port again.
    ///
    /// # Errors
    ///
    /// [`HostingError`] if that is impossible.
    pub async fn start_anywhere(&self, options: &Options) -> Result<Hosted, HostingError> {
        let known = self.known()?;
        let started = self.start_known(options, &known).await;
        // A person who names an address has forwarded its port.
        let is_free = options.listen.is_empty() && options.public_address.is_none();
        if is_free && started.as_ref().is_err_and(HostingError::is_port_in_use) {
            let any = vec![(Ipv4Addr::UNSPECIFIED, 0).into()];
            let mut hosted = Hosted::start(self, options, any, &known).await?;
            match known.invitation.address.port {
                // Nobody has an invitation yet.
                0 => self.is_at(&known, hosted.port()),
                port => hosted.moved_from = Some(port),
            }
            return Ok(hosted);
        }
        started
    }

    /// The relay as it was before, or a new one.
    fn known(&self) -> Result<Known, HostingError> {
        let mut known = self.lock();
        if let Some(known) = known.as_ref() {
            return Ok(known.clone());
        }
        Ok(known.insert(Known::new()?).clone())
    }

    /// Records the port that the relay listens on. Does nothing if the relay was forgotten in the meantime.
    fn is_at(&self, started: &Known, port: u16) {
        if let Some(known) = self.lock().as_mut()
            && known.invitation.pin == started.invitation.pin
        {
            known.invitation.address.port = port;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Known>> {
        // A panic does not leave it half changed.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn new() -> Result<Self, HostingError> {
        let no_randomness = |_| HostingError::NoRandomness;
        let identity = Identity::generate().map_err(no_randomness)?;
        let key = IssuedKey::generate(0).map_err(|_| HostingError::NoRandomness)?.key;
        let relay = Invitation {
            // It is known when the relay has started.
            address: Address { host: address::Host::Ip(Ipv4Addr::LOCALHOST.into()), port: 0 },
            pin: identity.pin(),
            access_key: Some(key),
            circle_secret: None,
            owner: None,
            owner_seed: None,
            expires_at: None,
            succession: None,
        };
        let circle = NewCircle::on(&relay).map_err(|_| HostingError::NoRandomness)?;
        Ok(Self { identity: Arc::new(identity), invitation: circle.owner_invitation })
    }
}

/// The most refused addresses that are listed.
const MOST_REFUSED: usize = 20;

/// A running relay, with the invitations to its first circle.
pub struct Hosted {
    relay: RelayHandle,
    host: Host,
    /// The address from which the host connects: loopback, or the only address that the relay listens on.
    own_address: IpAddr,
    /// The addresses that it listens on.
    pub addresses: Vec<SocketAddr>,
    /// The invitation for others.
    pub invitation: Zeroizing<String>,
    /// The host's own invitation: over loopback, as the owner of the circle.
    pub local_invitation: Zeroizing<String>,
    /// The address in the host's own invitation.
    pub local_address: String,
    /// The address in the invitation for others.
    pub public_address: String,
    /// From where that address can be reached.
    pub reach: Reach,
    /// The port in earlier invitations, if another program has it now, so that they do not lead here.
    pub moved_from: Option<u16>,
}

impl Hosted {
    async fn start(
        host: &Host,
        options: &Options,
        listen: Vec<SocketAddr>,
        known: &Known,
    ) -> Result<Self, HostingError> {
        let key = known.invitation.access_key.clone().ok_or(HostingError::Kept)?;
        let keys: AccessKeys = AccessKeys::renewed([IssuedKey::unbounded(key, 0)].into_iter().collect());
        let configuration = Configuration { listen, ..Configuration::default() };
        let relay = Relay::start(configuration, &known.identity, Access::Keys(keys)).await?;
        let owners = host.give_key(&relay).unwrap_or_else(|| known.invitation.clone());
        let (public_address, reach) = public_address(options, relay.local_addresses());
        let wrong = || HostingError::PublicAddress { typed: public_address.clone() };
        let address: Address = public_address.parse().map_err(|_| wrong())?;
        let invitation = Invitation { address, owner_seed: None, ..owners.clone() };
        let own = loopback_of(relay.local_addresses());
        let local = Invitation { address: own.to_string().parse().map_err(|_| wrong())?, ..owners };
        Ok(Self {
            own_address: own.ip().to_canonical(),
            addresses: relay.local_addresses().to_vec(),
            invitation: invitation.to_link(),
            local_invitation: local.to_link(),
            local_address: local.address.to_string(),
            public_address,
            reach,
            moved_from: None,
            relay,
            host: host.clone(),
        })
    }

    /// The port that it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.addresses.first().map_or(0, SocketAddr::port)
    }

    /// Replaces the owner's invitation, because the circle has another secret. From now on people come by its access
    /// key, and only holders of a seat come back by an earlier one, so nobody who was removed gets in. False: this is
    /// not the invitation of this relay's owner, and nothing changes.
    pub fn renewed(&self, link: &str) -> bool {
        let is_ours = self.host.renewed(link);
        if is_ours {
            self.host.give_key(&self.relay);
        }
        is_ours
    }

    /// Who is connected and who was turned away at this moment.
    #[must_use]
    pub fn visitors(&self) -> Visitors {
        self.relay.visitors(Some(self.own_address), MOST_REFUSED)
    }

    /// The totals of the last hour, as far as the relay has run, the oldest first, at equal intervals.
    #[must_use]
    pub fn history(&self) -> Vec<Sample> {
        self.relay.history()
    }

    /// Ends a connection. False: it has ended already.
    pub fn disconnect(&self, connection: ConnectionId) -> bool {
        self.relay.disconnect(connection)
    }

    /// Bans an address until the ban is lifted. False: the host itself connects from there.
    pub fn ban(&self, address: IpAddr) -> bool {
        let may_be = self.relay.may_be_banned(self.own_address, address);
        if may_be {
            self.relay.ban(address, None);
        }
        may_be
    }

    /// Lifts the ban and the pause of an address. False: it had neither.
    pub fn lift_ban(&self, address: IpAddr) -> bool {
        self.relay.lift_ban(address)
    }

    /// Tells everybody and stops the relay.
    pub async fn stop(self) {
        self.relay.shutdown().await;
    }
}

#[cfg(test)]
mod tests {
    use shepot_protocol::{CircleId, Succession};

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
    async fn a_relay_that_is_started_again_is_the_same_one() {
        let host = Host::default();
        assert!(host.kept().is_none());
        let first = host.start(&on_loopback()).await.unwrap();
        let link = |hosted: &Hosted| hosted.invitation.parse::<Invitation>().unwrap();
        let before = link(&first);
        let port = first.port();
        first.stop().await;
        let opens =
            |one: &Invitation| (one.pin, one.access_key.clone(), one.circle_secret.clone(), one.owner);
        // In this program, and in the next one.
        let again = Host::of(&host.kept().unwrap()).unwrap();
        for host in [&host, &again] {
            let next = host.start(&Options { listen: vec![], public_address: None }).await.unwrap();
            assert_eq!((opens(&link(&next)), next.port()), (opens(&before), port), "at the port that it had");
            next.stop().await;
        }
        // The owner removed somebody: another secret.
        let kept = host.kept().unwrap();
        let mut renewed: Invitation = kept.invitation.parse().unwrap();
        renewed.circle_secret = Some(shepot_protocol::CircleSecret::new([9; 32]));
        renewed.access_key = Some(shepot_protocol::AccessKey::new([8; 32]));
        let running = host.start(&on_loopback()).await.unwrap();
        renewed.succession = Some(Succession {
            circle: CircleId([7; 16]),
            generation: 2,
            proof: [0; Succession::PROOF_BYTES],
        });
        assert!(running.renewed(&renewed.to_link()));
        // Another connection of the owner's is told of the removal before that one only now.
        let earlier = Succession { generation: 1, ..renewed.succession.unwrap() };
        for succession in [None, Some(earlier), renewed.succession] {
            let access_key = Some(shepot_protocol::AccessKey::new([6; 32]));
            let other = Invitation { succession, access_key, ..renewed.clone() };
            assert!(!running.renewed(&other.to_link()), "{succession:?}");
        }
        assert!(running.renewed(&renewed.to_link()), "it is the one of now");
        let plain = Invitation { owner_seed: None, ..before.clone() };
        assert!(!running.renewed(&plain.to_link()), "not its owner's");
        running.stop().await;
        let next = host.start(&on_loopback()).await.unwrap();
        assert_eq!(opens(&link(&next)), opens(&renewed));
        assert!(link(&next).owner_seed.is_none());
        next.stop().await;
        // Whoever has the port keeps it: then it is another one, and the invitation says so.
        let taken = std::net::TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).unwrap();
        let elsewhere =
            again.start_anywhere(&Options { listen: vec![], public_address: None }).await.unwrap();
        assert_ne!(elsewhere.port(), port);
        assert_eq!(elsewhere.moved_from, Some(port));
        elsewhere.stop().await;
        drop(taken);
        // And the next start is where it was.
        let back = again.start_anywhere(&Options { listen: vec![], public_address: None }).await.unwrap();
        assert_eq!((back.port(), back.moved_from), (port, None));
        back.stop().await;
        host.forget();
        let other = host.start(&on_loopback()).await.unwrap();
        let other_link = link(&other);
        assert!(other_link.pin != before.pin && other_link.access_key != before.access_key);
        assert_ne!(other_link.circle_secret, before.circle_secret);
        other.stop().await;
    }

    #[tokio::test]
    async fn what_is_damaged_is_not_started() {
        let host = Host::default();
        host.start(&on_loopback()).await.unwrap().stop().await;
        let kept = || host.kept().unwrap();
        let mut plain: Invitation = kept().invitation.parse().unwrap();
        plain.owner_seed = None;
        let other = Identity::generate().unwrap();
        for wrong in [
            Kept { identity: Zeroizing::new(vec![1, 2, 3]), ..kept() },
            Kept { identity: Zeroizing::new(other.key().to_vec()), ..kept() },
            Kept { invitation: Zeroizing::new("shepot://".to_owned()), ..kept() },
            Kept { invitation: plain.to_link(), ..kept() },
        ] {
            assert!(matches!(Host::of(&wrong), Err(HostingError::Kept)));
        }
        assert_eq!(format!("{:?}", kept()), "Kept(..)");
    }

    #[test]
    fn addresses_get_a_port_where_they_have_none() {
        assert_eq!(with_port("203.0.113.5", 1), "203.0.113.5:1");
        assert_eq!(with_port("203.0.113.5:2", 1), "203.0.113.5:2");
        assert_eq!(with_port("[2001:db8::1]", 1), "[2001:db8::1]:1");
        assert_eq!(with_port("[2001:db8::1]:2", 1), "[2001:db8::1]:2");
    }
}
