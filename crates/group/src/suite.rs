//! MLS cipher suite 0x004F: X-Wing (X25519 with ML-KEM-768), AES-128-GCM, SHA-256, Ed25519.
//!
//! Owns the combination of RustCrypto's AEAD, KDF and signatures (through mls-rs) with libcrux's X-Wing, and the
//! randomness of all of them. Must never compute anything cryptographic of its own.
//!
//! Code point and combiner are those of draft-ietf-mls-pq-ciphersuites and X-Wing draft 06.
//! `interoperability/tests/openmls.rs` tests it against another MLS library.

use libcrux_kem::{Algorithm, Ct, PrivateKey, PublicKey, key_gen_derand};
use mls_rs_core::crypto::{
    CipherSuite, CipherSuiteProvider, CryptoProvider, HpkeCiphertext, HpkePsk, HpkePublicKey, HpkeSecretKey,
    SignaturePublicKey, SignatureSecretKey,
};
use mls_rs_core::error::IntoAnyError;
use mls_rs_crypto_hpke::hpke::HpkeError;
use mls_rs_crypto_rustcrypto::aead::Aead;
use mls_rs_crypto_rustcrypto::kdf::Kdf;
use mls_rs_crypto_rustcrypto::{RustCryptoCipherSuite, RustCryptoError};
use mls_rs_crypto_traits::{KemResult, KemType};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::entropy::{Entropy, EntropyFailed};

/// The suite's code point.
pub(crate) const SUITE: CipherSuite = CipherSuite::new(0x004F);

/// The classical suite whose AEAD, KDF, hash and signature this one shares.
const CLASSICAL: CipherSuite = CipherSuite::CURVE25519_AES128;

const KEM: Algorithm = Algorithm::XWingKemDraft06;
const KEM_ID: u16 = 0x647a;
const SEED_BYTES: usize = 32;
const ENCAPSULATION_SEED_BYTES: usize = 64;

/// A step of X-Wing failed.
#[derive(Debug, Error)]
pub(crate) enum KemError {
    #[error("X-Wing: {0:?}")]
    XWing(libcrux_kem::Error),
    #[error(transparent)]
    Entropy(#[from] EntropyFailed),
}

impl From<libcrux_kem::Error> for KemError {
    fn from(error: libcrux_kem::Error) -> Self {
        Self::XWing(error)
    }
}

impl IntoAnyError for KemError {
    fn into_dyn_error(self) -> Result<Box<dyn std::error::Error + Send + Sync>, Self> {
        Ok(Box::new(self))
    }
}

/// X-Wing as a KEM for HPKE.
#[derive(Clone)]
pub(crate) struct XWing {
    entropy: Entropy,
}

impl XWing {
    fn from_seed(seed: &[u8]) -> Result<(HpkeSecretKey, HpkePublicKey), KemError> {
        let (secret, public) = key_gen_derand(KEM, seed)?;
        Ok((secret.encode().into(), public.encode().into()))
    }
}

impl KemType for XWing {
    type Error = KemError;

    fn kem_id(&self) -> u16 {
        KEM_ID
    }

    /// `DeriveKeyPair` of the X-Wing draft. The seed is SHAKE-256 of the input.
    fn generate_deterministic(&self, ikm: &[u8]) -> Result<(HpkeSecretKey, HpkePublicKey), KemError> {
        Self::from_seed(&Zeroizing::new(libcrux_sha3::shake256::<SEED_BYTES>(ikm))[..])
    }

    fn generate(&self) -> Result<(HpkeSecretKey, HpkePublicKey), KemError> {
        let seed = Zeroizing::new(self.entropy.bytes::<SEED_BYTES>()?);
        Self::from_seed(&seed[..])
    }

    fn public_key_validate(&self, key: &HpkePublicKey) -> Result<(), KemError> {
        PublicKey::decode(KEM, key)?;
        Ok(())
    }

    fn encap(&self, key: &HpkePublicKey) -> Result<KemResult, KemError> {
        let seed = Zeroizing::new(self.entropy.bytes::<ENCAPSULATION_SEED_BYTES>()?);
        let (shared, ciphertext) = PublicKey::decode(KEM, key)?.encapsulate_derand(&seed[..])?;
        Ok(KemResult::new(shared.encode(), ciphertext.encode()))
    }

    fn decap(
        &self,
        encapsulated: &[u8],
        secret: &HpkeSecretKey,
        _: &HpkePublicKey,
    ) -> Result<Vec<u8>, KemError> {
        let ciphertext = Ct::decode(KEM, encapsulated)?;
        Ok(ciphertext.decapsulate(&PrivateKey::decode(KEM, secret)?)?.encode())
    }

    fn seed_length_for_derive(&self) -> usize {
        SEED_BYTES
    }
}

type Inner = RustCryptoCipherSuite<XWing, Kdf, Aead>;

/// Provides the suite to the MLS library.
#[derive(Clone, Debug)]
pub(crate) struct XWingProvider {
    entropy: Entropy,
}

impl XWingProvider {
    pub(crate) fn new(entropy: Entropy) -> Self {
        Self { entropy }
    }
}

impl CryptoProvider for XWingProvider {
    type CipherSuiteProvider = XWingSuite;

    fn supported_cipher_suites(&self) -> Vec<CipherSuite> {
        vec![SUITE]
    }

    fn cipher_suite_provider(&self, suite: CipherSuite) -> Option<XWingSuite> {
        if suite != SUITE {
            return None;
        }
        let kem = XWing { entropy: self.entropy.clone() };
        let inner = Inner::new(CLASSICAL, kem, Kdf::new(CLASSICAL)?, Aead::new(CLASSICAL)?)?;
        Some(XWingSuite { inner, entropy: self.entropy.clone() })
    }
}

/// The suite. All but its code point, its KEM and its randomness comes from the inner suite.
#[derive(Clone)]
pub(crate) struct XWingSuite {
    inner: Inner,
    entropy: Entropy,
}

fn kem_failed(error: KemError) -> RustCryptoError {
    RustCryptoError::HpkeError(HpkeError::KemError(error.into_any_error()))
}

impl CipherSuiteProvider for XWingSuite {
    type Error = RustCryptoError;
    type HpkeContextS = <Inner as CipherSuiteProvider>::HpkeContextS;
    type HpkeContextR = <Inner as CipherSuiteProvider>::HpkeContextR;

    fn cipher_suite(&self) -> CipherSuite {
        SUITE
    }

    fn hash(&self, data: &[u8]) -> Result<Vec<u8>, Self::Error> {
        self.inner.hash(data)
    }

    fn mac(&self, key: &[u8], data: &[u8]) -> Result<Vec<u8>, Self::Error> {
        self.inner.mac(key, data)
    }

    fn aead_seal(
        &self,
        key: &[u8],
        data: &[u8],
        aad: Option<&[u8]>,
        nonce: &[u8],
    ) -> Result<Vec<u8>, Self::Error> {
        self.inner.aead_seal(key, data, aad, nonce)
    }

    fn aead_open(
        &self,
        key: &[u8],
        ciphertext: &[u8],
        aad: Option<&[u8]>,
        nonce: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Self::Error> {
        self.inner.aead_open(key, ciphertext, aad, nonce)
    }

    fn aead_key_size(&self) -> usize {
        self.inner.aead_key_size()
    }

    fn aead_nonce_size(&self) -> usize {
        self.inner.aead_nonce_size()
    }

    fn kdf_extract(&self, salt: &[u8], ikm: &[u8]) -> Result<Zeroizing<Vec<u8>>, Self::Error> {
        self.inner.kdf_extract(salt, ikm)
    }

    fn kdf_expand(&self, prk: &[u8], info: &[u8], length: usize) -> Result<Zeroizing<Vec<u8>>, Self::Error> {
        self.inner.kdf_expand(prk, info, length)
    }

    fn kdf_extract_size(&self) -> usize {
        self.inner.kdf_extract_size()
    }

    fn hpke_seal(
        &self,
        key: &HpkePublicKey,
        info: &[u8],
        aad: Option<&[u8]>,
        plaintext: &[u8],
    ) -> Result<HpkeCiphertext, Self::Error> {
        self.inner.hpke_seal(key, info, aad, plaintext)
    }

    fn hpke_seal_psk(
        &self,
        key: &HpkePublicKey,
        info: &[u8],
        aad: Option<&[u8]>,
        plaintext: &[u8],
        psk: HpkePsk<'_>,
    ) -> Result<HpkeCiphertext, Self::Error> {
        self.inner.hpke_seal_psk(key, info, aad, plaintext, psk)
    }

    fn hpke_open(
        &self,
        ciphertext: &HpkeCiphertext,
        secret: &HpkeSecretKey,
        public: &HpkePublicKey,
        info: &[u8],
        aad: Option<&[u8]>,
    ) -> Result<Zeroizing<Vec<u8>>, Self::Error> {
        self.inner.hpke_open(ciphertext, secret, public, info, aad)
    }

    fn hpke_open_psk(
        &self,
        ciphertext: &HpkeCiphertext,
        secret: &HpkeSecretKey,
        public: &HpkePublicKey,
        info: &[u8],
        aad: Option<&[u8]>,
        psk: HpkePsk<'_>,
    ) -> Result<Zeroizing<Vec<u8>>, Self::Error> {
        self.inner.hpke_open_psk(ciphertext, secret, public, info, aad, psk)
    }

    fn hpke_setup_s(
        &self,
        key: &HpkePublicKey,
        info: &[u8],
    ) -> Result<(Vec<u8>, Self::HpkeContextS), Self::Error> {
        self.inner.hpke_setup_s(key, info)
    }

    fn hpke_setup_r(
        &self,
        encapsulated: &[u8],
        secret: &HpkeSecretKey,
        public: &HpkePublicKey,
        info: &[u8],
    ) -> Result<Self::HpkeContextR, Self::Error> {
        self.inner.hpke_setup_r(encapsulated, secret, public, info)
    }

    fn kem_derive(&self, ikm: &[u8]) -> Result<(HpkeSecretKey, HpkePublicKey), Self::Error> {
        // Not through the inner suite: RFC 9180's DeriveKeyPair is defined by the KEM, and X-Wing's takes any input.
        XWing { entropy: self.entropy.clone() }.generate_deterministic(ikm).map_err(kem_failed)
    }

    fn kem_generate(&self) -> Result<(HpkeSecretKey, HpkePublicKey), Self::Error> {
        self.inner.kem_generate()
    }

    fn kem_public_key_validate(&self, key: &HpkePublicKey) -> Result<(), Self::Error> {
        self.inner.kem_public_key_validate(key)
    }

    fn random_bytes(&self, out: &mut [u8]) -> Result<(), Self::Error> {
        self.entropy.fill(out).map_err(|error| kem_failed(error.into()))
    }

    fn signature_key_generate(&self) -> Result<(SignatureSecretKey, SignaturePublicKey), Self::Error> {
        let seed = Zeroizing::new(self.entropy.bytes().map_err(|error| kem_failed(error.into()))?);
        Ok(signature_key(&seed))
    }

    fn signature_key_derive_public(
        &self,
        secret: &SignatureSecretKey,
    ) -> Result<SignaturePublicKey, Self::Error> {
        self.inner.signature_key_derive_public(secret)
    }

    fn sign(&self, secret: &SignatureSecretKey, data: &[u8]) -> Result<Vec<u8>, Self::Error> {
        let signature = self.inner.sign(secret, data);
        #[cfg(test)]
        let signature = signature.map(|mut signature| {
            crate::tests::forgery::spoil(&mut signature);
            signature
        });
        signature
    }

    fn verify(&self, public: &SignaturePublicKey, signature: &[u8], data: &[u8]) -> Result<(), Self::Error> {
        self.inner.verify(public, signature, data)
    }
}

/// The Ed25519 key of a seed in the format of the inner suite: seed and public key.
pub(crate) fn signature_key(seed: &[u8; 32]) -> (SignatureSecretKey, SignaturePublicKey) {
    let key = ed25519_dalek::SigningKey::from_bytes(seed);
    (key.to_keypair_bytes().to_vec().into(), key.verifying_key().to_bytes().to_vec().into())
}
