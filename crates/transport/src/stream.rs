//! Frames over TLS, both ways.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

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

/// How many bytes are read at once.
const CHUNK_BYTES: usize = 16 * 1024;

/// The relay does not follow the grammar. The rest of the stream is unreadable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the relay does not speak the protocol")]
pub struct ReceiveError;

/// The client side of TLS over TCP.
type Tls = TlsStream<TcpStream>;

/// A secured connection to a relay.
pub struct Stream {
    tls: Tls,
    pin: Pin,
    arrived: Arrived,
}

/// Bytes that have arrived and are not consumed yet.
#[derive(Default)]
struct Arrived {
    frames: FrameReader,
    chunk: Vec<u8>,
    /// All bytes that have arrived so far.
    bytes: ArrivedBytes,
}

/// How many bytes have arrived on a connection so far, including those of incomplete frames. A large frame over a slow
/// line takes longer than a silence may last.
#[derive(Clone, Debug, Default)]
pub struct ArrivedBytes(Arc<AtomicU64>);

impl ArrivedBytes {
    /// Adds bytes that have arrived.
    pub fn add(&self, bytes: usize) {
        self.0.fetch_add(u64::try_from(bytes).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// The number of bytes so far.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Stream {
    /// Performs the TLS handshake with the hybrid key exchange. Without a pin, any relay identity is accepted.
    ///
    /// # Errors
    ///
    /// [`ConnectError`], except [`ConnectError::UnknownHost`].
    pub async fn secure(tcp: TcpStream, pin: Option<Pin>) -> Result<Self, ConnectError> {
        Self::offer(tcp, pin, hybrid()).await
    }

    /// Performs the TLS handshake with other key exchanges.
    ///
    /// # Errors
    ///
    /// [`ConnectError`], except [`ConnectError::UnknownHost`].
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

    /// Pin of the relay that answered.
    #[must_use]
    pub const fn pin(&self) -> Pin {
        self.pin
    }

    fn access_binding(&self) -> Result<ChannelBinding, ConnectError> {
        binding::for_access(self.tls.get_ref().1).map_err(|_| ConnectError::NotShepot)
    }

    /// The binding that a seat proof on this connection covers.
    ///
    /// # Errors
    ///
    /// [`ConnectError::NotShepot`] if TLS cannot export it.
    pub fn seat_binding(&self) -> Result<ChannelBinding, ConnectError> {
        binding::for_seat(self.tls.get_ref().1).map_err(|_| ConnectError::NotShepot)
    }

    /// Requests admission with these credentials. The relay's answer is the first message to be received, unless the
    /// relay closes the connection.
    ///
    /// # Errors
    ///
    /// [`ConnectError::NotAdmitted`] if the relay has already closed the connection.
    pub async fn ask_in(&mut self, credentials: &Credentials) -> Result<(), ConnectError> {
        let hello = ClientToRelay::Hello(credentials.hello(&self.access_binding()?));
        self.send(&hello).await.map_err(|_| ConnectError::NotAdmitted)
    }

    /// Sends one message and waits until the socket has accepted it.
    ///
    /// # Errors
    ///
    /// Those of the socket, and [`io::ErrorKind::InvalidInput`] for a message that is too large for a frame.
    pub async fn send(&mut self, message: &ClientToRelay) -> io::Result<()> {
        let frame = message.to_frame().map_err(|_| io::ErrorKind::InvalidInput)?;
        self.tls.write_all(&frame).await?;
        self.tls.flush().await
    }

    /// The next message. `None`: the relay has closed the connection.
    ///
    /// # Errors
    ///
    /// [`ReceiveError`], after which nothing can be read.
    pub async fn receive(&mut self) -> Result<Option<RelayToClient>, ReceiveError> {
        self.arrived.next(&mut self.tls).await
    }

    /// Splits the stream into its two directions, one for each of two tasks.
    #[must_use]
    pub fn split(self) -> (FrameReceiver, FrameSender) {
        let (read, write) = split(self.tls);
        (FrameReceiver { read, arrived: self.arrived }, FrameSender { write })
    }

    /// The TLS connection itself, before anything is received, for callers that send something other than messages.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn into_tls(self) -> TlsStream<TcpStream> {
        self.tls
    }
}

/// The receiving half of a [`Stream`].
pub struct FrameReceiver {
    read: ReadHalf<Tls>,
    arrived: Arrived,
}

impl FrameReceiver {
    /// The next message. `None`: the relay has closed the connection.
    ///
    /// # Errors
    ///
    /// [`ReceiveError`], after which nothing can be read.
    pub async fn receive(&mut self) -> Result<Option<RelayToClient>, ReceiveError> {
        self.arrived.next(&mut self.read).await
    }

    /// The counter of arrived bytes, which also grows while a message is awaited.
    #[must_use]
    pub fn arrived_bytes(&self) -> ArrivedBytes {
        self.arrived.bytes.clone()
    }
}

/// The sending half of a [`Stream`].
pub struct FrameSender {
    write: WriteHalf<Tls>,
}

impl FrameSender {
    /// Passes a whole frame to TLS. It is sent once [`FrameSender::flush`] has returned.
    ///
    /// # Errors
    ///
    /// Those of the socket.
    pub async fn feed(&mut self, frame: &Bytes) -> io::Result<()> {
        self.write.write_all(frame).await
    }

    /// Waits until the socket has accepted everything.
    ///
    /// # Errors
    ///
    /// Those of the socket.
    pub async fn flush(&mut self) -> io::Result<()> {
        self.write.flush().await
    }

    /// Ends the sending direction: nothing more will be sent.
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
                Ok(length) => {
                    self.bytes.add(length);
                    self.frames.extend(self.chunk.get(..length).unwrap_or_default());
                }
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
