//! A relay in this process, and the ways to get an invitation without the command line.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

use shepot_relay::{
    Access, AccessKeys, Configuration, Identity, NewCircle, Reach, Relay, RelayHandle, StartError,
};
use shepot_view::Words;
use tokio::sync::mpsc;
use zeroize::Zeroizing;

use crate::arguments::Arguments;
use crate::input::Line;

/// The largest file that an invitation is read from, in bytes.
const INVITATION_FILE_BYTES: u64 = 64 * 1024;

/// A relay that runs here, with the invitations to its first circle.
pub(crate) struct Hosted {
    relay: RelayHandle,
    /// Where it listens.
    pub(crate) addresses: Vec<String>,
    /// For others.
    pub(crate) invitation: Zeroizing<String>,
    /// For the one who hosts: over loopback, and as the circle's owner.
    pub(crate) local_invitation: Zeroizing<String>,
    /// From where others reach the address in the invitation.
    pub(crate) reach: Reach,
}

/// Starts a relay with an identity of its own, made for this run.
pub(crate) async fn start(arguments: &Arguments, words: &Words) -> Result<Hosted, String> {
    let no_random = || words.say("problem-no-randomness", &[]);
    let identity = Identity::generate().map_err(|_| no_random())?;
    let keys = AccessKeys::generate().map_err(|_| no_random())?;
    let access_key = keys.iter().next().cloned();
    let mut configuration = Configuration::default();
    if !arguments.listen.is_empty() {
        configuration.listen.clone_from(&arguments.listen);
    }
    let relay = Relay::start(configuration, &identity, Access::Keys(keys))
        .await
        .map_err(|error| cannot_start(words, &error))?;
    let port = relay.local_addresses().first().map_or(0, SocketAddr::port);
    let (public, reach) = public_address(arguments, relay.local_addresses(), port);
    let wrong = |_| words.say("terminal-public-address", &[("typed", &public)]);
    let address = public.parse().map_err(wrong)?;
    let circle = NewCircle::generate(address, identity.pin(), access_key).map_err(|_| no_random())?;
    let mut local = circle.owner_invitation.clone();
    let loopback = loopback_of(relay.local_addresses());
    local.address = loopback.to_string().parse().map_err(wrong)?;
    Ok(Hosted {
        addresses: relay.local_addresses().iter().map(ToString::to_string).collect(),
        invitation: circle.invitation.to_link(),
        local_invitation: local.to_link(),
        reach,
        relay,
    })
}

impl Hosted {
    /// Tells everybody and stops.
    pub(crate) async fn stop(self) {
        self.relay.shutdown().await;
    }
}

/// The address for the invitation, and from where it can be reached.
fn public_address(arguments: &Arguments, listening: &[SocketAddr], port: u16) -> (String, Reach) {
    if let Some(given) = &arguments.public_address {
        let has_port = given.rsplit_once(':').is_some_and(|(before, after)| {
            after.chars().all(|c| c.is_ascii_digit())
                && !after.is_empty()
                && (!before.contains(':') || before.ends_with(']'))
        });
        return (if has_port { given.clone() } else { format!("{given}:{port}") }, Reach::Everywhere);
    }
    let fixed = listening.iter().find(|address| !address.ip().is_unspecified());
    let ip = fixed
        .map(SocketAddr::ip)
        .or_else(shepot_relay::own_address)
        .unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let port = fixed.map_or(port, SocketAddr::port);
    (SocketAddr::new(ip, port).to_string(), Reach::of(&ip))
}

/// An address of the relay that this very machine reaches.
fn loopback_of(listening: &[SocketAddr]) -> SocketAddr {
    let any_v4 = listening.iter().find(|a| a.is_ipv4() && a.ip().is_unspecified());
    let any = any_v4.or_else(|| listening.first());
    match any {
        Some(address) if address.ip().is_unspecified() => {
            let ip = if address.is_ipv4() {
                IpAddr::V4(Ipv4Addr::LOCALHOST)
            } else {
                IpAddr::V6(std::net::Ipv6Addr::LOCALHOST)
            };
            SocketAddr::new(ip, address.port())
        }
        Some(address) => *address,
        None => SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
    }
}

fn cannot_start(words: &Words, error: &StartError) -> String {
    let StartError::Listen { address, error } = error else {
        return words.say("terminal-cannot-host", &[("error", &error.to_string())]);
    };
    let name = if error.kind() == std::io::ErrorKind::AddrInUse {
        "terminal-port-in-use"
    } else if error.kind() == std::io::ErrorKind::PermissionDenied {
        "terminal-port-forbidden"
    } else {
        "terminal-cannot-listen"
    };
    words.say(name, &[("address", &address.to_string()), ("error", &error.to_string())])
}

/// The invitation or address that the arguments name, if they name one.
pub(crate) async fn entry_from_arguments(
    arguments: &Arguments,
    lines: &mut mpsc::Receiver<Line>,
    words: &Words,
) -> Result<Option<Zeroizing<String>>, String> {
    if let Some(address) = &arguments.address {
        // Everybody on this machine can read arguments.
        if address.contains("://") || address.contains('#') {
            return Err(words.say("terminal-invitation-in-arguments", &[]));
        }
        return Ok(Some(Zeroizing::new(address.clone())));
    }
    let Some(file) = &arguments.invitation_file else { return Ok(None) };
    if file.as_os_str() == "-" {
        return Ok(lines.recv().await);
    }
    read_invitation(file).map(Some).map_err(|error| {
        let file = file.display().to_string();
        words.say("terminal-invitation-file", &[("file", &file), ("error", &error.to_string())])
    })
}

fn read_invitation(file: &Path) -> std::io::Result<Zeroizing<String>> {
    use std::io::Read as _;
    let mut text = Zeroizing::new(String::new());
    std::fs::File::open(file)?.take(INVITATION_FILE_BYTES).read_to_string(&mut text)?;
    Ok(Zeroizing::new(text.trim().to_owned()))
}

/// Ctrl+C, or the system's wish that we end.
pub(crate) async fn stop_signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut terminate) = signal(SignalKind::terminate()) else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
