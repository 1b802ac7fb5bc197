//! Admission: the one place where a socket becomes a connection.
//!
//! Owns: the TLS handshake, the access proof, the version, the bound on connections, and one absolute deadline for all
//! of it.
//!
//! Must never: send a byte of ours to a client without a valid proof. Its socket stays open in silence until the
//! deadline, so that neither the answer nor its time reveals what was wrong.

pub(crate) mod ban_list;
pub(crate) mod slots;
mod tls;

use std::future::poll_fn;
use std::io::{self, BufRead as _, Write as _};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Bytes;
use rustls::ServerConnection;
use shepot_protocol::limits::{FRAME_HEADER_BYTES, GREETING_BYTES, HELLO_FRAME_BYTES};
use shepot_protocol::message::{Hello, Refusal, RefusalCause, Welcome};
use shepot_protocol::version::{SUPPORTED, VersionMismatch};
use shepot_protocol::{ClientToRelay, FrameReader, RelayToClient};
use shepot_transport::binding;
use tokio::io::AsyncWrite as _;
use tokio::net::TcpStream;

pub use ban_list::{Ban, RefusedAddress};
use slots::Place;
pub(crate) use tls::{Socket, server_config};

use crate::access::{Closed, Judgement, Passage};
use crate::clock::within;
use crate::configuration::Limits;
use crate::shared::{Shared, seconds};
use crate::statistics::Attempt;

/// How many bytes are read and discarded from a socket that is about to be closed.
const MOST_DRAINED_BYTES: usize = 4 * 1024 * 1024;

/// An admitted connection, which may send requests.
pub(crate) struct Admitted {
    pub stream: TcpStream,
    pub tls: Box<ServerConnection>,
    /// The passage of its access key. `None`: the relay is open.
    pub passage: Option<Passage>,
    /// After how many milliseconds of silence it is dead, as it was told.
    pub dead_after: u64,
}

/// Why a socket was not admitted.
enum Unwelcome {
    /// It gets no answer. Its socket stays open until the deadline.
    Silently(Attempt),
    /// It was told why.
    Told(Attempt),
    /// It closed the socket itself.
    Gone,
}

/// Admits a socket, or keeps it in silence until the deadline and closes it.
pub(crate) async fn admit(
    shared: &Shared,
    place: &Place,
    mut stream: TcpStream,
    accepted: Instant,
) -> Option<Admitted> {
    // A copy: a guard must not be held while others are waited for.
    let limits = **shared.limits();
    let deadline = accepted + limits.admission_deadline;
    let outcome = match ServerConnection::new(std::sync::Arc::clone(&shared.tls)) {
        Ok(tls) => {
            let mut tls = Box::new(tls);
            tls.set_buffer_limit(None);
            let attempt = converse(shared, &limits, place, &mut stream, &mut tls);
            match within(attempt, shared.clock.until(deadline)).await {
                Some(Ok(passage)) => {
                    let dead_after = u64::try_from(limits.dead_after.as_millis()).unwrap_or(u64::MAX);
                    return Some(Admitted { stream, tls, passage, dead_after });
                }
                Some(Err(unwelcome)) => unwelcome,
                None => Unwelcome::Silently(Attempt::TooLate),
            }
        }
        Err(_) => Unwelcome::Silently(Attempt::NotOurProtocol),
    };
    if let (Ok(peer), Unwelcome::Silently(attempt) | Unwelcome::Told(attempt)) =
        (stream.peer_addr(), &outcome)
    {
        shared.note_refusal(peer.ip(), place.origin, *attempt);
    }
    match outcome {
        Unwelcome::Gone => shared.counters.refuse(Attempt::Gone),
        Unwelcome::Told(attempt) => {
            shared.counters.refuse(attempt);
            tracing::debug!(connection = place.id.0, cause = attempt.name(), "refused");
            let _ = within(drain(&stream), shared.clock.after(limits.farewell_deadline)).await;
        }
        Unwelcome::Silently(attempt) => {
            shared.counters.refuse(attempt);
            tracing::debug!(connection = place.id.0, cause = attempt.name(), "not admitted");
            let _ = within(drain(&stream), shared.clock.until(deadline)).await;
        }
    }
    None
}

/// Reads and discards until the other side has closed. Stops reading after [`MOST_DRAINED_BYTES`]. Then only the
/// caller's deadline ends the wait.
pub(crate) async fn drain(stream: &TcpStream) {
    let mut left = MOST_DRAINED_BYTES;
    while left > 0 && stream.readable().await.is_ok() {
        let mut forgotten = [0; 1024];
        match stream.try_read(&mut forgotten) {
            Ok(0) => return,
            Ok(length) => left = left.saturating_sub(length),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
        // While there is always something to read, reading never yields by itself.
        tokio::task::consume_budget().await;
    }
    if left == 0 {
        std::future::pending::<()>().await;
    }
}

async fn converse(
    shared: &Shared,
    limits: &Limits,
    place: &Place,
    stream: &mut TcpStream,
    tls: &mut ServerConnection,
) -> Result<Option<Passage>, Unwelcome> {
    let hello = hello(stream, tls).await?;
    let binding = binding::for_access(tls).map_err(|_| Unwelcome::Silently(Attempt::NotOurProtocol))?;
    let now = seconds(shared.clock.moment().shown);
    let returns = hello
        .return_ticket
        .zip(hello.access)
        .is_some_and(|(ticket, (id, _))| shared.tickets.is_good(&ticket, id, now));
    let judgement = shared.access().judge(hello.access.as_ref(), &binding, returns, now);
    // A stranger is told nothing; who holds a key, what is wrong.
    let access_key = match judgement {
        Judgement::Stranger => return Err(Unwelcome::Silently(Attempt::WrongProof)),
        Judgement::Expired => {
            return Err(refuse(stream, tls, RefusalCause::InvitationExpired, Attempt::Expired).await);
        }
        Judgement::UsedUp => {
            return Err(refuse(stream, tls, RefusalCause::InvitationUsedUp, Attempt::UsedUp).await);
        }
        Judgement::Welcome(access_key) => access_key,
    };
    if stream.peer_addr().is_ok_and(|peer| {
        // As of now, whatever it was when the socket came.
        shared.ban_list.turns_away(shared.shared_addresses.origin_of(peer.ip()), shared.clock.now())
    }) {
        return Err(refuse(stream, tls, RefusalCause::Banned, Attempt::Banned).await);
    }
    let version = match SUPPORTED.negotiate(hello.versions) {
        Ok(version) => version,
        Err(mismatch) => {
            let cause = match mismatch {
                VersionMismatch::PeerTooOld => RefusalCause::ClientTooOld,
                VersionMismatch::PeerTooNew => RefusalCause::ClientTooNew,
            };
            return Err(refuse(stream, tls, cause, Attempt::Version).await);
        }
    };
    if let Err(cause) = shared.slots.admit(place.id, access_key) {
        return Err(refuse(stream, tls, cause, Attempt::NoRoom).await);
    }
    let passage = match access_key.map(|id| shared.entrance.pass(id, returns)).transpose() {
        Ok(passage) => passage,
        // Somebody else took its last use between the two looks.
        Err(Closed::UsedUp) => {
            return Err(refuse(stream, tls, RefusalCause::InvitationUsedUp, Attempt::UsedUp).await);
        }
        // It may be well in a moment, when a lost connection is known to be one.
        Err(Closed::Crowded) => {
            return Err(refuse(stream, tls, RefusalCause::AddressFull, Attempt::NoRoom).await);
        }
    };
    let seen_address = stream.peer_addr().map(|address| address.to_string()).unwrap_or_default();
    let return_ticket = access_key.map(|id| shared.tickets.give(id, now));
    let renews_access_key = shared.access().renews_keys();
    let welcome = Welcome { version, limits: limits.told(), seen_address, return_ticket, renews_access_key };
    say(stream, tls, &RelayToClient::Welcome(welcome)).await.map_err(|_| Unwelcome::Gone)?;
    Ok(passage)
}

/// The TLS handshake, and the first frame inside it.
async fn hello(stream: &mut TcpStream, tls: &mut ServerConnection) -> Result<Hello, Unwelcome> {
    let (mut frames, mut taken) = (FrameReader::new(), 0);
    let frame = poll_fn(|cx| poll_first_frame(stream, tls, &mut frames, &mut taken, cx)).await?;
    match ClientToRelay::decode(frame) {
        // Nothing may follow it before `Welcome`.
        Ok(ClientToRelay::Hello(hello)) if frames.pending_bytes() == 0 => Ok(hello),
        Ok(_) | Err(_) => Err(Unwelcome::Silently(Attempt::NotOurProtocol)),
    }
}

fn poll_first_frame(
    stream: &mut TcpStream,
    tls: &mut ServerConnection,
    frames: &mut FrameReader,
    taken: &mut usize,
    cx: &mut Context<'_>,
) -> Poll<Result<Bytes, Unwelcome>> {
    let not_ours = || Poll::Ready(Err(Unwelcome::Silently(Attempt::NotOurProtocol)));
    loop {
        // What TLS has to say of errors is not sent: a stranger gets no alert.
        while tls.wants_write() {
            match tls.write_tls(&mut Socket { stream, cx }) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(_) => return Poll::Ready(Err(Unwelcome::Gone)),
            }
        }
        match tls.read_tls(&mut Socket { stream, cx }) {
            Ok(0) => return Poll::Ready(Err(Unwelcome::Gone)),
            Ok(length) => *taken += length,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Poll::Pending,
            Err(error) if error.kind() == io::ErrorKind::InvalidData => return not_ours(),
            Err(_) => return Poll::Ready(Err(Unwelcome::Gone)),
        }
        if *taken > GREETING_BYTES || tls.process_new_packets().is_err() {
            return not_ours();
        }
        while let Ok(chunk) = tls.reader().fill_buf()
            && !chunk.is_empty()
        {
            let length = chunk.len();
            if frames.pending_bytes() + length > FRAME_HEADER_BYTES + HELLO_FRAME_BYTES {
                return not_ours();
            }
            frames.extend(chunk);
            tls.reader().consume(length);
        }
        match frames.next_frame(HELLO_FRAME_BYTES) {
            Ok(Some(frame)) => return Poll::Ready(Ok(frame)),
            Ok(None) => {}
            Err(_) => return not_ours(),
        }
    }
}

async fn refuse(
    stream: &mut TcpStream,
    tls: &mut ServerConnection,
    cause: RefusalCause,
    attempt: Attempt,
) -> Unwelcome {
    let refusal = refusal(cause);
    match say(stream, tls, &RelayToClient::Refused(refusal)).await {
        Ok(()) => Unwelcome::Told(attempt),
        Err(_) => Unwelcome::Gone,
    }
}

/// A refusal that ends the connection.
pub(crate) const fn refusal(cause: RefusalCause) -> Refusal {
    Refusal {
        cause,
        request: None,
        circle: None,
        subject: None,
        retry_after: std::time::Duration::ZERO,
        closing: true,
    }
}

/// Sends one message and waits until the socket has taken it. A closing refusal also closes the writing side.
async fn say(stream: &mut TcpStream, tls: &mut ServerConnection, message: &RelayToClient) -> io::Result<()> {
    let frame = message.to_frame().map_err(|_| io::ErrorKind::InvalidInput)?;
    tls.writer().write_all(&frame)?;
    let closing = matches!(message, RelayToClient::Refused(_));
    if closing {
        tls.send_close_notify();
    }
    flush(stream, tls).await?;
    if closing {
        close_writing(stream).await?;
    }
    Ok(())
}

/// Tells the other side that no more bytes come.
pub(crate) async fn close_writing(stream: &mut TcpStream) -> io::Result<()> {
    poll_fn(|cx| Pin::new(&mut *stream).poll_shutdown(cx)).await
}

/// Waits until the socket has taken everything that TLS has for it.
pub(crate) async fn flush(stream: &mut TcpStream, tls: &mut ServerConnection) -> io::Result<()> {
    poll_fn(|cx| {
        while tls.wants_write() {
            match tls.write_tls(&mut Socket { stream, cx }) {
                Ok(0) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Poll::Pending,
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        Poll::Ready(Ok(()))
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::time::Duration;

    use super::*;
    use crate::clock::{Clock as _, SystemClock};

    const PATIENCE: Duration = Duration::from_secs(60);

    #[allow(clippy::disallowed_methods, reason = "a guard against waiting for ever")]
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn whoever_floods_a_socket_that_is_about_to_be_closed_does_not_outlast_the_deadline() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut flood = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let flooding = tokio::task::spawn_blocking(move || {
            let mut written = 0;
            while let Ok(length) = flood.write(&[7; 64 * 1024]) {
                written += length;
            }
            written
        });
        let draining = tokio::spawn(async move {
            let ended = within(drain(&stream), SystemClock.after(Duration::from_millis(300))).await;
            drop(stream);
            ended
        });
        let ended = tokio::time::timeout(PATIENCE, draining).await.expect("the deadline ends it").unwrap();
        assert_eq!(ended, None, "the flood goes on");
        // What the system holds for both ends comes on top.
        let most = MOST_DRAINED_BYTES + 32 * 1024 * 1024;
        let written = flooding.await.unwrap();
        assert!(written < most, "{written} bytes were taken");
    }
}
