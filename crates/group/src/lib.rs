//! End-to-end encryption of one group: MLS (RFC 9420) with the hybrid post-quantum suite X-Wing.
//!
//! Owns: the keys that a circle secret gives, the seal of every blob, the MLS state of a member with every rule about
//! who may change it, the numbering of messages, the safety code. The only crate that knows the MLS library.
//!
//! Must never: do input or output, read a clock or ask the system for randomness (both are injected), know the relay's
//! protocol, compute anything cryptographic of its own, or believe what another member says it may do.

mod chain;
mod commit;
mod config;
mod entropy;
mod envelope;
mod epoch_key;
mod error;
mod extension;
#[cfg(any(fuzzing, test))]
pub mod fuzzing;
mod group;
mod identity;
mod join;
mod keys;
mod member;
mod message;
mod owner;
mod padding;
mod ratchet;
mod reading;
mod rules;
mod safety;
mod store;
mod suite;
mod transcript;

#[cfg(test)]
mod tests;

pub use chain::Continuity;
pub use commit::{EpochChange, Eviction, OwnCommit};
pub use entropy::{Entropy, EntropyFailed, RandomSource};
pub use envelope::BODY_BYTES;
pub use error::{GroupError, Violation};
pub use extension::{JoinNonce, NICK_BYTES, OwnerId, Profile, ProfileTooLarge};
pub use group::{Entrant, Group, ResyncState};
pub use join::Joining;
pub use keys::{BlobKind, BlobNonce, CircleKeys, SEAL_BYTES, blob_nonce};
pub use member::{Identity, Member, MemberKey};
pub use message::{Received, Sealed};
pub use owner::{OWNER_WORD_BYTES, OwnerKey, Succession, is_owners_statement};
pub use padding::BUCKETS;
pub use ratchet::{KEPT_KEYS, KEPT_KEYS_PER_MEMBER};
pub use safety::SafetyCode;
pub use store::PAST_EPOCHS;
pub use transcript::{Agreement, EntryKind, LogTranscript, REMEMBERED_POSITIONS, View};
