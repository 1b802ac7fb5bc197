//! The queue of newcomers and their group information.

use super::*;

const ANSWER: Duration = shepot_protocol::limits::MEMBER_ANSWER_DEADLINE;
const TTL: Duration = shepot_protocol::limits::LEASE_TTL;

fn asked(messages: &[RelayToClient]) -> Option<GroupInfoRequest> {
    messages.iter().find_map(|message| match message {
        RelayToClient::GroupInfoRequest(asked) => Some(asked.clone()),
        _ => None,
    })
}

#[test]
fn group_information_is_asked_once_for_an_epoch() {
    let mut world = World::founded();
    for newcomer in [B, C] {
        world.enter(newcomer);
        world.said(newcomer);
        world.circle.join_lease(world.now, newcomer).unwrap();
    }
    let question = asked(&world.said(A)).unwrap();
    assert_eq!(question.epoch, 0);
    world.answer(A, &question, "the information").unwrap();
    let leased = world.leased(B);
    assert_eq!((leased.epoch, leased.ttl), (0, TTL));
    assert_eq!(&leased.group_information[..], b"the information");
    assert_eq!(world.said(C), [], "one at a time");
    world.circle.lost(world.now, B);
    assert_eq!(&world.leased(C).group_information[..], b"the information");
    assert_eq!(asked(&world.said(A)), None);
}

#[test]
fn newcomers_have_their_turn_in_order_and_it_ends() {
    let mut world = World::founded();
    for newcomer in [B, C, D] {
        world.enter(newcomer);
        world.said(newcomer);
        world.circle.join_lease(world.now, newcomer).unwrap();
    }
    world.answer_all();
    world.leased(B);
    world.pass(TTL - Duration::from_millis(1));
    assert_eq!(world.said(C), []);
    world.pass(Duration::from_millis(1));
    world.leased(C);
    assert_eq!(world.commit(B, 0, "late", None), Err(RefusalCause::Unexpected));
    world.circle.leave(world.now, C).unwrap();
    world.leased(D);
}

#[test]
fn a_member_that_does_not_answer_is_passed_over() {
    let mut world = World::joined(&[B]);
    world.enter(C);
    world.said(C);
    world.circle.join_lease(world.now, C).unwrap();
    let first = [A, B].into_iter().find(|member| asked(&world.said(*member)).is_some()).unwrap();
    let second = if first == A { B } else { A };
    world.pass(ANSWER - Duration::from_millis(1));
    assert_eq!(asked(&world.said(second)), None);
    world.pass(Duration::from_millis(1));
    assert!(asked(&world.said(second)).is_some());
    // When both were asked for nothing, the first is asked again.
    world.pass(ANSWER);
    assert!(asked(&world.said(first)).is_some() || asked(&world.said(second)).is_some());
}

#[test]
fn a_late_answer_counts_and_a_member_that_goes_is_passed_over_at_once() {
    let mut world = World::joined(&[B]);
    world.enter(C);
    world.said(C);
    world.circle.join_lease(world.now, C).unwrap();
    let (first, question) =
        [A, B].into_iter().find_map(|m| asked(&world.said(m)).map(|question| (m, question))).unwrap();
    let second = if first == A { B } else { A };
    world.pass(ANSWER);
    world.answer(first, &question, "late").unwrap();
    assert_eq!(&world.leased(C).group_information[..], b"late");
    assert!(asked(&world.said(second)).is_some());

    let mut world = World::joined(&[B]);
    world.enter(C);
    world.said(C);
    world.circle.join_lease(world.now, C).unwrap();
    let first = [A, B].into_iter().find(|member| asked(&world.said(*member)).is_some()).unwrap();
    world.circle.lost(world.now, first);
    let second = if first == A { B } else { A };
    assert!(asked(&world.said(second)).is_some());
}

#[test]
fn answers_nobody_asked_for_are_refused() {
    let mut world = World::joined(&[B]);
    let unasked = GroupInfoRequest { circle: CIRCLE, ask_id: 1000, epoch: 1 };
    assert_eq!(world.answer(A, &unasked, "x"), Err(RefusalCause::Unexpected));
    world.enter(C);
    assert_eq!(world.answer(C, &unasked, "x"), Err(RefusalCause::NotSeated));
    assert_eq!(world.answer(D, &unasked, "x"), Err(RefusalCause::NotSeated));
    // An epoch that ended while the member answered is not its fault.
    assert_eq!(world.answer(A, &GroupInfoRequest { epoch: 0, ..unasked }, "x"), Ok(()));
}

#[test]
fn information_that_is_too_large_is_refused_and_another_is_asked() {
    let mut world = World::with(Rules { group_information_bytes: 4, ..Rules::default() });
    world.found(A);
    world.enter(B);
    world.said(B);
    world.circle.join_lease(world.now, B).unwrap();
    let question = asked(&world.said(A)).unwrap();
    assert_eq!(world.answer(A, &question, "12345"), Err(RefusalCause::TooLarge));
    let again = asked(&world.said(A)).unwrap();
    assert_ne!(again.ask_id, question.ask_id);
    world.answer(A, &again, "1234").unwrap();
    world.leased(B);
}

#[test]
fn a_newcomer_that_cannot_use_the_information_asks_for_another() {
    let mut world = World::joined(&[B]);
    world.enter(C);
    world.said(C);
    world.circle.join_lease(world.now, C).unwrap();
    let mut answered = Vec::new();
    for round in 0..3 {
        let (member, question) =
            [A, B].into_iter().find_map(|m| asked(&world.said(m)).map(|question| (m, question))).unwrap();
        answered.push(member);
        world.answer(member, &question, "garbage").unwrap();
        world.leased(C);
        let again = world.circle.join_lease(world.now, C);
        assert_eq!(again.is_ok(), round < 2, "round {round}");
    }
    assert_ne!(answered[0], answered[1], "another member is asked");
}

#[test]
fn who_has_not_entered_or_is_seated_gets_no_turn() {
    let mut world = World::founded();
    assert_eq!(world.circle.join_lease(world.now, B), Err(RefusalCause::NotSeated));
    assert_eq!(world.circle.join_lease(world.now, A), Err(RefusalCause::Unexpected));
    let mut world = World::new();
    world.enter(A);
    assert_eq!(world.circle.join_lease(world.now, A), Err(RefusalCause::Unexpected));
}

#[test]
fn a_turn_lasts_longer_for_much_information() {
    let mut world = World::founded();
    world.enter(B);
    world.said(B);
    world.circle.join_lease(world.now, B).unwrap();
    let question = asked(&world.said(A)).unwrap();
    world.answer(A, &question, &"i".repeat(640 * 1024)).unwrap();
    assert_eq!(world.leased(B).ttl, TTL + Duration::from_secs(10));
}
