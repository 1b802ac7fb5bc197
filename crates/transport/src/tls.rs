//! TLS 1.3 with X25519MLKEM768 to a relay whose public key is known by its hash.

use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, SupportedKxGroup, aws_lc_rs as provider, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, SignatureScheme, version,
};
use shepot_protocol::Pin;
use thiserror::Error as ThisError;

/// The relay's public key does not match the invitation's pin.
#[derive(Clone, Copy, Debug, ThisError)]
#[error("the relay has another identity than the invitation says")]
pub(crate) struct WrongPin;

/// The key exchanges that a relay accepts: only X25519MLKEM768, since a quantum computer could break the classical
/// ones.
pub(crate) fn hybrid() -> Vec<&'static dyn SupportedKxGroup> {
    vec![provider::kx_group::X25519MLKEM768]
}

/// A configuration for one connection that offers these key exchanges. `expected` is the invitation's pin. Without a
/// pin, any key is accepted, and [`SeenPin::get`] returns its pin.
pub(crate) fn client_config(
    expected: Option<Pin>,
    key_exchanges: Vec<&'static dyn SupportedKxGroup>,
) -> Result<(ClientConfig, SeenPin), Error> {
    let crypto = CryptoProvider {
        kx_groups: key_exchanges,
        cipher_suites: vec![
            provider::cipher_suite::TLS13_AES_128_GCM_SHA256,
            provider::cipher_suite::TLS13_AES_256_GCM_SHA384,
            provider::cipher_suite::TLS13_CHACHA20_POLY1305_SHA256,
        ],
        ..provider::default_provider()
    };
    let seen = SeenPin::default();
    let verifier = PinVerifier { expected, seen: seen.clone(), crypto: crypto.clone() };
    let mut config = ClientConfig::builder_with_provider(Arc::new(crypto))
        .with_protocol_versions(&[&version::TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.resumption = Resumption::disabled();
    config.enable_early_data = false;
    config.enable_sni = false;
    Ok((config, seen))
}

/// The pin of the relay that answered.
#[derive(Clone, Debug, Default)]
pub(crate) struct SeenPin(Arc<Mutex<Option<Pin>>>);

impl SeenPin {
    /// The pin. `None`: the relay has not sent its certificate yet.
    pub(crate) fn get(&self) -> Option<Pin> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug)]
struct PinVerifier {
    expected: Option<Pin>,
    seen: SeenPin,
    crypto: CryptoProvider,
}

impl ServerCertVerifier for PinVerifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let parsed = ParsedCertificate::try_from(certificate)?;
        let hash = digest(&SHA256, parsed.subject_public_key_info().as_ref());
        let pin = hash.as_ref().try_into().map(Pin).map_err(|_| CertificateError::BadEncoding)?;
        if self.expected.is_some_and(|expected| expected != pin) {
            return Err(CertificateError::Other(OtherError(Arc::new(WrongPin))).into());
        }
        *self.seen.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(pin);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.2 is not spoken".into()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.crypto.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.crypto.signature_verification_algorithms.supported_schemes()
    }
}
