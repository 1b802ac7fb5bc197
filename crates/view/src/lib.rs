//! What both interfaces share and no toolkit knows.
//!
//! Owns: which sentence belongs to what the engine tells, how people are called where nicks collide, how a safety code
//! is written. Must never: know a toolkit, the wire or the encryption, or keep state of a session.

pub mod people;
pub mod safety;
pub mod sentence;

pub use shepot_words::{Language, Words};
