//! One connection to a relay: TCP, TLS, `Hello`, then frames both ways through bounded queues.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::hmac;
use bytes::Bytes;
use rustls::pki_types::ServerName;
use shepot_protocol::address::Host;
use shepot_protocol::id::{AccessKeyId, AccessProof};
use shepot_protocol::limits::FRAME_BYTES;
use shepot_protocol::message::Hello;
use shepot_protocol::transcript::{
    ACCESS_EXPORTER_LABEL, ACCESS_KEY_ID_LABEL, EXPORTER_BYTES, SEAT_EXPORTER_LABEL,
};
use shepot_protocol::{
    AccessKey, Address, ClientToRelay, FrameReader, Pin, RelayToClient, ReturnTicket, version,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, ReadHalf, WriteHalf};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::clock::{Clock, within};
use crate::limits::{CONNECT_DEADLINE, FRAME_QUEUE};
use crate::model::ConnectionError;
use crate::tls::{WrongPin, client_config};
use crate::unsent::{Unsent, WriterEnded};

/// Where to.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) address: Address,
    pub(crate) pin: Option<Pin>,
    /// What the relay gave us to come back with.
    pub(crate) return_ticket: Option<ReturnTicket>,
}

/// A connection on which `Hello` was sent. Dropping it ends its tasks.
pub(crate) struct Connection {
    pub(crate) pin: Pin,
    pub(crate) exporter: [u8; EXPORTER_BYTES],
    incoming: mpsc::Receiver<Incoming>,
    outgoing: mpsc::Sender<Bytes>,
    /// What `outgoing` has no room for.
    unsent: Unsent,
    reader: JoinHandle<()>,
    writer: JoinHandle<()>,
}

/// What the relay did.
pub(crate) enum Turn {
    Said(Incoming),
    /// There is room for what waits.
    Reads,
}

/// What comes from the relay.
#[derive(Debug)]
pub(crate) enum Incoming {
    Message(RelayToClient),
    /// The relay does not follow the grammar.
    Garbage,
    Closed,
}

impl Connection {
    /// Connects and says `Hello`, with the proof of this access key.
    pub(crate) async fn open(
        target: Target,
        access_key: Option<AccessKey>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ConnectionError> {
        let opened = within(Self::open_unhurried(target, access_key), clock.after(CONNECT_DEADLINE)).await;
        opened.unwrap_or(Err(ConnectionError::Unreachable))
    }

    async fn open_unhurried(target: Target, access_key: Option<AccessKey>) -> Result<Self, ConnectionError> {
        let tcp = connect_tcp(&target.address).await?;
        tcp.set_nodelay(true).map_err(|_| ConnectionError::Unreachable)?;
        let (config, seen) = client_config(target.pin).map_err(|_| ConnectionError::NotShepot)?;
        // The name is never sent: the pin says who is meant.
        let name = ServerName::try_from("relay.invalid").map_err(|_| ConnectionError::NotShepot)?;
        let mut tls = TlsConnector::from(Arc::new(config))
            .connect(name, tcp)
            .await
            .map_err(|error| tls_problem(&error))?;
        let pin = seen.get().ok_or(ConnectionError::NotShepot)?;
        let (_, session) = tls.get_ref();
        let export = |label: &[u8]| {
            session
                .export_keying_material([0; EXPORTER_BYTES], label, None)
                .map_err(|_| ConnectionError::NotShepot)
        };
        let access = export(ACCESS_EXPORTER_LABEL)?;
        let exporter = export(SEAT_EXPORTER_LABEL)?;
        let hello = ClientToRelay::Hello(Hello {
            versions: version::SUPPORTED,
            access: access_key.as_ref().map(|key| access_proof(key, &access)),
            return_ticket: target.return_ticket,
        });
        let frame = hello.to_frame().map_err(|_| ConnectionError::NotShepot)?;
        tls.write_all(&frame).await.map_err(|_| ConnectionError::NotAdmitted)?;
        tls.flush().await.map_err(|_| ConnectionError::NotAdmitted)?;
        Ok(Self::run(tls, pin, exporter))
    }

    fn run(tls: TlsStream<TcpStream>, pin: Pin, exporter: [u8; EXPORTER_BYTES]) -> Self {
        let (read, write) = tokio::io::split(tls);
        let (to_session, incoming) = mpsc::channel(FRAME_QUEUE);
        let (outgoing, to_relay) = mpsc::channel(FRAME_QUEUE);
        let reader = tokio::spawn(read_frames(read, to_session));
        let writer = tokio::spawn(write_frames(write, to_relay));
        Self { pin, exporter, incoming, outgoing, unsent: Unsent::default(), reader, writer }
    }

    /// Sends a frame, behind those that wait for the relay to read. Never waits.
    pub(crate) fn send(&mut self, now: Duration, frame: &ClientToRelay) -> Result<(), WriterEnded> {
        // What does not fit into a frame cannot be said on this connection.
        let frame = frame.to_frame().map_err(|_| WriterEnded)?;
        self.unsent.push(now, frame);
        self.send_waiting(now)
    }

    /// Sends what waits, as far as the relay reads.
    pub(crate) fn send_waiting(&mut self, now: Duration) -> Result<(), WriterEnded> {
        self.unsent.give(now, &self.outgoing)
    }

    /// Waits for the relay: that it says something, or that it reads what waits.
    pub(crate) async fn turn(&mut self) -> Turn {
        tokio::select! {
            incoming = self.incoming.recv(), if !self.unsent.is_much() => {
                Turn::Said(incoming.unwrap_or(Incoming::Closed))
            }
            // The place is given back, and taken by `send_waiting`.
            _ = self.outgoing.reserve(), if !self.unsent.is_empty() => Turn::Reads,
        }
    }

    /// When the relay has to have read something; none when nothing waits.
    pub(crate) fn patience_ends(&self) -> Option<Duration> {
        self.unsent.patience_ends()
    }

    /// The relay does not read what it is sent.
    pub(crate) fn is_stuck(&self, now: Duration) -> bool {
        self.unsent.is_stuck(now)
    }

    /// Waits, however long it takes, until the relay was sent everything; then the connection ends. Whoever calls it
    /// sets the limit: dropped before, it ends the connection at once.
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
        let (outgoing, to_relay) = mpsc::channel(FRAME_QUEUE);
        let (to_session, incoming) = mpsc::channel(FRAME_QUEUE);
        let reader = tokio::spawn(async move { to_session.closed().await });
        let writer = tokio::spawn(async move {
            std::future::pending::<()>().await;
            drop(to_relay);
        });
        let unsent = Unsent::default();
        Self { pin: Pin([7; 32]), exporter: [7; EXPORTER_BYTES], incoming, outgoing, unsent, reader, writer }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.reader.abort();
        self.writer.abort();
    }
}

async fn connect_tcp(address: &Address) -> Result<TcpStream, ConnectionError> {
    match &address.host {
        Host::Ip(ip) => {
            TcpStream::connect((*ip, address.port)).await.map_err(|_| ConnectionError::Unreachable)
        }
        Host::Name(name) => {
            let found = tokio::net::lookup_host((name.as_str(), address.port)).await;
            let addresses: Vec<_> = found.map_err(|_| ConnectionError::UnknownHost)?.collect();
            if addresses.is_empty() {
                return Err(ConnectionError::UnknownHost);
            }
            TcpStream::connect(addresses.as_slice()).await.map_err(|_| ConnectionError::Unreachable)
        }
    }
}

fn tls_problem(error: &io::Error) -> ConnectionError {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::InvalidCertificate(rustls::CertificateError::Other(other)))
            if other.0.downcast_ref::<WrongPin>().is_some() =>
        {
            ConnectionError::WrongIdentity
        }
        Some(_) => ConnectionError::NotShepot,
        None if matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset) => {
            ConnectionError::NotAdmitted
        }
        None => ConnectionError::Unreachable,
    }
}

fn access_proof(key: &AccessKey, exporter: &[u8; EXPORTER_BYTES]) -> (AccessKeyId, AccessProof) {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.expose());
    let id = hmac::sign(&key, ACCESS_KEY_ID_LABEL);
    let proof = hmac::sign(&key, exporter);
    // HMAC-SHA256 gives 32 bytes.
    let id = id.as_ref().first_chunk().map_or(AccessKeyId([0; 8]), |bytes| AccessKeyId(*bytes));
    let proof = proof.as_ref().first_chunk().map_or(AccessProof([0; 32]), |bytes| AccessProof(*bytes));
    (id, proof)
}

async fn read_frames(mut tls: ReadHalf<TlsStream<TcpStream>>, to_session: mpsc::Sender<Incoming>) {
    let mut frames = FrameReader::new();
    let mut chunk = vec![0; 16 * 1024];
    loop {
        match tls.read(&mut chunk).await {
            Ok(0) | Err(_) => break,
            Ok(count) => frames.extend(chunk.get(..count).unwrap_or_default()),
        }
        loop {
            let incoming = match frames.next_frame(FRAME_BYTES) {
                Ok(None) => break,
                Ok(Some(frame)) => RelayToClient::decode(frame).map_or(Incoming::Garbage, Incoming::Message),
                Err(_) => Incoming::Garbage,
            };
            let is_garbage = matches!(incoming, Incoming::Garbage);
            if to_session.send(incoming).await.is_err() || is_garbage {
                return;
            }
        }
    }
    // The session may be gone already: then nobody needs to be told.
    let _ = to_session.send(Incoming::Closed).await;
}

async fn write_frames(mut tls: WriteHalf<TlsStream<TcpStream>>, mut to_relay: mpsc::Receiver<Bytes>) {
    while let Some(frame) = to_relay.recv().await {
        if tls.write_all(&frame).await.is_err() {
            return;
        }
        // What waits already goes into the same write.
        while let Ok(frame) = to_relay.try_recv() {
            if tls.write_all(&frame).await.is_err() {
                return;
            }
        }
        if tls.flush().await.is_err() {
            return;
        }
    }
    // The peer may be gone: the connection ends either way.
    let _ = tls.shutdown().await;
}
