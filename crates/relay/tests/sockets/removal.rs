//! A circle's generations as the relay sees them: another name, another access key, and who is told of it.

use std::net::IpAddr;

use shepot_protocol::message::{
    CreateGroup, Delivery, Enter, Entry, Eviction, PresenceChange, RefusalCause, Standing,
};
use shepot_protocol::{
    AccessKey, CircleId, CircleName, ClientToRelay, OwnerId, RelayToClient, VerificationKey,
};
use shepot_relay::operator::Incident;
use shepot_relay::{IssuedKey, RelayHandle};
use shepot_transport::admission::AccessVerifier;

use super::house::{CIRCLE, NAME, house, limits, start};
use super::member::{self, Member, enter, first_name, let_in, seat_of, secret_of};
use super::support::eventually;

const NEXT: CircleName = CircleName([8; 16]);

fn is_presence(message: &RelayToClient, of: u64, as_of_now: PresenceChange) -> bool {
    matches!(
        message,
        RelayToClient::Delivery(Delivery { entry: Entry::Presence { seat, change }, .. })
            if *seat == seat_of(of) && *change == as_of_now
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_circle_is_found_by_its_earlier_name_as_long_as_it_lives() {
    let (relay, door) = start(limits());
    let mut ann = Member::found(door.connect().await, CIRCLE, 1).await;
    let bob = let_in(&mut ann, door.connect().await, 2).await;
    let mut carl = let_in(&mut ann, door.connect().await, 3).await;
    let memory = bob.memory();
    drop(bob);
    ann.serve_until(|_, message| is_presence(message, 2, PresenceChange::Lost).then_some(())).await;
    let succession = member::word_for(CIRCLE, 1);
    ann.evict("removes carl", Eviction { staying: vec![seat_of(2)], next_name: NEXT, succession }).await;
    let (mut bob, entered) = Member::resume(&memory, door.connect().await).await;
    assert_eq!((entered.standing, entered.circle), (Standing::Seated, CIRCLE));
    bob.publish("back").await;
    let heard = ann.serve_until(|_, message| match message {
        RelayToClient::Delivery(Delivery { circle, entry: Entry::Message { blob, .. }, .. }) => {
            Some((*circle, blob.clone()))
        }
        _ => None,
    });
    assert_eq!(heard.await, (CIRCLE, "back".into()), "in frames it is what it was");
    // With the last who leaves the names are free.
    let places =
        |relay: &RelayHandle| relay.statistics().connections.iter().map(|one| one.circles).sum::<usize>();
    bob.client.send(&ClientToRelay::Leave { circle: CIRCLE }).await;
    ann.client.send(&ClientToRelay::Leave { circle: CIRCLE }).await;
    carl.client.send(&ClientToRelay::Leave { circle: CIRCLE }).await;
    eventually("nobody is in a circle", || places(&relay) == 0 && relay.statistics().circles == 0).await;
    Member::found(door.connect().await, CIRCLE, 4).await;
    let mut dora = door.connect().await;
    dora.send(&enter(NEXT, 5, Some(succession))).await;
    assert_eq!(dora.until(standing).await, Standing::CreateGroup);
}

fn standing(message: RelayToClient) -> Option<Standing> {
    if let RelayToClient::Entered(entered) = message { Some(entered.standing) } else { None }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_is_in_a_circle_once_whatever_it_calls_it() {
    let (_relay, door) = start(limits());
    let mut ann = Member::found(door.connect().await, CIRCLE, 1).await.client;
    let refused = |message| match message {
        RelayToClient::Refused(refusal) => Some((refusal.cause, refusal.circle)),
        RelayToClient::Entered(_) => Some((RefusalCause::NotSeated, None)),
        _ => None,
    };
    let (name, seat, seat_secret) = (NAME, seat_of(3), secret_of(3));
    let nobodys = Enter { name, seat, seat_secret, resume: None, succession: None, owner: None };
    for again in [
        enter(NAME, 2, None),
        enter(NEXT, 2, Some(member::word_for(CIRCLE, 1))),
        ClientToRelay::Enter(nobodys),
    ] {
        ann.send(&again).await;
        assert_eq!(ann.until(refused).await, (RefusalCause::Unexpected, Some(CIRCLE)));
    }
}

/// As in a program that hosts, whose owner has removed somebody.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_a_replaced_access_key_nobody_comes_but_to_a_seat() {
    let (house, door) = house(limits());
    let mut ann = Member::found(door.connect().await, CIRCLE, 1).await;
    let bob = let_in(&mut ann, door.connect().await, 2).await;
    let memory = bob.memory();
    drop(bob);
    ann.serve_until(|_, message| is_presence(message, 2, PresenceChange::Lost).then_some(())).await;
    let next = IssuedKey::unbounded(AccessKey::new([7; 32]), 0);
    let door_of_now = house.door(&next.key);
    assert!(house.relay.replace_key(next.clone()));
    assert!(!house.relay.replace_key(next), "once is enough");
    let outdated = |message| match message {
        RelayToClient::Refused(refusal) => Some(refusal.cause),
        RelayToClient::Entered(_) => Some(RefusalCause::Unexpected),
        _ => None,
    };
    // Neither where a circle is, nor where none is.
    let mut mallory = door.connect().await;
    for name in [NAME, NEXT] {
        mallory.send(&enter(name, 3, None)).await;
        assert_eq!(mallory.until(outdated).await, RefusalCause::InvitationOutdated);
    }
    // Nor by another seat, with the keys of a member.
    let given = Member::try_resume(&memory.of(99), door.connect().await).await.err();
    assert_eq!(given, Some(RefusalCause::InvitationOutdated));
    let (mut bob, entered) = Member::resume(&memory, door.connect().await).await;
    assert_eq!(entered.standing, Standing::Seated);
    bob.publish("back").await;
    let mut carl = door_of_now.connect().await;
    carl.send(&enter(NAME, 4, None)).await;
    assert_eq!(carl.until(standing).await, Standing::Join);
}

/// Whoever was removed is told the owner's word, and shows it in a circle of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_kept_from_a_seat_by_what_another_circle_shows() {
    const ELSEWHERE: CircleId = CircleId([9; 16]);
    let (relay, door) = start(limits());
    let mut ann = Member::found(door.connect().await, CIRCLE, 1).await;
    let _mallory = Member::found(door.connect().await, ELSEWHERE, 3).await;
    let bob = let_in(&mut ann, door.connect().await, 2).await;
    let memory = bob.memory();
    drop(bob);
    ann.serve_until(|_, message| is_presence(message, 2, PresenceChange::Lost).then_some(())).await;
    let succession = member::word_for(CIRCLE, 1);
    ann.evict("removes", Eviction { staying: vec![seat_of(2)], next_name: NEXT, succession }).await;
    eventually("it is removed", || relay.statistics().log_entries > 3).await;
    let mut mallory = door.connect().await;
    mallory.send(&enter(first_name(ELSEWHERE), 4, Some(succession))).await;
    assert!(matches!(mallory.next().await, Some(RelayToClient::Entered(_))));
    let (_bob, entered) = Member::resume(&memory, door.connect().await).await;
    assert_eq!((entered.standing, entered.circle), (Standing::Seated, CIRCLE));
    // And nobody of the later generation is told what everybody there knows.
    let told = ann.serve_until(|_, message| match message {
        RelayToClient::Superseded { .. } => Some("superseded"),
        RelayToClient::Delivery(Delivery {
            entry: Entry::Presence { change: PresenceChange::Entered, .. },
            ..
        }) => Some("bob"),
        _ => None,
    });
    assert_eq!(told.await, "bob");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_operator_is_told_by_which_access_keys_the_removed_came() {
    let (house, door) = house(limits());
    let guests = IssuedKey::unbounded(AccessKey::new([7; 32]), 0).named("for guests");
    let door_of_guests = house.door(&guests.key);
    assert!(house.relay.issue(guests));
    let mut ann = Member::found(door.connect().await, CIRCLE, 1).await;
    let away = let_in(&mut ann, door.connect().await, 2).await;
    drop(away);
    ann.serve_until(|_, message| is_presence(message, 2, PresenceChange::Lost).then_some(())).await;
    let _here = let_in(&mut ann, door_of_guests.connect().await, 3).await;
    // It may not have read yet that somebody joined.
    while ann.epoch < 2 {
        ann.serve().await.unwrap();
    }
    let succession = member::word_for(CIRCLE, 1);
    ann.evict("removes both", Eviction { staying: vec![], next_name: NEXT, succession }).await;
    let removed = |relay: &RelayHandle| {
        let told = relay.journal_after(0).into_iter().filter_map(|entry| match entry.incident {
            Incident::Removed { address, label } => Some((label, address)),
            Incident::SeatsTaken { label, seats: 1 } => Some((label, None)),
            _ => None,
        });
        told.collect::<Vec<_>>()
    };
    house.until("both are told", |relay| removed(relay).len() == 2).await;
    let here = IpAddr::from([127, 0, 0, 1]);
    let told = removed(&house.relay);
    let unnamed = format!("{:016x}", u64::from_be_bytes(AccessVerifier::new(&door.key.unwrap()).id().0));
    assert_eq!(told, [("for guests".to_owned(), Some(here)), (unnamed, None)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_circle_shows_of_its_generation_is_told_in_the_earlier_ones() {
    let (_relay, door) = start(limits());
    let succession = |generation| member::word_for(CIRCLE, generation);
    let mut first = Member::found(door.connect().await, CIRCLE, 1).await;
    let mut second = door.connect().await;
    second.send(&enter(NEXT, 2, Some(succession(1)))).await;
    let told = RelayToClient::Superseded { circle: CIRCLE, succession: succession(1) };
    assert_eq!(first.client.next().await, Some(told.clone()));
    // Who comes later is told that, and does not get in.
    let mut late = door.connect().await;
    late.send(&enter(NAME, 3, None)).await;
    assert_eq!(late.next().await, Some(told.clone()));
    let refusal = late.next().await;
    let Some(RelayToClient::Refused(refusal)) = refusal else { panic!("{refusal:?}") };
    assert_eq!((refusal.cause, refusal.closing), (RefusalCause::InvitationOutdated, false));
    // The last generation is told to both earlier ones, and nothing to itself.
    let third_name = CircleName([9; 16]);
    let mut third = door.connect().await;
    third.send(&enter(third_name, 4, Some(succession(2)))).await;
    let second_told = second
        .until(|message| match message {
            RelayToClient::Superseded { circle, succession } => Some((circle, succession)),
            _ => None,
        })
        .await;
    assert_eq!(second_told, (CIRCLE, succession(2)));
    let first_told = RelayToClient::Superseded { circle: CIRCLE, succession: succession(2) };
    first.serve_until(|_, message| (*message == first_told).then_some(())).await;
    assert!(matches!(third.next().await, Some(RelayToClient::Entered(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_owners_circle_of_the_same_id_is_another_circle() {
    let (_relay, door) = start(limits());
    let mut squatter = door.connect().await;
    let enter = |owner, who| {
        let (name, seat, seat_secret) = (NAME, seat_of(who), secret_of(who));
        ClientToRelay::Enter(Enter { name, seat, seat_secret, resume: None, succession: None, owner })
    };
    for (owner, seat) in [(None, 1), (Some(OwnerId([7; 16])), 2)] {
        squatter.send(&enter(owner, seat)).await;
        squatter.next().await.unwrap();
        squatter.send(&ClientToRelay::Leave { circle: CIRCLE }).await;
    }
    squatter.send(&enter(None, 1)).await;
    let found = CreateGroup { circle: CIRCLE, epoch: 0, verification_key: VerificationKey([7; 32]) };
    squatter.send(&ClientToRelay::CreateGroup(found)).await;
    // Whoever has the invitation founds the circle all the same.
    Member::found(door.connect().await, CIRCLE, 1).await;
}
