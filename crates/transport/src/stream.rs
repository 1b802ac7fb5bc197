//! Frames over TLS, both ways.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use rustls::crypto::SupportedKxGroup;
use rustls::pki_types::ServerName;
use shepot_protocol::limits::FRAME_BYTES;
use shepot_protocol::transcript::ChannelBinding;
use shepot_protocol::{ClientToRelay, FrameReader, Pin, RelayToClient};
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, ReadHalf, WriteHalf, split};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::tls::{WrongPin, client_config, hybrid};
use crate::{ConnectError, Credentials, binding};

/// So many bytes are read at once.
const CHUNK_BYTES: usize = 16 * 1024;

/// The relay does not follow the grammar: what comes behind it cannot be told from garbage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the relay does not speak the protocol")]
pub struct ReceiveError;

/// TLS over TCP, as a client has it.
type Tls = TlsStream<TcpStream>;

/// A secured connection to a relay.
pub struct Stream {
    tls: Tls,
    pin: Pin,
    arrived: Arrived,
}

/// What has arrived and was not taken yet.
#[derive(Default)]
struct Arrived {
    frames: FrameReader,
    chunk: Vec<u8>,
}

impl Stream {
    /// TLS with the hybrid key exchange, to a relay of this identity; to any, where none is named.
    ///
    /// # Errors
    ///
    /// [`ConnectError`], but for a name that is not known.
    pub async fn secure(tcp: TcpStream, pin: Option<Pin>) -> Result<Self, ConnectError> {
        Self::offer(tcp, pin, hybrid()).await
    }

    /// The same with other key exchanges.
    ///
    /// # Errors
    ///
    /// [`ConnectError`], but for a name that is not known.
    #[cfg(feature = "testing")]
    pub async fn secure_offering(
        tcp: TcpStream,
        pin: Option<Pin>,
        key_exchanges: Vec<&'static dyn SupportedKxGroup>,
    ) -> Result<Self, ConnectError> {
        Self::offer(tcp, pin, key_exchanges).await
    }

    async fn offer(
        tcp: TcpStream,
        pin: Option<Pin>,
        key_exchanges: Vec<&'static dyn SupportedKxGroup>,
    ) -> Result<Self, ConnectError> {
        let (config, seen) = client_config(pin, key_exchanges).map_err(|_| ConnectError::NotShepot)?;
        tcp.set_nodelay(true).map_err(|_| ConnectError::Unreachable)?;
        // The name is never sent: the pin says who is meant.
        let name = ServerName::try_from("relay.invalid").map_err(|_| ConnectError::NotShepot)?;
        let tls = TlsConnector::from(Arc::new(config)).connect(name, tcp).await;
        let tls = tls.map_err(|error| refusal(&error))?;
        let pin = seen.get().ok_or(ConnectError::NotShepot)?;
        Ok(Self { tls, pin, arrived: Arrived::default() })
    }

    /// The relay's identity.
    #[must_use]
    pub const fn pin(&self) -> Pin {
        self.pin
    }

    fn access_binding(&self) -> Result<ChannelBinding, ConnectError> {
        binding::for_access(self.tls.get_ref().1).map_err(|_| ConnectError::NotShepot)
    }

    /// What a seat proof on this connection is made over.
    ///
    /// # Errors
    ///
    /// [`ConnectError::NotShepot`] where TLS has none.
    pub fn seat_binding(&self) -> Result<ChannelBinding, ConnectError> {
        binding::for_seat(self.tls.get_ref().1).map_err(|_| ConnectError::NotShepot)
    }

    /// Shows these credentials. The relay's answer is the first message to be received, unless it closes.
    ///
    /// # Errors
    ///
    /// [`ConnectError::NotAdmitted`] when the relay has closed already.
    pub async fn ask_in(&mut self, credentials: &Credentials) -> Result<(), ConnectError> {
        let hello = ClientToRelay::Hello(credentials.hello(&self.access_binding()?));
        self.send(&hello).await.map_err(|_| ConnectError::NotAdmitted)
    }

    /// Sends one message and waits until the socket has taken it.
    ///
    /// # Errors
    ///
    /// Those of the socket; [`io::ErrorKind::InvalidInput`] for a message that no frame has room for.
    pub async fn send(&mut self, message: &ClientToRelay) -> io::Result<()> {
        let frame = message.to_frame().map_err(|_| io::ErrorKind::InvalidInput)?;
        self.tls.write_all(&frame).await?;
        self.tls.flush().await
    }

    /// The next message; none when the relay has closed.
    ///
    /// # Errors
    ///
    /// [`ReceiveError`]; then nothing that follows can be read.
    pub async fn receive(&mut self) -> Result<Option<RelayToClient>, ReceiveError> {
        self.arrived.next(&mut self.tls).await
    }

    /// Both directions, each for a task of its own.
    #[must_use]
    pub fn split(self) -> (FrameReceiver, FrameSender) {
        let (read, write) = split(self.tls);
        (FrameReceiver { read, arrived: self.arrived }, FrameSender { write })
    }

    /// TLS itself, before anything was received, for who says something else than messages.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn into_tls(self) -> TlsStream<TcpStream> {
        self.tls
    }
}

/// What the relay sends.
pub struct FrameReceiver {
    read: ReadHalf<Tls>,
    arrived: Arrived,
}

impl FrameReceiver {
    /// The next message; none when the relay has closed.
    ///
    /// # Errors
    ///
    /// [`ReceiveError`]; then nothing that follows can be read.
    pub async fn receive(&mut self) -> Result<Option<RelayToClient>, ReceiveError> {
        self.arrived.next(&mut self.read).await
    }
}

/// What the relay is sent.
pub struct FrameSender {
    write: WriteHalf<Tls>,
}

impl FrameSender {
    /// Gives TLS a whole frame. It is on its way when [`FrameSender::flush`] has ended.
    ///
    /// # Errors
    ///
    /// Those of the socket.
    pub async fn feed(&mut self, frame: &Bytes) -> io::Result<()> {
        self.write.write_all(frame).await
    }

    /// Waits until the socket has taken everything.
    ///
    /// # Errors
    ///
    /// Those of the socket.
    pub async fn flush(&mut self) -> io::Result<()> {
        self.write.flush().await
    }

    /// Says that nothing more comes.
    ///
    /// # Errors
    ///
    /// Those of the socket.
    pub async fn close(mut self) -> io::Result<()> {
        self.write.shutdown().await
    }
}

impl Arrived {
    async fn next(
        &mut self,
        from: &mut (impl AsyncRead + Unpin),
    ) -> Result<Option<RelayToClient>, ReceiveError> {
        loop {
            if let Some(frame) = self.frames.next_frame(FRAME_BYTES).map_err(|_| ReceiveError)? {
                return RelayToClient::decode(frame).map(Some).map_err(|_| ReceiveError);
            }
            self.chunk.resize(CHUNK_BYTES, 0);
            match from.read(&mut self.chunk).await {
                Ok(0) | Err(_) => return Ok(None),
                Ok(length) => self.frames.extend(self.chunk.get(..length).unwrap_or_default()),
            }
        }
    }
}

fn refusal(error: &io::Error) -> ConnectError {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::InvalidCertificate(rustls::CertificateError::Other(other)))
            if other.0.downcast_ref::<WrongPin>().is_some() =>
        {
            ConnectError::WrongIdentity
        }
        Some(_) => ConnectError::NotShepot,
        None if matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset) => {
            ConnectError::NotAdmitted
        }
        None => ConnectError::Unreachable,
    }
}
