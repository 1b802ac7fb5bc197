//! A frame is a 4-byte big-endian length and that many bytes of one message.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use thiserror::Error;

use crate::limits::FRAME_HEADER_BYTES;

/// The peer's frame is unreadable. The connection has to end, because the position of the next frame is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FrameError {
    /// The announced length is above the limit.
    #[error("a frame of {claimed} bytes was announced, at most {limit} are allowed")]
    TooLarge {
        /// Announced length, in bytes.
        claimed: usize,
        /// Largest length allowed here, in bytes.
        limit: usize,
    },
    /// A frame without a message.
    #[error("an empty frame")]
    Empty,
}

/// Assembles arriving bytes into frames. Memory grows with the bytes that arrived, never with the announced length.
#[derive(Debug, Default)]
pub struct FrameReader {
    buffer: BytesMut,
}

impl FrameReader {
    /// An empty reader. Allocates nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends bytes received from the connection.
    pub fn extend(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The message of the next complete frame, if it has arrived. At most `limit` bytes.
    ///
    /// # Errors
    ///
    /// [`FrameError`] if the announced length is zero or above `limit`.
    pub fn next_frame(&mut self, limit: usize) -> Result<Option<Bytes>, FrameError> {
        let Some(claimed) = self.claimed_bytes() else { return Ok(None) };
        if claimed == 0 {
            return Err(FrameError::Empty);
        }
        if claimed > limit {
            return Err(FrameError::TooLarge { claimed, limit });
        }
        if self.buffer.len() < FRAME_HEADER_BYTES + claimed {
            return Ok(None);
        }
        self.buffer.advance(FRAME_HEADER_BYTES);
        let frame = self.buffer.split_to(claimed).freeze();
        if self.buffer.is_empty() {
            // An idle connection keeps no buffer.
            self.buffer = BytesMut::new();
        }
        Ok(Some(frame))
    }

    /// Announced length of the next frame. `None`: it has not arrived yet.
    #[must_use]
    pub fn claimed_bytes(&self) -> Option<usize> {
        let header = self.buffer.first_chunk::<FRAME_HEADER_BYTES>()?;
        Some(u32::from_be_bytes(*header) as usize)
    }

    /// Bytes of an incomplete frame.
    #[must_use]
    pub fn pending_bytes(&self) -> usize {
        self.buffer.len()
    }
}

/// Wraps an encoded message in a frame.
///
/// # Errors
///
/// [`FrameError`] if the message is empty or does not fit into a frame.
pub fn encode_frame(message: &[u8]) -> Result<Bytes, FrameError> {
    if message.is_empty() {
        return Err(FrameError::Empty);
    }
    let limit = crate::limits::FRAME_BYTES;
    let length = u32::try_from(message.len()).ok().filter(|_| message.len() <= limit);
    let Some(length) = length else {
        return Err(FrameError::TooLarge { claimed: message.len(), limit });
    };
    let mut frame = BytesMut::with_capacity(FRAME_HEADER_BYTES + message.len());
    frame.put_u32(length);
    frame.put_slice(message);
    Ok(frame.freeze())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::limits::FRAME_BYTES;

    #[test]
    fn a_claimed_length_costs_nothing() {
        let mut reader = FrameReader::new();
        reader.extend(&u32::MAX.to_be_bytes());
        let error = reader.next_frame(1000).unwrap_err();
        assert_eq!(error, FrameError::TooLarge { claimed: u32::MAX as usize, limit: 1000 });
        let mut reader = FrameReader::new();
        reader.extend(&4_000_000_u32.to_be_bytes());
        assert_eq!(reader.next_frame(5_000_000), Ok(None));
        assert!(reader.buffer.capacity() < 1000);
    }

    #[test]
    fn a_frame_has_its_limit_and_not_a_byte_more() {
        let frame = encode_frame(&[7; 11]).unwrap();
        let read = |limit| {
            let mut reader = FrameReader::new();
            reader.extend(&frame);
            reader.next_frame(limit)
        };
        assert_eq!(read(11).unwrap().unwrap().len(), 11);
        assert_eq!(read(10), Err(FrameError::TooLarge { claimed: 11, limit: 10 }));
        assert!(encode_frame(&vec![0; FRAME_BYTES]).is_ok());
        assert!(matches!(encode_frame(&vec![0; FRAME_BYTES + 1]), Err(FrameError::TooLarge { .. })));
    }

    #[test]
    fn an_empty_frame_is_refused() {
        let mut reader = FrameReader::new();
        reader.extend(&[0, 0, 0, 0]);
        assert_eq!(reader.next_frame(10), Err(FrameError::Empty));
        assert_eq!(encode_frame(&[]), Err(FrameError::Empty));
    }

    proptest! {
        #[test]
        fn frames_come_out_as_they_went_in_however_they_are_cut(
            messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..300), 1..8),
            cuts in prop::collection::vec(1_usize..200, 1..50),
        ) {
            let stream: Vec<u8> =
                messages.iter().flat_map(|m| encode_frame(m).unwrap().to_vec()).collect();
            let mut reader = FrameReader::new();
            let mut read = Vec::new();
            let (mut rest, mut cut) = (&stream[..], cuts.iter().cycle());
            while !rest.is_empty() {
                let n = (*cut.next().unwrap()).min(rest.len());
                reader.extend(&rest[..n]);
                rest = &rest[n..];
                while let Some(frame) = reader.next_frame(300).unwrap() {
                    read.push(frame.to_vec());
                }
            }
            prop_assert_eq!(read, messages);
            prop_assert_eq!(reader.pending_bytes(), 0);
        }
    }
}
