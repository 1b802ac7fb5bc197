//! The least that a relay needs of a client, to put it under load. It trusts any identity: it talks to the server that
//! it has just started, on this machine.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use shepot_protocol::limits::FRAME_BYTES;
use shepot_protocol::message::{CreateGroup, Enter, Entered, Hello, Publish, Resume, Standing};
use shepot_protocol::transcript::{self, EXPORTER_BYTES, SEAT_EXPORTER_LABEL};
use shepot_protocol::version::SUPPORTED;
use shepot_protocol::{
    CircleId, ClientToRelay, FrameReader, PublishId, RelayToClient, SeatSecret, Signature, VerificationKey,
};
use shepot_relay::signature::seat_of;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use ::aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};

/// What this one shows for its seat.
fn secret_of(who: u64) -> SeatSecret {
    SeatSecret(u128::from(who).to_be_bytes())
}

/// Bytes read at once.
const CHUNK_BYTES: usize = 32 * 1024;

#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
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
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// The client's side of TLS, as the relay wants it.
pub(super) fn tls() -> Result<TlsConnector, Error> {
    let mut provider = aws_lc_rs::default_provider();
    provider.kx_groups = vec![aws_lc_rs::kx_group::X25519MLKEM768];
    let provider = Arc::new(provider);
    let mut config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody(provider)))
        .with_no_client_auth();
    config.resumption = rustls::client::Resumption::disabled();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// The circle under load, and the key that everybody in it shares.
pub(super) struct Circle {
    id: CircleId,
    signer: Ed25519KeyPair,
}

impl Circle {
    pub(super) fn new() -> io::Result<Self> {
        let mut bytes = [0; 48];
        ::aws_lc_rs::rand::fill(&mut bytes).map_err(|_| io::ErrorKind::Other)?;
        let (id, seed) = bytes.split_at(16);
        let id = CircleId::from_slice(id).ok_or(io::ErrorKind::Other)?;
        let signer = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| io::ErrorKind::Other)?;
        Ok(Self { id, signer })
    }

    fn key(&self) -> io::Result<VerificationKey> {
        VerificationKey::from_slice(self.signer.public_key().as_ref())
            .ok_or_else(|| io::ErrorKind::Other.into())
    }
}

/// An admitted connection.
pub(super) struct Client {
    stream: TlsStream<TcpStream>,
    frames: FrameReader,
}

fn unexpected() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

impl Client {
    pub(super) async fn connect(address: SocketAddr, tls: &TlsConnector) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let name = ServerName::try_from("relay.invalid").map_err(|_| unexpected())?;
        let stream = tls.connect(name, stream).await?;
        let mut client = Self { stream, frames: FrameReader::new() };
        let hello = Hello { versions: SUPPORTED, access: None, return_ticket: None };
        client.send(&ClientToRelay::Hello(hello)).await?;
        let RelayToClient::Welcome(_) = client.next().await? else { return Err(unexpected()) };
        Ok(client)
    }

    async fn send(&mut self, message: &ClientToRelay) -> io::Result<()> {
        let frame = message.to_frame().map_err(|_| unexpected())?;
        self.stream.write_all(&frame).await?;
        self.stream.flush().await
    }

    /// The next message.
    pub(super) async fn next(&mut self) -> io::Result<RelayToClient> {
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            if let Some(frame) = self.frames.next_frame(FRAME_BYTES).map_err(|_| unexpected())? {
                return RelayToClient::decode(frame).map_err(|_| unexpected());
            }
            let length = self.stream.read(&mut chunk).await?;
            if length == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.frames.extend(chunk.get(..length).unwrap_or_default());
        }
    }

    async fn enter(&mut self, circle: &Circle, who: u64, resume: Option<Resume>) -> io::Result<Entered> {
        let seat_secret = secret_of(who);
        let (circle, seat) = (circle.id, seat_of(seat_secret));
        self.send(&ClientToRelay::Enter(Enter {
            circle,
            seat,
            seat_secret,
            resume,
            succession: None,
            owner: None,
        }))
        .await?;
        self.entered().await
    }

    async fn entered(&mut self) -> io::Result<Entered> {
        loop {
            if let RelayToClient::Entered(entered) = self.next().await? {
                return Ok(entered);
            }
        }
    }

    /// The first of the circle.
    pub(super) async fn found(&mut self, circle: &Circle) -> io::Result<Entered> {
        self.enter(circle, 1, None).await?;
        let found = CreateGroup { circle: circle.id, epoch: 0, verification_key: circle.key()? };
        self.send(&ClientToRelay::CreateGroup(found)).await?;
        self.entered().await
    }

    /// Another member, which shows the epoch's key as one does that comes back.
    pub(super) async fn join(&mut self, circle: &Circle, who: u64, first: &Entered) -> io::Result<()> {
        let (_, session) = self.stream.get_ref();
        let exporter = session
            .export_keying_material([0; EXPORTER_BYTES], SEAT_EXPORTER_LABEL, None)
            .map_err(|_| unexpected())?;
        let said = transcript::seat(&exporter, &circle.id, seat_of(secret_of(who)), 0);
        let proof = Signature::from_slice(circle.signer.sign(&said).as_ref()).ok_or_else(unexpected)?;
        let verification_key = circle.key()?;
        let cursor = first.next_sequence;
        let resume = Resume { log_id: first.log_id, cursor, epoch: 0, verification_key, proof };
        match self.enter(circle, who, Some(resume)).await?.standing {
            Standing::Seated => Ok(()),
            Standing::CreateGroup | Standing::Wait | Standing::Join => Err(unexpected()),
        }
    }

    /// Publishes a blob under this number.
    pub(super) async fn publish(&mut self, circle: &Circle, number: u64, blob: Bytes) -> io::Result<()> {
        let mut publish_id = [0; 16];
        for (to, from) in publish_id.iter_mut().zip(number.to_be_bytes()) {
            *to = from;
        }
        let publish = Publish { circle: circle.id, publish_id: PublishId(publish_id), epoch: 0, blob };
        self.send(&ClientToRelay::Publish(publish)).await
    }
}
