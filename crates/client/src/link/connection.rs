//! One connection to a relay: frames both ways through bounded queues.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use shepot_protocol::transcript::ChannelBinding;
use shepot_protocol::{Address, ClientToRelay, Pin, RelayToClient};
use shepot_transport::{ArrivedBytes, ConnectError, Credentials, FrameReceiver, FrameSender, Stream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::unsent::{Unsent, WriterEnded};
use crate::clock::{Clock, within};
use crate::limits::{CONNECT_DEADLINE, FRAME_QUEUE};
use crate::model::ConnectionError;

/// A connection on which `Hello` was sent. Dropping it ends its tasks.
pub(crate) struct Connection {
    pub(crate) pin: Pin,
    /// What a seat proof on this connection is made over (docs/PROTOCOL.md, section 5.3).
    pub(crate) binding: ChannelBinding,
    incoming: mpsc::Receiver<Incoming>,
    arrived: ArrivedBytes,
    /// How many of the arrived bytes [`Connection::has_heard`] has reported.
    known: u64,
    outgoing: mpsc::Sender<Bytes>,
    /// Frames for which `outgoing` has no room.
    unsent: Unsent,
    reader: JoinHandle<()>,
    writer: JoinHandle<()>,
}

/// What happened on a connection.
pub(crate) enum Turn {
    Said(Incoming),
    /// The relay reads, so there is room for what waits.
    Reads,
}

/// What the relay sent.
#[derive(Debug)]
pub(crate) enum Incoming {
    Message(RelayToClient),
    /// Bytes that do not follow the grammar.
    Garbage,
    Closed,
}

impl Connection {
    /// Connects and asks for admission with these credentials. The connection has [`CONNECT_DEADLINE`].
    pub(crate) async fn open(
        address: Address,
        pin: Option<Pin>,
        credentials: Credentials,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ConnectionError> {
        let connecting = shepot_transport::connect(&address, pin, &credentials);
        let connected = within(connecting, clock.after(CONNECT_DEADLINE)).await;
        let stream = connected.unwrap_or(Err(ConnectError::Unreachable))?;
        Ok(Self::run(stream.pin(), stream.seat_binding()?, stream))
    }

    fn run(pin: Pin, binding: ChannelBinding, stream: Stream) -> Self {
        let (from_relay, to_relay) = stream.split();
        let (to_link, incoming) = mpsc::channel(FRAME_QUEUE);
        let (outgoing, to_send) = mpsc::channel(FRAME_QUEUE);
        let arrived = from_relay.arrived_bytes();
        let reader = tokio::spawn(receive(from_relay, to_link));
        let writer = tokio::spawn(send(to_relay, to_send));
        let unsent = Unsent::default();
        Self { pin, binding, incoming, arrived, known: 0, outgoing, unsent, reader, writer }
    }

    /// Queues a frame behind those that the relay has not read yet. Never waits.
    pub(crate) fn send(&mut self, now: Duration, frame: &ClientToRelay) -> Result<(), WriterEnded> {
        // What does not fit into a frame cannot be said on this connection.
        let frame = frame.to_frame().map_err(|_| WriterEnded)?;
        self.unsent.push(now, frame);
        self.send_waiting(now)
    }

    /// Gives the writer what waits, as far as it has room.
    fn send_waiting(&mut self, now: Duration) -> Result<(), WriterEnded> {
        self.unsent.give(now, &self.outgoing)
    }

    /// Waits until the relay sends something or reads what waits for it.
    pub(crate) async fn turn(&mut self) -> Turn {
        tokio::select! {
            incoming = self.incoming.recv(), if !self.unsent.is_much() => {
                Turn::Said(incoming.unwrap_or(Incoming::Closed))
            }
            // The place is given back, and taken by [`Connection::hangs`].
            _ = self.outgoing.reserve(), if !self.unsent.is_empty() => Turn::Reads,
        }
    }

    /// Whether anything has arrived since the last call, even a part of a frame.
    pub(crate) fn has_heard(&mut self) -> bool {
        let before = std::mem::replace(&mut self.known, self.arrived.number());
        self.known != before
    }

    /// The moment by which the relay has to read something. `None`: nothing waits.
    pub(crate) fn patience_ends(&self) -> Option<Duration> {
        self.unsent.patience_ends()
    }

    /// Gives the writer what waits. True: the relay reads too slowly or not at all.
    pub(crate) fn hangs(&mut self, now: Duration) -> bool {
        self.send_waiting(now).is_err() || self.unsent.is_stuck(now)
    }

    /// Sends everything that waits, however long it takes, then ends the connection. The caller sets the limit:
    /// dropping the future ends the connection at once.
    pub(crate) async fn finish(mut self) {
        for frame in self.unsent.take() {
            // The writer has ended: then so has the connection.
            if self.outgoing.send(frame).await.is_err() {
                return;
            }
        }
        let (closed, _) = mpsc::channel(1);
        drop(std::mem::replace(&mut self.outgoing, closed));
        // A writer that panicked has nothing more to say.
        let _ = (&mut self.writer).await;
    }
}

#[cfg(test)]
impl Connection {
    /// One to a relay that takes nothing any more and says nothing.
    pub(crate) fn hanging() -> Self {
        let (mut connection, to_send) = Self::watched();
        connection.writer = tokio::spawn(async move {
            std::future::pending::<()>().await;
            drop(to_send);
        });
        connection
    }

    /// One to a relay that says nothing, and what it is sent.
    pub(crate) fn watched() -> (Self, mpsc::Receiver<Bytes>) {
        let (outgoing, to_send) = mpsc::channel(FRAME_QUEUE);
        let (to_link, incoming) = mpsc::channel(FRAME_QUEUE);
        let reader = tokio::spawn(async move { to_link.closed().await });
        let writer = tokio::spawn(std::future::pending());
        let (unsent, binding) = (Unsent::default(), ChannelBinding([7; 32]));
        let (pin, arrived) = (Pin([7; 32]), ArrivedBytes::default());
        (Self { pin, binding, incoming, arrived, known: 0, outgoing, unsent, reader, writer }, to_send)
    }

    /// A part of a frame arrives.
    pub(crate) fn hears_a_part(&self) {
        self.arrived.add(1);
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.reader.abort();
        self.writer.abort();
    }
}

impl From<ConnectError> for ConnectionError {
    fn from(error: ConnectError) -> Self {
        match error {
            ConnectError::UnknownHost => Self::UnknownHost,
            ConnectError::Unreachable => Self::Unreachable,
            ConnectError::NotShepot => Self::NotShepot,
            ConnectError::WrongIdentity => Self::WrongIdentity,
            ConnectError::NotAdmitted => Self::NotAdmitted,
        }
    }
}

async fn receive(mut relay: FrameReceiver, to_link: mpsc::Sender<Incoming>) {
    loop {
        let incoming = match relay.receive().await {
            Ok(Some(message)) => Incoming::Message(message),
            Ok(None) => Incoming::Closed,
            Err(_) => Incoming::Garbage,
        };
        let is_last = !matches!(incoming, Incoming::Message(_));
        // The link may be gone already: then nobody needs to be told.
        if to_link.send(incoming).await.is_err() || is_last {
            return;
        }
    }
}

async fn send(mut relay: FrameSender, mut to_send: mpsc::Receiver<Bytes>) {
    while let Some(frame) = to_send.recv().await {
        if relay.feed(&frame).await.is_err() {
            return;
        }
        // What waits already goes into the same write.
        while let Ok(frame) = to_send.try_recv() {
            if relay.feed(&frame).await.is_err() {
                return;
            }
        }
        if relay.flush().await.is_err() {
            return;
        }
    }
    // The peer may be gone: the connection ends either way.
    let _ = relay.close().await;
}

#[cfg(test)]
mod tests {
    use shepot_protocol::AccessKey;
    use shepot_protocol::address::Host;
    use shepot_relay::{Access, Configuration, Identity, Limits, Relay};
    use tokio::io::AsyncWriteExt as _;
    use tokio::net::TcpListener;

    use super::*;
    use crate::clock::SystemClock;

    async fn opened(
        port: u16,
        pin: Option<Pin>,
        key: Option<AccessKey>,
    ) -> Result<Connection, ConnectionError> {
        let address = Address { host: Host::Ip([127, 0, 0, 1].into()), port };
        Connection::open(address, pin, Credentials::new(key), Arc::new(SystemClock::start())).await
    }

    #[tokio::test]
    async fn a_relay_is_talked_to_only_when_it_has_the_identity_of_the_invitation() {
        let key = AccessKey::new([9; 32]);
        let access = Access::Keys([key.clone()].into_iter().collect());
        let listen = vec!["127.0.0.1:0".parse().unwrap()];
        let configuration = Configuration { listen, limits: Limits::default() };
        let relay = Relay::start(configuration, &Identity::generate().unwrap(), access).await.unwrap();
        let port = relay.local_addresses()[0].port();
        let other = opened(port, Some(Pin([1; 32])), Some(key.clone())).await;
        assert_eq!(other.err(), Some(ConnectionError::WrongIdentity));
        // Whoever comes without a pin is told the identity.
        for pin in [Some(relay.pin()), None] {
            let mut connection = opened(port, pin, Some(key.clone())).await.unwrap();
            assert_eq!(connection.pin, relay.pin());
            assert!(matches!(
                connection.turn().await,
                Turn::Said(Incoming::Message(RelayToClient::Welcome(_)))
            ));
        }
    }

    #[tokio::test]
    async fn what_is_no_relay_is_told_apart() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let serving = tokio::spawn(async move {
            let (mut web, _) = listener.accept().await.unwrap();
            web.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
            let (silent, _) = listener.accept().await.unwrap();
            drop(silent);
        });
        assert_eq!(opened(port, None, None).await.err(), Some(ConnectionError::NotShepot));
        assert_eq!(opened(port, None, None).await.err(), Some(ConnectionError::NotAdmitted));
        serving.await.unwrap();
        assert_eq!(opened(port, None, None).await.err(), Some(ConnectionError::Unreachable));
    }
}
