//! The owner of a circle: the holder of an Ed25519 seed. What only the owner may do carries a signature by that key,
//! which every receiver checks.

use std::fmt;

use ed25519_dalek::{Signature, Signer as _, SigningKey, Verifier as _, VerifyingKey};
use sha2::{Digest as _, Sha256};

use crate::extension::OwnerId;

const LABEL: &[u8] = b"shepot owner v1";
const SUCCESSION_LABEL: &[u8] = b"shepot succession v1";
const STATEMENT_LABEL: &[u8] = b"shepot owner statement v1";
const PUBLIC_KEY_BYTES: usize = 32;
const SIGNATURE_BYTES: usize = 64;

/// The size of the owner's word: the public key (32 bytes) and a signature (64).
pub const OWNER_WORD_BYTES: usize = PUBLIC_KEY_BYTES + SIGNATURE_BYTES;

/// The owner's signing key. It is wiped when dropped.
#[derive(Clone)]
pub struct OwnerKey(SigningKey);

impl OwnerKey {
    /// The key of the seed in an owner's invitation.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The id of this owner.
    #[must_use]
    pub fn id(&self) -> OwnerId {
        owner_id(&self.0.verifying_key().to_bytes())
    }

    /// The authenticated data of an owner's action: its signature and the succession's word.
    pub(crate) fn authorise(&self, action: &OwnerAction<'_>) -> Vec<u8> {
        let signature = self.0.sign(&action.transcript());
        let succession = self.succession(*action.circle, action.next_generation);
        [&signature.to_bytes()[..], &succession.proof].concat()
    }

    /// The owner's word for a statement about this circle: the public key and a signature. The caller defines what the
    /// statement means.
    #[must_use]
    pub fn sign_statement(&self, circle: &[u8; 16], statement: &[u8]) -> [u8; OWNER_WORD_BYTES] {
        self.word(&statement_transcript(circle, statement))
    }

    fn word(&self, transcript: &[u8]) -> [u8; OWNER_WORD_BYTES] {
        let mut word = [0; OWNER_WORD_BYTES];
        let (key, signature) = word.split_at_mut(PUBLIC_KEY_BYTES);
        key.copy_from_slice(&self.0.verifying_key().to_bytes());
        signature.copy_from_slice(&self.0.sign(transcript).to_bytes());
        word
    }

    /// The owner's word that a generation has begun. An owner's action contains it.
    #[must_use]
    pub fn succession(&self, circle: [u8; 16], generation: u32) -> Succession {
        let proof = self.word(&Succession::transcript(&circle, generation));
        Succession { circle, generation, proof }
    }
}

impl fmt::Debug for OwnerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OwnerKey(..)")
    }
}

/// The owner's word that a generation of the circle has begun, which ends every earlier invitation. It is not a secret,
/// and every invitation of the generation contains it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Succession {
    /// The circle id, which the first secret gave.
    pub circle: [u8; 16],
    /// The generation that began: how often the secret was changed.
    pub generation: u32,
    /// The owner's public key (32 bytes) and signature (64).
    pub proof: [u8; OWNER_WORD_BYTES],
}

impl Succession {
    /// Whether the word is that of this owner.
    #[must_use]
    pub fn is_by(&self, owner: &OwnerId) -> bool {
        is_word(owner, &self.proof, &Self::transcript(&self.circle, self.generation))
    }

    fn transcript(circle: &[u8; 16], generation: u32) -> Vec<u8> {
        [SUCCESSION_LABEL, circle, &generation.to_be_bytes()].concat()
    }
}

/// An owner's action: the members that it removes and the change of the secret.
pub(crate) struct OwnerAction<'a> {
    pub(crate) circle: &'a [u8; 16],
    pub(crate) base_epoch: u64,
    pub(crate) next_generation: u32,
    /// The signature keys of the removed members, sorted.
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

    /// The succession in `authorisation`, if it is the owner's word for this action.
    pub(crate) fn authorised(&self, owner: &OwnerId, authorisation: &[u8]) -> Option<Succession> {
        let (signature, proof) = authorisation.split_first_chunk::<SIGNATURE_BYTES>()?;
        let proof = proof.try_into().ok()?;
        let succession = Succession { circle: *self.circle, generation: self.next_generation, proof };
        let (public, _) = succession.proof.split_first_chunk::<PUBLIC_KEY_BYTES>()?;
        let is_right = is_signed(owner, public, signature, &self.transcript()) && succession.is_by(owner);
        is_right.then_some(succession)
    }
}

/// Whether `word` is this owner's for a statement about this circle, as [`OwnerKey::sign_statement`] makes it.
#[must_use]
pub fn is_owners_statement(owner: &OwnerId, circle: &[u8; 16], statement: &[u8], word: &[u8]) -> bool {
    is_word(owner, word, &statement_transcript(circle, statement))
}

fn statement_transcript(circle: &[u8; 16], statement: &[u8]) -> Vec<u8> {
    [STATEMENT_LABEL, circle, statement].concat()
}

/// Whether `word` is the public key and a valid signature of the owner with this id.
fn is_word(owner: &OwnerId, word: &[u8], transcript: &[u8]) -> bool {
    let parts = word.split_first_chunk::<PUBLIC_KEY_BYTES>();
    parts.is_some_and(|(public, signature)| is_signed(owner, public, signature, transcript))
}

/// Whether the key is that of the owner with this id and the signature is valid.
fn is_signed(owner: &OwnerId, public: &[u8; PUBLIC_KEY_BYTES], signature: &[u8], transcript: &[u8]) -> bool {
    let (Ok(key), Ok(signature)) = (VerifyingKey::from_bytes(public), Signature::from_slice(signature))
    else {
        return false;
    };
    owner_id(public) == *owner && key.verify(transcript, &signature).is_ok()
}

fn owner_id(public: &[u8; PUBLIC_KEY_BYTES]) -> OwnerId {
    let digest: [u8; 32] = Sha256::digest(public).into();
    let mut id = [0; 16];
    id.iter_mut().zip(digest).for_each(|(out, byte)| *out = byte);
    id
}
