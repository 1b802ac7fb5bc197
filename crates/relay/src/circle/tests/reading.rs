//! The log as readers see it: own entries, gaps, presence, signals, slow readers.

use super::*;
use shepot_protocol::message::{Gap, Published};

#[test]
fn the_author_reads_published_in_the_place_of_its_entry() {
    let mut world = World::joined(&[B]);
    world.publish(A, 1, "from a").unwrap();
    world.publish(B, 2, "from b").unwrap();
    world.publish(A, 3, "a again").unwrap();
    let told = world.said(A);
    assert!(
        matches!(told[0], RelayToClient::Published(Published { publish_id, .. }) if publish_id.0 == [1; 16])
    );
    assert_eq!(blobs(&told), ["from b"]);
    assert!(matches!(told[2], RelayToClient::Published(_)));
    assert_eq!(told.len(), 3);
    assert_eq!(blobs(&world.said(B)), ["from a", "a again"]);
}

#[test]
fn a_publish_id_is_logged_once() {
    let mut world = World::joined(&[B]);
    world.publish(A, 1, "once").unwrap();
    let RelayToClient::Published(first) = world.said(A)[0].clone() else { panic!("not published") };
    world.publish(A, 1, "once").unwrap();
    assert_eq!(world.said(A), [RelayToClient::Published(first)]);
    assert_eq!(blobs(&world.said(B)), ["once"]);
}

#[test]
fn other_bounds_hold_from_the_next_entry_on() {
    let mut world = World::joined(&[B]);
    let log = LogLimits { entries: 2, ..Rules::default().log };
    world.circle.set_rules(Rules { log, ..Rules::default() });
    for id in 1..=5 {
        world.publish(A, id, &format!("{id}")).unwrap();
    }
    let told = world.said(B);
    assert!(matches!(&told[0], RelayToClient::Gap(_)), "{told:?}");
    assert_eq!(blobs(&told), ["4", "5"]);
}

#[test]
fn only_the_seated_publish_and_read() {
    let mut world = World::founded();
    world.enter(B);
    world.said(B);
    world.publish(A, 1, "x").unwrap();
    assert_eq!(world.said(B), []);
    assert_eq!(world.publish(B, 2, "x"), Err(RefusalCause::NotSeated));
    assert_eq!(world.publish(C, 2, "x"), Err(RefusalCause::NotSeated));
    let mut world = World::new();
    world.enter(A);
    assert_eq!(world.publish(A, 2, "x"), Err(RefusalCause::NotSeated));
}

#[test]
fn who_reads_too_slowly_is_told_a_gap() {
    let log = LogLimits { entries: 4, ..Rules::default().log };
    let mut world = World::with(Rules { log, ..Rules::default() });
    world.found(A);
    world.join(B);
    world.said(A);
    for id in 10..20 {
        world.publish(A, id, &format!("message {id}")).unwrap();
    }
    let told = world.said(B);
    let RelayToClient::Gap(Gap { from, to, .. }) = told[0] else { panic!("no gap: {told:?}") };
    assert_eq!((from, to), (3, 8));
    assert_eq!(blobs(&told), ["message 16", "message 17", "message 18", "message 19"]);
}

#[test]
fn old_entries_expire_by_themselves() {
    let log = LogLimits { age: Duration::from_secs(5), ..Rules::default().log };
    let mut world = World::with(Rules { log, ..Rules::default() });
    world.found(A);
    world.join(B);
    world.said(A);
    world.publish(A, 1, "short-lived").unwrap();
    let due = world.circle.next_deadline().unwrap();
    assert!(due <= world.now + Duration::from_secs(6));
    world.pass(due - world.now);
    assert!(matches!(world.said(B)[..], [RelayToClient::Gap(_)]));
}

#[test]
fn who_sleeps_is_woken_once_and_only_when_there_is_something() {
    let mut world = World::joined(&[B]);
    std::mem::take(world.circle.effects());
    world.said(A);
    world.said(B);
    assert!(std::mem::take(world.circle.effects()).wake.is_empty());
    world.publish(A, 1, "x").unwrap();
    world.publish(A, 2, "y").unwrap();
    let mut woken = std::mem::take(world.circle.effects()).wake;
    woken.sort_unstable();
    assert_eq!(woken, [A, B]);
}

#[test]
fn a_look_takes_no_more_than_it_wants() {
    let mut world = World::joined(&[B]);
    for id in 1..=10 {
        world.publish(A, id, &"b".repeat(1000)).unwrap();
    }
    let mut frames = Vec::new();
    let pulled = world.circle.pull(B, 2000, &mut frames);
    assert_eq!((frames.len(), pulled.more), (2, true));
    frames.clear();
    let pulled = world.circle.pull(B, usize::MAX, &mut frames);
    assert_eq!((frames.len(), pulled.more), (8, false));
}

#[test]
fn signals_reach_the_others_who_are_here_and_are_not_kept() {
    let mut world = World::joined(&[B]);
    world.enter(C);
    world.said(C);
    let signal = Signal { circle: CIRCLE, epoch: 1, blob: "typing".into() };
    world.circle.signal(world.now, A, signal.clone()).unwrap();
    assert_eq!(world.said(B), [RelayToClient::Signal(signal.clone())]);
    assert_eq!(world.said(A), []);
    assert_eq!(world.said(C), []);
    assert_eq!(world.circle.signal(world.now, C, signal.clone()), Err(RefusalCause::NotSeated));
    // Who does not look in time has missed it.
    world.circle.signal(world.now, A, signal.clone()).unwrap();
    world.pass(Duration::from_secs(5));
    assert_eq!(world.said(B), []);
    for _ in 0..1000 {
        world.circle.signal(world.now, A, signal.clone()).unwrap();
    }
    assert_eq!(world.said(B).len(), rules::SIGNALS_KEPT);
}

#[test]
fn presence_is_told_as_of_its_place() {
    let mut world = World::joined(&[B, C]);
    let log_id = LogId([1; 16]);
    let RelayToClient::Published(mark) = ({
        world.publish(A, 1, "mark").unwrap();
        world.said(A)[0].clone()
    }) else {
        panic!("not published")
    };
    world.circle.leave(world.now, B).unwrap();
    world.circle.lost(world.now, C);
    // A comes by another connection and reads from the mark on: B and C were still here then.
    world.enter_with(D, 10, Some(resume(0, 2, 10, log_id, mark.sequence))).unwrap();
    let told = world.said(D);
    let RelayToClient::Entered(entered) = &told[0] else { panic!("not entered: {told:?}") };
    assert_eq!(entered.next_sequence, mark.sequence);
    assert_eq!(entered.present, [Seat(10), Seat(20), Seat(30)]);
    assert_eq!(presence(&told), [(20, PresenceChange::Left), (30, PresenceChange::Lost)]);
}

#[test]
fn who_never_reads_its_answers_is_expelled() {
    let mut world = World::joined(&[B]);
    world.publish(A, 1, "x").unwrap();
    // Read beyond it: from here on the same publish is answered at once.
    world.said(A);
    let limit = Rules::default().waiting_answers;
    for _ in 0..=limit {
        assert!(std::mem::take(world.circle.effects()).expel.is_empty());
        world.publish(A, 1, "x").unwrap();
    }
    assert_eq!(std::mem::take(world.circle.effects()).expel, [(A, Expulsion::TooSlow)]);
}
