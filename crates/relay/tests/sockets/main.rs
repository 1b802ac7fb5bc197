//! Relays on real sockets.
#![allow(clippy::disallowed_methods, reason = "guards against waiting for ever")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(clippy::wildcard_enum_match_arm, clippy::cast_possible_truncation)]

use std::sync::Arc;

use shepot_relay::{Access, Clock, Identity, Limits, Listeners, Relay, RelayHandle, StartError};

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

/// The relay of these tests. The unit tests of the relay play some of them once more, with another.
fn begin(
    listeners: Listeners,
    limits: Limits,
    identity: &Identity,
    access: Access,
    clock: Arc<dyn Clock>,
) -> Result<RelayHandle, StartError> {
    Relay::start_on(listeners, limits, identity, access, clock)
}
