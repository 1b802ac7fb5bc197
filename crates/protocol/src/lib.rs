//! The protocol between client and relay.
//!
//! Owns: the frames, their limits, the versions, the invitation link, the address a person types, and the byte strings
//! that proofs are made over. Bytes in, messages out, and back.
//!
//! Must never: do input or output, read a clock or a random source, or compute anything cryptographic. Both peers
//! share this crate and nothing else, so a relay built from it cannot know a group's keys.

pub mod address;
pub mod frame;
pub mod id;
pub mod invitation;
pub mod limits;
pub mod message;
pub mod succession;
pub mod transcript;
pub mod version;

pub use address::{Address, AddressError, ServerAddress};
pub use frame::{FrameError, FrameReader, encode_frame};
pub use id::{
    CircleId, CircleName, CommitId, LogId, OwnerId, PublishId, ReturnTicket, Seat, SeatSecret, Signature,
    VerificationKey,
};
pub use invitation::{AccessKey, CircleSecret, Invitation, InvitationError, OwnerSeed, Pin};
pub use message::{ClientToRelay, DecodeError, RelayToClient};
pub use succession::Succession;
pub use version::{Version, VersionMismatch, VersionRange};

/// The generated code of `proto/shepot.proto`. Unverified: sizes and required fields are checked in [`message`].
#[rustfmt::skip]
#[allow(missing_docs, clippy::all, clippy::pedantic, unreachable_pub)]
mod wire;
