//! The plaintext of a message: a header by which others notice what a relay withheld, repeated or reordered, then the
//! body, then zeros up to a size bucket (docs/PROTOCOL.md, section 11.1).
//!
//! An envelope with an empty body is a heartbeat.

use zeroize::Zeroizing;

use crate::error::Violation;
use crate::padding::padded_size;
use crate::transcript::View;

const VERSION: u8 = 1;
const HEADER_BYTES: usize = 1 + 8 + 16 + View::BYTES + 4;

/// The largest body, in bytes. With header, padding and seals it fits into a blob of 64 KiB.
pub const BODY_BYTES: usize = 56 * 1024;

/// The first 16 bytes of the SHA-256 of the sender's previous envelope. Zeros in its first.
pub(crate) type PreviousHash = [u8; 16];

/// The plaintext of a message, without its padding.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Envelope {
    pub(crate) sequence: u64,
    pub(crate) previous: PreviousHash,
    pub(crate) view: View,
    pub(crate) body: Zeroizing<Vec<u8>>,
}

impl Envelope {
    /// Header, body and padding. `None`: the body has more than [`BODY_BYTES`].
    pub(crate) fn to_padded(&self) -> Option<Zeroizing<Vec<u8>>> {
        if self.body.len() > BODY_BYTES {
            return None;
        }
        let length = u32::try_from(self.body.len()).ok()?;
        let padded = padded_size(HEADER_BYTES + self.body.len());
        let mut bytes = Zeroizing::new(Vec::with_capacity(padded));
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.sequence.to_be_bytes());
        bytes.extend_from_slice(&self.previous);
        bytes.extend_from_slice(&self.view.to_bytes());
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(&self.body);
        bytes.resize(padded, 0);
        Some(bytes)
    }

    /// Reads an envelope (V13). Its padding must be zeros.
    pub(crate) fn from_padded(bytes: &[u8]) -> Result<Self, Violation> {
        Self::parse(bytes).ok_or(Violation::Envelope)
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let (&[version], rest) = bytes.split_first_chunk()?;
        let (sequence, rest) = rest.split_first_chunk()?;
        let (previous, rest) = rest.split_first_chunk()?;
        let (view, rest) = rest.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (body, padding) = rest.split_at_checked(length)?;
        if version != VERSION || padding.iter().any(|byte| *byte != 0) {
            return None;
        }
        Some(Self {
            sequence: u64::from_be_bytes(*sequence),
            previous: *previous,
            view: View::from_bytes(view),
            body: Zeroizing::new(body.to_vec()),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn envelope(body: Vec<u8>) -> Envelope {
        let view = View { log: [1; 16], position: 2, hash: [3; 16] };
        Envelope { sequence: 4, previous: [5; 16], view, body: Zeroizing::new(body) }
    }

    #[test]
    fn every_length_is_an_allowed_bucket() {
        for size in 0..5000 {
            let bytes = envelope(vec![7; size]).to_padded().unwrap();
            assert_eq!(bytes.len(), padded_size(bytes.len()), "a bucket is its own bucket");
        }
        assert_eq!(
            envelope(vec![]).to_padded().unwrap().len(),
            envelope(vec![7; 150]).to_padded().unwrap().len()
        );
        assert!(envelope(vec![7; BODY_BYTES]).to_padded().unwrap().len() < 63 * 1024);
        assert!(envelope(vec![7; BODY_BYTES + 1]).to_padded().is_none());
    }

    #[test]
    fn an_envelope_of_another_version_is_refused() {
        let mut bytes = envelope(vec![7; 10]).to_padded().unwrap();
        for version in [0, 2] {
            bytes[0] = version;
            assert_eq!(Envelope::from_padded(&bytes), Err(Violation::Envelope));
        }
    }

    #[test]
    fn padding_that_says_something_is_refused() {
        let mut bytes = envelope(vec![7; 10]).to_padded().unwrap();
        *bytes.last_mut().unwrap() = 1;
        assert_eq!(Envelope::from_padded(&bytes), Err(Violation::Envelope));
    }

    proptest! {
        #[test]
        fn an_envelope_survives(body in prop::collection::vec(any::<u8>(), 0..6000)) {
            let sent = envelope(body);
            prop_assert_eq!(Envelope::from_padded(&sent.to_padded().unwrap()).unwrap(), sent);
        }

        #[test]
        fn garbage_is_an_error_or_an_envelope(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Envelope::from_padded(&bytes);
        }
    }
}
