//! Who is in a group.

use std::fmt;

use mls_rs::group::Member as MlsMember;
use mls_rs_core::crypto::{SignaturePublicKey, SignatureSecretKey};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::entropy::{Entropy, EntropyFailed};
use crate::error::Violation;
use crate::extension::{JoinNonce, Leaf, Profile};
use crate::suite::signature_key;

/// A member's Ed25519 signature key: who it is, in this group and for this connection.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MemberKey(pub [u8; 32]);

impl MemberKey {
    /// The first 4 bytes of SHA-256 of the key, for people to tell members of the same nick apart.
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

/// A member as its leaf tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who it is.
    pub key: MemberKey,
    /// The number that the relay knows its connection by.
    pub seat: u64,
    /// What it wants acknowledged after its join.
    pub nonce: JoinNonce,
    /// What it tells people of itself.
    pub profile: Profile,
}

impl Member {
    pub(crate) fn of(member: &MlsMember) -> Result<Self, Violation> {
        let leaf = Leaf::from_extensions(&member.extensions)?;
        let key = MemberKey::of(&member.signing_identity.signature_key)?;
        Ok(Self { key, seat: leaf.seat, nonce: leaf.nonce, profile: leaf.profile })
    }
}

/// A member's own signature key, made anew for every group and connection; kept over a resync. Wiped when dropped.
#[derive(Clone)]
pub struct Identity(Zeroizing<[u8; 32]>);

impl Identity {
    /// A new key.
    ///
    /// # Errors
    ///
    /// [`EntropyFailed`] when the random source has nothing to give.
    pub fn generate(entropy: &Entropy) -> Result<Self, EntropyFailed> {
        entropy.bytes().map(|seed| Self(Zeroizing::new(seed)))
    }

    /// The public part.
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
