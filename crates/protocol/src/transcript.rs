//! The byte strings that proofs and signatures cover, and the labels for key derivation. Each string begins with its
//! own label, so that none can be mistaken for another. Every field has a fixed size.

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::id::{CircleId, CircleName, CommitId, Seat, SeatSecret, VerificationKey};

/// TLS exporter label (RFC 8446, section 7.5) of the value that an access proof covers.
pub const ACCESS_EXPORTER_LABEL: &[u8] = b"EXPORTER-shepot-access-v1";

/// TLS exporter label of the value that a seat proof is bound to.
pub const SEAT_EXPORTER_LABEL: &[u8] = b"EXPORTER-shepot-seat-v1";

/// Length of a channel binding in bytes.
pub const BINDING_BYTES: usize = 32;

/// A value that both ends of one connection know and that no other connection has, exported under one of these labels.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct ChannelBinding(pub [u8; BINDING_BYTES]);

impl ChannelBinding {
    /// The bytes that proofs cover.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; BINDING_BYTES] {
        &self.0
    }
}

/// Input of HMAC-SHA256 under an access key that yields the id of the key.
pub const ACCESS_KEY_ID_LABEL: &[u8] = b"shepot access key id v1";

const SEAT_LABEL: &[u8] = b"shepot seat v1";
const SEAT_NUMBER_LABEL: &[u8] = b"shepot seat number v1";
const ENDORSEMENT_LABEL: &[u8] = b"shepot endorsement v1";
const SUCCESSION_LABEL: &[u8] = b"shepot succession v1";

/// The bytes whose SHA-256 begins with the number of the seat that belongs to this secret (docs/PROTOCOL.md,
/// section 6.2).
#[must_use]
pub fn seat_number(secret: SeatSecret) -> Vec<u8> {
    [SEAT_NUMBER_LABEL, &secret.0].concat()
}

/// What a returning member signs with the epoch key of `epoch`: that it takes `seat` over this very connection.
#[must_use]
pub fn seat(binding: &ChannelBinding, name: &CircleName, seat: Seat, epoch: u64) -> Vec<u8> {
    [SEAT_LABEL, binding.as_bytes(), name.as_bytes(), &seat.0.to_be_bytes(), &epoch.to_be_bytes()].concat()
}

/// What a member signs with the epoch key of `base_epoch` when it endorses a commit.
#[must_use]
pub fn endorsement(
    circle: &CircleId,
    base_epoch: u64,
    commit: &CommitId,
    next_key: &VerificationKey,
) -> Vec<u8> {
    [ENDORSEMENT_LABEL, circle.as_bytes(), &base_epoch.to_be_bytes(), commit.as_bytes(), next_key.as_bytes()]
        .concat()
}

/// What the owner of a circle signs when a generation of it begins. `circle`: the circle id.
#[must_use]
pub fn succession(circle: &CircleId, generation: u32) -> Vec<u8> {
    [SUCCESSION_LABEL, circle.as_bytes(), &generation.to_be_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transcripts_have_exact_bytes() {
        let circle = CircleId([0x11; 16]);
        let seat_bytes = seat(&ChannelBinding([0x22; 32]), &CircleName([0x11; 16]), Seat(3), 4);
        assert_eq!(
            seat_bytes,
            [
                &b"shepot seat v1"[..],
                &[0x22; 32],
                &[0x11; 16],
                &[0, 0, 0, 0, 0, 0, 0, 3],
                &[0, 0, 0, 0, 0, 0, 0, 4]
            ]
            .concat()
        );
        let endorsement_bytes = endorsement(&circle, 5, &CommitId([0x33; 16]), &VerificationKey([0x44; 32]));
        assert_eq!(
            endorsement_bytes,
            [&b"shepot endorsement v1"[..], &[0x11; 16], &[0, 0, 0, 0, 0, 0, 0, 5], &[0x33; 16], &[0x44; 32]]
                .concat()
        );
        let succession_bytes = succession(&circle, 6);
        assert_eq!(succession_bytes, [&b"shepot succession v1"[..], &[0x11; 16], &[0, 0, 0, 6]].concat());
    }
}
