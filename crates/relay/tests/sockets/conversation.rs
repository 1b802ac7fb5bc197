//! Members talk over real sockets: joining, order, resume, slow readers, refusals, many circles.

use std::time::Duration;

use bytes::Bytes;
use shepot_protocol::message::{
    Commit, CreateGroup, Delivery, Enter, Entry, NoticeKind, PresenceChange, Refusal, RefusalCause, Standing,
};
use shepot_protocol::{CircleId, CircleName, ClientToRelay, RelayToClient, VerificationKey};
use shepot_relay::operator::Incident;
use shepot_relay::{Limits, Rate, Rules};

use super::house::{CIRCLE, NAME, house, limits, start};
use super::member::{self, Door, Member, let_in};
use super::support::{PATIENCE, eventually};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_found_join_and_talk() {
    let (relay, door) = start(limits());
    let mut ann = Member::found(door.connect().await, CIRCLE, 1).await;
    let mut bob = let_in(&mut ann, door.connect().await, 2).await;
    assert_eq!(bob.epoch, 1);
    bob.publish("hello").await;
    ann.hear(1).await;
    assert_eq!(&ann.heard[0].1[..], b"hello");
    ann.commit("rename").await;
    bob.serve_until(|bob, _| (bob.epoch == 2).then_some(())).await;
    let statistics = relay.statistics();
    assert_eq!(statistics.connections.len(), 2);
    assert_eq!((statistics.circles, statistics.published), (1, 1));
    for connection in &statistics.connections {
        assert_eq!((connection.circles, connection.seats), (1, 1));
        assert!(connection.bytes_in > 100 && connection.bytes_out > 100, "{connection:?}");
    }
    drop(bob);
    let change = |_: &Member, message: &RelayToClient| match message {
        RelayToClient::Delivery(Delivery { entry: Entry::Presence { seat, change }, .. }) => {
            (*change != PresenceChange::Entered).then_some((*seat, *change))
        }
        _ => None,
    };
    assert_eq!(ann.serve_until(change).await, (member::seat_of(2), PresenceChange::Lost));
    ann.client.send(&ClientToRelay::Leave { circle: CIRCLE }).await;
    eventually("the circle is forgotten", || relay.statistics().circles == 0).await;
    assert_eq!(relay.statistics().circle_bytes, 0, "nothing is left of it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_readers_read_everything_in_one_order() {
    const READERS: u64 = 50;
    const MESSAGES: usize = 400;
    let (_relay, door) = start(limits());
    let mut ann = Member::found(door.connect().await, CIRCLE, 1).await;
    let mut readers = Vec::new();
    for seat in 2..2 + READERS {
        readers.push(let_in(&mut ann, door.connect().await, seat).await);
    }
    let tasks: Vec<_> = readers
        .into_iter()
        .map(|mut reader| {
            tokio::spawn(async move {
                // Two of them talk as well, into the middle of it.
                if reader.who < 4 {
                    for n in 0..50 {
                        reader.publish(format!("{} says {n}", reader.who)).await;
                    }
                }
                let own = if reader.who < 4 { 50 } else { 0 };
                reader.hear(MESSAGES + 100 - own).await;
                reader
            })
        })
        .collect();
    for n in 0..MESSAGES {
        ann.publish(format!("message {n}")).await;
    }
    ann.hear(100).await;
    let mut order: Option<Vec<_>> = None;
    for task in tasks {
        let reader = task.await.unwrap();
        if reader.who < 4 {
            continue;
        }
        let heard = reader.heard;
        let from_ann: Vec<_> = heard.iter().filter(|(_, blob)| blob.starts_with(b"message")).collect();
        for (n, (_, blob)) in from_ann.iter().enumerate() {
            assert_eq!(blob, format!("message {n}").as_bytes());
        }
        assert_eq!(order.get_or_insert_with(|| heard.clone()), &heard, "one order for all");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_that_was_cut_off_goes_on_where_it_was() {
    let (relay, door) = start(limits());
    let mut ann = Member::found(door.connect().await, CIRCLE, 1).await;
    let mut bob = let_in(&mut ann, door.connect().await, 2).await;
    ann.publish("before").await;
    bob.hear(1).await;
    let memory = bob.memory();
    drop(bob);
    eventually("one is there", || relay.statistics().connections.len() == 1).await;
    for n in 0..100 {
        ann.publish(format!("while away {n}")).await;
    }
    let (mut bob, entered) = Member::resume(&memory, door.connect().await).await;
    assert_eq!(entered.standing, Standing::Seated);
    bob.hear(100).await;
    for (n, (_, blob)) in bob.heard.iter().enumerate() {
        assert_eq!(blob, format!("while away {n}").as_bytes());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_left_comes_back_at_once_by_the_same_connection() {
    let (_relay, door) = start(limits());
    let mut ann = Member::found(door.connect().await, CIRCLE, 1).await;
    let mut bob = let_in(&mut ann, door.connect().await, 2).await;
    bob.client.send(&ClientToRelay::Leave { circle: CIRCLE }).await;
    // Whoever comes anew has another seat.
    bob.client.send(&member::enter(NAME, 3, None)).await;
    let entered = member::next_entered(&mut bob.client).await;
    assert_eq!(entered.standing, Standing::Join);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_seat_is_taken_over_and_the_old_connection_is_told() {
    let (_relay, door) = start(limits());
    let mut ann = Member::found(door.connect().await, CIRCLE, 1).await;
    let mut bob = let_in(&mut ann, door.connect().await, 2).await;
    let (_again, entered) = Member::resume(&bob.memory(), door.connect().await).await;
    assert_eq!(entered.standing, Standing::Seated);
    bob.serve_until(|_, message| {
        matches!(message, RelayToClient::Notice(NoticeKind::Replaced)).then_some(())
    })
    .await;
    assert_eq!(bob.serve().await, None, "and closed");
}

/// The proof is of one connection: whoever has heard it, and the seat's secret with it, shows it in vain on another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_seat_proof_of_another_connection_seats_nobody() {
    let (_relay, door) = start(limits());
    let mut ann = Member::found(door.connect().await, CIRCLE, 1).await;
    let bob = let_in(&mut ann, door.connect().await, 2).await;
    let (heard, elsewhere) = (door.connect().await.seat_binding(), door.connect().await);
    let (_, entered) = Member::resume_bound_to(&heard, &bob.memory(), elsewhere).await.unwrap();
    assert_ne!(entered.standing, Standing::Seated);
    let (_, entered) = Member::resume(&bob.memory(), door.connect().await).await;
    assert_eq!(entered.standing, Standing::Seated, "control");
}

/// By all that members know, the number of the seat and the keys of its member: but not by its secret.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_takes_the_seat_of_another() {
    let (relay, door) = start(limits());
    let mut ann = Member::found(door.connect().await, CIRCLE, 1).await;
    let bob = let_in(&mut ann, door.connect().await, 2).await;
    if ann.epoch == 0 {
        ann.serve_until(|ann, _| (ann.epoch == 1).then_some(())).await;
    }
    let (of_ann, of_bob) = (ann.memory(), bob.memory());
    let refused =
        async |door: &Door| Member::try_resume(&of_bob.stolen_by(3), door.connect().await).await.err();
    assert_eq!(refused(&door).await, Some(RefusalCause::Unexpected), "while its member is there");
    drop(bob);
    eventually("one is there", || relay.statistics().connections.len() == 1).await;
    assert_eq!(refused(&door).await, Some(RefusalCause::Unexpected), "while its member is away");
    relay.shutdown().await;
    // A relay that knows no seats.
    let (house, door) = house(limits());
    assert_eq!(refused(&door).await, Some(RefusalCause::Unexpected), "before anybody is back");
    let (mut ann, _) = Member::resume(&of_ann, door.connect().await).await;
    house.clock.pass(Rules::default().reseat_window);
    assert_eq!(member::next_entered(&mut ann.client).await.standing, Standing::Seated);
    assert_eq!(refused(&door).await, Some(RefusalCause::Unexpected), "while its member is not back yet");
    let (_bob, entered) = Member::resume(&of_bob, door.connect().await).await;
    assert_eq!(entered.standing, Standing::Seated);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_restart_the_members_bring_the_circle_back() {
    let (relay, door) = start(limits());
    let mut ann = Member::found(door.connect().await, CIRCLE, 1).await;
    let bob = let_in(&mut ann, door.connect().await, 2).await;
    if ann.epoch == 0 {
        ann.serve_until(|ann, _| (ann.epoch == 1).then_some(())).await;
    }
    let (ann, bob) = (ann.memory(), bob.memory());
    relay.shutdown().await;
    let (house, door) = house(limits());
    let (mut ann, entered) = Member::resume(&ann, door.connect().await).await;
    assert_eq!(entered.standing, Standing::Wait);
    let (mut bob, entered) = Member::resume(&bob, door.connect().await).await;
    assert_eq!(entered.standing, Standing::Wait);
    house.clock.pass(Rules::default().reseat_window);
    let entered = member::next_entered(&mut ann.client).await;
    assert_eq!((entered.standing, entered.epoch, entered.next_sequence), (Standing::Seated, 1, 1));
    assert_eq!(entered.present.len(), 2);
    let entered = member::next_entered(&mut bob.client).await;
    ann.publish("we are back").await;
    (bob.log_id, bob.cursor) = (entered.log_id, entered.next_sequence);
    bob.hear(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_stops_slows_nobody_and_is_told_its_gap() {
    let mut rules = Rules::default();
    rules.log.entries = 64;
    let (relay, door) = start(Limits { circle: rules, ..limits() });
    let mut ann = Member::found(door.connect().await, CIRCLE, 1).await;
    let mut bob = let_in(&mut ann, door.connect().await, 2).await;
    let mut slow = let_in(&mut ann, door.connect().await, 3).await;
    bob.serve_until(|bob, _| (bob.epoch == 2).then_some(())).await;
    // More than all buffers between the relay and the slow reader hold.
    const MESSAGES: usize = 1200;
    let blob = vec![b'x'; 32 * 1024];
    for n in 1..=MESSAGES {
        ann.publish(blob.clone()).await;
        // Bob reads along: nobody publishes faster than the others read, or they would have gaps as well.
        bob.hear(n).await;
    }
    assert!(relay.statistics().circle_bytes < 65 * 33 * 1024, "the slow one costs the log nothing");
    let gap = slow
        .serve_until(|_, message| match message {
            RelayToClient::Gap(gap) => Some(*gap),
            _ => None,
        })
        .await;
    assert!(gap.to - gap.from > 100, "{gap:?}");
    // Behind the gap it is like everybody else. (Its cursor checks that nothing else is missing.)
    let last = bob.heard.last().unwrap().0;
    slow.serve_until(|slow, _| (slow.cursor == last + 1).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_requests_at_once_are_all_answered() {
    let (_relay, door) = start(limits());
    let mut client = door.connect().await;
    let pings: Vec<u8> =
        (0..5_000).flat_map(|nonce| ClientToRelay::Ping { nonce }.to_frame().unwrap().to_vec()).collect();
    client.send_bytes(&pings).await;
    for nonce in 0..5_000 {
        assert_eq!(client.next().await, Some(RelayToClient::Pong { nonce }));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[allow(clippy::too_many_lines, reason = "a case for each refusal")]
async fn every_refusal_is_a_frame() {
    let rates = |per_second, burst| Rate { per_second, burst };
    let limits = Limits {
        publishes: rates(1, 2),
        tolerated_excess: rates(1, 3),
        circles_per_connection: 2,
        circles: 1,
        ..limits()
    };
    // Time stands still: it is the third within no time.
    let (_house, door) = house(limits);
    let mut ann = Member::found(door.connect().await, CIRCLE, 1).await;
    let refused = |message: &RelayToClient| match message {
        RelayToClient::Refused(refusal) => Some(refusal.clone()),
        _ => None,
    };
    // Nothing of a circle that it is not in, nor of one that is not there.
    ann.client.send(&ClientToRelay::Leave { circle: CircleId([8; 16]) }).await;
    let refusal = ann.serve_until(|_, m| refused(m)).await;
    assert_eq!((refusal.cause, refusal.closing), (RefusalCause::NotSeated, false));
    assert_eq!(refusal.circle, Some(CircleId([8; 16])));
    // Whoever came may go, however fast it came.
    for _ in 0..100 {
        ann.client.send(&ClientToRelay::Leave { circle: CircleId([8; 16]) }).await;
        assert_eq!(ann.serve_until(|_, m| refused(m)).await.cause, RefusalCause::NotSeated);
    }
    // Too fast, with the id of what was not taken and the time to wait.
    for _ in 0..3 {
        ann.publish("x").await;
    }
    let refusal = ann.serve_until(|_, m| refused(m)).await;
    assert_eq!((refusal.cause, refusal.closing), (RefusalCause::TooFast, false));
    assert!(refusal.subject.is_some());
    assert_eq!(refusal.retry_after, Duration::from_secs(1));
    // A blob that is too large, in a frame that is not.
    let mut bob = door.connect().await;
    let enter = |circle: u8| {
        ClientToRelay::Enter(Enter {
            name: CircleName([circle; 16]),
            seat: member::seat_of(1),
            seat_secret: member::secret_of(1),
            resume: None,
            succession: None,
            owner: None,
        })
    };
    // Circles of one connection, and of the relay.
    for circle in [20, 21, 22] {
        bob.send(&enter(circle)).await;
    }
    let refusal = bob.until(|m| refused(&m)).await;
    assert_eq!((refusal.cause, refusal.circle), (RefusalCause::CirclesFull, Some(CircleId([22; 16]))));
    // Nobody takes a circle's place by being told to found one: only who does so needs it.
    let mut eve = door.connect().await;
    eve.send(&enter(23)).await;
    let found =
        CreateGroup { circle: CircleId([23; 16]), epoch: 0, verification_key: VerificationKey([7; 32]) };
    eve.send(&ClientToRelay::CreateGroup(found)).await;
    let refusal = eve.until(|m| refused(&m)).await;
    assert_eq!((refusal.cause, refusal.closing), (RefusalCause::CirclesFull, false));
    // A second hello is not due.
    let hello = shepot_protocol::message::Hello {
        versions: shepot_protocol::version::SUPPORTED,
        access: None,
        return_ticket: None,
    };
    eve.send(&ClientToRelay::Hello(hello)).await;
    assert_eq!(eve.until(|m| refused(&m)).await.cause, RefusalCause::Unexpected);
    // The excess goes on: the last word is closing.
    for _ in 0..20 {
        ann.publish("x").await;
    }
    let refusal = ann.serve_until(|_, m| refused(m).filter(|refusal| refusal.closing)).await;
    assert_eq!(refusal.cause, RefusalCause::TooFast);
    assert_eq!(ann.serve().await, None);
    // Frames that are no frames.
    for (bytes, cause) in [
        (vec![0, 0, 0, 2, 0xff, 0xff], RefusalCause::Malformed),
        (vec![0, 0, 0, 0], RefusalCause::Malformed),
        (vec![0xff, 0, 0, 0], RefusalCause::TooLarge),
        // As large as group information, but nobody asked for any.
        (vec![0, 0x20, 0, 0], RefusalCause::TooLarge),
    ] {
        let mut client = door.connect().await;
        client.send_bytes(&bytes).await;
        let Some(RelayToClient::Refused(Refusal { cause: told, closing: true, .. })) = client.next().await
        else {
            panic!("not refused: {bytes:?}")
        };
        assert_eq!(told, cause);
        assert_eq!(client.next().await, None);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_of_a_circle_that_many_left_at_once_is_taken() {
    let (_relay, door) = start(limits());
    let mut ann = Member::found(door.connect().await, CIRCLE, 1).await;
    ann.commit(vec![7; 700 * 1024]).await;
    let epoch = ann
        .serve_until(|_, message| match message {
            RelayToClient::Final(last) => Some(last.epoch),
            _ => None,
        })
        .await;
    assert_eq!(epoch, 1);
    // A message of that size is too large still.
    ann.publish(vec![7; 700 * 1024]).await;
    let refusal = ann
        .serve_until(|_, message| match message {
            RelayToClient::Refused(refusal) => Some(refusal.clone()),
            _ => None,
        })
        .await;
    assert_eq!((refusal.cause, refusal.closing), (RefusalCause::TooLarge, false));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_group_information_travels_in_batches() {
    use shepot_protocol::message::GroupInfoResponse;
    let information: Vec<u8> = (0..3_000_000_u32).flat_map(|n| n.to_be_bytes()).take(4 << 20).collect();
    let mut limits = limits();
    limits.circle.answer_deadline = PATIENCE;
    let (_relay, door) = start(limits);
    let mut ann = Member::found(door.connect().await, CIRCLE, 1).await;
    let mut newcomer = door.connect().await;
    newcomer.send(&member::enter(NAME, 2, None)).await;
    newcomer.send(&ClientToRelay::JoinLease { circle: CIRCLE }).await;
    let asked = ann
        .client
        .until(|message| match message {
            RelayToClient::GroupInfoRequest(asked) => Some(asked),
            _ => None,
        })
        .await;
    let answer = GroupInfoResponse {
        circle: CIRCLE,
        ask_id: asked.ask_id,
        epoch: asked.epoch,
        group_information: information.clone().into(),
    };
    ann.client.send(&ClientToRelay::GroupInfoResponse(answer)).await;
    let leased = newcomer
        .until(|message| match message {
            RelayToClient::Leased(leased) => Some(leased),
            _ => None,
        })
        .await;
    assert!(leased.group_information == information, "every byte in its place");
    assert!(leased.ttl > Duration::from_secs(60), "and time to read it over a slow line");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_connection_is_in_many_circles() {
    let (_relay, door) = start(limits());
    let mut first = Vec::new();
    for n in 0..10 {
        first.push(Member::found(door.connect().await, CircleId([n; 16]), 1).await);
    }
    // The eleventh joins all of them by one connection and hears from each.
    let mut client = door.connect().await;
    for (n, member) in first.iter_mut().enumerate() {
        let joined = let_in(member, client, 100 + n as u64).await;
        client = joined.client;
    }
    for member in &mut first {
        member.publish("from everywhere").await;
    }
    let mut circles = std::collections::BTreeSet::new();
    while circles.len() < 10 {
        let delivery = client
            .until(|message| match message {
                RelayToClient::Delivery(delivery) => Some(delivery),
                _ => None,
            })
            .await;
        if matches!(delivery.entry, Entry::Message { .. }) {
            circles.insert(delivery.circle);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_never_joins_is_made_to_wait_and_members_and_operator_are_told() {
    let (house, door) = house(limits());
    let mut ann = Member::found(door.connect().await, CIRCLE, 1).await;
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    // It stays and answers.
    let ann = tokio::spawn(async move {
        while let Some(message) = ann.serve().await {
            if let RelayToClient::Knocks { times, .. } = message {
                tell.send(times).unwrap();
            }
        }
    });
    // The invitation opens the relay, and nothing makes its holder join.
    let mut knocker = door.connect().await;
    knocker.send(&member::enter(NAME, 9, None)).await;
    let mut turns = 0;
    let refusal = loop {
        knocker.send(&ClientToRelay::JoinLease { circle: CIRCLE }).await;
        let leased = knocker
            .until(|message| match message {
                RelayToClient::Leased(_) => Some(Ok(())),
                RelayToClient::Refused(refusal) => Some(Err(refusal)),
                _ => None,
            })
            .await;
        if let Err(refusal) = leased {
            break refusal;
        }
        turns += 1;
        let blob = Bytes::from_static(b"nothing of an epoch that never was");
        let (endorsement, eviction) = (None, None);
        let commit = Commit { circle: CIRCLE, base_epoch: 999, blob, endorsement, seen: u64::MAX, eviction };
        knocker.send(&ClientToRelay::Commit(commit)).await;
    };
    assert_eq!((refusal.cause, turns), (RefusalCause::TooFast, 12));
    assert_eq!((refusal.circle, refusal.retry_after), (Some(CIRCLE), Duration::from_secs(240)));
    for _ in 0..12 {
        assert_eq!(told.recv().await, Some(1));
    }
    ann.abort();
    let journal = house.relay.journal_after(0);
    let knocked = |incident: &Incident| matches!(incident, Incident::Knocked { times: 12, .. });
    assert!(journal.iter().any(|entry| knocked(&entry.incident)), "{journal:?}");
}
