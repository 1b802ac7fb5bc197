//! Founding, leaving, losing, forgetting.

use super::*;
use crate::budget::Budget;
use crate::origin::Origin;

#[test]
fn the_first_founds_and_the_others_wait_and_then_join() {
    let mut world = World::new();
    world.enter(A);
    world.enter(B);
    assert_eq!(world.standing(A), Standing::CreateGroup);
    assert_eq!(world.standing(B), Standing::Wait);
    let found = CreateGroup { circle: CIRCLE, epoch: 0, verification_key: key(0, 0) };
    assert_eq!(
        world.circle.create_group(world.now, B, &found, LogId([1; 16])),
        Err(RefusalCause::Unexpected)
    );
    assert_eq!(world.circle.create_group(world.now, C, &found, LogId([1; 16])), Err(RefusalCause::NotSeated));
    world.circle.create_group(world.now, A, &found, LogId([1; 16])).unwrap();
    let entered = world.entered(A);
    assert_eq!((entered.standing, entered.next_sequence), (Standing::Seated, 1));
    assert_eq!(entered.present, [Seat(10)]);
    let entered = world.entered(B);
    assert_eq!((entered.standing, entered.log_id), (Standing::Join, LogId([1; 16])));
    assert_eq!(entered.present, []);
    // Who came second cannot found it again.
    assert_eq!(
        world.circle.create_group(world.now, A, &found, LogId([2; 16])),
        Err(RefusalCause::Unexpected)
    );
}

#[test]
fn when_the_founder_fails_the_next_is_told() {
    for fail in ["gone", "left", "late"] {
        let mut world = World::new();
        for connection in [A, B, C] {
            world.enter(connection);
            world.said(connection);
        }
        match fail {
            "gone" => world.circle.lost(world.now, A),
            "left" => world.circle.leave(world.now, A).unwrap(),
            _ => {
                world.pass(Rules::default().founding_deadline - Duration::from_millis(1));
                assert_eq!(world.said(B), []);
                world.pass(Duration::from_millis(1));
                assert_eq!(world.standing(A), Standing::Wait);
            }
        }
        assert_eq!(world.standing(B), Standing::CreateGroup, "{fail}");
        assert_eq!(world.said(C), [], "{fail}: it was told WAIT already");
        let found = CreateGroup { circle: CIRCLE, epoch: 0, verification_key: key(0, 0) };
        assert!(world.circle.create_group(world.now, A, &found, LogId([1; 16])).is_err());
        assert_eq!(world.circle.create_group(world.now, B, &found, LogId([1; 16])), Ok(()));
    }
}

#[test]
fn who_holds_no_seat_takes_no_members_place() {
    let mut world = World::with(Rules { members: 3, newcomers: 2, ..Rules::default() });
    world.found(A);
    world.join(B);
    world.enter(C);
    world.enter(D);
    assert_eq!(world.enter_with(ConnectionId(5), 50, None), Err(RefusalCause::CircleFull));
    // B's connection is lost, and it comes back: the two at the door do not keep it out.
    world.circle.lost(world.now, B);
    let back = resume(0, 1, World::seat(B), LogId([1; 16]), 1);
    world.enter_with(ConnectionId(6), World::seat(B), Some(back)).unwrap();
    assert!(world.circle.is_seated(ConnectionId(6)));
}

#[test]
fn those_of_one_address_leave_room_at_the_door() {
    let mut world = World::with(Rules { newcomers: 64, ..Rules::default() });
    world.found(A);
    let budget = Budget::new(usize::MAX, 0);
    let from = |address: u8| {
        let account = budget.account(None, Origin::of([192, 0, 2, address].into()));
        Means { memory: account.clone(), circles: account }
    };
    let mut next = 100;
    let mut come = |address| {
        (0..64)
            .take_while(|_| {
                next += 1;
                world.means = from(address);
                world.enter_with(ConnectionId(next), next, None).is_ok()
            })
            .count()
    };
    // As many as are free, and 16 in any case; when all is full, in the place of those of the address that has most.
    assert_eq!([come(1), come(2), come(3), come(4)], [32, 16, 24, 16]);
}

#[test]
fn nobody_enters_twice_or_beyond_the_limit() {
    let mut world = World::with(Rules { members: 1, newcomers: 1, ..Rules::default() });
    world.enter(A);
    assert_eq!(world.enter_with(A, 10, None), Err(RefusalCause::Unexpected));
    world.enter(B);
    assert_eq!(world.enter_with(C, 30, None), Err(RefusalCause::CircleFull));
    let found = CreateGroup { circle: CIRCLE, epoch: 0, verification_key: key(0, 0) };
    world.circle.create_group(world.now, A, &found, LogId([1; 16])).unwrap();
    assert_eq!(world.enter_with(C, 30, None), Err(RefusalCause::CircleFull));
    // A member that comes by another connection takes nobody's room.
    let back = resume(0, 0, 10, LogId([1; 16]), 1);
    assert_eq!(world.enter_with(C, 10, Some(back)), Ok(()));
}

#[test]
fn leaving_and_losing_are_told_apart() {
    let mut world = World::joined(&[B, C]);
    world.circle.leave(world.now, B).unwrap();
    assert_eq!(presence(&world.said(A)), [(20, PresenceChange::Left)]);
    world.circle.lost(world.now, C);
    assert_eq!(presence(&world.said(A)), [(30, PresenceChange::Lost)]);
    assert_eq!(world.circle.leave(world.now, C), Err(RefusalCause::NotSeated));
}

#[test]
fn a_circle_that_the_last_member_left_is_forgotten_at_once() {
    let mut world = World::founded();
    world.enter(B);
    world.enter(C);
    world.said(B);
    world.said(C);
    world.circle.leave(world.now, A).unwrap();
    assert_eq!(world.standing(B), Standing::CreateGroup);
    assert_eq!(world.standing(C), Standing::Wait);
    let mut world = World::founded();
    assert!(!world.circle.is_forgettable());
    world.circle.leave(world.now, A).unwrap();
    assert!(world.circle.is_forgettable());
    assert_eq!(world.circle.next_deadline(), None);
}

#[test]
fn a_circle_whose_last_member_was_lost_is_kept_for_its_ttl() {
    let ttl = Rules::default().abandoned_ttl;
    let mut world = World::founded();
    world.circle.lost(world.now, A);
    assert!(!world.circle.is_forgettable());
    world.enter(B);
    assert_eq!(world.standing(B), Standing::Join);
    world.circle.join_lease(world.now, B).unwrap();
    world.pass(ttl - Duration::from_millis(1));
    assert_eq!(world.said(B), [], "its lease waits");
    world.pass(Duration::from_millis(1));
    assert_eq!(world.standing(B), Standing::CreateGroup);
    let mut world = World::founded();
    world.circle.lost(world.now, A);
    assert!(world.circle.next_deadline().unwrap() <= world.now + ttl);
    world.pass(ttl);
    assert!(world.circle.is_forgettable());
}

#[test]
fn a_lease_that_waited_is_served_when_a_member_is_back() {
    let mut world = World::founded();
    let log_id = LogId([1; 16]);
    world.circle.lost(world.now, A);
    world.enter(B);
    world.said(B);
    world.circle.join_lease(world.now, B).unwrap();
    world.enter_with(C, 10, Some(resume(0, 0, 10, log_id, 1))).unwrap();
    world.answer_all();
    assert_eq!(world.leased(B).epoch, 0);
    world.pass(Rules::default().abandoned_ttl);
    assert!(world.circle.is_seated(C), "the circle is not forgotten once a member is back");
}
