//! The relay.
pub mod circle;
pub mod id;
pub mod log;
pub mod signature;
