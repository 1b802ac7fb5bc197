//! The invitation: `shepot://host:port/#…`, the part after `#` being base64url of a compact payload.
//!
//! The payload, in this order: version (1 byte, now 1), flags (1), pin (32), access key (32, flag 0), circle secret
//! (32, flag 1), owner id (16, flag 2), owner seed (32, flag 3), expiry (8, flag 4, seconds since 1970), succession (4
//! + 16 + 96, flag 5: generation, circle, proof), CRC-32 of all before (4). Numbers are big-endian. A browser that
//!   opens the link by mistake never sends the part after `#` anywhere.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::address::{Address, AddressError};
use crate::id::{CircleId, OwnerId};
use crate::limits::LINK_CHARACTERS;
use crate::succession::Succession;

/// The prefix of every invitation.
pub const SCHEME: &str = "shepot://";

/// Payload version that this build reads and writes. It also determines the MLS cipher suite: 1 is 0x004F.
pub const PAYLOAD_VERSION: u8 = 1;

const CHECKSUM_BYTES: usize = 4;

/// SHA-256 of the relay's public key (SubjectPublicKeyInfo, DER).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pin(pub [u8; 32]);

/// Declares a secret of 32 bytes, which is wiped when dropped and never printed.
macro_rules! secret {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
        pub struct $name([u8; 32]);

        impl $name {
            /// Makes a secret from its bytes.
            #[must_use]
            pub const fn new(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }

            /// The raw bytes. Keep them for as short a time as possible.
            #[must_use]
            pub const fn expose(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    };
}

secret!(
    /// The access key of a relay. It is proved on every connection and never sent.
    AccessKey
);
secret!(
    /// The secret of a circle. It is never sent to a relay.
    CircleSecret
);
secret!(
    /// The seed of an owner's Ed25519 key (RFC 8032), which makes its holder the owner of a circle.
    OwnerSeed
);

/// Everything that a newcomer needs to enter a circle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Address of the relay.
    pub address: Address,
    /// Pin of the relay's identity.
    pub pin: Pin,
    /// Access key of the relay. `None`: the relay is open.
    pub access_key: Option<AccessKey>,
    /// Secret of the circle. `None`: the relay's open circle is meant.
    pub circle_secret: Option<CircleSecret>,
    /// Owner of the circle. `None`: it has no owner.
    pub owner: Option<OwnerId>,
    /// The owner's seed. `None`: this invitation makes nobody the owner.
    pub owner_seed: Option<OwnerSeed>,
    /// Expiry, in seconds since 1970. `None`: it never expires.
    pub expires_at: Option<u64>,
    /// The succession of the present generation. `None` in generation 0.
    pub succession: Option<Succession>,
}

/// Why an invitation is invalid.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvitationError {
    /// Not a Shepot link.
    #[error("not an invitation")]
    NotAnInvitation,
    /// Longer than an invitation can be.
    #[error("the invitation is too long")]
    TooLong,
    /// The address in it cannot be read.
    #[error("the invitation's address: {0}")]
    Address(#[from] AddressError),
    /// A part is missing or a character was changed, for example because only half of the link was copied.
    #[error("the invitation is damaged")]
    Damaged,
    /// Made by a newer program.
    #[error("the invitation has version {0}")]
    Newer(u8),
}

impl Invitation {
    const ACCESS: u8 = 1 << 0;
    const SECRET: u8 = 1 << 1;
    const OWNER: u8 = 1 << 2;
    const OWNER_SEED: u8 = 1 << 3;
    const EXPIRY: u8 = 1 << 4;
    const SUCCESSION: u8 = 1 << 5;
    const KNOWN: u8 = (1 << 6) - 1;

    /// The link. Anybody who has it gets in, so it must not appear in a log, an argument list or a window title.
    #[must_use]
    pub fn to_link(&self) -> Zeroizing<String> {
        let payload = self.payload();
        let mut link = Zeroizing::new(String::with_capacity(LINK_CHARACTERS));
        link.push_str(SCHEME);
        // Other programs make links of texts, and know where an ASCII one ends.
        link.push_str(&self.address.to_ascii());
        link.push_str("/#");
        URL_SAFE_NO_PAD.encode_string(payload.as_slice(), &mut link);
        link
    }

    fn payload(&self) -> Zeroizing<Vec<u8>> {
        let mut payload = Zeroizing::new(Vec::with_capacity(384));
        let mut flags = 0;
        payload.extend_from_slice(&[PAYLOAD_VERSION, 0]);
        payload.extend_from_slice(&self.pin.0);
        let mut part = |flag: u8, bytes: Option<&[u8]>| {
            if let Some(bytes) = bytes {
                flags |= flag;
                payload.extend_from_slice(bytes);
            }
        };
        part(Self::ACCESS, self.access_key.as_ref().map(|key| &key.expose()[..]));
        part(Self::SECRET, self.circle_secret.as_ref().map(|secret| &secret.expose()[..]));
        part(Self::OWNER, self.owner.as_ref().map(|owner| &owner.0[..]));
        part(Self::OWNER_SEED, self.owner_seed.as_ref().map(|seed| &seed.expose()[..]));
        part(Self::EXPIRY, self.expires_at.map(u64::to_be_bytes).as_ref().map(<[u8; 8]>::as_slice));
        let succession = self.succession.map(|succession| {
            [&succession.generation.to_be_bytes()[..], succession.circle.as_bytes(), &succession.proof]
                .concat()
        });
        part(Self::SUCCESSION, succession.as_deref());
        if let Some(byte) = payload.get_mut(1) {
            *byte = flags;
        }
        let checksum = crc32fast::hash(&payload);
        payload.extend_from_slice(&checksum.to_be_bytes());
        payload
    }

    fn from_payload(address: Address, payload: &[u8]) -> Result<Self, InvitationError> {
        let (&version, _) = payload.split_first().ok_or(InvitationError::Damaged)?;
        let (body, checksum) =
            payload.split_last_chunk::<CHECKSUM_BYTES>().ok_or(InvitationError::Damaged)?;
        // The same in every version: one wrong letter does not make an invitation newer.
        if version == 0 || crc32fast::hash(body) != u32::from_be_bytes(*checksum) {
            return Err(InvitationError::Damaged);
        }
        if version > PAYLOAD_VERSION {
            return Err(InvitationError::Newer(version));
        }
        let mut parts = Parts { rest: body, flags: 0 };
        let [_, flags] = parts.take::<2>()?;
        if flags & !Self::KNOWN != 0 {
            return Err(InvitationError::Newer(version));
        }
        parts.flags = flags;
        let pin = Pin(parts.take()?);
        let invitation = Self {
            address,
            pin,
            access_key: parts.optional(Self::ACCESS)?.map(AccessKey::new),
            circle_secret: parts.optional(Self::SECRET)?.map(CircleSecret::new),
            owner: parts.optional(Self::OWNER)?.map(OwnerId),
            owner_seed: parts.optional(Self::OWNER_SEED)?.map(OwnerSeed::new),
            expires_at: parts.optional(Self::EXPIRY)?.map(u64::from_be_bytes),
            succession: match parts.optional::<4>(Self::SUCCESSION)? {
                Some(generation) => Some(Succession {
                    generation: u32::from_be_bytes(generation),
                    circle: CircleId(parts.take()?),
                    proof: parts.take()?,
                }),
                None => None,
            },
        };
        if parts.rest.is_empty() { Ok(invitation) } else { Err(InvitationError::Damaged) }
    }
}

/// Reads a payload piece by piece.
struct Parts<'a> {
    rest: &'a [u8],
    flags: u8,
}

impl Parts<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], InvitationError> {
        let (part, rest) = self.rest.split_first_chunk::<N>().ok_or(InvitationError::Damaged)?;
        self.rest = rest;
        Ok(*part)
    }

    fn optional<const N: usize>(&mut self, flag: u8) -> Result<Option<[u8; N]>, InvitationError> {
        if self.flags & flag == 0 { Ok(None) } else { self.take().map(Some) }
    }
}

impl FromStr for Invitation {
    type Err = InvitationError;

    fn from_str(link: &str) -> Result<Self, InvitationError> {
        let link = link.trim();
        if link.chars().count() > LINK_CHARACTERS {
            return Err(InvitationError::TooLong);
        }
        let scheme = link.get(..SCHEME.len()).filter(|s| s.eq_ignore_ascii_case(SCHEME));
        if scheme.is_none() {
            return Err(InvitationError::NotAnInvitation);
        }
        let rest = link.get(SCHEME.len()..).unwrap_or_default();
        let (address, payload) = rest.split_once('#').ok_or(InvitationError::Damaged)?;
        let address: Address = address.strip_suffix('/').unwrap_or(address).parse()?;
        let payload = Zeroizing::new(URL_SAFE_NO_PAD.decode(payload).map_err(|_| InvitationError::Damaged)?);
        Self::from_payload(address, &payload)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn full() -> Invitation {
        Invitation {
            address: "203.0.113.5:7443".parse().unwrap(),
            pin: Pin([1; 32]),
            access_key: Some(AccessKey::new([2; 32])),
            circle_secret: Some(CircleSecret::new([3; 32])),
            owner: Some(OwnerId([4; 16])),
            owner_seed: Some(OwnerSeed::new([5; 32])),
            expires_at: Some(1_800_000_000),
            succession: Some(Succession { generation: 6, circle: CircleId([7; 16]), proof: [8; 96] }),
        }
    }

    fn usual() -> Invitation {
        Invitation { owner_seed: None, expires_at: None, succession: None, ..full() }
    }

    #[test]
    fn a_link_is_ascii_whatever_its_host_is_called() {
        let invitation = Invitation { address: "пример.рф:7443".parse().unwrap(), ..full() };
        let link = invitation.to_link();
        assert!(link.starts_with("shepot://xn--e1afmkfd.xn--p1ai:7443/#") && link.is_ascii(), "{}", *link);
        assert_eq!(link.parse::<Invitation>().unwrap().address.to_string(), "пример.рф:7443");
    }

    #[test]
    fn the_usual_link_has_exact_characters() {
        assert_eq!(
            *usual().to_link(),
            "shepot://203.0.113.5:7443/#AQcBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQICAgICAgICAgICAgI\
             CAgICAgICAgICAgICAgICAgICAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMEBAQEBAQEBAQEBAQEBAQEG_cBVw"
        );
    }

    #[test]
    fn every_part_survives() {
        for invitation in [full(), usual()] {
            assert_eq!(invitation.to_link().parse::<Invitation>().unwrap(), invitation);
        }
        let bare = Invitation { access_key: None, circle_secret: None, owner: None, ..usual() };
        assert_eq!(bare.to_link().parse::<Invitation>().unwrap(), bare);
    }

    #[test]
    fn a_usual_link_fits_a_code_that_a_phone_reads() {
        // QR version 10 at the lowest correction level holds 271 bytes: 57 modules a side.
        assert!(usual().to_link().len() <= 271, "{} characters", usual().to_link().len());
    }

    #[test]
    fn every_changed_letter_and_every_cut_is_noticed() {
        let link = usual().to_link();
        let start = link.find('#').unwrap() + 1;
        for end in start..link.len() {
            assert!(link[..end].parse::<Invitation>().is_err(), "cut at {end}");
        }
        for at in start..link.len() {
            let mut changed = link.to_string().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(changed.parse::<Invitation>().is_err(), "changed at {at}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        let error = |link: &str| link.parse::<Invitation>().unwrap_err();
        assert_eq!(error("https://example.org/"), InvitationError::NotAnInvitation);
        assert_eq!(error("shepot://host:1/"), InvitationError::Damaged);
        assert_eq!(error("shepot://host:1/#"), InvitationError::Damaged);
        assert_eq!(
            error("shepot://host:99999/#AQ"),
            InvitationError::Address(AddressError::Port("99999".into()))
        );
        assert_eq!(error("shepot://host:1/#Ag"), InvitationError::Damaged);
        assert_eq!(error("shepot://host:1/#abc"), InvitationError::Damaged);
        assert_eq!(error(&format!("shepot://{}", "a".repeat(2000))), InvitationError::TooLong);
        assert_eq!(error("шёпот://"), InvitationError::NotAnInvitation);
    }

    /// A link with a right checksum, whatever is in it.
    fn link(address: &str, body: &[u8]) -> String {
        let checked = [body, &crc32fast::hash(body).to_be_bytes()].concat();
        format!("shepot://{address}/#{}", URL_SAFE_NO_PAD.encode(checked))
    }

    #[test]
    fn what_no_program_writes_is_refused_with_a_right_checksum_too() {
        let body = |version: u8, flags: u8| [&[version, flags][..], &[1; 32]].concat();
        let read = |link: String| link.parse::<Invitation>();
        assert!(read(link("host:1", &body(1, 0))).is_ok(), "the control");
        assert_eq!(read(link("host:1", &body(0, 0))), Err(InvitationError::Damaged));
        assert!(matches!(read(link("host:1", &body(2, 0))), Err(InvitationError::Newer(_))));
        for unknown in [1 << 6, 1 << 7] {
            assert!(matches!(read(link("host:1", &body(1, unknown))), Err(InvitationError::Newer(_))));
        }
        assert_eq!(read(link("host:1", &[&body(1, 0)[..], &[0]].concat())), Err(InvitationError::Damaged));
        let named = read(link("Name:host:1", &body(1, 0)));
        assert!(matches!(named, Err(InvitationError::Address(AddressError::Host(_)))), "{named:?}");
    }

    #[test]
    fn secrets_are_not_printed() {
        let shown = format!("{:?}", full());
        for digits in ["[2, 2", "[3, 3", "[5, 5", "0202", "0303", "0505"] {
            assert!(!shown.contains(digits), "{shown}");
        }
        assert!(shown.contains("AccessKey(..)"));
    }

    proptest! {
        #[test]
        fn anything_pasted_is_an_invitation_or_an_error(text in ".*", payload in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = text.parse::<Invitation>();
            let _ = format!("shepot://h:1/#{}", URL_SAFE_NO_PAD.encode(payload)).parse::<Invitation>();
        }
    }
}
