//! After the owner's removal of somebody the circle has another name; the earlier one leads its members to it as long
//! as it lives. Nobody but the owner removes or renames.

use shepot_protocol::message::RequestKind;

use super::*;

const LOG: LogId = LogId([1; 16]);
const NEXT: CircleName = CircleName([0xc2; 16]);

/// A, B, C are in; A, the owner, removes B at epoch 2.
fn renamed() -> World {
    let mut world = World::joined(&[B, C]);
    world.evict_into(NEXT, A, 2, "eviction", vec![Seat(10), Seat(30)]);
    world
}

#[test]
fn the_circle_says_what_it_is_called_and_of_which_generation_it_is() {
    let mut world = renamed();
    assert_eq!(world.circle.effects().renamed, Some(NEXT));
    assert_eq!(world.circle.effects().succeeded, Some(word_for(1)));
    world.enter_of(Some(word_for(1)), NEXT, D, 40, None).unwrap();
    let said = world.said(D);
    assert!(said.iter().any(|m| matches!(m, RelayToClient::Entered(e) if e.circle == CIRCLE)));
}

#[test]
fn an_earlier_invitation_is_refused_while_the_later_generation_lives() {
    let mut world = renamed();
    assert_eq!(world.enter_by(NAME, D, 40, None), Err(RefusalCause::InvitationOutdated));
    // And when the group is gone but somebody of it waits.
    world.enter_of(Some(word_for(1)), NEXT, D, 40, None).unwrap();
    for member in [A, C] {
        world.circle.leave(world.now, member).unwrap();
    }
    assert_eq!(world.enter_by(NAME, B, 20, None), Err(RefusalCause::Unexpected), "it is here still");
    world.circle.leave(world.now, B).unwrap();
    assert_eq!(world.enter_by(NAME, B, 20, None), Err(RefusalCause::InvitationOutdated));
}

#[test]
fn who_was_away_returns_with_its_seat_by_the_earlier_name_and_the_evicted_does_not() {
    let mut world = World::joined(&[B, C]);
    world.circle.lost(world.now, C);
    world.evict_into(NEXT, A, 2, "eviction", vec![Seat(10), Seat(30)]);
    world.enter_by(NAME, D, 30, Some(resume(0, 2, 30, LOG, 1))).unwrap();
    assert!(world.circle.is_seated(D));
    let entered = world.enter_by(NAME, ConnectionId(6), 20, Some(resume(0, 2, 20, LOG, 1)));
    assert_eq!(entered, Err(RefusalCause::InvitationOutdated));
}

#[test]
fn nobody_but_the_owner_removes_or_renames() {
    let refused = [
        ("another's word", word_by(&signer(201, 0), 1)),
        ("the present generation", word_for(0)),
        ("another circle's", Succession { circle: CircleId(NEXT.0), ..word_for(1) }),
        ("one that was not signed", Succession { generation: 2, ..word_for(1) }),
    ];
    for (what, succession) in refused {
        let mut world = World::joined(&[B, C]);
        let eviction = Some(Eviction { staying: vec![Seat(20)], next_name: NEXT, succession });
        let (blob, endorsement) = ("an update, by the way", Some(endorsement(2, b"an update, by the way")));
        let commit = Commit {
            circle: CIRCLE,
            base_epoch: 2,
            blob: blob.into(),
            endorsement,
            seen: u64::MAX,
            eviction,
        };
        world.circle.commit(world.now, B, commit).unwrap();
        assert_eq!(conflict(&world.said(B)), Some(ConflictCause::Rejected), "{what}");
        assert_eq!(world.circle.effects().renamed, None, "{what}");
        assert_eq!(world.members(), [A, B, C], "{what}");
    }
}

#[test]
fn who_shows_a_word_that_is_not_the_owners_is_refused_and_changes_nothing() {
    let mut world = World::joined(&[B]);
    let shown = Some(word_by(&signer(201, 0), 7));
    assert_eq!(world.enter_of(shown, NAME, D, 40, None), Err(RefusalCause::Unexpected));
    assert_eq!(world.circle.succession(), None);
    world.enter_by(NAME, D, 40, None).unwrap();
}

#[test]
fn all_who_are_here_are_told_of_a_later_generation() {
    let mut world = World::joined(&[B]);
    world.enter(C);
    world.said(C);
    world.circle.supersede(&word_for(1));
    for connection in [A, B, C] {
        let told = |m: &RelayToClient| matches!(m, RelayToClient::Superseded { circle: CIRCLE, .. });
        assert!(world.said(connection).iter().any(told));
    }
}

#[test]
fn the_word_alone_which_anybody_is_told_is_no_invitation() {
    let mut world = renamed();
    // B is told the word when it is refused, and shows it by the name that it knows.
    world.circle.leave(world.now, B).unwrap();
    for resume in [None, Some(resume(0, 2, 20, LOG, 1))] {
        let entered = world.enter_of(Some(word_for(1)), NAME, B, 20, resume);
        assert_eq!(entered, Err(RefusalCause::InvitationOutdated));
    }
}

/// The relay knows the next name from the owner alone: one that the members do not have must not stop their commits.
#[test]
fn members_commit_whatever_the_circle_is_called_from_now_on() {
    let mut world = renamed();
    world.own_commit(A, 3, "an update");
    assert_eq!(conflict(&world.said(A)), None);
    let returned = world.enter_by(NAME, D, 30, Some(resume(0, 4, 30, LOG, 1)));
    assert_eq!((returned, world.circle.is_seated(D)), (Ok(()), true), "the epoch went on");
}

#[test]
fn the_removed_is_not_told_what_the_circle_is_called_now() {
    let mut world = renamed();
    let said = world.said(B);
    let told = |m: &RelayToClient| match m {
        RelayToClient::Entered(entered) => Some(entered.circle),
        _ => None,
    };
    assert_eq!(said.iter().filter_map(told).collect::<Vec<_>>(), [CIRCLE]);
    world.circle.leave(world.now, A).unwrap();
    world.circle.leave(world.now, C).unwrap();
    assert!(world.said(B).iter().filter_map(told).all(|circle| circle == CIRCLE));
}

#[test]
fn the_removed_who_stays_in_the_room_begins_nothing_when_the_others_are_gone() {
    let mut world = renamed();
    world.said(B);
    world.circle.leave(world.now, A).unwrap();
    world.circle.leave(world.now, C).unwrap();
    let told_to_found =
        |m: &RelayToClient| matches!(m, RelayToClient::Entered(e) if e.standing == Standing::CreateGroup);
    assert!(!world.said(B).iter().any(told_to_found));
    assert!(!world.circle.is_forgettable());
    world.enter_of(Some(word_for(1)), NEXT, D, 40, None).unwrap();
    assert!(world.said(D).iter().any(told_to_found), "who comes by the invitation of now");
    assert!(!world.said(B).iter().any(told_to_found));
}

#[test]
fn the_removed_who_stays_in_the_room_asks_in_vain() {
    let mut world = World::joined(&[B, C]);
    world.enter(D);
    world.evict_into(NEXT, A, 2, "eviction", vec![Seat(10), Seat(30)]);
    for outside in [B, D] {
        assert_eq!(world.circle.join_lease(world.now, outside), Err(RefusalCause::InvitationOutdated));
    }
}

#[test]
fn seats_of_nobody_known_are_not_kept_when_they_are_lost() {
    let mut world = World::joined(&[B]);
    world.circle.lost(world.now, B);
    for seat in 100..1_300 {
        world.enter_with(C, seat, Some(resume(0, 1, seat, LOG, 1))).unwrap();
        world.circle.lost(world.now, C);
    }
    world.own_commit(A, 1, "the epoch goes on");
    world.enter_with(B, 20, Some(resume(0, 1, 20, LOG, 1))).unwrap();
    assert!(world.circle.is_seated(B), "who is known was not pushed out");
}

#[test]
fn who_waits_for_its_turn_when_somebody_is_removed_is_told_so_and_no_name() {
    let mut world = World::joined(&[B, C]);
    world.enter(D);
    world.lease(D);
    let waiting = ConnectionId(6);
    world.enter_by(NAME, waiting, 50, None).unwrap();
    world.circle.join_lease(world.now, waiting).unwrap();
    world.evict_into(NEXT, A, 2, "eviction", vec![Seat(10), Seat(30)]);
    assert_eq!(std::mem::take(&mut world.circle.effects().unfinished), [D]);
    assert_eq!(world.commit(D, 2, "what it was given", None), Err(RefusalCause::Unexpected));
    world.answer_all();
    for outside in [D, waiting] {
        let said = world.said(outside);
        let is_refused = |m: &RelayToClient| {
            matches!(m, RelayToClient::Refused(refusal) if refusal.cause == RefusalCause::InvitationOutdated
                && refusal.request == Some(RequestKind::JoinLease)
                && refusal.circle == Some(CIRCLE))
        };
        assert_eq!(said.iter().filter(|m| is_refused(m)).count(), 1, "{said:?}");
        for message in &said {
            let frame = message.to_frame().unwrap();
            assert!(!frame.windows(16).any(|bytes| bytes == NEXT.0), "{message:?}");
        }
    }
    // Those of the generation that has begun have their turns.
    world.enter_of(Some(word_for(1)), NEXT, ConnectionId(7), 60, None).unwrap();
    world.lease(ConnectionId(7));
}

#[test]
fn who_was_to_found_the_circle_gives_way_to_whoever_comes_by_a_later_generation() {
    let mut world = World::new();
    world.enter(A);
    assert_eq!(world.standing(A), Standing::CreateGroup);
    world.enter_of(Some(word_for(1)), NEXT, B, 20, None).unwrap();
    let superseded = |m: &RelayToClient| matches!(m, RelayToClient::Superseded { circle: CIRCLE, .. });
    let outdated = |m: &RelayToClient| {
        matches!(m, RelayToClient::Refused(refusal) if refusal.cause == RefusalCause::InvitationOutdated
            && refusal.request == Some(RequestKind::Enter))
    };
    let said = world.said(A);
    assert!(said.iter().any(superseded) && said.iter().any(outdated), "{said:?}");
    assert_eq!(world.standing(B), Standing::CreateGroup);
    let found = CreateGroup { circle: CIRCLE, epoch: 0, verification_key: key(0, 0) };
    let fresh = world.fresh();
    assert_eq!(world.circle.create_group(world.now, A, &found, fresh), Err(RefusalCause::Unexpected));
}

#[test]
fn nobody_sits_in_the_seat_of_who_left() {
    let mut world = World::joined(&[B, C]);
    world.circle.leave(world.now, B).unwrap();
    // The others have its leaf for a moment yet, and would take whoever sits there for it.
    for resume in [None, Some(resume(0, 2, 20, LOG, 1))] {
        assert_eq!(world.enter_with(D, 20, resume), Err(RefusalCause::Unexpected));
    }
    world.evict_into(NEXT, A, 2, "eviction", vec![Seat(10), Seat(20)]);
    let entered = world.enter_of(Some(word_for(1)), NEXT, D, 20, Some(resume(0, 3, 20, LOG, 1)));
    assert_eq!(entered, Err(RefusalCause::Unexpected));
    let removed = std::mem::take(&mut world.circle.effects().removed);
    assert_eq!(removed.len(), 1, "C alone: who left was not removed");
}

#[test]
fn who_shows_the_word_in_a_circle_of_an_earlier_generation_tells_it_to_all_who_are_there() {
    // After a restart of the relay: who was removed founds the circle anew, and outdated friends come.
    let mut world = World::joined(&[B]);
    world.enter(C);
    for connection in [A, B, C] {
        world.said(connection);
    }
    // Another connection of its own shows the word there, so that it counts as known.
    world.enter_of(Some(word_for(1)), NAME, D, 40, None).unwrap();
    for connection in [A, B, C] {
        let told = |m: &RelayToClient| matches!(m, RelayToClient::Superseded { circle: CIRCLE, .. });
        assert!(world.said(connection).iter().any(told), "the others leave, then");
    }
    assert!(!world.said(D).iter().any(|m| matches!(m, RelayToClient::Superseded { .. })));
}

#[test]
fn a_seat_of_nobody_stays_one_by_another_connection_and_is_closed_when_it_leaves() {
    let mut world = World::joined(&[B]);
    world.circle.lost(world.now, B);
    for seat in 100..1_300 {
        for connection in [C, D] {
            world.enter_with(connection, seat, Some(resume(0, 1, seat, LOG, 1))).unwrap();
        }
        if seat % 2 == 0 {
            world.circle.lost(world.now, D);
        } else {
            world.circle.leave(world.now, D).unwrap();
        }
    }
    let last = world.enter_with(C, 1_299, Some(resume(0, 1, 1_299, LOG, 1)));
    assert_eq!(last, Err(RefusalCause::Unexpected), "whoever left does not come back");
    world.own_commit(A, 1, "the epoch goes on");
    world.enter_with(B, 20, Some(resume(0, 1, 20, LOG, 1))).unwrap();
    assert!(world.circle.is_seated(B), "who is known was not pushed out");
}
