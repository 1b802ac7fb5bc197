//! The signing key that all members of an epoch share, and nobody else has. They use it to endorse commits and to prove
//! membership to the relay. It identifies no member.

use ed25519_dalek::{Signer as _, SigningKey};
use mls_rs::Group as MlsGroup;
use mls_rs::client_builder::MlsConfig;
use zeroize::Zeroizing;

use crate::error::GroupError;

const LABEL: &[u8] = b"shepot epoch signing key";

/// The Ed25519 key of one epoch. It is wiped when dropped.
pub(crate) struct EpochKey(SigningKey);

impl EpochKey {
    /// Derives the key from the epoch's exporter (RFC 9420, section 8.5).
    pub(crate) fn of<C: MlsConfig>(group: &MlsGroup<C>) -> Result<Self, GroupError> {
        let exported = group.export_secret(LABEL, group.group_id(), 32)?;
        let seed = exported.as_bytes().try_into().map_err(|_| GroupError::Misuse("exporter length"))?;
        Ok(Self(SigningKey::from_bytes(&Zeroizing::new(seed))))
    }

    pub(crate) fn verification_key(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    pub(crate) fn sign(&self, transcript: &[u8]) -> [u8; 64] {
        self.0.sign(transcript).to_bytes()
    }
}
