//! The owner's word that a generation of a circle has begun, as invitations and frames carry it.

use crate::id::{CircleId, Signature, VerificationKey};

/// The owner's signed statement that a generation of a circle has begun, which makes every earlier invitation void.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Succession {
    /// The circle id, which the first secret gave.
    pub circle: CircleId,
    /// The number of the generation: how often the secret was changed.
    pub generation: u32,
    /// The owner's public key (32 bytes) and its signature (64).
    pub proof: [u8; Self::PROOF_BYTES],
}

impl Succession {
    /// Length of [`Succession::proof`] in bytes.
    pub const PROOF_BYTES: usize = 96;

    /// The owner's public key.
    #[must_use]
    pub fn public_key(&self) -> VerificationKey {
        let (key, _) = self.parts();
        VerificationKey(key)
    }

    /// The owner's signature, over [`crate::transcript::succession`].
    #[must_use]
    pub fn signature(&self) -> Signature {
        let (_, signature) = self.parts();
        Signature(signature)
    }

    fn parts(&self) -> ([u8; VerificationKey::BYTES], [u8; Signature::BYTES]) {
        let (mut key, mut signature) = ([0; VerificationKey::BYTES], [0; Signature::BYTES]);
        let (front, back) = self.proof.split_at(VerificationKey::BYTES);
        key.copy_from_slice(front);
        signature.copy_from_slice(back);
        (key, signature)
    }
}
