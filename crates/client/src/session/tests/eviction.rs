//! The owner removes somebody.

use super::*;

fn evict(world: &mut World, who: usize) {
    let person = PersonKey(world.clients[who].session.identity.key().0);
    world.clients[0].session.evict(person).unwrap();
}

#[test]
fn the_evicted_is_told_so_and_everybody_else_goes_on() {
    let mut world = circle_of(1, 3);
    evict(&mut world, 1);
    world.settle();
    world.pass(STEP * 8);
    assert_eq!(world.clients[1].told.over, Some(ConnectionError::Evicted));
    for who in [0, 2, 3] {
        assert_eq!(world.happened(who, |h| matches!(h, SystemEvent::Evicted { .. })), 1);
        assert_eq!(world.clients[who].told.renewals, 1);
        assert_eq!(world.clients[who].session.circle_keys().unwrap().generation(), 1);
    }
    world.say(2, "among us").unwrap();
    world.settle();
    assert_eq!(world.heard(3), ["among us"]);
    world.assert_one_circle();
}

#[test]
fn the_earlier_invitation_opens_nothing_any_more() {
    let mut world = circle_of(2, 2);
    evict(&mut world, 1);
    world.settle();
    world.pass(STEP * 8);
    let late = world.newcomer();
    world.pass(Duration::from_secs(30));
    assert_eq!(world.clients[late].told.over, Some(ConnectionError::InvitationOutdated));
}

#[test]
fn who_was_away_meanwhile_comes_back_and_follows() {
    let mut world = circle_of(3, 3);
    world.cut(3);
    evict(&mut world, 1);
    world.pass(STEP * 8);
    world.connect(3);
    world.settle();
    assert_eq!(world.happened(3, |h| matches!(h, SystemEvent::Evicted { .. })), 1);
    world.say(3, "back").unwrap();
    world.settle();
    assert_eq!(world.heard(2), ["back"]);
    world.assert_one_circle();
}

#[test]
fn the_evicted_who_was_away_learns_it_when_it_comes() {
    let mut world = circle_of(4, 2);
    world.cut(1);
    evict(&mut world, 1);
    world.pass(STEP * 8);
    world.connect(1);
    world.pass(Duration::from_secs(30));
    // It is no member any more, so the relay does not show it the log, but the owner's word.
    assert_eq!(world.clients[1].told.over, Some(ConnectionError::InvitationOutdated));
    world.assert_one_circle();
}

#[test]
fn an_eviction_that_meets_a_drop_is_done_later() {
    let mut world = circle_of(5, 2);
    evict(&mut world, 1);
    world.cut(0);
    world.pass(STEP * 4);
    world.connect(0);
    world.settle();
    world.pass(Duration::from_secs(10));
    assert_eq!(world.clients[1].told.over, Some(ConnectionError::Evicted));
    world.assert_one_circle();
}

#[test]
fn only_the_owner_evicts() {
    let mut world = circle_of(6, 2);
    let person = PersonKey(world.clients[2].session.identity.key().0);
    assert_eq!(world.clients[1].session.evict(person), Err(CommandError::NotTheOwner));
}

/// A later generation of the circle, in the words of this owner.
fn superseded(circle: &[u8; 16], generation: u32, owner: &OwnerKey) -> RelayToClient {
    let succession = owner.succession(*circle, generation);
    let circle = CircleId(*circle);
    RelayToClient::Superseded { circle, succession: succession::for_others(&succession) }
}

#[test]
fn the_owners_word_for_a_later_generation_ends_an_earlier_one_and_nobody_elses() {
    let circle = *CircleKeys::new(&[7; 32]).circle();
    let stranger = OwnerKey::from_seed(&[8; 32]);
    for (what, told) in [
        ("another's word", superseded(&circle, 1, &stranger)),
        ("another circle's", superseded(&[1; 16], 1, &World::owner_key())),
        ("the same generation", superseded(&circle, 0, &World::owner_key())),
    ] {
        let mut world = circle_of(7, 1);
        world.give(1, told);
        assert_eq!(world.clients[1].told.over, None, "{what}");
    }
    let mut world = circle_of(8, 1);
    world.give(1, superseded(&circle, 1, &World::owner_key()));
    assert_eq!(world.clients[1].told.over, Some(ConnectionError::InvitationOutdated));
}

#[test]
fn after_a_removal_the_relays_restart_brings_back_who_stayed() {
    let mut world = circle_of(9, 3);
    evict(&mut world, 1);
    world.settle();
    world.pass(STEP * 8);
    world.restart_relay();
    for who in [0, 2, 3] {
        world.connect(who);
    }
    world.settle();
    world.pass(LONG);
    world.say(2, "still among us").unwrap();
    world.settle();
    assert_eq!(world.heard(0), ["still among us"]);
    world.assert_one_circle();
}

#[test]
fn an_owner_who_is_cut_off_in_the_moment_of_a_removal_is_where_the_others_are() {
    let mut world = circle_of(10, 3);
    evict(&mut world, 1);
    // The relay has the commit, and all but the owner read it.
    world.relabel = Some(Box::new(|who, message| if who == 0 { Vec::new() } else { vec![message] }));
    world.pass(STEP * 8);
    assert_eq!(world.clients[2].session.circle_keys().unwrap().generation(), 1);
    assert_eq!(world.clients[0].session.circle_keys().unwrap().generation(), 0);
    world.relabel = None;
    world.restart_relay();
    for who in [2, 3] {
        world.connect(who);
    }
    world.settle();
    world.pass(LONG);
    world.connect(0);
    world.settle();
    world.pass(LONG);
    assert_eq!(world.clients[0].told.over, None);
    assert_eq!(world.clients[0].session.circle_keys().unwrap().generation(), 1);
    world.say(0, "back among you").unwrap();
    world.settle();
    assert_eq!(world.heard(2), ["back among you"]);
    world.assert_one_circle();
}
