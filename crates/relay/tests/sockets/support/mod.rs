//! A client of the relay made of the protocol crate and a TLS library, and nothing else of ours: what a relay needs of
//! a client, and no more.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
#![allow(clippy::disallowed_methods, reason = "guards against waiting for ever")]
#![allow(clippy::indexing_slicing, clippy::wildcard_enum_match_arm)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::{digest, hmac};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, SupportedKxGroup, aws_lc_rs as provider, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use shepot_protocol::id::{AccessKeyId, AccessProof};
use shepot_protocol::message::{Hello, Welcome};
use shepot_protocol::transcript::{ACCESS_EXPORTER_LABEL, ACCESS_KEY_ID_LABEL, EXPORTER_BYTES};
use shepot_protocol::version::SUPPORTED;
use shepot_protocol::{
    AccessKey, ClientToRelay, FrameReader, Pin, RelayToClient, ReturnTicket, VersionRange, limits,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Longer than anything here takes: whoever waits for so long waits in vain.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Waits for what is seen from outside, never for time to pass.
pub async fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = std::time::Instant::now() + PATIENCE;
    while !is_so() {
        assert!(std::time::Instant::now() < end, "never: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Believes a certificate with the right key, and nothing else.
#[derive(Debug)]
struct Pinned(Pin, Arc<CryptoProvider>);

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let key = ParsedCertificate::try_from(certificate)?.subject_public_key_info();
        if digest::digest(&digest::SHA256, &key).as_ref() == self.0.0 {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(Error::General("another relay".into()))
        }
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("not TLS 1.3".into()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.1.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.1.signature_verification_algorithms.supported_schemes()
    }
}

/// The TLS side of a client that knows this pin and offers these key exchanges.
pub fn client_config(pin: Pin, groups: Vec<&'static dyn SupportedKxGroup>) -> Arc<ClientConfig> {
    let mut crypto = provider::default_provider();
    crypto.kx_groups = groups;
    let crypto = Arc::new(crypto);
    let mut config = ClientConfig::builder_with_provider(crypto.clone())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Pinned(pin, crypto)))
        .with_no_client_auth();
    config.resumption = rustls::client::Resumption::disabled();
    Arc::new(config)
}

pub async fn tls(address: SocketAddr, config: Arc<ClientConfig>) -> std::io::Result<TlsStream<TcpStream>> {
    secure(TcpStream::connect(address).await?, config).await
}

async fn secure(stream: TcpStream, config: Arc<ClientConfig>) -> std::io::Result<TlsStream<TcpStream>> {
    stream.set_nodelay(true)?;
    TlsConnector::from(config).connect(ServerName::try_from("relay.invalid").unwrap(), stream).await
}

pub fn access(key: &AccessKey, exporter: &[u8]) -> (AccessKeyId, AccessProof) {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.expose());
    let id = hmac::sign(&key, ACCESS_KEY_ID_LABEL).as_ref()[..8].try_into().unwrap();
    let proof = hmac::sign(&key, exporter).as_ref().try_into().unwrap();
    (AccessKeyId(id), AccessProof(proof))
}

/// A connection to a relay.
pub struct Client {
    pub stream: TlsStream<TcpStream>,
    frames: FrameReader,
}

impl Client {
    /// TLS only.
    pub async fn dial(address: SocketAddr, pin: Pin) -> std::io::Result<Self> {
        let config = client_config(pin, vec![provider::kx_group::X25519MLKEM768]);
        Ok(Self { stream: tls(address, config).await?, frames: FrameReader::new() })
    }

    /// TLS and a hello; what the relay says to it. None: it closed without a word.
    pub async fn knock(
        address: SocketAddr,
        pin: Pin,
        key: Option<&AccessKey>,
        versions: VersionRange,
    ) -> (Self, Option<RelayToClient>) {
        Self::come(address, pin, key, versions, None).await
    }

    /// The same from an address of this machine's choice.
    pub async fn knock_from(
        from: SocketAddr,
        address: SocketAddr,
        pin: Pin,
        key: Option<&AccessKey>,
    ) -> (Self, Option<RelayToClient>) {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind(from).unwrap();
        let stream = socket.connect(address).await.unwrap();
        let config = client_config(pin, vec![provider::kx_group::X25519MLKEM768]);
        let stream = secure(stream, config).await.unwrap();
        Self { stream, frames: FrameReader::new() }.say_hello(key, SUPPORTED, None).await
    }

    /// The same with the ticket of an earlier connection.
    pub async fn come_back(
        address: SocketAddr,
        pin: Pin,
        key: &AccessKey,
        ticket: ReturnTicket,
    ) -> (Self, Option<RelayToClient>) {
        Self::come(address, pin, Some(key), SUPPORTED, Some(ticket)).await
    }

    async fn come(
        address: SocketAddr,
        pin: Pin,
        key: Option<&AccessKey>,
        versions: VersionRange,
        return_ticket: Option<ReturnTicket>,
    ) -> (Self, Option<RelayToClient>) {
        Self::dial(address, pin).await.unwrap().say_hello(key, versions, return_ticket).await
    }

    async fn say_hello(
        mut self,
        key: Option<&AccessKey>,
        versions: VersionRange,
        return_ticket: Option<ReturnTicket>,
    ) -> (Self, Option<RelayToClient>) {
        let access = key.map(|key| access(key, &self.exporter(ACCESS_EXPORTER_LABEL)));
        self.send(&ClientToRelay::Hello(Hello { versions, access, return_ticket })).await;
        let answer = self.next().await;
        (self, answer)
    }

    /// An admitted connection.
    pub async fn connect(address: SocketAddr, pin: Pin, key: Option<&AccessKey>) -> (Self, Welcome) {
        match Self::knock(address, pin, key, SUPPORTED).await {
            (client, Some(RelayToClient::Welcome(welcome))) => (client, welcome),
            (_, other) => panic!("not welcome: {other:?}"),
        }
    }

    pub fn exporter(&self, label: &[u8]) -> [u8; EXPORTER_BYTES] {
        self.stream.get_ref().1.export_keying_material([0; EXPORTER_BYTES], label, None).unwrap()
    }

    pub async fn send(&mut self, message: &ClientToRelay) {
        self.send_bytes(&message.to_frame().unwrap()).await;
    }

    pub async fn send_bytes(&mut self, bytes: &[u8]) {
        // Who was cut off learns it when it reads.
        let _ = self.stream.write_all(bytes).await;
        let _ = self.stream.flush().await;
    }

    /// The next message, or None when the relay has closed.
    pub async fn next(&mut self) -> Option<RelayToClient> {
        tokio::time::timeout(PATIENCE, self.read()).await.expect("the relay says nothing")
    }

    async fn read(&mut self) -> Option<RelayToClient> {
        loop {
            if let Some(frame) = self.frames.next_frame(limits::FRAME_BYTES).unwrap() {
                return Some(RelayToClient::decode(frame).unwrap());
            }
            let mut bytes = vec![0; 16 * 1024];
            match self.stream.read(&mut bytes).await {
                Ok(0) | Err(_) => return None,
                Ok(length) => self.frames.extend(&bytes[..length]),
            }
        }
    }

    /// Counts the whole frames of at least so many bytes, without looking into them. Waits for bytes if none is here.
    pub async fn count_frames(&mut self, at_least: usize, buffer: &mut [u8]) -> usize {
        let here = self.count_arrived(at_least);
        if here > 0 {
            return here;
        }
        let length = self.stream.read(buffer).await.unwrap();
        assert!(length > 0, "the relay has closed");
        self.frames.extend(&buffer[..length]);
        self.count_arrived(at_least)
    }

    fn count_arrived(&mut self, at_least: usize) -> usize {
        let mut counted = 0;
        while let Some(frame) = self.frames.next_frame(limits::FRAME_BYTES).unwrap() {
            counted += usize::from(frame.len() >= at_least);
        }
        counted
    }

    /// The next message for which `wanted` has an answer; others are passed over.
    pub async fn until<T>(&mut self, mut wanted: impl FnMut(RelayToClient) -> Option<T>) -> T {
        loop {
            let message = self.next().await.expect("the relay has closed");
            if let Some(found) = wanted(message) {
                return found;
            }
        }
    }
}
