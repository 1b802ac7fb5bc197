//! What a circle takes is counted to the byte, is never more than there is, and is all given back.

use std::net::IpAddr;

use proptest::prelude::*;

use super::super::rules::{
    ABSENT_SEAT_BYTES, ANSWER_OVERHEAD_BYTES, ENTRY_FIELDS_BYTES, GROUP_BYTES, PLACE_BYTES, PRESENCE_BYTES,
};
use super::*;
use crate::budget::Budget;
use crate::log::ENTRY_OVERHEAD_BYTES;
use crate::origin::Origin;

/// What a connection from this address draws on, of this memory.
fn from(memory: &Arc<Budget>, address: u8) -> Means {
    let address = Origin::of(IpAddr::from([192, 0, 2, address]));
    let circles = Budget::new(10, 10).account(None, address);
    Means { memory: memory.account(None, address), circles }
}

fn frame_bytes(message: &RelayToClient) -> usize {
    message.to_frame().unwrap().len()
}

fn delivery_bytes(sequence: u64, blob: &str) -> usize {
    let entry = Entry::Message { epoch: 0, blob: blob.to_owned().into() };
    frame_bytes(&RelayToClient::Delivery(Delivery { circle: CIRCLE, sequence, entry }))
}

#[test]
fn every_byte_is_counted() {
    let memory = Budget::new(1 << 20, 1 << 20);
    let mut world = World::paid_by(Rules::default(), from(&memory, 1));
    world.enter(A);
    let told = world.said(A);
    assert_eq!(memory.used(), PLACE_BYTES, "what was said and read is not kept: {told:?}");
    let fresh = world.fresh();
    let found = CreateGroup { circle: CIRCLE, epoch: 0, verification_key: key(0, 0) };
    world.circle.create_group(world.now, A, &found, fresh).unwrap();
    let grouped = PLACE_BYTES + GROUP_BYTES + PRESENCE_BYTES;
    assert_eq!(memory.used(), grouped, "a small answer waits in the place that is paid for");
    world.said(A);
    assert_eq!(memory.used(), grouped);

    world.publish(A, 1, "hello").unwrap();
    let log = delivery_bytes(1, "hello") + ENTRY_OVERHEAD_BYTES;
    assert_eq!(memory.used(), grouped + log);
    let signal = Signal { circle: CIRCLE, epoch: 0, blob: vec![7; 1_000].into() };
    world.circle.signal(world.now, A, signal.clone()).unwrap();
    let signalled = frame_bytes(&RelayToClient::Signal(signal)) + ANSWER_OVERHEAD_BYTES;
    assert_eq!(memory.used(), grouped + log + signalled);
    world.pass(Duration::from_secs(4));
    assert_eq!(memory.used(), grouped + log, "a signal is soon forgotten");

    // Of whoever is lost a seat is kept, and the entry that says so, which was paid for when it came.
    world.circle.lost(world.now, A);
    assert_eq!(memory.used(), GROUP_BYTES + ABSENT_SEAT_BYTES + PRESENCE_BYTES + log);
    world.pass(Duration::from_secs(61));
    assert!(world.circle.is_forgettable());
    assert_eq!(memory.used(), 0);
}

#[test]
fn a_frame_that_says_who_came_or_went_is_not_larger_than_what_is_kept_for_it() {
    let seat = Seat(u64::MAX);
    for change in [PresenceChange::Entered, PresenceChange::Left, PresenceChange::Lost] {
        let entry = Entry::Presence { seat, change };
        let delivery = Delivery { circle: CIRCLE, sequence: u64::MAX, entry };
        assert!(frame_bytes(&RelayToClient::Delivery(delivery)) <= ENTRY_FIELDS_BYTES);
    }
    let entry = Entry::Commit { base_epoch: MOST_EPOCHS, blob: vec![7; 4 << 20].into() };
    let delivery = Delivery { circle: CIRCLE, sequence: u64::MAX, entry };
    assert!(frame_bytes(&RelayToClient::Delivery(delivery)) <= (4 << 20) + ENTRY_FIELDS_BYTES);
}

#[test]
fn what_is_kept_of_a_circle_fits_what_is_counted_for_it() {
    use super::super::room::Participant;
    let group = size_of::<Group<ConnectionId>>() + 32 * size_of::<(u64, VerificationKey)>();
    assert!(group <= GROUP_BYTES, "{group}");
    // A place in the map (which may be half empty), in queues, lists and among the sleepers.
    let place = 2 * size_of::<(ConnectionId, Participant<ConnectionId>)>() + 64;
    assert!(place <= PLACE_BYTES, "{place}");
}

#[test]
fn an_entry_takes_a_quarter_of_the_log_at_most() {
    let log = LogLimits { bytes: 400_000, ..Rules::default().log };
    let mut world = World::with(Rules { log, ..Rules::default() });
    world.found(A);
    let blob = "x".repeat(100_000 - ENTRY_OVERHEAD_BYTES - ENTRY_FIELDS_BYTES);
    let too_large = format!("{blob}x");
    let word = endorsement(0, too_large.as_bytes());
    assert_eq!(world.commit(A, 0, &too_large, Some(word)), Err(RefusalCause::TooLarge));
    world.own_commit(A, 0, &blob);
    assert!(the_final(&world.said(A)).is_some());
}

#[test]
fn what_finds_no_memory_is_refused_and_goes_later() {
    let memory = Budget::new(100_000, 100_000);
    let mut world = World::paid_by(Rules::default(), from(&memory, 1));
    world.found(A);
    world.publish(A, 1, "first").unwrap();
    let rest = memory.account(None, Origin::of(IpAddr::from([192, 0, 2, 9])));
    let taken = rest.reserve(100_000 - memory.used()).unwrap();
    assert_eq!(world.publish(A, 2, &"x".repeat(1_000)), Err(RefusalCause::MemoryFull));
    drop(taken);
    world.publish(A, 2, &"x".repeat(1_000)).unwrap();
    let published = |m: &RelayToClient| matches!(m, RelayToClient::Published(p) if p.publish_id.0 == [2; 16]);
    assert!(world.said(A).iter().any(published));
}

#[test]
fn a_newcomers_commit_that_there_is_no_memory_for_has_to_wait() {
    let memory = Budget::new(100_000, 100_000);
    let mut world = World::paid_by(Rules::default(), from(&memory, 1));
    world.found(A);
    world.enter(C);
    let leased = world.lease(C);
    let rest = memory.account(None, Origin::of(IpAddr::from([192, 0, 2, 9])));
    let taken = rest.reserve(100_000 - memory.used() - 2_000).unwrap();
    let blob = "x".repeat(3_000);
    world.commit(C, leased.epoch, &blob, None).unwrap();
    assert_eq!(conflict(&world.said(C)), Some(ConflictCause::Busy));
    drop(taken);
    world.commit(C, leased.epoch, &blob, None).unwrap();
    world.endorse_all(&blob);
    assert!(world.circle.is_seated(C));
}

#[test]
fn group_information_that_there_is_no_memory_for_ends_the_turn() {
    let memory = Budget::new(100_000, 100_000);
    let mut world = World::paid_by(Rules::default(), from(&memory, 1));
    world.found(A);
    world.enter(C);
    world.said(C);
    let rest = memory.account(None, Origin::of(IpAddr::from([192, 0, 2, 9])));
    let taken = rest.reserve(100_000 - memory.used() - 1_000).unwrap();
    world.circle.join_lease(world.now, C).unwrap();
    let asked = world.said(A).into_iter().find_map(|message| match message {
        RelayToClient::GroupInfoRequest(asked) => Some(asked),
        _ => None,
    });
    world.answer(A, &asked.unwrap(), &"i".repeat(5_000)).unwrap();
    let refusal = world.said(C).pop();
    let Some(RelayToClient::Refused(refusal)) = refusal else { panic!("{refusal:?}") };
    assert_eq!((refusal.cause, refusal.circle), (RefusalCause::MemoryFull, Some(CIRCLE)));
    drop(taken);
    // Asked again, it has its turn.
    assert_eq!(world.lease(C).epoch, 0);
}

#[derive(Clone, Debug)]
enum Step {
    Enter { who: u64, address: u8 },
    CreateGroup { who: u64 },
    Lease { who: u64 },
    AnswerAll { bytes: usize },
    Join { who: u64, bytes: usize },
    VouchAll,
    Commit { who: u64, bytes: usize },
    Publish { who: u64, id: u8, bytes: usize },
    Signal { who: u64, bytes: usize },
    Look { who: u64 },
    Leave { who: u64 },
    Lost { who: u64 },
    Wait { seconds: u64 },
}

fn step() -> impl Strategy<Value = Step> {
    let who = || 1_u64..5;
    prop_oneof![
        3 => (who(), 1_u8..4).prop_map(|(who, address)| Step::Enter { who, address }),
        2 => who().prop_map(|who| Step::CreateGroup { who }),
        2 => who().prop_map(|who| Step::Lease { who }),
        2 => (1_usize..20_000).prop_map(|bytes| Step::AnswerAll { bytes }),
        2 => (who(), 16_usize..20_000).prop_map(|(who, bytes)| Step::Join { who, bytes }),
        2 => Just(Step::VouchAll),
        1 => (who(), 16_usize..20_000).prop_map(|(who, bytes)| Step::Commit { who, bytes }),
        4 => (who(), any::<u8>(), 1_usize..8_000)
            .prop_map(|(who, id, bytes)| Step::Publish { who, id, bytes }),
        2 => (who(), 1_usize..8_000).prop_map(|(who, bytes)| Step::Signal { who, bytes }),
        3 => who().prop_map(|who| Step::Look { who }),
        1 => who().prop_map(|who| Step::Leave { who }),
        1 => who().prop_map(|who| Step::Lost { who }),
        1 => (0_u64..70).prop_map(|seconds| Step::Wait { seconds }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// In little memory much is refused; it is never exceeded, and in the end all of it is given back.
    #[test]
    fn whatever_is_asked_for_the_bound_holds(steps in prop::collection::vec(step(), 1..150)) {
        const LIMIT: usize = 60_000;
        let memory = Budget::new(LIMIT, 0);
        let mut world = World::paid_by(Rules::default(), from(&memory, 1));
        for (number, step) in steps.into_iter().enumerate() {
            let epoch = match &world.circle.phase {
                Phase::Grouped(group) => group.epoch,
                _ => 0,
            };
            let blob = |bytes: usize| format!("{number:>bytes$}");
            match step {
                Step::Enter { who, address } => {
                    world.means = from(&memory, address);
                    let _ = world.enter_with(ConnectionId(who), who * 10, None);
                }
                Step::CreateGroup { who } => {
                    let fresh = world.fresh();
                    let found = CreateGroup { circle: CIRCLE, epoch: 0, verification_key: key(0, 0) };
                    let _ = world.circle.create_group(world.now, ConnectionId(who), &found, fresh);
                }
                Step::Lease { who } => {
                    let _ = world.circle.join_lease(world.now, ConnectionId(who));
                }
                Step::AnswerAll { bytes } => {
                    for member in world.members() {
                        for message in world.said(member) {
                            if let RelayToClient::GroupInfoRequest(asked) = message {
                                let _ = world.answer(member, &asked, &"i".repeat(bytes));
                            }
                        }
                    }
                }
                Step::Join { who, bytes } => {
                    let _ = world.commit(ConnectionId(who), epoch, &blob(bytes), None);
                }
                Step::VouchAll => {
                    for member in world.members() {
                        for message in world.said(member) {
                            if let RelayToClient::Tentative(asked) = message {
                                let endorsement = endorsement(asked.base_epoch, &asked.blob);
                                let endorse = Endorse { circle: CIRCLE, commit: asked.commit, endorsement: Some(endorsement) };
                                world.circle.endorse(world.now, member, &endorse).unwrap();
                            }
                        }
                    }
                }
                Step::Commit { who, bytes } => {
                    let word = endorsement(epoch, blob(bytes).as_bytes());
                    let _ = world.commit(ConnectionId(who), epoch, &blob(bytes), Some(word));
                }
                Step::Publish { who, id, bytes } => {
                    let _ = world.publish(ConnectionId(who), id, &blob(bytes));
                }
                Step::Signal { who, bytes } => {
                    let signal = Signal { circle: CIRCLE, epoch: 0, blob: blob(bytes).into() };
                    let _ = world.circle.signal(world.now, ConnectionId(who), signal);
                }
                Step::Look { who } => {
                    world.said(ConnectionId(who));
                }
                Step::Leave { who } => {
                    let _ = world.circle.leave(world.now, ConnectionId(who));
                }
                Step::Lost { who } => world.circle.lost(world.now, ConnectionId(who)),
                Step::Wait { seconds } => world.pass(Duration::from_secs(seconds)),
            }
            for (expelled, _) in std::mem::take(&mut world.circle.effects().expel) {
                world.circle.lost(world.now, expelled);
            }
            prop_assert!(memory.used() <= LIMIT);
            if let Phase::Grouped(group) = &world.circle.phase {
                prop_assert!(memory.used() >= group.log.bytes() + GROUP_BYTES);
            }
        }
        for who in 1..5 {
            world.circle.lost(world.now, ConnectionId(who));
        }
        world.pass(Duration::from_secs(61));
        prop_assert!(world.circle.is_forgettable());
        prop_assert_eq!(memory.used(), 0);
    }
}
