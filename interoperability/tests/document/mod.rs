//! docs/PROTOCOL.md, sections 5.1, 7.2, 8 and 11.1, once more: the key schedule of a circle, seals, envelopes, leaves.

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::Sha256;

#[derive(Clone, Copy)]
pub(crate) enum Kind {
    GroupInformation = 1,
    Commit = 2,
    Message = 3,
}

pub(crate) struct Secret {
    pub name: [u8; 16],
    pub psk: [u8; 32],
    blob: [u8; 32],
}

impl Secret {
    pub(crate) fn of(secret: &[u8; 32]) -> Self {
        let (mut name, mut psk, mut blob) = ([0; 16], [0; 32], [0; 32]);
        let schedule = Hkdf::<Sha256>::new(Some(b"shepot circle v1"), secret);
        schedule.expand(b"circle name", &mut name).unwrap();
        schedule.expand(b"external psk", &mut psk).unwrap();
        schedule.expand(b"blob key", &mut blob).unwrap();
        Self { name, psk, blob }
    }

    pub(crate) fn psk_id(&self, generation: u32) -> Vec<u8> {
        [b"shepot psk v1", &self.name[..], &generation.to_be_bytes()].concat()
    }

    fn associated_data(&self, kind: Kind, epoch: u64) -> Vec<u8> {
        [&self.name[..], &[kind as u8], &epoch.to_be_bytes()].concat()
    }

    /// The nonce is made of a number: nothing here is a secret.
    pub(crate) fn seal(&self, kind: Kind, epoch: u64, message: &[u8], number: u64) -> Vec<u8> {
        let mut nonce = [kind as u8; 24];
        nonce[..8].copy_from_slice(&number.to_be_bytes());
        let payload = Payload { msg: message, aad: &self.associated_data(kind, epoch) };
        let sealed =
            XChaCha20Poly1305::new(&self.blob.into()).encrypt(&XNonce::from(nonce), payload).unwrap();
        [&nonce[..], &sealed].concat()
    }

    pub(crate) fn open(&self, kind: Kind, epoch: u64, blob: &[u8]) -> Vec<u8> {
        let (nonce, sealed) = blob.split_first_chunk::<24>().unwrap();
        let payload = Payload { msg: sealed, aad: &self.associated_data(kind, epoch) };
        XChaCha20Poly1305::new(&self.blob.into()).decrypt(&XNonce::from(*nonce), payload).unwrap()
    }
}

/// What a leaf tells of its member: version, no mood, seat, nonce, nick, zeros up to the longest nick.
pub(crate) fn leaf(seat: u64, nonce: [u8; 16], nick: &str) -> Vec<u8> {
    let mut bytes = [&[1, 0][..], &seat.to_be_bytes(), &nonce, nick.as_bytes()].concat();
    bytes.resize(2 + 8 + 16 + 80, 0);
    bytes
}

/// A commit with its length before it, and zeros up to its bucket: a power of two from 256 to 4,096; by Padmé a multiple
/// of 256 up to 8,192, of 512 up to 16,384.
pub(crate) fn padded(message: &[u8]) -> Vec<u8> {
    let mut bytes = [&u32::try_from(message.len()).unwrap().to_be_bytes()[..], message].concat();
    let size = match bytes.len() {
        ..=4_096 => bytes.len().next_power_of_two().max(256),
        4_097..8_192 => bytes.len().next_multiple_of(256),
        8_192..16_384 => bytes.len().next_multiple_of(512),
        other => panic!("a commit of {other} bytes"),
    };
    bytes.resize(size, 0);
    bytes
}

/// The message in what is padded.
pub(crate) fn unpadded(bytes: &[u8]) -> &[u8] {
    let (length, rest) = bytes.split_first_chunk().unwrap();
    &rest[..usize::try_from(u32::from_be_bytes(*length)).unwrap()]
}

/// Version, number, no past, no view, and a body, padded to 256 bytes.
pub(crate) fn envelope(number: u64, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap();
    let mut bytes =
        [&[1][..], &number.to_be_bytes(), &[0; 16], &[0; 40], &length.to_be_bytes(), body].concat();
    assert!(bytes.len() <= 256);
    bytes.resize(256, 0);
    bytes
}

pub(crate) fn envelope_body(bytes: &[u8]) -> Vec<u8> {
    const HEADER: usize = 1 + 8 + 16 + 40 + 4;
    assert_eq!((bytes[0], bytes.len()), (1, 256));
    let length = u32::from_be_bytes(bytes[HEADER - 4..HEADER].try_into().unwrap());
    bytes[HEADER..HEADER + usize::try_from(length).unwrap()].to_vec()
}
