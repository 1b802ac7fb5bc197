//! Return by seat proof, takeover, re-seating.

use super::*;

const LOG: LogId = LogId([1; 16]);

#[test]
fn a_member_returns_and_goes_on_where_it_was() {
    let mut world = World::joined(&[B]);
    world.circle.lost(world.now, B);
    world.publish(A, 1, "while away").unwrap();
    let cursor = 3;
    world.enter_with(C, 20, Some(resume(0, 1, 20, LOG, cursor))).unwrap();
    let told = world.said(C);
    let RelayToClient::Entered(entered) = &told[0] else { panic!("not entered: {told:?}") };
    assert_eq!((entered.standing, entered.epoch, entered.next_sequence), (Standing::Seated, 1, 3));
    assert_eq!(presence(&told), [(20, PresenceChange::Lost), (20, PresenceChange::Entered)]);
    assert_eq!(blobs(&told), ["while away"]);
}

#[test]
fn what_a_member_said_before_it_was_cut_off_is_its_own_still() {
    let mut world = World::joined(&[B]);
    world.publish(B, 7, "said and cut off").unwrap();
    world.own_commit(B, 1, "committed and cut off");
    world.circle.lost(world.now, B);
    world.enter_with(C, 20, Some(resume(0, 1, 20, LOG, 3))).unwrap();
    let told = world.said(C);
    assert!(told.iter().any(|message| matches!(message, RelayToClient::Published(_))));
    let last = the_final(&told).unwrap();
    assert_eq!((last.epoch, last.present), (2, vec![Seat(10), Seat(20)]));
    assert!(blobs(&told).is_empty());
}

#[test]
fn with_another_log_the_member_reads_from_the_beginning() {
    let mut world = World::joined(&[B]);
    world.circle.lost(world.now, B);
    world.enter_with(C, 20, Some(resume(0, 1, 20, LogId([99; 16]), 1000))).unwrap();
    let RelayToClient::Entered(entered) = world.said(C)[0].clone() else { panic!("not entered") };
    assert_eq!((entered.log_id, entered.next_sequence), (LOG, 1));
}

#[test]
fn a_cursor_from_the_future_is_put_right() {
    let mut world = World::joined(&[B]);
    world.circle.lost(world.now, B);
    world.enter_with(C, 20, Some(resume(0, 1, 20, LOG, u64::MAX))).unwrap();
    let RelayToClient::Entered(entered) = world.said(C)[0].clone() else { panic!("not entered") };
    assert_eq!(entered.next_sequence, 4, "1 commit, 2 entered, 3 lost");
}

#[test]
fn a_proof_that_does_not_verify_is_a_newcomers() {
    let right = resume(0, 1, 20, LOG, 1);
    let wrong = [
        Resume { proof: Signature([1; 64]), ..right.clone() },
        // Of a fork, for another seat, of an epoch that never was, of another connection.
        resume(5, 1, 20, LOG, 1),
        resume(0, 1, 21, LOG, 1),
        resume(0, 2, 20, LOG, 1),
        Resume {
            proof: signed(&signer(0, 1), &transcript::seat(&OTHER_BINDING, &NAME, Seat(20), 1)),
            ..right.clone()
        },
    ];
    for wrong in wrong {
        let mut world = World::joined(&[B]);
        world.enter_with(C, 20, Some(wrong)).unwrap();
        assert_eq!(world.standing(C), Standing::Join);
        assert!(world.circle.is_seated(B), "and takes nobody's seat");
    }
}

#[test]
fn keys_are_remembered_for_so_many_epochs() {
    let mut world = World::joined(&[B, C]);
    for member in [B, C] {
        world.circle.lost(world.now, member);
    }
    for epoch in 2..34 {
        world.own_commit(A, epoch, &format!("commit {epoch}"));
    }
    world.enter_with(B, 20, Some(resume(0, 3, 20, LOG, 1))).unwrap();
    assert!(world.circle.is_seated(B));
    world.enter_with(C, 30, Some(resume(0, 2, 30, LOG, 1))).unwrap();
    assert_eq!(world.standing(C), Standing::Join);
}

#[test]
fn a_seat_is_taken_over_without_an_entry() {
    let mut world = World::joined(&[B]);
    std::mem::take(world.circle.effects());
    world.enter_with(C, 20, Some(resume(0, 1, 20, LOG, 3))).unwrap();
    assert_eq!(std::mem::take(world.circle.effects()).expel, [(B, Expulsion::Replaced)]);
    assert!(!world.circle.is_seated(B));
    assert_eq!(presence(&world.said(A)), []);
    assert_eq!(world.entered(C).present, [Seat(10), Seat(20)]);
    // The old connection's end is nobody's loss.
    world.circle.lost(world.now, B);
    assert_eq!(world.said(A), []);
    std::mem::take(world.circle.effects());
}

#[test]
fn replaced_readers_leave_nothing_behind() {
    let mut world = World::joined(&[B]);
    for connection in 100..1100 {
        let connection = ConnectionId(connection);
        world.enter_with(connection, 20, Some(resume(0, 1, 20, LOG, 3))).unwrap();
        world.said(connection);
    }
    let Phase::Grouped(group) = &world.circle.phase else { panic!("no group") };
    assert!(group.sleepers.len() < 10, "{}", group.sleepers.len());
}

#[test]
fn a_resync_over_a_seat_that_is_held_replaces_it() {
    let mut world = World::joined(&[B]);
    world.enter_with(C, 20, None).unwrap();
    world.lease(C);
    world.commit(C, 1, "resync", None).unwrap();
    world.endorse_all("resync");
    assert!(std::mem::take(world.circle.effects()).expel.contains(&(B, Expulsion::Replaced)));
    assert_eq!(the_final(&world.said(C)).unwrap().present, [Seat(10), Seat(20)]);
}

#[test]
fn after_a_restart_the_claim_that_most_share_wins() {
    let mut world = World::new();
    // Whoever makes up an epoch is alone with it.
    world.enter_with(A, 10, Some(resume(0, 1000, 10, LOG, 9))).unwrap();
    world.enter_with(B, 20, Some(resume(0, 7, 20, LOG, 9))).unwrap();
    world.enter_with(C, 30, Some(resume(0, 7, 30, LOG, 9))).unwrap();
    world.enter(D);
    for connection in [A, B, C, D] {
        assert_eq!(world.standing(connection), Standing::Wait);
    }
    world.pass(Rules::default().reseat_window - Duration::from_millis(1));
    assert_eq!(world.said(B), []);
    world.pass(Duration::from_millis(1));
    let entered = world.entered(B);
    assert_eq!((entered.standing, entered.epoch, entered.next_sequence), (Standing::Seated, 7, 1));
    assert_eq!(entered.present, [Seat(20), Seat(30)]);
    assert_ne!(entered.log_id, LOG);
    assert_eq!(world.entered(C).log_id, entered.log_id);
    assert_eq!(world.standing(A), Standing::Join);
    assert_eq!(world.standing(D), Standing::Join);
    // The circle lives on at that epoch.
    world.own_commit(B, 7, "on");
    assert!(the_final(&world.said(B)).is_some());
}

#[test]
fn of_claims_that_as_many_share_the_highest_epoch_wins_and_then_the_smaller_key() {
    let mut world = World::new();
    world.enter_with(A, 10, Some(resume(0, 5, 10, LOG, 1))).unwrap();
    world.enter_with(B, 20, Some(resume(0, 6, 20, LOG, 1))).unwrap();
    world.pass(Duration::from_secs(2));
    assert!(world.circle.is_seated(B) && !world.circle.is_seated(A));

    let mut world = World::new();
    world.enter_with(A, 10, Some(resume(1, 5, 10, LOG, 1))).unwrap();
    world.enter_with(B, 20, Some(resume(2, 5, 20, LOG, 1))).unwrap();
    world.pass(Duration::from_secs(2));
    let smaller = if key(1, 5) < key(2, 5) { A } else { B };
    assert!(world.circle.is_seated(smaller));
}

#[test]
fn a_claim_needs_a_proof_by_its_own_key() {
    let mut world = World::new();
    let unproved = Resume { proof: Signature([0; 64]), ..resume(0, 1000, 10, LOG, 1) };
    world.enter_with(A, 10, Some(unproved)).unwrap();
    assert_eq!(world.standing(A), Standing::CreateGroup, "it is a newcomer's");
}

#[test]
fn a_claim_comes_before_a_founder_who_has_not_founded_yet() {
    let mut world = World::new();
    world.enter(A);
    world.said(A);
    world.enter_with(B, 20, Some(resume(0, 3, 20, LOG, 1))).unwrap();
    assert_eq!(world.standing(A), Standing::Wait);
    let found = CreateGroup { circle: CIRCLE, epoch: 0, verification_key: key(9, 0) };
    assert_eq!(world.circle.create_group(world.now, A, &found, LOG), Err(RefusalCause::Unexpected));
    world.pass(Duration::from_secs(2));
    assert_eq!(world.standing(B), Standing::Seated);
    assert_eq!(world.standing(A), Standing::Join);
}

#[test]
fn claims_that_were_withdrawn_do_not_count() {
    let mut world = World::new();
    world.enter_with(A, 10, Some(resume(0, 5, 10, LOG, 1))).unwrap();
    world.enter(B);
    world.said(B);
    world.circle.lost(world.now, A);
    world.pass(Duration::from_secs(2));
    assert_eq!(world.standing(B), Standing::CreateGroup);
}

#[test]
fn the_same_member_twice_is_seated_once() {
    let mut world = World::new();
    world.enter_with(A, 10, Some(resume(0, 5, 10, LOG, 1))).unwrap();
    world.enter_with(B, 10, Some(resume(0, 5, 10, LOG, 1))).unwrap();
    world.pass(Duration::from_secs(2));
    assert!(world.circle.is_seated(B));
    assert_eq!(std::mem::take(world.circle.effects()).expel, [(A, Expulsion::Replaced)]);
    assert_eq!(world.entered(B).present, [Seat(10)]);
}

#[test]
fn a_newcomer_that_left_by_another_connection_meanwhile_is_rejected() {
    let mut world = World::founded();
    world.enter_with(C, 20, None).unwrap();
    world.join(B);
    world.circle.leave(world.now, B).unwrap();
    world.said(C);
    world.lease(C);
    world.commit(C, 1, "on a seat that was left", None).unwrap();
    assert_eq!(conflict(&world.said(C)), Some(ConflictCause::Rejected));
}

#[test]
fn the_evicted_reads_why_and_nothing_more_and_does_not_return() {
    let mut world = World::joined(&[B, C]);
    world.publish(A, 1, "before").unwrap();
    world.evict_all_but(A, 2, "eviction", vec![Seat(30)]);
    world.publish(A, 2, "after").unwrap();
    let told = world.said(B);
    assert_eq!(blobs(&told), ["before"]);
    let is_commit = |m: &RelayToClient| {
        matches!(m, RelayToClient::Delivery(Delivery { entry: Entry::Commit { .. }, .. }))
    };
    assert!(told.iter().any(is_commit));
    let Some(RelayToClient::Entered(entered)) = told.last() else { panic!("not told: {told:?}") };
    assert_eq!(entered.standing, Standing::Join);
    assert!(!world.circle.is_seated(B) && world.circle.is_seated(A) && world.circle.is_seated(C));
    assert_eq!(world.publish(B, 3, "still there"), Err(RefusalCause::NotSeated));
    assert_eq!(presence(&world.said(C)), [(20, PresenceChange::Left)]);
    // The keys of before the eviction bring back only those whose seats the relay knows.
    world.circle.lost(world.now, B);
    for seat in [20, 77] {
        let entered = world.enter_with(D, seat, Some(resume(0, 2, seat, LOG, 1)));
        assert_eq!(entered, Err(RefusalCause::InvitationOutdated));
    }
    world.circle.lost(world.now, C);
    world.enter_with(D, 30, Some(resume(0, 2, 30, LOG, 1))).unwrap();
    assert!(world.circle.is_seated(D), "away during the eviction, and no less a member");
}

#[test]
fn an_evicted_reader_far_behind_is_closed() {
    let mut world = World::joined(&[B]);
    for id in 0..100 {
        world.publish(A, id, "much").unwrap();
    }
    world.evict_all_but(A, 1, "eviction", vec![Seat(10)]);
    assert!(std::mem::take(world.circle.effects()).expel.contains(&(B, Expulsion::TooSlow)));
    assert_eq!(world.said(B), []);
}

#[test]
fn an_eviction_of_somebody_who_is_away_lets_it_not_return() {
    let mut world = World::joined(&[B]);
    world.circle.lost(world.now, B);
    world.evict_all_but(A, 1, "eviction", vec![Seat(10)]);
    let entered = world.enter_with(C, 20, Some(resume(0, 1, 20, LOG, 1)));
    assert_eq!(entered, Err(RefusalCause::InvitationOutdated));
}

#[test]
fn a_seat_that_is_not_known_returns_with_the_key_of_this_epoch_alone() {
    let mut world = World::joined(&[B, C]);
    // Of no leaf: with the epoch's key any number can be seated, with an earlier one none.
    for (epoch, is_seated) in [(1, false), (2, true)] {
        world.enter_with(D, 77, Some(resume(0, epoch, 77, LOG, 1))).unwrap();
        assert_eq!(world.circle.is_seated(D), is_seated);
        world.circle.leave(world.now, D).unwrap();
    }
    // Who is known may come back from further away.
    world.circle.lost(world.now, B);
    world.enter_with(D, 20, Some(resume(0, 1, 20, LOG, 1))).unwrap();
    assert!(world.circle.is_seated(D));
}

#[test]
fn a_seat_that_the_evicted_took_beforehand_is_no_way_back() {
    let mut world = World::joined(&[B]);
    // Of no leaf: with the epoch's key any number can be seated.
    world.enter_with(C, 77, Some(resume(0, 1, 77, LOG, 1))).unwrap();
    assert!(world.circle.is_seated(C));
    world.enter_with(D, 78, Some(resume(0, 1, 78, LOG, 1))).unwrap();
    world.circle.lost(world.now, D);
    world.evict_all_but(A, 1, "eviction", vec![Seat(10)]);
    assert!(!world.circle.is_seated(B) && !world.circle.is_seated(C));
    let entered = world.enter_with(D, 78, Some(resume(0, 1, 78, LOG, 1)));
    assert_eq!(entered, Err(RefusalCause::InvitationOutdated));
    assert_eq!(world.members(), [A]);
}

#[test]
fn an_epoch_that_cannot_be_is_nobodys() {
    let mut world = World::new();
    world.enter_with(A, 10, Some(resume(0, u64::MAX, 10, LOG, 1))).unwrap();
    assert_eq!(world.standing(A), Standing::CreateGroup, "no claim");
    let found = CreateGroup { circle: CIRCLE, epoch: u64::MAX, verification_key: key(0, 0) };
    assert_eq!(world.circle.create_group(world.now, A, &found, LOG), Err(RefusalCause::Unexpected));
}

#[test]
fn several_who_are_evicted_leave_together() {
    let mut world = World::joined(&[B, C]);
    world.own_commit(C, 2, "c, unread by c");
    world.evict_all_but(A, 3, "eviction", vec![Seat(World::seat(A))]);
    let last = the_final(&world.said(C)).unwrap();
    assert_eq!(last.present, [A, B, C].map(|who| Seat(World::seat(who))), "all were here then");
    let left = presence(&world.said(A));
    assert_eq!(left, [B, C].map(|who| (World::seat(who), PresenceChange::Left)));
}
