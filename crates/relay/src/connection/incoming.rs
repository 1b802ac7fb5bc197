//! From the socket to requests.

use std::io::{self, BufRead as _};
use std::sync::atomic::Ordering;
use std::task::Context;
use std::time::{Duration, Instant};

use shepot_protocol::FrameError;
use shepot_protocol::limits::FRAME_OVERHEAD_BYTES;
use shepot_protocol::message::RefusalCause;

use super::{Connection, Ending, Scratch};
use crate::admission::Socket;
use crate::budget::Reservation;
use crate::configuration::Limits;

/// How long a large frame may take: the time for 4 MiB at 64 KiB a second, and half as long again.
const LARGE_FRAME_DEADLINE: Duration = Duration::from_secs(96);

/// A large frame that is arriving.
#[derive(Debug)]
pub(super) struct LargeFrame {
    _memory: Reservation,
    until: Instant,
}

/// How many reads of 4 KiB a connection may do before others have their turn.
const READS_PER_ROUND: usize = 8;

/// The size of the largest frame that a client may send, in bytes.
pub(crate) fn largest_frame(limits: &Limits) -> usize {
    limits.circle.group_information_bytes.max(limits.circle.blob_bytes) + FRAME_OVERHEAD_BYTES
}

impl Connection {
    /// Reads from the socket and serves requests. Returns whether there may be more at once.
    pub(super) fn read(&mut self, cx: &mut Context<'_>, scratch: &mut Scratch) -> Result<bool, Ending> {
        // First what is here already: serving may have stopped because too many answers waited.
        let mut served = self.serve_frames(scratch)?;
        for _ in 0..READS_PER_ROUND {
            if self.is_full() {
                // Its answers wait: it has to read them before it asks for more. If any was added just now, the other
                // side may take it at once; if not, the write side wakes the task when it does. Or a circle takes no
                // more now, and rings when it does.
                return Ok(served);
            }
            let Self { tls, stream, .. } = self;
            match tls.read_tls(&mut Socket { stream, cx }) {
                Ok(0) => return Err(Ending::Gone),
                Ok(length) => self.heard(length),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(served),
                Err(error) if error.kind() == io::ErrorKind::InvalidData => return Err(Ending::Broken),
                Err(_) => return Err(Ending::Gone),
            }
            let state = self.tls.process_new_packets().map_err(|_| Ending::Broken)?;
            while let Ok(chunk) = self.tls.reader().fill_buf()
                && !chunk.is_empty()
            {
                let length = chunk.len();
                self.frames.extend(chunk);
                self.tls.reader().consume(length);
            }
            served |= self.serve_frames(scratch)?;
            if state.peer_has_closed() {
                return Err(Ending::Gone);
            }
        }
        Ok(true)
    }

    /// Serves the requests that have arrived completely. Returns whether there was one.
    fn serve_frames(&mut self, scratch: &mut Scratch) -> Result<bool, Ending> {
        let mut served = false;
        let mut now = None;
        while !self.is_full() {
            let limit = self.frame_limit();
            let frame = match self.frames.next_frame(limit) {
                Ok(Some(frame)) => frame,
                Ok(None) => {
                    if self.large_frame.as_ref().is_some_and(|large| large.until <= self.shared.clock.now()) {
                        return Err(Ending::Refused(RefusalCause::TooSlow));
                    }
                    return Ok(served);
                }
                Err(FrameError::TooLarge { claimed, .. }) => {
                    // It would be allowed if others did not send as much right now.
                    let is_no_room =
                        claimed <= self.largest_frame() && self.circles.iter().any(Option::is_some);
                    let cause = if is_no_room { RefusalCause::MemoryFull } else { RefusalCause::TooLarge };
                    return Err(Ending::Refused(cause));
                }
                Err(FrameError::Empty) => return Err(Ending::Refused(RefusalCause::Malformed)),
            };
            served = true;
            let at = *now.get_or_insert_with(|| self.shared.clock.now());
            self.serve_frame(frame, at, scratch)?;
            self.large_frame = None;
        }
        Ok(served)
    }

    fn is_full(&self) -> bool {
        self.outbox.len() >= self.shared.limits().waiting_answers
            || self.circles.iter().flatten().any(|membership| membership.is_full())
    }

    /// The largest frame that may arrive now. Only group information and commits are large, and only participants of a
    /// circle send them. The large frames of all connections together stay within their budget.
    fn frame_limit(&mut self) -> usize {
        let rules = self.shared.limits().circle;
        let small = rules.blob_bytes + FRAME_OVERHEAD_BYTES;
        let large = self.largest_frame();
        let Some(claimed) = self.frames.claimed_bytes().filter(|claimed| *claimed > small) else {
            return small;
        };
        let is_in_a_circle = self.circles.iter().any(Option::is_some);
        if self.large_frame.is_none() && is_in_a_circle && claimed <= large {
            let until = self.shared.clock.now() + LARGE_FRAME_DEADLINE;
            let account = self.shared.large_frames.account(self.record.access_key, self.record.origin);
            let memory = account.reserve(claimed);
            self.large_frame = memory.map(|memory| LargeFrame { _memory: memory, until });
        }
        if self.large_frame.is_some() { large } else { small }
    }

    fn largest_frame(&self) -> usize {
        largest_frame(&self.shared.limits())
    }

    fn heard(&mut self, length: usize) {
        let now = self.shared.milliseconds(self.shared.clock.now());
        self.heard_before = self.record.heard_at.swap(now, Ordering::Relaxed);
        self.record.bytes_in.fetch_add(u64::try_from(length).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}
