//! The safety code, which people compare outside Shepot. Equal codes show that nobody else was in their group when its
//! members last changed. Forks of a group have the same code, so the log has to show that they are still in the same
//! one.

use argon2::{Algorithm, Argon2, Params, Version};
use mls_rs::Group;
use zeroize::Zeroizing;

use crate::config::Config;
use crate::error::GroupError;
use crate::member::MemberKey;

/// The memory of one stretching, in KiB. With the passes it costs about 20 ms, and makes the search for a colliding
/// group that much more expensive.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

const GROUP_SALT: &[u8] = b"shepot safety code v1";
const PAIR_SALT: &[u8] = b"shepot pair code v1";

/// 96 bits, shown as 16 symbols out of 64 or as a number. An attacker who sits between two people and makes keys for
/// both sides until the codes are equal needs about 2^48 attempts on each side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SafetyCode(pub [u8; Self::BYTES]);

impl SafetyCode {
    /// The size in bytes.
    pub const BYTES: usize = 12;

    /// The number of symbols that show it.
    pub const SYMBOLS: usize = 16;

    /// The code of a group since its members last changed.
    pub(crate) fn of_group(circle: &[u8], since: &Membership) -> Result<Self, GroupError> {
        let secret = Zeroizing::new([&since.authenticator, circle, &since.epoch.to_be_bytes()].concat());
        stretch(&secret, GROUP_SALT)
    }

    /// The code of two members, in either order. Unlike the group's it stays the same when others join or leave.
    ///
    /// # Errors
    ///
    /// [`GroupError::Misuse`] if the parameters are wrong, which tests exclude.
    pub fn of_pair(one: &MemberKey, other: &MemberKey) -> Result<Self, GroupError> {
        let (first, second) = if one <= other { (one, other) } else { (other, one) };
        stretch(&[first.0, second.0].concat(), PAIR_SALT)
    }

    /// The numbers of the symbols, each below 64, the first bits first.
    #[must_use]
    pub fn symbols(&self) -> [u8; Self::SYMBOLS] {
        let mut symbols = [0; Self::SYMBOLS];
        for (chunk, out) in self.0.chunks_exact(3).zip(symbols.chunks_exact_mut(4)) {
            let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
            for (symbol, shift) in out.iter_mut().zip([18, 12, 6, 0]) {
                // Six bits always fit a byte.
                *symbol = u8::try_from(bits >> shift & 63).unwrap_or_default();
            }
        }
        symbols
    }
}

/// The last change of the members or of the circle secret.
pub(crate) struct Membership {
    /// The epoch that the change began.
    pub(crate) epoch: u64,
    /// The authenticator of that epoch (RFC 9420, section 8.7), which only its members know.
    authenticator: Zeroizing<Vec<u8>>,
}

impl Membership {
    /// The change began the present epoch.
    pub(crate) fn since_now(mls: &Group<Config>) -> Result<Self, GroupError> {
        let authenticator = Zeroizing::new(mls.epoch_authenticator()?.as_bytes().to_vec());
        Ok(Self { epoch: mls.current_epoch(), authenticator })
    }
}

fn stretch(input: &[u8], salt: &[u8]) -> Result<SafetyCode, GroupError> {
    let wrong = |_| GroupError::Misuse("parameters of the safety code");
    let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(SafetyCode::BYTES)).map_err(wrong)?;
    let mut code = [0; SafetyCode::BYTES];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(input, salt, &mut code)
        .map_err(wrong)?;
    Ok(SafetyCode(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_has_one_code() {
        let (a, b) = (MemberKey([1; 32]), MemberKey([2; 32]));
        let code = SafetyCode::of_pair(&a, &b).unwrap();
        assert_eq!(code, SafetyCode::of_pair(&b, &a).unwrap());
        assert_ne!(code, SafetyCode::of_pair(&a, &a).unwrap());
    }

    #[test]
    fn symbols_are_the_bits_in_order() {
        let code = SafetyCode([0b0000_0100, 0b0010_0000, 0b1100_0100, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0, 0, 1]);
        assert_eq!(code.symbols(), [1, 2, 3, 4, 0, 0, 0, 0, 63, 63, 63, 63, 0, 0, 0, 1]);
    }
}
