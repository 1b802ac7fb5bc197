//! Ed25519 verification (RFC 8032), by aws-lc. The relay verifies; it never signs for a circle.

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use shepot_protocol::{OwnerId, Seat, SeatSecret, Signature, Succession, VerificationKey, transcript};

/// Verifies a signature over a message by this key. A parameter, so that tests can drive a circle without keys.
pub type Verify = fn(&VerificationKey, &[u8], &Signature) -> bool;

/// Verifies Ed25519 signatures with aws-lc.
#[must_use]
pub fn ed25519(key: &VerificationKey, message: &[u8], signature: &Signature) -> bool {
    UnparsedPublicKey::new(&ED25519, key.as_bytes()).verify(message, signature.as_bytes()).is_ok()
}

/// Whether a succession is the word of this owner (docs/PROTOCOL.md, section 15.1).
#[must_use]
pub fn is_owners_word(succession: &Succession, owner: OwnerId, verify: Verify) -> bool {
    let key = succession.public_key();
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, key.as_bytes());
    let signed = transcript::succession(&succession.circle, succession.generation);
    digest.as_ref().starts_with(owner.as_bytes()) && verify(&key, &signed, &succession.signature())
}

/// The seat that belongs to a secret (docs/PROTOCOL.md, section 6.2). Without the secret nobody can take the seat,
/// whatever the relay knows or has forgotten.
#[must_use]
pub fn seat_of(secret: SeatSecret) -> Seat {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &transcript::seat_number(secret));
    let first = digest.as_ref().first_chunk().copied();
    Seat(u64::from_be_bytes(first.unwrap_or_default()))
}

/// The id of a commit: the first 16 bytes of the SHA-256 of its blob.
#[must_use]
pub fn commit_id(blob: &[u8]) -> shepot_protocol::CommitId {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, blob);
    let first = digest.as_ref().first_chunk().copied();
    shepot_protocol::CommitId(first.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};

    use super::*;

    #[test]
    fn a_signature_counts_for_its_key_and_message_only() {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
        let key = VerificationKey::from_slice(pair.public_key().as_ref()).unwrap();
        let signature = Signature::from_slice(pair.sign(b"message").as_ref()).unwrap();
        assert!(ed25519(&key, b"message", &signature));
        assert!(!ed25519(&key, b"massage", &signature));
        assert!(!ed25519(&VerificationKey([7; 32]), b"message", &signature));
        assert!(!ed25519(&key, b"message", &Signature([0; 64])));
    }

    #[test]
    fn an_owners_word_counts_for_that_owner_root_and_generation() {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
        let public = pair.public_key().as_ref();
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, public);
        let owner = OwnerId::from_slice(&digest.as_ref()[..16]).unwrap();
        let circle = shepot_protocol::CircleId([1; 16]);
        let signature = pair.sign(&transcript::succession(&circle, 2));
        let proof = [public, signature.as_ref()].concat().try_into().unwrap();
        let word = Succession { circle, generation: 2, proof };
        assert!(is_owners_word(&word, owner, ed25519));
        assert!(!is_owners_word(&word, OwnerId([0; 16]), ed25519));
        assert!(!is_owners_word(&Succession { generation: 3, ..word }, owner, ed25519));
        let other = shepot_protocol::CircleId([2; 16]);
        assert!(!is_owners_word(&Succession { circle: other, ..word }, owner, ed25519));
    }

    #[test]
    fn a_seat_is_named_by_its_secret() {
        let secret = SeatSecret([7; 16]);
        // By `printf 'shepot seat number v1\7…' | sha256sum`, with 16 bytes of 7.
        assert_eq!(seat_of(secret), Seat(0x0e94_a659_7745_0a45));
        for at in 0..16 {
            let mut other = secret;
            other.0[at] ^= 1;
            assert_ne!(seat_of(other), seat_of(secret), "byte {at}");
        }
    }

    #[test]
    fn a_commit_is_named_by_its_hash() {
        // SHA-256 of "abc" (FIPS 180-4) begins with these bytes.
        let bytes =
            [0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23];
        assert_eq!(commit_id(b"abc").0, bytes);
    }
}
