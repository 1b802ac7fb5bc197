//! Connections break at the worst of moments.

use super::*;

fn with_mood(who: usize, mood: u8) -> Profile {
    Profile::new(NICKS[who], Some(mood)).unwrap()
}

fn mood_of(world: &World, seen_by: usize, who: usize) -> Option<u8> {
    let nick = NICKS[who];
    world.clients[seen_by].session.people().into_iter().find(|person| person.nick == nick).unwrap().mood
}

/// Frames of one client reach the relay, and nothing is read.
fn hear_all(world: &mut World, who: usize) {
    while world.hear(who) {}
}

#[test]
fn what_waited_through_a_change_of_keys_arrives_once() {
    let mut world = World::of(1, 2);
    world.cut(0);
    world.say(0, "written while away").unwrap();
    world.clients[1].session.set_profile(with_mood(1, 3));
    world.pass(STEP * 8);
    world.connect(0);
    world.settle();
    for who in 0..2 {
        assert_eq!(world.heard(who), ["written while away"]);
    }
    world.assert_nothing_wrong();
}

#[test]
fn what_arrived_without_the_author_knowing_is_not_said_again() {
    let mut world = World::of(2, 2);
    world.say(0, "arrived").unwrap();
    hear_all(&mut world, 0);
    world.cut(0);
    world.clients[1].session.set_profile(with_mood(1, 3));
    world.pass(STEP * 8);
    world.connect(0);
    world.settle();
    world.say(0, "and then").unwrap();
    world.settle();
    for who in 0..2 {
        assert_eq!(world.heard(who), ["arrived", "and then"]);
    }
    world.assert_nothing_wrong();
}

#[test]
fn an_own_commit_that_arrived_before_the_connection_broke_counts() {
    let mut world = World::of(3, 2);
    world.clients[0].session.set_profile(with_mood(0, 5));
    let now = world.time();
    world.clients[0].session.do_housekeeping(now);
    world.collect(0);
    hear_all(&mut world, 0);
    world.cut(0);
    world.exchange();
    assert_eq!(mood_of(&world, 1, 0), Some(5));
    world.connect(0);
    world.settle();
    assert_eq!(mood_of(&world, 0, 0), Some(5));
    world.assert_one_circle();
    world.assert_nothing_wrong();
}

#[test]
fn an_own_commit_that_never_arrived_is_made_again() {
    let mut world = World::of(4, 2);
    world.clients[0].session.set_profile(with_mood(0, 5));
    let now = world.time();
    world.clients[0].session.do_housekeeping(now);
    world.collect(0);
    assert!(world.clients[0].to_relay.iter().any(|frame| matches!(frame, ClientToRelay::Commit(_))));
    world.cut(0);
    world.connect(0);
    world.settle();
    world.pass(STEP * 8);
    assert_eq!(mood_of(&world, 1, 0), Some(5));
}

#[test]
fn two_commits_at_once_are_both_done() {
    let mut world = World::of(5, 3);
    for who in 0..3 {
        world.clients[who].session.set_profile(with_mood(who, 7));
    }
    world.pass(STEP * 20);
    for seen_by in 0..3 {
        for who in 0..3 {
            assert_eq!(mood_of(&world, seen_by, who), Some(7));
        }
    }
    world.assert_one_circle();
    world.assert_nothing_wrong();
}

#[test]
fn what_was_written_for_fewer_people_waits_for_a_word_and_keeps_nobody_waiting() {
    let mut world = World::of(6, 2);
    world.cut(0);
    let private = world.say(0, "for two").unwrap();
    world.newcomer();
    world.settle();
    world.connect(0);
    world.settle();
    assert_eq!(world.clients[0].session.timeline.get(&private).unwrap().delivery, Delivery::Held);
    // A newcomer is let in and acknowledged by somebody who has a message held.
    world.cut(1);
    world.cut(2);
    world.newcomer();
    world.settle();
    let people = world.clients[3].session.people().len();
    assert_eq!(people, 4, "in, while two are away");
    assert_eq!(world.heard(3), [""; 0]);
    world.connect(1);
    world.connect(2);
    world.settle();
    let now = world.time();
    world.clients[0].session.release(now, private).unwrap();
    world.collect(0);
    world.settle();
    for who in 0..4 {
        assert_eq!(world.heard(who), ["for two"]);
    }
    world.assert_nothing_wrong();
}

#[test]
fn what_is_changed_while_it_waits_for_a_word_is_sent_as_it_is_then() {
    let mut world = World::of(13, 2);
    world.cut(0);
    let told = ["edited before", "edited after", "deleted before", "deleted after"];
    let [before, after, gone_before, gone_after] = told.map(|body| world.say(0, body).unwrap());
    let change = |world: &mut World, edited: MessageId, deleted: MessageId| {
        let now = world.time();
        let session = &mut world.clients[0].session;
        session.edit(now, edited, "ask me", &[]).unwrap();
        session.delete(now, deleted).unwrap();
        world.collect(0);
    };
    change(&mut world, before, gone_before);
    world.newcomer();
    world.settle();
    world.connect(0);
    world.settle();
    change(&mut world, after, gone_after);
    let now = world.time();
    for id in [before, after] {
        assert_eq!(world.clients[0].session.timeline.get(&id).unwrap().delivery, Delivery::Held);
        world.clients[0].session.release(now, id).unwrap();
    }
    for id in [gone_before, gone_after] {
        assert!(world.clients[0].session.release(now, id).is_err(), "nothing of it is left");
    }
    world.collect(0);
    world.settle();
    for who in 0..3 {
        assert_eq!(world.heard(who), ["ask me", "ask me"]);
    }
    world.assert_nothing_wrong();
}

#[test]
fn what_waits_for_a_word_keeps_nothing_else_waiting() {
    let mut world = World::of(12, 2);
    let before = world.say(0, "said before").unwrap();
    world.settle();
    world.cut(0);
    world.say(0, "for two").unwrap();
    let now = world.time();
    let session = &mut world.clients[0].session;
    let edit = session.edit(now, before, "words for two", &[]).unwrap();
    session.react(now, before, "🔥", false).unwrap();
    let (room, _) = session.make_room(now, "кино").unwrap();
    world.newcomer();
    world.settle();
    world.connect(0);
    world.settle();
    let is_made =
        |world: &World, who: usize| world.clients[who].session.rooms().iter().any(|known| known.id == room);
    assert!((0..3).all(|who| is_made(&world, who)), "a room is made for all who are there");
    assert!(!world.clients[1].session.timeline.get(&before).unwrap().reactions.is_empty());
    // The words go to those that they were written for, or to nobody.
    assert_eq!(world.clients[0].told.refused, [(edit, CommandError::CircleChanged)]);
    assert_eq!(world.clients[1].session.timeline.get(&before).unwrap().body, "said before");
    world.say(0, "for all").unwrap();
    world.settle();
    assert_eq!(world.heard(1), ["said before", "for all"]);
    assert_eq!(world.heard(2), ["for all"]);
    world.assert_nothing_wrong();
}

#[test]
fn what_is_on_its_way_is_not_discarded_and_what_waits_is() {
    let mut world = World::of(7, 2);
    let sent = world.say(0, "on its way").unwrap();
    assert_eq!(world.clients[0].session.discard(sent), Err(CommandError::OnItsWay));
    world.settle();
    world.cut(0);
    let waiting = world.say(0, "waits").unwrap();
    world.say(0, "goes").unwrap();
    assert_eq!(world.clients[0].session.discard(waiting), Ok(()));
    world.connect(0);
    world.settle();
    for who in 0..2 {
        assert_eq!(world.heard(who), ["on its way", "goes"]);
    }
    world.assert_nothing_wrong();
}

#[test]
fn somebody_removed_as_departed_comes_back_with_the_key_it_had() {
    let mut world = World::of(8, 3);
    let key = world.clients[0].session.identity.key();
    world.cut(0);
    world.say(0, "from afar").unwrap();
    world.pass(LONG);
    assert_eq!(world.happened(1, |h| matches!(h, SystemEvent::Left { .. })), 1);
    world.connect(0);
    world.settle();
    assert_eq!(world.clients[0].session.identity.key(), key);
    assert_eq!(world.happened(0, |h| matches!(h, SystemEvent::Rejoined)), 1);
    for who in 0..3 {
        assert_eq!(world.heard(who), ["from afar"]);
    }
    world.assert_one_circle();
    world.assert_nothing_wrong();
}

#[test]
fn a_removal_that_meets_a_return_is_not_taken() {
    let mut world = World::of(9, 2);
    world.cut(0);
    // The other one waits for its grace and makes the commit.
    while !world.clients[1].to_relay.iter().any(|frame| matches!(frame, ClientToRelay::Commit(_))) {
        world.now += STEP;
        let time = world.time();
        world.clients[1].session.tick(time);
        world.collect(1);
        let commit = world.clients[1].to_relay.iter().any(|frame| matches!(frame, ClientToRelay::Commit(_)));
        if !commit {
            world.exchange();
        }
    }
    world.connect(0);
    hear_all(&mut world, 0);
    world.settle();
    world.assert_nothing_wrong();
    world.assert_one_circle();
    assert_eq!(world.happened(0, |h| matches!(h, SystemEvent::Rejoined)), 0, "it never was out");
}

#[test]
fn after_the_relays_restart_all_go_on_and_nothing_is_lost_or_doubled() {
    let mut world = World::of(10, 4);
    for who in 0..4 {
        world.say(who, &format!("{who} before")).unwrap();
    }
    // Some of it was heard, and read by some.
    hear_all(&mut world, 0);
    hear_all(&mut world, 1);
    world.read(2);
    world.restart_relay();
    for who in 0..4 {
        world.connect(who);
    }
    world.settle();
    world.pass(LONG);
    for who in 0..4 {
        assert_eq!(world.heard(who).len(), 4, "{:?}", world.heard(who));
    }
    world.assert_one_order();
    world.assert_one_circle();
    world.assert_nothing_wrong();
}

#[test]
fn after_a_restart_who_is_an_epoch_behind_joins_those_who_are_more() {
    let mut world = World::of(11, 3);
    world.clients[0].session.set_profile(with_mood(0, 2));
    let now = world.time();
    world.clients[0].session.do_housekeeping(now);
    world.collect(0);
    hear_all(&mut world, 0);
    // Only its author reads the commit.
    while world.read(0) {}
    world.restart_relay();
    for who in 0..3 {
        world.connect(who);
    }
    world.settle();
    world.pass(LONG);
    world.assert_one_circle();
    world.assert_nothing_wrong();
    assert_eq!(world.happened(0, |h| matches!(h, SystemEvent::Rejoined)), 1, "one came to two");
}

#[test]
fn the_only_one_left_goes_on_by_itself() {
    let mut world = World::of(12, 2);
    let now = world.time();
    let circle = world.clients[1].session.circle().unwrap();
    world.clients[1].to_relay.push_back(ClientToRelay::Leave { circle });
    hear_all(&mut world, 1);
    world.cut(1);
    world.clients[1].told.over = Some(ConnectionError::Replaced);
    let _ = now;
    world.pass(STEP * 12);
    world.cut(0);
    world.pass(Duration::from_secs(5));
    world.connect(0);
    world.settle();
    world.say(0, "alone").unwrap();
    world.settle();
    assert_eq!(world.heard(0), ["alone"]);
}

#[test]
fn a_founder_gives_way_to_somebody_who_comes_back() {
    let mut world = World::of(13, 1);
    world.restart_relay();
    let newcomer = world.newcomer();
    hear_all(&mut world, newcomer);
    // Told to found, it has not yet done so when a member is back.
    while world.read(newcomer) {}
    assert!(matches!(world.clients[newcomer].session.phase, Phase::Founding(_)));
    world.connect(0);
    hear_all(&mut world, 0);
    world.settle();
    world.pass(LONG);
    world.assert_one_circle();
    world.assert_nothing_wrong();
    assert_eq!(world.clients[0].session.people().len(), 2);
}

#[test]
fn a_circle_whose_people_were_all_away_for_long_is_put_together_again() {
    let mut world = World::of(14, 3);
    for who in 0..3 {
        world.cut(who);
    }
    world.pass(Duration::from_secs(3600));
    for who in 0..3 {
        world.connect(who);
    }
    world.settle();
    world.pass(LONG);
    world.assert_one_circle();
    world.assert_nothing_wrong();
    assert_eq!(world.happened(0, |h| matches!(h, SystemEvent::Entered { .. })), 0);
}

#[test]
fn a_message_larger_than_the_server_takes_fails_and_the_next_goes() {
    let mut world = World::of(15, 2);
    world.limits.blob_bytes = 4096;
    world.cut(0);
    world.connect(0);
    world.settle();
    let large = world.say(0, &"многовато ".repeat(700)).unwrap();
    world.say(0, "small").unwrap();
    world.settle();
    assert_eq!(world.clients[0].session.timeline.get(&large).unwrap().delivery, Delivery::Failed);
    assert_eq!(world.clients[0].told.problems, [ConnectionError::TooLargeForServer]);
    assert_eq!(world.heard(1), ["small"]);
    assert_eq!(world.clients[0].session.discard(large), Ok(()));
    world.assert_nothing_wrong();
}
