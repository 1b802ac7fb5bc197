//! The relay's identity: a self-signed Ed25519 key, which clients know by the hash of its public part.
//!
//! Must never: give the private key to anybody but TLS, the state folder, and the program that stores a hosted relay's.

use rcgen::{CertificateParams, DistinguishedName, KeyPair, PKCS_ED25519, PublicKeyData as _};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use shepot_protocol::Pin;
use thiserror::Error;
use zeroize::Zeroizing;

/// A relay's key and certificate.
pub struct Identity {
    key: Zeroizing<Vec<u8>>,
    certificate: CertificateDer<'static>,
    pin: Pin,
}

/// The identity cannot be used, because of the system or of the stored key.
#[derive(Debug, Error)]
pub enum IdentityError {
    /// Key generation failed, because the system provides no random bytes.
    #[error("no key could be made")]
    Generate,
    /// The stored key is not an Ed25519 key in PKCS#8.
    #[error("not a usable key")]
    Key,
}

impl Identity {
    /// Generates an identity, in memory only.
    ///
    /// # Errors
    ///
    /// [`IdentityError::Generate`] if the system provides no random bytes.
    pub fn generate() -> Result<Self, IdentityError> {
        let pair = KeyPair::generate_for(&PKCS_ED25519).map_err(|_| IdentityError::Generate)?;
        Self::of(&pair, Zeroizing::new(pair.serialize_der()))
    }

    /// The identity of a stored key in PKCS#8.
    ///
    /// # Errors
    ///
    /// [`IdentityError::Key`] if it is not an Ed25519 key in PKCS#8.
    pub fn from_pkcs8(key: Zeroizing<Vec<u8>>) -> Result<Self, IdentityError> {
        let der = PrivatePkcs8KeyDer::from(key.as_slice());
        let pair =
            KeyPair::from_pkcs8_der_and_sign_algo(&der, &PKCS_ED25519).map_err(|_| IdentityError::Key)?;
        Self::of(&pair, key)
    }

    fn of(pair: &KeyPair, key: Zeroizing<Vec<u8>>) -> Result<Self, IdentityError> {
        let mut parameters = CertificateParams::default();
        // Nobody reads the name: clients look at the key alone.
        parameters.distinguished_name = DistinguishedName::new();
        let certificate = parameters.self_signed(pair).map_err(|_| IdentityError::Key)?;
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &pair.subject_public_key_info());
        let pin = digest.as_ref().try_into().map(Pin).map_err(|_| IdentityError::Key)?;
        Ok(Self { key, certificate: certificate.der().clone(), pin })
    }

    /// The SHA-256 of the public key (SubjectPublicKeyInfo, DER), which invitations contain.
    #[must_use]
    pub const fn pin(&self) -> Pin {
        self.pin
    }

    pub(crate) const fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// The private key in PKCS#8. Anybody who has it can pass for the relay.
    #[must_use]
    pub fn key(&self) -> &[u8] {
        &self.key
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identity(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_key_gives_the_same_pin() {
        let identity = Identity::generate().unwrap();
        let again = Identity::from_pkcs8(Zeroizing::new(identity.key().to_vec())).unwrap();
        assert_eq!(identity.pin(), again.pin());
        assert_ne!(identity.pin(), Identity::generate().unwrap().pin());
    }

    #[test]
    fn what_is_no_key_is_refused() {
        assert!(matches!(Identity::from_pkcs8(Zeroizing::new(vec![1, 2, 3])), Err(IdentityError::Key)));
    }

    #[test]
    fn the_key_is_not_printed() {
        assert_eq!(format!("{:?}", Identity::generate().unwrap()), "Identity(..)");
    }
}
