//! The fixed-size names that frames carry.

use std::fmt;

use data_encoding::HEXLOWER;

/// Declares an opaque name of a fixed number of bytes, printed as hexadecimal.
macro_rules! opaque {
    ($(#[$doc:meta])* $name:ident, $bytes:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub [u8; $bytes]);

        impl $name {
            /// Its size in bytes.
            pub const BYTES: usize = $bytes;

            /// Takes the bytes if there are exactly [`Self::BYTES`] of them.
            #[must_use]
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }

            /// The bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; $bytes] {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let first = self.0.first_chunk::<4>().map_or(&[][..], |first| first);
                write!(f, "{}({}…)", stringify!($name), HEXLOWER.encode_display(first))
            }
        }
    };
}

opaque!(
    /// What frames name a circle by, as long as it lives: its first name (docs/PROTOCOL.md, "Key schedule").
    CircleId, 16
);
opaque!(
    /// What a circle is found by, and who knows it may ask to enter. Derived from the circle's secret, so that each
    /// generation has another (docs/PROTOCOL.md, "Key schedule").
    CircleName, 16
);
opaque!(
    /// Names the owner of a circle: the first 16 bytes of SHA-256 of the owner's Ed25519 public key.
    OwnerId, 16
);
opaque!(
    /// Names one message for its author and the relay, so that it is not logged twice.
    PublishId, 16
);
opaque!(
    /// The first 16 bytes of SHA-256 of a commit's blob.
    CommitId, 16
);
opaque!(
    /// The incarnation of a circle's log: another after every restart of the relay.
    LogId, 16
);
opaque!(
    /// Ed25519 public key of an epoch, derived from its exporter. Names no member.
    VerificationKey, 32
);
opaque!(
    /// Ed25519 signature (RFC 8032).
    Signature, 64
);
opaque!(
    /// HMAC-SHA256 over the TLS exporter under an access key.
    AccessProof, 32
);
opaque!(
    /// Which access key: the first 8 bytes of HMAC-SHA256 under it.
    AccessKeyId, 8
);

opaque!(
    /// What a relay gives a client to come back with: when it was given, and an authentication code over it that only
    /// that relay can make. Names nobody.
    ReturnTicket, 40
);

/// The number of a place in a circle, which its member wrote into its leaf; it comes from a [`SeatSecret`]. Presence is told in terms of it; only members can tell whose it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Seat(pub u64);

impl fmt::Debug for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Seat({:016x})", self.0)
    }
}

/// What a client shows to get its seat back. Known to it and to this relay only: other members know the seat's number.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SeatSecret(pub [u8; 16]);

impl SeatSecret {
    /// Its size in bytes.
    pub const BYTES: usize = 16;
}

impl fmt::Debug for SeatSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SeatSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shown_shortened_and_secrets_not_at_all() {
        assert_eq!(format!("{:?}", CircleId([0xab; 16])), "CircleId(abababab…)");
        assert_eq!(format!("{:?}", SeatSecret([7; 16])), "SeatSecret(…)");
    }
}
