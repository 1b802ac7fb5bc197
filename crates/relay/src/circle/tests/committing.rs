//! Tentative, endorse, final, conflict.

use super::*;

const ANSWER: Duration = shepot_protocol::limits::MEMBER_ANSWER_DEADLINE;

/// A world with members A, B, C and D's commit tentative.
fn tentative() -> World {
    let mut world = World::joined(&[B, C]);
    world.enter(D);
    world.said(D);
    world.lease(D);
    world.commit(D, 2, "d joins", None).unwrap();
    world
}

#[test]
fn the_first_right_endorsement_makes_it_final() {
    let mut world = tentative();
    let member = world.asked_for_endorsement(&[A, B, C]).unwrap();
    world.endorse(member, "d joins", Some(endorsement(2, b"d joins"))).unwrap();
    let told = world.said(D);
    let last = the_final(&told).unwrap();
    assert_eq!((last.epoch, last.commit), (3, commit_id(b"d joins")));
    assert_eq!(last.present, [Seat(10), Seat(20), Seat(30), Seat(40)]);
    assert_eq!(presence(&told), [(40, PresenceChange::Entered)], "behind Final");
    let told = world.said(A);
    let commit = told.iter().find_map(|message| match message {
        RelayToClient::Delivery(Delivery { sequence, entry: Entry::Commit { base_epoch, blob }, .. }) => {
            Some((*sequence, *base_epoch, blob.clone()))
        }
        _ => None,
    });
    assert_eq!(commit, Some((last.sequence, 2, "d joins".into())));
    assert_eq!(presence(&told), [(40, PresenceChange::Entered)]);
    // A endorse that comes too late changes nothing and is nobody's fault.
    assert_eq!(world.endorse(member, "d joins", None), Ok(()));
}

#[test]
fn garbage_is_dropped_and_the_circle_goes_on() {
    let mut world = tentative();
    for _ in 0..3 {
        let member = world.asked_for_endorsement(&[A, B, C]).unwrap();
        world.endorse(member, "d joins", None).unwrap();
    }
    assert_eq!(conflict(&world.said(D)), Some(ConflictCause::Rejected));
    world.own_commit(A, 2, "a goes on");
    let epoch = the_final(&world.said(A)).unwrap().epoch;
    assert_eq!(epoch, 3);
    // And the rejected may try again, with its own turn.
    world.lease(D);
}

#[test]
fn one_that_endorses_is_enough_against_two_that_do_not() {
    let mut world = tentative();
    for _ in 0..2 {
        let member = world.asked_for_endorsement(&[A, B, C]).unwrap();
        world.endorse(member, "d joins", None).unwrap();
    }
    let member = world.asked_for_endorsement(&[A, B, C]).unwrap();
    world.endorse(member, "d joins", Some(endorsement(2, b"d joins"))).unwrap();
    assert!(the_final(&world.said(D)).is_some());
}

#[test]
fn a_forged_endorsement_counts_against_the_commit() {
    let forged = [
        Endorsement { signature: Signature([7; 64]), ..endorsement(2, b"d joins") },
        // Of another epoch, for another commit, for another key.
        endorsement(1, b"d joins"),
        endorsement(2, b"x joins"),
        Endorsement { next_verification_key: key(9, 3), ..endorsement(2, b"d joins") },
    ];
    for forged in forged {
        let mut world = tentative();
        for _ in 0..3 {
            let member = world.asked_for_endorsement(&[A, B, C]).unwrap();
            world.endorse(member, "d joins", Some(forged.clone())).unwrap();
        }
        assert_eq!(conflict(&world.said(D)), Some(ConflictCause::Rejected));
    }
}

#[test]
fn members_that_do_not_answer_are_passed_over() {
    let mut world = tentative();
    let mut asked = Vec::new();
    for _ in 0..3 {
        asked.push(world.asked_for_endorsement(&[A, B, C]).unwrap());
        world.pass(ANSWER - Duration::from_millis(1));
        assert_eq!(world.asked_for_endorsement(&[A, B, C]), None);
        world.pass(Duration::from_millis(1));
    }
    asked.sort_unstable();
    assert_eq!(asked, [A, B, C]);
    assert_eq!(conflict(&world.said(D)), Some(ConflictCause::Unanswered));
}

#[test]
fn a_late_endorsement_of_one_that_was_passed_over_counts() {
    let mut world = tentative();
    let first = world.asked_for_endorsement(&[A, B, C]).unwrap();
    world.pass(ANSWER);
    world.endorse(first, "d joins", Some(endorsement(2, b"d joins"))).unwrap();
    assert!(the_final(&world.said(D)).is_some());
}

#[test]
fn silence_and_one_word_against_it_is_rejected() {
    let mut world = tentative();
    let member = world.asked_for_endorsement(&[A, B, C]).unwrap();
    world.endorse(member, "d joins", None).unwrap();
    world.pass(ANSWER);
    world.pass(ANSWER);
    assert_eq!(conflict(&world.said(D)), Some(ConflictCause::Rejected));
}

#[test]
fn a_verifier_that_is_gone_is_passed_over_at_once() {
    let mut world = tentative();
    let first = world.asked_for_endorsement(&[A, B, C]).unwrap();
    world.circle.lost(world.now, first);
    assert!(world.asked_for_endorsement(&[A, B, C]).is_some_and(|next| next != first));
}

#[test]
fn the_commit_goes_with_its_author() {
    let mut world = tentative();
    let member = world.asked_for_endorsement(&[A, B, C]).unwrap();
    world.circle.lost(world.now, D);
    assert_eq!(world.endorse(member, "d joins", Some(endorsement(2, b"d joins"))), Ok(()));
    world.own_commit(A, 2, "epoch 2 still");
    assert!(the_final(&world.said(A)).is_some());
}

#[test]
fn when_the_last_member_goes_nobody_answers() {
    let mut world = World::founded();
    world.enter(B);
    world.lease(B);
    world.commit(B, 0, "b", None).unwrap();
    world.circle.lost(world.now, A);
    assert_eq!(conflict(&world.said(B)), Some(ConflictCause::Unanswered));
}

#[test]
fn a_members_own_endorsement_is_final_at_once() {
    let mut world = World::joined(&[B]);
    world.own_commit(B, 1, "rename");
    let last = the_final(&world.said(B)).unwrap();
    assert_eq!((last.epoch, last.present), (2, vec![Seat(10), Seat(20)]));
    assert!(the_final(&world.said(A)).is_none(), "for others it is an entry");
    assert_eq!(world.asked_for_endorsement(&[A]), None);
}

#[test]
fn a_member_without_or_with_a_wrong_endorsement_is_rejected() {
    let mut world = World::joined(&[B]);
    world.commit(B, 1, "x", None).unwrap();
    assert_eq!(conflict(&world.said(B)), Some(ConflictCause::Rejected));
    world.commit(B, 1, "x", Some(endorsement(0, b"x"))).unwrap();
    assert_eq!(conflict(&world.said(B)), Some(ConflictCause::Rejected));
}

#[test]
fn another_epoch_is_stale_and_a_second_commit_busy() {
    let mut world = tentative();
    world.commit(A, 1, "old", Some(endorsement(1, b"old"))).unwrap();
    assert_eq!(conflict(&world.said(A)), Some(ConflictCause::Stale));
    world.commit(A, 3, "future", Some(endorsement(3, b"future"))).unwrap();
    assert_eq!(conflict(&world.said(A)), Some(ConflictCause::Stale));
    world.commit(A, 2, "second", Some(endorsement(2, b"second"))).unwrap();
    assert_eq!(conflict(&world.said(A)), Some(ConflictCause::Busy));
}

/// C has its turn at epoch 1, D waits behind it.
fn in_turn() -> World {
    let mut world = World::joined(&[B]);
    for newcomer in [C, D] {
        world.enter(newcomer);
        world.said(newcomer);
    }
    world.lease(C);
    world.circle.join_lease(world.now, D).unwrap();
    world
}

fn unfinished(world: &mut World) -> Vec<ConnectionId> {
    std::mem::take(&mut world.circle.effects().unfinished)
}

#[test]
fn a_newcomer_whose_epoch_ended_keeps_its_place_once() {
    let mut world = in_turn();
    world.own_commit(A, 1, "meanwhile");
    world.commit(C, 1, "c joins", None).unwrap();
    assert_eq!(conflict(&world.said(C)), Some(ConflictCause::Stale));
    world.answer_all();
    assert_eq!(world.said(D), [], "the place is kept");
    assert_eq!(world.lease(C).epoch, 2, "with the information of the new epoch");
    assert_eq!(unfinished(&mut world), []);
    world.own_commit(A, 2, "meanwhile again");
    world.commit(C, 2, "c joins", None).unwrap();
    assert_eq!(conflict(&world.said(C)), Some(ConflictCause::Stale));
    world.answer_all();
    assert_eq!(world.leased(D).epoch, 3, "then it waits like the others");
    assert_eq!(unfinished(&mut world), [C]);
}

#[test]
fn who_does_not_ask_again_loses_its_place() {
    let mut world = in_turn();
    world.own_commit(A, 1, "meanwhile");
    world.commit(C, 1, "c joins", None).unwrap();
    world.pass(ANSWER);
    world.answer_all();
    assert_eq!(world.leased(D).epoch, 2);
    assert_eq!(unfinished(&mut world), [C]);
}

#[test]
fn who_names_an_epoch_that_it_was_not_served_loses_its_turn() {
    for base_epoch in [0, 2, 999] {
        let mut world = in_turn();
        world.commit(C, base_epoch, "c blocks", None).unwrap();
        assert_eq!(conflict(&world.said(C)), Some(ConflictCause::Stale));
        assert_eq!(world.leased(D).epoch, 1, "at once");
        assert_eq!(unfinished(&mut world), [C]);
        // It may ask once more, behind all others.
        world.circle.join_lease(world.now, C).unwrap();
        world.circle.lost(world.now, D);
        assert_eq!(world.leased(C).epoch, 1);
        assert_eq!(unfinished(&mut world), [D], "who goes in its turn had members work for nothing");
    }
}

#[test]
fn without_a_turn_there_is_no_commit() {
    let mut world = World::founded();
    assert_eq!(world.commit(B, 0, "b", None), Err(RefusalCause::NotSeated));
    world.enter(B);
    assert_eq!(world.commit(B, 0, "b", None), Err(RefusalCause::Unexpected));
    // Not even with an endorsement that verifies: turns keep the order.
    assert_eq!(world.commit(B, 0, "b", Some(endorsement(0, b"b"))), Err(RefusalCause::Unexpected));
}

#[test]
fn a_turn_does_not_end_while_its_commit_is_tentative() {
    let mut world = World::joined(&[B, C]);
    world.enter(D);
    world.said(D);
    world.lease(D);
    world.pass(Rules::default().lease_ttl - Duration::from_millis(1));
    world.commit(D, 2, "d joins", None).unwrap();
    world.pass(Duration::from_millis(10));
    world.endorse_all("d joins");
    assert!(the_final(&world.said(D)).is_some());
}

#[test]
fn verdicts_of_those_who_were_not_asked_are_refused() {
    let mut world = tentative();
    let member = world.asked_for_endorsement(&[A, B, C]).unwrap();
    let other = if member == A { B } else { A };
    assert_eq!(world.endorse(other, "d joins", None), Err(RefusalCause::Unexpected));
    assert_eq!(world.endorse(D, "d joins", None), Err(RefusalCause::NotSeated));
}

#[test]
fn an_asked_member_has_read_the_log_up_to_the_base_epoch_first() {
    let mut world = World::founded();
    world.enter(B);
    world.own_commit(A, 0, "epoch 1");
    world.lease(B);
    world.commit(B, 1, "b joins", None).unwrap();
    world.publish(A, 1, "after").unwrap();
    let told = world.said(A);
    let order: Vec<_> = told
        .iter()
        .map(|message| match message {
            RelayToClient::Final(_) => "final",
            RelayToClient::Tentative(Tentative { .. }) => "tentative",
            RelayToClient::Published(_) => "published",
            _ => "other",
        })
        .collect();
    assert_eq!(order, ["tentative", "published"]);
}

#[test]
fn a_blob_that_is_too_large_is_refused() {
    let mut world = World::with(Rules { blob_bytes: 4, group_information_bytes: 4, ..Rules::default() });
    world.found(A);
    let big = "12345";
    assert_eq!(world.commit(A, 0, big, Some(endorsement(0, big.as_bytes()))), Err(RefusalCause::TooLarge));
    assert_eq!(world.publish(A, 1, big), Err(RefusalCause::TooLarge));
    world.own_commit(A, 0, "1234");
    assert_eq!(the_final(&world.said(A)).map(|last| last.commit), Some(commit_id(b"1234")));
    let _: CommitId = commit_id(b"1234");
}

#[test]
fn no_more_are_asked_for_an_endorsement_than_the_rules_say() {
    let mut world = World::with(Rules { endorsers_asked: 2, ..Rules::default() });
    world.found(A);
    world.join(B);
    world.join(C);
    world.enter(D);
    world.lease(D);
    let members = [A, B, C];
    world.commit(D, 2, "d joins", None).unwrap();
    let first = world.asked_for_endorsement(&members);
    world.pass(ANSWER);
    let second = world.asked_for_endorsement(&members);
    assert!(first.is_some() && second.is_some() && first != second, "{first:?}, then {second:?}");
    assert_eq!(conflict(&world.said(D)), None);
    world.pass(ANSWER);
    assert_eq!(world.asked_for_endorsement(&members), None, "the third is left in peace");
    assert_eq!(conflict(&world.said(D)), Some(ConflictCause::Unanswered));
}

#[test]
fn who_did_not_answer_is_asked_last_next_time() {
    let mut world = World::joined(&[B]);
    world.enter(C);
    world.said(C);
    world.lease(C);
    world.commit(C, 1, "c joins", None).unwrap();
    let silent = world.asked_for_endorsement(&[A, B]).unwrap();
    world.pass(ANSWER);
    let other = world.asked_for_endorsement(&[A, B]).unwrap();
    assert_ne!(silent, other);
    world.endorse(other, "c joins", None).unwrap();
    world.said(C);
    world.circle.join_lease(world.now, C).unwrap();
    world.said(C);
    world.commit(C, 1, "c joins after all", None).unwrap();
    assert_eq!(world.asked_for_endorsement(&[A, B]), Some(other));
}

#[test]
fn a_commit_by_somebody_who_does_not_know_yet_who_came_is_stale() {
    let mut world = World::joined(&[B]);
    world.circle.lost(world.now, B);
    let commit = |seen| Commit {
        circle: CIRCLE,
        base_epoch: 1,
        blob: "removal".into(),
        endorsement: Some(endorsement(1, b"removal")),
        seen,
        eviction: None,
    };
    // 1 join, 2 entered, 3 lost, 4 entered.
    world.enter_with(C, 20, Some(resume(0, 1, 20, LogId([1; 16]), 3))).unwrap();
    world.circle.commit(world.now, A, commit(3)).unwrap();
    assert_eq!(conflict(&world.said(A)), Some(ConflictCause::Stale));
    world.circle.commit(world.now, A, commit(4)).unwrap();
    assert!(the_final(&world.said(A)).is_some());
}

#[test]
fn a_question_about_a_commit_that_is_decided_waits_for_nobody() {
    let mut world = World::joined(&[B]);
    world.enter(C);
    let leased = world.lease(C);
    world.commit(C, leased.epoch, "join", None).unwrap();
    // Neither reads what it is asked, and the time of both passes.
    world.pass(Duration::from_secs(3));
    world.pass(Duration::from_secs(3));
    assert_eq!(conflict(&world.said(C)), Some(ConflictCause::Unanswered));
    for member in [A, B] {
        let asked = |message: &RelayToClient| matches!(message, RelayToClient::Tentative(_));
        assert!(!world.said(member).iter().any(asked));
    }
}

#[test]
fn whoever_joins_anew_on_a_seat_that_it_still_holds_was_here_all_along() {
    let mut world = World::joined(&[B]);
    let Phase::Grouped(group) = &world.circle.phase else { panic!("no group") };
    let before = group.log.next();
    let log_id = group.log_id;
    // B has lost its state, and its old connection is not known to be lost.
    world.enter_with(C, World::seat(B), None).unwrap();
    let leased = world.lease(C);
    world.commit(C, leased.epoch, "b again", None).unwrap();
    world.endorse_all("b again");
    assert!(!world.circle.is_seated(B) && world.circle.is_seated(C));
    // Somebody who had read up to there comes back: b was here then, too.
    world.circle.lost(world.now, A);
    let epoch = leased.epoch + 1;
    world.enter_with(D, World::seat(A), Some(resume(0, epoch, World::seat(A), log_id, before))).unwrap();
    let told = world.said(D);
    let RelayToClient::Entered(entered) = &told[0] else { panic!("not entered: {told:?}") };
    assert_eq!(entered.present, [Seat(World::seat(A)), Seat(World::seat(B))]);
}
