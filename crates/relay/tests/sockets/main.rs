//! Relays on real sockets.
#![allow(clippy::disallowed_methods, reason = "guards against waiting for ever")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(clippy::wildcard_enum_match_arm, clippy::cast_possible_truncation)]

mod conversation;
mod ending;
mod house;
mod memory;
mod operating;
mod removal;
mod strangers;
mod support;

#[path = "support/clock.rs"]
mod clock;
#[path = "support/member.rs"]
mod member;
