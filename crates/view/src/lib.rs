//! What the interfaces share and no toolkit knows.
//!
//! Owns: the state that the engine's events add up to ([`desk`]), the sentence for everything the engine tells, the
//! names of people whose nicks collide, the readable form of messages, safety codes, sizes and times, and the commands
//! with their keys. Must never: know a toolkit, the wire or the encryption, or keep anything of a session that is over.

pub mod banner;
pub mod colour;
pub mod command;
pub mod completion;
pub mod desk;
#[cfg(test)]
mod document;
pub mod emoji;
pub mod layouts;
pub mod link;
pub mod markdown;
pub mod mood;
pub mod palette;
pub mod passphrase;
pub mod people;
pub mod posture;
pub mod safety;
pub mod sentence;
pub mod server_record;
pub mod settings;
pub mod slash;
pub mod tile;
pub mod timer;

pub use shepot_l10n::{L10n, Language, clock, size};
