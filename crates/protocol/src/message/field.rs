//! Conversion of unverified fields to verified ones.

use bytes::Bytes;
use thiserror::Error;

use crate::id::{CircleId, Seat};
use crate::limits::CIRCLE_MEMBERS;

/// The peer's message does not follow the grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// Not protobuf, or not a message of this type.
    #[error("not a message of this protocol")]
    Malformed,
    /// A message or an enum value that this version does not know.
    #[error("unknown {0}")]
    Unknown(&'static str),
    /// A field is missing or has a wrong size.
    #[error("field {0} is missing or has a wrong size")]
    Field(&'static str),
}

impl From<prost::DecodeError> for DecodeError {
    fn from(_: prost::DecodeError) -> Self {
        Self::Malformed
    }
}

/// Converts a field with an exact number of bytes.
pub(super) fn exact<const N: usize>(bytes: &Bytes, name: &'static str) -> Result<[u8; N], DecodeError> {
    bytes.as_ref().try_into().map_err(|_| DecodeError::Field(name))
}

/// Like [`exact`], but the field may be absent.
pub(super) fn optional<const N: usize>(
    bytes: &Bytes,
    name: &'static str,
) -> Result<Option<[u8; N]>, DecodeError> {
    if bytes.is_empty() { Ok(None) } else { exact(bytes, name).map(Some) }
}

/// Converts the circle id, with which nearly every message begins.
pub(super) fn circle(bytes: &Bytes) -> Result<CircleId, DecodeError> {
    exact(bytes, "circle").map(CircleId)
}

/// Accepts a blob that is not empty.
pub(super) fn blob(bytes: Bytes) -> Result<Bytes, DecodeError> {
    if bytes.is_empty() { Err(DecodeError::Field("blob")) } else { Ok(bytes) }
}

/// Accepts a field that must be present.
pub(super) fn present<T>(value: Option<T>, name: &'static str) -> Result<T, DecodeError> {
    value.ok_or(DecodeError::Field(name))
}

/// The bytes of a fixed-size name, for the wire.
pub(super) fn out(bytes: &[u8]) -> Bytes {
    Bytes::copy_from_slice(bytes)
}

/// Converts seats, of which there may be no more than a circle can have.
pub(super) fn seats(numbers: Vec<u64>, name: &'static str) -> Result<Vec<Seat>, DecodeError> {
    if numbers.len() > CIRCLE_MEMBERS {
        return Err(DecodeError::Field(name));
    }
    Ok(numbers.into_iter().map(Seat).collect())
}

/// The numbers of seats, for the wire.
pub(super) fn numbers_of(seats: &[Seat]) -> Vec<u64> {
    seats.iter().map(|seat| seat.0).collect()
}
