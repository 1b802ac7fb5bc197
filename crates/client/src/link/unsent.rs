//! Frames that the relay has not taken yet, in their order.
//!
//! Owns how much may wait and for how long. Must never wait itself: a relay that reads slowly, or not at all, must not
//! block the person.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc::Sender;
use tokio::sync::mpsc::error::TrySendError;

use crate::limits::{SEND_PATIENCE, UNSENT_BYTES, UNSENT_FRAMES};

/// The task that writes to the relay has ended.
#[derive(Debug)]
pub(crate) struct WriterEnded;

#[derive(Default)]
pub(crate) struct Unsent {
    frames: VecDeque<Bytes>,
    bytes: usize,
    /// When the last frame was taken, or when the first of the waiting ones came.
    stuck_since: Duration,
}

impl Unsent {
    pub(crate) fn push(&mut self, now: Duration, frame: Bytes) {
        if self.frames.is_empty() {
            self.stuck_since = now;
        }
        self.bytes += frame.len();
        self.frames.push_back(frame);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Whether so much waits that nothing more is heard from the relay, because the answers would only add to it.
    pub(crate) const fn is_much(&self) -> bool {
        self.bytes >= UNSENT_BYTES
    }

    /// Gives the writer as much as it has room for.
    pub(crate) fn give(&mut self, now: Duration, writer: &Sender<Bytes>) -> Result<(), WriterEnded> {
        while let Some(frame) = self.frames.pop_front() {
            let bytes = frame.len();
            match writer.try_send(frame) {
                Ok(()) => {
                    self.bytes -= bytes;
                    self.stuck_since = now;
                }
                Err(TrySendError::Full(frame)) => {
                    self.frames.push_front(frame);
                    break;
                }
                Err(TrySendError::Closed(_)) => return Err(WriterEnded),
            }
        }
        Ok(())
    }

    /// The moment by which the relay has to take something. `None`: nothing waits.
    pub(crate) fn patience_ends(&self) -> Option<Duration> {
        (!self.frames.is_empty()).then(|| self.stuck_since.saturating_add(SEND_PATIENCE))
    }

    /// Whether the relay takes nothing, or far less than it makes us say.
    pub(crate) fn is_stuck(&self, now: Duration) -> bool {
        self.frames.len() > UNSENT_FRAMES || self.patience_ends().is_some_and(|end| end <= now)
    }

    /// Takes everything that waits, for a farewell.
    pub(crate) fn take(&mut self) -> VecDeque<Bytes> {
        self.bytes = 0;
        std::mem::take(&mut self.frames)
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc::channel;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn what_a_relay_does_not_read_waits_in_order_and_is_counted() {
        let (writer, mut relay) = channel(1);
        let mut unsent = Unsent::default();
        let frame = |number: u8| Bytes::from(vec![number; UNSENT_BYTES / 4]);
        for number in 0..4 {
            unsent.push(SECOND, frame(number));
        }
        assert!(unsent.is_much());
        unsent.give(SECOND, &writer).unwrap();
        assert!(!unsent.is_much(), "one was taken");
        for number in 0..4 {
            assert_eq!(relay.try_recv().unwrap(), frame(number));
            unsent.give(SECOND, &writer).unwrap();
        }
        assert!(unsent.is_empty());
        assert_eq!(unsent.bytes, 0);
    }

    #[test]
    fn patience_begins_with_what_waits_and_anew_with_what_is_taken() {
        let (writer, mut relay) = channel(1);
        let mut unsent = Unsent::default();
        assert_eq!(unsent.patience_ends(), None);
        for _ in 0..3 {
            unsent.push(SECOND * 100, Bytes::from_static(b"frame"));
        }
        unsent.give(SECOND * 100, &writer).unwrap();
        let end = SECOND * 100 + SEND_PATIENCE;
        assert_eq!(unsent.patience_ends(), Some(end));
        assert!(!unsent.is_stuck(end - SECOND) && unsent.is_stuck(end));
        relay.try_recv().unwrap();
        unsent.give(end - SECOND, &writer).unwrap();
        assert!(!unsent.is_stuck(end));
        drop(relay);
        unsent.give(end, &writer).unwrap_err();
        // After a quiet hour patience begins with what has to wait then.
        let (mut quiet, hour) = (Unsent::default(), SECOND * 3_600);
        quiet.push(hour, Bytes::from_static(b"frame"));
        assert_eq!(quiet.patience_ends(), Some(hour + SEND_PATIENCE));
    }

    #[test]
    fn a_relay_that_makes_us_say_too_much_is_stuck() {
        let mut unsent = Unsent::default();
        for _ in 0..UNSENT_FRAMES {
            unsent.push(SECOND, Bytes::from_static(b"frame"));
        }
        assert!(!unsent.is_stuck(SECOND));
        unsent.push(SECOND, Bytes::from_static(b"frame"));
        assert!(unsent.is_stuck(SECOND));
    }
}
