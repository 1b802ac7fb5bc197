//! Circles that are kept elsewhere: what members say over real sockets, played once more where every request goes over a
//! line, and what comes of it comes later.
#![allow(clippy::wildcard_enum_match_arm, clippy::cast_possible_truncation, clippy::panic)]
#![allow(clippy::disallowed_methods, reason = "guards against waiting for ever")]

mod elsewhere;

#[path = "../../tests/sockets/support/clock.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod clock;
#[path = "../../tests/sockets/conversation.rs"]
mod conversation;
#[path = "../../tests/sockets/house.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod house;
#[path = "../../tests/sockets/support/member.rs"]
mod member;
#[path = "../../tests/sockets/removal.rs"]
mod removal;

use std::sync::Arc;

use shepot_protocol::message::{Entered, RefusalCause, Standing};
use shepot_protocol::{CircleId, RelayToClient};

use self::elsewhere::Elsewhere;
use self::house::{CIRCLE, NAME, limits, start};
use self::member::enter;
use crate::support;
use crate::{Access, Clock, Identity, Limits, Listeners, Relay, RelayHandle, StartError};

/// A relay whose connections reach its circles over a line alone.
fn begin(
    listeners: Listeners,
    limits: Limits,
    identity: &Identity,
    access: Access,
    clock: Arc<dyn Clock>,
) -> Result<RelayHandle, StartError> {
    let keeper_clock = Arc::clone(&clock);
    let circles = |own: &_| -> Box<dyn super::Circles> { Box::new(Elsewhere::new(own, keeper_clock)) };
    Relay::start_with(listeners, limits, identity, access, clock, circles)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_refused_later_is_in_no_circle() {
    let (relay, door) = start(Limits { circles_per_connection: 1, ..limits() });
    let mut client = door.connect().await;
    // It is not known here that this is not the owner's word: the connection counts as one that is on its way in.
    let mut false_word = member::word_for(CIRCLE, 1);
    false_word.proof[40] ^= 1;
    client.send(&enter(NAME, 1, Some(false_word))).await;
    let refused = client.next().await;
    let Some(RelayToClient::Refused(refused)) = refused else { panic!("{refused:?}") };
    assert_eq!((refused.cause, refused.circle), (RefusalCause::Unexpected, Some(CIRCLE)));
    support::eventually("it is in none", || relay.statistics().connections[0].circles == 0).await;
    let other = CircleId([8; 16]);
    client.send(&enter(member::first_name(other), 1, None)).await;
    let entered = client.next().await;
    let Some(RelayToClient::Entered(Entered { circle, standing, .. })) = entered else {
        panic!("{entered:?}")
    };
    assert_eq!((circle, standing), (other, Standing::CreateGroup), "and its place is free for another");
}
