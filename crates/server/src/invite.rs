//! Invitations to new circles. Their secrets exist in what is printed and nowhere else.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use shepot_console::qr_code;
use shepot_protocol::address::Host;
use shepot_protocol::limits::DEFAULT_PORT;
use shepot_protocol::{AccessKey, Address, Pin};
use shepot_relay::{NewCircle, Reach, StateFolder, own_address};
use shepot_words::Words;
use zeroize::Zeroizing;

use crate::problem::Problem;
use crate::settings::Settings;
use crate::terminal::say;

/// Where others reach the server, and from where.
pub(crate) fn public_address(settings: &Settings, listening: &[SocketAddr]) -> (Address, Reach) {
    let port = listening.first().map_or(DEFAULT_PORT, SocketAddr::port);
    if let Some(address) = &settings.public_address {
        let port = if address.port == 0 { port } else { address.port };
        return (Address { port, ..address.clone() }, Reach::Everywhere);
    }
    let fixed = listening.iter().find(|address| !address.ip().is_unspecified());
    let ip = fixed.map(SocketAddr::ip).or_else(own_address).unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let port = fixed.map_or(port, SocketAddr::port);
    (Address { host: Host::Ip(ip), port }, Reach::of(&ip))
}

/// Prints an invitation to a new circle; for its owner as well, when asked.
pub(crate) fn print(
    words: &Words,
    address: (Address, Reach),
    pin: Pin,
    access_key: Option<AccessKey>,
    owner: bool,
) -> Result<(), Problem> {
    let (address, reach) = address;
    let circle = NewCircle::generate(address, pin, access_key).map_err(|_| Problem::no_random(words))?;
    let link = circle.invitation.to_link();
    say(&words.say("server-invitation", &[]));
    print_link(words, &link);
    if owner {
        say(&words.say("server-owner-invitation", &[]));
        say(&circle.owner_invitation.to_link());
        say("");
    }
    match reach {
        Reach::Everywhere => {}
        Reach::Network => say(&words.say("server-only-near", &[])),
        Reach::Machine => say(&words.say("server-only-here", &[])),
    }
    Ok(())
}

fn print_link(words: &Words, link: &Zeroizing<String>) {
    say("");
    say(link);
    say("");
    for row in qr_code(words, link) {
        say(&row);
    }
}

/// `shepot-server invite`: with the identity and access key of the state folder, whether a server runs or not.
pub(crate) fn run(settings: &Settings, words: &Words, owner: bool) -> Result<(), Problem> {
    let state = StateFolder::open(&settings.state_dir).map_err(|error| Problem::state(words, &error))?;
    let identity = state.identity().map_err(|error| Problem::state(words, &error))?;
    let access_key = if settings.open {
        None
    } else {
        let keys = state.access_keys().map_err(|error| Problem::state(words, &error))?;
        Some(keys.iter().next().cloned().ok_or_else(|| Problem::no_access_key(words))?)
    };
    print(words, public_address(settings, &settings.listen), identity.pin(), access_key, owner)
}
