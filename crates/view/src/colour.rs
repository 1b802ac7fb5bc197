//! Colours of people. They belong to the key, not to the name.

use shepot_client::model::{Fingerprint, PersonKey};

/// How many there are.
pub const COLOURS: u8 = 10;

/// Which of the colours a person has.
#[must_use]
pub const fn of(fingerprint: &Fingerprint) -> u8 {
    let [first, ..] = fingerprint.0;
    first % COLOURS
}

/// The same by the key, for people who are not there any more: a fingerprint is the key's beginning of its hash, which
/// is not known here, so the first byte of the key stands in.
#[must_use]
pub const fn of_gone(key: &PersonKey) -> u8 {
    let [first, ..] = key.0;
    first % COLOURS
}
