//! The members of a group.

use std::fmt;

use mls_rs::group::Member as MlsMember;
use mls_rs_core::crypto::{SignaturePublicKey, SignatureSecretKey};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::entropy::{Entropy, EntropyFailed};
use crate::error::Violation;
use crate::extension::{JoinNonce, Leaf, Profile};
use crate::suite::signature_key;

/// A member's Ed25519 signature key. It identifies the member in this group for the time of its session.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MemberKey(pub [u8; 32]);

impl MemberKey {
    /// The first 4 bytes of the SHA-256 of the key, by which people distinguish members with the same nick.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 4] {
        let digest: [u8; 32] = Sha256::digest(self.0).into();
        let [a, b, c, d, ..] = digest;
        [a, b, c, d]
    }

    pub(crate) fn of(key: &SignaturePublicKey) -> Result<Self, Violation> {
        key.as_ref().try_into().map(Self).map_err(|_| Violation::Credential)
    }
}

impl fmt::Debug for MemberKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemberKey({})", data_encoding::HEXLOWER.encode_display(&self.fingerprint()))
    }
}

/// A member, according to its leaf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The member's signature key.
    pub key: MemberKey,
    /// The member's seat at the relay.
    pub seat: u64,
    /// The nonce that the acknowledgement of its join has to repeat.
    pub nonce: JoinNonce,
    /// The member's nick and mood.
    pub profile: Profile,
}

impl Member {
    pub(crate) fn of(member: &MlsMember) -> Result<Self, Violation> {
        let leaf = Leaf::from_extensions(&member.extensions)?;
        let key = MemberKey::of(&member.signing_identity.signature_key)?;
        Ok(Self { key, seat: leaf.seat, nonce: leaf.nonce, profile: leaf.profile })
    }
}

/// The signature key of this member, new for every session and every founded group. A resync keeps it. Wiped when
/// dropped.
#[derive(Clone)]
pub struct Identity(Zeroizing<[u8; 32]>);

impl Identity {
    /// Generates a new key.
    ///
    /// # Errors
    ///
    /// [`EntropyFailed`] if the random source fails.
    pub fn generate(entropy: &Entropy) -> Result<Self, EntropyFailed> {
        entropy.bytes().map(|seed| Self(Zeroizing::new(seed)))
    }

    /// The public key.
    #[must_use]
    pub fn key(&self) -> MemberKey {
        MemberKey(ed25519_dalek::SigningKey::from_bytes(&self.0).verifying_key().to_bytes())
    }

    pub(crate) fn signature_key(&self) -> (SignatureSecretKey, SignaturePublicKey) {
        signature_key(&self.0)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({:?})", self.key())
    }
}
