//! Circles that are kept elsewhere: what members say over real sockets, played once more where every request goes over
//! a line, and what comes of it comes later.
#![allow(clippy::wildcard_enum_match_arm, clippy::cast_possible_truncation, clippy::panic)]
#![allow(clippy::disallowed_methods, reason = "guards against waiting for ever")]

mod elsewhere;

#[path = "../../tests/sockets/support/clock.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod clock;
#[path = "../../tests/sockets/conversation.rs"]
mod conversation;
#[path = "../../tests/sockets/ending.rs"]
mod ending;
#[path = "../../tests/sockets/house.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod house;
#[path = "../../tests/sockets/support/member.rs"]
mod member;
#[path = "../../tests/sockets/memory.rs"]
mod memory;
#[path = "../../tests/sockets/operating.rs"]
mod operating;
#[path = "../../tests/sockets/removal.rs"]
mod removal;

use std::sync::Arc;

use shepot_protocol::message::{Delivery, Entered, Entry, PresenceChange, RefusalCause, Standing};
use shepot_protocol::{AccessKey, CircleId, RelayToClient};

use self::elsewhere::{Elsewhere, Line};
use self::house::{CIRCLE, NAME, limits, start};
use self::member::{Door, Member, enter, let_in};
use crate::support;
use crate::{Access, Clock, Identity, Limits, Listeners, Relay, RelayHandle, StartError, SystemClock};

/// A relay whose connections reach its circles over a line alone.
fn begin(
    listeners: Listeners,
    limits: Limits,
    identity: &Identity,
    access: Access,
    clock: Arc<dyn Clock>,
) -> Result<RelayHandle, StartError> {
    let time = Arc::clone(&clock);
    let circles = |own: &_| -> Box<dyn super::Circles> { Box::new(Elsewhere::new(&Line::to(own, time))) };
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

/// Two relays whose connections enter the same circles, which the first of them keeps.
fn two_doors() -> [(RelayHandle, Door); 2] {
    let mut line = None;
    std::array::from_fn(|_| {
        let access = AccessKey::new([9; 32]);
        let listeners = Listeners::bind(&["127.0.0.1:0".parse().unwrap()]).unwrap();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let time = Arc::clone(&clock);
        let circles = |own: &_| -> Box<dyn super::Circles> {
            Box::new(Elsewhere::new(line.get_or_insert_with(|| Line::to(own, time))))
        };
        let keys = Access::Keys([access.clone()].into_iter().collect());
        let identity = Identity::generate().unwrap();
        let relay = Relay::start_with(listeners, limits(), &identity, keys, clock, circles).unwrap();
        let door = Door { address: relay.local_addresses()[0], pin: relay.pin(), key: Some(access) };
        (relay, door)
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_at_two_doors_are_in_one_circle() {
    let [(first, one), (second, other)] = two_doors();
    let mut ann = Member::found(one.connect().await, CIRCLE, 1).await;
    let mut bob = let_in(&mut ann, other.connect().await, 2).await;
    bob.publish("from another door").await;
    ann.hear(1).await;
    ann.publish("heard").await;
    bob.hear(1).await;
    for relay in [&first, &second] {
        let connections = relay.statistics().connections;
        assert_eq!(connections.len(), 1);
        assert_eq!((connections[0].circles, connections[0].seats), (1, 1));
    }
    let kept = [&first, &second].map(|relay| relay.statistics().circles);
    assert_eq!(kept, [1, 0]);
    second.shutdown().await;
    let change = |_: &Member, message: &RelayToClient| match message {
        RelayToClient::Delivery(Delivery { entry: Entry::Presence { change, .. }, .. }) => Some(*change),
        _ => None,
    };
    assert_eq!(ann.serve_until(change).await, PresenceChange::Lost, "the circle outlives the door");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_read_has_few_requests_on_their_way() {
    const REQUESTS: usize = 1_000;
    let (relay, door) = start(limits());
    let mut ann = Member::found(door.connect().await, CIRCLE, 1).await;
    let mut nobody = door.connect().await;
    nobody.send(&enter(NAME, 2, None)).await;
    member::next_entered(&mut nobody).await;
    for _ in 0..REQUESTS {
        // It holds no seat, so each is refused.
        nobody.send(&member::publish(CIRCLE)).await;
    }
    ann.publish("still there").await;
    for _ in 0..REQUESTS {
        let refused = nobody.next().await;
        let Some(RelayToClient::Refused(refused)) = refused else { panic!("{refused:?}") };
        assert_eq!(refused.cause, RefusalCause::NotSeated);
    }
    assert_eq!(relay.statistics().connections.len(), 2);
}
