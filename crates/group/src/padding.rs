//! Padding with zeros to a few sizes, which reveal little.

use zeroize::Zeroizing;

use crate::error::Violation;

/// The sizes up to 4 KiB. Above, Padmé (Nikitin et al., 2019) adds at most 12 %.
pub const BUCKETS: [usize; 5] = [256, 512, 1024, 2048, 4096];

const LENGTH_BYTES: usize = 4;

/// The size in bytes after padding.
pub(crate) fn padded_size(size: usize) -> usize {
    if let Some(bucket) = BUCKETS.into_iter().find(|bucket| *bucket >= size) {
        return bucket;
    }
    // Padmé: keep as many leading bits of the length as its exponent has bits, round the rest up.
    let exponent = usize::BITS - 1 - size.leading_zeros();
    let kept = u32::BITS - exponent.leading_zeros();
    let mask = (1_usize << (exponent - kept)) - 1;
    (size + mask) & !mask
}

/// A commit or group information with its length (4 bytes) in front and zeros behind. `None`: it has 4 GiB or more.
pub(crate) fn pad(message: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let length = u32::try_from(message.len()).ok()?;
    let padded = padded_size(LENGTH_BYTES + message.len());
    let mut bytes = Zeroizing::new(Vec::with_capacity(padded));
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(message);
    bytes.resize(padded, 0);
    Some(bytes)
}

/// The message in a padded one. V16: only zeros may follow it, and only up to the padded size.
pub(crate) fn unpad(padded: &[u8]) -> Result<&[u8], Violation> {
    let parse = || {
        let (length, rest) = padded.split_first_chunk()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (message, zeros) = rest.split_at_checked(length)?;
        let is_padding = zeros.iter().all(|byte| *byte == 0);
        (is_padding && padded.len() == padded_size(LENGTH_BYTES + length)).then_some(message)
    };
    parse().ok_or(Violation::Padding)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn above_the_buckets_padme_keeps_as_many_bits_as_it_says() {
        for (size, padded) in [(4097, 4352), (5200, 5376), (9300, 9728), (60_000, 61_440)] {
            assert_eq!(padded_size(size), padded, "{size}");
        }
    }

    #[test]
    fn another_length_other_padding_and_none_are_refused() {
        let padded = pad(b"commit").unwrap();
        let changed = |at: usize, byte: u8| {
            let mut bytes = padded.to_vec();
            bytes[at] = byte;
            bytes
        };
        let mut longer = padded.to_vec();
        longer.push(0);
        let short = [&6_u32.to_be_bytes()[..], b"commit"].concat();
        for wrong in [changed(255, 1), changed(0, 1), changed(3, 255), longer, short, vec![], vec![0; 3]] {
            assert_eq!(unpad(&wrong), Err(Violation::Padding));
        }
        // One byte of the message would count as padding, if it were no zero.
        assert_eq!(unpad(&changed(3, 5)), Err(Violation::Padding));
    }

    proptest! {
        #[test]
        fn what_is_padded_is_read_again_and_its_size_is_a_bucket(
            message in prop::collection::vec(any::<u8>(), 0..10_000),
        ) {
            let padded = pad(&message).unwrap();
            prop_assert_eq!(padded.len(), padded_size(padded.len()));
            prop_assert_eq!(unpad(&padded).unwrap(), &message[..]);
        }
    }
}
