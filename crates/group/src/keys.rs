//! The keys that the circle secret gives, and the outer seal of every blob.
//!
//! MLS headers and external commits would show the relay group id, epoch, content type and whole leaves. So every blob
//! is sealed with XChaCha20-Poly1305 under a key that only holders of the circle secret have.

use std::fmt;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use mls_rs::MlsMessage;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::entropy::Entropy;
use crate::error::GroupError;
use crate::padding::{pad, unpad};

const SALT: &[u8] = b"shepot circle v1";
const NONCE_BYTES: usize = 24;
const TAG_BYTES: usize = 16;

/// What a seal adds to a blob, in bytes.
pub const SEAL_BYTES: usize = NONCE_BYTES + TAG_BYTES;

/// The random nonce at the front of a blob, which distinguishes it from every other.
pub type BlobNonce = [u8; NONCE_BYTES];

/// The kind of a blob. The seal binds it, so that a relay cannot pass one kind off as another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum BlobKind {
    /// Group information with the ratchet tree, for newcomers.
    GroupInformation = 1,
    /// A commit.
    Commit = 2,
    /// A message in the log.
    Message = 3,
    /// A message outside the log.
    Signal = 4,
}

/// The keys of a circle in one generation of its secret. Each generation has its own circle name, so earlier
/// invitations lead nowhere. The name of the first is also the id of the circle and of its MLS group
/// ([`CircleKeys::circle`]).
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct CircleKeys {
    secret: [u8; 32],
    psk: [u8; 32],
    blob: [u8; 32],
    #[zeroize(skip)]
    name: [u8; 16],
    #[zeroize(skip)]
    circle: [u8; 16],
    #[zeroize(skip)]
    generation: u32,
}

impl CircleKeys {
    /// The keys of a new circle.
    #[must_use]
    pub fn new(secret: &[u8; 32]) -> Self {
        Self::rotated(secret, 0, expand(secret, b"circle name"))
    }

    /// The keys in a later generation of the circle with the id `circle`.
    #[must_use]
    pub fn rotated(secret: &[u8; 32], generation: u32, circle: [u8; 16]) -> Self {
        Self {
            secret: *secret,
            psk: expand(secret, b"external psk"),
            blob: expand(secret, b"blob key"),
            name: expand(secret, b"circle name"),
            circle,
            generation,
        }
    }

    /// The circle name of this generation, by which the relay finds the circle.
    #[must_use]
    pub const fn name(&self) -> &[u8; 16] {
        &self.name
    }

    /// The circle id, which the first secret gave. It is the MLS group id in every generation.
    #[must_use]
    pub const fn circle(&self) -> &[u8; 16] {
        &self.circle
    }

    /// How often the secret was changed: 0 for the first.
    #[must_use]
    pub const fn generation(&self) -> u32 {
        self.generation
    }

    /// The access key of the owner's own relay, from generation 1 on. It reveals nothing about the secret.
    #[must_use]
    pub fn access_key(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(expand(&self.secret, b"access key"))
    }

    /// The secret, for an invitation.
    #[must_use]
    pub const fn secret(&self) -> &[u8; 32] {
        &self.secret
    }

    pub(crate) const fn psk(&self) -> &[u8; 32] {
        &self.psk
    }

    /// The id of the PSK that every external commit must inject (docs/PROTOCOL.md, section 5.1).
    pub(crate) fn psk_id(circle: &[u8], generation: u32) -> Vec<u8> {
        [b"shepot psk v1", circle, &generation.to_be_bytes()].concat()
    }

    /// Pads and seals a commit or group information. Messages are padded by their envelopes.
    pub(crate) fn seal_padded(
        &self,
        kind: BlobKind,
        epoch: u64,
        message: &[u8],
        entropy: &Entropy,
    ) -> Result<Vec<u8>, GroupError> {
        let padded = pad(message).ok_or(GroupError::Misuse("a message larger than a length can say"))?;
        self.seal(kind, epoch, &padded, entropy)
    }

    /// Opens what [`CircleKeys::seal_padded`] sealed, and parses the message.
    pub(crate) fn open_padded(
        &self,
        kind: BlobKind,
        epoch: u64,
        blob: &[u8],
    ) -> Result<MlsMessage, GroupError> {
        Ok(MlsMessage::from_bytes(unpad(&self.open(kind, epoch, blob)?)?)?)
    }

    /// Seals a blob (docs/PROTOCOL.md, section 8.1).
    pub(crate) fn seal(
        &self,
        kind: BlobKind,
        epoch: u64,
        plaintext: &[u8],
        entropy: &Entropy,
    ) -> Result<Vec<u8>, GroupError> {
        let nonce: BlobNonce = entropy.bytes()?;
        let payload = Payload { msg: plaintext, aad: &self.associated_data(kind, epoch) };
        let sealed = XChaCha20Poly1305::new(&self.blob.into())
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| GroupError::Misuse("a blob larger than the cipher allows"))?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// Opens a blob that is claimed to be of this kind and epoch.
    pub(crate) fn open(
        &self,
        kind: BlobKind,
        epoch: u64,
        blob: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, GroupError> {
        let (nonce, sealed) = blob.split_first_chunk::<NONCE_BYTES>().ok_or(GroupError::Seal)?;
        let payload = Payload { msg: sealed, aad: &self.associated_data(kind, epoch) };
        XChaCha20Poly1305::new(&self.blob.into())
            .decrypt(&XNonce::from(*nonce), payload)
            .map(Zeroizing::new)
            .map_err(|_| GroupError::Seal)
    }

    fn associated_data(&self, kind: BlobKind, epoch: u64) -> Vec<u8> {
        [&self.circle[..], &[kind as u8], &epoch.to_be_bytes()].concat()
    }
}

/// The nonce at the front of a blob. `None`: the blob is too short.
#[must_use]
pub fn blob_nonce(blob: &[u8]) -> Option<BlobNonce> {
    blob.first_chunk().copied()
}

fn expand<const N: usize>(secret: &[u8; 32], label: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    let expanded = Hkdf::<Sha256>::new(Some(SALT), secret).expand(label, &mut out);
    // HKDF-SHA256 gives up to 8,160 bytes; 32 are asked for at most.
    debug_assert!(expanded.is_ok());
    out
}

impl fmt::Debug for CircleKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CircleKeys(generation {}, ..)", self.generation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::entropy;

    /// Made with another library: what PROTOCOL.md, section 5.1, says of the secret of 32 times 7.
    #[test]
    fn the_key_schedule_is_the_one_that_is_written() {
        let hex = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes);
        let keys = CircleKeys::new(&[7; 32]);
        assert_eq!(hex(keys.name()), "0ef42c86d5c24d56c6193bc6d051bfde");
        assert_eq!(hex(keys.psk()), "a276fa5a24882ac78358cd0456f4dc845b5ae60e1f8c24386a4394161c9784e2");
        assert_eq!(hex(&keys.blob), "2126dde426a8ab20bd7904091b183ed92c7a950cb62246d3ed2e35c32587eba5");
        let access_key = "8bccbcc1def9048ba30b681959167da15ab920733c06e66e9c7efccad6f8810b";
        assert_eq!(hex(&keys.access_key()[..]), access_key);
    }

    #[test]
    fn a_seal_holds_for_one_kind_and_one_epoch() {
        let keys = CircleKeys::new(&[7; 32]);
        let sealed = keys.seal(BlobKind::Message, 5, b"words", &entropy(1)).unwrap();
        assert_eq!(&keys.open(BlobKind::Message, 5, &sealed).unwrap()[..], b"words");
        for (kind, epoch) in [(BlobKind::Message, 6), (BlobKind::Message, 4), (BlobKind::Signal, 5)] {
            assert!(matches!(keys.open(kind, epoch, &sealed), Err(GroupError::Seal)));
        }
    }
}
