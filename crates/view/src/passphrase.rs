//! The passphrase that unlocks the interface. It is valid for this session only.
//!
//! Must never: keep the passphrase itself.

use argon2::{Algorithm, Argon2, Params, Version};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// The number of wrong passphrases after which everything is wiped, if the person chose that.
pub const ATTEMPTS: u32 = 5;

/// The length of the kept hash in bytes.
const HASH_BYTES: usize = 32;
const SALT_BYTES: usize = 16;

/// Argon2id: memory in KiB and passes. The second choice of RFC 9106 would be noticeably slow, so these are OWASP's
/// figures.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// The salted hash of a passphrase.
pub struct Passphrase {
    salt: [u8; SALT_BYTES],
    hash: Zeroizing<[u8; HASH_BYTES]>,
}

impl Passphrase {
    /// Hashes a passphrase. `None` if the system has no randomness or no memory to give.
    #[must_use]
    pub fn new(passphrase: &str) -> Option<Self> {
        let mut salt = [0; SALT_BYTES];
        getrandom::fill(&mut salt).ok()?;
        let hash = hash(passphrase, &salt)?;
        Some(Self { salt, hash })
    }

    /// Whether `typed` is the passphrase. Compares in constant time.
    #[must_use]
    pub fn is_right(&self, typed: &str) -> bool {
        hash(typed, &self.salt).is_some_and(|hash| bool::from(hash.as_slice().ct_eq(self.hash.as_slice())))
    }
}

fn hash(passphrase: &str, salt: &[u8]) -> Option<Zeroizing<[u8; HASH_BYTES]>> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, Some(HASH_BYTES)).ok()?;
    let mut out = Zeroizing::new([0; HASH_BYTES]);
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon.hash_password_into(passphrase.as_bytes(), salt, out.as_mut_slice()).ok()?;
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_one_opens() {
        let kept = Passphrase::new("тихо!").unwrap();
        assert!(kept.is_right("тихо!") && !kept.is_right("тихо") && !kept.is_right(""));
    }
}
