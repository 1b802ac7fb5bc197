//! What a person types or pastes to add a server.

use aws_lc_rs::digest::{Context, SHA256};
use serde::Serialize;
use shepot_group::{CircleKeys, OwnerKey};
use shepot_protocol::OwnerId;
use shepot_protocol::address::{Address, AddressError, Host};
use shepot_protocol::limits::SERVER_NAME_CHARACTERS;
use shepot_protocol::{
    AccessKey, CircleId, CircleSecret, Invitation, InvitationError, OwnerSeed, Pin, ServerAddress, Succession,
};
use shepot_sanitise::Sanitised;
use zeroize::Zeroizing;

use crate::pasted;
use crate::session::SessionConfig;
use crate::succession;

/// A relay's address, its identity and the access key that opens it.
pub(crate) struct Target {
    pub(crate) address: Address,
    /// `None` for an open relay that was never reached.
    pub(crate) pin: Option<Pin>,
    pub(crate) access_key: Option<AccessKey>,
}

/// A server to add.
pub(crate) struct Entry {
    pub(crate) name: Sanitised,
    pub(crate) target: Target,
    pub(crate) circle: CircleInvitation,
}

/// The circle that an invitation leads to, and what opens it.
pub(crate) struct CircleInvitation {
    pub(crate) secret: Option<CircleSecret>,
    pub(crate) succession: Option<Succession>,
    pub(crate) owner: Option<OwnerId>,
    pub(crate) owner_seed: Option<OwnerSeed>,
    pub(crate) expires_at: Option<u64>,
}

/// What is wrong with an invitation or an address. Interfaces have a sentence for each case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "error", rename_all = "snake_case")]
pub enum EntryError {
    /// Nothing was typed.
    Empty,
    /// Longer than an invitation or an address can be.
    TooLong,
    /// Looks like a link, but not like an invitation.
    NotAnInvitation,
    /// Copied incompletely or altered.
    Damaged,
    /// Made by a newer program.
    Newer,
    /// The invitation has expired.
    Expired {
        /// The host that it led to.
        host: String,
    },
    /// The host is neither a host name nor an IP address.
    Host {
        /// The text as typed.
        typed: String,
    },
    /// A single word. The name of a machine needs a port here, and a piece of an invitation is useless.
    Word {
        /// The text as typed.
        typed: String,
    },
    /// The port is not a number from 1 to 65535.
    Port {
        /// The text as typed.
        typed: String,
    },
    /// An IPv6 address without brackets.
    Ipv6NeedsBrackets,
    /// The name for the server is not valid.
    Name,
    /// The list is full.
    TooManyServers,
    /// Only an invitation to the same relay can share a link, and only if the link was made by an invitation.
    NotOnThisLink,
    /// Its circle uses that link already.
    SameCircle,
    /// That link has as many circles as it can have.
    TooManyCircles,
}

/// The parts of what was typed, to show to the person before it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryPreview {
    /// The name before the address, if one was typed.
    pub name: Option<Sanitised>,
    /// The host name or IP address.
    pub host: String,
    /// The port.
    pub port: u16,
    /// It is an address rather than an invitation, so the server's identity is unknown before the first connection.
    pub is_open: bool,
    /// Its holder becomes the owner of the circle.
    pub is_owner: bool,
    /// Until when it lets newcomers in, as far as it says so: seconds since 1970.
    pub expires_at: Option<u64>,
}

/// Parses what was typed without adding anything. `now`: seconds since 1970.
///
/// # Errors
///
/// [`EntryError`], which says what is wrong.
pub fn preview(typed: &str, now: u64) -> Result<EntryPreview, EntryError> {
    let entry = Entry::parse(typed, None)?;
    let address = &entry.target.address;
    let host = address.host.to_string();
    if entry.circle.expires_at.is_some_and(|at| at <= now) {
        return Err(EntryError::Expired { host });
    }
    Ok(EntryPreview {
        name: Some(entry.name).filter(|name| **name != *host),
        host,
        port: address.port,
        is_open: entry.target.pin.is_none(),
        is_owner: entry.circle.owner_seed.is_some(),
        expires_at: entry.circle.expires_at,
    })
}

/// An entry in the form in which it is kept: an invitation is freed from what messengers and mail did to it.
///
/// # Errors
///
/// [`EntryError`], which says what is wrong.
pub fn normal(typed: &str) -> Result<Zeroizing<String>, EntryError> {
    let typed = typed.trim();
    if is_invitation(typed) {
        return Ok(pasted::invitation(typed)?.to_link());
    }
    Ok(Zeroizing::new(typed.to_owned()))
}

/// The invitation in a text that somebody writes or said, or an error if it is damaged. `None`: the text contains none.
#[must_use]
pub fn invitation_in(text: &str) -> Option<Result<Zeroizing<String>, EntryError>> {
    match pasted::invitation(text) {
        Ok(invitation) => Some(Ok(invitation.to_link())),
        // It is only spoken of.
        Err(InvitationError::NotAnInvitation) => None,
        Err(error) => pasted::is_secret(text).then(|| Err(error.into())),
    }
}

/// The same entry with another address. The server's identity and the secrets stay.
///
/// # Errors
///
/// [`EntryError`] if the entry or the address is not valid.
pub fn with_address(typed: &str, address: &str) -> Result<Zeroizing<String>, EntryError> {
    let address = parse_address(address)?;
    let typed = typed.trim();
    if !is_invitation(typed) {
        return Ok(Zeroizing::new(address.to_string()));
    }
    let mut invitation = pasted::invitation(typed)?;
    invitation.address = address;
    Ok(invitation.to_link())
}

/// Whether two entries lead into the same circle of the same owner, by whatever address, access key or generation. Bare
/// addresses do if they are equal.
///
/// In a later generation the circle id is only what the link claims, with the word of the owner that it names. So the
/// id alone would let anybody's link pass for that circle.
#[must_use]
pub fn is_same_circle(one: &str, other: &str) -> bool {
    let (Ok(one), Ok(other)) = (Entry::parse(one, None), Entry::parse(other, None)) else { return false };
    one.is_same_circle(&other)
}

/// Whether a stored entry may be replaced by another one of the same circle. An earlier generation never replaces a
/// later one, and an entry that makes nobody the owner never replaces an owner's.
#[must_use]
pub fn may_give_place(kept: &str, other: &str) -> bool {
    let (Ok(kept), Ok(other)) = (Entry::parse(kept, None), Entry::parse(other, None)) else { return false };
    let loses_owner = kept.circle.owner_seed.is_some() && other.circle.owner_seed.is_none();
    kept.is_same_circle(&other) && other.generation() >= kept.generation() && !loses_owner
}

/// Whether an entry leads to another address than the kept one, or to another relay there. A kept address without an
/// identity can be that of any relay. Invalid entries count as different.
#[must_use]
pub fn lead_apart(kept: &str, other: &str) -> bool {
    let (Ok(kept), Ok(other)) = (Entry::parse(kept, None), Entry::parse(other, None)) else { return true };
    let is_other_relay = kept.target.pin.is_some() && kept.target.pin != other.target.pin;
    kept.target.address != other.target.address || is_other_relay
}

/// Parses an address without a name.
pub(crate) fn parse_address(typed: &str) -> Result<Address, EntryError> {
    let typed = typed.trim();
    let address = typed.parse::<Address>()?;
    if is_word(typed) {
        return Err(EntryError::Word { typed: typed.to_owned() });
    }
    Ok(address)
}

/// What was typed in the place of an address, in a form that may be shown: an invitation is a secret.
pub(crate) fn without_secrets(typed: &str) -> String {
    let typed = typed.trim();
    if is_invitation(typed) { "shepot://…".to_owned() } else { typed.to_owned() }
}

/// Whether it is rather a piece of an invitation than a machine. No name server may be asked about it.
fn is_word(typed: &str) -> bool {
    !typed.contains(['.', ':']) && !typed.eq_ignore_ascii_case("localhost")
}

fn is_invitation(typed: &str) -> bool {
    typed.contains("://") || typed.contains('#') || typed.contains("%23") || pasted::is_secret(typed)
}

impl Entry {
    /// Parses an entry. Does not check the expiry, because a person who has the entry on the list is told on
    /// connecting.
    pub(crate) fn parse(typed: &str, name: Option<String>) -> Result<Self, EntryError> {
        let typed = typed.trim();
        if is_invitation(typed) {
            let invitation = pasted::invitation(typed)?;
            if !succession::is_right(&invitation) {
                return Err(EntryError::Damaged);
            }
            return Ok(Self::from_invitation(invitation, name));
        }
        let server: ServerAddress = typed.parse()?;
        if is_word(typed) {
            return Err(EntryError::Word { typed: typed.to_owned() });
        }
        Ok(Self {
            name: shown_name(name.or(server.name), &server.address.host),
            target: Target { address: server.address, pin: None, access_key: None },
            circle: CircleInvitation {
                secret: None,
                succession: None,
                owner: None,
                owner_seed: None,
                expires_at: None,
            },
        })
    }

    fn is_same_circle(&self, other: &Self) -> bool {
        match (self.circle_id(), other.circle_id()) {
            (Some(id), Some(of_other)) => id == of_other && self.circle.owner == other.circle.owner,
            (None, None) => self.target.address == other.target.address,
            (Some(_), None) | (None, Some(_)) => false,
        }
    }

    /// How often the owner has changed the circle's secret, according to the entry.
    fn generation(&self) -> u32 {
        self.circle.succession.as_ref().map_or(0, |succession| succession.generation)
    }

    /// The circle's constant id. `None` for an open relay whose identity is unknown.
    pub(crate) fn circle_id(&self) -> Option<CircleId> {
        let keys = self.circle.config().keys;
        let keys = keys.or_else(|| self.target.pin.as_ref().map(keys_of_open_circle));
        keys.map(|keys| CircleId(*keys.circle()))
    }

    fn from_invitation(invitation: Invitation, name: Option<String>) -> Self {
        Self {
            name: shown_name(name, &invitation.address.host),
            target: Target {
                address: invitation.address,
                pin: Some(invitation.pin),
                access_key: invitation.access_key,
            },
            circle: CircleInvitation {
                secret: invitation.circle_secret,
                succession: invitation.succession,
                owner: invitation.owner,
                owner_seed: invitation.owner_seed,
                expires_at: invitation.expires_at,
            },
        }
    }
}

impl CircleInvitation {
    /// What a session needs. It has no keys for an open relay, whose identity gives them.
    pub(crate) fn config(&self) -> SessionConfig {
        let keys = self.secret.as_ref().map(|secret| match &self.succession {
            Some(succession) => {
                CircleKeys::rotated(secret.expose(), succession.generation, succession.circle.0)
            }
            None => CircleKeys::new(secret.expose()),
        });
        SessionConfig {
            keys,
            succession: self.succession.as_ref().map(succession::of_invitation),
            owner: self.owner.map(|owner| owner.0),
            owner_key: self.owner_seed.as_ref().map(|seed| OwnerKey::from_seed(seed.expose())),
        }
    }
}

/// The keys of an open relay's circle. Anybody who knows the address can enter it. So can the operator, as a member
/// whom everybody sees.
pub(crate) fn keys_of_open_circle(pin: &Pin) -> CircleKeys {
    let mut hash = Context::new(&SHA256);
    hash.update(b"shepot open circle v1");
    hash.update(&pin.0);
    let digest = hash.finish();
    let secret = digest.as_ref().first_chunk().copied().unwrap_or([0; 32]);
    CircleKeys::new(&secret)
}

/// The name of a server: the given one after cleaning, or the host if that leaves no valid name.
fn shown_name(name: Option<String>, host: &Host) -> Sanitised {
    let given = name.and_then(|name| shepot_sanitise::line(&name, SERVER_NAME_CHARACTERS));
    given.unwrap_or_else(|| Sanitised::in_one_line(&host.to_string()))
}

impl From<InvitationError> for EntryError {
    fn from(error: InvitationError) -> Self {
        match error {
            InvitationError::NotAnInvitation => Self::NotAnInvitation,
            InvitationError::TooLong => Self::TooLong,
            InvitationError::Address(address) => address.into(),
            InvitationError::Damaged => Self::Damaged,
            InvitationError::Newer(_) => Self::Newer,
        }
    }
}

impl From<AddressError> for EntryError {
    fn from(error: AddressError) -> Self {
        match error {
            AddressError::Empty => Self::Empty,
            AddressError::TooLong => Self::TooLong,
            AddressError::Host(typed) => Self::Host { typed },
            AddressError::Port(typed) => Self::Port { typed },
            AddressError::Ipv6NeedsBrackets => Self::Ipv6NeedsBrackets,
            AddressError::Name => Self::Name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_leads_to_another_address_and_stays_the_same_server() {
        let invitation = Invitation {
            address: "192.0.2.1:7000".parse().unwrap(),
            pin: Pin([7; 32]),
            access_key: None,
            circle_secret: Some(CircleSecret::new([9; 32])),
            owner: None,
            owner_seed: None,
            expires_at: Some(5),
            succession: None,
        };
        let moved: Invitation =
            with_address(&invitation.to_link(), " relay.example.org:443 ").unwrap().parse().unwrap();
        assert_eq!(moved.address.to_string(), "relay.example.org:443");
        assert_eq!((moved.pin, moved.expires_at), (invitation.pin, invitation.expires_at));
        assert_eq!(moved.circle_secret.unwrap().expose(), &[9; 32]);
        assert_eq!(*with_address("Home:192.0.2.1:7000", "[::1]:8000").unwrap(), "[::1]:8000");
        assert_eq!(
            with_address("192.0.2.1:7000", "garbage").unwrap_err(),
            EntryError::Word { typed: "garbage".to_owned() }
        );
        assert_eq!(
            with_address("192.0.2.1:7000", "a b").unwrap_err(),
            EntryError::Host { typed: "a b".to_owned() }
        );
    }

    #[test]
    fn an_invitation_to_a_later_generation_needs_its_owners_word() {
        let owner = OwnerKey::from_seed(&[7; 32]);
        let circle = *CircleKeys::new(&[9; 32]).circle();
        let invitation = |by: &OwnerKey, generation| Invitation {
            address: "192.0.2.1:7000".parse().unwrap(),
            pin: Pin([7; 32]),
            access_key: None,
            circle_secret: Some(CircleSecret::new([8; 32])),
            owner: Some(OwnerId(owner.id())),
            owner_seed: None,
            expires_at: None,
            succession: Some(succession::for_others(&by.succession(circle, generation))),
        };
        let read = |invitation: Invitation| {
            Entry::parse(&invitation.to_link(), None).map(|entry| entry.circle.config())
        };
        let keys = read(invitation(&owner, 2)).ok().unwrap().keys.unwrap();
        assert_eq!((keys.generation(), keys.circle()), (2, &circle));
        let damaged = |invitation| read(invitation).err() == Some(EntryError::Damaged);
        assert!(damaged(invitation(&OwnerKey::from_seed(&[6; 32]), 2)));
        assert!(damaged(invitation(&owner, 0)));
        assert!(damaged(Invitation { owner: None, ..invitation(&owner, 2) }));
    }

    #[test]
    fn a_newer_invitation_leads_into_the_circle_that_an_earlier_led_into() {
        let owner = OwnerKey::from_seed(&[7; 32]);
        let first = CircleKeys::new(&[9; 32]);
        let link = |secret, access_key: u8, generation| {
            let invitation = Invitation {
                address: format!("192.0.2.1:{}", 7000 + u16::from(access_key)).parse().unwrap(),
                pin: Pin([7; 32]),
                access_key: Some(AccessKey::new([access_key; 32])),
                circle_secret: Some(CircleSecret::new([secret; 32])),
                owner: Some(OwnerId(owner.id())),
                owner_seed: None,
                expires_at: Some(u64::from(access_key)),
                succession: (generation > 0)
                    .then(|| succession::for_others(&owner.succession(*first.circle(), generation))),
            };
            invitation.to_link().to_string()
        };
        assert!(is_same_circle(&link(9, 1, 0), &link(9, 2, 0)), "another access key and address");
        assert!(is_same_circle(&link(9, 1, 0), &link(8, 1, 1)), "a later generation");
        assert!(!is_same_circle(&link(9, 1, 0), &link(8, 1, 0)), "another secret is another circle");
        assert!(!may_give_place(&link(8, 1, 1), &link(9, 1, 0)), "of an earlier generation");
        assert!(
            may_give_place(&link(9, 1, 0), &link(8, 1, 1)) && may_give_place(&link(9, 1, 0), &link(9, 2, 0))
        );
        assert!(lead_apart(&link(9, 1, 0), &link(9, 2, 0)) && !lead_apart(&link(9, 1, 0), &link(8, 1, 1)));
        let address = link(9, 1, 0).parse::<Invitation>().unwrap().address.to_string();
        assert!(!lead_apart(&address, &link(9, 1, 0)) && lead_apart(&link(9, 1, 0), &address), "no identity");
        assert!(is_same_circle("Home:192.0.2.1:7000", " 192.0.2.1:7000"));
        assert!(!is_same_circle("192.0.2.1:7000", "192.0.2.1:7001") && !is_same_circle("?", "?"));
        assert!(!is_same_circle("192.0.2.1:7001", &link(9, 1, 0)), "an address names no circle");
    }

    #[test]
    fn a_link_with_the_id_of_a_circle_and_another_owner_is_another_circle() {
        let circle = CircleKeys::new(&[9; 32]);
        let link = |owner: u8, secret: u8, generation| {
            let owner = OwnerKey::from_seed(&[owner; 32]);
            let invitation = Invitation {
                address: "192.0.2.1:7000".parse().unwrap(),
                pin: Pin([7; 32]),
                access_key: Some(AccessKey::new([1; 32])),
                circle_secret: Some(CircleSecret::new([secret; 32])),
                owner: Some(OwnerId(owner.id())),
                owner_seed: None,
                expires_at: None,
                succession: (generation > 0)
                    .then(|| succession::for_others(&owner.succession(*circle.circle(), generation))),
            };
            invitation.to_link().to_string()
        };
        assert!(is_same_circle(&link(7, 9, 0), &link(7, 8, 1)), "control");
        assert!(!is_same_circle(&link(7, 9, 0), &link(6, 8, 1)));
        assert!(!may_give_place(&link(7, 9, 0), &link(6, 8, 1)));
    }

    #[test]
    fn one_whose_time_is_over_says_where_it_led_to() {
        let invitation = Invitation {
            address: "192.0.2.1:7000".parse().unwrap(),
            pin: Pin([7; 32]),
            access_key: None,
            circle_secret: Some(CircleSecret::new([9; 32])),
            owner: None,
            owner_seed: None,
            expires_at: Some(5),
            succession: None,
        };
        let read = |now| preview(&invitation.to_link(), now).map(|preview| preview.port);
        assert_eq!(read(4), Ok(7000));
        assert_eq!(read(5), Err(EntryError::Expired { host: "192.0.2.1".to_owned() }));
    }

    #[test]
    fn no_mistake_repeats_a_secret() {
        let payload = "AQcBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQICAgICAgICAgICAgICAgICAgICAgICAgICAg";
        for typed in [
            payload.to_owned(),
            format!("shepot:/203.0.113.5:7443/#{payload}"),
            format!("203.0.113.5:7443/#{payload}"),
            format!("host:{payload}"),
            format!("Name:host:7443/{payload}"),
            format!("shepot://203.0.113.5:7443/{payload}"),
        ] {
            let error = Entry::parse(&typed, None).err().unwrap();
            let told = serde_json::to_string(&error).unwrap();
            assert!(!told.contains("AQcB") && !told.contains("AgIC"), "{told}");
            let told = without_secrets(&typed);
            assert!(!told.contains("AQcB") && !told.contains("AgIC"), "{told}");
        }
    }
}
