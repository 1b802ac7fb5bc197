//! An admitted connection: one task that reads requests, writes what its cursors find, and sleeps in between.
//!
//! Owns: the socket, its TLS, the arriving frames, a few waiting answers. While idle it keeps no buffer, no timer and
//! no channel. Its socket wakes it, or the bell of its [`Record`].
//!
//! Must never: hold a lock while it writes, or take more from the logs before the socket took the last batch. So a slow
//! reader costs one batch, whatever happens in its circles.

mod farewell;
mod incoming;
mod outgoing;
mod rate;
pub(crate) mod record;
mod requests;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use bytes::Bytes;
use rustls::ServerConnection;
use shepot_protocol::FrameReader;
use shepot_protocol::message::{PresenceChange, RefusalCause};
use tokio::net::TcpStream;

use self::incoming::LargeFrame;
use crate::access::Passage;
use crate::admission::Admitted;
use crate::admission::slots::Place;
use crate::circles::{Membership, Reader};
use crate::operator::{EndCause, Incident};
use crate::shared::Shared;
use crate::statistics::read;
pub(crate) use incoming::largest_frame;
use rate::Rates;
use record::{CloseReason, Record};

/// How many rounds of reading and writing a task does before others have their turn.
const ROUNDS_PER_TURN: usize = 4;

/// Why a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// The client closed it, or the network did.
    Gone,
    /// Its TLS is broken.
    Broken,
    /// It is refused, and told so.
    Refused(RefusalCause),
    /// The relay, its operator or a circle closes it.
    Closed(CloseReason),
}

impl Ending {
    const fn cause(self) -> EndCause {
        match self {
            Self::Gone => EndCause::Gone,
            Self::Broken => EndCause::Broken,
            Self::Refused(RefusalCause::TooLarge) => EndCause::TooLarge,
            Self::Refused(RefusalCause::TooFast) => EndCause::TooFast,
            Self::Refused(RefusalCause::TooSlow) | Self::Closed(CloseReason::TooSlow) => EndCause::TooSlow,
            Self::Refused(RefusalCause::MemoryFull) | Self::Closed(CloseReason::MemoryFull) => {
                EndCause::MemoryFull
            }
            Self::Refused(_) => EndCause::Malformed,
            Self::Closed(CloseReason::Crowded) => EndCause::Crowded,
            Self::Closed(CloseReason::ShutDown) => EndCause::ShuttingDown,
            Self::Closed(CloseReason::Disconnect) => EndCause::DisconnectedByOperator,
            Self::Closed(CloseReason::Ban) => EndCause::Banned,
            Self::Closed(CloseReason::Replaced) => EndCause::Replaced,
            Self::Closed(CloseReason::Silent) => EndCause::Silent,
            Self::Closed(CloseReason::Revoke) => EndCause::Revoked,
        }
    }
}

/// Buffers that are needed during a turn only: one set for each thread.
#[derive(Debug, Default)]
struct Scratch {
    /// The frames of one batch.
    batch: Vec<Bytes>,
    /// The readers to wake after this turn: each once, however many requests were read.
    woken: Vec<Reader>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

pub(crate) struct Connection {
    shared: Arc<Shared>,
    record: Arc<Record>,
    stream: TcpStream,
    tls: Box<ServerConnection>,
    /// The passage of its access key. `None`: the relay is open.
    passage: Option<Passage>,
    frames: FrameReader,
    /// The circles that it is in. The position of a circle is the number of the bit that rings for it.
    circles: Vec<Option<Box<dyn Membership>>>,
    /// The circles in which there may be something to read, a bit for each.
    news: u64,
    /// The position of the circle to read next.
    turn: u32,
    /// Answers that are not about a circle.
    outbox: VecDeque<Bytes>,
    /// The rest of a frame whose beginning was in the last batch.
    rest: Bytes,
    rates: Rates,
    /// When something arrived before the last time, in milliseconds since the relay started.
    heard_before: u64,
    /// The memory that is reserved for the large frame that is arriving.
    large_frame: Option<LargeFrame>,
}

/// Serves an admitted connection until it ends.
pub(crate) async fn serve(shared: Arc<Shared>, place: Place, peer: SocketAddr, admitted: Admitted) {
    let now = shared.clock.now();
    let heard_at = shared.milliseconds(now);
    let access_key = admitted.passage.as_ref().map(|passage| passage.id);
    let origin = place.origin.of_key(access_key).unwrap_or(place.origin);
    let means = shared.own_circles.means(access_key, origin);
    let record = Record::new((place.id, peer, origin), access_key, means, now, heard_at, admitted.dead_after);
    let mut connection = Connection::new(shared, record, admitted);
    let ending = poll_fn(|cx| connection.poll(cx)).await;
    connection.end(ending);
    Box::pin(connection.say_farewell(ending)).await;
    // The place is given back last: whoever waits for the house to be empty waits for the last words, too.
    drop(connection);
    drop(place);
}

impl Connection {
    fn new(shared: Arc<Shared>, record: Arc<Record>, admitted: Admitted) -> Self {
        shared.enlist(&record);
        shared.note(Incident::Admitted { connection: record.id, address: record.address });
        tracing::info!(connection = record.id.0, address = %record.address, "admitted");
        let heard_before = read(&record.heard_at);
        Self {
            shared,
            record,
            heard_before,
            stream: admitted.stream,
            tls: admitted.tls,
            passage: admitted.passage,
            frames: FrameReader::new(),
            circles: Vec::new(),
            news: 0,
            turn: 0,
            outbox: VecDeque::new(),
            rest: Bytes::new(),
            rates: Rates::default(),
            large_frame: None,
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Ending> {
        let mut scratch = SCRATCH.take();
        let outcome = self.turn(cx, &mut scratch);
        scratch.batch.clear();
        self.ring(&mut scratch.woken);
        SCRATCH.set(scratch);
        match outcome {
            Err(ending) => Poll::Ready(ending),
            Ok(()) => Poll::Pending,
        }
    }

    fn turn(&mut self, cx: &mut Context<'_>, scratch: &mut Scratch) -> Result<(), Ending> {
        self.record.listen(cx.waker());
        for _ in 0..ROUNDS_PER_TURN {
            if let Some(reason) = self.record.close_reason() {
                return Err(Ending::Closed(reason));
            }
            self.news |= self.record.take_news();
            let more_to_write = self.write(cx, scratch)?;
            let more_to_read = self.read(cx, scratch);
            self.ring(&mut scratch.woken);
            if !more_to_read? && !more_to_write {
                return Ok(());
            }
        }
        cx.waker().wake_by_ref();
        Ok(())
    }

    /// Wakes the readers that have something to read now.
    fn ring(&mut self, woken: &mut Vec<Reader>) {
        for reader in woken.drain(..) {
            if reader.peer.id() == self.record.id {
                self.news |= 1 << reader.slot;
            } else {
                reader.ring();
            }
        }
    }

    /// Removes the connection from its circles.
    fn end(&mut self, ending: Ending) {
        tracing::info!(
            connection = self.record.id.0,
            address = %self.record.address,
            cause = ending.cause().name(),
            "ended"
        );
        self.shared.note(Incident::Ended {
            connection: self.record.id,
            address: self.record.address,
            after_s: self.shared.clock.now().saturating_duration_since(self.record.since).as_secs(),
            bytes: read(&self.record.bytes_in).saturating_add(read(&self.record.bytes_out)),
            cause: ending.cause(),
        });
        match ending {
            Ending::Closed(CloseReason::ShutDown) => {}
            // Nobody waits for who was shown out: the others see at once that the seat is empty.
            Ending::Closed(CloseReason::Disconnect | CloseReason::Ban | CloseReason::Revoke) => {
                self.leave_circles(PresenceChange::Left);
            }
            Ending::Gone
            | Ending::Broken
            | Ending::Refused(_)
            | Ending::Closed(
                CloseReason::TooSlow
                | CloseReason::MemoryFull
                | CloseReason::Crowded
                | CloseReason::Replaced
                | CloseReason::Silent,
            ) => self.leave_circles(PresenceChange::Lost),
        }
    }

    fn leave_circles(&mut self, change: PresenceChange) {
        let now = self.shared.clock.now();
        let mut woken = Vec::new();
        for membership in std::mem::take(&mut self.circles).into_iter().flatten() {
            match change {
                PresenceChange::Left => membership.leave(now, &mut woken),
                PresenceChange::Lost | PresenceChange::Entered => membership.lose(now, &mut woken),
            }
        }
        self.ring(&mut woken);
    }
}

impl Drop for Connection {
    /// Also runs after a panic, which costs only this connection: its circles take it as a loss.
    fn drop(&mut self) {
        // When the relay stops, members are not told of each other's loss.
        if !self.shared.stopping.load(Ordering::Relaxed) {
            self.leave_circles(PresenceChange::Lost);
        }
        // Before it is seen to be gone, so that its place is free then.
        self.passage = None;
        self.shared.delist(&self.record);
    }
}

#[cfg(test)]
mod tests;
