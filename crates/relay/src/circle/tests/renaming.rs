//! After the owner's removal of somebody the circle has another name; the earlier one leads to it as long as it lives. A
//! member may rename it for the relay alone, and harms nobody by that.

use super::*;

const LOG: LogId = LogId([1; 16]);
const NEXT: CircleId = CircleId([0xc2; 16]);

/// A, B, C are in; A, the owner, removes B at epoch 2.
fn renamed() -> World {
    let mut world = World::joined(&[B, C]);
    world.evict_into(NEXT, A, 2, "eviction", vec![Seat(10), Seat(30)]);
    world
}

#[test]
fn the_circle_says_what_it_is_called() {
    let mut world = renamed();
    assert_eq!(world.circle.effects().renamed, Some(NEXT));
    for name in [CIRCLE, NEXT] {
        world.enter_by(name, D, 40, None).unwrap();
        let said = world.said(D);
        assert!(said.iter().any(|m| matches!(m, RelayToClient::Entered(e) if e.circle == NEXT)));
        world.circle.leave(world.now, D).unwrap();
    }
}

#[test]
fn who_was_away_returns_with_its_seat_by_the_earlier_name_and_the_evicted_does_not() {
    let mut world = World::joined(&[B, C]);
    world.circle.lost(world.now, C);
    world.evict_into(NEXT, A, 2, "eviction", vec![Seat(10), Seat(30)]);
    world.enter_by(CIRCLE, D, 30, Some(resume(0, 2, 30, LOG, 1))).unwrap();
    assert!(world.circle.is_seated(D));
    let evicted = ConnectionId(6);
    world.enter_by(CIRCLE, evicted, 20, Some(resume(0, 2, 20, LOG, 1))).unwrap();
    assert!(!world.circle.is_seated(evicted));
}

#[test]
fn a_vouch_counts_by_the_name_that_its_author_knows() {
    // A member has renamed the circle for the relay alone: the others know nothing of it.
    let mut world = World::joined(&[B, C]);
    world.evict_into(NEXT, B, 2, "an update, by the way", vec![Seat(10), Seat(20), Seat(30)]);
    world.own_commit(A, 3, "goes on by the earlier name");
    assert!(world.said(A).iter().any(|m| matches!(m, RelayToClient::Final(last) if last.epoch == 4)));
    // And so do newcomers: the members vouch by the name that they know.
    world.enter_by(CIRCLE, D, 40, None).unwrap();
    let leased = world.lease(D);
    world.commit(D, leased.epoch, "d joins", None).unwrap();
    world.vouch_all("d joins");
    assert!(world.circle.is_seated(D));
}

#[test]
fn all_who_are_here_are_told_of_a_later_generation_so_many_times() {
    let mut world = World::joined(&[B]);
    world.enter(C);
    world.said(C);
    for proof in 0..100 {
        world.circle.supersede(&Succession { root: CIRCLE, generation: 1, proof: [proof; 96] });
    }
    for connection in [A, B, C] {
        let told = |m: &&RelayToClient| matches!(m, RelayToClient::Superseded { circle: CIRCLE, .. });
        assert_eq!(world.said(connection).iter().filter(told).count(), 8);
    }
}
