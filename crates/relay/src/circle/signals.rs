//! The last few signals, for readers that are about to take them. Nothing is kept for any single reader.

use std::collections::VecDeque;
use std::time::Instant;

use bytes::Bytes;

use super::rules::{SIGNAL_AGE, SIGNALS_KEPT};
use crate::id::ConnectionId;

#[derive(Debug)]
struct Kept {
    at: Instant,
    author: ConnectionId,
    frame: Bytes,
}

/// The last few signals, for readers that are about to take them.
#[derive(Debug, Default)]
pub(super) struct Signals {
    kept: VecDeque<Kept>,
    first: u64,
}

impl Signals {
    pub(super) fn next(&self) -> u64 {
        self.first.saturating_add(self.kept.len().try_into().unwrap_or(u64::MAX))
    }

    pub(super) fn push(&mut self, now: Instant, author: ConnectionId, frame: Bytes) {
        self.expire(now);
        if self.kept.len() >= SIGNALS_KEPT {
            self.drop_oldest();
        }
        self.kept.push_back(Kept { at: now, author, frame });
    }

    pub(super) fn expire(&mut self, now: Instant) {
        while self.kept.front().is_some_and(|kept| now.saturating_duration_since(kept.at) >= SIGNAL_AGE) {
            self.drop_oldest();
        }
    }

    pub(super) fn next_expiry(&self) -> Option<Instant> {
        self.kept.front().map(|kept| kept.at + SIGNAL_AGE)
    }

    fn drop_oldest(&mut self) {
        if self.kept.pop_front().is_some() {
            self.first += 1;
        }
    }

    /// The next signal from another connection at or behind the cursor, which moves past it.
    pub(super) fn read(&self, cursor: &mut u64, reader: ConnectionId) -> Option<&Bytes> {
        *cursor = (*cursor).max(self.first);
        loop {
            let kept = self.kept.get(usize::try_from(*cursor - self.first).ok()?)?;
            *cursor += 1;
            if kept.author != reader {
                return Some(&kept.frame);
            }
        }
    }
}
