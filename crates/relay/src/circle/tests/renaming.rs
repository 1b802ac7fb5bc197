//! After the owner's removal of somebody the circle has another name: an earlier invitation leads nowhere.

use super::*;

const LOG: LogId = LogId([1; 16]);
const NEXT: CircleId = CircleId([0xc2; 16]);

fn is_outdated(message: &RelayToClient) -> bool {
    matches!(message, RelayToClient::Refused(refusal) if refusal.cause == RefusalCause::InvitationOutdated)
}

/// A, B, C are in; A, the owner, removes B at epoch 2.
fn renamed() -> World {
    let mut world = World::joined(&[B, C]);
    world.evict_into(NEXT, A, 2, "eviction", vec![Seat(10), Seat(30)]);
    world
}

#[test]
fn whoever_has_only_an_earlier_name_stays_outside() {
    let mut world = renamed();
    assert_eq!(world.circle.effects().renamed, Some(NEXT));
    let outcome = world.enter_by(CIRCLE, D, 40, None);
    assert_eq!(outcome, Err(RefusalCause::InvitationOutdated));
    // The keys are no help, for a seat that is not known.
    for epoch in [2, 3] {
        let claim = resume(0, epoch, 40, LOG, 1);
        assert_eq!(world.enter_by(CIRCLE, D, 40, Some(claim)), Err(RefusalCause::InvitationOutdated));
    }
    world.enter_by(NEXT, D, 40, None).unwrap();
    assert!(world.said(D).iter().any(|m| matches!(m, RelayToClient::Entered(e) if e.circle == NEXT)));
}

#[test]
fn the_evicted_reads_why_and_is_told_that_its_invitation_is_outdated() {
    let mut world = renamed();
    let said = world.said(B);
    let commit = |m: &RelayToClient| {
        matches!(m, RelayToClient::Delivery(Delivery { entry: Entry::Commit { .. }, .. }))
    };
    let read = said.iter().position(commit).unwrap();
    let told = said.iter().position(is_outdated).unwrap();
    assert!(read < told, "{said:?}");
    assert!(!said.iter().any(|m| matches!(m, RelayToClient::Entered(_))));
    assert_eq!(world.circle.join_lease(world.now, B), Err(RefusalCause::InvitationOutdated));
    // It is nobody's to ask, to seat or to appoint, even when it is the last.
    world.circle.leave(world.now, A).unwrap();
    world.circle.leave(world.now, C).unwrap();
    assert_eq!(world.said(B), [], "it is not told to found the circle anew");
}

#[test]
fn who_waits_by_an_earlier_name_is_told_and_passed_over() {
    let mut world = World::joined(&[B, C]);
    world.enter(D);
    world.said(D);
    world.circle.join_lease(world.now, D).unwrap();
    world.evict_into(NEXT, A, 2, "eviction", vec![Seat(10), Seat(30)]);
    assert!(world.said(D).iter().any(is_outdated));
    let late = ConnectionId(5);
    world.enter_by(NEXT, late, 50, None).unwrap();
    let leased = world.lease(late);
    assert_eq!((leased.circle, leased.epoch), (NEXT, 3), "nobody stands before it");
}

#[test]
fn who_was_away_returns_with_its_seat_by_the_earlier_name() {
    let mut world = World::joined(&[B, C]);
    world.circle.lost(world.now, C);
    world.evict_into(NEXT, A, 2, "eviction", vec![Seat(10), Seat(30)]);
    world.enter_by(CIRCLE, D, 30, Some(resume(0, 2, 30, LOG, 1))).unwrap();
    assert!(world.circle.is_seated(D));
    let said = world.said(D);
    assert!(said.iter().any(|m| matches!(m, RelayToClient::Entered(e) if e.circle == NEXT)));
    // Whose seat was taken away was not merely away.
    let evicted = ConnectionId(6);
    let outcome = world.enter_by(CIRCLE, evicted, 20, Some(resume(0, 2, 20, LOG, 1)));
    assert_eq!(outcome, Err(RefusalCause::InvitationOutdated));
}

#[test]
fn all_who_are_here_are_told_of_a_later_generation() {
    let mut world = World::joined(&[B]);
    world.enter(C);
    world.said(C);
    let succession = Succession { root: CIRCLE, generation: 1, proof: [7; 96] };
    world.circle.supersede(&succession);
    let told = RelayToClient::Superseded { circle: CIRCLE, succession };
    for connection in [A, B, C] {
        assert!(world.said(connection).contains(&told));
    }
}
