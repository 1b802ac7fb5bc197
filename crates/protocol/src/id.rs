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

            /// Accepts exactly [`Self::BYTES`] bytes.
            #[must_use]
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }

            /// The id as raw bytes.
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
    /// The id by which frames name a circle for its whole life: its first name (docs/PROTOCOL.md, "Key schedule").
    CircleId, 16
);
opaque!(
    /// The name by which the relay finds a circle. A client that knows it may ask to enter. Derived from the circle's
    /// secret, so each generation has its own (docs/PROTOCOL.md, "Key schedule").
    CircleName, 16
);
opaque!(
    /// The id of an owner: the first 16 bytes of the SHA-256 of the owner's Ed25519 public key.
    OwnerId, 16
);
opaque!(
    /// Identifies a message between its author and the relay, so that a retry is not logged twice.
    PublishId, 16
);
opaque!(
    /// The id of a commit: the first 16 bytes of the SHA-256 of its blob.
    CommitId, 16
);
opaque!(
    /// The id of a log of a circle. There is another log after every restart of the relay.
    LogId, 16
);
opaque!(
    /// The Ed25519 public key of an epoch, derived from its exporter. It identifies no member.
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
    /// Id of an access key: the first 8 bytes of HMAC-SHA256 under it.
    AccessKeyId, 8
);

opaque!(
    /// The ticket with which a client returns: the time of issue, and an authentication code over it that only the
    /// issuing relay can compute. It identifies nobody.
    ReturnTicket, 40
);

/// The number of a member's place in a circle, derived from a [`SeatSecret`] and written into the member's leaf. The
/// relay reports presence by seat, and only members know whose seat it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Seat(pub u64);

impl fmt::Debug for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Seat({:016x})", self.0)
    }
}

/// The secret that a client shows to get its seat back. Only the client and the relay know it. Other members know the
/// number of the seat.
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
