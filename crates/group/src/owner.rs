//! The owner of a circle: who holds the seed of an Ed25519 key. What only the owner may do carries a signature by it,
//! and every receiver checks it.

use std::fmt;

use ed25519_dalek::{Signature, Signer as _, SigningKey, Verifier as _, VerifyingKey};
use sha2::{Digest as _, Sha256};

use crate::extension::OwnerId;

const LABEL: &[u8] = b"shepot owner v1";
const PUBLIC_KEY_BYTES: usize = 32;
const SIGNATURE_BYTES: usize = 64;

/// The owner's key; wiped when dropped.
#[derive(Clone)]
pub struct OwnerKey(SigningKey);

impl OwnerKey {
    /// The key of a seed from an owner's invitation.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The name of this owner.
    #[must_use]
    pub fn id(&self) -> OwnerId {
        owner_id(&self.0.verifying_key().to_bytes())
    }

    /// Public key and signature over what is to be done.
    pub(crate) fn authorise(&self, action: &OwnerAction<'_>) -> Vec<u8> {
        let signature = self.0.sign(&action.transcript());
        [&self.0.verifying_key().to_bytes()[..], &signature.to_bytes()].concat()
    }
}

impl fmt::Debug for OwnerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OwnerKey(..)")
    }
}

/// The removal of members and the change of the secret that goes with it.
pub(crate) struct OwnerAction<'a> {
    pub(crate) circle: &'a [u8],
    pub(crate) base_epoch: u64,
    pub(crate) next_generation: u32,
    /// Signature keys of the removed, sorted.
    pub(crate) removed: &'a [Vec<u8>],
}

impl OwnerAction<'_> {
    fn transcript(&self) -> Vec<u8> {
        let mut transcript =
            [LABEL, self.circle, &self.base_epoch.to_be_bytes(), &self.next_generation.to_be_bytes()]
                .concat();
        for key in self.removed {
            transcript.extend_from_slice(&Sha256::digest(key));
        }
        transcript
    }

    /// Whether `authorisation` is this owner's word for this action.
    pub(crate) fn is_authorised(&self, owner: &OwnerId, authorisation: &[u8]) -> bool {
        let Some((public, signature)) = authorisation.split_first_chunk::<PUBLIC_KEY_BYTES>() else {
            return false;
        };
        let Ok(signature) = <[u8; SIGNATURE_BYTES]>::try_from(signature) else {
            return false;
        };
        let Ok(key) = VerifyingKey::from_bytes(public) else {
            return false;
        };
        owner_id(public) == *owner
            && key.verify(&self.transcript(), &Signature::from_bytes(&signature)).is_ok()
    }
}

fn owner_id(public: &[u8; PUBLIC_KEY_BYTES]) -> OwnerId {
    let digest: [u8; 32] = Sha256::digest(public).into();
    let mut id = [0; 16];
    id.iter_mut().zip(digest).for_each(|(out, byte)| *out = byte);
    id
}
