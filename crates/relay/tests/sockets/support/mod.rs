//! A client of the relay on the way that all take (`transport`), and nothing else of ours: what a relay needs of a
//! client, and whatever somebody else might send.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
#![allow(clippy::disallowed_methods, reason = "guards against waiting for ever")]
#![allow(clippy::indexing_slicing, clippy::wildcard_enum_match_arm)]

use std::net::SocketAddr;
use std::time::Duration;

use rustls::crypto::SupportedKxGroup;
use shepot_protocol::message::{Hello, Welcome};
use shepot_protocol::transcript::ChannelBinding;
use shepot_protocol::version::SUPPORTED;
use shepot_protocol::{
    AccessKey, ClientToRelay, FrameReader, Pin, RelayToClient, ReturnTicket, VersionRange, limits,
};
use shepot_transport::{ConnectError, Credentials, Stream, Tls, binding};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

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

/// TLS to a relay of this pin, with these key exchanges.
pub async fn tls(
    address: SocketAddr,
    pin: Pin,
    key_exchanges: Vec<&'static dyn SupportedKxGroup>,
) -> Result<Tls, ConnectError> {
    let tcp = TcpStream::connect(address).await.map_err(|_| ConnectError::Unreachable)?;
    Ok(Stream::secure_offering(tcp, Some(pin), key_exchanges).await?.into_tls())
}

/// A connection to a relay.
pub struct Client {
    pub stream: Tls,
    frames: FrameReader,
}

impl Client {
    /// TLS only.
    pub async fn dial(address: SocketAddr, pin: Pin) -> Result<Self, ConnectError> {
        Self::secure(TcpStream::connect(address).await.map_err(|_| ConnectError::Unreachable)?, pin).await
    }

    async fn secure(tcp: TcpStream, pin: Pin) -> Result<Self, ConnectError> {
        let stream = Stream::secure(tcp, Some(pin)).await?.into_tls();
        Ok(Self { stream, frames: FrameReader::new() })
    }

    /// TLS and a hello; what the relay says to it. None: it closed without a word.
    pub async fn greet(
        address: SocketAddr,
        pin: Pin,
        key: Option<&AccessKey>,
        versions: VersionRange,
    ) -> (Self, Option<RelayToClient>) {
        Self::come(address, pin, key, versions, None).await
    }

    /// The same from an address of this machine's choice.
    pub async fn greet_from(
        from: SocketAddr,
        address: SocketAddr,
        pin: Pin,
        key: Option<&AccessKey>,
    ) -> (Self, Option<RelayToClient>) {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind(from).unwrap();
        let stream = socket.connect(address).await.unwrap();
        Self::secure(stream, pin).await.unwrap().say_hello(key, SUPPORTED, None).await
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
        let credentials = Credentials { versions, access_key: key.cloned(), return_ticket };
        self.send(&ClientToRelay::Hello(self.hello(&credentials))).await;
        let answer = self.next().await;
        (self, answer)
    }

    /// An admitted connection.
    pub async fn connect(address: SocketAddr, pin: Pin, key: Option<&AccessKey>) -> (Self, Welcome) {
        match Self::greet(address, pin, key, SUPPORTED).await {
            (client, Some(RelayToClient::Welcome(welcome))) => (client, welcome),
            (_, other) => panic!("not welcome: {other:?}"),
        }
    }

    /// What shows these credentials on this connection, and on no other.
    pub fn hello(&self, credentials: &Credentials) -> Hello {
        credentials.hello(&binding::for_access(self.stream.get_ref().1).unwrap())
    }

    pub fn seat_binding(&self) -> ChannelBinding {
        binding::for_seat(self.stream.get_ref().1).unwrap()
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
