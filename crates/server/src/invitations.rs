//! What invitations need from the server: its address, its identity and an access key, which is made, named and found
//! here. It works the same whether the server runs or not.
//!
//! Must never: make the secrets of a circle. The asking program does that (`invite`).

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use data_encoding::HEXLOWER;
use shepot_protocol::address::Host;
use shepot_protocol::id::AccessKeyId;
use shepot_protocol::limits::DEFAULT_PORT;
use shepot_protocol::{Address, Invitation, Pin};
use shepot_relay::{AccessKeys, IssuedKey, KeyStatistics, MOST_LABEL_BYTES, Reach, own_address};
use shepot_sanitise as sanitise;

use crate::control::{Key, Refusal, ServerInvitation, Wish};
use crate::settings::Settings;

/// The id of an access key as operators write it: 16 hexadecimal digits.
pub(crate) fn written(id: AccessKeyId) -> String {
    HEXLOWER.encode(&id.0)
}

/// The address in invitations, and from where it can be reached.
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

/// The access key for an invitation.
#[derive(Debug)]
pub(crate) struct Chosen {
    pub(crate) issued: IssuedKey,
    /// It was made for this invitation, and has to be added and stored.
    pub(crate) is_new: bool,
}

/// The access key for an invitation: the standing one if nothing special was asked for, otherwise a new one. `None`:
/// the server is open. `now`: seconds since 1970.
pub(crate) fn choose(keys: Option<&AccessKeys>, wish: &Wish, now: u64) -> Result<Option<Chosen>, Refusal> {
    let Some(keys) = keys else {
        return if wish.is_plain() { Ok(None) } else { Err(Refusal::Open) };
    };
    match keys.standing().filter(|_| wish.is_plain()) {
        Some(standing) => Ok(Some(Chosen { issued: standing.clone(), is_new: false })),
        None => Ok(Some(Chosen { issued: issue(wish, now)?, is_new: true })),
    }
}

/// What is told about a key by which nobody has come yet.
pub(crate) fn told(issued: IssuedKey, now: u64) -> Key {
    Key::of(&KeyStatistics { issued, connections: 0 }, now)
}

/// The name, if it can be printed and stored as it is.
fn name(typed: &str) -> Result<&str, Refusal> {
    let name = typed.trim();
    if name.len() > MOST_LABEL_BYTES || sanitise::line(name, MOST_LABEL_BYTES).as_deref() != Some(name) {
        return Err(Refusal::WrongName { name: typed.to_owned() });
    }
    Ok(name)
}

/// Makes a new key with what was asked for. `now`: seconds since 1970.
fn issue(wish: &Wish, now: u64) -> Result<IssuedKey, Refusal> {
    let label = wish.label.as_deref().map(name).transpose()?;
    let key = IssuedKey::generate(now).map_err(|_| Refusal::NoRandom)?;
    let key = key.named(label.unwrap_or_default());
    Ok(IssuedKey {
        expires_at: wish.seconds.map(|seconds| now.saturating_add(seconds)),
        most_uses: wish.uses,
        ..key
    })
}

/// Makes an invitation to the server, without a circle.
pub(crate) fn to_server(
    (address, reach): (Address, Reach),
    pin: Pin,
    issued: Option<IssuedKey>,
    now: u64,
) -> ServerInvitation {
    let access_key = issued.as_ref().map(|issued| issued.key.clone());
    let told = issued.map(|issued| told(issued, now));
    let invitation = Invitation {
        address,
        pin,
        access_key,
        circle_secret: None,
        owner: None,
        owner_seed: None,
        expires_at: told.as_ref().and_then(|key| key.expires),
        succession: None,
    };
    ServerInvitation { link: invitation.to_link().to_string(), key: told, reach }
}

/// Finds a key by its name, its id, or the beginning of its id.
pub(crate) fn find(keys: &[&IssuedKey], typed: &str) -> Result<AccessKeyId, Refusal> {
    /// The fewest digits that count as the beginning of an id.
    const FEWEST_DIGITS: usize = 4;
    let typed = typed.trim();
    let digits = typed.to_ascii_lowercase();
    let named: Vec<_> = keys.iter().filter(|key| !typed.is_empty() && key.label == typed).collect();
    let by_id = || keys.iter().filter(|key| written(key.id()).starts_with(&digits)).collect();
    let meant: Vec<_> = if named.is_empty() && digits.len() >= FEWEST_DIGITS { by_id() } else { named };
    match meant.as_slice() {
        [key] => Ok(key.id()),
        [] => Err(Refusal::NoSuchInvitation { invitation: typed.to_owned() }),
        _ => Err(Refusal::SeveralInvitations { invitation: typed.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use shepot_protocol::AccessKey;

    use super::*;

    #[test]
    fn a_key_is_found_by_its_name_or_the_beginning_of_its_id() {
        let key = |n: u8, label: &str| IssuedKey::unbounded(AccessKey::new([n; 32]), 0).named(label);
        let keys = [key(1, "table"), key(2, "door"), key(3, "door"), key(4, "")];
        let keys: Vec<_> = keys.iter().collect();
        assert_eq!(find(&keys, " table "), Ok(keys[0].id()));
        assert!(matches!(find(&keys, "door"), Err(Refusal::SeveralInvitations { .. })));
        let id = written(keys[3].id());
        assert_eq!(find(&keys, &id), Ok(keys[3].id()));
        assert_eq!(find(&keys, &id[..8].to_uppercase()), Ok(keys[3].id()));
        for nothing in ["", "x", &id[..3], "chair"] {
            assert!(matches!(find(&keys, nothing), Err(Refusal::NoSuchInvitation { .. })), "{nothing}");
        }
    }

    #[test]
    fn a_name_is_taken_as_it_is_or_not_at_all() {
        let issued = |label: &str| issue(&Wish { label: Some(label.into()), ..Wish::default() }, 0);
        assert_eq!(issued(" стол у окна ").unwrap().label, "стол у окна");
        assert_eq!(issued(&"я".repeat(31)).unwrap().label, "я".repeat(31));
        for wrong in ["", "  ", &"я".repeat(32), "a\u{1b}[31mb", "a\nb", "a\u{202e}b"] {
            assert!(matches!(issued(wrong), Err(Refusal::WrongName { .. })), "{wrong:?}");
        }
    }

    #[test]
    fn the_end_of_a_key_stands_in_the_link() {
        let wish = Wish { label: Some("table".into()), seconds: Some(60), uses: Some(3) };
        let key = issue(&wish, 1_000).unwrap();
        assert_eq!((key.expires_at, key.most_uses, &*key.label), (Some(1_060), Some(3), "table"));
        let address = ("203.0.113.5:7443".parse().unwrap(), Reach::Everywhere);
        let invitation = to_server(address, Pin([1; 32]), Some(key), 1_000);
        let link: Invitation = invitation.link.parse().unwrap();
        assert_eq!(link.expires_at, Some(1_060));
        assert!(link.circle_secret.is_none() && link.owner.is_none() && link.owner_seed.is_none());
        assert!(!format!("{invitation:?}").contains("shepot://"));
    }
}
