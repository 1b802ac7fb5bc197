//! How a client asks for admission and how a relay checks it (docs/PROTOCOL.md, section 4.3): both halves of the proof,
//! so that they cannot differ.

use aws_lc_rs::hmac;
use shepot_protocol::id::{AccessKeyId, AccessProof};
use shepot_protocol::message::Hello;
use shepot_protocol::transcript::{ACCESS_KEY_ID_LABEL, ChannelBinding};
use shepot_protocol::{AccessKey, ReturnTicket, VersionRange, version};

/// The credentials that a client shows to be admitted.
#[derive(Clone)]
pub struct Credentials {
    /// The protocol versions that the client supports.
    pub versions: VersionRange,
    /// The access key. `None` for an open relay.
    pub access_key: Option<AccessKey>,
    /// The return ticket from an earlier admission. `None`: the client has none.
    pub return_ticket: Option<ReturnTicket>,
}

impl Credentials {
    /// Credentials with this key and all versions that this program supports.
    #[must_use]
    pub const fn new(access_key: Option<AccessKey>) -> Self {
        Self { versions: version::SUPPORTED, access_key, return_ticket: None }
    }

    /// The first message on the connection with this binding.
    #[must_use]
    pub fn hello(&self, binding: &ChannelBinding) -> Hello {
        let access = self.access_key.as_ref().map(|key| {
            let verifier = AccessVerifier::new(key);
            (verifier.id(), verifier.proof(binding))
        });
        Hello { versions: self.versions, access, return_ticket: self.return_ticket }
    }
}

/// An access key, ready to make and check proofs.
#[derive(Clone)]
pub struct AccessVerifier(hmac::Key);

impl AccessVerifier {
    /// Prepares this key.
    #[must_use]
    pub fn new(key: &AccessKey) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key.expose()))
    }

    /// The id by which clients refer to the key.
    #[must_use]
    pub fn id(&self) -> AccessKeyId {
        AccessKeyId(first(&hmac::sign(&self.0, ACCESS_KEY_ID_LABEL)))
    }

    /// The proof that the client at the end of this connection holds the key.
    #[must_use]
    pub fn proof(&self, binding: &ChannelBinding) -> AccessProof {
        AccessProof(first(&hmac::sign(&self.0, binding.as_bytes())))
    }

    /// Checks a proof, in constant time.
    #[must_use]
    pub fn is_proved_by(&self, proof: &AccessProof, binding: &ChannelBinding) -> bool {
        hmac::verify(&self.0, binding.as_bytes(), proof.as_bytes()).is_ok()
    }
}

/// The first bytes of a tag. HMAC-SHA256 gives 32, so there are always enough.
fn first<const N: usize>(tag: &hmac::Tag) -> [u8; N] {
    tag.as_ref().first_chunk().copied().unwrap_or([0; N])
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;

    /// By Python's `hmac`, from docs/PROTOCOL.md: a key of 32 bytes of 7, a binding of 32 bytes of 3.
    #[test]
    fn the_proof_is_the_document_s() {
        let verifier = AccessVerifier::new(&AccessKey::new([7; 32]));
        let binding = ChannelBinding([3; 32]);
        assert_eq!(HEXLOWER.encode(&verifier.id().0), "e3b50ec87a5503ec");
        assert_eq!(
            HEXLOWER.encode(&verifier.proof(&binding).0),
            "a469eb5515f77cb5821dffaac47d0637f619fa4d5a86b1f64a961a10da7a17dd"
        );
    }

    #[test]
    fn a_proof_is_of_one_key_on_one_connection() {
        let [mine, other] = [7, 8].map(|byte| AccessVerifier::new(&AccessKey::new([byte; 32])));
        let [here, there] = [3, 4].map(|byte| ChannelBinding([byte; 32]));
        let proof = mine.proof(&here);
        assert!(mine.is_proved_by(&proof, &here));
        assert!(!mine.is_proved_by(&proof, &there));
        assert!(!other.is_proved_by(&proof, &here));
    }
}
