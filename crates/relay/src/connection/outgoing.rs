//! From the logs to the socket: everything that waits, packed into full records and one write.

use std::io::{self, IoSlice, Write as _};
use std::sync::atomic::Ordering;
use std::task::Context;

use bytes::Bytes;

use super::{Connection, Ending, Scratch};
use crate::admission::Socket;

/// How much plaintext is taken at once: two full TLS records in one write. Encrypted, this is what a slow reader costs.
/// With one record, a delivery to 50 readers takes a fifth more processor time. With four there is little more to gain.
const BATCH_BYTES: usize = 32 * 1024;

/// How many batches a connection may write before others have their turn.
const BATCHES_PER_ROUND: usize = 8;

impl Connection {
    /// Writes what there is. Returns whether there is more to write at once.
    pub(super) fn write(&mut self, cx: &mut Context<'_>, scratch: &mut Scratch) -> Result<bool, Ending> {
        for _ in 0..BATCHES_PER_ROUND {
            if !self.flush(cx)? {
                return Ok(false);
            }
            let batch = &mut scratch.batch;
            self.collect(batch);
            if batch.is_empty() {
                return Ok(false);
            }
            let slices: Vec<IoSlice<'_>> = batch.iter().map(|frame| IoSlice::new(frame)).collect();
            self.tls.writer().write_vectored(&slices).map_err(|_| Ending::Broken)?;
            batch.clear();
        }
        Ok(true)
    }

    /// Gives the socket what TLS has for it. Returns whether it took everything.
    fn flush(&mut self, cx: &mut Context<'_>) -> Result<bool, Ending> {
        let Self { tls, stream, record, .. } = self;
        while tls.wants_write() {
            match tls.write_tls(&mut Socket { stream, cx }) {
                Ok(0) => return Err(Ending::Gone),
                Ok(length) => {
                    record.bytes_out.fetch_add(u64::try_from(length).unwrap_or(u64::MAX), Ordering::Relaxed);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(_) => return Err(Ending::Gone),
            }
        }
        Ok(true)
    }

    /// Collects the next batch: the rest of the last one, answers, then what the cursors find.
    fn collect(&mut self, batch: &mut Vec<Bytes>) {
        let mut room = BATCH_BYTES;
        if !self.rest.is_empty() {
            let part = self.rest.split_to(self.rest.len().min(room));
            room -= part.len();
            batch.push(part);
        }
        while room > 0
            && let Some(answer) = self.outbox.pop_front()
        {
            room = room.saturating_sub(answer.len());
            batch.push(answer);
        }
        if self.outbox.is_empty() && self.outbox.capacity() > 0 {
            // An idle connection keeps no memory.
            self.outbox.shrink_to_fit();
        }
        while room > 0 && self.news != 0 {
            let ahead = self.news.rotate_right(self.turn).trailing_zeros();
            let slot = (self.turn + ahead) % u64::BITS;
            room = self.read_circle(slot, room, batch);
        }
        self.keep_the_rest(batch);
    }

    /// Reads from one circle. Returns the room that is left.
    fn read_circle(&mut self, slot: u32, room: usize, batch: &mut Vec<Bytes>) -> usize {
        let place = usize::try_from(slot).unwrap_or(usize::MAX);
        let Some(membership) = self.circles.get_mut(place).and_then(Option::as_mut) else {
            self.news &= !(1 << slot);
            return room;
        };
        let before = batch.len();
        let pulled = membership.pull(room, batch);
        if let Some(oldest) = pulled.oldest {
            let now = self.shared.clock.now();
            self.shared.counters.delivery.observe(now.saturating_duration_since(oldest));
        }
        if pulled.is_over {
            self.forget(place);
        }
        if pulled.more {
            // The next circle comes first next time.
            self.turn = (slot + 1) % u64::BITS;
        } else {
            self.news &= !(1 << slot);
        }
        let taken: usize = batch.iter().skip(before).map(Bytes::len).sum();
        room.saturating_sub(taken)
    }

    /// Moves what does not fit from the last frame of a batch into the next batch. Only the last frame can be too
    /// large.
    fn keep_the_rest(&mut self, batch: &mut [Bytes]) {
        let Some((last, before)) = batch.split_last_mut() else { return };
        let taken: usize = before.iter().map(Bytes::len).sum();
        let room = BATCH_BYTES.saturating_sub(taken);
        if last.len() > room && self.rest.is_empty() {
            self.rest = last.split_off(room);
        }
    }
}
